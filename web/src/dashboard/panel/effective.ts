// What really holds for a person, and why: User.effectiveSettings, asked when a panel needs it.

import { useEffect, useState } from "react";
import type { EffectiveQuery } from "../../gql/graphql";
import { useDesk } from "../desk";
import type { Problem } from "../model/ask";
import type { Setting } from "../model/catalogue";
import { effectiveDocument } from "../model/documents";

export type Effective = NonNullable<EffectiveQuery["user"]>["effectiveSettings"][number];

export interface EffectiveState {
  /** By the name that effectiveName gives. */
  known: ReadonlyMap<string, Effective>;
  problem?: Problem;
  loading: boolean;
}

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

/** Asks for what holds for a person, and again when key changes. */
export function useEffective(person: string, of: readonly Setting[], key: number): EffectiveState {
  const { ask } = useDesk();
  const [state, setState] = useState<EffectiveState>({ known: new Map(), loading: true });
  const names = [...new Set(of.map(effectiveName))].join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says that it is to be asked again
  useEffect(() => {
    const controller = new AbortController();
    setState({ known: new Map(), loading: true });
    const fields = names.split(",");
    void ask(effectiveDocument, { id: person, fields }, { signal: controller.signal }).then(({ data, problems }) => {
      if (controller.signal.aborted) return;
      const found = data?.user?.effectiveSettings ?? [];
      const known = new Map(found.map((one) => [one.section ? `${one.section}.${one.name}` : one.name, one]));
      setState({ known, loading: false, problem: known.size === 0 ? problems[0] : undefined });
    });
    return () => controller.abort();
  }, [ask, person, names, key]);
  return state;
}

/** Where a value comes from, in words. */
export function sourceText(of: Effective): string {
  const source = {
    USER: "the person’s own",
    GROUP: "from the group",
    ACCOUNT: "from the account",
    DEFAULT: "Zoom’s default",
  }[of.source];
  if (!of.lockedBy) return source;
  return `${source}, locked by the ${of.lockedBy.toLowerCase()}`;
}
