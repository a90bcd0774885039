// How the values of a setting are spread among people.

import type { Board } from "../model/board";
import type { Setting } from "../model/catalogue";
import { cellText } from "../model/cell";

export interface Spread {
  name: string;
  count: number;
}

/** How many people have each value, and how many each kind of none; the commonest first. */
export function spread(board: Board, rows: readonly number[], setting: Setting): Spread[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const name = cellText(setting, board.cell(row, setting.id));
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
}

export interface GroupSpread {
  /** The values, the commonest first. */
  values: string[];
  /** For each group how many of its people have each value. */
  groups: { id: string; counts: number[] }[];
}

const mostValues = 5;

/** The same by group, with those values that are commonest; the largest groups first. */
export function spreadByGroup(board: Board, rows: readonly number[], setting: Setting): GroupSpread {
  const values = spread(board, rows, setting)
    .slice(0, mostValues)
    .map(({ name }) => name);
  const groups = new Map<string, number[]>();
  for (const row of rows) {
    const person = board.people[row];
    const place = values.indexOf(cellText(setting, board.cell(row, setting.id)));
    if (!person || place < 0) continue;
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
