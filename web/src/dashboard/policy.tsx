// The policy: what settings should be. It is pinned cell by cell, taken from a person, or pasted.

import { useMemo, useState } from "react";
import { useDesk } from "./desk";
import { Modal } from "./modal";
import { find, type Json, shortName } from "./model/catalogue";
import { valueText } from "./model/cell";
import { noPolicy, type Policy, policyText, readPolicy, withValue } from "./model/policy";
import { Name } from "./prose";

export function PolicyDialog({ rows, onClose }: { rows: readonly number[]; onClose(): void }) {
  const { board, view, setView, columns } = useDesk();
  const [text, setText] = useState(() => (view.policy.size > 0 ? policyText(view.policy) : ""));
  const [problems, setProblems] = useState<string[]>([]);
  const read = useMemo(() => (text.trim() ? readPolicy(text) : { policy: noPolicy, problems: [] }), [text]);
  const write = (policy: Policy) => {
    setText(policy.size > 0 ? policyText(policy) : "");
    setProblems([]);
  };
  const apply = () => {
    setProblems(read.problems);
    if (read.problems.length > 0) return;
    const shown = new Set(view.columns);
    const more = [...read.policy.keys()].filter((id) => !shown.has(id));
    setView(
      { policy: read.policy, columns: [...view.columns, ...more], deviating: view.deviating && read.policy.size > 0 },
      true,
    );
    onClose();
  };
  const fromMost = () => {
    const policy = new Map<string, Json>();
    for (const setting of columns) {
      const cells = rows.map((row) => board.cell(row, setting.id));
      const value = commonest(cells.flatMap((cell) => (cell?.state === "value" ? [cell.value ?? null] : [])));
      if (value !== undefined) policy.set(setting.id, value);
    }
    write(policy);
  };
  const example = '{\n  "in_meeting": { "waiting_room": true },\n  "schedule_meeting": { "host_video": false }\n}';
  return (
    <Modal title="Policy" className="policy" onClose={onClose}>
      <p className="quiet">
        What settings should be, in Zoom’s own names; <code>Query.settingsDrift</code> takes the same as its baseline.
        Who deviates is marked and counted.
      </p>
      {read.policy.size > 0 && (
        <ul className="pins">
          {[...read.policy].map(([id, value]) => {
            const setting = find(id);
            if (!setting) return null;
            return (
              <li key={id}>
                <b>
                  <Name of={shortName(setting)} />
                </b>{" "}
                {valueText(setting, value)}
                <button
                  type="button"
                  className="plain"
                  aria-label={`Take ${shortName(setting)} out of the policy`}
                  onClick={() => write(withValue(read.policy, id, undefined))}
                >
                  ×
                </button>
              </li>
            );
          })}
        </ul>
      )}
      <label htmlFor="policy-text">As JSON</label>
      <textarea
        id="policy-text"
        rows={12}
        spellCheck={false}
        placeholder={example}
        value={text}
        aria-invalid={problems.length > 0}
        aria-describedby="policy-problems"
        onChange={(event) => setText(event.target.value)}
      />
      <ul id="policy-problems" className="problems" role="alert">
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
      <div className="foot">
        <button type="button" onClick={fromMost} title="The commonest value of each column among the people shown">
          What most have
        </button>
        <span className="apart" />
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="primary" onClick={apply}>
          {text.trim() ? "Use policy" : "No policy"}
        </button>
      </div>
    </Modal>
  );
}

/** The value that occurs most often; undefined where there is none. */
function commonest(values: readonly Json[]): Json | undefined {
  const counts = new Map<string, number>();
  for (const value of values) {
    const key = JSON.stringify(value);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most ? JSON.parse(most[0]) : undefined;
}
