// A cell is what is known of one setting of one person. What is not known is said as what it is, and never as "off".

import type { Json, Setting } from "./catalogue";

/** What a cell is. A cell that nobody has asked for is undefined. */
export type CellState =
  | "value"
  | "absent" // Zoom did not send it
  | "notInView" // the view that was asked has no such section
  | "unknown" // Zoom sent an enum value that the schema does not have
  | "withheld" // a secret, and the caller may not see secrets
  | "pending" // the person has not accepted the invitation: Zoom has no settings
  | "limited" // the account's limit allows no call; it is asked again by itself
  | "error"
  | "loading";

export interface Cell {
  readonly state: CellState;
  /** The value, in the schema's spelling; only where state is "value". */
  readonly value?: Json;
  /** When the value was read, where it is older than it should be. */
  readonly staleSince?: string;
  /** What went wrong, for people. */
  readonly message?: string;
}

// Most cells are alike, and there are hundreds of thousands: equal ones are one. Texts may all differ, so that there is
// an end to how many are kept.
const plain = new Map<string, Cell>();
const maxPlain = 2000;

/** A cell with nothing but a state, or with a value that is no structure. */
export function cell(state: CellState, value?: Json): Cell {
  if (value !== null && typeof value === "object") return { state, value };
  const key = `${state} ${typeof value} ${String(value)}`;
  let known = plain.get(key);
  if (!known) {
    known = value === undefined ? { state } : { state, value };
    if (plain.size < maxPlain) plain.set(key, known);
  }
  return known;
}

export const loading = cell("loading");

/** What each state is called and what it means, in the order of the legend. */
export const stateWords: Readonly<Record<CellState | "stale", { name: string; meaning: string }>> = {
  value: { name: "Value", meaning: "What Zoom answered." },
  loading: { name: "Loading", meaning: "Asked for; the answer is on its way." },
  absent: { name: "Absent", meaning: "Zoom did not send this setting for this person. That is not the same as off." },
  notInView: { name: "Not in this view", meaning: "Zoom answers this setting in another view than was asked." },
  unknown: { name: "Unknown value", meaning: "Zoom sent a value that this version does not know." },
  withheld: { name: "Withheld", meaning: "A secret: the permission “secrets” is needed to see it." },
  pending: {
    name: "Invitation pending",
    meaning: "The person has not accepted the invitation; Zoom has no settings yet.",
  },
  limited: { name: "Limited", meaning: "The account’s rate limit allows no call now; it is asked again by itself." },
  stale: { name: "Stale", meaning: "An older value, served because the account’s rate limit allowed no call." },
  error: { name: "Error", meaning: "It could not be read; open the cell to see why." },
};

/** Whether two values are one. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, i) => same(one, b[i]));
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a) || Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}

const acronyms: Readonly<Record<string, string>> = { e2ee: "E2EE", jbh: "JBH", voip: "VoIP" };

/** A value in words: on, off, `Both`, `3`, `a, b`. */
export function valueText(setting: Setting, value: Json | undefined): string {
  if (value === null || value === undefined) return "none";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map((one) => valueText(setting, one)).join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  if (setting.kind !== "ENUM") return value === "" ? "empty" : String(value);
  if (/^[A-Z]{2}$/.test(String(value))) return String(value); // a country or region
  const words = String(value)
    .replaceAll("_", " ")
    .toLowerCase()
    .replace(/\b(e2ee|jbh|voip)\b/g, (word) => acronyms[word] ?? word);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a cell says, in words. */
export function cellText(setting: Setting, of: Cell | undefined): string {
  if (!of) return "not asked yet";
  if (of.state !== "value") return stateWords[of.state].name.toLowerCase();
  const text = valueText(setting, of.value);
  return of.staleSince ? `${text} (stale)` : text;
}
