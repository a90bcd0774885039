// The service under test, and what the clients do with it.
import assert from 'node:assert/strict';

export const url = process.env.LIVE_URL; // of /graphql
export const socketURL = url.replace(/^http/, 'ws');
export const refusingURL = process.env.LIVE_REFUSING_URL.replace(/^http/, 'ws'); // lets nobody in
const control = process.env.LIVE_CONTROL_URL;
const user = process.env.LIVE_USER;

export const query = `query Read($id: ID!) { user(id: $id) { id settings { scheduleMeeting { hostVideo } } } }`;
export const mutation = `mutation Write($id: ID!, $on: Boolean) {
  updateUserSettings(id: $id, input: { scheduleMeeting: { hostVideo: $on } }) {
    settings { scheduleMeeting { hostVideo } }
  }
}`;
export const subscription = `subscription Listen($id: ID) {
  userSettingsChanged(id: $id) { user { id settings { scheduleMeeting { hostVideo } } } fields }
}`;
export const variables = { id: user };
export const turn = (on) => ({ id: user, on });

const hostVideo = (settings) => settings.scheduleMeeting.hostVideo;

export function assertRead(data, on) {
  assert.equal(data.user.id, user);
  assert.equal(hostVideo(data.user.settings), on);
}

export function assertWritten(data, on) {
  assert.equal(hostVideo(data.updateUserSettings.settings), on);
}

export function assertHeard(data, on) {
  assert.deepEqual(data.userSettingsChanged.fields, ['host_video']);
  assert.equal(data.userSettingsChanged.user.id, user);
  assert.equal(hostVideo(data.userSettingsChanged.user.settings), on);
}

// subscribers resolves when the service has so many subscriptions.
export async function subscribers(n) {
  const answer = await fetch(`${control}/subscribers?n=${n}`);
  assert.equal(answer.status, 200, `${await answer.text()} subscribers, not ${n}`);
}

// restart stops the service and starts it anew at the same address.
export async function restart() {
  const answer = await fetch(`${control}/restart`, { method: 'POST' });
  assert.equal(answer.status, 200);
}

// refusals resolves to how many connections were refused so far.
export async function refusals() {
  return Number(await (await fetch(`${control}/refusals`)).text());
}

// The whole dialogue, by a client's own functions: once(document, variables) resolves to data, and listen(document,
// variables, next) returns what ends the subscription.
export async function dialogue({ once, listen }) {
  assertWritten(await once(mutation, turn(false)), false);
  assertRead(await once(query, variables), false);

  const heard = [];
  let wake = () => {};
  const stop = listen(subscription, variables, (data) => { heard.push(data); wake(); });
  const next = async () => {
    while (heard.length === 0) await new Promise((resolve) => { wake = resolve; });
    return heard.shift();
  };
  await subscribers(1);
  for (const on of [true, false]) {
    assertWritten(await once(mutation, turn(on)), on);
    assertHeard(await next(), on);
  }
  stop();
  await subscribers(0);
  return { next, heard };
}
