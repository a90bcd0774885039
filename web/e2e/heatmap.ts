import { expect, type Page } from "@playwright/test";

// What the heatmap has painted, as the canvas was told it: each text and each rectangle since the canvas was last
// cleared, read from the calls to the browser's own drawing functions. And what the page's model has, as its CSV says.

interface DrawCall {
  op: "text" | "fill" | "stroke";
  text: string;
  /** In CSS pixels from the canvas's corner. */
  x: number;
  y: number;
  width: number;
  height: number;
  style: string;
  font: string;
}

interface Recorder {
  calls: DrawCall[];
  paints: number;
  csv: Blob | undefined;
}

/** Records from now on, in each document that the page loads. */
export async function record(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const recorder: Recorder = { calls: [], paints: 0, csv: undefined };
    Object.assign(window, { recorder });
    const isHeatmap = (canvas: HTMLCanvasElement) => canvas.closest(".surface") !== null;
    for (const side of ["width", "height"] as const) {
      const native = Object.getOwnPropertyDescriptor(HTMLCanvasElement.prototype, side);
      Object.defineProperty(HTMLCanvasElement.prototype, side, {
        ...native,
        set(this: HTMLCanvasElement, value: number) {
          if (isHeatmap(this)) recorder.calls = []; // a canvas that is given a size is empty
          native?.set?.call(this, value);
        },
      });
    }
    const { prototype } = CanvasRenderingContext2D;
    const { fillText, fillRect, strokeRect } = prototype;
    const note = (ctx: CanvasRenderingContext2D, op: DrawCall["op"], text: string, box: number[]) => {
      if (!isHeatmap(ctx.canvas)) return;
      const [x = 0, y = 0, width = 0, height = 0] = box;
      const at = ctx.getTransform().transformPoint({ x, y });
      const scale = devicePixelRatio;
      if (op === "fill" && at.x === 0 && at.y === 0 && width * scale >= ctx.canvas.width && height > 100) {
        recorder.calls = []; // everything is painted over
        recorder.paints++;
      }
      const style = String(op === "stroke" ? ctx.strokeStyle : ctx.fillStyle);
      recorder.calls.push({ op, text, x: at.x / scale, y: at.y / scale, width, height, style, font: ctx.font });
    };
    prototype.fillText = function (text, x, y, most) {
      note(this, "text", text, [x, y]);
      fillText.call(this, text, x, y, most);
    };
    prototype.fillRect = function (...box) {
      note(this, "fill", "", box);
      fillRect.apply(this, box);
    };
    prototype.strokeRect = function (...box) {
      note(this, "stroke", "", box);
      strokeRect.apply(this, box);
    };
    // The page's CSV is read, and not saved as a file.
    const create = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (blob: Blob) => {
      recorder.csv = blob;
      return create(blob);
    };
    const { click } = HTMLAnchorElement.prototype;
    HTMLAnchorElement.prototype.click = function () {
      if (!this.download) click.call(this);
    };
  });
}

/** What one row shows: a cell's text may be shortened. */
export interface RowShown {
  name: string;
  email: string;
  /** The number beside the name; 0 where there is none. */
  deviations: number;
  cells: { text: string; deviates: boolean }[];
}

export interface PaintedRow extends RowShown {
  /** Where its middle is, in the canvas. */
  y: number;
}

export interface Painted {
  columns: { name: string; pinned: boolean; x: number }[];
  rows: PaintedRow[];
  /** The height of the setting names. */
  header: number;
  /** The e-mail of the row behind which the cursor's field is, where there is one. */
  cursor: string | undefined;
  paints: number;
}

const loud = ["#d6400b", "#ff7a45"];
const field = ["#f5f7f9", "#1b1f24"];

/** What the canvas shows, after the frames that are due. */
export async function painted(page: Page): Promise<Painted> {
  const { calls, paints } = await page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    const { calls, paints } = (window as unknown as { recorder: Recorder }).recorder;
    return { calls, paints };
  });
  const texts = calls.filter(({ op, text }) => op === "text" && text !== "");
  const corner = calls.find(({ op, x, y, height }) => op === "fill" && x === 0 && y === 0 && height < 300);
  const header = (corner?.height ?? 0) + 1;
  const names = texts.filter(({ font, x }) => font.startsWith("500 ") && x === 10);
  const columns = texts
    .filter(({ y, font, x }) => y < header && y > 20 && font.includes("12px") && x > (corner?.width ?? 0))
    .filter(({ y }) => header - y === 8 || header - y === 14)
    .map(({ text, x }) => ({ name: text.replace(" ◆", ""), pinned: text.endsWith("◆"), x }));
  const marks = calls.filter(({ op, style }) => op === "stroke" && loud.includes(style));
  const rows = names.map((name): PaintedRow => {
    const middle = name.y + 6;
    const of = texts.filter(({ y }) => Math.abs(y - middle) < 17);
    const right = of.find(({ style, y, font }) => loud.includes(style) && y === name.y && font.includes("600"));
    return {
      y: middle,
      name: name.text,
      email: of.find(({ x, y }) => x === 10 && y > name.y)?.text ?? "",
      deviations: Number(right?.text ?? 0),
      cells: columns.map(({ x }) => ({
        text: of.find((text) => Math.abs(text.x - x) < 4 && Math.abs(text.y - middle) < 4)?.text ?? "",
        deviates: marks.some(
          (mark) => Math.abs(mark.x + mark.width / 2 - x) < 4 && Math.abs(mark.y + mark.height / 2 - middle) < 4,
        ),
      })),
    };
  });
  const fields = calls.filter(({ op, style, x }) => op === "fill" && field.includes(style) && x === 0);
  const cursor = rows.find(({ y }) => fields.some((f) => Math.abs(f.y + f.height / 2 - y) < 2))?.email;
  return { columns, rows, header, cursor, paints };
}

