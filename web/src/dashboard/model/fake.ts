// A service for tests: it answers what the loader and the changes ask, as the real one does, after a while of fake time,
// and what a test wants instead.

import { createRequest } from "@urql/core";
import type { DocumentNode, SelectionSetNode } from "graphql";
import type { Answer, Ask, Problem } from "./ask";
import { Board, type Person, type Status } from "./board";
import { find, type Json, type Setting } from "./catalogue";

/** A request, as it came. */
export interface Asked {
  /** The operation's name. */
  name: string;
  variables: Record<string, Json>;
  headers: Record<string, string>;
  document: DocumentNode;
  /** The ids that cells were asked for, in their order, and the settings of which. */
  ids: string[];
  settings: Setting[];
  /** How many requests were under way, with this one. */
  together: number;
  signal?: AbortSignal;
}

export type Fault = Partial<Answer<unknown>> | undefined;

export class FakeService {
  readonly log: Asked[] = [];
  people: Person[] = [];
  /** How long an answer takes. */
  latency = 100;
  /** How many people a page has at most. */
  page = 300;
  /** What is answered in place of the usual; undefined: the usual. It is called when the answer is due. */
  fault: (asked: Asked) => Fault = () => undefined;
  /** The value of a cell. */
  value: (id: string, setting: Setting) => Json = (_, setting) => sample(setting);
  private together = 0;

  readonly ask: Ask = async (document, variables, options = {}) => {
    const node = createRequest(document, variables).query;
    const asked: Asked = { ...read(node, variables), headers: options.headers ?? {}, together: ++this.together };
    asked.signal = options.signal;
    this.log.push(asked);
    const stopped = await pass(this.latency, options.signal);
    this.together--;
    if (stopped) return { data: null, problems: [{ message: "stopped", code: "STOPPED" }], zoom: {} };
    const usual = this.usual(asked);
    const fault = this.fault(asked);
    // biome-ignore lint/suspicious/noExplicitAny: the document says what the data are
    return { data: usual, problems: [], zoom: { cost: cost(asked.ids.length || 1) }, ...fault } as Answer<any>;
  };

  /** The requests of a name. */
  named(name: string): Asked[] {
    return this.log.filter((asked) => asked.name === name);
  }

  private usual({ name, variables, ids, settings }: Asked): unknown {
    switch (name) {
      case "Groups":
        return { groups: { nodes: [{ id: "g1", name: "Engineering" }] } };
      case "Roles":
        return { roles: { nodes: [{ id: "1", name: "Admin" }] } };
      case "People": {
        const all = this.people.filter(({ status }) => status === variables.status);
        const from = Number(variables.after ?? 0);
        const to = from + Math.min(this.page, Number(variables.first));
        const nodes = all.slice(from, to).map(({ name, ...rest }) => ({ ...rest, displayName: name }));
        const more = to < all.length;
        return { users: { nodes, pageInfo: { hasNextPage: more, endCursor: more ? String(to) : null } } };
      }
      case "Me": {
        const { name, ...rest } = this.people[0] ?? crowd(1)[0] ?? { name: "" };
        return { me: { ...rest, displayName: name } };
      }
      case "Cells":
        return Object.fromEntries(ids.map((id, i) => [`u${i}`, { settings: this.tree(id, settings) }]));
    }
    return null;
  }

  /** An answer's settings. */
  tree(id: string, settings: readonly Setting[]): { [name: string]: Json } {
    const root: { [name: string]: Json } = {};
    for (const setting of settings) {
      let at = root;
      for (const name of setting.path.slice(0, -1)) {
        at[name] ??= {};
        at = at[name] as typeof root;
      }
      at[setting.path.at(-1) ?? ""] = this.value(id, setting);
    }
    return root;
  }
}

/** n people of a status, p0, p1, … */
export function crowd(n: number, status: Status = "ACTIVE", prefix = "p"): Person[] {
  return Array.from({ length: n }, (_, i) => ({
    id: `${prefix}${i}`,
    name: `Person ${i}`,
    email: `${prefix}${i}@example.com`,
    dept: "",
    roleId: "1",
    groupIds: [],
    status,
  }));
}

/** A board that tells its listeners at once. */
export function boardOf(people: readonly Person[] = []): Board {
  const board = new Board((tell) => tell());
  board.addPeople(people);
  return board;
}

/** Settings by their ids. */
export function settingsOf(...ids: string[]): Setting[] {
  return ids.map((id) => {
    const setting = find(id);
    if (!setting) throw new Error(`there is no setting ${id}`);
    return setting;
  });
}

/** How many cells of the columns have each state. */
export function statesOf(board: Board, columns: readonly Setting[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { id } of columns) {
    for (const row of board.people.keys()) {
      const state = board.cell(row, id)?.state ?? "unasked";
      counts[state] = (counts[state] ?? 0) + 1;
    }
  }
  return counts;
}

/** A value that a setting can have. */
export function sample(setting: Setting): Json {
  const one = setting.values?.[0]?.name ?? { Boolean: true, Int: 3, JSON: { a: 1 } }[setting.kind] ?? "text";
  return setting.list ? [one] : one;
}

/** A problem at a path, or with the whole request. */
export function trouble(code: string, path?: Problem["path"], more: Partial<Problem> = {}): Problem {
  return { message: code.toLowerCase(), code, path, ...more };
}

const cost = (calls: number) => ({ calls, cached: 0, coalesced: 0, waitedMs: 0, byLabel: { MEDIUM: calls } });

/** Waits; true where the signal came first. */
function pass(ms: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((done) => {
    const end = (stopped: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      done(stopped);
    };
    const stop = () => end(true);
    const timer = setTimeout(() => end(false), ms);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop);
  });
}

function read(
  document: DocumentNode,
  variables: unknown,
): Pick<Asked, "name" | "variables" | "document" | "ids" | "settings"> {
  const of = variables as Record<string, Json>;
  let name = "";
  let settings: Setting[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === "OperationDefinition") name = definition.name?.value ?? "";
    if (definition.kind === "FragmentDefinition") settings = leaves(definition.selectionSet, []);
  }
  const ids = name === "Cells" ? Object.keys(of).map((_, i) => String(of[`u${i}`])) : [];
  return { name, variables: of, document, ids, settings };
}

function leaves(set: SelectionSetNode, path: string[]): Setting[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind !== "Field") return [];
    const below = selection.name.value === "settings" ? [] : [...path, selection.name.value];
    return selection.selectionSet ? leaves(selection.selectionSet, below) : settingsOf(below.join("."));
  });
}
