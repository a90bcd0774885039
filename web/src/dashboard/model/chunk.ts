// Chunks: the same settings of some people, which are asked for with one request.

import { type Board, missing } from "./board";
import type { Setting } from "./catalogue";
import type { Cell } from "./cell";

export interface Chunk {
  readonly rows: readonly number[];
  readonly settings: readonly Setting[];
  /** How often it has failed, not counting when nothing else was answered either. */
  readonly failed: number;
  /** The pulse when it failed last. */
  readonly beats?: number;
  /** What an earlier answer left unclear is checked, which the service knows by now. */
  readonly check?: boolean;
  /** It was asked for beside everything else, and is not cancelled with it. */
  readonly refresh?: boolean;
}

/** How many rows are looked at in vain for some that lack the same settings. */
const maxLook = 200;

/**
 * Takes from a queue of rows up to so many that lack the same of the columns, those that are in sight first; undefined
 * where the queue has none. Rows that lack nothing leave the queue.
 */
export function gather(
  board: Board,
  queue: Set<number>,
  visible: readonly number[],
  columns: readonly Setting[],
  size: number,
): Chunk | undefined {
  const rows: number[] = [];
  let settings: Setting[] = [];
  let key = "";
  let looked = 0;
  for (const among of [visible, queue]) {
    for (const row of among) {
      if (rows.length >= size || looked >= maxLook) break;
      if (!queue.has(row)) continue;
      const wanted = missing(board, row, columns);
      if (wanted.length === 0) {
        queue.delete(row);
        continue;
      }
      const its = wanted.map(({ id }) => id).join();
      if (rows.length === 0) [settings, key] = [wanted, its];
      if (its !== key) looked++;
      else {
        rows.push(row);
        queue.delete(row);
      }
    }
  }
  return rows.length > 0 ? { rows, settings, failed: 0 } : undefined;
}

/** Sets all cells of a chunk to what is known since then, or now. */
export function mark(board: Board, chunk: Pick<Chunk, "rows" | "settings">, as: Cell, sent = board.now()): void {
  for (const row of chunk.rows) for (const { id } of chunk.settings) board.setCell(row, id, as, sent);
}

/** Makes cells of a chunk that nobody will answer any more such as were never asked for. */
export function unload(board: Board, { rows, settings }: Chunk): void {
  const sent = board.now();
  for (const row of rows) {
    for (const { id } of settings) if (isAwaited(board.cell(row, id))) board.setCell(row, id, undefined, sent);
  }
}

/** Whether some of the columns of a row have no answer. */
export function isOpen(board: Board, row: number, columns: readonly Setting[]): boolean {
  return columns.some(({ id }) => {
    const cell = board.cell(row, id);
    return cell === undefined || isAwaited(cell);
  });
}

function isAwaited(cell: Cell | undefined): boolean {
  return cell?.state === "loading" || cell?.state === "limited";
}
