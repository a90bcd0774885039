// An arrangement is who is shown, in which order, as that was when one asked for it. What comes later moves nobody: a
// changed row stays where it is, also where it no longer fits the filter, and new people stand behind. Asking again is
// an explicit act (renew). Only what was asked for before all was read is put right once, when all is there, and not
// even then once somebody has begun to use the rows.

import type { View } from "./address";
import type { Board } from "./board";
import { noPolicy } from "./policy";
import { rowsKey, rowsOf } from "./rows";

/** What is no longer as the view has it: somebody stands at another place, or does not fit the filter. */
export type Outdated = "order" | "filter";

export class Arrangement {
  /** Rows of the board, in the order in which they are shown. */
  rows: readonly number[] = [];
  /** undefined where all is as the view has it, and while it is being read. */
  outdated: Outdated | undefined;
  private key: string | undefined;
  /** What was looked at last: nothing has to be done before that changes. */
  private seen = "";
  /** How often all cells had been forgotten when the rows were last put right. */
  private forgotten = 0;
  /** What was asked for depends on what is not there yet. */
  private awaiting = false;
  private used = false;

  constructor(private readonly board: Board) {}

  /** Says what is to be shown, and whether all that this depends on is there. */
  arrange(view: View, settled: boolean): void {
    const { board } = this;
    const key = rowsKey({ ...view, policy: noPolicy }); // another policy changes marks: it asks for no order
    if (key !== this.key) {
      this.key = key;
      this.begin(view, settled);
      return;
    }
    if (this.forgotten !== board.forgotten) {
      this.forgotten = board.forgotten;
      this.awaiting = true;
      this.used = false;
    }
    const byCells = view.deviating || view.sort.by === "deviations" || typeof view.sort.by === "object";
    const seen = [settled, rowsKey(view), board.peopleVersion, byCells && settled && board.cellVersion].join();
    if (seen === this.seen) return;
    this.seen = seen;
    this.goOn(rowsOf(board, view), settled);
  }

  /** Puts the rows right at the next call of arrange. */
  renew(): void {
    this.key = undefined;
  }

  /** Says that somebody uses the rows. */
  use(): void {
    this.used = true;
  }

  private begin(view: View, settled: boolean): void {
    this.rows = rowsOf(this.board, view);
    this.outdated = undefined;
    this.seen = "";
    this.forgotten = this.board.forgotten;
    this.awaiting = !settled;
    this.used = false;
  }

  private goOn(now: readonly number[], settled: boolean): void {
    if (settled && this.awaiting) {
      this.awaiting = false;
      if (!this.used) this.rows = now;
    }
    const known = new Set(this.rows);
    const more = now.filter((row) => !known.has(row));
    if (more.length > 0) this.rows = [...this.rows, ...more];
    this.outdated = settled ? difference(this.rows, now) : undefined;
  }
}

function difference(shown: readonly number[], now: readonly number[]): Outdated | undefined {
  if (shown.length !== now.length) return "filter"; // nobody who fits is left out
  return shown.some((row, i) => row !== now[i]) ? "order" : undefined;
}

/**
 * Places are an order that grows at its end only: what has stood somewhere stays there, whatever comes.
 */
export class Places {
  private readonly known = new Map<string, number>();

  /** Orders what is given: what is new stands behind all else, in the order in which it is given. */
  order<T extends { readonly id: string }>(of: readonly T[]): T[] {
    for (const { id } of of) if (!this.known.has(id)) this.known.set(id, this.known.size);
    return [...of].sort((a, b) => (this.known.get(a.id) ?? 0) - (this.known.get(b.id) ?? 0));
  }
}
