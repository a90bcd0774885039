// How the values of a setting are spread among people.

import type { Board } from "../model/board";
import type { Setting } from "../model/catalogue";
import { type Cell, cellText } from "../model/cell";

export interface Spread {
  name: string;
  count: number;
  /** One of the cells that say so. */
  cell: Cell | undefined;
}

/**
 * How many people have each value, and how many each kind of none. On comes before off and the values of an enum stand
 * in its order, so that no bar changes its place when counts do; of others the commonest is first.
 */
export function spread(board: Board, rows: readonly number[], setting: Setting): Spread[] {
  const found = new Map<string, Spread>();
  for (const row of rows) {
    const cell = board.cell(row, setting.id);
    const name = cellText(setting, cell);
    const known = found.get(name);
    if (known) known.count++;
    else found.set(name, { name, count: 1, cell });
  }
  return [...found.values()].sort((a, b) => place(setting, a.cell) - place(setting, b.cell) || b.count - a.count);
}

/** Values of an order of their own, then other values, then what is none. */
function place(setting: Setting, cell: Cell | undefined): number {
  if (cell?.state !== "value") return Number.MAX_SAFE_INTEGER;
  if (typeof cell.value === "boolean") return cell.value ? 0 : 1;
  const order = setting.values?.findIndex(({ name }) => name === cell.value) ?? -1;
  return order < 0 ? 1e6 : order;
}

export interface GroupSpread {
  /** The commonest values, in the order of spread. */
  values: Spread[];
  /** For each group how many of its people have each value. */
  groups: { id: string; counts: number[] }[];
}

const mostValues = 5;

/** The same by group, with those values that are commonest; the largest groups first. */
export function spreadByGroup(board: Board, rows: readonly number[], setting: Setting): GroupSpread {
  const all = spread(board, rows, setting);
  const commonest = new Set([...all].sort((a, b) => b.count - a.count).slice(0, mostValues));
  const values = all.filter((value) => commonest.has(value));
  const places = new Map(values.map(({ name }, i) => [name, i]));
  const groups = new Map<string, number[]>();
  for (const row of rows) {
    const person = board.people[row];
    const place = places.get(cellText(setting, board.cell(row, setting.id)));
    if (!person || place === undefined) continue;
    for (const id of person.groupIds.length > 0 ? person.groupIds : [""]) {
      const counts = groups.get(id) ?? values.map(() => 0);
      counts[place] = (counts[place] ?? 0) + 1;
      groups.set(id, counts);
    }
  }
  const size = (counts: number[]) => counts.reduce((sum, n) => sum + n, 0);
  const sorted = [...groups].sort(([, a], [, b]) => size(b) - size(a));
  return { values, groups: sorted.map(([id, counts]) => ({ id, counts })) };
}
