package zoom

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// This file implements what speaks SIP: trunks and numbers of the account's own (SIP connected audio), room systems, and
// SIP phones. Start reading at sipAudio, devices and sipPhones.

// The paths of SIP connected audio below an account.
const (
	sipTrunkPath      = "/accounts/{accountId}/sip_trunk"
	sipCountries      = sipTrunkPath + "/callout_countries"
	sipInternal       = sipTrunkPath + "/internal_numbers"
	sipTrunks         = sipTrunkPath + "/trunks"
	sipAccountNumbers = sipTrunkPath + "/numbers"
)

// mostAtOnce is how many countries, numbers or trunks one call adds.
const mostAtOnce = 30

// sipAudio adds trunks, numbers, and the countries that they call. The master account hands out what it has: its trunks and
// numbers are for sub accounts, so it cannot be given any itself.
func (z *Zoom) sipAudio(q *world.Quirks) {
	q.Things["SipCalloutCountry"] = world.Thing{
		Seed:    z.seedCountries,
		Missing: world.Missing{Status: http.StatusNotFound, Code: 2302, Text: "Callout country does not exist: %s."},
	}
	q.Things["SipInternalNumber"] = world.Thing{
		Seed: z.seedInternalNumbers,
		New:  map[string]any{"assigned_accounts": []any{}},
		Drawn: map[string]func(*world.World, *world.Record) any{
			"visable": func(*world.World, *world.Record) any { return nil }, //nolint:misspell // a slip in some answers of Zoom's
		},
		Missing: world.Missing{Status: http.StatusNotFound, Code: 2303, Text: "Internal number does not exist: %s."},
	}
	q.Things["SipTrunk"] = world.Thing{
		Seed:    z.seedTrunks,
		Missing: world.Missing{Status: http.StatusNotFound, Code: 2301, Text: "SIP trunk does not exist: %s."},
	}
	q.Things["SipTrunkNumber"] = world.Thing{Seed: z.seedTrunkNumbers}
	q.Answers["POST "+sipCountries] = addCountries
	q.Checks["POST "+sipInternal] = numbersAreNew
	q.Answers["POST "+sipTrunks] = z.assignSipTrunks
	q.Checks["DELETE "+sipTrunks+"/{trunkId}"] = z.isBelow
	q.Answers["POST "+sipAccountNumbers] = z.assignNumbers
	q.Checks["DELETE "+sipAccountNumbers] = z.isBelow
	q.Answers["PATCH "+sipTrunkPath+"/settings"] = z.configureTrunks
}

// isBelow refuses the master account where only a sub account can be meant.
func (z *Zoom) isBelow(_ *world.World, c *world.Call) error {
	if c.Owner == z.own.Record || c.Found["accountId"] == z.own.Record {
		return world.Refuse(http.StatusNotFound, 2001, "Account is no sub account: %s.", z.own.ID)
	}
	return nil
}

// countries are those that can be called, and their codes.
var countries = map[string][2]string{
	"AU": {"Australia", "61"}, "BR": {"Brazil", "55"}, "CA": {"Canada", "1"}, "CH": {"Switzerland", "41"}, "DE": {"Germany", "49"},
	"ES": {"Spain", "34"}, "FR": {"France", "33"}, "GB": {"United Kingdom", "44"}, "IT": {"Italy", "39"}, "JP": {"Japan", "81"},
	"NL": {"Netherlands", "31"}, "ST": {"São Tomé and Príncipe", "239"}, "US": {"United States", "1"},
}

func calloutCountry(id string) *world.Record {
	return world.Known(id, map[string]any{"name": countries[id][0], "code": countries[id][1]})
}

func (z *Zoom) seedCountries(_ *world.World, of *world.Record) []*world.Record {
	if of != z.own.Record {
		return []*world.Record{calloutCountry("CA"), calloutCountry("US")}
	}
	return []*world.Record{calloutCountry("DE"), calloutCountry("GB"), calloutCountry("US")}
}

// addCountries adds those that are not there yet, all or none.
func addCountries(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Countries []struct {
			ID string `json:"id"`
		} `json:"callout_countries"`
	}
	c.Decode(&body)
	if err := atOnce("callout_countries", len(body.Countries)); err != nil {
		return world.Answer{}, err
	}
	have := map[string]bool{}
	for _, r := range w.Rows("GET "+sipCountries, c.Owner) {
		have[r.ID] = true
	}
	rows := []map[string]string{}
	for i, one := range body.Countries {
		named, known := countries[one.ID]
		if !known {
			return world.Answer{}, world.Invalid(world.FieldRefusal{Field: fmt.Sprintf("callout_countries.%d.id", i), Message: "No country: " + one.ID + "."})
		}
		rows = append(rows, map[string]string{"id": one.ID, "name": named[0], "code": named[1]})
	}
	for _, row := range rows {
		if !have[row["id"]] {
			have[row["id"]] = true
			w.Put("GET "+sipCountries, c.Owner, calloutCountry(row["id"]))
		}
	}
	return world.Created(world.Encode(map[string]any{"callout_countries": rows})), nil
}

