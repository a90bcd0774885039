import { print } from 'graphql';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { address, headers } from './service.js';
import { People } from './documents.js';
import type { PeopleQuery } from './gql/graphql.js';

// What every answer may hold. data stands beside errors: one user that cannot be read leaves the others standing.
interface Answer<Data> {
  data?: Data | null;
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string; retryAfter?: number; requestId?: string } }[];
  extensions?: { zoom?: { cost: { calls: number; requested: number } } };
}

export async function ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Answer<Data>> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ query: print(document), variables }),
  });
  return await response.json() as Answer<Data>;
}

// Everybody, a page after the other.
export async function* people() {
  for (let after: string | null | undefined; ;) {
    const { data, errors }: Answer<PeopleQuery> = await ask(People, { after });
    if (!data) throw new Error(errors?.[0]?.message);
    yield* data.users.nodes;
    if (!data.users.pageInfo.hasNextPage) return;
    after = data.users.pageInfo.endCursor;
  }
}
