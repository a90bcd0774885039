import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client/core';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import * as service from './service.mjs';

const subscribes = ({ query }) => getMainDefinition(query).operation === 'subscription';

const overSockets = () => {
  const socket = createClient({ webSocketImpl: WebSocket, url: service.socketURL });
  return { link: new GraphQLWsLink(socket), socket };
};

// As most people have it: sockets for subscriptions, HTTP for the rest.
const mixed = () => {
  const { link, socket } = overSockets();
  return { link: ApolloLink.split(subscribes, link, new HttpLink({ uri: service.url })), socket };
};

for (const [name, make] of Object.entries({ 'all over a socket': overSockets, 'sockets and HTTP': mixed })) {
  test(`query, mutation and subscription, ${name}`, async () => {
    const { link, socket } = make();
    const client = new ApolloClient({ link, cache: new InMemoryCache(), defaultOptions: { query: { fetchPolicy: 'network-only' } } });
    const once = async (document, variables) => {
      const parsed = gql(document);
      const { data } = parsed.definitions[0].operation === 'mutation'
        ? await client.mutate({ mutation: parsed, variables })
        : await client.query({ query: parsed, variables });
      return data;
    };
    const listen = (document, variables, next) => {
      const listening = client.subscribe({ query: gql(document), variables }).subscribe({
        next: ({ data, error }) => { assert.ifError(error); next(data); },
      });
      return () => listening.unsubscribe();
    };
    await service.dialogue({ once, listen });
    client.stop();
    await socket.dispose();
  });
}
