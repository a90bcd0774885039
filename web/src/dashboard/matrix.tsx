// The middle of the page: the heatmap, or the same as a table, or on a narrow screen the people who deviate.

import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { type SetView, useDesk } from "./desk";
import type { Content } from "./heatmap/draw";
import type { Place } from "./heatmap/geometry";
import { Heatmap } from "./heatmap/heatmap";
import type { View } from "./model/address";
import type { Board, Person } from "./model/board";
import { type Setting, shortName } from "./model/catalogue";
import { cellText, valueText } from "./model/cell";
import { csv } from "./model/csv";
import { deviates, deviations, withValue } from "./model/policy";
import { nameOf } from "./model/rows";
import { Table } from "./table";

const narrow = matchMedia("(max-width: 600px)");

function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      narrow.addEventListener("change", listener);
      return () => narrow.removeEventListener("change", listener);
    },
    () => narrow.matches,
  );
}

export function Main({ rows }: { rows: readonly number[] }) {
  const { view } = useDesk();
  const isNarrow = useNarrow();
  return (
    <main className="matrix" id="main">
      {view.table ? <Table rows={rows} /> : isNarrow ? <People rows={rows} /> : <Matrix rows={rows} />}
    </main>
  );
}

function Matrix({ rows }: { rows: readonly number[] }) {
  const { board, loader, view, setView, columns } = useDesk();
  const content = useContent(board, view, columns, rows);
  const labels = useMemo(() => columns.map((setting) => `${shortName(setting)} ◆`), [columns]);
  const selected = usePlace(board, view, columns, rows);
  if (rows.length === 0) return <Empty />;
  return (
    <Heatmap
      content={content}
      rows={rows.length}
      labels={labels}
      version={board.version}
      selected={selected}
      describe={(place) => describe(board, view, columns, rows, place)}
      onSee={(first, behind) => loader.see(rows.slice(first, behind))}
      onOpen={(place, how) => open(board, columns, rows, place, setView, how)}
      onPin={(place) => {
        const setting = columns[place.column];
        const cell = setting && board.cell(rows[place.row] ?? -1, setting.id);
        if (!setting || cell?.state !== "value") return;
        const pinned = view.policy.get(setting.id);
        setView({ policy: withValue(view.policy, setting.id, pinned === cell.value ? undefined : cell.value) });
      }}
      onCopy={() => void navigator.clipboard.writeText(csv(board, rows, columns).replaceAll("\r\n", "\n"))}
    />
  );
}

function useContent(board: Board, view: View, columns: readonly Setting[], rows: readonly number[]) {
  return useMemo((): Omit<Content, "cursor" | "focused"> => {
    const cell = (row: number, column: number) => board.cell(rows[row] ?? -1, columns[column]?.id ?? "");
    return {
      columns,
      person: (row) => board.people[rows[row] ?? -1],
      groups: (person) => person.groupIds.map((id) => nameOf(board, "groups", id)).join(", "),
      cell,
      deviates: (row, column) => deviates(view.policy, columns[column]?.id ?? "", cell(row, column)),
      deviations: (row) => deviations(view.policy, (setting) => board.cell(rows[row] ?? -1, setting)),
      pinned: (column) => view.policy.has(columns[column]?.id ?? ""),
    };
  }, [board, view.policy, columns, rows]);
}

function usePlace(board: Board, view: View, columns: readonly Setting[], rows: readonly number[]): Place | undefined {
  const row = view.person ? rows.indexOf(board.rowOf(view.person) ?? -1) : -1;
  const column = view.setting ? columns.findIndex((setting) => setting.id === view.setting) : -1;
  return useMemo(() => (row < 0 && column < 0 ? undefined : { row, column }), [row, column]);
}

function open(
  board: Board,
  columns: readonly Setting[],
  rows: readonly number[],
  place: Place,
  setView: SetView,
  how: "show" | "edit",
): void {
  const person = board.people[rows[place.row] ?? -1]?.id ?? null;
  const setting = columns[place.column]?.id ?? null;
  setView({ person, setting }, true);
  if (how === "edit")
    requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById("edit")?.focus()));
}

/** What a place is, in words. */
export function describe(
  board: Board,
  view: View,
  columns: readonly Setting[],
  rows: readonly number[],
  { row, column }: Place,
): string {
  const person = board.people[rows[row] ?? -1];
  const setting = columns[column];
  if (!setting) return person ? `${person.name}, ${person.email}` : "";
  if (!person) return `${setting.zoom}${setting.description ? `: ${setting.description}` : ""}`;
  const cell = board.cell(rows[row] ?? -1, setting.id);
  const wanted = view.policy.get(setting.id);
  const deviation = deviates(view.policy, setting.id, cell)
    ? `, deviates: the policy has ${valueText(setting, wanted)}`
    : "";
  const why = cell?.message ? `: ${cell.message}` : "";
  return `${person.name}, ${setting.zoom}: ${cellText(setting, cell)}${why}${deviation}`;
}

function Empty() {
  const { board, loader, view } = useDesk();
  const listed = loader.progress.state !== "people" && board.people.length > 0;
  if (!listed)
    return (
      <p className="empty">{loader.progress.problems.length > 0 ? "Nobody could be listed." : "Listing people …"}</p>
    );
  return <p className="empty">{view.deviating ? "Nobody deviates from the policy." : "Nobody fits these filters."}</p>;
}

const peoplePage = 50;

/** A narrow screen's list: who deviates, and in what; without a policy, everybody. */
function People({ rows }: { rows: readonly number[] }) {
  const { board, loader, view, setView, columns } = useDesk();
  const [shown, setShown] = useState(peoplePage);
  const cellOf = (row: number) => (setting: string) => board.cell(row, setting);
  const listed = view.policy.size === 0 ? rows : rows.filter((row) => deviations(view.policy, cellOf(row)) > 0);
  const page = listed.slice(0, shown);
  useEffect(() => loader.see(rows.slice(0, peoplePage)), [loader, rows]);
  return (
    <div className="people">
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
          {shortName(setting)}: {cellText(setting, board.cell(row, setting.id))}
        </button>
      ))}
    </li>
  );
}
