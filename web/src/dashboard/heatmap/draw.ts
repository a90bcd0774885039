// Draws a picture: cells, then the header over them, then the people's names over both.

import type { Theme } from "../../shared/theme";
import { sectionName, shortName } from "../model/catalogue";
import { type Geometry, labelAngle, sectionBand } from "./geometry";
import { fit, Painter } from "./paint";
import type { Picture } from "./picture";

export const font = '12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';
const smallFont = font.replace("12px", "11px");
const nameFont = `500 ${font.replace("12px", "13px")}`;

/** Makes a canvas show a picture, and nothing but it. */
export function show(canvas: HTMLCanvasElement, picture: Picture): void {
  const { scale, window } = picture;
  canvas.width = Math.round(window.width * scale);
  canvas.height = Math.round(window.height * scale);
  canvas.style.width = `${window.width}px`;
  canvas.style.height = `${window.height}px`;
  const ctx = canvas.getContext("2d", { alpha: false });
  if (!ctx) return;
  ctx.setTransform(scale, 0, 0, scale, 0, 0);
  draw(ctx, painterOf(picture.theme, scale), picture);
}

const painters = new Map<string, Painter>();

/** What draws cells in a theme at a scale; kept with its patterns. */
function painterOf(theme: Theme, scale: number): Painter {
  const key = `${theme} ${scale}`;
  const painter = painters.get(key) ?? new Painter(theme, scale);
  painters.set(key, painter);
  return painter;
}

/** Draws the window. The context's unit is a CSS pixel. */
export function draw(ctx: CanvasRenderingContext2D, painter: Painter, picture: Picture): void {
  const { geometry: g, window: at, columns, firstRow, firstColumn } = picture;
  ctx.fillStyle = painter.palette.paper;
  ctx.fillRect(0, 0, at.width, at.height);
  const x = (column: number) => g.nameWidth + column * g.cellWidth - at.left;
  const y = (row: number) => g.headerHeight + row * g.rowHeight - at.top;

  ctx.font = font;
  picture.rows.forEach(({ cells }, i) => {
    cells.forEach(({ cell, deviates }, j) => {
      const column = firstColumn + j;
      const setting = columns[column]?.setting;
      if (!setting) return;
      const start = gap(columns, column);
      const top = y(firstRow + i) + 1;
      const box = { x: x(column) + start, y: top, width: g.cellWidth - 1 - start, height: g.rowHeight - 2 };
      painter.cell(ctx, setting, cell, deviates, box);
    });
  });
  cursor(ctx, painter, picture, x, y);
  header(ctx, painter, picture, x);
  names(ctx, painter, picture, y);
}

type Columns = Picture["columns"];

/** White space between sections, none inside them. */
function gap(columns: Columns, column: number): number {
  return column > 0 && sectionAt(columns, column - 1) !== sectionAt(columns, column) ? 5 : 0;
}

function sectionAt(columns: Columns, column: number): string | undefined {
  return columns[column]?.setting.section;
}

function cursor(
  ctx: CanvasRenderingContext2D,
  { palette }: Painter,
  { geometry: g, columns, cursor, focused }: Picture,
  x: (column: number) => number,
  y: (row: number) => number,
): void {
  if (!cursor || cursor.row < 0 || cursor.column < 0) return;
  ctx.strokeStyle = palette.ink;
  ctx.lineWidth = focused ? 2 : 1;
  const start = gap(columns, cursor.column);
  ctx.strokeRect(x(cursor.column) + start, y(cursor.row), g.cellWidth - 1 - start, g.rowHeight);
}

