import { describe, expect, test } from "vitest";
import type { Answer, Explanation, Problem } from "./ask";
import type { Setting } from "./catalogue";
import { cell } from "./cell";
import { settingsOf, trouble } from "./fake";
import { Reading, type Said } from "./reading";

const [chat, audio, password, list] = settingsOf(
  "inMeeting.chat",
  "scheduleMeeting.audioType",
  "scheduleMeeting.pmiPassword",
  "meetingSecurity.autoSecurity",
) as [Setting, Setting, Setting, Setting];

const at = (setting: Setting, person = 0) => [`u${person}`, "settings", ...setting.path];

function reading(settings: unknown, problems: Problem[] = [], zoom: Explanation = {}): Reading {
  const answer: Answer<Record<string, { settings: unknown } | null>> = { data: { u0: { settings } }, problems, zoom };
  return new Reading(answer);
}

const none = { inMeeting: { chat: null }, scheduleMeeting: { audioType: null, pmiPassword: null } };
const full = Array.from({ length: 100 }, (_, i) => ({ path: ["u1", i], reason: "NOT_IN_RESPONSE" }));
const leftOut = trouble("INTERNAL", undefined, { leftOut: 3 });

test.each<[string, Reading, Setting, Said]>([
  ["a value", reading({ inMeeting: { chat: false } }), chat, { cell: cell("value", false) }],
  [
    "absent",
    reading(none, [], { absent: [{ path: at(chat), reason: "NOT_IN_RESPONSE" }] }),
    chat,
    { cell: cell("absent") },
  ],
  [
    "a section that is absent",
    reading({ inMeeting: null }, [], {
      absent: [{ path: ["u0", "settings", "inMeeting"], reason: "NOT_IN_RESPONSE" }],
    }),
    chat,
    { cell: cell("absent") },
  ],
  [
    "in another view",
    reading({ inMeeting: null }, [], { absent: [{ path: ["u0", "settings", "inMeeting"], reason: "NOT_IN_VIEW" }] }),
    chat,
    { cell: cell("notInView") },
  ],
  [
    "an unknown value",
    reading(none, [], { absent: [{ path: at(audio), reason: "UNKNOWN_VALUE" }] }),
    audio,
    { cell: cell("unknown") },
  ],
  [
    "a list with an unknown value",
    reading({ meetingSecurity: { autoSecurity: [null, 1] } }, [], {
      absent: [{ path: [...at(list), 0], reason: "UNKNOWN_VALUE" }],
    }),
    list,
    { cell: cell("unknown") },
  ],
  ["absent without a reason", reading(none), chat, { cell: cell("absent") }],
  [
    "no reason, since there was no room: no enum may be unknown there",
    reading(none, [], { absent: full }),
    chat,
    { cell: cell("absent") },
  ],
  ["no reason, since there was no room: an enum may", reading(none, [], { absent: full }), audio, { unclear: true }],
  ["no problem, since there was no room", reading(none, [leftOut]), chat, { unclear: true }],
  [
    "no problem, since there was no room, but a reason",
    reading(none, [leftOut], { absent: [{ path: at(chat), reason: "NOT_IN_RESPONSE" }] }),
    chat,
    { cell: cell("absent") },
  ],
  ["a secret", reading(none, [trouble("FORBIDDEN", at(password))]), password, { cell: cell("withheld") }],
  [
    "a secret of many, which had no room",
    reading(none, [trouble("FORBIDDEN", at(password, 7)), leftOut]),
    password,
    { cell: cell("withheld") },
  ],
  [
    "withheld in a reason",
    reading(none, [], { absent: [{ path: at(password), reason: "WITHHELD" }] }),
    password,
    { cell: cell("withheld") },
  ],
  [
    "stale",
    reading({ inMeeting: { chat: true } }, [], { stale: [{ path: ["u0", "settings"], asOf: "2024" }] }),
    chat,
    { cell: { state: "value", value: true, staleSince: "2024" } },
  ],
  [
    "somebody else's is stale",
    reading({ inMeeting: { chat: true } }, [], { stale: [{ path: ["u00", "settings"], asOf: "2024" }] }),
    chat,
    { cell: cell("value", true) },
  ],
  [
    "limited",
    reading(null, [trouble("RATE_LIMITED", ["u0", "settings"])]),
    chat,
    { passing: expect.objectContaining({ code: "RATE_LIMITED" }) },
  ],
  [
    "a section that failed",
    reading({ inMeeting: null }, [trouble("UPSTREAM_TIMEOUT", ["u0", "settings", "inMeeting"])]),
    chat,
    { passing: expect.objectContaining({ code: "UPSTREAM_TIMEOUT" }) },
  ],
  ["pending", reading(null, [trouble("INVITATION_PENDING", ["u0", "settings"])]), chat, { cell: cell("pending") }],
  [
    "nobody",
    reading(null, [trouble("NOT_FOUND", ["u0", "settings"], { hint: "look" })]),
    chat,
    { cell: { state: "error", message: "not_found; look" } },
  ],
  [
    "forbidden to all",
    reading(null, [trouble("FORBIDDEN", ["u0", "settings"])]),
    chat,
    { cell: { state: "error", message: "forbidden" } },
  ],
  [
    "a value that does not fit",
    reading(none, [trouble("UPSTREAM_INVALID_RESPONSE", at(chat))]),
    chat,
    { cell: { state: "error", message: "upstream_invalid_response" } },
  ],
  [
    "what everybody will meet",
    reading(null, [trouble("SCOPE_MISSING", ["u0", "settings"])]),
    chat,
    { cell: { state: "error", message: "scope_missing" }, general: expect.objectContaining({ code: "SCOPE_MISSING" }) },
  ],
  [
    "no settings and no word",
    reading(null),
    chat,
    { cell: { state: "error", message: "the service said nothing about this person" } },
  ],
])("%s", (_, read, setting, said) => {
  expect(read.of(0, setting)).toEqual(said);
});

