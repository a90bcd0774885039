// Changes that anybody makes through the service, as they happen: over a WebSocket that connects again by itself.

import { createClient } from "graphql-ws";
import { readKey } from "../../shared/key";
import { end } from "../../shared/socket";
import type { Board } from "./board";
import type { Setting } from "./catalogue";
import type { Loader } from "./loader";
import { changesDocument } from "./written";

/** Whether changes are heard of. */
export type LiveState = "connecting" | "live" | "offline";

/** How long it waits at most before it connects again, in milliseconds. */
const longestWait = 30_000;

export interface Live {
  close(): void;
}

interface ChangedData {
  userSettingsChanged: { user: { id: string } | null; fields: string[]; at: string };
}

/**
 * Listens until closed. What changed and is shown is read anew; own says whether a change is one of this window's, which
 * has read it already.
 */
export function listen(
  board: Board,
  loader: Loader,
  columns: () => readonly Setting[],
  own: (person: string, fields: readonly string[]) => boolean,
  tell: (state: LiveState) => void,
): Live {
  const url = new URL("graphql", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const client = createClient({
    url: url.href,
    connectionParams: () => (readKey() ? { Authorization: `Bearer ${readKey()}` } : {}),
    keepAlive: 20_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (retries) =>
      new Promise((done) => setTimeout(done, Math.min(1000 * 2 ** retries, longestWait) * (0.75 + Math.random() / 2))),
    on: {
      connecting: () => tell("connecting"),
      connected: () => tell("live"),
      closed: () => tell("offline"),
    },
  });
  const next = ({ data }: { data?: ChangedData | null }) => {
    const change = data?.userSettingsChanged;
    if (!change?.user) return;
    const { id } = change.user;
    const mine = own(id, change.fields);
    board.addChange({ at: change.at, person: id, fields: change.fields, own: mine });
    const row = board.rowOf(id);
    const shown = columns().filter((setting) => change.fields.includes(setting.name));
    if (row !== undefined && !mine && shown.length > 0) loader.refresh(row, shown);
  };
  let closed = false;
  let stop = () => {};
  let again: ReturnType<typeof setTimeout> | undefined;
  const subscribe = () => {
    // The service ends a subscription that does not keep up, and a connection that it does not let in.
    const ended = () => {
      if (closed) return;
      tell("offline");
      again = setTimeout(subscribe, longestWait);
    };
    stop = client.subscribe<ChangedData>({ query: changesDocument }, { next, error: ended, complete: ended });
  };
  subscribe();
  return {
    close() {
      closed = true;
      clearTimeout(again);
      stop();
      end(client);
    },
  };
}
