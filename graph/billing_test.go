package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"zoomgraph/graph"
	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// billingStory is that of a sub account which is made, buys, changes its mind, and calls off what it has.
func billingStory() []step {
	contact := `contact: {firstName: "William", lastName: "Smith", email: "bills@example.net", phoneNumber: "+15550199", address: "1 Strata Way", apt: "9", city: "Bath", state: "Somerset", zip: "BA1", country: "GB", employeeCount: FROM_2_TO_10}`
	today, next := time.Now().UTC(), time.Now().UTC().AddDate(0, 0, 10)
	day, month := today.Format(time.DateOnly), next.AddDate(0, 1, 0).Format(time.DateOnly)
	later := next.Format(time.DateOnly)
	return []step{
		{"Mutation.createAccount", `mutation { createAccount(input: {firstName: "William", lastName: "Smith", email: "william.smith@example.com", password: "Strata-1815"}) { account { id } } }`, []string{"POST /accounts"}, `"account":{"id":"`},
		{"Account.plans", `{ account(id: "{account}") { plans { planBase { type } } planUsage { planBase { hosts } } invoices { nodes { id } } } }`, []string{"GET /accounts/{account}/plans", "GET /accounts/{account}/plans/usage", "GET /accounts/{account}/billing/invoices"}, `"plans":{"planBase":null},"planUsage":{"planBase":null},"invoices":{"nodes":[]}`},
		{
			"Mutation.subscribeAccountPlans", `mutation { subscribeAccountPlans(id: "{account}", input: {` + contact + `, planBase: {type: "pro_monthly", hosts: 4}, planWebinar: [{type: "webinar100_monthly", hosts: 1}], planPhone: {planBase: {type: "phoneBase_monthly", calloutCountries: "GB,US"}, planCalling: [{type: "phoneUsCaUnlimited_monthly", hosts: 3}]}, planRecording: "cmr_monthly_commitment_40", subscriptionOptions: {serviceEffectiveDate: "` + later + `", contractTerm: 12}}) {
				account { id seats accountType } planBase { type hosts activeHosts } planWebinar { type hosts } planPhone { planBase { calloutCountries } planCalling { hosts } } planRecording } }`,
			[]string{"POST /accounts/{account}/plans", "GET /accounts/{account}"},
			`"seats":4,"accountType":"PRO"},"planBase":{"type":"pro_monthly","hosts":4,"activeHosts":null},"planWebinar":[{"type":"webinar100_monthly","hosts":1}],"planPhone":{"planBase":{"calloutCountries":"GB,US"},"planCalling":[{"hosts":3}]},"planRecording":"cmr_monthly_commitment_40"`,
		},
		{"Account.plans", `{ account(id: "{account}") { plans { planBase { type hosts status serviceEffectiveDate nextInvoiceDate } planPhone { planCalling { hosts status } } planRecording planRecordingStatus } } }`, []string{"GET /accounts/{account}/plans"}, `"plans":{"planBase":{"type":"pro_monthly","hosts":4,"status":"ACTIVE","serviceEffectiveDate":"` + later + `","nextInvoiceDate":"` + month + `"},"planPhone":{"planCalling":[{"hosts":3,"status":"ACTIVE"}]},"planRecording":"cmr_monthly_commitment_40","planRecordingStatus":"ACTIVE"}`},
		{"Account.billing", `{ account(id: "{account}") { billing { firstName lastName email phoneNumber address apt city state zip country employeeCount } } }`, []string{"GET /accounts/{account}/billing"}, `"billing":{"firstName":"William","lastName":"Smith","email":"bills@example.net","phoneNumber":"+15550199","address":"1 Strata Way","apt":"9","city":"Bath","state":"Somerset","zip":"BA1","country":"GB","employeeCount":"FROM_2_TO_10"}`},
		{"Mutation.updateAccountBilling", `mutation { updateAccountBilling(id: "{account}", input: {email: "money@example.net", city: "Churchill"}) { account { id billing { firstName email city } } } }`, []string{"PATCH /accounts/{account}/billing", "GET /accounts/{account}/billing"}, `"billing":{"firstName":"William","email":"money@example.net","city":"Churchill"}`},
		{"Mutation.subscribeAccountPlanAddon", `mutation { subscribeAccountPlanAddon(id: "{account}", input: {plan: {type: "webinar500_monthly", hosts: 2}}) { account { plans { planWebinar { type hosts serviceEffectiveDate } } } planWebinar { type hosts } planPhone { planBase { type } } } }`, []string{"POST /accounts/{account}/plans/addons", "GET /accounts/{account}/plans"}, `"plans":{"planWebinar":[{"type":"webinar100_monthly","hosts":1,"serviceEffectiveDate":"` + later + `"},{"type":"webinar500_monthly","hosts":2,"serviceEffectiveDate":"` + day + `"}]}},"planWebinar":[{"type":"webinar500_monthly","hosts":2}],"planPhone":null`},
		{"Mutation.subscribeAccountPlanAddon", `mutation { subscribeAccountPlanAddon(id: "{account}", input: {contactCenter: {type: "zcc", planZccDetails: {planPackageList: [{type: "zcc_basic_monthly", hosts: 5}], planUsage: {type: "zcc_usage", calloutCountries: "GB"}, planRecording: {type: "zcc_cmr"}}}}) { planZcc { planPackageList { type hosts } planUsage { type calloutCountries } planRecording { type } } } }`, []string{"POST /accounts/{account}/plans/addons"}, `"planZcc":{"planPackageList":[{"type":"zcc_basic_monthly","hosts":5}],"planUsage":[{"type":"zcc_usage","calloutCountries":"GB"}],"planRecording":{"type":"zcc_cmr"}}`},
		{"Mutation.subscribeAccountPlanAddon", `mutation { subscribeAccountPlanAddon(id: "{account}", input: {node: {type: "znode", planZnodeDetails: {planZnodeBase: {type: "znode_monthly", hosts: 1}}}}) { planZnode { planZnodeBase { hosts } planTchybrid { hosts } } } }`, []string{"POST /accounts/{account}/plans/addons"}, `"planZnode":{"planZnodeBase":{"hosts":1},"planTchybrid":null}`},
		{"Mutation.updateAccountPlanAddon", `mutation { updateAccountPlanAddon(id: "{account}", input: {type: "webinar500_monthly", hosts: 7}) { account { plans { planWebinar { hosts } } } } }`, []string{"PUT /accounts/{account}/plans/addons", "GET /accounts/{account}/plans"}, `"planWebinar":[{"hosts":1},{"hosts":7}]`},
		{"Mutation.cancelAccountPlanAddon", `mutation { cancelAccountPlanAddon(id: "{account}", input: {type: "webinar100_monthly", reason: NOT_NEEDED_NOW, comment: "Later"}) { account { plans { planWebinar { type status } } } } }`, []string{"PATCH /accounts/{account}/plans/addons/status", "GET /accounts/{account}/plans"}, `"planWebinar":[{"type":"webinar100_monthly","status":"CANCELLED"},{"type":"webinar500_monthly","status":"ACTIVE"}]`},
		{"Mutation.updateAccountBasePlan", `mutation { updateAccountBasePlan(id: "{account}", input: {type: "biz_yearly", hosts: 10, increasingHosts: 2}) { account { seats plans { planBase { type hosts } } planUsage { planBase { hosts } } } } }`, []string{"PUT /accounts/{account}/plans/base", "GET /accounts/{account}", "GET /accounts/{account}/plans", "GET /accounts/{account}/plans/usage"}, `"seats":12,"plans":{"planBase":{"type":"biz_yearly","hosts":12}},"planUsage":{"planBase":[{"hosts":12}]}`},
		{"Mutation.cancelAccountBasePlan", `mutation { cancelAccountBasePlan(id: "{account}", input: {reason: TOO_EXPENSIVE}) { account { plans { planBase { status } planWebinar { status } } } } }`, []string{"PATCH /accounts/{account}/plans/base/status", "GET /accounts/{account}/plans"}, `"planBase":{"status":"CANCELLED"}`},
	}
}

