// The chapters about Zoom Phone: users, numbers, sites, queues, shared lines, receptionists, desk phones, common areas,
// and what calls leave behind.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { done, everything, people, phone, refused } from "./zoom.mjs";

const [, grace, alan] = await people(3);
const of = { userId: grace.id };
const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
const query = { from: day(27), to: day(0) };
const address = { address_line1: "1 Quay", city: "Glasgow", country: "GB", state_code: "SCT", zip: "G1" };
const made = async (operation) => {
  const { statusCode, data } = await operation;
  assert.equal(statusCode, 201);
  return data;
};
const siteOf = async () => (await phone.sites.listPhoneSites({ query: {} })).data.sites[0].id;
const names = (all) => all.map((one) => one.name ?? one.display_name);
let numbers;

before(async () => {
  const body = { carrier: "Ringers", phone_numbers: ["+441410000001", "+441410000002"] };
  const { phone_numbers: added } = await made(phone.phoneNumbers.addBYOCPhoneNumbers({ body }));
  numbers = added.map(({ id }) => ({ id }));
  assert.equal(numbers.length, 2);
});

test("numbers are listed, read and changed", async () => {
  const path = { phoneNumberId: numbers[0].id };
  const all = await everything(phone.phoneNumbers.listPhoneNumbers, "phone_numbers", { query: { page_size: 50 } });
  assert.equal(all.find((one) => one.id === numbers[0].id).number, "+441410000001");
  await done(phone.phoneNumbers.updatePhoneNumber({ path, body: { display_name: "Yard" } }));
  const { number, display_name: name } = (await phone.phoneNumbers.getPhoneNumber({ path })).data;
  assert.deepEqual([number, name], ["+441410000001", "Yard"]);
  await refused(phone.phoneNumbers.getPhoneNumber({ path: { phoneNumberId: "nothing" } }), "404/404");
});

test("users of the phone: profile, plans, numbers and settings", async () => {
  const all = await everything(phone.users.listPhoneUsers, "users", { query: { page_size: 20 } });
  assert.ok(all.some((one) => one.id === grace.id && one.email === grace.email));
  await done(phone.users.updateUsersProfile({ path: of, body: { extension_number: "8811" } }));
  const profile = async () => (await phone.users.getUsersProfile({ path: of })).data;
  assert.equal(Number((await profile()).extension_number), 8811);

  const plans = async () => (await profile()).calling_plans.map((plan) => plan.type);
  for (const type of await plans()) {
    await done(phone.users.unassignUsersCallingPlan({ path: { ...of, planType: type }, query: {} }));
  }
  assert.deepEqual(await plans(), []);
  const { statusCode } = await phone.users.assignCallingPlanToUser({
    path: of,
    body: { calling_plans: [{ type: 100 }] },
  });
  assert.equal(statusCode, 200);
  assert.deepEqual(await plans(), [100]);
  assert.ok((await phone.phonePlans.listCallingPlans({})).data.calling_plans.length > 0);

  const given = await phone.phoneNumbers.assignPhoneNumberToUser({ path: of, body: { phone_numbers: [numbers[0]] } });
  assert.equal(given.statusCode, 200);
  assert.deepEqual(
    given.data.phone_numbers.map(({ id }) => ({ id })),
    [numbers[0]],
  );
  const has = async () => (await profile()).phone_numbers.some((one) => one.id === numbers[0].id);
  assert.equal(await has(), true);
  await done(phone.phoneNumbers.unassignPhoneNumber({ path: { ...of, phoneNumberId: numbers[0].id } }));
  assert.equal(await has(), false);

  const body = { desk_phone: { phone_screen_lock: true, pin_code: "471118" } };
  await done(phone.users.updateUsersSharedAccessSetting({ path: { ...of, settingType: "desk_phone" }, body }));
  const settings = (await phone.users.getUsersProfileSettings({ path: of })).data;
  assert.deepEqual([settings.desk_phone.phone_screen_lock, settings.desk_phone.pin_code], [true, "471118"]);
});

test("an assistant takes calls for a user, and no more", async () => {
  const { data } = await phone.users.getUsersProfile({ path: { userId: alan.id } });
  const path = { ...of, settingType: "delegation" };
  const assistants = async () => {
    const { delegation } = (await phone.users.getUsersProfileSettings({ path: of })).data;
    return delegation.assistants.map((one) => one.extension_id);
  };
  await made(
    phone.users.addUsersSharedAccessSetting({ path, body: { delegation_assistant_extension_id: data.extension_id } }),
  );
  assert.ok((await assistants()).includes(data.extension_id));
  await done(
    phone.users.deleteUsersSharedAccessSetting({ path, query: { assistant_extension_id: data.extension_id } }),
  );
  assert.ok(!(await assistants()).includes(data.extension_id));
});

