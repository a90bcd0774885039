// The whole state of the page is in its address, so that a view can be sent to a colleague. What is as it begins stays
// out of it.

import type { Status } from "./board";
import { find, firstColumns, fromZoom, type Json } from "./catalogue";
import { mismatch, type Policy } from "./policy";

/** What rows are ordered by: Zoom's own order, the name, the number of deviations, or the values of a setting. */
export interface Sort {
  by: "zoom" | "name" | "deviations" | { setting: string };
  descending: boolean;
}

export interface View {
  /** Ids of settings. */
  readonly columns: readonly string[];
  readonly statuses: readonly Status[];
  /** Ids of groups; "" stands for people of no group. */
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  readonly depts: readonly string[];
  /** Part of a name or an e-mail address. */
  readonly search: string;
  readonly sort: Sort;
  readonly policy: Policy;
  /** Only people who deviate from the policy. */
  readonly deviating: boolean;
  /** A table of text instead of the heatmap. */
  readonly table: boolean;
  /** What the panel shows: a person, a setting, or the setting of a person. */
  readonly person: string | null;
  readonly setting: string | null;
}

export const firstView: View = {
  columns: firstColumns.map((setting) => setting.id),
  statuses: ["ACTIVE"],
  groups: [],
  roles: [],
  depts: [],
  search: "",
  sort: { by: "zoom", descending: false },
  policy: new Map(),
  deviating: false,
  table: false,
  person: null,
  setting: null,
};

const allStatuses: readonly Status[] = ["ACTIVE", "INACTIVE", "PENDING"];

/** The most columns a board has: Zoom is asked for at most a hundred names at a time. */
export const maxColumns = 60;

/** Reads a query string. What it cannot use it leaves out: an old link still opens. */
export function readAddress(query: string): View {
  const params = new URLSearchParams(query);
  const named = params.get("columns");
  const columns = named?.split(",").flatMap((name) => find(name)?.id ?? []) ?? [];
  const statuses = allStatuses.filter((status) => params.getAll("status").includes(status));
  const policy = readPolicies(params.get("policy"));
  return {
    columns: columns.length > 0 || named === "" ? [...new Set(columns)].slice(0, maxColumns) : firstView.columns,
    statuses: statuses.length > 0 ? statuses : firstView.statuses,
    groups: params.getAll("group"),
    roles: params.getAll("role"),
    depts: params.getAll("dept"),
    search: params.get("search") ?? "",
    sort: readSort(params.get("sort")),
    policy,
    deviating: policy.size > 0 && params.get("only") === "deviating", // from nothing nobody deviates
    table: params.get("as") === "table",
    person: params.get("person") || null,
    setting: find(params.get("setting") ?? "")?.id ?? null,
  };
}

/** The query string of a view, with its question mark; "" for the first view. */
export function writeAddress(view: View): string {
  const params = new URLSearchParams();
  if (view.columns.join() !== firstView.columns.join()) params.set("columns", view.columns.join(","));
  if (view.statuses.join() !== firstView.statuses.join())
    for (const status of view.statuses) params.append("status", status);
  for (const id of view.groups) params.append("group", id);
  for (const id of view.roles) params.append("role", id);
  for (const dept of view.depts) params.append("dept", dept);
  if (view.search) params.set("search", view.search);
  const sort = writeSort(view.sort);
  if (sort !== "zoom") params.set("sort", sort);
  if (view.policy.size > 0) params.set("policy", JSON.stringify(Object.fromEntries(view.policy)));
  if (view.deviating) params.set("only", "deviating");
  if (view.table) params.set("as", "table");
  if (view.person) params.set("person", view.person);
  if (view.setting) params.set("setting", view.setting);
  const query = params.toString().replaceAll("%2C", ",");
  return query ? `?${query}` : "";
}

function readSort(text: string | null): Sort {
  const descending = text?.startsWith("-") ?? false;
  const by = descending ? text?.slice(1) : text;
  if (by === "name" || by === "deviations") return { by, descending };
  const setting = find(by ?? "");
  return setting ? { by: { setting: setting.id }, descending } : { by: "zoom", descending };
}

function writeSort(sort: Sort): string {
  return (sort.descending ? "-" : "") + (typeof sort.by === "object" ? sort.by.setting : sort.by);
}

function readPolicies(text: string | null): Policy {
  const policy = new Map<string, Json>();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text ?? "{}");
  } catch {
    return policy;
  }
  if (parsed === null || typeof parsed !== "object") return policy;
  for (const [name, value] of Object.entries(parsed)) {
    const setting = find(name);
    const wanted = setting && fromZoom(setting, value);
    if (setting && wanted !== undefined && !mismatch(setting, wanted)) policy.set(setting.id, wanted);
  }
  return policy;
}
