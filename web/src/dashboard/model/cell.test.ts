import { describe, expect, test } from "vitest";
import type { Json } from "./catalogue";
import { type Cell, cell, cellText, stateWords, valueText } from "./cell";
import { settingsOf } from "./fake";

describe("values in words", () => {
  test.each<[string, Json, string]>([
    ["inMeeting.chat", true, "on"],
    ["inMeeting.chat", false, "off"],
    ["inMeeting.chat", null, "none"],
    ["scheduleMeeting.audioType", "THIRD_PARTY", "Third party"],
    ["scheduleMeeting.audioType", "VOIP", "VoIP"],
    ["scheduleMeeting.audioType", "NEWER_THAN_THIS", "Newer than this"],
    ["meetingSecurity.encryptionType", "E2EE", "E2EE"],
    ["inMeeting.dataCenterRegions", ["AU", "US"], "AU, US"],
    ["inMeeting.dataCenterRegions", [], "none"],
    ["scheduleMeeting.pmiPassword", "AB", "AB"],
    ["scheduleMeeting.pmiPassword", "", "empty"],
  ])("%s: %j is %s", (id, value, text) => {
    const [setting] = settingsOf(id);
    expect(setting && valueText(setting, value)).toBe(text);
  });
});

test("what is not known is said as what it is, and never as off", () => {
  const [chat] = settingsOf("inMeeting.chat");
  const states = Object.keys(stateWords).filter((state) => state !== "value" && state !== "stale");
  const texts = [undefined, ...states.map((state) => cell(state as Cell["state"]))].map(
    (one) => chat && cellText(chat, one),
  );
  expect(new Set(texts).size).toBe(states.length + 1);
  for (const text of texts) expect(text).not.toMatch(/^(on|off|none)?$/);
  expect(chat && cellText(chat, { state: "value", value: false, staleSince: "2026-01-01T00:00:00Z" })).toBe(
    "off (stale)",
  );
});
