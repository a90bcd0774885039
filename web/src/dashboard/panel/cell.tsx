// One setting of one person: its value, where that comes from, what the policy says, this window's changes, and an edit.

import { useEffect, useState } from "react";
import { useDesk } from "../desk";
import { Swatch } from "../legend";
import { problemText, sentence } from "../model/ask";
import type { Person } from "../model/board";
import { type Json, type Setting, shortName } from "../model/catalogue";
import { cellText, same, stateWords, valueText } from "../model/cell";
import { change, type Outcome } from "../model/changes";
import { effectiveName, sourceText } from "../model/effective";
import { deviates, mismatch, withValue } from "../model/policy";
import { Name, Prose } from "../prose";
import { Because } from "./because";
import { Editor, firstValue } from "./editor";
import { useEffective } from "./effective";

interface Props {
  row: number;
  person: Person;
  setting: Setting;
}

export function CellPanel({ row, person, setting }: Props) {
  const { board, view, setView, viewer } = useDesk();
  const cell = board.cell(row, setting.id);
  const changes = board.changes.filter((c) => c.person === person.id && c.fields.includes(setting.name));
  const pinned = view.policy.get(setting.id);
  return (
    <>
      <h2>
        <button type="button" className="plain" onClick={() => setView({ setting: null }, true)}>
          {person.name}
        </button>
      </h2>
      <p className="quiet">{person.email}</p>
      <h3>
        <button type="button" className="plain" onClick={() => setView({ person: null }, true)}>
          <Name of={setting.zoom} />
        </button>
      </h3>
      {setting.description && (
        <p>
          <Prose text={setting.description} />
        </p>
      )}
      <p className="value">
        <Swatch setting={setting} cell={cell} deviating={deviates(view.policy, setting.id, cell)} />
        <b>{cellText(setting, cell)}</b>
      </p>
      {cell && cell.state !== "value" && <p className="quiet">{cell.message ?? stateWords[cell.state].meaning}</p>}
      {cell?.staleSince && (
        <p className="quiet">
          {stateWords.stale.meaning} Read at {new Date(cell.staleSince).toLocaleTimeString()}.
        </p>
      )}
      <Origin person={person} setting={setting} changes={changes.length} />
      <Pin setting={setting} value={cell?.state === "value" ? cell.value : undefined} pinned={pinned} />
      {viewer.permissions.includes("WRITE") ? (
        <Edit key={`${person.id} ${setting.id}`} row={row} person={person} setting={setting} />
      ) : (
        <p className="note">You may look, and not change: your caller lacks the permission “write”.</p>
      )}
      {changes.length > 0 && (
        <section>
          <h4>Changes in this window’s time</h4>
          <ul className="history">
            {changes.map((c) => (
              <li key={c.at}>
                {new Date(c.at).toLocaleTimeString()} {c.own ? "from here" : "from elsewhere"}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Origin({ person, setting, changes }: { person: Person; setting: Setting; changes: number }) {
  const { known, loading, problem } = useEffective(person.id, [setting], changes);
  const effective = known.get(effectiveName(setting));
  if (loading) return <p className="quiet">Looking where it comes from …</p>;
  if (problem) return <p className="problem">{problemText(problem)}</p>;
  if (!effective) return null;
  return (
    <>
      <p className="origin">
        <span className="quiet">{effective.certainty === "CERTAIN" ? "Comes from: " : "Probably comes from: "}</span>
        {sourceText(effective)}
        {!effective.editable && <span className="quiet">; the person cannot change it</span>}
      </p>
      <Because setting={setting} of={effective} />
    </>
  );
}

function Pin({ setting, value, pinned }: { setting: Setting; value: Json | undefined; pinned: Json | undefined }) {
  const { view, setView } = useDesk();
  const set = (next: Json | undefined) => {
    const policy = withValue(view.policy, setting.id, next);
    setView({ policy, deviating: view.deviating && policy.size > 0 });
  };
  return (
    <p className="line">
      {pinned !== undefined && (
        <span>
          Policy: <b>{valueText(setting, pinned)}</b>
        </span>
      )}
      {value !== undefined && !same(value, pinned) && (
        <button type="button" onClick={() => set(value)}>
          Pin “{valueText(setting, value)}” as policy
        </button>
      )}
      {pinned !== undefined && (
        <button type="button" className="plain" onClick={() => set(undefined)}>
          Take out of policy
        </button>
      )}
    </p>
  );
}

function Edit({ row, person, setting }: Props) {
  const { ask, board, view, writing } = useDesk();
  const cell = board.cell(row, setting.id);
  const known = cell?.state === "value" ? cell.value : undefined;
  const [value, setValue] = useState<Json>(() => firstValue(setting, known));
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  useEffect(() => setValue(firstValue(setting, known)), [setting, known]);

  if (!setting.writable) return <p className="note">Zoom lets nobody change this setting here.</p>;
  if (person.status === "PENDING") return null;
  const wrong = mismatch(setting, value);
  const submit = async () => {
    setBusy(true);
    setOutcome(undefined);
    writing(person.id, setting);
    await change(ask, board, [row], setting, value, setOutcome);
    setBusy(false);
  };
  const wanted = view.policy.get(setting.id);
  return (
    <form
      className="edit"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label htmlFor="edit">Change to</label>
      <div className="line">
        <Editor id="edit" setting={setting} value={value} onChange={setValue} />
        <button type="submit" className="primary" disabled={busy || Boolean(wrong) || same(value, known)}>
          {busy ? "Changing …" : "Change"}
        </button>
      </div>
      {wanted !== undefined && !same(wanted, value) && (
        <button type="button" className="plain" onClick={() => setValue(wanted)}>
          As the policy has it
        </button>
      )}
      <p className="quiet">
        One write and one read, of <Name of={shortName(setting)} /> only.
      </p>
      <p role="status" className={outcome && !outcome.applied ? "problem" : "done"}>
        {outcome && (outcome.applied ? "Changed; Zoom has stored it." : sentence(`Not changed: ${outcome.message}`))}
      </p>
    </form>
  );
}
