import { expect, test } from "vitest";
import type { Json } from "../model/catalogue";
import { settingsOf } from "../model/fake";
import { mismatch } from "../model/policy";
import { firstValue } from "./editor";

test.each<[string, Json]>([
  ["inMeeting.chat", false],
  ["scheduleMeeting.audioType", "VOIP"],
  ["recording.autoDeleteCmrDays", 30],
  ["scheduleMeeting.pmiPassword", "1"],
])("%s begins with what is known; where nothing is, with nothing that could be sent by a slip", (id, known) => {
  const [setting] = settingsOf(id);
  if (!setting) throw new Error(id);
  expect(firstValue(setting, known)).toBe(known);
  expect(mismatch(setting, firstValue(setting, undefined))).toBeDefined();
});

test("a list begins empty", () => {
  const [regions] = settingsOf("inMeeting.dataCenterRegions");
  expect(regions && firstValue(regions, undefined)).toEqual([]);
  expect(regions && firstValue(regions, ["US"])).toEqual(["US"]);
});
