// The chapter Users.
import assert from "node:assert/strict";
import { test } from "node:test";
import { done, everything, people, picture, refused, tryBackground, users } from "./zoom.mjs";

const [, reader, scheduler, assistant, another, painter] = await people(6);

test("users are listed page by page", async () => {
  const { data } = await users.listUsers({ query: { status: "active", page_size: 1 } });
  const all = await everything(users.listUsers, "users", { query: { status: "active", page_size: 300 } });
  assert.equal(all.length, data.total_records);
  assert.equal(new Set(all.map((user) => user.id)).size, all.length);
});

test("a user answers to the id and to the e-mail address", async () => {
  const byID = await users.getUser({ path: { userId: reader.id } });
  const byEmail = await users.getUser({ path: { userId: reader.email } });
  assert.equal(byID.data.email, reader.email);
  assert.deepEqual(byEmail.data, byID.data);
  assert.match(byID.trackingId, /./);
});

test("what belongs to a user can be asked", async () => {
  const path = { userId: reader.id };
  const { permissions } = (await users.getUserPermissions({ path })).data;
  assert.ok(Array.isArray(permissions));
  const { token } = (await users.getUsersToken({ path, query: { type: "zak", ttl: 60 } })).data;
  assert.equal(typeof token, "string");
  const { existed } = (await users.checkUsersPMRoom({ query: { vanity_name: "nobody-has-this" } })).data;
  assert.equal(existed, false);
  await done(users.updateUsersPresenceStatus({ path, body: { status: "Away" } }));
  await done(users.revokeUsersSSOToken({ path }));
  await refused(users.getUsersZAK({}), "400/1001");
});

test("a user is created, changed and deleted", async () => {
  const email = "rivet@example.com";
  const created = await users.createUsers({
    body: { action: "ssoCreate", user_info: { email, first_name: "Rivet", last_name: "Smith", type: 1 } },
  });
  assert.equal(created.statusCode, 201);
  const path = { userId: created.data.id };
  const read = async () => (await users.getUser({ path })).data;
  const taken = async (address) => (await users.checkUserEmail({ query: { email: address } })).data.existed_email;

  assert.equal((await read()).email, email);
  assert.equal(await taken(email), true);
  await refused(users.createUsers({ body: { action: "ssoCreate", user_info: { email, type: 1 } } }), "409/1005");

  await done(users.updateUser({ path, body: { dept: "Bridges", job_title: "Riveter" } }));
  assert.deepEqual([(await read()).dept, (await read()).job_title], ["Bridges", "Riveter"]);

  await done(users.updateUsersEmail({ path, body: { email: "bolt@example.com" } }));
  assert.equal((await read()).email, "bolt@example.com");
  assert.deepEqual([await taken(email), await taken("bolt@example.com")], [false, true]);

  await done(users.updateUserStatus({ path, body: { action: "deactivate" } }));
  assert.equal((await read()).status, "inactive");
  await done(users.updateUserStatus({ path, body: { action: "activate" } }));
  assert.equal((await read()).status, "active");

  await done(users.updateUsersPassword({ path, body: { password: "Riveted-2-the-spot" } }));
  await done(users.deleteUser({ path, query: { action: "delete" } }));
  await refused(users.getUser({ path }), "404/1001");
  await refused(users.updateUser({ path, body: { dept: "None" } }), "404/1001");
});

test("settings are read by field and by view, and written", async () => {
  const path = { userId: reader.id };
  const read = async (query) => (await users.getUserSettings({ path, query })).data;
  const query = { custom_query_fields: "host_video" };
  const before = await read(query);
  assert.deepEqual(Object.keys(before.schedule_meeting), ["host_video"]);

  const wanted = { schedule_meeting: { host_video: !before.schedule_meeting.host_video } };
  await done(users.updateUserSettings({ path, body: wanted }));
  assert.deepEqual(await read(query), wanted);

  const security = { meeting_security: { waiting_room: true } };
  await done(users.updateUserSettings({ path, query: { option: "meeting_security" }, body: security }));
  assert.equal((await read({ option: "meeting_security" })).meeting_security.waiting_room, true);

  await refused(users.updateUserSettings({ path, body: { schedule_meeting: { host_video: "maybe" } } }), "400/300");
});

test("assistants and schedulers come and go", async () => {
  const path = { userId: scheduler.id };
  const assistants = async () =>
    (await users.listUserAssistants({ path })).data.assistants.map((one) => one.email).sort();
  const schedulers = async () =>
    (await users.listUserSchedulers({ path: { userId: assistant.id } })).data.schedulers.map((one) => one.email);
  const add = async () => {
    const added = await users.addAssistants({ path, body: { assistants: [{ id: assistant.id }, { email: another.email }] } });
    assert.equal(added.statusCode, 201);
    assert.deepEqual(added.data.ids.split(",").sort(), [assistant.id, another.id].sort());
  };

  await add();
  assert.deepEqual(await assistants(), [assistant.email, another.email].sort());
  assert.deepEqual(await schedulers(), [scheduler.email]);
  await done(users.deleteUserAssistant({ path: { ...path, assistantId: another.id } }));
  assert.deepEqual(await assistants(), [assistant.email]);
  await done(users.deleteUserAssistants({ path }));
  assert.deepEqual(await assistants(), []);

  await add();
  await done(users.deleteScheduler({ path: { userId: assistant.id, schedulerId: scheduler.id } }));
  assert.deepEqual(await assistants(), [another.email]);
  await done(users.deleteUserSchedulers({ path: { userId: another.id } }));
  assert.deepEqual(await assistants(), []);
});

test("a profile picture is uploaded", async () => {
  const path = { userId: painter.id };
  const shown = async () => (await users.getUser({ path })).data.pic_url;
  const before = await shown();
  const { statusCode } = await users.uploadUsersProfilePicture({ path, body: { pic_file: picture("face.png") } });
  assert.equal(statusCode, 201);
  assert.notEqual(await shown(), before);
});

test("a virtual background comes and goes", async () => {
  await tryBackground({
    path: { userId: painter.id },
    upload: users.uploadVirtualBackgroundFiles,
    remove: users.deleteVirtualBackgroundFiles,
    settings: users.getUserSettings,
  });
});
