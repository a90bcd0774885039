// Draws what is in sight of the heatmap: cells, then the header over them, then the people's names over both.

import type { Person } from "../model/board";
import { type Setting, sectionName, shortName } from "../model/catalogue";
import type { Cell } from "../model/cell";
import {
  columnsInSight,
  type Geometry,
  labelAngle,
  type Place,
  rowsInSight,
  sectionBand,
  type Window,
} from "./geometry";
import { fit, type Painter } from "./paint";

/** What is drawn. */
export interface Content {
  columns: readonly Setting[];
  person(row: number): Person | undefined;
  /** The names of the person's groups. */
  groups(person: Person): string;
  cell(row: number, column: number): Cell | undefined;
  deviates(row: number, column: number): boolean;
  /** How many settings of the row deviate. */
  deviations(row: number): number;
  /** Whether the policy has the column's setting. */
  pinned(column: number): boolean;
  cursor: Place | undefined;
  focused: boolean;
}

export const font = '12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';
const smallFont = font.replace("12px", "11px");
const nameFont = `500 ${font.replace("12px", "13px")}`;

/** Draws the window. The context's unit is a CSS pixel. */
export function draw(ctx: CanvasRenderingContext2D, painter: Painter, g: Geometry, at: Window, content: Content): void {
  const { palette } = painter;
  const rows = rowsInSight(g, at);
  const columns = columnsInSight(g, at);
  ctx.fillStyle = palette.paper;
  ctx.fillRect(0, 0, at.width, at.height);
  const x = (column: number) => g.nameWidth + column * g.cellWidth - at.left;
  const y = (row: number) => g.headerHeight + row * g.rowHeight - at.top;

  ctx.font = font;
  for (let row = rows[0]; row < rows[1]; row++) {
    for (let column = columns[0]; column < columns[1]; column++) {
      const setting = content.columns[column];
      if (!setting) continue;
      const start = gap(content.columns, column);
      const box = { x: x(column) + start, y: y(row) + 1, width: g.cellWidth - 1 - start, height: g.rowHeight - 2 };
      painter.cell(ctx, setting, content.cell(row, column), content.deviates(row, column), box);
    }
  }
  cursor(ctx, painter, g, content, x, y);
  header(ctx, painter, g, at, columns, content, x);
  names(ctx, painter, g, at, rows, content, y);
}

/** White space between sections, none inside them. */
function gap(columns: readonly Setting[], column: number): number {
  return column > 0 && columns[column - 1]?.section !== columns[column]?.section ? 5 : 0;
}

function cursor(
  ctx: CanvasRenderingContext2D,
  { palette }: Painter,
  g: Geometry,
  { columns, cursor, focused }: Content,
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
  g: Geometry,
  at: Window,
  [first, last]: [number, number],
  content: Content,
  x: (column: number) => number,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(g.nameWidth, 0, at.width - g.nameWidth, g.headerHeight);
  ctx.clip();
  ctx.fillStyle = palette.paper;
  ctx.fillRect(g.nameWidth, 0, at.width, g.headerHeight);
  ctx.textBaseline = "middle";
  // A turned name reaches over the columns at its right, so one from beyond the left edge may be in sight.
  const reach = g.turned ? Math.ceil(g.headerHeight / g.cellWidth) : 0;
  for (let column = Math.max(0, first - reach); column < last; column++) {
    const setting = content.columns[column];
    if (!setting) continue;
    const pinned = content.pinned(column);
    const here = content.cursor?.row === -1 && content.cursor.column === column;
    ctx.font = pinned || here ? `600 ${font}` : font;
    ctx.fillStyle = here ? palette.accent : pinned ? palette.loud : palette.ink;
    const label = `${shortName(setting)}${pinned ? " ◆" : ""}`;
    if (!g.turned) {
      ctx.textAlign = "center";
      ctx.fillText(fit(ctx, label, g.cellWidth - 6), x(column) + g.cellWidth / 2, g.headerHeight - 14);
      continue;
    }
    ctx.save();
    ctx.translate(x(column) + g.cellWidth / 2, g.headerHeight - 8);
    ctx.rotate(labelAngle);
    ctx.textAlign = "left";
    ctx.fillText(fit(ctx, label, g.labelRoom), 0, 0);
    ctx.restore();
  }
  sections(ctx, palette, g, content.columns, x);
  ctx.restore();
  line(ctx, palette.line, 0, g.headerHeight - 0.5, at.width, g.headerHeight - 0.5);
}

function sections(
  ctx: CanvasRenderingContext2D,
  palette: Painter["palette"],
  g: Geometry,
  columns: readonly Setting[],
  x: (column: number) => number,
): void {
  ctx.fillStyle = palette.paper;
  ctx.fillRect(g.nameWidth, 0, 1e5, sectionBand);
  ctx.font = smallFont;
  ctx.textAlign = "left";
  for (let start = 0; start < columns.length; ) {
    const section = columns[start]?.section ?? "";
    let end = start;
    while (columns[end]?.section === section) end++;
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
  g: Geometry,
  at: Window,
  [first, last]: [number, number],
  content: Content,
  y: (row: number) => number,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, g.headerHeight, g.nameWidth, at.height - g.headerHeight);
  ctx.clip();
  ctx.fillStyle = palette.paper;
  ctx.fillRect(0, g.headerHeight, g.nameWidth, at.height);
  ctx.textBaseline = "middle";
  for (let row = first; row < last; row++) {
    const person = content.person(row);
    if (!person) continue;
    const top = y(row);
    if (content.cursor?.row === row) {
      ctx.fillStyle = palette.field;
      ctx.fillRect(0, top, g.nameWidth, g.rowHeight);
    }
    const deviations = content.deviations(row);
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
    const groups = content.groups(person);
    ctx.font = smallFont;
    ctx.fillStyle = palette.quiet;
    const half = groups ? g.nameWidth * 0.58 : g.nameWidth - 18;
    ctx.fillText(fit(ctx, person.email, half - 6), 10, top + 25);
    if (groups) {
      ctx.textAlign = "right";
      ctx.fillText(fit(ctx, groups, g.nameWidth - half - 14), g.nameWidth - 8, top + 25);
    }
    line(ctx, palette.line, 0, top + g.rowHeight - 0.5, g.nameWidth, top + g.rowHeight - 0.5);
  }
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
