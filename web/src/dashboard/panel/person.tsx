// One person: who they are, and for each column what holds and where it comes from.

import { useDesk } from "../desk";
import { Swatch } from "../legend";
import { problemText } from "../model/ask";
import type { Person } from "../model/board";
import { fromZoom, type Json, type Setting, sectionName, shortName, valueAt } from "../model/catalogue";
import { cellText, valueText } from "../model/cell";
import { doubtText, effectiveName, effectivePath, sourceText } from "../model/effective";
import { deviates, deviations } from "../model/policy";
import { nameOf } from "../model/rows";
import { Name } from "../prose";
import { type EffectiveState, useEffective } from "./effective";

export function PersonPanel({ row, person }: { row: number; person: Person }) {
  const { board, view, setView, columns } = useDesk();
  const changes = board.changes.filter((c) => c.person === person.id).length;
  const effective = useEffective(person.id, columns, changes);
  const off = deviations(view.policy, (setting) => board.cell(row, setting));
  const asPolicy = () => {
    const policy = new Map<string, Json>();
    for (const setting of columns) {
      const cell = board.cell(row, setting.id);
      if (cell?.state === "value" && cell.value !== undefined) policy.set(setting.id, cell.value);
    }
    setView({ policy });
  };
  return (
    <>
      <h2>{person.name}</h2>
      <p className="quiet">{person.email}</p>
      <dl className="facts">
        <div>
          <dt>Status</dt>
          <dd>{person.status.toLowerCase()}</dd>
        </div>
        <div>
          <dt>Department</dt>
          <dd>{nameOf(board, "depts", person.dept)}</dd>
        </div>
        <div>
          <dt>Role</dt>
          <dd>{nameOf(board, "roles", person.roleId)}</dd>
        </div>
        <div>
          <dt>Groups</dt>
          <dd>{person.groupIds.map((id) => nameOf(board, "groups", id)).join(", ") || "none"}</dd>
        </div>
      </dl>
      {view.policy.size > 0 && (
        <p>
          {off === 0
            ? "Nothing known deviates from the policy."
            : `Deviates from the policy in ${off} of its ${view.policy.size} settings.`}
        </p>
      )}
      {person.status === "PENDING" ? (
        <p className="note">{person.name}: the invitation is still pending, Zoom has no settings for them yet.</p>
      ) : (
        <>
          <p className="line">
            <button type="button" title="Pin what this person has in all columns" onClick={asPolicy}>
              Use as policy
            </button>
          </p>
          {effective.problem && <p className="problem">{problemText(effective.problem)}</p>}
          <table className="effective">
            <caption>
              {effective.loading
                ? "What holds, and where it comes from: asking …"
                : "What holds, and where it comes from"}
            </caption>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                <th scope="col">Settings say</th>
                <th scope="col">What holds</th>
              </tr>
            </thead>
            <tbody>
              {columns.map((setting, i) => (
                <Line
                  key={setting.id}
                  row={row}
                  setting={setting}
                  effective={effective}
                  first={columns[i - 1]?.section !== setting.section}
                />
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  );
}

interface LineProps {
  row: number;
  setting: Setting;
  effective: EffectiveState;
  /** The first of its section. */
  first: boolean;
}

function Line({ row, setting, effective, first }: LineProps) {
  const { board, view, setView } = useDesk();
  const cell = board.cell(row, setting.id);
  const holds = effective.known.get(effectiveName(setting));
  const value = holds && (valueAt(holds.value, effectivePath(setting)) as Json | undefined);
  return (
    <>
      {first && (
        <tr className="section">
          <th colSpan={3} scope="colgroup">
            {sectionName(setting.section)}
          </th>
        </tr>
      )}
      <tr>
        <th scope="row">
          <button type="button" className="plain" onClick={() => setView({ setting: setting.id }, true)}>
            <Name of={shortName(setting)} />
          </button>
        </th>
        <td>
          <Swatch setting={setting} cell={cell} deviating={deviates(view.policy, setting.id, cell)} />{" "}
          {cellText(setting, cell)}
        </td>
        <td>
          {holds && (
            <>
              {value === undefined || value === null ? "not told" : valueText(setting, fromZoom(setting, value))}
              <small title={doubtText(holds)}>
                {holds.certainty === "CERTAIN" ? "from" : "probably from"} {sourceText(holds)}
              </small>
            </>
          )}
        </td>
      </tr>
    </>
  );
}
