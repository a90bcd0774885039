// Under which name the effective value of a setting is asked for, and what its answer says.

import type { EffectiveQuery } from "../../gql/graphql";
import type { Setting } from "./catalogue";

export type Effective = NonNullable<EffectiveQuery["user"]>["effectiveSettings"][number];

/** The name under which a setting's effective value is asked for, with its section where it has one. */
export function effectiveName(setting: Setting): string {
  const names = setting.zoom.split(".");
  return names
    .slice(0, names.indexOf(setting.name, names.length > 1 && names[0] !== setting.name ? 1 : 0) + 1)
    .join(".");
}

/** The names Zoom has below that one, for a setting that is part of a structure. */
export function effectivePath(setting: Setting): string[] {
  return setting.zoom.split(".").slice(effectiveName(setting).split(".").length);
}

/** Where a value comes from, in words. */
export function sourceText(of: Effective): string {
  const source = {
    USER: "the person’s own setting",
    GROUP: "the group",
    ACCOUNT: "the account",
    DEFAULT: "Zoom’s default",
  }[of.source];
  if (!of.lockedBy) return source;
  return `${source}, locked by the ${of.lockedBy.toLowerCase()}`;
}
