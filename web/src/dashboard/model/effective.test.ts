import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { settings } from "./catalogue";
import { type Effective, effectiveName, effectivePath, sourceText } from "./effective";
import { settingsOf } from "./fake";

describe("the name that is asked for", () => {
  // The service refuses names that are not in this table.
  const table = readFileSync(resolve(import.meta.dirname, "../../../../graph/settings.gen.go"), "utf8");
  const known = new Set(
    [...table.matchAll(/\{(?:Section: "(\w+)", )?Name: "(\w+)"/g)].map(([, section, name]) =>
      section ? `${section}.${name}` : name,
    ),
  );

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

test.each<[Pick<Effective, "source" | "lockedBy">, string]>([
  [{ source: "USER", lockedBy: null }, "the person’s own setting"],
  [{ source: "GROUP", lockedBy: null }, "the group"],
  [{ source: "GROUP", lockedBy: "GROUP" }, "the group, locked by the group"],
  [{ source: "ACCOUNT", lockedBy: "ACCOUNT" }, "the account, locked by the account"],
  [{ source: "DEFAULT", lockedBy: null }, "Zoom’s default"],
])("%j is said", (of, text) => {
  expect(sourceText(of as Effective)).toBe(text);
});
