import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Meter } from "./meter";
import { Pause } from "./pause";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a pause", () => {
  test("is longer each time, up to a minute, until something was answered", async () => {
    const pause = new Pause(Date.now);
    const lengths: number[] = [];
    for (let i = 0; i < 8; i++) {
      pause.begin();
      lengths.push(pause.left());
      await vi.advanceTimersByTimeAsync(pause.left() * 1000);
      expect(pause.until).toBe(0);
    }
    expect(lengths).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    pause.answered();
    pause.begin();
    expect(pause.left()).toBe(1);
  });

  test("that several ask for at once is one", () => {
    const pause = new Pause(Date.now);
    for (let i = 0; i < 3; i++) pause.begin();
    pause.answered(); // to what was sent before
    expect(pause.left()).toBe(1);
  });

  test.each([
    [5000, 5],
    [200, 1],
    [-5000, 1],
    [3_600_000, 60],
  ])("until %i ms from now lasts %i s", (ms, seconds) => {
    const pause = new Pause(Date.now);
    pause.begin(Date.now() + ms);
    expect(pause.left()).toBe(seconds);
  });

  test("is lengthened, never shortened, and tells all who wait when it is over", async () => {
    const pause = new Pause(Date.now);
    await pause.over(); // there is none
    pause.begin(Date.now() + 5000);
    pause.begin(Date.now() + 2000);
    const told = vi.fn();
    void pause.over().then(told);
    void pause.over().then(told);
    await vi.advanceTimersByTimeAsync(4999);
    expect(told).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("that is ended is over", async () => {
    const pause = new Pause(Date.now);
    pause.begin();
    const over = pause.over();
    pause.end();
    await over;
    expect([pause.until, pause.left(), vi.getTimerCount()]).toEqual([0, 0, 0]);
  });

  test("is over when its timer says so, whatever the clock shows", async () => {
    const pause = new Pause(() => 1000); // a clock that stands still
    pause.begin();
    await vi.advanceTimersByTimeAsync(1000);
    expect(pause.until).toBe(0);
  });
});

test("the meter tells calls a second of the last seconds", () => {
  const meter = new Meter(Date.now);
  const cost = (calls: number) => ({ calls, cached: 0, coalesced: 0, waitedMs: 0, byLabel: {} });
  const rates = [];
  vi.advanceTimersByTime(3_600_000);
  meter.begin();
  expect(meter.rate()).toBe(0);
  for (let i = 0; i < 30; i++) {
    vi.advanceTimersByTime(500);
    meter.count(cost(30));
    rates.push(Math.round(meter.rate()));
  }
  expect(rates.slice(0, 3)).toEqual([30, 60, 60]); // after half a second nothing is said of a second
  expect(new Set(rates.slice(2))).toEqual(new Set([60]));
  vi.advanceTimersByTime(60_000);
  expect(meter.rate()).toBe(0);
});
