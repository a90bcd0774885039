import { expect, test } from "vitest";
import { durationText, fresh, type Progress } from "./meter";
import { progressText } from "./progress";

test.each<[string, Partial<Progress>]>([
  ["Listing people …", {}],
  ["Listing people …", { state: "people" }],
  ["Listing people: 300 so far", { state: "people", expected: 300 }],
  ["0 people · 1 call · 0 limited", { calls: 1 }],
  [
    "212 of 500 · 60 calls/s · 5 s left · 0 limited",
    { state: "cells", done: 212, expected: 500, calls: 212, rate: 59.7, left: 4.8 },
  ],
  [
    "40 of 5000 · 12 calls/s · 7 min left · 3 limited",
    { state: "cells", done: 40, expected: 5000, calls: 40, rate: 12, left: 413, limited: 3 },
  ],
  // A rate of nearly nothing foretells nothing.
  ["1 of 500 · 0 calls/s · 0 limited", { state: "cells", done: 1, expected: 500, calls: 1, rate: 0.4, left: 1224 }],
  ["0 of 500 · 0 calls/s · 0 limited", { state: "cells", expected: 500 }],
  ["60 of 500 · 60 saved · 0 limited", { state: "cells", done: 60, expected: 500, saved: 60 }],
  [
    "9 of 500 · 2 calls/s · waiting for the budget · 2 limited",
    {
      state: "waiting",
      done: 9,
      expected: 500,
      calls: 9,
      rate: 2,
      left: 200,
      limited: 2,
      waitsFor: { message: "no", code: "RATE_LIMITED" },
    },
  ],
  [
    "9 of 500 · 2 calls/s · trying again by itself · 0 limited",
    { state: "waiting", done: 9, expected: 500, calls: 9, rate: 2, waitsFor: { message: "no", code: "OFFLINE" } },
  ],
  ["Listing people: trying again by itself", { state: "waiting", waitsFor: { message: "no", code: "OFFLINE" } }],
  ["Listing people: waiting for the budget", { state: "waiting", waitsFor: { message: "no", code: "RATE_LIMITED" } }],
  ["Cancelled; nobody is listed", { state: "cancelled" }],
  ["Stopped; nobody is listed", { state: "stopped", calls: 1 }],
  ["Stopped at 9 of 500 · 9 calls; what came is here", { state: "stopped", done: 9, expected: 500, calls: 9 }],
  ["Cancelled at 9 of 500 · 9 calls; what came is here", { state: "cancelled", done: 9, expected: 500, calls: 9 }],
  ["500 people · 404 calls, 100 saved · 1 limited", { done: 500, expected: 500, calls: 404, saved: 100, limited: 1 }],
  ["499 of 500 · 504 calls · 0 limited", { done: 499, expected: 500, calls: 504 }],
])("%s", (line, of) => {
  expect(progressText({ ...fresh(), ...of })).toBe(line);
});

test.each([
  [0, "0 s"],
  [0.2, "1 s"],
  [99, "99 s"],
  [99.5, "100 s"],
  [100, "2 min"],
  [834, "14 min"],
  [5999, "100 min"],
  [6000, "2 h"],
  [36_000, "10 h"],
])("%d seconds are %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
