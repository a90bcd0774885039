import { describe, expect, test } from "vitest";
import type { Board } from "../model/board";
import { cell, same } from "../model/cell";
import { boardOf, crowd, settingsOf } from "../model/fake";
import { draw } from "./draw";
import { geometry } from "./geometry";
import { Painter } from "./paint";
import { type Look, type Picture, pictureOf, placeOf, type Shown, type Spot, spotAt } from "./picture";

const columns = settingsOf("inMeeting.chat", "inMeeting.waitingRoom", "scheduleMeeting.hostVideo");
const [chat, waiting] = ["inMeeting.chat", "inMeeting.waitingRoom"] as const;

function boardOfTen(): Board {
  const board = boardOf(crowd(10).map((person, i) => ({ ...person, groupIds: i === 1 ? ["g1", "g2"] : [] })));
  board.setGroups([{ id: "g1", name: "Engineering" }]);
  for (const { id } of columns) for (let row = 0; row < 10; row++) board.setCell(row, id, cell("value", row % 2 === 0));
  return board;
}

const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const labels = columns.map(() => 60);

/** Ten people and three settings in a window that has room for four rows and all columns. */
function scene(more: { shown?: Partial<Shown>; look?: Partial<Look> } = {}): [Shown, Look] {
  const shown = { board: boardOfTen(), policy: new Map(), columns, rows: all, ...more.shown };
  const g = geometry(shown.rows.length, labels.slice(0, shown.columns.length), 800);
  const look: Look = {
    theme: "light",
    scale: 1,
    geometry: g,
    window: { left: 0, top: 0, width: 800, height: g.headerHeight + 4 * g.rowHeight },
    cursor: undefined,
    focused: false,
    ...more.look,
  };
  return [shown, look];
}

describe("a picture", () => {
  test("has the rows in sight, each with whose it is", () => {
    const [shown, look] = scene({ shown: { rows: [9, 7, 5, 3, 1, 0] } });
    const picture = pictureOf(shown, { ...look, window: { ...look.window, top: 34 } });
    expect(picture.firstRow).toBe(1);
    expect(picture.rows.map(({ person, groups }) => [person.id, groups])).toEqual([
      ["p7", ""],
      ["p5", ""],
      ["p3", ""],
      ["p1", "Engineering, g2"],
    ]);
  });

  test("stays as it was while the board goes on", () => {
    const [shown, look] = scene({ shown: { policy: new Map([[chat, true]]) } });
    const picture = pictureOf(shown, look);
    const before = JSON.stringify(picture);
    shown.board.setCell(0, chat, cell("value", false));
    shown.board.setGroups([{ id: "g1", name: "Research" }]);
    shown.board.addPeople([{ ...(crowd(1)[0] as (typeof shown.board.people)[0]), name: "Somebody Else" }]);
    expect(JSON.stringify(picture)).toBe(before);
    expect(same(picture, pictureOf(shown, look))).toBe(false);
  });

  test("is the same as another one where nothing in sight differs", () => {
    const [shown, look] = scene();
    const picture = pictureOf(shown, look);
    shown.board.setCell(9, chat, cell("error")); // below the window
    expect(same(picture, pictureOf({ ...shown, policy: new Map() }, { ...look }))).toBe(true);
  });

  // Whatever an action can change: each makes another picture, so that it is drawn.
  test.each<[string, (shown: Shown, look: Look) => [Shown, Look]]>([
    ["the order", (s, l) => [{ ...s, rows: [...all].reverse() }, l]],
    ["who is shown", (s, l) => [{ ...s, rows: [0, 2, 4, 6, 8] }, l]],
    [
      "one row fewer, below",
      (s, l) => [
        { ...s, rows: all.slice(0, 9) },
        { ...l, geometry: geometry(9, labels, 800) },
      ],
    ],
    ["a policy that marks", (s, l) => [{ ...s, policy: new Map([[chat, true]]) }, l]],
    ["a policy that only pins", (s, l) => [{ ...s, policy: new Map([[chat, "none"]]) }, l]],
    ["the order of columns", (s, l) => [{ ...s, columns: [...columns].reverse() }, l]],
    ["a column less", (s, l) => [{ ...s, columns: columns.slice(1) }, l]],
    ["the theme", (s, l) => [s, { ...l, theme: "dark" }]],
    ["the scale", (s, l) => [s, { ...l, scale: 2 }]],
    ["scrolling by a pixel", (s, l) => [s, { ...l, window: { ...l.window, top: 1 } }]],
    ["the size", (s, l) => [s, { ...l, window: { ...l.window, width: 801 } }]],
    ["the cursor", (s, l) => [s, { ...l, cursor: { person: "p3", setting: chat } }]],
    ["the cursor on a header", (s, l) => [s, { ...l, cursor: { person: null, setting: chat } }]],
    ["the focus", (s, l) => [s, { ...l, focused: true }]],
  ])("is another one after a change of %s", (_, change) => {
    const [shown, look] = scene();
    expect(same(pictureOf(shown, look), pictureOf(...change(shown, look)))).toBe(false);
  });

  test.each<[string, (board: Board) => void]>([
    ["a cell's value", (board) => board.setCell(1, chat, cell("value", true))],
    ["a cell's state", (board) => board.setCell(1, chat, cell("loading"))],
    ["a cell's age", (board) => board.setCell(1, chat, { state: "value", value: false, staleSince: "2024" })],
    ["a person's name", (board) => board.addPeople([{ ...(board.people[1] as Board["people"][0]), name: "New" }])],
    ["a group's name", (board) => board.setGroups([{ id: "g1", name: "Research" }])],
  ])("is another one when the board has %s anew", (_, change) => {
    const [shown, look] = scene();
    const before = pictureOf(shown, look);
    change(shown.board);
    expect(same(before, pictureOf(shown, look))).toBe(false);
  });
});

