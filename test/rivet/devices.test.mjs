// The chapters Devices and SIP Phone. The SDK has none about rooms, and none about SIP connected audio.
import assert from "node:assert/strict";
import { test } from "node:test";
import { done, everything, h323Devices, people, refused, sIPPhone } from "./zoom.mjs";

const [, , alan] = await people(3);

test("a room system is added, listed page by page, changed and deleted", async () => {
  const body = { name: "Slipway", protocol: "H.323", ip: "192.0.2.146", encryption: "auto" };
  const created = await h323Devices.createHSIPDevice({ body });
  assert.equal(created.statusCode, 201);
  const { id, ...rest } = created.data;
  assert.deepEqual(rest, body);
  const path = { deviceId: id };
  const listed = async () => {
    const all = await everything(h323Devices.listHSIPDevices, "devices", { query: { page_size: 2 } });
    return all.find((one) => one.id === id);
  };
  assert.deepEqual(await listed(), created.data);
  await done(h323Devices.updateHSIPDevice({ path, body: { ...body, protocol: "SIP", encryption: "no" } }));
  assert.deepEqual(await listed(), { id, ...body, protocol: "SIP", encryption: "no" });
  assert.equal((await h323Devices.deleteHSIPDevice({ path })).statusCode, 200);
  assert.equal(await listed(), undefined);
  await refused(h323Devices.updateHSIPDevice({ path, body }), "404/2020");
});

test("a SIP phone is taken from its user, and another is given and changed", async () => {
  const listed = async () => (await sIPPhone.listSIPPhones({ query: { search_key: alan.email } })).data.phones;
  const [had] = await listed();
  assert.equal(had.user_email, alan.email);
  await done(sIPPhone.deleteSIPPhone({ path: { phoneId: had.phone_id } }));
  assert.deepEqual(await listed(), []);
  const body = {
    user_email: alan.email,
    user_name: "1837",
    authorization_name: "yard-1837",
    password: "Keel-1837",
    domain: "sip.example.org",
    server: { proxy_server: "proxy.example.org", register_server: "register.example.org", transport_protocol: "TLS" },
  };
  const created = await sIPPhone.enableSIPPhone({ body });
  assert.equal(created.statusCode, 201);
  await refused(sIPPhone.enableSIPPhone({ body }), "400/300");
  const path = { phoneId: created.data.phone_id };
  await done(sIPPhone.updateSIPPhone({ path, body: { server_2: { proxy_server: "proxy2.example.org" } } }));
  const [has] = await listed();
  assert.deepEqual(
    [has.phone_id, has.server, has.server_2],
    [path.phoneId, body.server, { proxy_server: "proxy2.example.org" }],
  );
});
