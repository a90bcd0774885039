// Changes that anybody makes through the service, as they happen: over a WebSocket that connects again by itself.

import { createClient } from "graphql-ws";
import { readKey } from "../../shared/key";
import type { Board } from "./board";
import type { Setting } from "./catalogue";
import type { Loader } from "./loader";
import { changesDocument } from "./written";

/** Whether changes are heard of. */
export type LiveState = "connecting" | "live" | "offline";

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
  const url = new URL("/graphql", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const client = createClient({
    url: url.href,
    connectionParams: () => (readKey() ? { Authorization: `Bearer ${readKey()}` } : {}),
    keepAlive: 20_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    on: {
      connecting: () => tell("connecting"),
      connected: () => tell("live"),
      closed: () => tell("offline"),
    },
  });
  const stop = client.subscribe<ChangedData>(
    { query: changesDocument },
    {
      next({ data }) {
        const change = data?.userSettingsChanged;
        if (!change?.user) return;
        const { id } = change.user;
        const mine = own(id, change.fields);
        board.addChange({ at: change.at, person: id, fields: change.fields, own: mine });
        const row = board.rowOf(id);
        const shown = columns().filter((setting) => change.fields.includes(setting.name));
        if (row !== undefined && !mine && shown.length > 0) loader.refresh(row, shown);
      },
      error: () => tell("offline"),
      complete: () => tell("offline"),
    },
  );
  return {
    close() {
      stop();
      void client.dispose();
    },
  };
}
