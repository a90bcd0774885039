import { Environment, Network, RecordSource, Store, fetchQuery, graphql } from 'relay-runtime';
import { address, headers } from './service.js';
import type { relayPeopleQuery } from './__generated__/relayPeopleQuery.graphql.js';

export const environment = new Environment({
  network: Network.create(async ({ text, id }, variables) => {
    const response = await fetch(address, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify(text ? { query: text, variables } : { documentId: id, variables }),
    });
    return await response.json();
  }),
  store: new Store(new RecordSource()),
  // An id is Zoom's, and a user and their telephone have the same one: records go by their type as well.
  getDataID: (node, type) => (node.id == null ? null : `${type}:${node.id}`),
});

export const people = () => fetchQuery<relayPeopleQuery>(environment, graphql`
  query relayPeopleQuery {
    users(first: 100) { nodes { id email settings { inMeeting { waitingRoom } } } }
  }
`, {}).toPromise();
