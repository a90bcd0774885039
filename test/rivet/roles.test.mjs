// The chapter Roles.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { done, everything, people, refused, roles } from "./zoom.mjs";

const [, grace, alan] = await people(3);
let path;

const listed = async () => (await roles.listRoles({})).data.roles.find((role) => role.id === path.roleId);

before(async () => {
  const body = { name: "Rivet inspector", description: "Looks at rivets", privileges: ["User:Read"] };
  const created = await roles.createRole({ body });
  assert.equal(created.statusCode, 201);
  path = { roleId: created.data.id };
});

after(async () => {
  await done(roles.deleteRole({ path }));
  assert.equal(await listed(), undefined);
  await refused(roles.getRoleInformation({ path }), "400/300");
});

test("a role is listed and changed", async () => {
  assert.equal((await listed()).name, "Rivet inspector");
  const body = { description: "Counts rivets", privileges: ["User:Read", "Group:Read"] };
  await done(roles.updateRoleInformation({ path, body }));
  const { description, privileges } = (await roles.getRoleInformation({ path })).data;
  assert.deepEqual({ description, privileges }, body);
});

test("a role is given and taken back", async () => {
  const members = async () => {
    const all = await everything(roles.listMembersInRole, "members", { path, query: { page_size: 1 } });
    return all.map((member) => member.email).sort();
  };
  const assigned = await roles.assignRole({ path, body: { members: [{ id: grace.id }, { email: alan.email }] } });
  assert.equal(assigned.statusCode, 201);
  assert.deepEqual(await members(), [alan.email, grace.email].sort());
  for (const { id } of [grace, alan]) {
    await done(roles.unassignRole({ path: { ...path, memberId: id } }));
  }
  assert.deepEqual(await members(), []);
});