// atOnce refuses a list that is empty, or longer than one call takes.
func atOnce(name string, n int) error {
	if n < 1 || n > mostAtOnce {
		return world.Invalid(world.FieldRefusal{Field: name, Message: fmt.Sprintf("There must be 1 to %d.", mostAtOnce)})
	}
	return nil
}

// seedInternalNumbers makes those of an account. What the master account has it shares with sub accounts.
func (z *Zoom) seedInternalNumbers(w *world.World, of *world.Record) []*world.Record {
	shared := []map[string]any{}
	if of == z.own.Record {
		for _, sub := range w.All("Account") {
			shared = append(shared, map[string]any{"id": sub.ID, "name": w.Text(sub, "account_name"), "type": 1})
		}
	}
	var out []*world.Record
	for i := range 3 {
		at := strconv.Itoa(i)
		number := "1555013" + world.Digits(z.source.At("internal", of.ID, at), 4)
		out = append(out, world.Known(z.source.ID("internal number", of.ID, at), map[string]any{
			"number": "+" + number, "display_number": "+1 555 " + number[4:7] + " " + number[7:], "country": "US", "languages": "en-US",
			"labels": world.Pick(uint64(i), "Head office", "", "Branch"), "type": i % 2, "visible": i != 1, "allow_join": true,
			"allow_for_external_meetings": i == 0, "assigned_accounts": shared[:min(i, len(shared))],
		}))
	}
	return out
}

// numbersAreNew refuses a number that the account has already, and one that comes twice.
func numbersAreNew(w *world.World, c *world.Call) error {
	var body struct {
		Numbers []struct {
			Number string `json:"number"`
		} `json:"internal_numbers"`
	}
	c.Decode(&body)
	if err := atOnce("internal_numbers", len(body.Numbers)); err != nil {
		return err
	}
	have := map[string]bool{}
	for _, r := range w.Rows("GET "+sipInternal, c.Owner) {
		have[w.Text(r, "number")] = true
	}
	for i, one := range body.Numbers {
		if have[one.Number] {
			return world.Invalid(world.FieldRefusal{Field: fmt.Sprintf("internal_numbers.%d.number", i), Message: "The account has this number already."})
		}
		have[one.Number] = true
	}
	return nil
}

// seedTrunks makes two of the master account; of sub accounts each has the first.
func (z *Zoom) seedTrunks(_ *world.World, of *world.Record) []*world.Record {
	var out []*world.Record
	for i := range 2 {
		at := strconv.Itoa(i)
		out = append(out, world.Known("9"+world.Digits(z.source.At("trunk", at), 3), map[string]any{
			"name": world.Pick(uint64(i), "Harbour trunk", "Hill trunk"), "sip_server_address": "192.0.2." + strconv.Itoa(29+i),
			"dnis": "3489242" + at, "number_prefix": "0", "outbound_caller_id": "+155501400" + at + "0",
		}))
		if of != z.own.Record {
			break
		}
	}
	return out
}

// assignSipTrunks gives a sub account trunks of the master account, all or none.
func (z *Zoom) assignSipTrunks(w *world.World, c *world.Call) (world.Answer, error) {
	if err := z.isBelow(w, c); err != nil {
		return world.Answer{}, err
	}
	var body struct {
		Trunks []struct {
			ID       string `json:"id"`
			DNIS     string `json:"dnis"`
			CallerID string `json:"outbound_caller_id"`
		} `json:"sip_trunks"`
	}
	c.Decode(&body)
	if err := atOnce("sip_trunks", len(body.Trunks)); err != nil {
		return world.Answer{}, err
	}
	given := make([]map[string]any, len(body.Trunks))
	for i, one := range body.Trunks {
		if given[i] = z.trunkValues(w, one.ID); given[i] == nil {
			return world.Answer{}, world.Invalid(world.FieldRefusal{Field: fmt.Sprintf("sip_trunks.%d.id", i), Message: "The master account has no such trunk."})
		}
		if n := len(one.DNIS); n > 0 && (n < 5 || n > 8) {
			return world.Answer{}, world.Invalid(world.FieldRefusal{Field: fmt.Sprintf("sip_trunks.%d.dnis", i), Message: "It must have 5 to 8 digits."})
		}
		if one.DNIS != "" {
			given[i]["dnis"] = one.DNIS
		}
		if one.CallerID != "" {
			given[i]["outbound_caller_id"] = one.CallerID
		}
	}
	rows := []map[string]any{}
	for i, one := range body.Trunks {
		z.giveTrunk(w, c.Owner, one.ID, given[i])
		row := map[string]any{"id": one.ID}
		for _, name := range []string{"name", "dnis", "number_prefix", "sip_server_address"} { // not what people see
			row[name] = given[i][name]
		}
		rows = append(rows, row)
	}
	return world.Created(world.Encode(map[string]any{"sip_trunks": rows})), nil
}

