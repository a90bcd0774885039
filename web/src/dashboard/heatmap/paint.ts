// How cells look. Colour says state: on and off are two calm tones that differ in lightness, values of an enum a small
// ordered palette, and what is not known an own quiet texture each. A deviation is the one loud colour, with a mark.

import type { Theme } from "../../shared/theme";
import type { Setting } from "../model/catalogue";
import { type Cell, type CellState, valueText } from "../model/cell";

export interface Palette {
  paper: string;
  field: string;
  line: string;
  ink: string;
  quiet: string;
  accent: string;
  loud: string;
  on: [fill: string, ink: string];
  off: [fill: string, ink: string];
  /** Values of an enum, in its order. */
  steps: [fill: string, ink: string][];
  /** Numbers, texts and lists. */
  plain: [fill: string, ink: string];
  texture: string;
  caution: string;
}

const light: Palette = {
  paper: "#ffffff",
  field: "#f5f7f9",
  line: "#d9dee4",
  ink: "#1b1f24",
  quiet: "#59636e",
  accent: "#0f766e",
  loud: "#d6400b",
  on: ["#2f7f8c", "#ffffff"],
  off: ["#d5e4e8", "#24404a"],
  steps: [
    ["#e4e1f3", "#322c55"],
    ["#c5bfe6", "#2b2550"],
    ["#8f86c9", "#ffffff"],
    ["#5f55a4", "#ffffff"],
    ["#40377c", "#ffffff"],
    ["#2a2357", "#ffffff"],
  ],
  plain: ["#eceff2", "#1b1f24"],
  texture: "#b3bcc6",
  caution: "#b98900",
};

const dark: Palette = {
  paper: "#13161a",
  field: "#1b1f24",
  line: "#2d333b",
  ink: "#e6e9ed",
  quiet: "#9aa5b1",
  accent: "#4fd1c2",
  loud: "#ff7a45",
  on: ["#4a98a4", "#04161b"],
  off: ["#21383f", "#bcd6dc"],
  steps: [
    ["#2b2746", "#d9d5f2"],
    ["#3f3868", "#e6e3f8"],
    ["#5c5391", "#ffffff"],
    ["#8177bd", "#0f0b24"],
    ["#a9a1db", "#15102e"],
    ["#cfc9ef", "#15102e"],
  ],
  plain: ["#262c33", "#e6e9ed"],
  texture: "#4a535e",
  caution: "#e3b341",
};

export const palettes: Readonly<Record<Theme, Palette>> = { light, dark };

/** A texture's pattern is drawn once a theme and resolution. */
export class Painter {
  readonly palette: Palette;
  private readonly patterns = new Map<string, CanvasPattern | string>();

  constructor(
    theme: Theme,
    private readonly scale: number,
  ) {
    this.palette = palettes[theme];
  }

  /** Draws a cell into a rectangle; with text where it fits. */
  cell(ctx: CanvasRenderingContext2D, setting: Setting, cell: Cell | undefined, deviating: boolean, box: Box): void {
    const { palette } = this;
    const value = cell?.state === "value";
    const [fill, ink] = value ? this.tones(setting, cell) : [palette.field, palette.quiet];
    ctx.fillStyle = fill;
    ctx.fillRect(box.x, box.y, box.width, box.height);
    if (cell && !value) this.texture(ctx, cell.state, box);
    if (value && cell.staleSince) this.stale(ctx, box);
    if (value) this.text(ctx, valueText(setting, cell.value), ink, box);
    if (deviating) this.deviation(ctx, box);
  }

  /** What an area that stands for such cells is filled with. */
  fill(ctx: CanvasRenderingContext2D, setting: Setting, cell: Cell | undefined): string | CanvasPattern {
    if (cell?.state === "value") return this.tones(setting, cell)[0];
    return cell && cell.state !== "loading" ? this.pattern(ctx, cell.state) : this.palette.field;
  }

  private tones(setting: Setting, cell: Cell): [string, string] {
    const { palette } = this;
    if (typeof cell.value === "boolean") return cell.value ? palette.on : palette.off;
    const place = setting.values?.findIndex((v) => v.name === cell.value) ?? -1;
    return palette.steps[Math.min(place, palette.steps.length - 1)] ?? palette.plain;
  }

  private text(ctx: CanvasRenderingContext2D, text: string, ink: string, box: Box): void {
    if (box.width < 34) return;
    const room = box.width - 10;
    ctx.fillStyle = ink;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(fit(ctx, text, room), box.x + box.width / 2, box.y + box.height / 2 + 0.5);
  }

