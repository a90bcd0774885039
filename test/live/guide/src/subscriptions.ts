import { print } from 'graphql';
import { createClient as overSockets } from 'graphql-ws';
import { createClient as overEvents } from 'graphql-sse';
import { address, headers } from './service.js';
import { Changes } from './documents.js';

// When the service is started anew, both come back by themselves; read what you show anew then.
export const socket = overSockets({ url: address.replace(/^http/, 'ws'), connectionParams: headers, retryAttempts: 100 });
export const events = overEvents({ url: address, headers, retryAttempts: 100 });

// Calls heard for each change until what it returns is called.
export function changes(over: typeof socket | typeof events, heard: (fields: readonly string[]) => void) {
  return over.subscribe<{ userSettingsChanged: { fields: string[] } }>({ query: print(Changes) }, {
    next: ({ data }) => { if (data) heard(data.userSettingsChanged.fields); },
    error: (trouble) => console.error('the subscription ended', trouble),
    complete: () => {},
  });
}
