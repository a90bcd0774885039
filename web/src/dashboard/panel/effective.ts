// What really holds for a person, and why: User.effectiveSettings, asked when a panel needs it.

import { useEffect, useState } from "react";
import { useDesk } from "../desk";
import type { Problem } from "../model/ask";
import type { Setting } from "../model/catalogue";
import { effectiveDocument } from "../model/documents";
import { type Effective, effectiveName } from "../model/effective";

export interface EffectiveState {
  /** By the name that effectiveName gives. */
  known: ReadonlyMap<string, Effective>;
  problem?: Problem;
  loading: boolean;
}

/** Asks for what holds for a person, and again when key changes, or when a trouble that may have kept it is over. */
export function useEffective(person: string, of: readonly Setting[], key: number): EffectiveState {
  const { ask, health } = useDesk();
  const { recoveries } = health;
  const [state, setState] = useState<EffectiveState>({ known: new Map(), loading: true });
  const names = [...new Set(of.map(effectiveName))].join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: key and recoveries say that it is to be asked again
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
  }, [ask, person, names, key, recoveries]);
  return state;
}