// trunkValues are those of a trunk of the master account; nil: it has none of this id.
func (z *Zoom) trunkValues(w *world.World, id string) map[string]any {
	for _, r := range w.Rows("GET "+sipTrunks, z.own.Record) {
		if r.ID == id {
			values := map[string]any{}
			for _, name := range []string{"name", "dnis", "number_prefix", "sip_server_address", "outbound_caller_id"} {
				values[name] = w.Text(r, name)
			}
			return values
		}
	}
	return nil
}

func (z *Zoom) giveTrunk(w *world.World, to *world.Record, id string, values map[string]any) {
	for _, r := range w.Rows("GET "+sipTrunks, to) {
		if r.ID == id {
			for name, value := range values {
				r.Set(name, value)
			}
			return
		}
	}
	w.Put("GET "+sipTrunks, to, world.Known(id, values))
}

// configureTrunks copies the master account's trunks to a sub account, or takes them away.
func (z *Zoom) configureTrunks(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Enable *bool `json:"enable"`
	}
	c.Decode(&body)
	if body.Enable == nil || c.Owner == z.own.Record {
		return world.Done(), nil
	}
	if !*body.Enable {
		for _, r := range w.Rows("GET "+sipTrunks, c.Owner) {
			w.Delete(r)
		}
		return world.Done(), nil
	}
	for _, r := range w.Rows("GET "+sipTrunks, z.own.Record) {
		z.giveTrunk(w, c.Owner, r.ID, z.trunkValues(w, r.ID))
	}
	return world.Done(), nil
}

// seedTrunkNumbers makes those that the master account has for its sub accounts.
func (z *Zoom) seedTrunkNumbers(*world.World, *world.Record) []*world.Record {
	var out []*world.Record
	for i := range 4 {
		number := world.Pick(uint64(i), "+1555015", "+44155501") + world.Digits(z.source.At("trunk number", strconv.Itoa(i)), 4)
		out = append(out, world.Known(number, map[string]any{"country": world.Pick(uint64(i), "US", "GB")}))
	}
	return out
}

// assignNumbers takes only numbers that the master account has. No read tells of it.
func (z *Zoom) assignNumbers(w *world.World, c *world.Call) (world.Answer, error) {
	if err := z.isBelow(w, c); err != nil {
		return world.Answer{}, err
	}
	var body struct {
		Numbers []string `json:"phone_numbers"`
	}
	c.Decode(&body)
	for _, number := range body.Numbers {
		if w.Find("SipTrunkNumber", number) == nil {
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 400, "The master account has no such number.")
		}
	}
	return world.Created(nil), nil
}

// devices adds room systems, of which Zoom reads none by itself.
func (z *Zoom) devices(q *world.Quirks) {
	q.Things["H323Device"] = world.Thing{
		Count: 4,
		Drawn: map[string]func(*world.World, *world.Record) any{
			"name": func(w *world.World, r *world.Record) any {
				return world.Pick(w.Source.At("device", r.ID), "Board room", "Auditorium", "Salle d'été", "会議室")
			},
			"ip": func(w *world.World, r *world.Record) any {
				return "192.0.2." + strconv.FormatUint(w.Source.At("device ip", r.ID)%254+1, 10)
			},
		},
		Missing: world.Missing{Status: http.StatusNotFound, Code: 2020, Text: "Device does not exist: %s."},
	}
	q.Checks["POST /h323/devices"] = deviceNamed
	q.Checks["PATCH /h323/devices/{deviceId}"] = deviceNamed
	q.Answers["DELETE /h323/devices/{deviceId}"] = func(w *world.World, c *world.Call) (world.Answer, error) {
		if _, err := w.Do(c); err != nil {
			return world.Answer{}, err
		}
		return world.OK(nil), nil
	}
}

// longestDeviceName is in characters.
const longestDeviceName = 64

func deviceNamed(_ *world.World, c *world.Call) error {
	var body struct {
		Name string `json:"name"`
	}
	c.Decode(&body)
	if n := len([]rune(body.Name)); n > longestDeviceName {
		return world.Invalid(world.FieldRefusal{Field: "name", Message: fmt.Sprintf("It has %d characters, %d at most.", n, longestDeviceName)})
	}
	return nil
}

