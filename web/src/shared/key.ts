// The key that a person typed. It lives as long as the tab does, and is never written anywhere else.

const name = "zoomgraph.key";

export function readKey(): string {
  return sessionStorage.getItem(name) ?? "";
}

/** Keeps a key; an empty one is forgotten. */
export function keepKey(key: string): void {
  if (key) sessionStorage.setItem(name, key);
  else sessionStorage.removeItem(name);
}

/** The headers that say who calls; none without a key, where a cookie may say it. */
export function authorization(): Record<string, string> {
  const key = readKey();
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** Headers with those that say who calls, unless they say it themselves: names count in any letters. */
export function identified(headers: Record<string, string>): Record<string, string> {
  const given = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
  return given ? headers : { ...authorization(), ...headers };
}
