// Changing settings: what it will cost, doing it for many people, and what Zoom really stored.

import { type Ask, type Problem, problemWords } from "./ask";
import type { Board } from "./board";
import { input, type Json, type Setting, valueAt } from "./catalogue";
import { cell, same } from "./cell";
import { durationText } from "./meter";
import { changeDocument } from "./written";

/** What changing a setting of n people costs. */
export interface Price {
  people: number;
  writes: number;
  reads: number;
  /** At the account's rate; undefined where calls are not paced. */
  seconds?: number;
}

/** What became of one person's change. */
export interface Outcome {
  row: number;
  /** Zoom has stored what was sent. */
  applied: boolean;
  /** Why it was not sent, or what Zoom did not take. */
  message?: string;
}

/** What a label's calls are limited to, as Query.rateLimit says. */
export interface Limit {
  label: string;
  limit: number;
  remaining: number;
}

/** Asks the service what a change of n people costs; nothing is sent to Zoom. */
export async function priceOf(
  ask: Ask,
  board: Board,
  rows: readonly number[],
  setting: Setting,
  value: Json,
  limits: readonly Limit[],
): Promise<Price | Problem> {
  const first = rows[0];
  if (first === undefined) return { people: 0, writes: 0, reads: 0 };
  const variables = { id: board.people[first]?.id ?? "", input: input([{ setting, value }]) };
  const { zoom, problems } = await ask(changeDocument([setting]), variables, { headers: { "X-Zoomgraph-Plan": "1" } });
  if (!zoom.plan) return problems[0] ?? { message: "the service did not tell the price", code: "INTERNAL" };
  const people = new Set(rows).size;
  let seconds: number | undefined;
  for (const { label, limit, remaining } of limits) {
    const calls = (zoom.plan.byLabel[label] ?? 0) * people;
    if (calls > 0 && limit > 0) seconds = Math.max(seconds ?? 0, Math.max(0, calls - remaining) / limit);
  }
  return { people, writes: people, reads: (zoom.plan.calls - 1) * people, seconds };
}

/** The price as a sentence, with what will happen. */
export function priceText(price: Price, what: string): string {
  const people = price.people === 1 ? "1 person" : `${price.people} people`;
  const calls = `${count(price.writes, "write")} and ${count(price.reads, "read")}`;
  const time = price.seconds === undefined ? "" : `, about ${durationText(price.seconds)} of this account’s budget`;
  return `Change ${what} for ${people}: ${calls}${time}.`;
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;

/** How many people are changed at a time: writes are few and slow, and others want to read meanwhile. */
const width = 4;

/**
 * Changes one setting of many people, each once: a write is never sent twice. It tells of each person as they are done,
 * and stops before the next one when the signal says so.
 */
export async function change(
  ask: Ask,
  board: Board,
  rows: readonly number[],
  setting: Setting,
  value: Json,
  tell: (outcome: Outcome) => void,
  signal?: AbortSignal,
): Promise<void> {
  const waiting = [...new Set(rows)];
  const work = async () => {
    for (let row = waiting.shift(); row !== undefined && !signal?.aborted; row = waiting.shift()) {
      tell(await changeOne(ask, board, row, setting, value));
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, rows.length) }, work));
}

async function changeOne(ask: Ask, board: Board, row: number, setting: Setting, value: Json): Promise<Outcome> {
  const id = board.people[row]?.id ?? "";
  const { data, problems } = await ask(changeDocument([setting]), { id, input: input([{ setting, value }]) });
  const payload = data?.updateUserSettings;
  const problem = problems[0] ?? { message: "the service gave no answer", code: "OFFLINE" };
  if (!payload) {
    if (!isDoubtful(problem)) return { row, applied: false, message: problemWords(problem) };
    return unread(board, row, setting, `it is not known whether the change was made: ${problemWords(problem)}`);
  }
  const stored = valueAt(payload.settings, setting.path) as Json | undefined;
  const known = stored !== null && stored !== undefined;
  if (!known && problems.length > 0) {
    return unread(
      board,
      row,
      setting,
      `Zoom took the change, and what it stored could not be read: ${problemWords(problem)}`,
    );
  }
  board.setCell(row, setting.id, known ? cell("value", stored) : cell("absent"));
  const kept = payload.notApplied.find(({ field }) => setting.zoom === field || setting.zoom.startsWith(`${field}.`));
  if (!kept && known && same(stored, value)) return { row, applied: true };
  if (!known) return { row, applied: false, message: "Zoom took the change, and does not tell this setting" };
  return {
    row,
    applied: false,
    message: "Zoom kept another value: the setting may be locked by the group or the account",
  };
}

/** Whether Zoom may have made a change that failed with this. */
function isDoubtful({ code }: Problem): boolean {
  return ["OFFLINE", "UPSTREAM_TIMEOUT", "UPSTREAM_UNAVAILABLE", "UPSTREAM_INVALID_RESPONSE", "INTERNAL"].includes(
    code,
  );
}

/** What the board showed may be so no longer. */
function unread(board: Board, row: number, setting: Setting, message: string): Outcome {
  board.setCell(row, setting.id, { state: "error", message });
  return { row, applied: false, message };
}
