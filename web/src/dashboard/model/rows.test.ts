import { describe, expect, test } from "vitest";
import { firstView, type View } from "./address";
import type { Board, Person } from "./board";
import type { Json } from "./catalogue";
import { cell } from "./cell";
import { boardOf } from "./fake";
import { facetValues, nameOf, rowsKey, rowsOf } from "./rows";

const chat = "inMeeting.chat";
const days = "recording.autoDeleteCmrDays";

// Name, status, department, role, groups, chat and days.
const table: [string, Person["status"], string, string, string[], Json?, Json?][] = [
  ["Émile 10", "ACTIVE", "IT", "1", ["g1"], true, 30],
  ["ada", "ACTIVE", "IT", "2", ["g1", "g2"], false, 7],
  ["Émile 9", "ACTIVE", "", "2", [], true],
  ["Bob", "INACTIVE", "Sales", "2", ["g2"], false, 100],
  ["Zoë", "ACTIVE", "Sales", "", ["g2"], undefined, 7],
];

function board(): Board {
  const made = boardOf(
    table.map(([name, status, dept, roleId, groupIds], i) => ({
      id: `u${i}`,
      name,
      email: `${i}@example.com`,
      dept,
      roleId,
      groupIds,
      status,
    })),
  );
  made.setGroups([{ id: "g1", name: "Engineering" }]);
  made.setRoles([{ id: "1", name: "Admin" }]);
  table.forEach(([, , , , , on, n], row) => {
    made.setCell(row, chat, on === undefined ? cell("absent") : cell("value", on));
    if (n !== undefined) made.setCell(row, days, cell("value", n));
  });
  return made;
}

const everyone: View = { ...firstView, statuses: ["ACTIVE", "INACTIVE", "PENDING"] };
const policy = new Map<string, Json>([
  [chat, true],
  [days, 30],
]);

test.each<[string, Partial<View>, number[]]>([
  ["everyone, in Zoom's order", {}, [0, 1, 2, 3, 4]],
  ["a status", { statuses: ["INACTIVE"] }, [3]],
  ["no status", { statuses: [] }, []],
  ["a word of the name, in any case", { search: "ADA" }, [1]],
  ["words of name and address", { search: "0@example émile" }, [0]],
  ["a group", { groups: ["g2"] }, [1, 3, 4]],
  ["two groups", { groups: ["g1", "g2"] }, [0, 1, 3, 4]],
  ["no group", { groups: [""] }, [2]],
  ["a department and a role", { depts: ["IT", ""], roles: ["2"] }, [1, 2]],
  ["no department", { depts: [""] }, [2]],
  ["who deviates", { policy, deviating: true }, [1, 3, 4]],
  ["nobody deviates from nothing", { deviating: true }, []],
  ["Zoom's order, from the end", { sort: { by: "zoom", descending: true } }, [4, 3, 2, 1, 0]],
  ["by name, as people sort", { sort: { by: "name", descending: false } }, [1, 3, 2, 0, 4]],
  ["by name, from the end", { sort: { by: "name", descending: true } }, [4, 0, 2, 3, 1]],
  ["by deviations, alike in Zoom's order", { policy, sort: { by: "deviations", descending: true } }, [1, 3, 4, 0, 2]],
  ["by numbers as numbers, absent last", { sort: { by: { setting: days }, descending: false } }, [1, 4, 0, 3, 2]],
  ["by numbers from the largest, absent last", { sort: { by: { setting: days }, descending: true } }, [3, 0, 1, 4, 2]],
  ["by a switch, alike in Zoom's order", { sort: { by: { setting: chat }, descending: false } }, [1, 3, 0, 2, 4]],
  ["by a switch, from the end, absent last", { sort: { by: { setting: chat }, descending: true } }, [0, 2, 1, 3, 4]],
])("%s", (_, view, wanted) => {
  expect(rowsOf(board(), { ...everyone, ...view })).toEqual(wanted);
});

describe("facets", () => {
  const counts = (view: Partial<View>, facet: "groups" | "roles" | "depts") =>
    facetValues(board(), { ...everyone, ...view }, facet).map(({ name, count, chosen }) => [name, count, chosen]);

  test.each<[string, Partial<View>, "groups" | "roles" | "depts", [string, number, boolean][]]>([
    [
      "count people, most first",
      {},
      "groups",
      [
        ["g2", 3, false],
        ["Engineering", 2, false],
        ["no group", 1, false],
      ],
    ],
    [
      "leave their own choice out of account",
      { groups: ["g1"] },
      "groups",
      [
        ["g2", 3, false],
        ["Engineering", 2, true],
        ["no group", 1, false],
      ],
    ],
    [
      "count those whom other filters leave, and move nobody else away",
      { groups: ["g2"], statuses: ["ACTIVE"] },
      "depts",
      [
        ["IT", 1, false],
        ["Sales", 1, false],
        ["no department", 0, false],
      ],
    ],
    [
      "keep what is chosen though nobody has it",
      { depts: ["Gone"], statuses: ["INACTIVE"] },
      "depts",
      [
        ["IT", 0, false],
        ["Sales", 1, false],
        ["no department", 0, false],
        ["Gone", 0, true],
      ],
    ],
    [
      "name what has no name by its id",
      {},
      "roles",
      [
        ["2", 3, false],
        ["Admin", 1, false],
        ["no role", 1, false],
      ],
    ],
  ])("%s", (_, view, facet, wanted) => {
    expect(counts(view, facet)).toEqual(wanted);
  });

  test("a further choice leaves as many people as its count says", () => {
    for (const facet of ["groups", "roles", "depts"] as const) {
      for (const { id, count } of facetValues(board(), everyone, facet)) {
        expect(rowsOf(board(), { ...everyone, [facet]: [id] }), `${facet} ${id}`).toHaveLength(count);
      }
    }
  });

  test("names", () => {
    expect([nameOf(board(), "depts", ""), nameOf(board(), "depts", "IT"), nameOf(board(), "groups", "")]).toEqual([
      "no department",
      "IT",
      "no group",
    ]);
  });
});

describe("what rows are known by", () => {
  const policy = new Map<string, Json>([[chat, true]]);

  test.each<[string, Partial<View>, Partial<View>?]>([
    ["a status", { statuses: ["ACTIVE", "PENDING"] }],
    ["a group", { groups: ["g1"] }],
    ["a role", { roles: ["g1"] }],
    ["a department", { depts: ["g1"] }],
    ["what is searched", { search: "ada" }],
    ["the order", { sort: { by: { setting: chat }, descending: false } }],
    ["its direction", { sort: { by: "zoom", descending: true } }],
    ["deviating people only", { deviating: true }],
    ["the policy from which they deviate", { policy }, { deviating: true }],
    ["the policy by which they are ordered", { policy }, { sort: { by: "deviations", descending: true } }],
  ])("changes with %s", (_, patch, before = {}) => {
    expect(rowsKey({ ...firstView, ...before, ...patch })).not.toBe(rowsKey({ ...firstView, ...before }));
  });

  test.each<[string, Partial<View>]>([
    ["columns", { columns: [chat] }],
    ["what is open", { person: "u1", setting: chat }],
    ["the table", { table: true }],
    ["a policy that only marks", { policy }],
  ])("stays with %s", (_, patch) => {
    expect(rowsKey({ ...firstView, ...patch })).toBe(rowsKey(firstView));
  });
});
