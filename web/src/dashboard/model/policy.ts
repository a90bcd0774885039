// A policy says what settings should be. It is written as Zoom writes settings, so that one policy serves the console,
// Query.settingsDrift and people who keep it in a file.

import { find, fromZoom, type Json, type Setting, toZoom } from "./catalogue";
import { type Cell, same } from "./cell";

/** The wanted value of each setting that the policy has, by the setting's id. */
export type Policy = ReadonlyMap<string, Json>;

export const noPolicy: Policy = new Map();

/** Whether a cell is known to be otherwise than the policy has it. */
export function deviates(policy: Policy, setting: string, cell: Cell | undefined): boolean {
  const wanted = policy.get(setting);
  return wanted !== undefined && cell?.state === "value" && !same(cell.value, wanted);
}

/** The policy with a value for a setting; undefined takes the setting out. */
export function withValue(policy: Policy, setting: string, value: Json | undefined): Policy {
  const next = new Map(policy);
  if (value === undefined) next.delete(setting);
  else next.set(setting, value);
  return next;
}

/** The policy in Zoom's form: `{"in_meeting": {"waiting_room": true}}`. */
export function policyText(policy: Policy): string {
  const root: { [key: string]: Json } = {};
  for (const [id, value] of policy) {
    const setting = find(id);
    if (!setting) continue;
    const names = setting.zoom.split(".");
    let at = root;
    for (const name of names.slice(0, -1)) {
      at[name] ??= {};
      at = at[name] as { [key: string]: Json };
    }
    at[names.at(-1) ?? ""] = toZoom(setting, value);
  }
  return JSON.stringify(root, null, 2);
}

/** What was read of a text, and what of it is not a policy. */
export interface ReadPolicy {
  policy: Policy;
  problems: string[];
}

/** How many names within each other a policy may have: more than any setting has. */
const maxLevels = 8;

/**
 * Reads a policy: JSON with Zoom's sections and names, or with the schema's. What cannot be used is said, and the rest
 * is taken.
 */
export function readPolicy(text: string): ReadPolicy {
  const policy = new Map<string, Json>();
  const problems: string[] = [];
  let parsed: Json;
  try {
    parsed = JSON.parse(text.trim()) as Json; // without a byte order mark, too
  } catch (error) {
    return { policy, problems: [`This is not JSON: ${(error as Error).message}`] };
  }
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) {
    return { policy, problems: ['A policy is an object of sections, such as {"in_meeting": {"waiting_room": true}}.'] };
  }
  const walk = (value: Json, path: readonly string[]): void => {
    const name = path.join(".");
    const setting = find(name);
    if (setting) {
      const wanted = fromZoom(setting, value);
      const wrong = mismatch(setting, wanted);
      if (wrong) problems.push(`${name}: ${wrong}`);
      else policy.set(setting.id, wanted);
    } else if (path.length < maxLevels && value !== null && typeof value === "object" && !Array.isArray(value)) {
      for (const [key, below] of Object.entries(value)) walk(below, [...path, key]);
    } else {
      problems.push(`${name}: there is no setting of this name.`);
    }
  };
  walk(parsed, []);
  if (policy.size === 0 && problems.length === 0) problems.push("The policy has no settings.");
  return { policy, problems };
}

/** Why a value is none that the setting can have; undefined where it is one. */
export function mismatch(setting: Setting, value: Json): string | undefined {
  if (setting.list) {
    if (!Array.isArray(value)) return "a list is wanted.";
    const each = { ...setting, list: false };
    return value.map((one) => mismatch(each, one)).find(Boolean);
  }
  switch (setting.kind) {
    case "Boolean":
      return typeof value === "boolean" ? undefined : "true or false is wanted.";
    case "Int":
      return typeof value === "number" && (value | 0) === value ? undefined : "a whole number is wanted.";
    case "Long":
      return Number.isInteger(value) ? undefined : "a whole number is wanted.";
    case "ENUM":
      if (setting.values?.some((v) => v.name === value)) return undefined;
      return `one of ${setting.values?.map((v) => v.zoom).join(", ")} is wanted.`;
    case "JSON":
      return undefined;
    default:
      return typeof value === "string" ? undefined : "a text is wanted.";
  }
}

/** How many settings of a row are otherwise than the policy has them. */
export function deviations(policy: Policy, cellOf: (setting: string) => Cell | undefined): number {
  let n = 0;
  for (const setting of policy.keys()) if (deviates(policy, setting, cellOf(setting))) n++;
  return n;
}
