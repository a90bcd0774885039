package telemetry_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Somebody whose calls are looked at. What belongs to them is spelled as nothing else is that a log or a metric holds.
const (
	theirNumber  = "+14155550199"
	theirName    = "Wilhelmina Quackenbush"
	theirMail    = "wilhelmina@quackenbush.example"
	theirAddress = "77 Mulberry Crescent"
)

// aboutPeople are questions about people's data, and what Zoom answers them: to the call, or to all below a path that ends
// with a slash, which no earlier question names. A chapter that tells of people adds its own.
var aboutPeople = []struct{ query, call, answer string }{
	{
		`{ phoneUser(id: "p") { name email emergencyAddress { addressLine1 } } }`, "GET /phone/users/p",
		`{"id":"p","name":"NAME","email":"MAIL","extension_number":"NUMBER","emergency_address":{"address_line1":"ADDRESS"}}`,
	},
	{
		`{ phoneNumbers(phoneNumber: "NUMBER") { nodes { number displayName assignee { ... on PhoneUser { id } } emergencyAddress { addressLine1 } } } }`, "GET /phone/numbers",
		`{"phone_numbers":[{"id":"n","number":"NUMBER","display_name":"NAME","assignee":{"type":"user","id":"u","name":"NAME"},"emergency_address":{"address_line1":"ADDRESS"}}]}`,
	},
	{
		`{ phoneNumber(id: "n") { number displayName emergencyAddress { addressLine1 city } } }`, "GET /phone/numbers/n",
		`{"id":"n","number":"NUMBER","display_name":"NAME","emergency_address":{"address_line1":"ADDRESS","city":5}}`,
	},
	{
		`{ phoneCallLogs(first: 5) { nodes { id callerName callerNumber calleeName calleeNumber callerNumberType duration owner { ... on PhoneUser { id } } } } }`, "GET /phone/call_logs",
		`{"call_logs":[{"id":"l","caller_name":"NAME","caller_number":"NUMBER","callee_name":"NAME","callee_number":"NUMBER","caller_number_type":"NUMBER","duration":"NUMBER","owner":{"type":"NAME","id":"u","name":"NAME"}}]}`,
	},
	{
		`{ phoneUser(id: "u") { callLogs(phoneNumber: "NUMBER") { nodes { callerName callerNumber acceptedBy { name phoneNumber location } } } } }`, "GET /phone/users/u/call_logs",
		`{"call_logs":[{"id":"l","caller_name":"NAME","caller_number":"NUMBER","accepted_by":{"name":"NAME","phone_number":"NUMBER","location":"ADDRESS"}}]}`,
	},
	{
		`{ phoneRecordings { nodes { callerName callerNumber direction downloadUrl url } } }`, "GET /phone/recordings",
		`{"recordings":[{"id":"r","caller_name":"NAME","caller_number":"NUMBER","direction":"NAME","download_url":"https://NAME.test/NUMBER?a=MAIL"}]}`,
	},
	{
		`{ phoneUser(id: "MAIL") { recordings { nodes { calleeName calleeNumber } } voicemails { nodes { callerName callerNumber status } } } }`, "GET /phone/users/",
		`{"recordings":[{"id":"r","callee_name":"NAME","callee_number":"NUMBER"}],"voice_mails":[{"id":"v","caller_name":"NAME","caller_number":"NUMBER","status":"NAME"}]}`,
	},
	{
		`{ phoneOperationLogs { nodes { operator operationDetail time } } }`, "GET /phone/reports/operationlogs",
		`{"operation_logs":[{"operator":"MAIL","operation_detail":"NAME of ADDRESS has NUMBER","time":"NUMBER"}]}`,
	},
	{
		`{ phoneBlockedNumbers { nodes { phoneNumber comment matchType } } }`, "GET /phone/blocked_list",
		`{"blocked_list":[{"id":"b","phone_number":"NUMBER","comment":"NAME of ADDRESS","match_type":"NAME"}]}`,
	},
	{
		`{ phoneSite(id: "s") { name defaultEmergencyAddress { addressLine1 } } }`, "GET /phone/sites/s",
		`{"id":"s","name":"NAME","default_emergency_address":{"address_line1":"ADDRESS"}}`,
	},
	{
		`{ account(id: "a") { billing { firstName lastName email phoneNumber address city employeeCount } } }`, "GET /accounts/a/billing",
		`{"first_name":"NAME","last_name":"NAME","email":"MAIL","phone_number":"NUMBER","address":"ADDRESS","city":5,"employee_count":"NAME"}`,
	},
	{
		`{ account(id: "a") { invoices(first: 2) { nodes { id invoiceNumber totalAmount status dueDate } } } }`, "GET /accounts/a/billing/invoices",
		`{"currency":"USD","invoices":[{"id":"i","invoice_number":"NUMBER","total_amount":"NUMBER","status":"NAME","due_date":"ADDRESS"}]}`,
	},
	{
		`{ account(id: "a") { invoice(id: "i") { balance invoiceItems { chargeName purchaseOrderNumber quantity } } } }`, "GET /accounts/a/billing/invoices/i",
		`{"id":"i","balance":"NUMBER","invoice_items":[{"charge_name":"NAME","purchase_order_number":"NUMBER","quantity":"NUMBER"}]}`,
	},
	{`mutation { updateAccountBilling(id: "a", input: {firstName: "NAME", email: "MAIL", phoneNumber: "NUMBER", address: "ADDRESS"}) { account { id } } }`, "PATCH /accounts/a/billing", ``},
	{
		`mutation { subscribeAccountPlans(id: "a", input: {contact: {firstName: "NAME", lastName: "NAME", email: "MAIL", phoneNumber: "NUMBER", address: "ADDRESS", city: "NAME", state: "NAME", zip: "NUMBER", country: "GB"}, planBase: {type: "p"}}) { planBase { type hosts } } }`, "POST /accounts/a/plans",
		`{"plan_base":{"type":"NAME","hosts":"NUMBER"}}`,
	},
	{
		`{ user(id: "MAIL") { chatMessages(toContact: "MAIL", searchKey: "NAME") { nodes { message sender senderDisplayName messageType url files { fileName url } reactions { senders { userId } } atItems { atContact } botMessage } } ` +
			`chatChannels { nodes { name channelSettings { postingPermissions } members { nodes { email name role } } } } } }`, "GET /chat/users/",
		`{"messages":[{"id":"m","message":"NAME lives at ADDRESS","sender":"MAIL","sender_display_name":"NAME","message_type":"NAME","download_url":"https://NAME.test/NUMBER?a=MAIL","bot_message":{"NAME":"NUMBER"},` +
			`"files":[{"file_id":"f","file_name":"NAME NUMBER.png","download_url":"https://NAME.test/f?a=MAIL"}],"reactions":[{"senders":[{"user_id":"MAIL"}]}],"at_items":[{"at_contact":"MAIL"}]}],` +
			`"channels":[{"id":"c","name":"NAME","channel_settings":{"posting_permissions":"NUMBER"}}],"members":[{"id":"u","email":"MAIL","name":"NAME","role":"NAME"}]}`,
	},
	{`mutation { sendChatMessage(userId: "MAIL", input: {toContact: "MAIL", message: "NAME lives at ADDRESS"}) { id } }`, "POST /chat/users/", `{"id":"NUMBER"}`},
	{`mutation { updateChatMessage(userId: "MAIL", id: "m", input: {toContact: "MAIL", message: "NAME has NUMBER"}) { messageId } }`, "PUT /chat/users/", ``},
	{
		`{ companyContacts(searchKey: "NAME") { nodes { email displayName phoneNumber location presenceStatus activity } } }`, "GET /contacts",
		`{"contacts":[{"id":"c","email":"MAIL","display_name":"NAME","phone_number":"NUMBER","location":"ADDRESS","presence_status":"NAME","activity":"NAME"}]}`,
	},
	{
		`{ imChatSessions(from: "2026-01-01", to: "2026-01-02") { nodes { name participants type messages(from: "2026-01-01", to: "2026-01-02") { nodes { sender message dateTime } } } } }`, "GET /im/chat/sessions",
		`{"sessions":[{"session_id":"s","name":"NAME","participants":"MAIL","type":"NAME"}]}`,
	},
	{
		`{ user(id: "MAIL") { imChatMessages(chatUser: "MAIL") { nodes { sender message dateTime timestamp } } } }`, "GET /im/users/",
		`{"messages":[{"id":"m","sender":"MAIL","message":"NAME lives at ADDRESS","date_time":"NAME","timstamp":"NUMBER"}]}`,
	},
	{
		`mutation { sendChatbotMessage(input: {robotJid: "b@x", toJid: "MAIL", userJid: "MAIL", content: {head: {text: "NAME of ADDRESS"}, body: [{other: {type: "NAME"}}]}}) { messageId toJid sentTime } }`, "POST /im/chat/messages",
		`{"message_id":"m","to_jid":"MAIL","sent_time":"NUMBER","text":"NAME of ADDRESS"}`,
	},
	{`mutation { addPhoneByocNumbers(input: {carrier: "NAME", phoneNumbers: ["NUMBER"]}) { phoneNumbers { number } } }`, "POST /phone/byoc_numbers", `{"phone_numbers":[{"id":"n","number":"NUMBER"}]}`},
	{`mutation { updatePhoneNumber(id: "n", input: {displayName: "NAME"}) { phoneNumber { displayName } } }`, "PATCH /phone/numbers/n", ``},
	{`mutation { updatePhoneCompanyNumber(input: {phoneNumber: "NUMBER"}) { phoneUser(id: "MAIL") { id } } }`, "PUT /phone/company_number", ``},
	{`mutation { deletePhoneCallLog(userId: "MAIL", id: "l") { callLogId phoneUser { id } } }`, "DELETE /phone/users/", ``},
}

