import type { Client } from "graphql-ws";

/** Ends a client. It may wait for a connection that never comes about, which graphql-ws would tell as a fault of the page. */
export function end(client: Client): void {
  Promise.resolve(client.dispose()).catch(() => {});
}
