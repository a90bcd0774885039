import { describe, expect, test } from "vitest";
import { settings } from "./catalogue";
import { doubtText, type Effective, effectiveName, effectivePath, type Step, sourceText, stepText } from "./effective";
import { settingsOf } from "./fake";
import { namesOfTheService } from "./table";

describe("the name that is asked for", () => {
  const known = namesOfTheService();

  test.each(settings.map((setting) => [setting.id, setting] as const))(
    "of %s is one of the service's",
    (_, setting) => {
      const name = effectiveName(setting);
      expect(known).toContain(name);
      expect(name.split(".").at(-1)).toBe(setting.name);
      expect([name, ...effectivePath(setting)].join(".")).toBe(setting.zoom);
    },
  );

  test.each([
    ["inMeeting.waitingRoom", "in_meeting.waiting_room", []],
    ["inMeeting.webinarChat.enable", "in_meeting.webinar_chat", ["enable"]],
    [
      "audioConferencing.tollFreeAndFeeBasedTollCall.enable",
      "audio_conferencing.toll_free_and_fee_based_toll_call",
      ["enable"],
    ],
    ["meetingSecurity.meetingPasswordRequirement.length", "meeting_security.meeting_password_requirement", ["length"]],
    // These views' answers have no sections.
    ["meetingAuthentication.allowAuthenticationException", "allow_authentication_exception", []],
    ["recordingAuthentication.recordingAuthentication", "recording_authentication", []],
  ])("of %s is %s", (id, name, path) => {
    const [setting] = settingsOf(id);
    expect(setting && effectiveName(setting)).toBe(name);
    expect(setting && effectivePath(setting)).toEqual(path);
  });
});

const sales = { id: "1", name: "Sales" };
const support = { id: "2", name: "Support" };

test.each<[Partial<Effective>, string]>([
  [{ source: "USER" }, "the person’s own setting"],
  [{ source: "GROUP", group: sales }, "the group Sales"],
  [{ source: "GROUP" }, "a group"],
  [
    { source: "GROUP", group: sales, lockedBy: "GROUP", lockedByGroup: sales },
    "the group Sales, locked by the group Sales",
  ],
  [{ source: "GROUP", lockedBy: "GROUP" }, "a group, locked by a group"],
  [{ source: "ACCOUNT", lockedBy: "ACCOUNT" }, "the account, locked by the account"],
  [{ source: "DEFAULT" }, "Zoom’s default"],
])("%j is said", (of, text) => {
  expect(sourceText({ group: null, lockedBy: null, lockedByGroup: null, ...of } as Effective)).toBe(text);
});

test.each<[Effective["reason"], RegExp | undefined]>([
  [null, undefined],
  ["GROUP_MODEL_UNDECLARED", /group_model/],
  ["GROUP_RANK_UNDECLARED", /group_ranks/],
  ["LOCKS_DIFFER", /lock it differently/],
  ["VALUES_WITHHELD", /may not see secrets/],
])("%s is said", (reason, text) => {
  const said = doubtText({ reason });
  if (text) expect(said).toMatch(text);
  else expect(said).toBeUndefined();
});

test.each<[Partial<Step>, string | undefined, string]>([
  [{ level: "ACCOUNT", locked: false, decides: false }, "on", "The account: on"],
  [{ level: "ACCOUNT", locked: true, decides: true }, "on", "The account: on, locks it, decides"],
  [{ level: "GROUP", group: sales, locked: false, decides: false }, undefined, "The group Sales: says nothing"],
  [
    { level: "GROUP", group: support, locked: true, decides: null },
    "off",
    "The group Support: off, locks it, may decide",
  ],
  [
    { level: "GROUP", group: support, locked: true, rank: 2, manages: false, decides: false },
    "off",
    "The group Support: off, rank 2, locks it, does not manage it",
  ],
  [{ level: "USER", decides: true }, "off", "Zoom’s answer for the person: off, decides"],
  [{ level: "USER", decides: null }, "off", "Zoom’s answer for the person: off"],
])("the step %j is said", (step, value, text) => {
  expect(stepText({ group: null, rank: null, manages: null, locked: null, ...step } as Step, value)).toBe(text);
});