describe("spots", () => {
  test.each<[string, Spot, { row: number; column: number } | undefined]>([
    ["a cell", { person: "p7", setting: waiting }, { row: 1, column: 1 }],
    ["a person", { person: "p9", setting: null }, { row: 0, column: -1 }],
    ["a setting", { person: null, setting: chat }, { row: -1, column: 0 }],
    ["whom a filter took away", { person: "p2", setting: chat }, undefined],
    ["who is not on the board", { person: "q", setting: null }, undefined],
    ["a column that is not shown", { person: "p7", setting: "inMeeting.fileTransfer" }, undefined],
  ])("stand where what they are about does: %s", (_, spot, place) => {
    const [shown] = scene({ shown: { rows: [9, 7, 5] } });
    expect(placeOf(shown, spot)).toEqual(place);
  });

  test("a point is about what the picture has there, whatever order has come since", () => {
    const [shown, look] = scene({ look: {} });
    const window = { ...look.window, top: 50 };
    const picture = pictureOf({ ...shown, rows: [...all].reverse() }, { ...look, window });
    const g = look.geometry;
    const y = g.headerHeight + 2; // of row 1, scrolled by 50
    expect(spotAt(picture, 5, y)).toEqual({ person: "p8", setting: null });
    expect(spotAt(picture, g.nameWidth + 1.5 * g.cellWidth, y)).toEqual({ person: "p8", setting: waiting });
    expect(spotAt(picture, g.nameWidth + 1, 5)).toEqual({ person: null, setting: chat });
    expect(spotAt(picture, 5, 5)).toEqual({ person: null, setting: null });
    expect(spotAt(picture, 799, 1e4)).toBeUndefined();
  });
});

describe("drawing", () => {
  /** A context that notes what is drawn. */
  function paper() {
    const texts: { text: string; x: number; y: number; style: string }[] = [];
    const strokes: { x: number; y: number; style: string }[] = [];
    let [dx, dy] = [0, 0];
    const own = {
      font: "",
      fillStyle: "",
      strokeStyle: "",
      measureText: (text: string) => ({ width: 3 * text.length }),
      translate: (x: number, y: number) => {
        [dx, dy] = [x, y];
      },
      restore: () => {
        [dx, dy] = [0, 0];
      },
      fillText(text: string, x: number, y: number) {
        texts.push({ text, x: x + dx, y: y + dy, style: String(this.fillStyle) });
      },
      strokeRect(x: number, y: number) {
        strokes.push({ x, y, style: String(this.strokeStyle) });
      },
    };
    const ctx = new Proxy(own, { get: (of, name) => Reflect.get(of, name) ?? (() => {}) });
    return { ctx: ctx as unknown as CanvasRenderingContext2D, texts, strokes };
  }

  const drawn = (picture: Picture) => {
    const { ctx, texts, strokes } = paper();
    const painter = new Painter(picture.theme, picture.scale);
    draw(ctx, painter, picture);
    return { texts, strokes, palette: painter.palette };
  };

  test("writes each person, their number and their values into their own row", () => {
    const [shown, look] = scene({ shown: { rows: [3, 1, 2, 0], policy: new Map([[waiting, true]]) } });
    const picture = pictureOf(shown, look);
    const { texts, strokes, palette } = drawn(picture);
    const g = look.geometry;
    const rowAt = (y: number) => Math.floor((y - g.headerHeight) / g.rowHeight);
    const inRow = (row: number) => texts.filter(({ y }) => rowAt(y) === row).map(({ text }) => text);
    expect(inRow(0)).toEqual(["off", "off", "off", "1", "Person 3", "p3@example.com"]);
    expect(inRow(1)).toEqual(["off", "off", "off", "1", "Person 1", "p1@example.com", "Engineering, g2"]);
    expect(inRow(2)).toEqual(["on", "on", "on", "Person 2", "p2@example.com"]);
    const loud = strokes.filter(({ style }) => style === palette.loud);
    expect(loud.map(({ x, y }) => [rowAt(y), Math.floor((x - g.nameWidth) / g.cellWidth)])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    const header = texts.filter(({ y }) => y < g.headerHeight).map(({ text }) => text);
    expect(header).toEqual(["chat", "waiting_room ◆", "host_video", "In meeting", "Schedule meeting"]);
  });

  test("puts the cursor where its person stands", () => {
    const cursor = { person: "p2", setting: waiting };
    for (const rows of [
      [0, 1, 2],
      [2, 1, 0],
    ]) {
      const [shown, look] = scene({ shown: { rows }, look: { cursor } });
      const { strokes, palette } = drawn(pictureOf(shown, look));
      const g = look.geometry;
      expect(strokes.filter(({ style }) => style === palette.ink)).toMatchObject([
        { x: g.nameWidth + g.cellWidth, y: g.headerHeight + rows.indexOf(2) * g.rowHeight },
      ]);
    }
  });

  test("draws nobody who has gone", () => {
    const cursor = { person: "p9", setting: waiting };
    const [shown, look] = scene({ shown: { rows: [0] }, look: { cursor } });
    const { texts, strokes, palette } = drawn(pictureOf(shown, look));
    expect(texts.filter(({ text }) => text.startsWith("Person")).map(({ text }) => text)).toEqual(["Person 0"]);
    expect(strokes.filter(({ style }) => style === palette.ink)).toEqual([]);
  });
});
