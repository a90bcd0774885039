// The middle of the page: the heatmap, or the same as a table, or on a narrow screen the people who deviate.

import { useEffect, useMemo, useState } from "react";
import { copy } from "./copy";
import { type SetView, useArrangement, useDesk, useNarrow } from "./desk";
import { Heatmap } from "./heatmap/heatmap";
import type { Spot } from "./heatmap/picture";
import type { Board, Person } from "./model/board";
import { find, type Setting, shortName } from "./model/catalogue";
import { type Cell, cellText, same, valueText } from "./model/cell";
import { csv } from "./model/csv";
import { deviates, deviations, type Policy, withValue } from "./model/policy";
import { nameOf } from "./model/rows";
import { Unlisted } from "./notices";
import { SortAgain } from "./progress";
import { Name } from "./prose";
import { Table } from "./table";

export function Main({ rows }: { rows: readonly number[] }) {
  const isNarrow = useNarrow();
  const { arrangement } = useDesk();
  const use = () => arrangement.use();
  return (
    <main className="matrix" id="main" onPointerDown={use} onKeyDown={use} onWheel={use}>
      <Shown rows={rows} isNarrow={isNarrow} />
    </main>
  );
}

function Shown({ rows, isNarrow }: { rows: readonly number[]; isNarrow: boolean }) {
  const { view } = useDesk();
  if (rows.length === 0) return <Empty />;
  if (view.table) return <Table rows={rows} />;
  return isNarrow ? <People rows={rows} /> : <Matrix rows={rows} />;
}

function Matrix({ rows }: { rows: readonly number[] }) {
  const { board, loader, view, setView, columns } = useDesk();
  const { policy, person, setting } = view;
  const labels = useMemo(() => columns.map((setting) => `${shortName(setting)} ◆`), [columns]);
  return (
    <Heatmap
      shown={{ board, policy, columns, rows }}
      labels={labels}
      selected={person || setting ? { person, setting } : undefined}
      describe={(spot) => describe(board, policy, spot)}
      onSee={(first, behind) => loader.see(rows.slice(first, behind))}
      onOpen={(spot, how) => open(spot, setView, how)}
      onPin={(spot) => {
        const cell = cellAt(board, spot);
        if (spot.setting === null || cell?.state !== "value") return;
        const pinned = same(policy.get(spot.setting), cell.value);
        const next = withValue(policy, spot.setting, pinned ? undefined : cell.value);
        setView({ policy: next, deviating: view.deviating && next.size > 0 });
      }}
      onCopy={async () => {
        const done = await copy(csv(board, rows, columns, "\t").replaceAll("\r\n", "\n"));
        if (!done) return "Not copied: the browser does not allow it.";
        return `Copied ${count(rows.length, "person", "people")} and ${count(columns.length, "setting", "settings")}.`;
      }}
      beside={beside}
    />
  );
}

const count = (n: number, one: string, more: string) => `${n} ${n === 1 ? one : more}`;

/** The width of the panel, where it stands beside the heatmap and not over it. */
function beside(): number {
  const panel = document.querySelector<HTMLElement>(".panel");
  return panel && getComputedStyle(panel).position !== "fixed" ? panel.offsetWidth : 0;
}

function cellAt(board: Board, { person, setting }: Spot): Cell | undefined {
  const row = person === null ? undefined : board.rowOf(person);
  return row === undefined || setting === null ? undefined : board.cell(row, setting);
}

function open(spot: Spot, setView: SetView, how: "show" | "edit"): void {
  setView({ ...spot }, true);
  if (how === "edit")
    requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById("edit")?.focus()));
}

/** What a spot is, in words. */
export function describe(board: Board, policy: Policy, spot: Spot): string {
  const row = spot.person === null ? -1 : (board.rowOf(spot.person) ?? -1);
  const person = board.people[row];
  const setting = spot.setting === null ? undefined : find(spot.setting);
  if (!setting) {
    if (!person) return "";
    const groups = person.groupIds.map((id) => nameOf(board, "groups", id)).join(", ");
    const off = deviations(policy, (id) => board.cell(row, id));
    return [person.name, person.email, groups, off > 0 && `${off} of ${policy.size} settings deviate`]
      .filter(Boolean)
      .join(", ");
  }
  if (!person) return `${setting.zoom}${setting.description ? `: ${setting.description}` : ""}`;
  const cell = board.cell(row, setting.id);
  const wanted = policy.get(setting.id);
  const deviation = deviates(policy, setting.id, cell)
    ? `, deviates: the policy has ${valueText(setting, wanted)}`
    : "";
  const why = cell?.message ? `: ${cell.message}` : "";
  return `${person.name}, ${setting.zoom}: ${cellText(setting, cell)}${why}${deviation}`;
}

function Empty() {
  const { board, view, setView, unlisted } = useDesk();
  if (unlisted) return <Unlisted />;
  if (!board.people.some(({ status }) => view.statuses.includes(status))) {
    return <p className="empty">The account has nobody of this status.</p>;
  }
  return (
    <div className="empty">
      <p>{view.deviating ? "Nobody of these is known to deviate from the policy." : "Nobody fits these filters."}</p>
      <button
        type="button"
        onClick={() => setView({ search: "", groups: [], roles: [], depts: [], deviating: false }, true)}
      >
        Show everybody
      </button>
    </div>
  );
}

const peoplePage = 50;

/** A narrow screen's list: who deviates, and in what; without a policy, everybody. */
function People({ rows }: { rows: readonly number[] }) {
  const { board, loader, view, setView, columns } = useDesk();
  const [shown, setShown] = useState(peoplePage);
  const deviating = view.policy.size > 0;
  const arrangement = useArrangement(board, { ...view, deviating }, loader.isSettled(view.statuses, columns));
  const listed = deviating ? arrangement.rows : rows;
  const page = listed.slice(0, shown);
  useEffect(() => loader.see(rows.slice(0, peoplePage)), [loader, rows]);
  return (
    <div className="people" onPointerDown={() => arrangement.use()}>
      {deviating && <SortAgain arrangement={arrangement} />}
      <p className="quiet">
        {view.policy.size === 0
          ? "Choose a policy to see who deviates from it."
          : `${listed.length} of ${rows.length} people deviate from the policy.`}
      </p>
      <ul>
        {page.map((row) => {
          const person = board.people[row];
          return person ? (
            <PersonItem key={person.id} row={row} person={person} columns={columns} open={setView} />
          ) : null;
        })}
      </ul>
      {listed.length > shown && (
        <button type="button" onClick={() => setShown(shown + peoplePage)}>
          Show more
        </button>
      )}
    </div>
  );
}

interface ItemProps {
  row: number;
  person: Person;
  columns: readonly Setting[];
  open: SetView;
}

function PersonItem({ row, person, columns, open }: ItemProps) {
  const { board, view } = useDesk();
  const chips = columns.filter((setting) => deviates(view.policy, setting.id, board.cell(row, setting.id)));
  return (
    <li>
      <button type="button" className="plain who" onClick={() => open({ person: person.id, setting: null }, true)}>
        <b>{person.name}</b>
        <small>{person.email}</small>
      </button>
      {chips.map((setting) => (
        <button
          key={setting.id}
          type="button"
          className="chip"
          onClick={() => open({ person: person.id, setting: setting.id }, true)}
        >
          <Name of={shortName(setting)} />: {cellText(setting, board.cell(row, setting.id))}
        </button>
      ))}
    </li>
  );
}
