// What extensions.zoom says of an answer, and where the bars of its waterfall stand. Arithmetic only; Calls.tsx draws.

/** A step on the way to a field in an answer. */
export type Path = (string | number)[];

/** What entries of `calls` and of `saved` have in common. */
interface Entry {
  operation: string;
  method: string;
  path: string;
  label?: string;
  option?: string;
  /** Zoom's names that were asked for; none: everything. */
  fields?: string[];
  /** Milliseconds from the operation's start. */
  startMs: number;
  tookMs: number;
  /** The fields that caused it, at most five. */
  for?: Path[];
  /** How many there are beyond those. */
  forMore?: number;
}

/** A call to Zoom. */
export interface Call extends Entry {
  /** HTTP's; 0 where no answer came. */
  status: number;
  waitedMs: number;
  bytes: number;
  /** How often it was sent, where more than once. */
  attempts?: number;
}

/** A read that cost no call. */
export interface Saved extends Entry {
  by: "CACHED" | "COALESCED";
}

export interface Cost {
  requested: number;
  calls: number;
  cached: number;
  coalesced: number;
  waitedMs: number;
  byLabel: Record<string, number>;
}

/** extensions.zoom of an answer that was asked for with its trace. */
export interface Explanation {
  cost?: Cost;
  calls?: Call[];
  saved?: Saved[];
}

/** A row of the waterfall, in milliseconds from the operation's start. */
export interface Row {
  key: string;
  kind: "CALL" | "CACHED" | "COALESCED";
  entry: Call | Saved;
  start: number;
  /** Until it left; with start where it did not wait. */
  sent: number;
  end: number;
}

/** The rows of an answer, by the time they begin. */
export function rowsOf({ calls = [], saved = [] }: Explanation): Row[] {
  const rows: Row[] = [];
  for (const call of calls) {
    const sent = call.startMs + call.waitedMs;
    rows.push({ key: "", kind: "CALL", entry: call, start: call.startMs, sent, end: sent + call.tookMs });
  }
  for (const read of saved) {
    const end = read.startMs + read.tookMs;
    rows.push({ key: "", kind: read.by, entry: read, start: read.startMs, sent: read.startMs, end });
  }
  rows.sort((a, b) => a.start - b.start || a.end - b.end);
  for (const [i, row] of rows.entries()) row.key = `${i} ${row.entry.operation}`;
  return rows;
}

/** A common axis: from 0 to max milliseconds, with marks at round times. */
export interface Axis {
  max: number;
  ticks: number[];
}

/** The axis on which all the rows fit, with at most so many marks behind that of 0. */
export function axisOf(rows: Row[], most = 5): Axis {
  const last = Math.max(0, ...rows.map((row) => row.end));
  const step = roundUp(Math.max(last, 1) / most);
  const ticks = [0];
  while ((ticks.at(-1) ?? 0) < last) ticks.push(ticks.length * step);
  if (ticks.length === 1) ticks.push(step);
  return { max: ticks.at(-1) ?? step, ticks };
}

/** The next of 1, 2 and 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const digit = [1, 2, 5, 10].find((d) => d * power >= value * (1 - 1e-9)) ?? 10;
  return digit * power;
}

/** Where the parts of a row stand, in percent of the axis. A part that took any time is seen. */
export interface Bar {
  left: number;
  waited: number;
  took: number;
}

const visible = 0.4; // percent

export function barOf(row: Row, axis: Axis): Bar {
  const percent = (ms: number) => (100 * ms) / axis.max;
  const width = (ms: number) => (ms > 0 ? Math.max(visible, percent(ms)) : 0);
  const waited = width(row.sent - row.start);
  const took = width(row.end - row.sent);
  return { left: Math.min(percent(row.start), 100 - waited - took), waited, took };
}

/** A time as people read it. */
export function timeText(ms: number): string {
  if (ms >= 1000 && ms % 1000 === 0) return `${ms / 1000} s`;
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 10 || Number.isInteger(ms)) return `${Math.round(ms)} ms`;
  return `${ms.toFixed(1)} ms`;
}

/** A path as it is written in JavaScript: users.nodes[3].settings */
export function pathText(path: Path): string {
  return path.map((step, i) => (typeof step === "number" ? `[${step}]` : i > 0 ? `.${step}` : step)).join("");
}

/** The fields that caused an entry, in a few words. */
export function causeText({ for: paths = [], forMore = 0 }: Pick<Entry, "for" | "forMore">): string {
  const texts = [...new Set(paths.map(pathText))];
  if (forMore > 0) texts.push(`and ${forMore} more`);
  return texts.join(", ");
}

/** The costs of several answers together. */
export function totalOf(costs: Cost[]): Cost {
  const total: Cost = { requested: 0, calls: 0, cached: 0, coalesced: 0, waitedMs: 0, byLabel: {} };
  for (const cost of costs) {
    total.requested += cost.requested;
    total.calls += cost.calls;
    total.cached += cost.cached;
    total.coalesced += cost.coalesced;
    total.waitedMs += cost.waitedMs;
    for (const [label, n] of Object.entries(cost.byLabel)) total.byLabel[label] = (total.byLabel[label] ?? 0) + n;
  }
  return total;
}
