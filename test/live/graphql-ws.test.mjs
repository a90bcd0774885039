import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import * as service from './service.mjs';

const connect = (options) => createClient({ webSocketImpl: WebSocket, url: service.socketURL, ...options });

const once = (client) => (query, variables) => new Promise((resolve, reject) => {
  let result;
  client.subscribe({ query, variables }, {
    next: (answer) => { result = answer; },
    error: reject,
    complete: () => (result.errors ? reject(result.errors) : resolve(result.data)),
  });
});

const listen = (client) => (query, variables, next) =>
  client.subscribe({ query, variables }, { next: ({ data }) => next(data), error: (e) => { throw e; }, complete() {} });

test('query, mutation and subscription', async () => {
  const client = connect();
  await service.dialogue({ once: once(client), listen: listen(client) });
  await client.dispose();
});

test('an operation at fault is an error of that operation', async () => {
  const client = connect();
  await assert.rejects(once(client)('{ nothing }'), (errors) => errors[0].extensions.code === 'GRAPHQL_VALIDATION_FAILED');
  service.assertRead(await once(client)(service.query, service.variables), false);
  await client.dispose();
});

test('pings are answered', async () => {
  let ponged;
  const pong = new Promise((resolve) => { ponged = resolve; });
  const client = connect({ lazy: false, keepAlive: 20, on: { pong: (received) => received && ponged() } });
  await pong;
  await client.dispose();
});

test('a subscription survives a restart of the service', async () => {
  const closed = [];
  const between = () => new Promise((again) => { setTimeout(again, 20); }); // a hundred tries at once are over before a slow machine has started the service
  const client = connect({ retryWait: between, shouldRetry: () => true, retryAttempts: 1000, on: { closed: (event) => closed.push(event.code) } });
  let heard;
  const change = new Promise((resolve) => { heard = resolve; });
  const stop = listen(client)(service.subscription, service.variables, heard);
  await service.subscribers(1);
  await service.restart();
  await service.subscribers(1);
  service.assertWritten(await once(client)(service.mutation, service.turn(true)), true);
  service.assertHeard(await change, true);
  assert.equal(closed[0], 1001);
  stop();
  await service.subscribers(0);
  await client.dispose();
});

test('who is refused does not come again for ever', async () => {
  const before = await service.refusals();
  const client = connect({ url: service.refusingURL, retryAttempts: 2, retryWait: async () => {} });
  await assert.rejects(
    new Promise((resolve, reject) => {
      client.subscribe({ query: service.query, variables: service.variables }, { next: resolve, error: reject, complete: resolve });
    }),
    (event) => event.code === 4403 && event.reason === 'Forbidden',
  );
  assert.equal(await service.refusals() - before, 3); // the first try and the two that the client was told to make
});
