import { identified } from "../shared/key";
import type { Price } from "./runs";
import type { Explanation } from "./waterfall";

// One question, over HTTP.

export const endpoint = "graphql";

export type Headers = Record<string, string>;

export interface Params {
  query: string;
  variables?: unknown;
  operationName?: string | null | undefined;
}

/** An answer, as far as it is of interest here. */
export interface Result {
  data?: unknown;
  errors?: { message: string }[];
  extensions?: {
    zoom?: Explanation & { plan?: Price };
  };
}

/** Asks once, over HTTP. It fails with a text for people where no GraphQL came back. */
export async function ask(
  params: Params,
  headers: Headers,
  way: { refused(): void },
  signal?: AbortSignal,
): Promise<Result> {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json;q=0.9",
      ...identified(headers),
    },
    body: JSON.stringify(params),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw told("The service does not answer. Is it running?");
  });
  if (response.status === 401) way.refused();
  const result: unknown = await response.json().catch(() => undefined);
  if (typeof result !== "object" || result === null) {
    throw told(`The service answered ${response.status}, and no GraphQL.`);
  }
  return result;
}

/** An error that GraphiQL shows without where in this page it came from. */
export function told(message: string): Error {
  const error = new Error(message);
  delete error.stack;
  return error;
}