test("a site is made, changed, and deleted in favour of another", async () => {
  const to = await siteOf();
  const body = { name: "Clydebank", auto_receptionist_name: "Gate", default_emergency_address: address };
  const path = { siteId: (await made(phone.sites.createPhoneSite({ body }))).id };
  await done(phone.sites.updatePhoneSiteDetails({ path, body: { name: "Govan" } }));
  assert.equal((await phone.sites.getPhoneSiteDetails({ path })).data.name, "Govan");
  const all = () => everything(phone.sites.listPhoneSites, "sites", { query: { page_size: 10 } });
  assert.ok(names(await all()).includes("Govan"));
  await done(phone.sites.deletePhoneSite({ path, query: { transfer_site_id: to } }));
  assert.ok(!names(await all()).includes("Govan"));
});

test("a call queue with its members and numbers", async () => {
  const body = { name: "Riveters", site_id: await siteOf() };
  const path = { callQueueId: (await made(phone.callQueues.createCallQueue({ body }))).id };
  const queue = async () => (await phone.callQueues.getCallQueueDetails({ path })).data;
  await done(phone.callQueues.updateCallQueueDetails({ path, body: { name: "Caulkers", status: "inactive" } }));
  const { name, status } = await queue();
  assert.deepEqual([name, status], ["Caulkers", "inactive"]);
  const all = await everything(phone.callQueues.listCallQueues, "call_queues", { query: { page_size: 10 } });
  assert.ok(names(all).includes("Caulkers"));

  await made(
    phone.callQueues.addMembersToCallQueue({
      path,
      body: { members: { users: [{ id: grace.id }, { email: alan.email }] } },
    }),
  );
  const members = async () => (await queue()).members.users.map((one) => one.id);
  assert.deepEqual((await members()).sort(), [grace.id, alan.id].sort());
  await done(phone.callQueues.unassignMember({ path: { ...path, memberId: grace.id } }));
  assert.deepEqual(await members(), [alan.id]);
  await done(phone.callQueues.unassignAllMembers({ path }));
  assert.deepEqual(await members(), []);

  const has = async () => ((await queue()).phone_numbers ?? []).map(({ id }) => ({ id }));
  await done(phone.callQueues.assignNumbersToCallQueue({ path, body: { phone_numbers: numbers } }));
  assert.deepEqual(await has(), numbers);
  await done(phone.callQueues.unassignPhoneNumber({ path: { ...path, phoneNumberId: numbers[0].id } }));
  assert.deepEqual(await has(), [numbers[1]]);
  await done(phone.callQueues.unassignAllPhoneNumbers({ path }));
  assert.deepEqual(await has(), []);
  assert.ok(Array.isArray((await phone.callQueues.getCallQueueRecordings({ path, query })).data.recordings));
  await done(phone.callQueues.deleteCallQueue({ path }));
  await refused(phone.callQueues.getCallQueueDetails({ path }), "404/13000");
});

test("a shared line group with its members and numbers", async () => {
  const body = { display_name: "Platers", site_id: await siteOf() };
  const { id } = await made(phone.sharedLineGroup.createSharedLineGroup({ body }));
  const path = { slgId: id, sharedLineGroupId: id }; // some operations know it by the one name, some by the other
  const group = async () => (await phone.sharedLineGroup.getSharedLineGroup({ path })).data;
  await done(phone.sharedLineGroup.updateSharedLineGroup({ path, body: { display_name: "Holders-on" } }));
  assert.equal((await group()).display_name, "Holders-on");
  const all = await everything(phone.sharedLineGroup.listSharedLineGroups, "shared_line_groups", {
    query: { page_size: 10 },
  });
  assert.ok(names(all).includes("Holders-on"));

  const members = async () => (await group()).members.users.map((one) => one.id);
  const add = { members: { users: [{ id: grace.id }, { id: alan.id }] } };
  await made(phone.sharedLineGroup.addMembersToSharedLineGroup({ path, body: add }));
  await done(phone.sharedLineGroup.unassignMemberFromSharedLineGroup({ path: { ...path, memberId: alan.id } }));
  assert.deepEqual(await members(), [grace.id]);
  await done(phone.sharedLineGroup.unassignMembersFromSharedLineGroup({ path }));
  assert.deepEqual(await members(), []);

  const has = async () => ((await group()).phone_numbers ?? []).map((one) => one.id);
  await made(phone.sharedLineGroup.assignPhoneNumbers({ path, body: { phone_numbers: [numbers[1]] } }));
  assert.deepEqual(await has(), [numbers[1].id]);
  await done(phone.sharedLineGroup.unassignPhoneNumber({ path: { ...path, phoneNumberId: numbers[1].id } }));
  assert.deepEqual(await has(), []);
  await done(phone.sharedLineGroup.deleteSharedLineGroup({ path }));
});

test("an auto receptionist gets numbers and loses them", async () => {
  const body = { name: "Gatehouse", site_id: await siteOf() };
  const path = { autoReceptionistId: (await made(phone.autoReceptionists.addAutoReceptionist({ body }))).id };
  await done(phone.autoReceptionists.updateAutoReceptionist({ path, body: { name: "Lodge" } }));
  await done(phone.autoReceptionists.assignPhoneNumbers({ path, body: { phone_numbers: numbers } }));
  const { assignee } = (await phone.phoneNumbers.getPhoneNumber({ path: { phoneNumberId: numbers[1].id } })).data;
  assert.equal(assignee.id, path.autoReceptionistId);
  await done(phone.autoReceptionists.unassignPhoneNumber({ path: { ...path, phoneNumberId: numbers[1].id } }));
  await done(phone.autoReceptionists.unassignAllPhoneNumbers({ path }));
});

