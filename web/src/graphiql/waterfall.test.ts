import { describe, expect, test } from "vitest";
import {
  axisOf,
  barOf,
  type Call,
  causeText,
  pathText,
  type Row,
  rowsOf,
  type Saved,
  timeText,
  totalOf,
} from "./waterfall";

const call = (startMs: number, waitedMs: number, tookMs: number, operation = "user"): Call => ({
  operation,
  method: "GET",
  path: "/users/{userId}",
  status: 200,
  bytes: 1,
  startMs,
  waitedMs,
  tookMs,
});

const saved = (by: Saved["by"], startMs: number, tookMs: number): Saved => ({
  operation: "users",
  method: "GET",
  path: "/users",
  by,
  startMs,
  tookMs,
});

const until = (end: number): Row[] => rowsOf({ calls: [call(0, 0, end)] });

test("rows stand in the order of time, calls and saved reads together", () => {
  const rows = rowsOf({
    calls: [call(20, 5, 10), call(1, 0, 15)],
    saved: [saved("CACHED", 3, 0), saved("COALESCED", 3, 9)],
  });
  expect(rows.map(({ kind, start, sent, end }) => [kind, start, sent, end])).toEqual([
    ["CALL", 1, 1, 16],
    ["CACHED", 3, 3, 3],
    ["COALESCED", 3, 3, 12],
    ["CALL", 20, 25, 35],
  ]);
  expect(new Set(rows.map((row) => row.key)).size).toBe(4);
  expect(rowsOf({})).toEqual([]);
});

describe("the axis", () => {
  test.each([
    [0, [0, 0.2]],
    [0.7, [0, 0.2, 0.4, 0.6, 0.8]],
    [5, [0, 1, 2, 3, 4, 5]],
    [51, [0, 20, 40, 60]],
    [100, [0, 20, 40, 60, 80, 100]],
    [101, [0, 50, 100, 150]],
    [8123, [0, 2000, 4000, 6000, 8000, 10000]],
  ])("up to %d ms", (end, ticks) => {
    const axis = axisOf(until(end));
    expect(axis.ticks.map((tick) => Number(tick.toFixed(6)))).toEqual(ticks);
    expect(axis.max).toBe(axis.ticks.at(-1));
    expect(axis.max).toBeGreaterThanOrEqual(end);
  });

  test("is there where nothing is", () => expect(axisOf([]).max).toBeGreaterThan(0));
});

describe("a bar", () => {
  const axis = { max: 200, ticks: [] };
  test.each([
    ["waits, then takes", call(20, 40, 100), { left: 10, waited: 20, took: 50 }],
    ["does not wait", call(20, 0, 100), { left: 10, waited: 0, took: 50 }],
    ["is seen however short it is", call(20, 0.01, 0.01), { left: 10, waited: 0.4, took: 0.4 }],
    ["stays on the axis", call(200, 0, 0.01), { left: 99.6, waited: 0, took: 0.4 }],
  ])("%s", (_, entry, want) => {
    const [row] = rowsOf({ calls: [entry] });
    expect(row && barOf(row, axis)).toEqual(want);
  });
});

test("times and paths are written for people", () => {
  expect([0, 0.04, 3.25, 12.7, 999, 1234, 2000, 12_345].map(timeText)).toEqual([
    "0 ms",
    "0.0 ms",
    "3.3 ms",
    "13 ms",
    "999 ms",
    "1.23 s",
    "2 s",
    "12.3 s",
  ]);
  expect(pathText(["users", "nodes", 3, "settings"])).toBe("users.nodes[3].settings");
  expect(causeText({ for: [["a"], ["b", 0], ["a"]], forMore: 2 })).toBe("a, b[0], and 2 more");
  expect(causeText({})).toBe("");
});

test("costs add up", () => {
  const cost = { requested: 3, calls: 2, cached: 1, coalesced: 4, waitedMs: 5, byLabel: { LIGHT: 1, MEDIUM: 1 } };
  expect(totalOf([cost, { ...cost, byLabel: { MEDIUM: 2 } }])).toEqual({
    requested: 6,
    calls: 4,
    cached: 2,
    coalesced: 8,
    waitedMs: 10,
    byLabel: { LIGHT: 1, MEDIUM: 3 },
  });
});
