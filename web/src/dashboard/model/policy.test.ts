import { describe, expect, test } from "vitest";
import { readAddress } from "./address";
import { type Json, settings } from "./catalogue";
import { cell } from "./cell";
import { sample, settingsOf } from "./fake";
import { deviates, deviations, mismatch, noPolicy, policyText, readPolicy, withValue } from "./policy";

describe("written and read", () => {
  test.each(settings.map((setting) => [setting.id, setting] as const))("%s", (id, setting) => {
    const values: Json[] = setting.values && !setting.list ? setting.values.map(({ name }) => name) : [sample(setting)];
    if (setting.list) values.push([]);
    for (const value of values) {
      const { policy, problems } = readPolicy(policyText(new Map([[id, value]])));
      expect(problems).toEqual([]);
      expect([...policy]).toEqual([[id, value]]);
    }
  });

  test("all at once, in Zoom's form and in the schema's", () => {
    const all = new Map(settings.map((setting) => [setting.id, sample(setting)]));
    expect(readPolicy(policyText(all))).toEqual({ policy: all, problems: [] });
    expect(JSON.parse(policyText(all)).in_meeting.waiting_room).toBe(true);
    expect(readPolicy('{"inMeeting": {"waitingRoom": false}}').policy).toEqual(
      new Map([["inMeeting.waitingRoom", false]]),
    );
  });

  test.each([
    ["{", /^This is not JSON: /, 0],
    ["[]", /^A policy is an object/, 0],
    ["null", /^A policy is an object/, 0],
    ["{}", /has no settings/, 0],
    ['{"in_meeting": {"waiting_rom": true, "chat": true}}', /^in_meeting\.waiting_rom: there is no setting/, 1],
    ['{"in_meeting": {"waiting_room": "yes", "chat": true}}', /^in_meeting\.waiting_room: true or false/, 1],
    ['{"schedule_meeting": {"audio_type": "smoke"}}', /^schedule_meeting\.audio_type: one of both, /, 0],
    ['{"__proto__": {"a": 1}}', /^__proto__\.a: there is no setting/, 0],
    [`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`, /there is no setting/, 0],
  ])("what is wrong is said, and the rest is taken: %.60s", (text, problem, taken) => {
    const { policy, problems } = readPolicy(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
    expect(policy.size).toBe(taken);
  });
});

test.each<[string, Json, RegExp | undefined]>([
  ["inMeeting.chat", true, undefined],
  ["inMeeting.chat", "true", /true or false/],
  ["inMeeting.chat", null, /true or false/],
  ["recording.autoDeleteCmrDays", 3, undefined],
  ["recording.autoDeleteCmrDays", 3.5, /whole number/],
  ["recording.autoDeleteCmrDays", "3", /whole number/],
  ["scheduleMeeting.audioType", "BOTH", undefined],
  ["scheduleMeeting.audioType", "both", /one of both/],
  ["scheduleMeeting.pmiPassword", "x", undefined],
  ["scheduleMeeting.pmiPassword", 1, /text/],
])("%s cannot be %j: %s", (id, value, problem) => {
  const found = mismatch(settingsOf(id)[0] as (typeof settings)[number], value);
  if (problem) expect(found).toMatch(problem);
  else expect(found).toBeUndefined();
});

describe("a value spelled as another kind of JSON", () => {
  const column = (id: string) => settingsOf(id)[0] as (typeof settings)[number];

  test.each<[string, string, Json]>([
    ["recording.autoDeleteCmrDays", '"30"', 30],
    ["recording.autoDeleteCmrDays", "30.0", 30],
    ["recording.autoDeleteCmrDays", '"3e1"', 30],
    ["recording.autoDeleteCmrDays", '"-0"', 0],
    ["inMeeting.waitingRoom", '"true"', true],
    ["inMeeting.waitingRoom", '"false"', false],
    ["inMeeting.allowParticipantsChatWith", '"2"', "HOST_AND_CO_HOSTS"],
    ["inMeeting.allowParticipantsChatWith", "2.0", "HOST_AND_CO_HOSTS"],
    ["scheduleMeeting.pmiPassword", "123456", "123456"],
    ["feature.zoomEventsUnlimitedCapacities", '["100", 500.0]', [100, 500]],
  ])("%s: %s is read by its type, and nobody deviates from it who has that", (id, text, value) => {
    const names = column(id).zoom.split(".");
    const { policy, problems } = readPolicy(`{"${names[0]}": {"${names[1]}": ${text}}}`);
    expect(problems).toEqual([]);
    expect([...policy]).toEqual([[id, value]]);
    expect(deviates(policy, id, cell("value", value))).toBe(false);
    const search = new URLSearchParams({ policy: `{"${id}": ${text}}` });
    expect([...readAddress(`?${search}`).policy]).toEqual([[id, value]]);
  });

  test.each<[string, string]>([
    ["recording.autoDeleteCmrDays", '" 30"'],
    ["recording.autoDeleteCmrDays", '"030"'],
    ["recording.autoDeleteCmrDays", '"+30"'],
    ["recording.autoDeleteCmrDays", '"0x1e"'],
    ["recording.autoDeleteCmrDays", '"1,000"'],
    ["recording.autoDeleteCmrDays", '""'],
    ["recording.autoDeleteCmrDays", "true"],
    ["recording.autoDeleteCmrDays", "3000000000"],
    ["recording.autoDeleteCmrDays", '"1e400"'],
    ["inMeeting.waitingRoom", '"True"'],
    ["inMeeting.waitingRoom", '"yes"'],
    ["inMeeting.waitingRoom", "1"],
    ["inMeeting.waitingRoom", "0"],
    ["inMeeting.allowParticipantsChatWith", '" 2"'],
    ["inMeeting.allowParticipantsChatWith", '"02"'],
    ["scheduleMeeting.pmiPassword", "true"],
    ["feature.zoomEventsUnlimitedCapacities", '["100", "many"]'],
  ])("%s: %s is nothing that it can have", (id, text) => {
    const names = column(id).zoom.split(".");
    const { policy, problems } = readPolicy(`{"${names[0]}": {"${names[1]}": ${text}}}`);
    expect(problems).toHaveLength(1);
    expect(policy.size).toBe(0);
  });
});

test("a list is a list of what it holds", () => {
  const list = settings.find((setting) => setting.list && setting.kind === "String") as (typeof settings)[number];
  expect(mismatch(list, ["a", "b"])).toBeUndefined();
  expect(mismatch(list, "a")).toMatch(/list/);
  expect(mismatch(list, ["a", 1])).toMatch(/text/);
  expect(mismatch(list, [["a"]])).toMatch(/text/);
});

describe("deviations", () => {
  const policy = new Map<string, Json>([
    ["a", true],
    ["b", ["x", "y"]],
    ["c", false],
  ]);

  test.each([
    ["a", cell("value", true), false],
    ["a", cell("value", false), true],
    ["b", cell("value", ["x", "y"]), false],
    ["b", cell("value", ["x"]), true],
    ["c", cell("absent"), false], // absent is not false, and is not known to be anything else
    ["c", cell("loading"), false],
    ["c", cell("withheld"), false],
    ["c", undefined, false],
    ["d", cell("value", 1), false],
  ])("%s %j: %s", (setting, of, wanted) => {
    expect(deviates(policy, setting, of)).toBe(wanted);
  });

  test("are counted", () => {
    expect(deviations(policy, (setting) => cell("value", setting === "c"))).toBe(3);
    expect(deviations(noPolicy, () => cell("value", true))).toBe(0);
  });

  test("a policy with a value is another one", () => {
    const more = withValue(policy, "d", 1);
    expect([policy.has("d"), more.get("d"), withValue(more, "d", undefined)]).toEqual([false, 1, policy]);
  });
});
