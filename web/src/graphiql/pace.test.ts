import { describe, expect, test } from "vitest";
import { paceText } from "./pace";

const few = { label: "RESOURCE_INTENSIVE", perMinute: 10 };

describe("how long an operation's calls take", () => {
  test.each([
    ["not paced", {}, "Calls are not paced here."],
    ["at once", { seconds: 0 }, "At this account's rate they take 0 ms."],
    ["soon", { seconds: 6, slowest: few }, "At this account's rate they take 6 s."],
    [
      "long, because of few a minute",
      { seconds: 24, slowest: few },
      "At this account's rate they take 24 s. That is because of the RESOURCE_INTENSIVE calls, of which it may send 10 a minute.",
    ],
    [
      "minutes, because of some a second",
      { seconds: 149.6, slowest: { label: "HEAVY", perMinute: 600 } },
      "At this account's rate they take 2 min 30 s. That is because of the HEAVY calls, of which it may send 10 a second.",
    ],
    [
      "whole minutes, at a lowered rate",
      { seconds: 240, slowest: { label: "RESOURCE_INTENSIVE", perMinute: 2.5 } },
      "At this account's rate they take 4 min. That is because of the RESOURCE_INTENSIVE calls, of which it may send 2.5 a minute.",
    ],
  ])("%s", (_, price, text) => {
    expect(paceText(price)).toBe(text);
  });
});
