import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import { address, headers } from './service.js';
import { People } from './documents.js';

export const socket = createClient({ url: address.replace(/^http/, 'ws'), connectionParams: headers });

export const apollo = new ApolloClient({
  // Subscriptions over a socket, all else over HTTP.
  link: ApolloLink.split(
    ({ query }) => {
      const main = getMainDefinition(query);
      return main.kind === 'OperationDefinition' && main.operation === 'subscription';
    },
    new GraphQLWsLink(socket),
    new HttpLink({ uri: address, headers }),
  ),
  cache: new InMemoryCache({
    // Settings have no id: what one query brings joins what another one brought.
    typePolicies: { User: { fields: { settings: { merge: true } } }, UserSettings: { merge: true }, UserInMeetingSettings: { merge: true } },
  }),
});

// Keeps what came beside errors.
export const people = () => apollo.query({ query: People, variables: {}, errorPolicy: 'all' });
