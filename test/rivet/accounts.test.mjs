// The chapter Accounts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accounts, done, people, refused, tryBackground, users } from "./zoom.mjs";

const [owner, , , heir] = await people(4);
const { account_id: accountId } = (await users.getUser({ path: { userId: owner.id } })).data;
const path = { accountId };

test("settings are read by field and by view, and written", async () => {
  const read = async (query) => (await accounts.getAccountSettings({ path, query })).data;
  const query = { custom_query_fields: "host_video" };
  const wanted = { schedule_meeting: { host_video: !(await read(query)).schedule_meeting.host_video } };
  await done(accounts.updateAccountSettings({ path, body: wanted }));
  assert.deepEqual(await read(query), wanted);
  assert.ok("meeting_security" in (await read({ option: "meeting_security" })));
  await refused(accounts.getAccountSettings({ path: { accountId: "another" }, query: {} }), "404/2001");
});

test("settings are locked and unlocked", async () => {
  const query = { custom_query_fields: "host_video" };
  for (const host_video of [true, false]) {
    await done(accounts.updateLockedSettings({ path, body: { schedule_meeting: { host_video } } }));
    const locks = (await accounts.getLockedSettings({ path, query })).data;
    assert.deepEqual(locks.schedule_meeting, { host_video });
  }
});

test("domains are listed", async () => {
  const managed = (await accounts.getAccountsManagedDomains({ path })).data;
  assert.equal(managed.domains.length, managed.total_records);
  const { trusted_domains: trusted } = (await accounts.getAccountsTrustedDomains({ path })).data;
  assert.ok(trusted.every((domain) => typeof domain === "string"));
});

test("a virtual background comes and goes", async () => {
  await tryBackground({
    path,
    upload: accounts.uploadVirtualBackgroundFiles,
    remove: accounts.deleteVirtualBackgroundFiles,
    settings: accounts.getAccountSettings,
  });
});

test("the account changes hands and comes back", async () => {
  const isOwner = async ({ id }) => (await users.getUser({ path: { userId: id } })).data.role_name === "Owner";
  for (const next of [heir, owner]) {
    await done(accounts.updateAccountOwner({ path, body: { email: next.email } }));
    assert.deepEqual([await isOwner(owner), await isOwner(heir)], [next === owner, next === heir]);
  }
});
