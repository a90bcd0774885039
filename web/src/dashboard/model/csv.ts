// What is shown, as CSV (RFC 4180): a row a person. What people write is defused, so that a spreadsheet runs nothing of it;
// ids and all else stay as they are. What is absent is an empty cell, and an empty text is "".

import type { Board } from "./board";
import { type Setting, toZoom } from "./catalogue";
import type { Cell } from "./cell";

// Programs do not agree on where a cell begins: many split at other separators than the file's, and then do not honour its
// quotes. So a formula is looked for at the beginning and behind each character that anybody may split at. These are the
// rules of `zoomgraph export` (internal/export/defuse.go); internal/export/testdata/cells.json tests both.

/** Kinds of settings whose values nobody writes freely. */
const exact = ["ENUM", "ID", "DateTime"];

const splits = /([;|\t\r\n])/;
const splitsPasted = /([,;|\t\r\n])/; // where tabs are between the cells
const formula = /^[\p{White_Space}\p{Cc}\p{Cf}"']*[=+\-@＝＋－＠]/u;
const dropped = /[\p{White_Space}\p{Cc}\p{Cf}"']/u;
const begins = /[=+\-@＝＋－＠]/u;

/** The rows of the board as a file's content; with tabs between the cells as what a spreadsheet takes when pasted. */
export function csv(
  board: Board,
  rows: readonly number[],
  columns: readonly Setting[],
  between: "," | "\t" = ",",
): string {
  const split = between === "\t" ? splitsPasted : splits;
  const head = ["id", "email", "name", "department", ...columns.map((setting) => setting.zoom)];
  const part = (field: string) =>
    between === "\t" && field.includes("\t") && !field.startsWith('"') ? `"${field}"` : field;
  const lines = rows.map((row) => {
    const person = board.people[row];
    const texts = [person?.email, person?.name, person?.dept].map((text) => quoted(defused(text ?? "", split)));
    const cells = columns.map((setting) => cellField(setting, board.cell(row, setting.id), split));
    return [quoted(person?.id ?? ""), ...texts, ...cells].map(part).join(between);
  });
  return [head.map(quoted).join(between), ...lines, ""].join("\r\n");
}

function cellField(setting: Setting, cell: Cell | undefined, split: RegExp): string {
  if (cell?.state !== "value") return "";
  const value = toZoom(setting, cell.value ?? null);
  if (value === "") return '""';
  if (typeof value !== "string") return quoted(defusedJSON(JSON.stringify(value), split));
  return quoted(exact.includes(setting.kind) ? value : defused(value, split));
}

/** A text that people wrote, with an apostrophe before what may be taken for a formula, wherever a cell may begin. */
function defused(text: string, split: RegExp): string {
  const pieces = text.split(split).map((piece) => (formula.test(piece) ? `'${piece}` : piece));
  return (/^[\t\r\n]/.test(text) ? "'" : "") + pieces.join("");
}

/** JSON in which such a character within a string is its escape, which means the same. */
function defusedJSON(text: string, split: RegExp): string {
  let within = false;
  let escaped = false;
  let fresh = false;
  let out = "";
  for (const character of text) {
    if (within && fresh && begins.test(character)) {
      out += `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
      fresh = false;
      continue;
    }
    out += character;
    if (escaped) escaped = false;
    else if (character === "\\") escaped = true;
    else if (character === '"') within = !within;
    fresh = split.test(character) || (fresh && dropped.test(character));
  }
  return out;
}

function quoted(text: string): string {
  return /[",\r\n]|^\p{White_Space}|\p{White_Space}$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
