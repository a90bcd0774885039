// What GraphiQL keeps in this browser: tabs, history, widths. It would keep the headers of the history too, and with
// them a key that somebody typed there, so they are taken out of everything that passes here.

const theirs = "graphiql:"; // how GraphiQL's names begin

const asTyped = [`${theirs}query`, `${theirs}variables`]; // texts of their own, which hold nothing else

/** A value without anybody's headers: undefined where nothing of it may be kept. */
export function withoutHeaders(name: string, value: string): string | undefined {
  if (name === `${theirs}headers`) return undefined;
  if (asTyped.includes(name) || !value.includes('"headers"')) return value;
  try {
    return JSON.stringify(JSON.parse(value, (key, inner) => (key === "headers" ? null : inner)));
  } catch {
    return undefined; // not what GraphiQL writes
  }
}

/** Whether nobody has used GraphiQL here before. */
export function isFirstVisit(): boolean {
  return localStorage.getItem(`${theirs}tabState`) === null;
}

/** localStorage for GraphiQL. */
export const quietStorage = {
  getItem: (name: string) => localStorage.getItem(name),
  removeItem: (name: string) => localStorage.removeItem(name),
  setItem(name: string, value: string) {
    const kept = withoutHeaders(name, value);
    if (kept === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, kept);
  },
  clear() {
    for (const name of Object.keys(localStorage)) if (name.startsWith(theirs)) localStorage.removeItem(name);
  },
  get length() {
    return localStorage.length;
  },
};