  private deviation(ctx: CanvasRenderingContext2D, { x, y, width, height }: Box): void {
    const { loud, paper } = this.palette;
    // A hairline of paper parts the loud colour from dark values.
    ctx.strokeStyle = paper;
    ctx.lineWidth = 1;
    ctx.strokeRect(x + 2.5, y + 2.5, width - 5, height - 5);
    corner(ctx, paper, x + width, y, 12);
    ctx.strokeStyle = loud;
    ctx.lineWidth = 2;
    ctx.strokeRect(x + 1, y + 1, width - 2, height - 2);
    corner(ctx, loud, x + width, y, 10);
  }

  private stale(ctx: CanvasRenderingContext2D, { x, y, height }: Box): void {
    ctx.fillStyle = this.palette.caution;
    ctx.beginPath();
    ctx.moveTo(x, y + height);
    ctx.lineTo(x, y + height - 9);
    ctx.lineTo(x + 9, y + height);
    ctx.fill();
  }

  private texture(ctx: CanvasRenderingContext2D, state: CellState, box: Box): void {
    if (state === "loading") return;
    ctx.fillStyle = this.pattern(ctx, state);
    ctx.fillRect(box.x, box.y, box.width, box.height);
    if (state !== "error") return;
    ctx.fillStyle = this.palette.quiet;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText("!", box.x + box.width / 2, box.y + box.height / 2 + 0.5);
  }

  private pattern(ctx: CanvasRenderingContext2D, state: CellState): CanvasPattern | string {
    const known = this.patterns.get(state);
    if (known) return known;
    const size = 8;
    const tile = document.createElement("canvas");
    tile.width = tile.height = size * this.scale;
    const on = tile.getContext("2d");
    if (!on) return this.palette.field;
    on.scale(this.scale, this.scale);
    on.strokeStyle = on.fillStyle = state === "limited" ? this.palette.caution : this.palette.texture;
    on.lineWidth = 1;
    textures[state]?.(on, size);
    const pattern = ctx.createPattern(tile, "repeat") ?? this.palette.field;
    if (pattern instanceof CanvasPattern) pattern.setTransform(new DOMMatrix().scale(1 / this.scale));
    this.patterns.set(state, pattern);
    return pattern;
  }
}

/** A triangle in the right upper corner. */
function corner(ctx: CanvasRenderingContext2D, colour: string, right: number, top: number, size: number): void {
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.moveTo(right, top);
  ctx.lineTo(right, top + size);
  ctx.lineTo(right - size, top);
  ctx.fill();
}

/** A rectangle. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

function lines(on: CanvasRenderingContext2D, ...strokes: [number, number, number, number][]): void {
  on.beginPath();
  for (const [x1, y1, x2, y2] of strokes) {
    on.moveTo(x1, y1);
    on.lineTo(x2, y2);
  }
  on.stroke();
}

// One tile each, told apart also without colour.
const textures: Partial<Record<CellState, (on: CanvasRenderingContext2D, size: number) => void>> = {
  absent: (on, size) => on.fillRect(size / 2 - 1, size / 2 - 1, 1.6, 1.6),
  notInView: (on, size) => lines(on, [0, size / 2, size, size / 2]),
  unknown: (on, size) => lines(on, [size / 2, 2, size / 2, size - 2], [2, size / 2, size - 2, size / 2]),
  withheld: (on, size) => lines(on, [0, 0, size, size], [0, size, size, 0]),
  pending: (on, size) => lines(on, [0, size, size, 0]),
  limited: (on, size) => lines(on, [-1, 1, 1, -1], [0, size, size, 0], [size - 1, size + 1, size + 1, size - 1]),
  error: (on, size) => lines(on, [size / 2, 0, size / 2, size]),
};

const widths = new Map<string, string>();

/** A text, shortened to a width. */
export function fit(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  const key = `${ctx.font} ${Math.round(room)} ${text}`;
  let fitting = widths.get(key);
  if (fitting === undefined) {
    fitting = shorten(ctx, text, room);
    if (widths.size > 20_000) widths.clear();
    widths.set(key, fitting);
  }
  return fitting;
}

function shorten(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  if (ctx.measureText(text).width <= room) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (ctx.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? "" : `${text.slice(0, low)}…`;
}
