// The SDK's clients, pointed at the embedded Zoom at ZOOM_URL.
//
// The API's address is an option of the SDK. That of the token endpoint is a
// constant in it, so the one request that goes there is readdressed on its way
// out, by an interceptor of the axios that the SDK sends with. All else is the
// SDK's own: when it mints, what it sends, and how it reads the answers.
import assert from "node:assert/strict";
import { AccountsS2SAuthClient } from "@zoom/rivet/accounts";
import { ChatbotClient } from "@zoom/rivet/chatbot";
import { MeetingsS2SAuthClient } from "@zoom/rivet/meetings";
import { PhoneS2SAuthClient } from "@zoom/rivet/phone";
import { TeamChatS2SAuthClient } from "@zoom/rivet/teamchat";
import { UsersS2SAuthClient } from "@zoom/rivet/users";
import axios from "axios";

const address = process.env.ZOOM_URL;
assert.ok(address, "ZOOM_URL is not set; start `zoomgraph sandbox --addr 127.0.0.1:8081` and set it to http://127.0.0.1:8081");

axios.interceptors.request.use((request) => {
  if (request.url === "https://zoom.us/oauth/token") {
    request.url = `${address}/oauth/token`;
  }
  return request;
});

const options = {
  accountId: "account",
  clientId: "client",
  clientSecret: "secret",
  baseUrl: `${address}/v2`,
  timeout: 10_000, // milliseconds
  disableReceiver: true,
};

export const { users, groups } = new UsersS2SAuthClient(options).endpoints;
export const { accounts, roles } = new AccountsS2SAuthClient(options).endpoints;
export const { meetings, webinars, cloudRecording, reports, trackingField, tSP, pAC, h323Devices, sIPPhone } =
  new MeetingsS2SAuthClient(options).endpoints;
export const { contacts, iMChat, iMGroups } = new TeamChatS2SAuthClient(options).endpoints;
export const { messages: chatbot } = new ChatbotClient({ ...options, webhooksSecretToken: "secret" }).endpoints;
export const phone = new PhoneS2SAuthClient(options).endpoints;
export const { chatChannels, chatChannelsAccountLevel, chatMessages } = new TeamChatS2SAuthClient(options).endpoints;

/** The first active users of the account; the very first is its owner. */
export async function people(count) {
  const page = await users.listUsers({ query: { status: "active", page_size: count } });
  return page.data.users;
}

/** Runs an operation that answers with nothing but 204. */
export async function done(operation) {
  assert.equal((await operation).statusCode, 204);
}

/** Runs an operation that Zoom refuses with a status and a code: "404/1001". */
export async function refused(operation, reason) {
  await assert.rejects(operation, (error) => {
    assert.equal(error.name, "ApiResponseError");
    assert.ok(error.message.startsWith(`[${reason}]: `), `${error.message}, not ${reason}`);
    return true;
  });
}

/** Runs a list operation to its last page and returns all that the pages hold under a key. */
export async function everything(list, key, { path, query }) {
  const all = [];
  let token = "";
  do {
    const { data } = await list({ path, query: { ...query, next_page_token: token } });
    all.push(...data[key]);
    token = data.next_page_token;
  } while (token);
  return all;
}

/** An instance of a meeting that a user has held, by its uuid as a path takes it: encoded twice. */
export async function instanceOf(userId) {
  const { data } = await meetings.listMeetings({ path: { userId }, query: { type: "scheduled", page_size: 300 } });
  for (const { id } of data.meetings) {
    const held = await meetings.listPastMeetingInstances({ path: { meetingId: id } });
    if (held.data.meetings.length > 0) {
      return { meetingId: encodeURIComponent(encodeURIComponent(held.data.meetings[0].uuid)) };
    }
  }
  assert.fail("nobody has met");
}

/** A picture of one pixel, as a file to upload. */
export function picture(name) {
  const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";
  return Object.assign(Buffer.from(png, "base64"), { name });
}

/** Uploads a virtual background, finds it in the settings, deletes it and finds it gone. */
export async function tryBackground({ path, upload, remove, settings }) {
  const names = async () => {
    const { data } = await settings({ path, query: { custom_query_fields: "virtual_background_settings" } });
    return data.in_meeting.virtual_background_settings.files.map((file) => file.name);
  };
  const before = await names();
  const { statusCode, data } = await upload({ path, body: { file: picture("beach.png") } });
  assert.deepEqual([statusCode, data.name], [201, "beach.png"]);
  assert.deepEqual(await names(), [...before, "beach.png"]);
  await done(remove({ path, query: { file_ids: data.id } }));
  assert.deepEqual(await names(), before);
}
