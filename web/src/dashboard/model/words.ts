// What the page says of a trouble: what is wrong, what that means for what is shown, and what helps.

import { type Problem, problemText } from "./ask";
import type { Trouble } from "./health";

/** Where apps, their credentials and their scopes are set. */
export const marketplace = "https://marketplace.zoom.us/user/build";

export interface Words {
  title: string;
  /** What it is, in the service's words. */
  why: string;
  /** What that means for what is shown. */
  shown: string;
  /** What is to be done, or what will be. */
  next: string;
  /** What is to be mended is found in Zoom's Marketplace. */
  atMarketplace?: boolean;
  /** Who looks has to say anew who they are. */
  enter?: boolean;
}

const old = "What is shown may be old, and nothing can be changed.";

/** personal says that Zoom is asked as the person who looks, who signed in with Zoom. */
export function troubleWords({ kind, problem }: Trouble, personal: boolean): Words {
  const why = problemText(problem);
  switch (kind) {
    case "service":
      return {
        title: "The service cannot be reached",
        why,
        shown: "What is shown may be old, and changes do not appear.",
        next: "This page goes on by itself when the service answers.",
      };
    case "caller":
      return {
        title: "The service does not know you any more",
        why,
        shown: old,
        next: "Say again who you are; this view stays in the address.",
        enter: true,
      };
    case "credentials":
      if (personal)
        return { title: "Zoom refuses your sign-in", why, shown: old, next: "Sign in with Zoom again.", enter: true };
      return {
        title: "Zoom refuses this service’s credentials",
        why,
        shown: old,
        next: "Whoever runs the service can mend that, in its configuration or in the app at Zoom. This page goes on by itself when Zoom accepts them.",
        atMarketplace: true,
      };
    case "zoom":
      return {
        title: problem.code === "UPSTREAM_INVALID_RESPONSE" ? "What answers is not Zoom" : "Zoom does not answer",
        why,
        shown: old,
        next: "This page goes on by itself when Zoom answers.",
      };
    case "limit":
      return {
        title: "Zoom’s calls for this account are used up",
        why: `Zoom allows more ${timeText(problem)}.`,
        shown: "What is shown stays.",
        next: "This page goes on by itself when Zoom allows calls.",
      };
  }
}

function timeText({ retryAt }: Problem): string {
  return retryAt
    ? `at ${new Date(retryAt).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" })}`
    : "later";
}

/** What lacks which scopes, in words: what each operation of this page is for. */
const uses: Readonly<Record<string, string>> = {
  Groups: "groups are shown by their ids",
  Roles: "roles are shown by their ids",
  People: "people cannot be listed",
  Cells: "settings cannot be read",
  Effective: "where a value comes from cannot be told",
  Change: "settings cannot be changed",
};

/** Which scopes the app lacks, and what does not work without them; undefined where it lacks none but those told elsewhere. */
export function scopeWords(
  missing: ReadonlyMap<string, readonly string[]>,
  elsewhere: readonly string[] = [],
): { scopes: string[]; means: string } | undefined {
  const told = [...missing].filter(([name]) => !elsewhere.includes(name));
  if (told.length === 0) return undefined;
  const scopes = [...new Set(told.flatMap(([, scopes]) => scopes))].sort();
  // In one order, whichever answer came first.
  const known = Object.keys(uses).filter((use) => told.some(([name]) => name === use));
  const means = known.flatMap((name) => uses[name] ?? []);
  return { scopes, means: list(known.length < told.length ? [...means, "something cannot be read"] : means) };
}

const list = (of: readonly string[]) => [...new Set(of)].join(", ").replace(/, ([^,]*)$/, " and $1");
