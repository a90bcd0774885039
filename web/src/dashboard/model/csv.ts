// What is shown, as CSV (RFC 4180): a row a person. A text that a spreadsheet would run as a formula begins with an
// apostrophe; what is absent is an empty cell, and an empty text is "".

import type { Board } from "./board";
import { type Setting, toZoom } from "./catalogue";
import type { Cell } from "./cell";

// Also behind what an import may drop from the beginning: the rules of `zoomgraph export`.
const formula = /^[\t\r\n]|^[\p{White_Space}\p{Cc}\p{Cf}"']*[=+\-@＝＋－＠]/u;

/** The rows of the board as a file's content; with tabs between the cells as what a spreadsheet takes when pasted. */
export function csv(board: Board, rows: readonly number[], columns: readonly Setting[], between = ","): string {
  const head = ["id", "email", "name", "department", ...columns.map((setting) => setting.zoom)];
  const part = (field: string) =>
    between === "\t" && field.includes("\t") && !field.startsWith('"') ? `"${field}"` : field;
  const lines = rows.map((row) => {
    const person = board.people[row];
    const texts = [person?.id, person?.email, person?.name, person?.dept].map((text) => field(text ?? ""));
    const fields = [...texts, ...columns.map((setting) => cellField(setting, board.cell(row, setting.id)))];
    return fields.map(part).join(between);
  });
  return [head.map(field).join(between), ...lines, ""].join("\r\n");
}

function cellField(setting: Setting, cell: Cell | undefined): string {
  if (cell?.state !== "value") return "";
  const value = toZoom(setting, cell.value ?? null);
  if (value === "") return '""';
  return typeof value === "string" ? field(value) : quoted(JSON.stringify(value));
}

function field(text: string): string {
  return quoted(formula.test(text) ? `'${text}` : text);
}

function quoted(text: string): string {
  return /[",\r\n]|^\p{White_Space}|\p{White_Space}$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