// subAccounts are the ids of the sub accounts of a sandbox.
func (s *service) subAccounts() (ids []string) {
	s.t.Helper()
	for _, node := range s.must(`{ accounts { nodes { id } } }`).at("accounts", "nodes").([]any) {
		ids = append(ids, node.(map[string]any)["id"].(string))
	}
	s.calls()
	return ids
}

// listedInvoice is an invoice with its amounts as they are written.
type listedInvoice struct {
	ID, InvoiceNumber, InvoiceDate, Currency, Pdf string
	TotalAmount, TaxAmount, Balance               json.Number
	InvoiceItems                                  []struct{ TotalAmount, TaxAmount json.Number }
}

// invoicesOf are the invoices in an answer about one account.
func invoicesOf(t *testing.T, a *answer) (list []listedInvoice) {
	t.Helper()
	return dataOf[struct {
		Account struct {
			Invoices struct{ Nodes []listedInvoice }
		}
	}](t, a).Account.Invoices.Nodes
}

// Invoices of more than a year are asked for year by year; their details cost a call each, which the price says before. All
// digits of an amount arrive, and what is on an invoice is its total.
func TestInvoices(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	sub := s.subAccounts()[0]
	now := time.Now().UTC()
	day := func(years, days int) string { return now.AddDate(years, 0, days).Format(time.DateOnly) }
	const list = "GET /accounts/{id}/billing/invoices"
	for _, test := range []struct {
		account, from string
		calls         []string
		invoices      int
		currency      any
	}{
		{sub, day(-1, 1), []string{"?from=" + day(-1, 1) + "&to=" + day(0, 0)}, 12, "USD"},
		{"me", day(-2, 1), []string{"?from=" + day(-2, 1) + "&to=" + day(-1, 0), "?from=" + day(-1, 1) + "&to=" + day(0, 0)}, 24, nil},
		{sub, "", []string{""}, 30, "USD"},
	} {
		span := ""
		if test.from != "" {
			span = fmt.Sprintf(`, from: %q, to: %q`, test.from, day(0, 0))
		}
		a := s.must(`{ account(id: "` + test.account + `") { invoices(first: 100` + span + `) { currency nodes { id invoiceDate totalAmount taxAmount balance } } } }`)
		var want []string
		for _, query := range test.calls {
			want = append(want, strings.Replace(list, "{id}", test.account, 1)+query)
		}
		s.wantCalls(want...)
		if found := invoicesOf(t, a); len(found) != test.invoices || a.at("account", "invoices", "currency") != test.currency {
			t.Errorf("from %q: %d invoices in %v, want %d in %v", test.from, len(found), a.at("account", "invoices", "currency"), test.invoices, test.currency)
		}
	}

	var found []listedInvoice
	for _, account := range []string{"me", sub} {
		a := s.must(`{ account(id: "` + account + `") { invoices(first: 2) { nodes { id currency totalAmount taxAmount balance invoiceItems { totalAmount taxAmount } } } } }`)
		found = invoicesOf(t, a)
		calls := []string{"GET /accounts/" + account + "/billing/invoices"}
		for _, invoice := range found {
			calls = append(calls, "GET /accounts/"+account+"/billing/invoices/"+invoice.ID)
			cents := 0
			for _, item := range invoice.InvoiceItems {
				cents += inCents(t, item.TotalAmount) + inCents(t, item.TaxAmount)
			}
			if cents != inCents(t, invoice.TotalAmount) || invoice.Currency != "USD" {
				t.Errorf("%s %s, and its items come to %d cents", invoice.TotalAmount, invoice.Currency, cents)
			}
		}
		s.wantCalls(calls...)
		if cost := a.Extensions.Zoom.Cost; len(found) != 2 || cost.Calls != 3 || cost.Requested < 3 {
			t.Errorf("%d invoices cost %d calls, and were priced at %d", len(found), cost.Calls, cost.Requested)
		}
	}
	one := s.must(`{ account(id: "` + sub + `") { invoice(id: "` + found[0].ID + `") { id totalAmount invoiceItems { chargeName } } } }`)
	s.wantCalls("GET /accounts/" + sub + "/billing/invoices/" + found[0].ID)
	if want := `"totalAmount":` + found[0].TotalAmount.String() + `,"invoiceItems":[{"chargeName":"Pro Monthly"}`; !strings.Contains(string(one.raw), want) {
		t.Errorf("no %s in %s", want, one.raw)
	}
	old := s.ask(`{ account(id: "me") { invoices(from: "`+day(-4, 0)+`", to: "`+day(-4, 9)+`") { nodes { id } } } }`, nil)
	s.wantErrors(old, "BAD_USER_INPUT at account.invoices")
	other := s.ask(`{ account(id: "me") { invoice(id: "`+found[0].ID+`") { id totalAmount } } }`, nil)
	s.wantErrors(other, "NOT_FOUND at account.invoice.totalAmount") // it is the sub account's
}

