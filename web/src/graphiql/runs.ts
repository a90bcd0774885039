import { useSyncExternalStore } from "react";
import type { Explanation } from "./waterfall";

// What the calls panel knows: of each of GraphiQL's tabs the operation that was run last, with its answers as they came.
// It lives as long as the page does.

/** An answer, of which a subscription has one a change. */
export interface Answer {
  /** Among the answers of its operation, from 1. */
  number: number;
  at: Date;
  zoom: Explanation;
}

/** What an operation would cost at most. */
export interface Price {
  calls: number;
  limit: number;
  byLabel: Record<string, number>;
  /** At this account's rate; none where calls are not paced. */
  seconds?: number;
  /** The label whose calls take that long; none where all may leave at once. */
  slowest?: { label: string; perMinute: number };
}

export interface Run {
  streams: boolean;
  /** The last few. */
  answers: Answer[];
  /** How many there were. */
  count: number;
  price?: Price;
  /** Why there is no price. */
  unpriced?: string;
}

/** How many answers of a subscription are kept. */
export const mostAnswers = 20;

const runs = new Map<string, Run>();
const listeners = new Set<() => void>();

function put(tab: string, run: Run): void {
  runs.set(tab, run);
  for (const listener of listeners) listener();
}

/** An operation begins in a tab; what was there is forgotten. */
export function begin(tab: string, streams: boolean): void {
  put(tab, { streams, answers: [], count: 0 });
}

/** An answer came. */
export function answered(tab: string, zoom: Explanation | undefined): void {
  const run = runs.get(tab);
  if (!run) return;
  const count = run.count + 1;
  const answers = [...run.answers, { number: count, at: new Date(), zoom: zoom ?? {} }].slice(-mostAnswers);
  put(tab, { ...run, count, answers });
}

/** What an operation would cost, or why that cannot be told. */
export function priced(tab: string, told: Pick<Run, "price" | "unpriced">): void {
  put(tab, { streams: false, answers: [], count: 0, ...told });
}

/** The last run of a tab, if there was one. */
export function useRun(tab: string | undefined): Run | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => (tab === undefined ? undefined : runs.get(tab)),
  );
}
