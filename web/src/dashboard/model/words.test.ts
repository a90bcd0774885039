import { describe, expect, test } from "vitest";
import { trouble } from "./fake";
import type { TroubleKind } from "./health";
import { scopeWords, troubleWords } from "./words";

describe("the words of a trouble", () => {
  test.each<[TroubleKind, boolean, RegExp, RegExp]>([
    ["service", false, /^The service cannot be reached$/, /goes on by itself/],
    ["caller", false, /does not know you/, /who you are/],
    ["credentials", false, /^Zoom refuses this service’s credentials$/, /Whoever runs the service/],
    ["credentials", true, /^Zoom refuses your sign-in$/, /Sign in with Zoom again/],
    ["zoom", false, /^Zoom does not answer$/, /goes on by itself when Zoom answers/],
    ["limit", false, /calls for this account are used up/, /goes on by itself/],
  ])("%s (signed in: %s): what is wrong, and what helps", (kind, personal, title, next) => {
    const problem = { ...trouble("X", undefined, { hint: "look there", missingScopes: ["s"] }), message: "it is so" };
    const words = troubleWords({ kind, problem }, personal);
    expect(words.title).toMatch(title);
    expect(words.next).toMatch(next);
    if (kind !== "limit") expect(words.why).toBe("It is so; missing scopes: s; look there.");
    expect(Boolean(words.enter)).toBe(kind === "caller" || personal);
    expect(Boolean(words.atMarketplace)).toBe(kind === "credentials" && !personal);
  });

  test("what is not Zoom's JSON is not said to be Zoom's silence", () => {
    const problem = trouble("UPSTREAM_INVALID_RESPONSE");
    expect(troubleWords({ kind: "zoom", problem }, false).title).toBe("What answers is not Zoom");
  });

  test("a day that is used up has an end", () => {
    const retryAt = new Date(2030, 0, 2, 3, 4).getTime();
    const { why } = troubleWords({ kind: "limit", problem: trouble("RATE_LIMITED", undefined, { retryAt }) }, false);
    expect(why).toContain(new Date(retryAt).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" }));
  });
});

test.each<[string, [string, string[]][], string[], ReturnType<typeof scopeWords>]>([
  ["none", [], [], undefined],
  ["one", [["Groups", ["g"]]], [], { scopes: ["g"], means: "groups are shown by their ids" }],
  [
    "some, each once and in order",
    [
      ["Roles", ["r", "a"]],
      ["Change", ["w"]],
      ["Groups", ["a"]],
    ],
    [],
    {
      scopes: ["a", "r", "w"],
      means: "groups are shown by their ids, roles are shown by their ids and settings cannot be changed",
    },
  ],
  ["what is told elsewhere is left out", [["People", ["p"]]], ["People"], undefined],
  ["an operation without words", [["Probe", ["p"]]], [], { scopes: ["p"], means: "something cannot be read" }],
])("missing scopes: %s", (_, missing, elsewhere, words) => {
  expect(scopeWords(new Map(missing), elsewhere)).toEqual(words);
});