// inCents reads an amount that has all its digits.
func inCents(t *testing.T, amount json.Number) (cents int) {
	t.Helper()
	whole, rest, _ := strings.Cut(amount.String(), ".")
	if _, err := fmt.Sscan(whole+rest, &cents); err != nil || len(rest) != 2 {
		t.Errorf("%q is no amount with two digits behind the point", amount)
	}
	return cents
}

// Amounts are answered with the digits that Zoom writes, however many these are.
func TestAmountsKeepTheirDigits(t *testing.T) {
	t.Parallel()
	z := &graph.Stub{Answers: map[string]string{
		"GET /accounts/a/billing/invoices": `{"currency":"JPY","invoices":[{"id":"1","total_amount":123456789012345678.10,"tax_amount":0.10,"balance":"90071992547409.93"}]}`,
		"GET /accounts/a/plans":            `{"plan_base":{"type":"pro_monthly","overage_price":0.005,"included_minutes":9007199254740993}}`,
	}}
	data, errors := z.Before(t, programtest.Of(t), nil)(`{ account(id: "a") { invoices { nodes { totalAmount taxAmount balance } } plans { planBase { overagePrice includedMinutes } } } }`)
	if want := `{"account":{"invoices":{"nodes":[{"totalAmount":123456789012345678.10,"taxAmount":0.10,"balance":90071992547409.93}]},"plans":{"planBase":{"overagePrice":0.005,"includedMinutes":9007199254740993}}}}`; data != want || errors != "" {
		t.Errorf("%s %s, want %s", data, errors, want)
	}
}

