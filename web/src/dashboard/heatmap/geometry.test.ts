import { describe, expect, test } from "vitest";
import {
  columnsInSight,
  type Geometry,
  geometry,
  labelAngle,
  type Place,
  placeAt,
  reveal,
  rowsInSight,
  sectionBand,
  type Window,
} from "./geometry";

const labels = (n: number, width: number) => Array.from({ length: n }, () => width);
const top = (more: Partial<Window> = {}): Window => ({
  left: 0,
  top: 0,
  width: 1000,
  height: 600,
  ...more,
});

describe("the layout", () => {
  test.each<[string, number[], number, Partial<Geometry>]>([
    ["names that fit stand upright over their cells", labels(4, 60), 1000, { turned: false, cellWidth: 150 }],
    ["cells share the width", labels(8, 60), 1000, { turned: false, cellWidth: 95, nameWidth: 240 }],
    ["names that do not fit are turned", labels(12, 100), 1000, { turned: true, labelRoom: 100 }],
    ["a name is no longer than 170", labels(12, 400), 1000, { turned: true, labelRoom: 170 }],
    ["a cell is never narrower than 26", labels(60, 100), 1000, { turned: true, cellWidth: 26 }],
    ["people's names have a quarter, between 132 and 250", labels(1, 10), 400, { nameWidth: 132 }],
    ["and no more than 250", labels(1, 10), 4000, { nameWidth: 250 }],
    ["no columns are a list of people", [], 1000, { turned: false, columns: 0, width: 240 }],
    ["no width is no fault", labels(2, 50), 0, { cellWidth: 26 }],
  ])("%s", (_, widths, width, wanted) => {
    expect(geometry(10, widths, width)).toMatchObject(wanted);
  });

  test("what scrolls holds header, names, all cells, and the last turned name", () => {
    const upright = geometry(10, labels(4, 60), 1000);
    expect(upright.width).toBe(upright.nameWidth + 4 * upright.cellWidth);
    expect(upright.height).toBe(upright.headerHeight + 10 * upright.rowHeight);
    const turned = geometry(10, labels(12, 100), 1000);
    const last = turned.nameWidth + 11.5 * turned.cellWidth + Math.cos(labelAngle) * 100;
    expect(turned.width).toBeGreaterThanOrEqual(last);
    expect(turned.headerHeight - sectionBand).toBeGreaterThan(Math.sin(-labelAngle) * 100);
  });
});

describe("what is in sight", () => {
  const g = geometry(100, labels(40, 100), 1000); // cells of 26 by 34
  const room = { rows: 600 - g.headerHeight, columns: 1000 - g.nameWidth };

  test.each<[string, Partial<Window>, [number, number]]>([
    ["from the top", {}, [0, Math.ceil(room.rows / 34)]],
    ["half a row is in sight as well", { top: 17 }, [0, Math.ceil((room.rows + 17) / 34)]],
    ["a row that is above is not", { top: 34 }, [1, Math.ceil((room.rows + 34) / 34)]],
    ["to the end and no further", { top: 99 * 34 }, [99, 100]],
    ["behind the end nothing", { top: 1e6 }, [100, 100]],
    ["of a window lower than the header nothing", { height: 10 }, [0, 0]],
  ])("rows: %s", (_, window, wanted) => {
    expect(rowsInSight(g, top(window))).toEqual(wanted);
  });

  test.each<[string, Partial<Window>, [number, number]]>([
    ["from the left", {}, [0, Math.ceil(room.columns / 26)]],
    ["scrolled by one", { left: 26 }, [1, Math.ceil((room.columns + 26) / 26)]],
    ["to the end and no further", { left: 39 * 26 }, [39, 40]],
    ["none beside the names", { width: 10 }, [0, 0]],
  ])("columns: %s", (_, window, wanted) => {
    expect(columnsInSight(g, top(window))).toEqual(wanted);
  });
});

describe("what lies under a point", () => {
  const g = geometry(10, labels(4, 60), 1000); // upright: names of 240, cells of 150 by 34, header of 50

  test.each<[string, number, number, Partial<Window>, Place | undefined]>([
    ["the corner", 10, 10, {}, { row: -1, column: -1 }],
    ["a setting's name", 240, 10, {}, { row: -1, column: 0 }],
    ["a person's name", 239, 50, {}, { row: 0, column: -1 }],
    ["the first cell", 240, 50, {}, { row: 0, column: 0 }],
    ["its last point", 389, 83, {}, { row: 0, column: 0 }],
    ["the cell right below it", 390, 84, {}, { row: 1, column: 1 }],
    ["the same point, scrolled", 390, 84, { left: 150, top: 68 }, { row: 3, column: 2 }],
    ["header and names do not scroll", 10, 10, { left: 150, top: 68 }, { row: -1, column: -1 }],
    ["right of the last column", 840, 60, {}, undefined],
    ["below the last row", 300, 50 + 340, {}, undefined],
  ])("%s", (_, x, y, window, wanted) => {
    expect(placeAt(g, top(window), x, y)).toEqual(wanted);
  });

  test("a turned name is under all its length", () => {
    const turned = geometry(10, labels(12, 100), 1000);
    for (const column of [0, 5, 11]) {
      for (const along of [0, 25, 50, 75, 95]) {
        const x = turned.nameWidth + (column + 0.5) * turned.cellWidth + Math.cos(labelAngle) * along;
        const y = turned.headerHeight - 8 + Math.sin(labelAngle) * along;
        expect(placeAt(turned, top(), x, y), `${column}, ${along} along`).toEqual({ row: -1, column });
      }
    }
  });

  test("left of the first turned name there is none, and sections' names are upright", () => {
    const turned = geometry(10, labels(12, 100), 1000);
    expect(placeAt(turned, top(), turned.nameWidth + 1, sectionBand + 2)).toBeUndefined();
    expect(placeAt(turned, top(), turned.nameWidth + 1, sectionBand - 2)).toEqual({ row: -1, column: 0 });
  });
});

describe("scrolling to a place", () => {
  const g = geometry(100, labels(40, 100), 1000);
  const room = { height: 600 - g.headerHeight, width: 1000 - g.nameWidth };
  const at = { left: 260, top: 340 }; // row 10 and column 10 are first

  test.each<[string, Place, { left: number; top: number }]>([
    ["in sight: nothing moves", { row: 12, column: 12 }, at],
    ["above", { row: 3, column: 12 }, { left: 260, top: 3 * 34 }],
    ["below", { row: 50, column: 12 }, { left: 260, top: 51 * 34 - room.height }],
    ["at the left", { row: 12, column: 2 }, { left: 2 * 26, top: 340 }],
    ["at the right", { row: 12, column: 39 }, { left: 40 * 26 - room.width, top: 340 }],
    ["a setting's name is in sight, whatever the row", { row: -1, column: 12 }, at],
    ["a person's name is in sight, whatever the column", { row: 12, column: -1 }, at],
    ["and the corner", { row: -1, column: -1 }, at],
  ])("%s", (_, place, wanted) => {
    expect(reveal(g, top(at), place)).toEqual(wanted);
  });

  test("lands where the place is in sight", () => {
    for (const place of [
      { row: 0, column: 0 },
      { row: 99, column: 39 },
      { row: 50, column: 20 },
    ]) {
      const window = top(reveal(g, top(at), place));
      const [firstRow, behindRow] = rowsInSight(g, window);
      const [firstColumn, behindColumn] = columnsInSight(g, window);
      expect(place.row >= firstRow && place.row < behindRow).toBe(true);
      expect(place.column >= firstColumn && place.column < behindColumn).toBe(true);
    }
  });
});