describe("sorting out", () => {
  test("puts what is known, and groups what is to be asked again by what and why", () => {
    const answer: Answer<Record<string, { settings: unknown } | null>> = {
      data: {
        u0: { settings: { inMeeting: { chat: true }, scheduleMeeting: { audioType: "BOTH" } } },
        u1: { settings: null },
        u2: { settings: null },
        u3: { settings: { inMeeting: null, scheduleMeeting: { audioType: "BOTH" } } },
      },
      problems: [
        trouble("RATE_LIMITED", ["u1", "settings"], { retryAt: 5 }),
        trouble("RATE_LIMITED", ["u2", "settings"], { retryAt: 9 }),
        trouble("UPSTREAM_TIMEOUT", ["u3", "settings", "inMeeting"]),
      ],
      zoom: {},
    };
    const put: string[] = [];
    const rest = new Reading(answer).sortOut([10, 11, 12, 13], [chat, audio], (row, { id }, { value }) =>
      put.push(`${row} ${id} ${value}`),
    );
    expect(put).toEqual([`10 ${chat.id} true`, `10 ${audio.id} BOTH`, `13 ${audio.id} BOTH`]);
    expect(rest).toMatchObject({
      answered: true,
      unclear: [],
      again: [
        { rows: [11, 12], settings: [chat, audio], problem: { code: "RATE_LIMITED", retryAt: 9 } },
        { rows: [13], settings: [chat], problem: { code: "UPSTREAM_TIMEOUT" } },
      ],
    });
  });

  test("without data is the same for all", () => {
    const answer = { data: null, problems: [trouble("OFFLINE")], zoom: {} };
    const rest = new Reading(answer).sortOut([1, 2], [chat], () => expect.unreachable());
    expect(rest).toMatchObject({ answered: false, again: [{ rows: [1, 2], settings: [chat] }] });
  });
});