function header(
  ctx: CanvasRenderingContext2D,
  { palette }: Painter,
  picture: Picture,
  x: (column: number) => number,
): void {
  const { geometry: g, window: at, columns, firstColumn, cursor } = picture;
  ctx.save();
  ctx.beginPath();
  ctx.rect(g.nameWidth, 0, at.width - g.nameWidth, g.headerHeight);
  ctx.clip();
  ctx.fillStyle = palette.paper;
  ctx.fillRect(g.nameWidth, 0, at.width, g.headerHeight);
  ctx.textBaseline = "middle";
  // A turned name reaches over the columns at its right, so one from beyond the left edge may be in sight.
  const reach = g.turned ? Math.ceil(g.headerHeight / g.cellWidth) : 0;
  const first = Math.max(0, firstColumn - reach);
  columns.slice(first).forEach(({ setting, pinned }, i) => {
    const column = first + i;
    if (x(column) >= at.width) return;
    const here = cursor?.row === -1 && cursor.column === column;
    ctx.font = pinned || here ? `600 ${font}` : font;
    ctx.fillStyle = here ? palette.accent : pinned ? palette.loud : palette.ink;
    const label = `${shortName(setting)}${pinned ? " ◆" : ""}`;
    if (!g.turned) {
      ctx.textAlign = "center";
      ctx.fillText(fit(ctx, label, g.cellWidth - 6), x(column) + g.cellWidth / 2, g.headerHeight - 14);
      return;
    }
    ctx.save();
    ctx.translate(x(column) + g.cellWidth / 2, g.headerHeight - 8);
    ctx.rotate(labelAngle);
    ctx.textAlign = "left";
    ctx.fillText(fit(ctx, label, g.labelRoom), 0, 0);
    ctx.restore();
  });
  sections(ctx, palette, g, columns, x);
  ctx.restore();
  line(ctx, palette.line, 0, g.headerHeight - 0.5, at.width, g.headerHeight - 0.5);
}

function sections(
  ctx: CanvasRenderingContext2D,
  palette: Painter["palette"],
  g: Geometry,
  columns: Columns,
  x: (column: number) => number,
): void {
  ctx.fillStyle = palette.paper;
  ctx.fillRect(g.nameWidth, 0, 1e5, sectionBand);
  ctx.font = smallFont;
  ctx.textAlign = "left";
  for (let start = 0; start < columns.length; ) {
    const section = sectionAt(columns, start) ?? "";
    let end = start;
    while (sectionAt(columns, end) === section) end++;
    const left = Math.max(x(start) + 6, g.nameWidth + 4);
    const room = x(end) - left - 4;
    if (room > 12) {
      ctx.fillStyle = palette.quiet;
      ctx.fillText(fit(ctx, sectionName(section), room), left, sectionBand / 2);
      line(ctx, palette.line, Math.max(x(start) + 5, g.nameWidth), sectionBand - 0.5, x(end) - 2, sectionBand - 0.5);
    }
    start = end;
  }
}

function names(
  ctx: CanvasRenderingContext2D,
  { palette }: Painter,
  { geometry: g, window: at, firstRow, rows, cursor }: Picture,
  y: (row: number) => number,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, g.headerHeight, g.nameWidth, at.height - g.headerHeight);
  ctx.clip();
  ctx.fillStyle = palette.paper;
  ctx.fillRect(0, g.headerHeight, g.nameWidth, at.height);
  ctx.textBaseline = "middle";
  rows.forEach(({ person, groups, deviations }, i) => {
    const top = y(firstRow + i);
    if (cursor?.row === firstRow + i) {
      ctx.fillStyle = palette.field;
      ctx.fillRect(0, top, g.nameWidth, g.rowHeight);
    }
    let room = g.nameWidth - 20;
    ctx.textAlign = "right";
    if (deviations > 0) {
      ctx.font = `600 ${font}`;
      ctx.fillStyle = palette.loud;
      ctx.fillText(String(deviations), g.nameWidth - 8, top + 11);
      room -= ctx.measureText(String(deviations)).width + 6;
    }
    ctx.textAlign = "left";
    ctx.font = nameFont;
    ctx.fillStyle = palette.ink;
    ctx.fillText(fit(ctx, person.name, room), 10, top + 11);
    ctx.font = smallFont;
    ctx.fillStyle = palette.quiet;
    const half = groups ? g.nameWidth * 0.58 : g.nameWidth - 18;
    ctx.fillText(fit(ctx, person.email, half - 6), 10, top + 25);
    if (groups) {
      ctx.textAlign = "right";
      ctx.fillText(fit(ctx, groups, g.nameWidth - half - 14), g.nameWidth - 8, top + 25);
    }
    line(ctx, palette.line, 0, top + g.rowHeight - 0.5, g.nameWidth, top + g.rowHeight - 0.5);
  });
  ctx.restore();
  ctx.fillStyle = palette.paper;
  ctx.fillRect(0, 0, g.nameWidth, g.headerHeight - 1);
  line(ctx, palette.line, g.nameWidth - 0.5, 0, g.nameWidth - 0.5, at.height);
}

function line(ctx: CanvasRenderingContext2D, colour: string, x1: number, y1: number, x2: number, y2: number): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}