test("a blocked number comes and goes", async () => {
  const body = {
    block_type: "inbound",
    match_type: "prefix",
    phone_number: "+44141",
    comment: "Tugs",
    status: "active",
  };
  const path = { blockedListId: (await made(phone.blockedList.createBlockedList({ body }))).id };
  await done(phone.blockedList.updateBlockedList({ path, body: { status: "inactive" } }));
  const { status, comment } = (await phone.blockedList.getBlockedListDetails({ path })).data;
  assert.deepEqual([status, comment], ["inactive", "Tugs"]);
  const all = () => everything(phone.blockedList.listBlockedLists, "blocked_list", { query: { page_size: 10 } });
  assert.ok((await all()).some((one) => one.id === path.blockedListId));
  await done(phone.blockedList.deleteBlockedList({ path }));
  assert.ok(!(await all()).some((one) => one.id === path.blockedListId));
});

test("a common area and the desk phone in it", async () => {
  const area = (await made(phone.commonAreas.addCommonArea({ body: { display_name: "Drawing office" } }))).id;
  const path = { commonAreaId: area };
  await done(phone.commonAreas.updateCommonArea({ path, body: { display_name: "Mould loft" } }));
  assert.equal((await phone.commonAreas.getCommonAreaDetails({ path })).data.display_name, "Mould loft");
  const all = () => everything(phone.commonAreas.listCommonAreas, "common_areas", { query: { page_size: 10 } });
  assert.ok(names(await all()).includes("Mould loft"));

  const body = {
    display_name: "Loft",
    mac_address: "64167F379093",
    type: "Yealink",
    model: "SIP-T54W",
    assignee_extension_ids: [area],
  };
  const of = { deviceId: (await made(phone.phoneDevices.addDevice({ body }))).id };
  await done(phone.phoneDevices.updateDevice({ path: of, body: { display_name: "Loft desk" } }));
  assert.equal((await phone.phoneDevices.getDeviceDetails({ path: of })).data.display_name, "Loft desk");
  const devices = await everything(phone.phoneDevices.listDevices, "devices", {
    query: { type: "assigned", page_size: 10 },
  });
  assert.ok(names(devices).includes("Loft desk"));
  await done(phone.phoneDevices.deleteDevice({ path: of }));
  await refused(phone.phoneDevices.getDeviceDetails({ path: of }), "400/400");
  await done(phone.commonAreas.deleteCommonArea({ path }));
  assert.ok(!names(await all()).includes("Mould loft"));
});

test("a template of settings is made and changed", async () => {
  const body = { name: "Slip", type: "commonarea" };
  const path = { templateId: (await made(phone.settingTemplates.addSettingTemplate({ body }))).id };
  await done(phone.settingTemplates.updateSettingTemplate({ path, body: { name: "Dry dock" } }));
  assert.equal((await phone.settingTemplates.getSettingTemplateDetails({ path, query: {} })).data.name, "Dry dock");
  const { templates } = (await phone.settingTemplates.listSettingTemplates({ query: { page_size: 100 } })).data;
  assert.ok(names(templates).includes("Dry dock"));
});

test("what calls leave behind: logs, recordings, voicemails, quality", async () => {
  const logs = (await phone.callLogs.getAccountsCallLogs({ query: { ...query, page_size: 100 } })).data.call_logs;
  assert.ok(logs.length > 0);
  const own = async () =>
    (await phone.callLogs.getUsersCallLogs({ path: of, query: { ...query, page_size: 100 } })).data.call_logs;
  const [log] = await own();
  await done(phone.callLogs.deleteUsersCallLog({ path: { ...of, callLogId: log.id } }));
  assert.ok(!(await own()).some((one) => one.id === log.id));

  assert.ok(Array.isArray((await phone.recordings.getCallRecordings({ query })).data.recordings));
  assert.ok(Array.isArray((await phone.recordings.getUsersRecordings({ path: of, query })).data.recordings));
  const mails = async () =>
    (await phone.voicemails.getUsersVoicemails({ path: of, query: { ...query, page_size: 100 } })).data.voice_mails;
  const [mail] = await mails();
  await done(phone.voicemails.deleteVoicemail({ path: { voicemailId: mail.id } }));
  assert.ok(!(await mails()).some((one) => one.id === mail.id));

  const calls = (await phone.dashboard.listCallLogs({ query })).data.call_logs;
  const call = { call_id: calls[0].call_id, callId: calls[0].call_id };
  assert.equal((await phone.dashboard.getCallDetailsFromCallLog({ path: call })).data.call_id, call.callId);
  assert.equal((await phone.dashboard.getCallQoS({ path: call })).data.call_id, call.callId);
  assert.ok(Array.isArray((await phone.reports.getOperationLogsReport({ query })).data.operation_logs));
  assert.ok(Array.isArray((await phone.settings.listBYOCSIPTrunks({ query: {} })).data.byoc_sip_trunk));
});
