// The code of docs/dashboards.md at work: the Go test beside has built it and runs the service.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import WebSocket from 'ws';

globalThis.WebSocket ??= WebSocket; // browsers have it, and Node since 22

const { address, headers } = await import('./out/service.js');
const { People, SetWaitingRoom, Changes } = await import('./out/documents.js');
const { ask, people } = await import('./out/fetch.js');
const ada = 'ada.lovelace@example.com';
let on = false;

// Changes a setting until somebody has heard of it: that a subscription has begun nobody is told.
async function changedUntil(heard) {
  let done = false;
  heard = heard.finally(() => { done = true; });
  heard.catch(() => {});
  while (!done) {
    on = !on;
    const { data } = await ask(SetWaitingRoom, { id: ada, on });
    assert.equal(data.updateUserSettings.user.settings.inMeeting.waitingRoom, on);
    await Promise.race([heard, new Promise((again) => { setTimeout(again, 100); })]);
  }
  return heard;
}

test('fetch: everybody, a page after the other', async () => {
  const seen = new Set();
  for await (const person of people()) seen.add(person.email);
  assert.equal(seen.size, 500);
  assert.ok(seen.has(ada));
});

test('fetch: the program prints everybody', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['out/main.js']);
  assert.equal(stdout.trim().split('\n').length, 500);
  assert.match(stdout, /^ada\.lovelace@example\.com (true|false)$/m);
});

test('fetch: an error says what it is, and what somebody may not do', async () => {
  const { data, errors } = await ask(SetWaitingRoom, { id: 'nobody@example.com', on: true });
  assert.equal(data.updateUserSettings, null);
  assert.equal(errors[0].extensions.code, 'NOT_FOUND');
});

test('without its key nobody is answered', async () => {
  const answer = await fetch(address, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"query":"{ viewer { name } }"}' });
  assert.equal(answer.status, 401);
});

test('Apollo Client: query, mutation and subscription', async () => {
  const { apollo, socket, people: first } = await import('./out/apollo.js');
  const { data } = await first();
  assert.equal(data.users.nodes.length, 100);
  assert.equal(typeof data.users.nodes[0].settings.inMeeting.waitingRoom, 'boolean');
  const change = new Promise((resolve, reject) => {
    const listening = apollo.subscribe({ query: Changes }).subscribe({
      next: ({ data: told, error }) => { listening.unsubscribe(); if (error) reject(error); else resolve(told); },
      error: reject,
    });
  });
  assert.deepEqual((await changedUntil(change)).userSettingsChanged.fields, ['waiting_room']);
  const written = await apollo.mutate({ mutation: SetWaitingRoom, variables: { id: ada, on: true } });
  assert.deepEqual(written.data.updateUserSettings.notApplied, []);
  const cached = apollo.cache.readQuery({ query: People, variables: {} });
  assert.equal(cached.users.nodes.find(({ email }) => email === ada).settings.inMeeting.waitingRoom, true);
  apollo.stop();
  await socket.dispose();
});

test('urql: query, mutation and subscription', async () => {
  const { urql } = await import('./out/urql.js');
  const { data, error } = await urql.query(People, {}).toPromise();
  assert.ifError(error);
  assert.equal(data.users.nodes.length, 100);
  const change = new Promise((resolve, reject) => {
    const { unsubscribe } = urql.subscription(Changes, {}).subscribe((told) => {
      setTimeout(() => unsubscribe());
      if (told.error) reject(told.error); else resolve(told.data);
    });
  });
  assert.deepEqual((await changedUntil(change)).userSettingsChanged.fields, ['waiting_room']);
});

test('Relay: what is compiled is answered, and two kinds of one id stay two', async () => {
  const { environment, people: first } = await import('./out/relay.js');
  const { users } = await first();
  assert.equal(users.nodes.length, 100);
  assert.equal(typeof users.nodes[0].settings.inMeeting.waitingRoom, 'boolean');
  const { id } = users.nodes[0];
  assert.equal(environment.getStore().getSource().get(`User:${id}`).email, users.nodes[0].email);
});

test('subscriptions over sockets and event streams', async () => {
  const { changes, socket, events } = await import('./out/subscriptions.js');
  for (const over of [socket, events]) {
    let stop;
    const change = new Promise((resolve) => { stop = changes(over, resolve); });
    assert.deepEqual(await changedUntil(change), ['waiting_room']);
    stop();
    await over.dispose();
  }
});

test('saved documents: by their ids, and nothing else where only those are answered', async () => {
  const { savedPeople } = await import('./out/saved.js');
  const { data } = await savedPeople();
  assert.equal(data.users.nodes[0].email, ada);
  const only = async (body) => (await fetch(process.env.GUIDE_ONLY_URL, {
    method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  })).json();
  const { hash } = People.__meta__;
  assert.equal((await only({ documentId: hash, })).data.users.nodes.length, 100);
  assert.equal((await only({ query: '{ viewer { name } }' })).errors[0].extensions.code, 'FORBIDDEN');
});

test('a page of an allowed origin may ask, one of another may not', async () => {
  const from = async (origin) => {
    const answer = await fetch(address, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization,content-type' },
    });
    return answer.headers.get('Access-Control-Allow-Origin');
  };
  assert.equal(await from('https://dashboard.example.com'), 'https://dashboard.example.com');
  const { headers: told } = await fetch(address, {
    method: 'POST', headers: { ...headers, Origin: 'https://dashboard.example.com', 'Content-Type': 'application/json' }, body: '{"query":"{ viewer { name } }"}',
  });
  for (const name of ['X-Request-Id', 'Retry-After']) assert.match(told.get('Access-Control-Expose-Headers'), new RegExp(name, 'i'));
  assert.equal(await from('https://elsewhere.example.com'), null);
});
