// The chapter Webinars.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { done, people, refused, webinars } from "./zoom.mjs";

const [, grace] = await people(2);
const of = { userId: grace.id };
let path;

before(async () => {
  const body = { topic: "Rivets live", type: 5, start_time: "2030-02-03T04:05:06Z", duration: 60, settings: { approval_type: 0 } };
  const created = await webinars.createWebinar({ path: of, body });
  assert.equal(created.statusCode, 201);
  path = { webinarId: created.data.id };
});

after(async () => {
  await done(webinars.deleteWebinar({ path, query: {} }));
  await refused(webinars.getWebinar({ path, query: {} }), "404/3001");
});

test("a webinar is listed, read and changed", async () => {
  const { data: page } = await webinars.listWebinars({ path: of, query: { page_size: 300 } });
  assert.ok(page.webinars.some((webinar) => webinar.id === path.webinarId));
  await done(webinars.updateWebinar({ path, body: { topic: "Rivets on stage" } }));
  const { data } = await webinars.getWebinar({ path, query: {} });
  assert.deepEqual([data.topic, data.host_id], ["Rivets on stage", grace.id]);
});

test("panelists come and go", async () => {
  const names = async () => (await webinars.listPanelists({ path })).data.panelists.map((panelist) => panelist.name);
  const body = { panelists: [{ name: "Mary Anning", email: "mary@example.com" }] };
  assert.equal((await webinars.addPanelists({ path, body })).statusCode, 201);
  assert.ok((await names()).includes("Mary Anning"));
  await done(webinars.removeAllPanelists({ path }));
  assert.deepEqual(await names(), []);
});

test("people register", async () => {
  const added = await webinars.addWebinarRegistrant({ path, body: { email: "ada@example.com", first_name: "Ada" } });
  assert.equal(added.statusCode, 201);
  const { data } = await webinars.listWebinarRegistrants({ path, query: { status: "approved" } });
  assert.deepEqual(data.registrants.map((registrant) => registrant.email), ["ada@example.com"]);
});

test("a poll is made and listed", async () => {
  const body = { title: "Rivets", poll_type: 1, questions: [{ name: "Which?", type: "single", answers: ["Solid", "Blind"] }] };
  const { statusCode, data } = await webinars.createWebinarsPoll({ path, body });
  assert.equal(statusCode, 201);
  const { polls } = (await webinars.listWebinarsPolls({ path, query: {} })).data;
  assert.deepEqual(polls.map((poll) => poll.id), [data.id]);
  assert.equal((await webinars.getWebinarPoll({ path: { ...path, pollId: data.id } })).data.title, "Rivets");
  await done(webinars.deleteWebinarPoll({ path: { ...path, pollId: data.id } }));
});
