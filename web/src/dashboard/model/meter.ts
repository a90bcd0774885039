// How far the loader is, and how fast.

import type { Cost, Problem } from "./ask";

export interface Progress {
  /**
   * What goes on: nothing, people are listed, cells are read, it waits for the account's limit, for Zoom or for the
   * service, somebody cancelled it, or a problem that everything would meet has stopped it.
   */
  state: "idle" | "people" | "cells" | "waiting" | "cancelled" | "stopped";
  /** People whose settings are there, of how many. */
  done: number;
  expected: number;
  /** Calls to Zoom, reads that cost none, and how long calls waited for their turn, since the last start. */
  calls: number;
  saved: number;
  waitedMs: number;
  /** Calls a second, lately. */
  rate: number;
  /** Seconds that are left, at that rate; undefined where it cannot be told. */
  left?: number;
  /** Requests that the account's limit did not allow, since the last start. */
  limited: number;
  /** What it waits for the end of. */
  waitsFor?: Problem;
  /** What could not be done, or has stopped it. */
  problems: Problem[];
}

/** Whether nothing is being read. */
export function isAtRest({ state }: Progress): boolean {
  return state === "idle" || isHalted({ state });
}

/** Whether it was ended before all was read. */
export function isHalted({ state }: Pick<Progress, "state">): boolean {
  return state === "cancelled" || state === "stopped";
}

export function fresh(): Progress {
  return { state: "idle", done: 0, expected: 0, calls: 0, saved: 0, waitedMs: 0, rate: 0, limited: 0, problems: [] };
}

/** A length of time, as far ahead as it is worth naming: `5 s`, `12 min`, `3 h`. */
export function durationText(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** How long "lately" is, in milliseconds. */
const span = 4000;

/** Counts calls, and how many of them are made in a second. */
export class Meter {
  private recent: { at: number; calls: number }[] = [];
  private since = 0;

  constructor(private readonly now: () => number) {}

  /** Says that calls begin to be made, after none were. */
  begin(): void {
    this.recent = [];
    this.since = this.now();
  }

  count({ calls }: Cost): void {
    this.recent.push({ at: this.now(), calls });
  }

  /** Calls a second. */
  rate(): number {
    const now = this.now();
    const old = this.recent.findLastIndex(({ at }) => at < now - span);
    if (old >= 0) this.since = this.recent[old]?.at ?? now;
    this.recent.splice(0, old + 1);
    const calls = this.recent.reduce((sum, one) => sum + one.calls, 0);
    return calls === 0 ? 0 : calls / (Math.max(now - this.since, 1000) / 1000);
  }
}
