// A picture is everything that the heatmap draws, as one value: draw reads nothing else. It is made anew whenever the
// heatmap renders, and drawn whenever it is not the picture that is on the canvas. So no list says what a drawing
// depends on, and none can miss anything. It holds plain data only, so that two pictures can be compared.

import type { Theme } from "../../shared/theme";
import type { Board, Person } from "../model/board";
import type { Setting } from "../model/catalogue";
import type { Cell } from "../model/cell";
import { deviates, deviations, type Policy } from "../model/policy";
import { nameOf } from "../model/rows";
import { columnsInSight, type Geometry, type Place, placeAt, rowsInSight, type Window } from "./geometry";

/** What the heatmap shows: these people of the board in this order, and these settings of theirs. */
export interface Shown {
  readonly board: Board;
  readonly policy: Policy;
  readonly columns: readonly Setting[];
  /** Rows of the board. */
  readonly rows: readonly number[];
}

/** Whom and what a place is about, wherever it stands: a cell, a person (no setting), a setting (no person). */
export interface Spot {
  readonly person: string | null;
  readonly setting: string | null;
}

/** How the heatmap is looked at. */
export interface Look {
  readonly theme: Theme;
  /** Device pixels a CSS pixel. */
  readonly scale: number;
  readonly geometry: Geometry;
  readonly window: Window;
  readonly cursor: Spot | undefined;
  readonly focused: boolean;
}

export interface Picture extends Omit<Look, "cursor"> {
  readonly cursor: Place | undefined;
  /** All columns, since names and sections reach over others. */
  readonly columns: readonly { readonly setting: Setting; readonly pinned: boolean }[];
  /** The first row and the first column whose cells are in sight. */
  readonly firstRow: number;
  readonly firstColumn: number;
  /** The rows in sight. */
  readonly rows: readonly PictureRow[];
}

export interface PictureRow {
  readonly person: Person;
  /** The names of the person's groups. */
  readonly groups: string;
  /** How many settings of the row deviate. */
  readonly deviations: number;
  /** The cells in sight. */
  readonly cells: readonly { readonly cell: Cell | undefined; readonly deviates: boolean }[];
}

/** Makes the picture of what is in sight. */
export function pictureOf(shown: Shown, look: Look): Picture {
  const { board, policy, columns, rows } = shown;
  const [firstRow, behindRow] = rowsInSight(look.geometry, look.window);
  const [firstColumn, behindColumn] = columnsInSight(look.geometry, look.window);
  const inSight = columns.slice(firstColumn, behindColumn);
  return {
    ...look,
    cursor: look.cursor && placeOf(shown, look.cursor),
    columns: columns.map((setting) => ({ setting, pinned: policy.has(setting.id) })),
    firstRow,
    firstColumn,
    rows: rows.slice(firstRow, behindRow).flatMap((row): PictureRow[] => {
      const person = board.people[row];
      if (!person) return [];
      return [
        {
          person,
          groups: person.groupIds.map((id) => nameOf(board, "groups", id)).join(", "),
          deviations: deviations(policy, (setting) => board.cell(row, setting)),
          cells: inSight.map(({ id }) => {
            const cell = board.cell(row, id);
            return { cell, deviates: deviates(policy, id, cell) };
          }),
        },
      ];
    }),
  };
}

/** Where a spot stands now; undefined where it is not among what is shown. */
export function placeOf({ board, columns, rows }: Shown, { person, setting }: Spot): Place | undefined {
  const row = person === null ? -1 : rows.indexOf(board.rowOf(person) ?? -1);
  const column = setting === null ? -1 : columns.findIndex(({ id }) => id === setting);
  if ((person !== null && row < 0) || (setting !== null && column < 0)) return undefined;
  return { row, column };
}

/** What a picture has at a point of its window. */
export function spotAt(picture: Picture, x: number, y: number): Spot | undefined {
  const place = placeAt(picture.geometry, picture.window, x, y);
  if (!place) return undefined;
  return {
    person: picture.rows[place.row - picture.firstRow]?.person.id ?? null,
    setting: picture.columns[place.column]?.setting.id ?? null,
  };
}