// An invoice's file costs nothing until it is fetched, and then a call: at today's path, or where it was where the operator
// says so.
func TestInvoiceFiles(t *testing.T) {
	t.Parallel()
	for old, path := range map[bool]string{false: "/billing/invoices/{id}/download", true: "/api/download/billing/invoices/{id}"} {
		s := setup(t, sandbox.Config{}, func(p *parts) { p.client.OldPaths = old })
		whose := map[bool]string{false: s.subAccounts()[1], true: "me"}[old]
		invoice := invoicesOf(t, s.must(`{ account(id: "`+whose+`") { invoices(first: 1) { nodes { id pdf } } } }`))[0]
		s.wantCalls("GET /accounts/" + whose + "/billing/invoices")
		if !strings.HasPrefix(invoice.Pdf, "/files/") || strings.Contains(invoice.Pdf, invoice.ID) {
			t.Fatalf("a file at %q", invoice.Pdf)
		}
		call := "GET " + strings.Replace(path, "{id}", invoice.ID, 1)
		status, header, whole := s.fetch(invoice.Pdf, "")
		s.wantCalls(call)
		if status != http.StatusOK || header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(whole, "%PDF-") {
			t.Errorf("%d %v, %.20q", status, header, whole)
		}
		if status, _, part := s.fetch(invoice.Pdf, "bytes=1-3"); status != http.StatusPartialContent || part != "PDF" {
			t.Errorf("a part: %d %q", status, part)
		}
		s.wantCalls(call)
		missing := s.must(`{ account(id: "`+whose+`") { invoice(id: "0") { pdf } } }`).at("account", "invoice", "pdf")
		if status, _, body := s.fetch(fmt.Sprint(missing), ""); status != http.StatusNotFound || strings.Contains(body, "Invoice does not exist") {
			t.Errorf("of no invoice: %d %s", status, body)
		}
	}
}

