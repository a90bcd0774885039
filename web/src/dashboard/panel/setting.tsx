// One setting of all who are shown: how its values are spread, how groups differ, the policy, and a change for many.

import { useMemo, useState } from "react";
import { useDesk } from "../desk";
import { Places } from "../model/arrangement";
import { type Json, type Setting, shortName } from "../model/catalogue";
import { same, valueText } from "../model/cell";
import { deviates, mismatch, withValue } from "../model/policy";
import { nameOf } from "../model/rows";
import { Name, Prose } from "../prose";
import { Bars } from "./bars";
import { Editor, firstValue } from "./editor";
import { spread, spreadByGroup } from "./spread";

export function SettingPanel({ rows, setting }: { rows: readonly number[]; setting: Setting }) {
  const { board, view, setView, viewer, columns } = useDesk();
  const values = useMemo(() => spread(board, rows, setting), [board, rows, setting, board.cellVersion]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each setting has an order of its own
  const places = useMemo(() => new Places(), [setting]);
  const groups = useMemo(() => {
    const { values, groups } = spreadByGroup(board, rows, setting);
    return { values, groups: places.order(groups) };
  }, [board, rows, setting, places, board.cellVersion, board.peopleVersion]);
  const shown = columns.some((column) => column.id === setting.id);
  const descending = typeof view.sort.by === "object" && view.sort.by.setting === setting.id && !view.sort.descending;
  return (
    <>
      <h2>
        <Name of={shortName(setting)} />
      </h2>
      <p className="quiet">
        <Name of={setting.zoom} />
      </p>
      {setting.description && (
        <p>
          <Prose text={setting.description} />
        </p>
      )}
      {setting.deprecated && <p className="note">{setting.deprecated}</p>}
      {shown ? (
        <p className="line">
          <button type="button" onClick={() => setView({ sort: { by: { setting: setting.id }, descending } })}>
            Order by this
          </button>
          <button
            type="button"
            className="plain"
            disabled={columns.length === 1}
            onClick={() => setView({ columns: view.columns.filter((id) => id !== setting.id), setting: null }, true)}
          >
            Remove column
          </button>
        </p>
      ) : (
        <button type="button" onClick={() => setView({ columns: [...view.columns, setting.id] })}>
          Add as column
        </button>
      )}
      <h3>Among {rows.length === 1 ? "the one person" : `the ${rows.length} people`} shown</h3>
      <Bars
        label={`Values of ${setting.zoom}`}
        setting={setting}
        of="Value"
        parts={[{ name: "people" }]}
        bars={values.map(({ name, count, cell }) => ({ name, counts: [count], cell }))}
      />
      {groups.groups.length > 1 && (
        <>
          <h3>By group</h3>
          <Bars
            label={`Values of ${setting.zoom} by group`}
            setting={setting}
            of="Group"
            parts={groups.values}
            bars={groups.groups.map(({ id, counts }) => ({ name: nameOf(board, "groups", id), counts }))}
          />
        </>
      )}
      <h3>Policy</h3>
      <PolicyOf setting={setting} rows={rows} />
      {viewer.permissions.includes("WRITE") && setting.writable && <ForMany setting={setting} rows={rows} />}
    </>
  );
}

function PolicyOf({ setting, rows }: { setting: Setting; rows: readonly number[] }) {
  const { board, view, setView } = useDesk();
  const wanted = view.policy.get(setting.id);
  const [value, setValue] = useState<Json>(() => firstValue(setting, wanted));
  const off = rows.filter((row) => deviates(view.policy, setting.id, board.cell(row, setting.id))).length;
  const set = (next: Json | undefined) => {
    const policy = withValue(view.policy, setting.id, next);
    setView({ policy, deviating: view.deviating && policy.size > 0 });
  };
  return (
    <>
      {wanted !== undefined && (
        <p>
          It should be <b>{valueText(setting, wanted)}</b>; {off === 1 ? "1 person deviates" : `${off} people deviate`}.
        </p>
      )}
      <div className="line">
        <label className="unseen" htmlFor="policy-value">
          Value of the policy
        </label>
        <Editor id="policy-value" setting={setting} value={value} onChange={setValue} />
        <button
          type="button"
          disabled={Boolean(mismatch(setting, value)) || same(value, wanted)}
          onClick={() => set(value)}
        >
          Set as policy
        </button>
        {wanted !== undefined && (
          <button type="button" className="plain" onClick={() => set(undefined)}>
            Remove
          </button>
        )}
      </div>
    </>
  );
}

function ForMany({ setting, rows }: { setting: Setting; rows: readonly number[] }) {
  const { board, view, confirm } = useDesk();
  const wanted = view.policy.get(setting.id);
  const [value, setValue] = useState<Json>(() => firstValue(setting, wanted));
  // Whose value is known to be that one already, and who has no settings, is left alone.
  const others = (than: Json) =>
    rows.filter((row) => {
      const cell = board.cell(row, setting.id);
      return board.people[row]?.status !== "PENDING" && !(cell?.state === "value" && same(cell.value, than));
    });
  const deviating = rows.filter((row) => deviates(view.policy, setting.id, board.cell(row, setting.id)));
  const toChange = mismatch(setting, value) ? [] : others(value);
  return (
    <>
      <h3>Change for many</h3>
      {wanted !== undefined && deviating.length > 0 && (
        <button type="button" onClick={() => confirm(deviating, setting, wanted)}>
          Bring {deviating.length} who deviate to “{valueText(setting, wanted)}” …
        </button>
      )}
      <div className="line">
        <label className="unseen" htmlFor="many-value">
          Value for many
        </label>
        <Editor id="many-value" setting={setting} value={value} onChange={setValue} />
        <button type="button" disabled={toChange.length === 0} onClick={() => confirm(toChange, setting, value)}>
          {mismatch(setting, value) ? "Change …" : `Change for ${toChange.length} …`}
        </button>
      </div>
      <p className="quiet">You see what it costs before anything is sent.</p>
    </>
  );
}
