// The settings that a user has, as the schema lists them (codegen/catalogue.cjs): what columns are chosen from, and how
// a choice becomes a selection of GraphQL's, an input, or Zoom's own names.

import entries from "../../gql/catalogue.json" with { type: "json" };

/** The views of Zoom's that a section can come from; null is the one that is answered without an option. */
export type ViewName = "MEETING_AUTHENTICATION" | "RECORDING_AUTHENTICATION" | "MEETING_SECURITY" | null;

/** A value of an enum, with Zoom's spelling of it. */
export interface EnumValue {
  name: string;
  zoom: string;
  description: string | null;
}

/** A leaf of the settings tree. */
export interface Setting {
  /** Its path in the schema, with dots: `inMeeting.waitingRoom`. */
  id: string;
  section: string;
  sectionTitle: string | null;
  view: ViewName;
  path: string[];
  /** Zoom's names from the section down, with dots: `in_meeting.waiting_room`. */
  zoom: string;
  /** Zoom's name of the setting that holds it, directly under the section: what Zoom is asked for, and tells of changes. */
  name: string;
  description: string | null;
  kind: string;
  list: boolean;
  values: EnumValue[] | null;
  /** Whether the schema lets it be changed. */
  writable: boolean;
  /** Whether only callers with the permission for secrets are answered. */
  sensitive: boolean;
  deprecated: string | null;
}

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A setting as it is stored: what is left out follows from the rest, or is what most settings have. */
type Entry = Pick<Setting, "id"> &
  Partial<Omit<Setting, "values">> & { title?: string; values?: (Pick<EnumValue, "name"> & Partial<EnumValue>)[] };

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** All settings, in the schema's order. */
export const settings: readonly Setting[] = unpack(entries as Entry[]);

function unpack(packed: readonly Entry[]): Setting[] {
  const titles = new Map<string, string>(); // written with the first setting of a section
  return packed.map(({ title, values, ...entry }) => {
    const path = entry.id.split(".");
    const section = path[0] ?? "";
    if (title) titles.set(section, title);
    const zoom = entry.zoom ?? path.map(snake).join(".");
    return {
      section,
      sectionTitle: titles.get(section) ?? null,
      view: null,
      path,
      zoom,
      name: zoom.split(".")[1] ?? "",
      description: null,
      kind: "Boolean",
      list: false,
      values: values?.map((v) => ({ zoom: v.name.toLowerCase(), description: null, ...v })) ?? null,
      writable: false,
      sensitive: false,
      deprecated: null,
      ...entry,
    };
  });
}

const byId = new Map(settings.map((setting) => [setting.id, setting]));
const byZoom = new Map(settings.map((setting) => [setting.zoom, setting]));

/** The setting of an id or of Zoom's dotted names; undefined where the schema has none. */
export function find(name: string): Setting | undefined {
  return byId.get(name) ?? byZoom.get(name);
}

/** What a list of columns begins with, for who has not chosen any. */
export const firstColumns: readonly Setting[] = [
  "scheduleMeeting.hostVideo",
  "scheduleMeeting.participantsVideo",
  "scheduleMeeting.joinBeforeHost",
  "scheduleMeeting.audioType",
  "inMeeting.waitingRoom",
  "inMeeting.chat",
  "inMeeting.fileTransfer",
  "inMeeting.screenSharing",
  "inMeeting.breakoutRoom",
  "recording.autoRecording",
  "recording.cloudRecording",
  "recording.localRecording",
].flatMap((id) => find(id) ?? []);

/** A section's name as people read it: `In meeting`. */
export function sectionName(section: string): string {
  const words = section.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The last part of Zoom's name, which a column is headed with: `waiting_room`. */
export function shortName(setting: Setting): string {
  return setting.zoom.slice(setting.zoom.indexOf(".") + 1);
}

/**
 * The settings that a text is about: each of its words occurs in a name or in the description. Those whose name begins
 * with the text come first.
 */
export function search(text: string): Setting[] {
  const words = text
    .toLowerCase()
    .split(/[\s.]+/)
    .filter(Boolean);
  const found = settings.filter((setting) => {
    const about =
      `${setting.id} ${setting.zoom} ${setting.description ?? ""} ${setting.sectionTitle ?? ""}`.toLowerCase();
    return words.every((word) => about.includes(word));
  });
  const first = words[0];
  if (!first) return found;
  const rank = (setting: Setting) =>
    shortName(setting).startsWith(first) || setting.path.at(-1)?.toLowerCase().startsWith(first) ? 0 : 1;
  return found.sort((a, b) => rank(a) - rank(b));
}

interface Tree {
  [name: string]: Tree;
}

/** The selection of these settings, in braces: `{ inMeeting { chat waitingRoom } }`. */
export function selection(of: readonly Setting[]): string {
  const tree: Tree = {};
  for (const setting of of) {
    let at = tree;
    for (const name of setting.path) at = at[name] ??= {};
  }
  const write = (node: Tree): string =>
    `{ ${Object.entries(node)
      .map(([name, below]) => (Object.keys(below).length > 0 ? `${name} ${write(below)}` : name))
      .join(" ")} }`;
  return write(tree);
}

/** What the input has to be in order to change settings to values. */
export function input(changes: readonly { setting: Setting; value: Json }[]): { [key: string]: Json } {
  const root: { [key: string]: Json } = {};
  for (const { setting, value } of changes) {
    let at = root;
    for (const name of setting.path.slice(0, -1)) {
      at[name] ??= {};
      at = at[name] as { [key: string]: Json };
    }
    const last = setting.path.at(-1);
    if (last) at[last] = value;
  }
  return root;
}

/** The value at a path of an answer; undefined where something on the way is null. */
export function valueAt(answer: unknown, path: readonly string[]): unknown {
  let at = answer;
  for (const name of path) {
    if (at === null || typeof at !== "object") return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** How many of Zoom's views the settings come from: that many calls a user costs. */
export function viewsOf(of: readonly Setting[]): number {
  return new Set(of.map((setting) => setting.view)).size;
}

/** Zoom's spelling of a value. */
export function toZoom(setting: Setting, value: Json): Json {
  if (Array.isArray(value)) return value.map((one) => toZoom(setting, one));
  const known = setting.values?.find((v) => v.name === value);
  if (!known) return value;
  return /^-?\d+$/.test(known.zoom) ? Number(known.zoom) : known.zoom;
}

const numeral = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * The schema's spelling of a value of Zoom's. As the service does, it reads a number and a Boolean also from a text that
 * holds exactly what JSON would have without the quotes, and a text from a number; any other value stays as it is.
 */
export function fromZoom(setting: Setting, value: Json): Json {
  if (Array.isArray(value)) return value.map((one) => fromZoom(setting, one));
  const isNumeral = typeof value === "number" || (typeof value === "string" && numeral.test(value));
  switch (setting.kind) {
    case "Boolean":
      return value === "true" ? true : value === "false" ? false : value;
    case "Int":
    case "Long":
    case "Float":
      return isNumeral ? Number(value) + 0 : value; // -0 is 0
    case "ENUM": {
      const zoom = isNumeral ? String(Number(value)) : value;
      return setting.values?.find((v) => v.zoom === value || v.zoom === zoom || v.name === value)?.name ?? value;
    }
    case "JSON":
      return value;
    default:
      return typeof value === "number" ? String(value) : value;
  }
}
