// The chapters Chat Channels, Chat Channels (Account-level) and Chat Messages.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { chatChannels, chatChannelsAccountLevel, chatMessages, done, everything, people, refused } from "./zoom.mjs";

const [ada, grace, alan] = await people(3);
let path;

const members = async (user) => {
  const all = await everything(chatChannelsAccountLevel.listChannelMembers, "members", {
    path: { ...path, userId: user.id },
    query: { page_size: 1 },
  });
  return all.map((member) => member.email);
};

before(async () => {
  const body = { name: "Rivets", type: 1, members: [{ email: grace.email }] };
  const created = await chatChannels.createChannel({ path: { userId: ada.id }, body });
  assert.equal(created.statusCode, 201);
  const { id, jid, name, type } = created.data;
  assert.deepEqual({ jid, name, type }, { jid: `${id}@conference.xmpp.zoom.us`, name: "Rivets", type: 1 });
  path = { userId: ada.id, channelId: id };
});

test("a channel is listed, read and changed both ways", async () => {
  const all = await everything(chatChannels.listUsersChannels, "channels", { path: { userId: grace.id }, query: { page_size: 2 } });
  assert.ok(all.some((channel) => channel.id === path.channelId));
  await done(chatChannelsAccountLevel.updateChannel({ path, body: { name: "Bolts", type: 1 } }));
  assert.equal((await chatChannels.getChannel({ path: { channelId: path.channelId } })).data.name, "Bolts");
  const body = { channel_settings: { posting_permissions: 3, designated_posting_members: [{ user_id: grace.id }] } };
  await done(chatChannels.updateChannel({ path: { channelId: path.channelId }, body }));
  const { name, channel_settings: settings } = (await chatChannelsAccountLevel.getChannel({ path: { ...path, userId: grace.id } })).data;
  assert.deepEqual([name, settings.posting_permissions, settings.designated_posting_members[0].user_id], ["Bolts", 3, grace.id]);
  await refused(chatChannelsAccountLevel.getChannel({ path: { ...path, userId: alan.id } }), "404/4130");
});

test("people are invited and taken out both ways", async () => {
  const invited = await chatChannelsAccountLevel.inviteChannelMembers({ path, body: { members: [{ email: alan.email }] } });
  assert.deepEqual([invited.statusCode, invited.data.ids], [201, alan.id]);
  assert.deepEqual(await members(alan), [ada.email, grace.email, alan.email]);
  await done(chatChannelsAccountLevel.removeMember({ path: { ...path, identifier: alan.email } }));
  await refused(chatChannels.removeMember({ path: { channelId: path.channelId, identifier: alan.id } }), "400/5301");
  await chatChannelsAccountLevel.inviteChannelMembers({ path, body: { members: [{ email: alan.email }] } });
  await done(chatChannels.removeMember({ path: { channelId: path.channelId, identifier: alan.id } }));
  assert.deepEqual(await members(ada), [ada.email, grace.email]);
  const own = { path: { channelId: path.channelId } };
  await refused(chatChannels.joinChannel(own), "400/1001"); // the token is an account's
  await refused(chatChannels.leaveChannel(own), "400/1001");
});

test("a message is sent, changed and deleted", async () => {
  const query = { to_channel: path.channelId, page_size: 50 };
  const texts = async (user) => {
    const { data } = await chatMessages.listUsersChatMessages({ path: { userId: user.id }, query });
    return data.messages.map(({ message, status }) => [message, status]);
  };
  const sent = await chatMessages.sendChatMessage({ path: { userId: ada.id }, body: { to_channel: path.channelId, message: "Hot" } });
  assert.equal(sent.statusCode, 201);
  const message = { userId: ada.id, messageId: sent.data.id };
  assert.deepEqual(await texts(grace), [["Hot", "Normal"]]);
  await done(chatMessages.updateMessage({ path: message, body: { to_channel: path.channelId, message: "Cold" } }));
  assert.deepEqual(await texts(ada), [["Cold", "Edited"]]);
  await refused(chatMessages.deleteMessage({ path: message, query: {} }), "400/300");
  await done(chatMessages.deleteMessage({ path: message, query: { to_channel: path.channelId } }));
  assert.deepEqual(await texts(ada), []);
});

test("a channel is deleted by its owner, or as the account", async () => {
  await refused(chatChannelsAccountLevel.deleteChannel({ path: { ...path, userId: grace.id } }), "400/200");
  await done(chatChannelsAccountLevel.deleteChannel({ path }));
  await refused(chatChannels.getChannel({ path: { channelId: path.channelId } }), "404/4130");
  const { data } = await chatChannels.createChannel({ path: { userId: ada.id }, body: { name: "Nuts", type: 3 } });
  await done(chatChannels.deleteChannel({ path: { channelId: data.id } }));
});