// billingWrites are all writes of the chapter, with the operation of each, as they are sent for an account.
func billingWrites(account string) map[string]string {
	writes := map[string]string{}
	for call, input := range map[string]string{
		"PATCH /accounts/{a}/billing updateAccountBilling":               `{city: "Bath"}`,
		"POST /accounts/{a}/plans subscribeAccountPlans":                 `{contact: {firstName: "W", lastName: "S", email: "w@example.net", phoneNumber: "1", address: "1", city: "B", state: "S", zip: "1", country: "GB"}, planBase: {type: "pro_monthly", hosts: 1}}`,
		"POST /accounts/{a}/plans/addons subscribeAccountPlanAddon":      `{plan: {type: "large500_monthly", hosts: 1}}`,
		"PUT /accounts/{a}/plans/addons updateAccountPlanAddon":          `{type: "webinar500_monthly", hosts: 2}`,
		"PATCH /accounts/{a}/plans/addons/status cancelAccountPlanAddon": `{type: "webinar500_monthly", reason: LACK_OF_SUPPORT}`,
		"PUT /accounts/{a}/plans/base updateAccountBasePlan":             `{type: "pro_yearly", hosts: 11}`,
		"PATCH /accounts/{a}/plans/base/status cancelAccountBasePlan":    `{reason: WRONG_PRODUCT, comment: "x"}`,
	} {
		call = strings.Replace(call, "{a}", account, 1)
		at := strings.LastIndex(call, " ")
		writes[call[:at]] = fmt.Sprintf(`mutation { %s(id: %q, input: %s) { account { id } } }`, call[at+1:], account, input)
	}
	return writes
}

// What costs money is sent once, however Zoom fails: only what surely was not carried out comes again.
func TestWhatCostsMoneyIsSentOnce(t *testing.T) {
	t.Parallel()
	for kind, times := range map[sandbox.FaultKind]int{
		sandbox.FaultDrop: 1, sandbox.FaultStatus: 1, sandbox.FaultHTML: 1, sandbox.FaultEmpty: 1, sandbox.FaultTruncated: 1,
		sandbox.FaultExpireToken: 2,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := setup(t, sandbox.Config{})
			sub := s.subAccounts()[0]
			for call, mutation := range billingWrites(sub) {
				method, path, _ := strings.Cut(call, " ")
				fault := sandbox.Fault{Kind: kind, Match: method + " " + path, Times: 1}
				if kind == sandbox.FaultStatus {
					fault.Status = http.StatusServiceUnavailable
				}
				if err := s.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{fault}}); err != nil {
					t.Fatal(err)
				}
				a := s.ask(mutation, nil)
				s.wantCalls(slices.Repeat([]string{call}, times)...)
				if doubt := strings.Contains(string(a.raw), "may have carried it out"); doubt != (len(a.Errors) > 0 && times == 1) {
					t.Errorf("%s: it may have been bought: %v, in %s", call, doubt, a.raw)
				}
			}
		})
	}
}

