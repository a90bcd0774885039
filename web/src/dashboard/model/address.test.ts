import { describe, expect, test } from "vitest";
import { firstView, maxColumns, readAddress, type Sort, type View, writeAddress } from "./address";
import type { Status } from "./board";
import { settings } from "./catalogue";
import { sample } from "./fake";

/** Numbers that are the same in each run (mulberry32), below n. */
function dice(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

const texts = ["", "a", "Ä & Ö", "a,b", "100%", "%2C", "x=y&z", "+", "#?", "“quoted”", "𝄞", "a b  c", "__proto__"];

function randomView(roll: (n: number) => number): View {
  const pick = <T>(of: readonly T[], n: number) => [
    ...new Set(Array.from({ length: n }, () => of[roll(of.length)] as T)),
  ];
  const some = () => pick(texts, roll(4));
  const setting = () => settings[roll(settings.length)]?.id ?? "";
  const by = (["zoom", "name", "deviations", { setting: setting() }] as Sort["by"][])[roll(4)] ?? "zoom";
  const policy = new Map(pick(settings, roll(6)).map((one) => [one.id, sample(one)]));
  const statuses: Status[] = (["ACTIVE", "INACTIVE", "PENDING"] as const).filter(() => roll(2) === 0);
  return {
    columns: pick(settings, roll(maxColumns)).map(({ id }) => id),
    statuses: statuses.length > 0 ? statuses : ["PENDING"],
    groups: some(),
    roles: some(),
    depts: some(),
    search: texts[roll(texts.length)] ?? "",
    sort: { by, descending: roll(2) === 0 },
    policy,
    deviating: policy.size > 0 && roll(2) === 0,
    table: roll(2) === 0,
    person: texts[roll(texts.length)] || null,
    setting: roll(2) === 0 ? setting() : null,
  };
}

test("the first view has no query string", () => {
  expect(writeAddress(firstView)).toBe("");
  expect(readAddress("")).toEqual(firstView);
});

test("any view is read as it was written", () => {
  const roll = dice(20240229);
  for (let i = 0; i < 500; i++) {
    const view = randomView(roll);
    const query = writeAddress(view);
    expect(readAddress(query), query).toEqual(view);
    expect(readAddress(new URL(query, "http://localhost/").search), query).toEqual(view); // as a browser keeps it
  }
});

test.each<[string, Partial<View>]>([
  ["columns=in_meeting.waiting_room,inMeeting.waitingRoom,gone", { columns: ["inMeeting.waitingRoom"] }],
  ["columns=gone", { columns: firstView.columns }],
  ["columns=", { columns: [] }],
  ["only=deviating", { deviating: false }],
  ['only=deviating&policy={"inMeeting.chat":"gone"}', { deviating: false }],
  ['only=deviating&policy={"inMeeting.chat":true}', { deviating: true, policy: new Map([["inMeeting.chat", true]]) }],
  ["status=NONE", { statuses: ["ACTIVE"] }],
  ["status=PENDING&status=ACTIVE&status=ACTIVE", { statuses: ["ACTIVE", "PENDING"] }],
  ["sort=-gone", { sort: { by: "zoom", descending: true } }],
  ["sort=-in_meeting.chat", { sort: { by: { setting: "inMeeting.chat" }, descending: true } }],
  ["setting=gone&person=", { setting: null, person: null }],
  [
    'policy={"inMeeting.chat":"on","in_meeting.waiting_room":false,"gone":1}',
    { policy: new Map([["inMeeting.waitingRoom", false]]) },
  ],
  ["policy={", { policy: new Map() }],
  ["policy=[1]", { policy: new Map() }],
  ["policy=null", { policy: new Map() }],
])("%s", (query, wanted) => {
  expect(readAddress(`?${query}`)).toEqual({ ...firstView, ...wanted });
});

describe("hostile query strings", () => {
  test("have at most so many columns", () => {
    const all = settings.map(({ id }) => id).join();
    expect(readAddress(`?columns=${all}`).columns).toHaveLength(maxColumns);
  });

  test("never throw, and make a view that is written and read", () => {
    const roll = dice(7);
    const parts = [
      "columns",
      "status",
      "group",
      "sort",
      "policy",
      "setting",
      "=",
      "&",
      "%",
      "%zz",
      "\ud800",
      "-",
      ",",
      '{"',
      "[",
      "__proto__",
      "constructor",
      "\0",
      "inMeeting.chat",
      "?",
      "}",
      ":",
      "null",
    ];
    for (let i = 0; i < 2000; i++) {
      const query = Array.from({ length: roll(15) }, () => parts[roll(parts.length)]).join("");
      const view = readAddress(query);
      expect(readAddress(writeAddress(view)), query).toEqual(view);
    }
    for (const long of [`policy=${"[".repeat(1e5)}`, `group=${"x".repeat(1e6)}`, "columns=,".repeat(1e4)])
      readAddress(long);
  });
});
