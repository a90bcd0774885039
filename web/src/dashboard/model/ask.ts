// Asking the service. Everything that can go wrong becomes a Problem, whose message is for people.

import { type AnyVariables, Client, type DocumentInput, fetchExchange } from "@urql/core";
import { authorization } from "../../shared/key";

/** What an error of an answer says, or why there is no answer. */
export interface Problem {
  message: string;
  /** A code of the service's, or OFFLINE where it does not answer. */
  code: string;
  path?: readonly (string | number)[];
  hint?: string;
  /** When it may be asked again, in milliseconds since 1970. */
  retryAt?: number;
  requestId?: string;
  missingScopes?: string[];
}

/** What an answer cost: extensions.zoom.cost. */
export interface Cost {
  calls: number;
  cached: number;
  coalesced: number;
  waitedMs: number;
  byLabel: Record<string, number>;
}

/** What a request would cost: extensions.zoom.plan. */
export interface Plan {
  calls: number;
  byLabel: Record<string, number>;
  limit: number;
  seconds?: number;
}

/** How an answer explains itself: extensions.zoom. */
export interface Explanation {
  cost?: Cost;
  absent?: { path: (string | number)[]; reason: string }[];
  stale?: { path: (string | number)[]; asOf: string }[];
  plan?: Plan;
}

export interface Answer<Data> {
  data: Data | null;
  problems: Problem[];
  zoom: Explanation;
}

export interface AskOptions {
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

/** Asks once. It does not fail: without an answer, data is null and problems say why. */
export type Ask = <Data, Variables extends AnyVariables>(
  document: DocumentInput<Data, Variables>,
  variables: Variables,
  options?: AskOptions,
) => Promise<Answer<Data>>;

/** What asks the service that this page comes from. */
export function asker(): Ask {
  const client = new Client({ url: "/graphql", exchanges: [fetchExchange], preferGetMethod: false });
  return (document, variables, options = {}) =>
    new Promise((done) => {
      if (options.signal?.aborted) {
        done(stopped());
        return;
      }
      const headers = { ...authorization(), ...options.headers };
      const source = client.query(document, variables, { requestPolicy: "network-only", fetchOptions: { headers } });
      const { unsubscribe } = source.subscribe((result) => {
        options.signal?.removeEventListener("abort", stop);
        const errors = result.error?.graphQLErrors ?? [];
        const problems = errors.map((error) => problem(error));
        if (result.error && problems.length === 0) problems.push(unanswered(result.error));
        done({ data: result.data ?? null, problems, zoom: (result.extensions?.zoom ?? {}) as Explanation });
      });
      const stop = () => {
        unsubscribe();
        done(stopped());
      };
      options.signal?.addEventListener("abort", stop, { once: true });
    });
}

const stopped = () => ({ data: null, problems: [{ message: "stopped", code: "STOPPED" }], zoom: {} });

interface GraphQLProblem {
  message: string;
  path?: readonly (string | number)[];
  extensions?: Record<string, unknown>;
}

function problem({ message, path, extensions = {} }: GraphQLProblem): Problem {
  const text = (name: string) => (typeof extensions[name] === "string" ? (extensions[name] as string) : undefined);
  const retryAt = Date.parse(text("retryAfter") ?? "");
  return {
    message,
    path,
    code: text("code") ?? "INTERNAL",
    hint: text("hint"),
    requestId: text("requestId"),
    retryAt: Number.isNaN(retryAt) ? undefined : retryAt,
    missingScopes: extensions.missingScopes as string[] | undefined,
  };
}

function unanswered(error: { networkError?: Error; response?: Response }): Problem {
  const status = error.response?.status;
  if (status) return { message: `the service answers ${status} and no GraphQL`, code: "OFFLINE" };
  return { message: "the service does not answer", code: "OFFLINE", hint: "Is it running, and is the network there?" };
}

/** A problem as a sentence: what, and what to do. */
export function problemText(of: Problem): string {
  const parts = [of.message];
  if (of.missingScopes?.length) parts.push(`missing scopes: ${of.missingScopes.join(", ")}`);
  if (of.hint) parts.push(of.hint);
  const text = parts.join("; ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
