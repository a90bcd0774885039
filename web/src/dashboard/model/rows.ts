// Which people are shown, in which order, and how many a further filter would leave.

import type { View } from "./address";
import type { Board, Person } from "./board";
import { find, type Json } from "./catalogue";
import { type Cell, valueText } from "./cell";
import { deviations } from "./policy";

/** The facets that people are chosen by. */
export type Facet = "groups" | "roles" | "depts";

/** A value of a facet, and how many people have it among those whom all other filters leave. */
export interface FacetValue {
  id: string;
  name: string;
  count: number;
  chosen: boolean;
}

const values: Readonly<Record<Facet, (person: Person) => readonly string[]>> = {
  groups: (person) => (person.groupIds.length > 0 ? person.groupIds : [""]),
  roles: (person) => [person.roleId],
  depts: (person) => [person.dept],
};

const facets = Object.keys(values) as Facet[];

/** Changes when what the view shows of the people may: not with what is open, nor with the columns. */
export function rowsKey({ statuses, groups, roles, depts, search, sort, deviating, policy }: View): string {
  const wanted = deviating || sort.by === "deviations" ? [...policy] : [];
  return JSON.stringify([statuses, groups, roles, depts, search, sort, deviating, wanted]);
}

/** The rows of the board that the view shows, in its order. */
export function rowsOf(board: Board, view: View): number[] {
  const rows = filtered(board, view);
  const sign = view.sort.descending ? -1 : 1;
  switch (view.sort.by) {
    case "zoom":
      return view.sort.descending ? rows.reverse() : rows;
    case "name":
      return sorted(rows, (row) => board.people[row]?.name ?? "", sign);
    case "deviations":
      return sorted(rows, (row) => deviations(view.policy, (setting) => board.cell(row, setting)), sign);
    default:
      return byCell(board, rows, view.sort.by.setting, sign);
  }
}

function filtered(board: Board, view: View, without?: Facet): number[] {
  const words = view.search.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = facets.filter((facet) => facet !== without && view[facet].length > 0);
  const rows: number[] = [];
  board.people.forEach((person, row) => {
    if (!view.statuses.includes(person.status)) return;
    if (words.length > 0) {
      const text = searched(person);
      if (!words.every((word) => text.includes(word))) return;
    }
    if (!chosen.every((facet) => values[facet](person).some((value) => view[facet].includes(value)))) return;
    if (view.deviating && deviations(view.policy, (setting) => board.cell(row, setting)) === 0) return;
    rows.push(row);
  });
  return rows;
}

const texts = new WeakMap<Person, string>();

/** What is searched of a person; made once, since each key typed looks at everybody. */
function searched(person: Person): string {
  let text = texts.get(person);
  if (text === undefined) {
    text = `${person.name} ${person.email}`.toLowerCase();
    texts.set(person, text);
  }
  return text;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function sorted(rows: number[], key: (row: number) => string | number, sign: number): number[] {
  const keys = new Map(rows.map((row) => [row, key(row)]));
  return rows.sort((a, b) => {
    const x = keys.get(a) ?? "";
    const y = keys.get(b) ?? "";
    const order = typeof x === "number" && typeof y === "number" ? x - y : collator.compare(String(x), String(y));
    return sign * order || a - b;
  });
}

// What has no value stands behind what has one, in either direction.
function byCell(board: Board, rows: number[], setting: string, sign: number): number[] {
  const known = find(setting);
  const has = (cell: Cell | undefined) => cell?.state === "value";
  const key = (value: Json | undefined) => (typeof value === "number" ? value : known ? valueText(known, value) : "");
  const first = rows.filter((row) => has(board.cell(row, setting)));
  const rest = rows.filter((row) => !has(board.cell(row, setting)));
  return [...sorted(first, (row) => key(board.cell(row, setting)?.value), sign), ...rest];
}

/**
 * The values of a facet that anybody on the board has, and what is chosen in any case. Those of most people come first;
 * no filter changes that order, so that nothing moves while one filters.
 */
export function facetValues(board: Board, view: View, facet: Facet): FacetValue[] {
  const all = counted(board, board.people.keys(), facet);
  const left = counted(board, filtered(board, view, facet), facet);
  const ids = [...new Set([...all.keys(), ...view[facet]])];
  return ids
    .map((id) => ({ id, count: left.get(id) ?? 0, name: nameOf(board, facet, id), chosen: view[facet].includes(id) }))
    .sort((a, b) => (all.get(b.id) ?? 0) - (all.get(a.id) ?? 0) || collator.compare(a.name, b.name));
}

function counted(board: Board, rows: Iterable<number>, facet: Facet): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const person = board.people[row];
    if (!person) continue;
    for (const id of values[facet](person)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** What a value of a facet is called. */
export function nameOf(board: Board, facet: Facet, id: string): string {
  switch (facet) {
    case "groups":
      return id === "" ? "no group" : (board.groups.get(id)?.name ?? id);
    case "roles":
      return board.roles.get(id)?.name ?? (id || "no role");
    default:
      return id || "no department";
  }
}
