// What tests of the loader begin with: a service, a board and a loader of their own, on fake time. The bindings are set
// anew before each test.

import { afterEach, beforeEach, expect, vi } from "vitest";
import type { Board } from "./board";
import type { Setting } from "./catalogue";
import { boardOf, crowd, FakeService, statesOf } from "./fake";
import { Loader } from "./loader";

export let service: FakeService;
export let board: Board;
export let loader: Loader;

/** To be called once in a file. */
export function eachTest(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    service = new FakeService();
    board = boardOf();
    loader = new Loader(board, service.ask);
  });

  afterEach(() => {
    expect(vi.getTimerCount(), "timers that were left").toBe(0);
    vi.useRealTimers();
  });
}

/** Lets time pass until nothing is left to do. */
export async function end(): Promise<void> {
  await vi.runAllTimersAsync();
}

/** How many of the board's cells are in which state. */
export const states = (columns: readonly Setting[]) => statesOf(board, columns);

/** Begins to load so many people and these columns. */
export function begin(people: number, columns: readonly Setting[]): void {
  service.people = crowd(people);
  loader.setColumns(columns);
  void loader.start(["ACTIVE"]);
}
