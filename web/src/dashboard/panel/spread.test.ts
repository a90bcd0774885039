import { describe, expect, test } from "vitest";
import type { Board } from "../model/board";
import { type Cell, type CellState, cell } from "../model/cell";
import { boardOf, crowd, settingsOf } from "../model/fake";
import { spread, spreadByGroup } from "./spread";

const [chat, audio, password] = settingsOf(
  "inMeeting.chat",
  "scheduleMeeting.audioType",
  "scheduleMeeting.pmiPassword",
) as [
  ReturnType<typeof settingsOf>[number],
  ReturnType<typeof settingsOf>[number],
  ReturnType<typeof settingsOf>[number],
];

/** A board on which each person has that cell of a setting, and is in those groups. */
function board(setting: { id: string }, cells: (Cell | undefined)[], groups: string[][] = []): Board {
  const made = boardOf(crowd(cells.length).map((person, i) => ({ ...person, groupIds: groups[i] ?? [] })));
  cells.forEach((one, row) => {
    made.setCell(row, setting.id, one);
  });
  return made;
}

const rowsOf = (of: Board) => [...of.people.keys()];
const is = (...values: (boolean | string)[]) => values.map((value) => cell("value", value));
const none = (...states: (CellState | undefined)[]) => states.map((state) => state && cell(state));

describe("how values are spread", () => {
  test.each<[string, { id: string }, (Cell | undefined)[], [string, number][]]>([
    ["nobody", chat, [], []],
    [
      "on stands before off, whichever is commoner",
      chat,
      is(false, false, true),
      [
        ["on", 1],
        ["off", 2],
      ],
    ],
    [
      "an enum stands in the schema's order",
      audio,
      is("VOIP", "VOIP", "TELEPHONY", "BOTH"),
      [
        ["Both", 1],
        ["Telephony", 1],
        ["VoIP", 2],
      ],
    ],
    [
      "of texts the commonest is first",
      password,
      is("a", "b", "b"),
      [
        ["b", 2],
        ["a", 1],
      ],
    ],
    [
      "what is none is none, never off, and stands behind what is",
      chat,
      [...none("absent", "absent", "pending", undefined, "withheld"), ...is(false)],
      [
        ["off", 1],
        ["absent", 2],
        ["invitation pending", 1],
        ["not asked yet", 1],
        ["withheld", 1],
      ],
    ],
    [
      "an old value says so",
      chat,
      [...is(true), { state: "value", value: true, staleSince: "2026-01-01T00:00:00Z" }],
      [
        ["on", 1],
        ["on (stale)", 1],
      ],
    ],
  ])("%s", (_, { id }, cells, wanted) => {
    const [setting] = settingsOf(id);
    const made = board({ id }, cells);
    const found = setting ? spread(made, rowsOf(made), setting) : [];
    expect(found.map(({ name, count }) => [name, count])).toEqual(wanted);
    for (const { name, cell: one } of found) expect(one === undefined).toBe(name === "not asked yet");
  });

  test("of the rows that are shown only", () => {
    const made = board(chat, is(true, false, true));
    expect(spread(made, [0, 2], chat).map(({ name, count }) => [name, count])).toEqual([["on", 2]]);
  });
});

describe("how groups differ", () => {
  test("people of several groups count in each, those of none together, and the largest group is first", () => {
    const made = board(chat, is(true, false, false, true), [["g1"], ["g1", "g2"], ["g1"], []]);
    const { values, groups } = spreadByGroup(made, rowsOf(made), chat);
    expect(values.map(({ name }) => name)).toEqual(["on", "off"]);
    expect(groups).toEqual([
      { id: "g1", counts: [1, 2] },
      { id: "g2", counts: [0, 1] },
      { id: "", counts: [1, 0] },
    ]);
  });

  test("with the five commonest values, in the order of the spread", () => {
    const made = board(password, is("a", "b", "b", "c", "c", "d", "d", "e", "e", "f", "f"));
    const { values, groups } = spreadByGroup(made, rowsOf(made), password);
    expect(values.map(({ name }) => name)).toEqual(["b", "c", "d", "e", "f"]);
    expect(groups).toEqual([{ id: "", counts: [2, 2, 2, 2, 2] }]);
  });

  test("a rare value keeps its place before a commoner one", () => {
    const made = board(audio, is("VOIP", "VOIP", "BOTH"));
    expect(spreadByGroup(made, rowsOf(made), audio).values.map(({ name }) => name)).toEqual(["Both", "VoIP"]);
  });
});
