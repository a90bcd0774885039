import { beforeEach, describe, expect, test } from "vitest";
import { firstView, type View } from "./address";
import { Arrangement, Places } from "./arrangement";
import type { Board } from "./board";
import type { Json } from "./catalogue";
import { cell } from "./cell";
import { boardOf, crowd } from "./fake";

const chat = "inMeeting.chat";
const by = (by: View["sort"]["by"], more: Partial<View> = {}): View => ({
  ...firstView,
  sort: { by, descending: false },
  ...more,
});
const policy = new Map<string, Json>([[chat, true]]);

let board: Board;
let arrangement: Arrangement;

const set = (row: number, on: boolean) => board.setCell(row, chat, cell("value", on));

beforeEach(() => {
  board = boardOf(crowd(4));
  [true, false, true, false].forEach((on, row) => {
    set(row, on);
  });
  arrangement = new Arrangement(board);
});

/** What is shown for a view, twice, as a component may be rendered more than once. */
function rows(view: View, settled = true): readonly number[] {
  arrangement.arrange(view, settled);
  arrangement.arrange(view, settled);
  return arrangement.rows;
}

describe("what is there", () => {
  test.each<[string, View, readonly number[], () => void]>([
    ["the values of a setting", by({ setting: chat }), [1, 3, 0, 2], () => set(1, true)],
    ["deviations", by("deviations", { policy }), [0, 2, 1, 3], () => set(0, false)],
    ["names", by("name"), [0, 1, 2, 3], () => board.addPeople([{ ...person(0), name: "Zoë" }])],
  ])("keeps its place when ordered by %s, until asked again", (_, view, wanted, change) => {
    expect(rows(view)).toEqual(wanted);
    expect(arrangement.outdated).toBeUndefined();
    change();
    expect(rows(view)).toEqual(wanted);
    expect(arrangement.outdated).toBe("order");
    arrangement.renew();
    expect(rows(view)).not.toEqual(wanted);
    expect(arrangement.outdated).toBeUndefined();
  });

  test.each<[string, () => View, () => void]>([
    ["deviates no longer", () => by("zoom", { policy, deviating: true }), () => set(1, true)],
    [
      "is of another department",
      () => by("zoom", { depts: ["IT"] }),
      () => board.addPeople([{ ...person(1), dept: "" }]),
    ],
  ])("stays when it no longer fits the filter: it %s", (_, view, change) => {
    board.addPeople([1, 3].map((row) => ({ ...person(row), dept: "IT" })));
    expect(rows(view())).toEqual([1, 3]);
    change();
    expect(rows(view())).toEqual([1, 3]);
    expect(arrangement.outdated).toBe("filter");
    arrangement.renew();
    expect(rows(view())).toEqual([3]);
  });

  test("is put in order when the view asks for another one, and is not outdated by a change that comes back", () => {
    const view = by({ setting: chat });
    rows(view);
    set(0, false);
    expect([rows(view), arrangement.outdated]).toEqual([[1, 3, 0, 2], "order"]);
    set(0, true);
    expect([rows(view), arrangement.outdated]).toEqual([[1, 3, 0, 2], undefined]);
    set(0, false);
    const reversed = { ...view, sort: { ...view.sort, descending: true } };
    expect([rows(reversed), arrangement.outdated]).toEqual([[2, 0, 1, 3], undefined]);
  });

  test.each<[string, View, View, readonly number[], string]>([
    [
      "order",
      by("deviations", { policy }),
      by("deviations", { policy: new Map([[chat, false]]) }),
      [0, 2, 1, 3],
      "order",
    ],
    [
      "filter",
      by("zoom", { policy, deviating: true }),
      by("zoom", { policy: new Map([[chat, false]]), deviating: true }),
      [1, 3, 0, 2],
      "filter",
    ],
  ])("keeps its place when another policy would change the %s", (_, before, after, wanted, outdated) => {
    rows(before);
    expect([rows(after), arrangement.outdated]).toEqual([wanted, outdated]);
    arrangement.renew();
    expect([rows(after), arrangement.outdated]).not.toEqual([wanted, outdated]);
  });

  test("and does not depend on cells is not outdated by them", () => {
    rows(by("name"));
    set(0, false);
    rows(by("name"));
    expect(arrangement.outdated).toBeUndefined();
  });
});

describe("what comes", () => {
  test("stands behind, and is put in order once all is there", () => {
    const view = by("zoom", { sort: { by: "zoom", descending: true } });
    expect(rows(view, false)).toEqual([3, 2, 1, 0]);
    board.addPeople(crowd(2, "ACTIVE", "q"));
    expect(rows(view, false)).toEqual([3, 2, 1, 0, 5, 4]);
    expect(arrangement.outdated).toBeUndefined();
    expect(rows(view)).toEqual([5, 4, 3, 2, 1, 0]);
    board.addPeople(crowd(1, "ACTIVE", "r"));
    expect(rows(view)).toEqual([5, 4, 3, 2, 1, 0, 6]);
    expect(arrangement.outdated).toBe("order");
  });

  test("moves nothing once somebody has begun to use the rows", () => {
    const view = by({ setting: chat });
    expect(rows(view, false)).toEqual([1, 3, 0, 2]);
    arrangement.use();
    set(2, false);
    expect(rows(view)).toEqual([1, 3, 0, 2]);
    expect(arrangement.outdated).toBe("order");
  });

  test("after all cells were forgotten is put in order once they are there", () => {
    const view = by({ setting: chat });
    rows(view);
    board.forgetCells();
    expect(rows(view, false)).toEqual([1, 3, 0, 2]);
    [false, true, true, true].forEach((on, row) => {
      set(row, on);
    });
    expect(rows(view)).toEqual([0, 1, 2, 3]);
    set(1, false);
    expect(rows(view)).toEqual([0, 1, 2, 3]); // and only once
    expect(arrangement.outdated).toBeUndefined(); // 0 and 1 are alike now
    set(3, false);
    rows(view);
    expect(arrangement.outdated).toBe("order");
  });

  test("and fits the filter now stands behind", () => {
    const view = by({ setting: chat }, { policy, deviating: true });
    expect(rows(view)).toEqual([1, 3]);
    set(0, false);
    expect(rows(view)).toEqual([1, 3, 0]);
    expect(arrangement.outdated).toBe("order");
  });
});

test("places are kept, and what is new stands behind", () => {
  const places = new Places();
  const order = (...ids: string[]) => places.order(ids.map((id) => ({ id }))).map(({ id }) => id);
  expect(order("b", "a")).toEqual(["b", "a"]);
  expect(order("c", "a", "b")).toEqual(["b", "a", "c"]);
  expect(order("a", "c")).toEqual(["a", "c"]);
  expect(order("d", "c", "b", "a")).toEqual(["b", "a", "c", "d"]);
});

function person(row: number): Board["people"][0] {
  return board.people[row] as Board["people"][0];
}