// wrongWays are what Zoom, or what stands before it, can answer in place of an answer.
var wrongWays = map[string]func(answer string) (status int, mediaType, body string){
	"as it should": func(answer string) (int, string, string) { return http.StatusOK, "application/json", answer },
	"half of it": func(answer string) (int, string, string) {
		return http.StatusOK, "application/json", answer[:len(answer)*3/4]
	},
	"no JSON": func(answer string) (int, string, string) { return http.StatusOK, "application/json", answer + "}" },
	"a list": func(answer string) (int, string, string) {
		return http.StatusOK, "application/json", "[" + answer + "]"
	},
	"another thing": func(answer string) (int, string, string) {
		return http.StatusOK, "application/json", `{"NAME":` + answer + `}`
	},
	"another token": func(string) (int, string, string) {
		return http.StatusOK, "application/json", `{"next_page_token":"NAME NUMBER"}`
	},
	"with a failure": func(answer string) (int, string, string) {
		return http.StatusInternalServerError, "application/json", answer
	},
	"beside a refusal": func(answer string) (int, string, string) {
		return http.StatusNotFound, "application/json", `{"code":404,"message":"It does not exist.","data":` + answer + `}`
	},
	"in a refusal": func(string) (int, string, string) {
		return http.StatusBadRequest, "application/json", `{"code":300,"message":"NUMBER is not one of MAIL: NUMBER, already","errors":[{"field":"NAME","message":"NAME"}]}`
	},
	"beside no code": func(answer string) (int, string, string) {
		return http.StatusForbidden, "application/json", `{"error":"upstream","request":"NUMBER","was":` + answer + `}`
	},
	"half of a failure": func(answer string) (int, string, string) {
		return http.StatusForbidden, "application/json", answer[:len(answer)*3/4]
	},
}

