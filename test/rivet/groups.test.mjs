// The chapter Groups.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { done, everything, groups, people, refused, tryBackground } from "./zoom.mjs";

const [ada, grace, alan] = await people(3);
let path;
let elsewhere;

const create = async (name) => (await groups.createGroup({ body: { name } })).data;

before(async () => {
  path = { groupId: (await create("Riveters")).id };
  elsewhere = await create("Welders");
});

after(async () => {
  for (const groupId of [path.groupId, elsewhere.id]) {
    await done(groups.deleteGroup({ path: { groupId } }));
  }
  await refused(groups.getGroup({ path }), "404/4130");
});

test("groups are listed, renamed, and never share a name", async () => {
  const names = async () => (await groups.listGroups({})).data.groups.map((group) => group.name);
  assert.ok((await names()).includes("Riveters"));
  await done(groups.updateGroup({ path, body: { name: "Iron workers" } }));
  assert.equal((await groups.getGroup({ path })).data.name, "Iron workers");
  assert.ok(!(await names()).includes("Riveters"));
  await refused(groups.createGroup({ body: { name: "Iron workers" } }), "409/4132");
});

test("members come, move and go", async () => {
  const members = async (groupId = path.groupId) => {
    const all = await everything(groups.listGroupMembers, "members", { path: { groupId }, query: { page_size: 1 } });
    return all.map((member) => member.email).sort();
  };
  const added = await groups.addGroupMembers({
    path,
    body: { members: [{ id: ada.id }, { email: grace.email }, { id: alan.id }] },
  });
  assert.equal(added.statusCode, 201);
  assert.deepEqual(await members(), [ada.email, alan.email, grace.email].sort());
  assert.equal((await groups.getGroup({ path })).data.total_members, 3);

  const move = { action: "move", target_group_id: elsewhere.id };
  await done(groups.updateGroupMember({ path: { ...path, memberId: alan.id }, body: move }));
  assert.deepEqual(await members(elsewhere.id), [alan.email]);
  await done(groups.deleteGroupMember({ path: { ...path, memberId: grace.id } }));
  assert.deepEqual(await members(), [ada.email]);
});

test("settings and their locks are read and written", async () => {
  const query = { custom_query_fields: "host_video" };
  const settings = async () => (await groups.getGroupsSettings({ path, query })).data.schedule_meeting;
  const wanted = { host_video: !(await settings()).host_video };
  await done(groups.updateGroupsSettings({ path, body: { schedule_meeting: wanted } }));
  assert.deepEqual(await settings(), wanted);

  const locks = async () => (await groups.getLockedSettings({ path, query })).data.schedule_meeting;
  for (const host_video of [true, false]) {
    await done(groups.updateLockedSettings({ path, body: { schedule_meeting: { host_video } } }));
    assert.deepEqual(await locks(), { host_video });
  }
});

test("a virtual background comes and goes", async () => {
  await tryBackground({
    path,
    upload: groups.uploadVirtualBackgroundFiles,
    remove: groups.deleteVirtualBackgroundFiles,
    settings: groups.getGroupsSettings,
  });
});
