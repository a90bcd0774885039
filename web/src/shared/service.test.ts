import { afterEach, expect, test, vi } from "vitest";
import { signInAddress } from "./service";

afterEach(() => vi.unstubAllGlobals());

test.each([
  ["/", "", "/"],
  ["/graphiql", "?a=1&signInError=state", "/graphiql?a=1"],
  ["/zoomgraph/", "?a=1", "/?a=1"], // below a path of the host
  ["/zoomgraph/graphiql", "", "/graphiql"],
  ["/", `?policy=${"x".repeat(2038)}`, `/?policy=${"x".repeat(2038)}`],
  ["/", `?policy=${"x".repeat(2040)}`, "/"], // the service would refuse it, and nobody could sign in from there
])("who signs in at %s%.30s comes back to it", (pathname, search, want) => {
  vi.stubGlobal("location", { pathname, search });
  expect(signInAddress()).toBe(`sign-in?return=${encodeURIComponent(want)}`);
});