// Of people's data, which answers are full of, nothing gets into the log, the metrics or the traces, whether Zoom answers as
// it should or not.
func TestNobodysDataGetsOut(t *testing.T) {
	theirs := strings.NewReplacer("NUMBER", theirNumber, "NAME", theirName, "MAIL", theirMail, "ADDRESS", theirAddress)
	for way, wrong := range wrongWays {
		t.Run(way, func(t *testing.T) {
			c := collect(t)
			asked := map[string]bool{}
			s := setup(t, func(p *parts) {
				p.upstream = func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						for _, q := range aboutPeople {
							call := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/v2")
							if call != q.call && (!strings.HasSuffix(q.call, "/") || !strings.HasPrefix(call, q.call)) {
								continue
							}
							asked[q.call] = true
							status, mediaType, body := wrong(q.answer)
							if q.answer == "" {
								body = ""
							}
							w.Header().Set("Content-Type", mediaType)
							w.WriteHeader(status)
							_, _ = fmt.Fprint(w, theirs.Replace(body))
							return
						}
						next.ServeHTTP(w, r)
					})
				}
			})
			for i, q := range aboutPeople {
				s.ask(theirs.Replace(q.query), "X-Zoomgraph-Trace", "1")
				s.ask(fmt.Sprintf(`{ users(first: %d) { totalCount } }`, i+1)) // goes well: so many failures in a row would open the label's breaker
			}
			s.telemetry.Shutdown(t.Context())
			for _, q := range aboutPeople {
				if !asked[q.call] {
					t.Errorf("Zoom was not asked for %s", q.call)
				}
			}
			if status, _, _ := wrong("{}"); status >= 300 && strings.Count(s.log.String(), "\n") < len(aboutPeople) || len(c.raw) == 0 || s.metrics() == "" {
				t.Errorf("%d bytes of traces, the metrics\n%s\nand the log\n%s", len(c.raw), s.metrics(), s.log)
			}
			for place, text := range map[string]string{"the log": s.log.String(), "the metrics": s.metrics(), "the traces": string(c.raw)} {
				for _, whole := range []string{theirNumber, theirName, theirMail, theirAddress} {
					for _, part := range append(strings.Fields(whole), strings.TrimLeft(whole, "+1"), url.QueryEscape(whole), url.PathEscape(whole)) {
						if at := strings.Index(text, part); len(part) > 3 && at >= 0 {
							t.Errorf("%q is in %s: …%s…", part, place, text[max(0, at-200):min(len(text), at+100)])
						}
					}
				}
			}
		})
	}
}