// sipFlat are fields that phones have by the path of 2021 only: today a server is an object.
var sipFlat = []string{
	"proxy_server", "register_server", "transport_protocol", "proxy_server2", "register_server2", "transport_protocol2",
	"proxy_server3", "register_server3", "transport_protocol3",
}

// phonesAtStart is how many users have a SIP phone, at most.
const phonesAtStart = 40

// sipPhones adds phones of a company's own telephony, one a user.
func (z *Zoom) sipPhones(q *world.Quirks) {
	nothing := func(*world.World, *world.Record) any { return nil }
	unsaid := map[string]func(*world.World, *world.Record) any{} // of a server nothing is made up
	for _, server := range []string{"server.", "server_2.", "server_3."} {
		for _, name := range []string{"proxy_server", "register_server", "transport_protocol"} {
			unsaid[server+name] = nothing
		}
	}
	q.Things["SipPhone"] = world.Thing{
		Seed:  z.seedSipPhones,
		Drawn: unsaid,
		Computed: map[string]func(*world.World, *world.Record) any{
			"phone_id":   func(_ *world.World, r *world.Record) any { return r.ID },
			"user_email": emailOfSipPhone,
		},
		Filters: map[string]func(*world.World, *world.Record, string) bool{"search_key": func(w *world.World, r *world.Record, key string) bool {
			return strings.EqualFold(w.Text(r, "user_name"), key) || strings.EqualFold(w.Text(r, "user_email"), key)
		}},
		Missing: world.Missing{Status: http.StatusNotFound, Code: 2305, Text: "SIP phone does not exist: %s."},
	}
	q.Answers["POST /sip_phones"] = enableSipPhone
	q.Checks["PATCH /sip_phones/{phoneId}"] = func(_ *world.World, c *world.Call) error { return expiresInTime(c) }
}

func (z *Zoom) seedSipPhones(*world.World, *world.Record) []*world.Record {
	var out []*world.Record
	for i := range min(phonesAtStart, z.options.Users) {
		_, _, email := world.NameOf(i)
		extension := strconv.Itoa(4100 + i)
		values := map[string]any{
			"user_email": email, "user_name": extension, "authorization_name": "auth-" + extension, "domain": "sip.example.com",
			"password":       world.Digits(z.source.At("sip password", extension), 12),
			"display_number": "+1 555 016 " + extension, "voice_mail": "*97" + extension, "registration_expire_time": 60,
			"server":   map[string]any{"proxy_server": "proxy.example.com:5060", "register_server": "register.example.com:5060", "transport_protocol": "TLS"},
			"server_2": map[string]any{"proxy_server": "proxy2.example.com:5060", "register_server": "register2.example.com:5060", "transport_protocol": "AUTO"},
			"server_3": nil,
		}
		for _, name := range sipFlat {
			values[name] = nil
		}
		phone := world.Known(z.source.ID("sip phone", extension), values)
		phone.Ext = z.userID(i)
		out = append(out, phone)
	}
	return out
}

// emailOfSipPhone is the address that its user has now: an Ext is the user's id.
func emailOfSipPhone(w *world.World, r *world.Record) any {
	if id, known := r.Ext.(string); known {
		if user := w.Find("User", id); user != nil {
			return w.Text(user, "email")
		}
	}
	return r.Raw("user_email")
}

// enableSipPhone gives a phone to a user who has none.
func enableSipPhone(w *world.World, c *world.Call) (world.Answer, error) {
	if err := expiresInTime(c); err != nil {
		return world.Answer{}, err
	}
	var body map[string]any
	c.Decode(&body)
	email, _ := body["user_email"].(string)
	user := w.Find("User", email)
	if user == nil {
		return world.Answer{}, world.Refuse(http.StatusNotFound, 1001, "User does not exist: %s.", email)
	}
	for _, r := range w.All("SipPhone") {
		if w.Text(r, "user_email") == w.Text(user, "email") {
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "The user has a SIP phone already.")
		}
	}
	if body["registration_expire_time"] == nil {
		body["registration_expire_time"] = 60
	}
	phone, answer, err := w.Make(c, body)
	if err == nil {
		phone.Ext = user.ID
	}
	return answer, err
}

// expiresInTime refuses a time to register anew that a phone cannot have.
func expiresInTime(c *world.Call) error {
	var body struct {
		Minutes *json.Number `json:"registration_expire_time"`
	}
	c.Decode(&body)
	if body.Minutes == nil {
		return nil
	}
	if n, err := body.Minutes.Int64(); err != nil || n < 1 || n > 127 {
		return world.Invalid(world.FieldRefusal{Field: "registration_expire_time", Message: "It must be 1 to 127 minutes."})
	}
	return nil
}
