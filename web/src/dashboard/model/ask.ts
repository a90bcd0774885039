// Asking the service. Everything that can go wrong becomes a Problem, whose message is for people.

import { type AnyVariables, createRequest, type DocumentInput, getOperationName, stringifyDocument } from "@urql/core";
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
  /** The operation of Zoom's that failed as a whole. */
  operation?: string;
  /** What Zoom answered, where it answered. */
  status?: number;
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
  return async <Data, Variables extends AnyVariables>(
    document: DocumentInput<Data, Variables>,
    variables: Variables,
    { signal, headers }: AskOptions = {},
  ): Promise<Answer<Data>> => {
    const { query } = createRequest(document, variables);
    const body = { operationName: getOperationName(query), query: stringifyDocument(query), variables };
    let response: Response | undefined;
    try {
      response = await fetch(`${base}/graphql`, {
        method: "POST",
        headers: { ...json, ...identity(), ...headers },
        body: JSON.stringify(body),
        signal: signal ?? null,
      });
      const { data, errors = [], extensions } = (await response.json()) as Told<Data>;
      if (data !== undefined || errors.length > 0) {
        return { data: data ?? null, problems: errors.map((error) => problem(error)), zoom: extensions?.zoom ?? {} };
      }
    } catch {
      if (signal?.aborted) return unanswered({ message: "stopped", code: "STOPPED" });
    }
    return unanswered(silence(response));
  };
}

const json = {
  "Content-Type": "application/json",
  Accept: "application/graphql-response+json, application/json",
};

/** An answer as it is sent. */
interface Told<Data> {
  data?: Data | null;
  errors?: GraphQLProblem[];
  extensions?: { zoom?: Explanation };
}

const unanswered = (problem: Problem) => ({ data: null, problems: [problem], zoom: {} });

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
    operation: text("operation"),
    status: typeof extensions.httpStatus === "number" ? extensions.httpStatus : undefined,
    retryAt: Number.isNaN(retryAt) ? undefined : retryAt,
    missingScopes: Array.isArray(extensions.missingScopes) ? extensions.missingScopes.map(String) : undefined,
    leftOut: typeof extensions.leftOut === "number" ? extensions.leftOut : undefined,
    tooLong: typeof extensions.seconds === "number" || undefined,
  };
}

/** Why there is no answer, where the service sent none of GraphQL's. */
function silence(response: Response | undefined): Problem {
  if (response) return { message: `the service answers ${response.status} and no GraphQL`, code: "OFFLINE" };
  return { message: "the service does not answer", code: "OFFLINE", hint: "is it running, and is the network there?" };
}

/** Whether Zoom itself refuses the credentials or the token. */
export function isRefused({ code, status }: Problem): boolean {
  return code === "UPSTREAM_AUTH_FAILED" && (status === 400 || status === 401);
}

/** Whether a call was not answered, or not as Zoom answers: the same may be answered later. */
export function isUnanswered(problem: Problem): boolean {
  const { code, operation } = problem;
  if (code === "UPSTREAM_AUTH_FAILED") return !isRefused(problem); // nobody gave a token, and nobody refused one
  if (code === "UPSTREAM_INVALID_RESPONSE") return operation !== undefined; // else it is about a single value
  return code === "UPSTREAM_UNAVAILABLE" || code === "UPSTREAM_TIMEOUT";
}

/** A problem in words, as part of a sentence: what is wrong, and what to do. All problems are told in these words. */
export function problemWords({ message, missingScopes = [], hint }: Problem): string {
  const scopes = missingScopes.length > 0 ? `missing scopes: ${missingScopes.join(", ")}` : "";
  return [message, scopes, hint].filter(Boolean).join("; ");
}

/** A problem as a sentence. */
export function problemText(of: Problem): string {
  return sentence(problemWords(of));
}

/** Words as a sentence: with a capital letter and a stop. */
export function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.?!…]$/.test(words) ? "" : "."}`;
}
