// The chapters Contacts, IM Groups and Chatbot Messages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chatbot, contacts, done, everything, iMChat, iMGroups, people, refused } from "./zoom.mjs";

const [ada, grace] = await people(2);

test("the directory finds people, and their presence where that is asked for", async () => {
  const find = async (query) => (await contacts.searchCompanyContacts({ query: { search_key: ada.email, ...query } })).data.contacts;
  assert.equal((await find({}))[0].email, ada.email);
  assert.equal((await find({}))[0].presence_status, undefined);
  assert.ok((await find({ query_presence_status: true }))[0].presence_status);
});

test("nobody's contacts are nobody's, and nobody writes as nobody", async () => {
  await refused(contacts.listUsersContacts({ query: {} }), "404/1001");
  await refused(contacts.getUsersContactDetails({ path: { identifier: grace.id } }), "404/1001");
  await refused(iMChat.sendIMMessages({ query: { chat_user: grace.email }, body: { message: "Hello" } }), "404/1001");
});

test("groups of the directory are made, filled and emptied", async () => {
  const { data: group } = await iMGroups.createIMDirectoryGroup({ body: { name: "Riveters", type: "shared" } });
  const path = { groupId: group.id };
  const groups = (await iMGroups.listIMDirectoryGroups({})).data.groups;
  assert.ok(groups.some(({ name }) => name === "Riveters"));
  await done(iMGroups.updateIMDirectoryGroup({ path, body: { name: "Welders", search_by_domain: true } }));
  await iMGroups.addIMDirectoryGroupMembers({ path, body: { members: [{ id: ada.id }, { email: grace.email }] } });
  const members = await everything(iMGroups.listIMDirectoryGroupMembers, "members", { path, query: { page_size: 1 } });
  assert.deepEqual(members.map(({ email }) => email).sort(), [ada.email, grace.email].sort());
  await done(iMGroups.deleteIMDirectoryGroupMember({ path: { ...path, memberId: ada.id } }));
  const { data: now } = await iMGroups.retrieveIMDirectoryGroup({ path });
  assert.equal(now.name, "Welders");
  assert.equal(now.total_members, 1);
  await done(iMGroups.deleteIMDirectoryGroup({ path }));
  await refused(iMGroups.retrieveIMDirectoryGroup({ path }), "404/4130");
});

test("the chatbot sends a message, changes it and takes it back", async () => {
  const of = { robot_jid: "bot@xmpp.zoom.us", account_id: "account", user_jid: "ada@xmpp.zoom.us" };
  const content = { head: { text: "Build" }, body: [{ type: "message", text: "It is done.", style: { bold: true } }] };
  const { data: sent } = await chatbot.sendChatbotMessage({ body: { ...of, to_jid: "c@conference.xmpp.zoom.us", content } });
  const path = { message_id: sent.message_id };
  const { data: changed } = await chatbot.editChatbotMessage({ path, body: { ...of, content } });
  assert.equal(changed.to_jid, "c@conference.xmpp.zoom.us");
  await chatbot.deleteChatbotMessage({ path, query: of });
  await refused(chatbot.deleteChatbotMessage({ path, query: of }), "404/8001");
});
