// The chapter Reports, and what a month leaves behind.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cloudRecording, instanceOf, people, reports } from "./zoom.mjs";

const [, grace] = await people(2);
const of = { userId: grace.id };
const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
const query = { from: day(27), to: day(0) };

test("a report of an instance and of who took part", async () => {
  const path = await instanceOf(grace.id);
  const { data } = await reports.getMeetingDetailReports({ path });
  assert.equal(data.user_email, grace.email);
  assert.ok(Array.isArray((await reports.getMeetingParticipantReports({ path, query: {} })).data.participants));
  assert.ok(Array.isArray((await reports.getMeetingPollReports({ path })).data.questions));
});

test("reports of the account for four weeks", async () => {
  const lists = {
    users: reports.getActiveOrInactiveHostReports({ query: { ...query, type: "active" } }),
    telephony_usage: reports.getTelephoneReports({ query }),
    operation_logs: reports.getOperationLogsReport({ query }),
    activity_logs: reports.getSignInSignOutActivityReport({ query }),
    cloud_recording_storage: reports.getCloudRecordingUsageReport({ query }),
    meetings: reports.getMeetingReports({ path: of, query }),
  };
  for (const [key, answer] of Object.entries(lists)) {
    const { data } = await answer;
    assert.ok(Array.isArray(data[key]), key);
    assert.deepEqual([data.from.slice(0, 10), data.to.slice(0, 10)], [query.from, query.to], key);
  }
});

test("a month, day by day", async () => {
  const [year, month] = day(0).split("-").map(Number);
  const { data } = await reports.getDailyUsageReport({ query: { year, month } });
  assert.ok(data.dates.every((one) => /^\d{4}-\d\d-\d\d$/.test(one.date)));
});

test("recordings of a user, and one of them with its settings", async () => {
  const { data } = await cloudRecording.listAllRecordings({ path: of, query });
  assert.ok(data.meetings.length > 0);
  const path = { meetingId: encodeURIComponent(encodeURIComponent(data.meetings[0].uuid)) };
  const { data: recording } = await cloudRecording.getMeetingRecordings({ path, query: {} });
  assert.equal(recording.uuid, data.meetings[0].uuid);
  assert.equal(recording.host_id, grace.id);
  assert.equal(typeof (await cloudRecording.getMeetingRecordingSettings({ path })).data, "object");
});
