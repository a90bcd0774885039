// The chapters TrackingField, TSP and PAC.
import assert from "node:assert/strict";
import { test } from "node:test";
import { done, pAC, people, refused, tSP, trackingField } from "./zoom.mjs";

const [, grace] = await people(2);
const of = { userId: grace.id };

test("a tracking field is made, changed and deleted", async () => {
  const body = { field: "Yard", required: false, visible: true, recommended_values: ["Clyde"] };
  const created = await trackingField.createTrackingField({ body });
  assert.equal(created.statusCode, 201);
  const path = { fieldId: created.data.id };
  await done(trackingField.updateTrackingField({ path, body: { field: "Shipyard" } }));
  assert.equal((await trackingField.getTrackingField({ path })).data.field, "Shipyard");
  const names = async () => (await trackingField.listTrackingFields({})).data.tracking_fields.map((one) => one.field);
  assert.ok((await names()).includes("Shipyard"));
  await done(trackingField.deleteTrackingField({ path }));
  assert.ok(!(await names()).includes("Shipyard"));
});

test("a user's account at a telephony provider comes and goes", async () => {
  const { data } = await tSP.addUsersTSPAccount({ path: of, body: { conference_code: "1234", leader_pin: "5678" } });
  const path = { ...of, tspId: data.id };
  await done(tSP.updateTSPAccount({ path, body: { conference_code: "4321", leader_pin: "5678" } }));
  assert.equal((await tSP.getUsersTSPAccount({ path })).data.conference_code, "4321");
  const codes = async () => (await tSP.listUsersTSPAccounts({ path: of })).data.tsp_accounts.map((one) => one.conference_code);
  assert.ok((await codes()).includes("4321"));
  await done(tSP.deleteUsersTSPAccount({ path }));
  assert.ok(!(await codes()).includes("4321"));
  await refused(tSP.getUsersTSPAccount({ path }), "400/300");
});

test("what the account has of telephony", async () => {
  await done(tSP.updateAccountsTSPInformation({ body: { tsp_provider: "Ringers" } }));
  assert.equal((await tSP.getAccountsTSPInformation({})).data.tsp_provider, "Ringers");
  assert.ok(Array.isArray((await pAC.listUsersPACAccounts({ path: of })).data.pac_accounts));
});