// Zoom tells of plans and contacts of sub accounts only, and changes only theirs: `me` is refused by name, before any call.
// Invoices and usage are also the own account's.
func TestOwnAccountIsNoSubAccount(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	refused := func(query, at string) {
		t.Helper()
		a := s.ask(query, nil)
		s.wantErrors(a, "BAD_USER_INPUT at "+at)
		if len(a.Errors) == 1 && !strings.Contains(a.Errors[0].Message, "accountId must be the id of a sub account") {
			t.Errorf("%s: %s", query, a.Errors[0].Message)
		}
		s.wantCalls()
	}
	for _, me := range []string{"me", "ME"} {
		refused(`{ account(id: "`+me+`") { billing { email } } }`, "account.billing")
		refused(`{ account(id: "`+me+`") { plans { planBase { type } } } }`, "account.plans")
		for _, mutation := range billingWrites(me) {
			name, _, _ := strings.Cut(strings.TrimPrefix(mutation, "mutation { "), "(")
			refused(mutation, name)
		}
	}
	a := s.must(`{ account(id: "me") { planUsage { planBase { hosts usage } planZoomRooms { hosts } planRecording { planStorage } } } }`)
	s.wantCalls("GET /accounts/me/plans/usage")
	usage := dataOf[struct {
		Account struct {
			PlanUsage struct{ PlanBase []struct{ Hosts, Usage int } }
		}
	}](t, a).Account.PlanUsage.PlanBase
	licensed := 0
	for _, node := range s.must(`{ users(first: 300) { nodes { type } } }`).at("users", "nodes").([]any) {
		if node.(map[string]any)["type"] == "LICENSED" {
			licensed++
		}
	}
	if len(usage) != 1 || usage[0].Usage < licensed || usage[0].Hosts <= usage[0].Usage {
		t.Errorf("%+v is used, and %d users are licensed", usage, licensed)
	}
}