/** What the model has of all rows that are shown, in their order. */
export async function model(page: Page): Promise<{ columns: string[]; rows: RowShown[] }> {
  const text = await page.evaluate(async () => {
    const { recorder } = window as unknown as { recorder: Recorder };
    const button = [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Export CSV");
    button?.click(); // the focus stays where it is, as nothing but a press moves it
    return recorder.csv?.text() ?? "";
  });
  const policy: Record<string, unknown> = JSON.parse(new URL(page.url()).searchParams.get("policy") ?? "{}");
  const wanted = new Map(Object.entries(policy).map(([id, value]) => [zoomName(id), plain(String(value))]));
  const [head = [], ...lines] = text
    .split("\r\n")
    .filter(Boolean)
    .map((line) => line.split(","));
  const columns = head.slice(4);
  const rows = lines.map(([, email = "", name = "", , ...values]): RowShown => {
    const cells = columns.map((column, i) => {
      const value = plain(values[i] ?? "");
      return { text: value, deviates: value !== "" && wanted.has(column) && wanted.get(column) !== value };
    });
    return { name, email, cells, deviations: cells.filter(({ deviates }) => deviates).length };
  });
  return { columns: columns.map((column) => column.slice(column.indexOf(".") + 1)), rows };
}

const zoomName = (id: string) => id.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A value in one spelling: CSV has Zoom's, the address the schema's, the heatmap words. */
function plain(value: string): string {
  const one = value.toLowerCase().replaceAll(/[ _]/g, "");
  return one === "true" ? "on" : one === "false" ? "off" : one;
}

/**
 * What is painted is what the model has: columns, then for each row in sight who that is, its values, its marks, their
 * number. It is looked at once: a page that comes right later has been wrong.
 */
export async function expectTrue(page: Page, after: string): Promise<Painted> {
  const seen = await painted(page);
  const { columns, rows } = await model(page);
  expect(seen.rows.length, `rows painted after ${after}`).toBeGreaterThan(0);
  const from = columns.indexOf(seen.columns[0]?.name ?? "");
  const inSight = columns.slice(from, from + seen.columns.length); // a panel may cover others
  expect(
    seen.columns.map(({ name }) => name),
    `columns after ${after}`,
  ).toEqual(inSight);
  expect(inSight.length, `columns after ${after}`).toBeGreaterThan(0);
  const policy: Record<string, unknown> = JSON.parse(new URL(page.url()).searchParams.get("policy") ?? "{}");
  const pins = Object.keys(policy).map((id) => zoomName(id).replace(/^\w+\./, ""));
  expect(
    seen.columns.filter(({ pinned }) => pinned).map(({ name }) => name),
    `pins after ${after}`,
  ).toEqual(inSight.filter((column) => pins.includes(column)));
  const first = await firstInSight(page);
  const behind = first + seen.rows.length;
  expect(seen.rows.map(line), `rows after ${after}`).toEqual(
    rows.slice(first, behind).map((row, i) => {
      const { name, email, cells } = seen.rows[i] as PaintedRow;
      const texts = row.cells
        .slice(from, from + inSight.length)
        .map((cell, j) => asPainted(cell, cells[j]?.text ?? ""));
      return line({ ...row, name: cut(row.name, name), email: cut(row.email, email), cells: texts });
    }),
  );
  const { scrollTop, clientHeight } = await page.locator(".scroller").evaluate((of) => ({
    scrollTop: of.scrollTop,
    clientHeight: of.clientHeight,
  }));
  const last = Math.ceil((scrollTop + clientHeight - seen.header) / rowHeight);
  expect(behind, `the last row painted after ${after}`).toBe(Math.min(rows.length, last));
  return seen;
}

/** A row as one text: its values, with a mark where they deviate. */
function line({ name, email, deviations, cells }: RowShown): string {
  return [name, email, deviations, ...cells.map(({ text, deviates }) => text + (deviates ? " ◤" : ""))].join(" | ");
}

/** A text as it is painted where that is its beginning; else as it is. */
function cut(text: string, painted = ""): string {
  return painted.endsWith("…") && text.startsWith(painted.slice(0, -1)) ? painted : text;
}

function asPainted(cell: { text: string; deviates: boolean }, painted: string) {
  const seen = plain(painted);
  return { ...cell, text: cut(cell.text, seen) === seen ? painted : cell.text };
}

const rowHeight = 34;

async function firstInSight(page: Page): Promise<number> {
  return page.locator(".scroller").evaluate((of, height) => Math.floor(of.scrollTop / height), rowHeight);
}

/** Clicks on painted rows, here their names: each opens exactly the person who is painted there. */
export async function clickRows(
  page: Page,
  which: (rows: readonly PaintedRow[]) => readonly (PaintedRow | undefined)[],
) {
  for (const row of which((await painted(page)).rows)) {
    if (!row) continue;
    const box = await page.locator(".scroller").boundingBox();
    await page.mouse.click((box?.x ?? 0) + 60, (box?.y ?? 0) + row.y);
    await expect(page.locator(".panel h2")).toHaveText(row.name);
    await expect(page.locator(".panel h2 + p")).toContainText(row.email.replace("…", ""));
  }
}
