// The chapter Meetings.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { done, everything, instanceOf, meetings, people, refused } from "./zoom.mjs";

const [, grace] = await people(2);
const of = { userId: grace.id };
let path;

before(async () => {
  const body = { topic: "Riveting", type: 2, start_time: "2030-01-02T03:04:05Z", duration: 45, settings: { approval_type: 1 } };
  const created = await meetings.createMeeting({ path: of, body });
  assert.equal(created.statusCode, 201);
  path = { meetingId: created.data.id };
});

after(async () => {
  await done(meetings.deleteMeeting({ path, query: {} }));
  await refused(meetings.getMeeting({ path, query: {} }), "404/3001");
});

test("a meeting is listed, read and changed", async () => {
  const listed = await everything(meetings.listMeetings, "meetings", { path: of, query: { type: "scheduled", page_size: 2 } });
  assert.equal(listed.filter((meeting) => meeting.id === path.meetingId).length, 1);
  await done(meetings.updateMeeting({ path, body: { agenda: "Rivets, old and new" } }));
  const { data } = await meetings.getMeeting({ path, query: {} });
  assert.deepEqual([data.topic, data.agenda, data.duration, data.host_id], ["Riveting", "Rivets, old and new", 45, grace.id]);
  const { invitation } = (await meetings.getMeetingInvitation({ path })).data;
  assert.match(invitation, /Riveting/);
});

test("people register, are let in, turned away, and taken off the list", async () => {
  const listed = async (status) => {
    const all = await everything(meetings.listMeetingRegistrants, "registrants", { path, query: { status, page_size: 1 } });
    return all.map((registrant) => registrant.email).sort();
  };
  const ids = {};
  for (const name of ["ada", "alan", "emmy"]) {
    const body = { email: `${name}@example.com`, first_name: name };
    const { statusCode, data } = await meetings.addMeetingRegistrant({ path, body });
    assert.equal(statusCode, 201);
    ids[name] = data.registrant_id;
  }
  assert.deepEqual(await listed("pending"), ["ada@example.com", "alan@example.com", "emmy@example.com"]);
  const change = (action, name) => {
    const body = { action, registrants: [{ id: ids[name], email: `${name}@example.com` }] };
    return done(meetings.updateRegistrantsStatus({ path, body }));
  };
  await change("approve", "ada");
  await change("deny", "alan");
  await done(meetings.deleteMeetingRegistrant({ path: { ...path, registrantId: ids.emmy }, query: {} }));
  assert.deepEqual(await listed("approved"), ["ada@example.com"]);
  assert.deepEqual(await listed("denied"), ["alan@example.com"]);
  assert.deepEqual(await listed("pending"), []);
});

test("what registrants are asked is read and written", async () => {
  const questions = [{ field_name: "city", required: true }];
  await done(meetings.updateRegistrationQuestions({ path, body: { questions, custom_questions: [] } }));
  assert.deepEqual((await meetings.listRegistrationQuestions({ path })).data.questions, questions);
});

test("a poll is made, changed and deleted", async () => {
  const questions = [{ name: "Which rivet?", type: "single", answers: ["Solid", "Blind"] }];
  const { statusCode, data } = await meetings.createMeetingPoll({ path, body: { title: "Rivets", poll_type: 1, questions } });
  assert.equal(statusCode, 201);
  const poll = { ...path, pollId: data.id };
  await done(meetings.updateMeetingPoll({ path: poll, body: { title: "All rivets", poll_type: 1, questions } }));
  assert.equal((await meetings.getMeetingPoll({ path: poll })).data.title, "All rivets");
  const titles = async () => (await meetings.listMeetingPolls({ path, query: {} })).data.polls.map((one) => one.title);
  assert.deepEqual(await titles(), ["All rivets"]);
  await done(meetings.deleteMeetingPoll({ path: poll }));
  assert.deepEqual(await titles(), []);
});

test("a live stream is set up", async () => {
  const body = { stream_url: "https://live.example.com/app", stream_key: "k", page_url: "https://example.com/live" };
  await done(meetings.updateLivestream({ path, body }));
  const { data } = await meetings.getLivestreamDetails({ path });
  assert.deepEqual([data.stream_url, data.page_url], [body.stream_url, body.page_url]);
});

test("an instance tells who took part", async () => {
  const instance = await instanceOf(grace.id);
  const { data } = await meetings.getPastMeetingDetails({ path: instance });
  assert.equal(data.host_id, grace.id);
  const people = await everything(meetings.getPastMeetingParticipants, "participants", { path: instance, query: { page_size: 2 } });
  assert.ok(people.length >= 2);
  assert.ok(people.every((one) => Date.parse(one.join_time) <= Date.parse(one.leave_time)));
  assert.ok(Array.isArray((await meetings.listPastMeetingsPollResults({ path: instance })).data.questions));
});

test("templates are listed", async () => {
  assert.ok(Array.isArray((await meetings.listMeetingTemplates({ path: of })).data.templates));
});
