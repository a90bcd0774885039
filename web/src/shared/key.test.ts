import { afterEach, expect, test, vi } from "vitest";
import { identified } from "./key";

afterEach(() => vi.unstubAllGlobals());

test("headers that say who calls are not joined by the key that was typed", () => {
  vi.stubGlobal("sessionStorage", { getItem: () => "typed" });
  expect(identified({ "X-Zoomgraph-Trace": "1" })).toEqual({
    Authorization: "Bearer typed",
    "X-Zoomgraph-Trace": "1",
  });
  for (const name of ["Authorization", "authorization", "AUTHORIZATION"]) {
    expect(identified({ [name]: "Bearer own" })).toEqual({ [name]: "Bearer own" });
  }
});

test("without a key nothing is added", () => {
  vi.stubGlobal("sessionStorage", { getItem: () => null });
  expect(identified({})).toEqual({});
});
