import { test } from 'node:test';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import * as service from './service.mjs';

const dialogue = async (exchanges, options) => {
  const client = new Client({ url: service.url, exchanges, preferGetMethod: false, ...options });
  const once = async (document, variables) => {
    const operation = document === service.mutation ? client.mutation(document, variables) : client.query(document, variables);
    const { data, error } = await operation.toPromise();
    if (error) throw error;
    return data;
  };
  const listen = (document, variables, next) =>
    client.subscription(document, variables).subscribe(({ data, error }) => {
      if (error) throw error;
      if (data) next(data);
    }).unsubscribe;
  await service.dialogue({ once, listen });
};

test('query and mutation by fetch, subscription over a socket', async () => {
  const socket = createClient({ webSocketImpl: WebSocket, url: service.socketURL });
  const forward = subscriptionExchange({
    forwardSubscription: ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query: query ?? '', variables }, sink) }),
    }),
  });
  await dialogue([fetchExchange, forward]);
  await socket.dispose();
});

test('everything by fetch', () => dialogue([fetchExchange], { fetchSubscriptions: true }));

test('queries by GET', () => dialogue([fetchExchange], { fetchSubscriptions: true, preferGetMethod: 'force' }));
