// Asking the service. Everything that can go wrong becomes a Problem, whose message is for people.

import { type AnyVariables, Client, createRequest, type DocumentInput, fetchExchange } from "@urql/core";
import type { DocumentNode } from "graphql";
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
  /** How many more problems there were than an answer holds: this one stands for them. */
  leftOut?: number;
  /** It would take longer at the account's rate than a request may: to be asked for in smaller parts. */
  tooLong?: boolean;
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

/**
 * What asks the service: the one that this page comes from and with the key that was typed, unless another base and
 * other headers are given.
 */
export function asker(base = ".", identity: () => Record<string, string> = authorization): Ask {
  const client = new Client({ url: `${base}/graphql`, exchanges: [fetchExchange], preferGetMethod: false });
  let asked = 0;
  return (document, variables, options = {}) =>
    new Promise((done) => {
      if (options.signal?.aborted) {
        done(stopped());
        return;
      }
      // A key of its own, since the client lets requests of one key share an answer, also one that was there before.
      const request = { ...createRequest(document, variables), key: ++asked };
      const context = {
        requestPolicy: "network-only" as const,
        fetchOptions: { headers: { ...identity(), ...options.headers } },
      };
      const source = isMutation(request.query)
        ? client.executeMutation(request, context)
        : client.executeQuery(request, context);
      let leave = () => {};
      const end = (answer: Parameters<typeof done>[0]) => {
        options.signal?.removeEventListener("abort", stop);
        done(answer);
        leave();
      };
      const stop = () => end(stopped());
      options.signal?.addEventListener("abort", stop);
      leave = source.subscribe((result) => {
        const problems = (result.error?.graphQLErrors ?? []).map((error) => problem(error));
        if (result.error && problems.length === 0) problems.push(unanswered(result.error));
        end({ data: result.data ?? null, problems, zoom: (result.extensions?.zoom ?? {}) as Explanation });
      }).unsubscribe;
    });
}

function isMutation({ definitions }: DocumentNode): boolean {
  return definitions.some((of) => of.kind === "OperationDefinition" && of.operation === "mutation");
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
    missingScopes: Array.isArray(extensions.missingScopes) ? extensions.missingScopes.map(String) : undefined,
    leftOut: typeof extensions.leftOut === "number" ? extensions.leftOut : undefined,
    tooLong: typeof extensions.seconds === "number" || undefined,
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
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!…]$/.test(text) ? "" : "."}`;
}
