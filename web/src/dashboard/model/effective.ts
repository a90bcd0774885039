// Under which name the effective value of a setting is asked for, and what its answer says.

import type { EffectiveQuery } from "../../gql/graphql";
import type { Setting } from "./catalogue";

export type Effective = NonNullable<EffectiveQuery["user"]>["effectiveSettings"][number];
export type Step = Effective["because"][number];

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
export function sourceText(of: Pick<Effective, "source" | "group" | "lockedBy" | "lockedByGroup">): string {
  const source = {
    USER: "the person’s own setting",
    GROUP: groupText(of.group),
    ACCOUNT: "the account",
    DEFAULT: "Zoom’s default",
  }[of.source];
  if (!of.lockedBy) return source;
  return `${source}, locked by ${of.lockedBy === "GROUP" ? groupText(of.lockedByGroup) : "the account"}`;
}

function groupText(group: { name?: string | null } | null | undefined): string {
  return group?.name ? `the group ${group.name}` : "a group";
}

/** Why it is not certain, in words; nothing where it is. */
export function doubtText(of: Pick<Effective, "reason">): string | undefined {
  switch (of.reason) {
    case "GROUP_MODEL_UNDECLARED":
      return "Zoom does not tell how this account’s groups decide, and group_model in the configuration does not say it.";
    case "GROUP_RANK_UNDECLARED":
      return "A group of the person has no rank in group_ranks of the configuration.";
    case "LOCKS_DIFFER":
      return "Groups lock it differently, and it is not known which lock is more restrictive.";
    case "VALUES_WITHHELD":
      return "It is a secret, and this caller may not see secrets, so its values are not compared.";
  }
  return undefined;
}

/** What a level says, in words; value is its value in words, if it has one. */
export function stepText(step: Step, value: string | undefined): string {
  const level = {
    ACCOUNT: "The account",
    GROUP: step.group?.name ? `The group ${step.group.name}` : "A group",
    USER: "Zoom’s answer for the person",
  }[step.level];
  const notes = [
    ...(step.rank ? [`rank ${step.rank}`] : []),
    ...(step.locked ? ["locks it"] : []),
    ...(step.manages === false ? ["does not manage it"] : []),
    ...(step.decides ? ["decides"] : []),
    ...(step.decides === null && step.level !== "USER" ? ["may decide"] : []),
  ];
  return `${level}: ${[value ?? "says nothing", ...notes].join(", ")}`;
}