// Each thing that can be bought has a body of its own, which is sent as Zoom has it.
func TestWhatIsBoughtIsSaidInZoomsWords(t *testing.T) {
	t.Parallel()
	z := &graph.Stub{}
	ask := z.Before(t, programtest.Of(t), nil)
	writes := billingWrites("a")
	writes["POST /accounts/a/plans/addons phone"] = `mutation { subscribeAccountPlanAddon(id: "a", input: {phone: {type: "phone", planDetails: {planBase: {type: "p", calloutCountries: "US"}, planNumber: [{type: "n", hosts: 2}]}, serviceEffectiveDate: "2026-12-01"}}) { account { id } } }`
	writes["POST /accounts/a/plans/addons zcc"] = `mutation { subscribeAccountPlanAddon(id: "a", input: {contactCenter: {planZccDetails: {planRecording: {type: "r"}}}}) { account { id } } }`
	for _, mutation := range writes {
		if data, errors := ask(mutation); !strings.Contains(data, `"account":{"id":"a"}`) || errors != "" {
			t.Errorf("%s: %s %s", mutation, data, errors)
		}
	}
	want := []string{
		`PATCH /accounts/a/billing {"city":"Bath"}`,
		`PATCH /accounts/a/plans/addons/status {"action":"cancel","type":"webinar500_monthly","reason":2}`,
		`PATCH /accounts/a/plans/base/status {"action":"cancel","reason":5,"comment":"x"}`,
		`POST /accounts/a/plans/addons {"plan_zcc_details":{"plan_recording":{"type":"r"}}}`,
		`POST /accounts/a/plans/addons {"type":"large500_monthly","hosts":1}`,
		`POST /accounts/a/plans/addons {"type":"phone","plan_details":{"plan_base":{"type":"p","callout_countries":"US"},"plan_number":[{"type":"n","hosts":2}]},"service_effective_date":"2026-12-01"}`,
		`POST /accounts/a/plans {"contact":{"first_name":"W","last_name":"S","email":"w@example.net","phone_number":"1","address":"1","city":"B","state":"S","zip":"1","country":"GB"},"plan_base":{"type":"pro_monthly","hosts":1}}`,
		`PUT /accounts/a/plans/addons {"type":"webinar500_monthly","hosts":2}`,
		`PUT /accounts/a/plans/base {"type":"pro_yearly","hosts":11}`,
	}
	got := z.Calls()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("Zoom was asked\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	data, errors := ask(`mutation { subscribeAccountPlanAddon(id: "a", input: {plan: {type: "x", hosts: 1}, node: {type: "y"}}) { account { id } } }`)
	if !strings.Contains(errors, "SubscribeAccountPlanAddonInput") || len(z.Calls()) != len(want) {
		t.Errorf("two plans at once: %s %s", data, errors)
	}
}

// Zoom refuses what cannot be bought, changed or called off, and nothing has changed then.
func TestPlansThatCannotBe(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	sub := s.subAccounts()[0]
	const all = `{ account(id: "{a}") { plans { planBase { type hosts status } planWebinar { type hosts status } planLargeMeeting { type } } } }`
	before := s.must(strings.Replace(all, "{a}", sub, 1))
	writes := billingWrites(sub)
	addon := func(name, input string) string {
		return `mutation { ` + name + `(id: "` + sub + `", input: ` + input + `) { account { id } } }`
	}
	for query, want := range map[string]string{
		writes["POST /accounts/"+sub+"/plans"]:                                                                    "BAD_USER_INPUT at subscribeAccountPlans",
		addon("subscribeAccountPlanAddon", `{plan: {type: "webinar500_monthly", hosts: 1}}`):                      "BAD_USER_INPUT at subscribeAccountPlanAddon",
		addon("subscribeAccountPlanAddon", `{plan: {type: "loom_monthly", hosts: 1}}`):                            "BAD_USER_INPUT at subscribeAccountPlanAddon",
		addon("subscribeAccountPlanAddon", `{phone: {type: "p", planDetails: {}, serviceEffectiveDate: "soon"}}`): "BAD_USER_INPUT at subscribeAccountPlanAddon",
		addon("updateAccountPlanAddon", `{type: "webinar3000_monthly", hosts: 1}`):                                "NOT_FOUND at updateAccountPlanAddon",
		addon("updateAccountPlanAddon", `{type: "webinar500_monthly", hosts: 0}`):                                 "BAD_USER_INPUT at updateAccountPlanAddon",
		addon("updateAccountBasePlan", `{type: "pro_monthly", hosts: 0}`):                                         "BAD_USER_INPUT at updateAccountBasePlan",
		addon("cancelAccountPlanAddon", `{type: "zwr_monthly"}`):                                                  "BAD_USER_INPUT at cancelAccountPlanAddon",
		strings.Replace(addon("cancelAccountBasePlan", `{}`), sub, "nobody", 1):                                   "NOT_FOUND at cancelAccountBasePlan",
	} {
		s.wantErrors(s.ask(query, nil), want)
	}
	if after := s.must(strings.Replace(all, "{a}", sub, 1)); fmt.Sprint(after.Data) != fmt.Sprint(before.Data) {
		t.Errorf("the plans were %v, and are %v", before.Data, after.Data)
	}
}

// All sub accounts with their plans, usage and last invoices: a call for each, as the price says.
func TestBillingOfAllSubAccounts(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	subs := s.subAccounts()
	a := s.must(`{ accounts { nodes { accountName billing { email } plans { planBase { type hosts } } planUsage { planBase { usage } } invoices(first: 3) { nodes { id totalAmount } } } } }`)
	want := []string{"GET /accounts?page_size=30"}
	for _, sub := range subs {
		for _, end := range []string{"/billing", "/billing/invoices", "/plans", "/plans/usage"} {
			want = append(want, "GET /accounts/"+sub+end)
		}
	}
	s.wantCalls(want...)
	if cost := a.Extensions.Zoom.Cost; cost.Calls != len(want) || cost.Requested < cost.Calls {
		t.Errorf("it cost %d calls and was priced at %d, want %d", cost.Calls, cost.Requested, len(want))
	}
	first, second := a.at("accounts", "nodes", 0, "invoices", "nodes", 0, "id"), a.at("accounts", "nodes", 1, "invoices", "nodes", 0, "id")
	if first == nil || first == second {
		t.Errorf("invoices %v and %v", first, second)
	}
}

// Only what is about sub accounts alone says so.
func TestSubAccountsOnly(t *testing.T) {
	t.Parallel()
	for _, chapter := range programtest.Of(t).Chapters {
		for _, op := range chapter.Operations {
			own := strings.Contains(op.Path, "/invoices") || strings.HasSuffix(op.Path, "/usage")
			if want := chapter.Name == "Billing" && !own; op.Subs != want || op.State != program.Covered && want {
				t.Errorf("%s is about sub accounts only: %v, want %v", op.Op, op.Subs, want)
			}
		}
	}
}
