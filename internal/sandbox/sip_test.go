package sandbox_test

import (
	"fmt"
	"testing"
)

// The statuses and codes are those of the documents of 2026.
func TestSipStatuses(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	sub := "/accounts/" + sipRow(z.get("/accounts"), "accounts", 0)["id"].(string) + "/sip_trunk"
	number, trunk := sipRow(z.get("/sip_trunk/numbers"), "phone_numbers", 0)["number"], sipRow(z.get("/accounts/me/sip_trunk/trunks"), "sip_trunks", 1)["id"]
	z.call("POST", sub+"/numbers", fmt.Sprintf(`{"phone_numbers":[%q]}`, number)).want(201).is("")
	z.call("POST", sub+"/numbers", `{"phone_numbers":["+1"]}`).refused(400, 400, "number")
	z.call("DELETE", sub+"/numbers", "").want(204)
	z.call("POST", sub+"/trunks", fmt.Sprintf(`{"sip_trunks":[{"id":%q,"dnis":"12345"}]}`, trunk)).want(201)
	if got := z.get(sub + "/trunks"); got.at("total_records") != 2.0 || sipRow(got, "sip_trunks", 1)["dnis"] != "12345" || sipRow(got, "sip_trunks", 1)["outbound_caller_id"] != "+15550140010" {
		t.Errorf("trunks are %s", got.body)
	}
	z.call("DELETE", sub+"/trunks/"+trunk.(string), "").want(204)
	z.call("DELETE", sub+"/trunks/"+trunk.(string), "").refused(404, 2301, trunk.(string))
	z.call("POST", "/accounts/me/sip_trunk/trunks", fmt.Sprintf(`{"sip_trunks":[{"id":%q}]}`, trunk)).refused(404, 2001, "no sub account")
	z.call("POST", "/accounts/nobody/sip_trunk/trunks", `{}`).refused(404, 2001, "nobody")
	z.call("POST", sub+"/callout_countries", `{"callout_countries":[{"id":"ST"}]}`).want(201).is(`{"callout_countries":[{"code":"239","id":"ST","name":"São Tomé and Príncipe"}]}`)
	z.call("DELETE", sub+"/callout_countries/ST", "").want(204)
	z.call("DELETE", sub+"/callout_countries/ST", "").refused(404, 2302, "ST")
	z.call("DELETE", sub+"/internal_numbers/x", "").refused(404, 2303, "x")
	z.call("PATCH", sub+"/settings", `{"enable":false}`).want(204)

	device := sipRow(z.get("/h323/devices"), "devices", 0)["id"].(string)
	z.call("PATCH", "/h323/devices/"+device, `{"name":"x","protocol":"SIP","ip":"192.0.2.1","encryption":"no"}`).want(204)
	z.call("DELETE", "/h323/devices/"+device, "").want(200).is("")
	z.call("DELETE", "/h323/devices/"+device, "").refused(404, 2020, device)
}

// A SIP phone is told by phone_id and has a server, as today's path says. What the old one said is kept where it is sent.
func TestSipPhones(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	first := z.get("/sip_phones/phones?page_size=1")
	phone := sipRow(first, "phones", 0)
	for _, name := range []string{"id", "server_3", "proxy_server", "register_server", "transport_protocol"} {
		if value, said := phone[name]; said {
			t.Errorf("a phone has %s: %v", name, value)
		}
	}
	if first.at("total_records") != 20.0 || phone["user_email"] != z.Users()[0].Email || dig(phone, "server.transport_protocol") != "TLS" {
		t.Errorf("phones are %s", first.body)
	}
	z.call("DELETE", "/sip_phones/phones/"+phone["phone_id"].(string), "").want(204)
	z.call("DELETE", "/sip_phones/phones/"+phone["phone_id"].(string), "").refused(404, 2305, phone["phone_id"].(string))
	body := fmt.Sprintf(`{"user_email":%q,"user_name":"1","authorization_name":"1","password":"p","domain":"d","proxy_server":"x","transport_protocol3":"UDP"}`, z.Users()[0].Email)
	made := z.call("POST", "/sip_phones/phones", body).want(201)
	if made.at("phone_id") == nil || made.at("registration_expire_time") != 60.0 {
		t.Errorf("made %s", made.body)
	}
	z.call("POST", "/sip_phones/phones", body).refused(400, 300, "already")
	if got := z.get("/sip_phones/phones?search_key=" + z.Users()[0].Email); got.at("total_records") != 1.0 || sipRow(got, "phones", 0)["proxy_server"] != "x" || dig(sipRow(got, "phones", 0), "transport_protocol3") != "UDP" {
		t.Errorf("found %s", got.body)
	}
	for n := range 2 { // one that was made, and one of the start
		z.call("PUT", "/users/"+z.user(n)+"/email", fmt.Sprintf(`{"email":"renamed%d@example.com"}`, n)).want(204)
		if got := z.get(fmt.Sprintf("/sip_phones/phones?search_key=renamed%d@example.com", n)); got.at("total_records") != 1.0 {
			t.Errorf("whose address is another one has the phones %s", got.body)
		}
	}
}

// sipRow is one of a list.
func sipRow(r *reply, list string, i int) map[string]any {
	r.t.Helper()
	rows, _ := r.at(list).([]any)
	if i >= len(rows) {
		r.t.Fatalf("%s: no row %d in %s", r.what, i, r.body)
	}
	one, _ := rows[i].(map[string]any)
	return one
}
