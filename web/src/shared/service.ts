// What the service tells of itself before anybody has said who they are: console.json. Addresses of the service are
// relative everywhere, since a proxy may have put it below a path.

export interface Facts {
  /** Left out where not everybody may call. */
  version?: string;
  /** An embedded Zoom with made-up people answers. */
  sandbox: boolean;
  /** Whoever calls has to say who that is. */
  closed: boolean;
  /** People can sign in with Zoom, at /sign-in. */
  signIn: boolean;
  /** The schema can be asked for. */
  introspection: boolean;
  /** Nothing but listed documents is answered. */
  documentsOnly: boolean;
  /** A query to begin with. */
  example: string;
}

/** Reads the facts. It fails where the service does not answer, with a text for people. */
export async function readFacts(): Promise<Facts> {
  const response = await fetch("console.json").catch(() => undefined);
  if (!response?.ok) throw new Error("The service does not answer. Is it running?");
  return response.json();
}

/** How many characters of a view the service keeps while somebody signs in. */
const maxReturn = 2048;

/** Where a person goes to sign in with Zoom and come back to this very view, or where that is too long to its page. */
export function signInAddress(): string {
  const query = new URLSearchParams(location.search);
  query.delete("signInError"); // of the time before
  const page = `/${location.pathname.slice(location.pathname.lastIndexOf("/") + 1)}`;
  const view = query.size > 0 ? `${page}?${query}` : page;
  return `sign-in?return=${encodeURIComponent(view.length > maxReturn ? page : view)}`;
}
