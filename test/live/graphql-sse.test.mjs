import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from 'graphql-sse';
import * as service from './service.mjs';

const connect = (options) => createClient({ url: service.url, ...options });

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
  client.dispose();
});

test('an operation at fault is answered by its errors', async () => {
  const client = connect();
  await assert.rejects(once(client)('{ nothing }'), (errors) => errors[0].extensions.code === 'GRAPHQL_VALIDATION_FAILED');
  client.dispose();
});

test('a subscription survives a restart of the service', async () => {
  const client = connect({ retry: () => new Promise((again) => { setTimeout(again, 20); }), retryAttempts: 1000 });
  let heard;
  const change = new Promise((resolve) => { heard = resolve; });
  const stop = listen(client)(service.subscription, service.variables, heard);
  await service.subscribers(1);
  await service.restart();
  await service.subscribers(1);
  service.assertWritten(await once(client)(service.mutation, service.turn(true)), true);
  service.assertHeard(await change, true);
  stop();
  await service.subscribers(0);
  client.dispose();
});
