// The address says what is edited, so that it can be sent to a colleague: ?query=&variables=&operationName=. What stands
// in the headers is never part of it.

export interface Linked {
  query?: string | null;
  variables?: string | null;
  operationName?: string | null;
}

/** How long an address may be: longer ones do not survive every mail and chat. */
const longest = 8000;

/** What the address asks for; nothing where it has no query. */
export function readLink(search: string): Linked {
  const params = new URLSearchParams(search);
  const query = params.get("query");
  if (!query) return {};
  return { query, variables: params.get("variables"), operationName: params.get("operationName") };
}

/** The address of what is edited; without it where that would be too long. */
export function linkOf(path: string, { query, variables, operationName }: Linked): string {
  if (!query?.trim()) return path;
  const params = new URLSearchParams({ query });
  if (variables?.trim() && variables.trim() !== "{}") params.set("variables", variables);
  if (operationName) params.set("operationName", operationName);
  const link = `${path}?${params}`;
  return link.length > longest ? path : link;
}
