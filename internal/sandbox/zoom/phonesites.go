package zoom

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"zoomgraph/graph/program"
	"zoomgraph/internal/sandbox/world"
)

// This file implements sites of Zoom Phone, their rules, and numbers that are blocked. Desk phones and common areas are in
// phonedevices.go. Start reading at phoneSites.

// siteRules is a path: rules of sites and common areas stand below it.
const siteRules = "policy"

// How Zoom says that something of these chapters is not there.
var (
	noPhoneSite     = world.Missing{Status: http.StatusBadRequest, Code: 400, Text: "Site does not exist: %s."}
	noBlockedNumber = world.Missing{Status: http.StatusBadRequest, Code: 400, Text: "Blocked list does not exist: %s."}
)

// phoneSites adds sites, and what belongs to them beside people.
func (z *Zoom) phoneSites(q *world.Quirks) {
	drawn := z.rules("PhoneSitePolicy", "invalid")
	maps.Copy(drawn, map[string]func(*world.World, *world.Record) any{
		"caller_id_name":                       func(w *world.World, r *world.Record) any { return w.Text(r, "name") },
		"short_extension.length":               always(3),
		"sip_zone.id":                          always(sipZones()[0].ID),
		"default_emergency_address.is_default": always(true),
		"default_emergency_address.level":      always(0),
		"default_emergency_address.status":     always(3), // somebody is to look at it
	})
	for path, value := range boundedRules() {
		drawn[siteRules+"."+path] = always(value)
	}
	q.Things["PhoneSite"] = world.Thing{
		Seed: z.seedPhoneSites, Missing: noPhoneSite, Drawn: drawn,
		Unique: "name", Conflict: world.Missing{Status: http.StatusBadRequest, Code: 400, Text: "A site of this name exists: %s."},
		Computed: map[string]func(*world.World, *world.Record) any{
			"country":                     siteCountry,
			"main_auto_receptionist":      z.siteReceptionist,
			"sip_zone.name":               sipZoneName,
			"policy.call_park.forward_to": z.parkedCallsGo,
		},
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"site_name": func(w *world.World, r *world.Record, name string) bool {
				return strings.EqualFold(w.Text(r, "name"), name)
			},
		},
	}
	q.Things["PhoneBlockedNumber"] = world.Thing{
		Missing: noBlockedNumber,
		New:     map[string]any{"match_type": "phoneNumber", "block_type": "inbound", "status": "active", "comment": ""},
		Unique:  "phone_number", Conflict: world.Missing{Status: http.StatusConflict, Code: 409, Text: "This number is blocked already: %s."},
	}
	q.Checks["POST /phone/blocked_list"] = mayBlock
	q.Checks["PATCH /phone/blocked_list/{blockedListId}"] = mayBlock
	q.Answers["PATCH /phone/sites/{siteId}"] = z.changePhoneSite
	q.Answers["DELETE /phone/sites/{siteId}"] = deletePhoneSite
	z.phoneDevices(q)
}

// always is what a field has where nobody has written anything else.
func always(value any) func(*world.World, *world.Record) any {
	return func(*world.World, *world.Record) any { return value }
}

// boundedRules are values of rules that their types do not bound, by their paths.
func boundedRules() map[string]any {
	const firmware, survey = "schedule_firmware_update.", "display_call_feedback_survey."
	const e2e = "block_external_calls.e2e_encryption."
	values := map[string]any{
		firmware + "repeat_setting.week_and_day.week_of_month": 2, firmware + "repeat_setting.specific_date.day_of_month": 15,
		firmware + "time_period_start": 1, firmware + "time_period_end": 5,
		survey + "feedback_type": 2, survey + "feedback_mos.min": 1.5, survey + "feedback_mos.max": 3.5,
		"customize_line_name.common_area_line_name": "displayName;extensionNumber",
		e2e + "locked": false, e2e + "locked_by": "invalid", e2e + "modified": false,
	}
	for _, recording := range []string{"ad_hoc_call_recording", "auto_call_recording"} {
		values[recording+".play_recording_beep_tone.play_beep_volume"] = 60
		values[recording+".play_recording_beep_tone.play_beep_time_interval"] = 15
	}
	return values
}

// seedPhoneSites makes the sites that there are at the start. The first is the account's main one.
func (z *Zoom) seedPhoneSites(*world.World, *world.Record) []*world.Record {
	var out []*world.Record
	for i, site := range []struct{ name, line, city, state, zip, country string }{
		{"Main Site", "31 Spooner Street", "Quahog", "RI", "00093", "US"},
		{"London", "12 St James's Square", "London", "LND", "SW1Y 4JH", "GB"},
		{"Mumbai", "5 Carmichael Road", "Mumbai", "MH", "400026", "IN"},
	} {
		id := z.source.ID("phone site", site.name)
		values := map[string]any{
			"name": site.name, "site_code": 100 + i, "india_state_code": nil, "india_city": nil, "india_sdca_npa": nil, "india_entity_name": nil,
			"default_emergency_address": map[string]any{
				"id": z.source.ID("emergency address", id), "address_line1": site.line, "address_line2": "Floor 2", "city": site.city,
				"state_code": site.state, "zip": site.zip, "country": site.country, "status": 4,
			},
		}
		if site.country == "IN" {
			values["india_state_code"], values["india_city"] = site.state, site.city
			values["india_sdca_npa"], values["india_entity_name"] = "22", "Example India"
		}
		out = append(out, world.Known(id, values))
	}
	return out
}

// within is a value that stands in an object of a thing, as a text.
func within(w *world.World, r *world.Record, object, name string) string {
	fields, _ := world.Members(w.Raw(r, object))
	raw, _ := world.Lookup(fields, name)
	return textOf(raw)
}

// textOf is a JSON text without its quotes, and "" for all else.
func textOf(raw json.RawMessage) (text string) {
	_ = json.Unmarshal(raw, &text) // no text: ""
	return text
}

// siteCountry is the country of a site's address.
func siteCountry(w *world.World, r *world.Record) any {
	code := within(w, r, "default_emergency_address", "country")
	return map[string]string{"code": code, "name": countryNamed(code).name}
}

// country is one that people know by its two letters.
type country struct{ calls, name string }

// countryNamed is the country of two letters; one that is not listed goes by them.
func countryNamed(code string) country {
	switch code {
	case "US":
		return country{"1", "United States"}
	case "GB":
		return country{"44", "United Kingdom"}
	case "IN":
		return country{"91", "India"}
	case "DE":
		return country{"49", "Germany"}
	}
	return country{"1", code}
}

// siteReceptionist takes the calls to a site's main number, by the name that the site was made with.
func (z *Zoom) siteReceptionist(_ *world.World, r *world.Record) any {
	h := z.source.At("receptionist", r.ID)
	name := textOf(r.Raw("auto_receptionist_name"))
	if name == "" {
		name = "Main Auto Receptionist"
	}
	return map[string]any{"id": world.IDOf(h), "name": name, "extension_id": world.IDOf(world.Mix(h)), "extension_number": 26_000_000_000 + h%100_000}
}

// sipZone is a region whose servers carry calls.
type sipZone struct{ ID, Name string }

func sipZones() []sipZone {
	return []sipZone{{"8_US01", "United States"}, {"8_EU01", "Europe"}, {"8_AP01", "Asia Pacific"}}
}

func sipZoneName(_ *world.World, r *world.Record) any {
	id := textOf(r.Raw("sip_zone.id"))
	i := slices.IndexFunc(sipZones(), func(z sipZone) bool { return z.ID == id })
	return sipZones()[max(i, 0)].Name
}

// rules are those of a policy as long as nobody has changed one: on or off as in the whole account, and open to changes.
func (z *Zoom) rules(policy string, unlocked any) map[string]func(*world.World, *world.Record) any {
	out, schema := map[string]func(*world.World, *world.Record) any{}, z.options.Program.Schema
	if schema.Types[policy] == nil {
		return out
	}
	for _, f := range schema.Types[policy].Fields {
		name := program.NameOf(f)
		at := siteRules + "." + name
		out[at+".enable"] = always(z.source.At("phone rule", name)%3 != 0)
		out[at+".locked"], out[at+".modified"], out[at+".reset"] = always(false), always(false), always(false)
		out[at+".locked_by"] = always(unlocked)
	}
	return out
}

// madeRules are the rules of a thing as they were before the first change of each, to go back to. They are its Ext.
type madeRules map[string]json.RawMessage

// changeRules changes rules of a thing. What is reset is again as it was.
func changeRules(w *world.World, r *world.Record, changes []world.Member) {
	made, known := r.Ext.(madeRules)
	if !known {
		made = madeRules{}
		r.Ext = made
	}
	rules, _ := world.Members(w.Raw(r, siteRules))
	for _, m := range changes {
		change, isRule := world.Members(m.Value)
		if _, said := made[m.Name]; isRule && !said {
			made[m.Name], _ = world.Lookup(rules, m.Name)
		}
		if raw, said := world.Lookup(change, "reset"); said && string(raw) == "true" {
			r.Set(siteRules+"."+m.Name+".forward_to_extension_id", nil)
			m.Value = made[m.Name]
		} else if isRule {
			m.Value = world.Join(append(change, lockOf(change)...))
		}
		r.Merge([]world.Member{{Name: siteRules, Value: world.Join([]world.Member{m})}})
	}
}

// lockOf is what a rule says of itself after a change that did not reset it.
func lockOf(change []world.Member) []world.Member {
	out := []world.Member{{Name: "modified", Value: world.Encode(true)}}
	if raw, said := world.Lookup(change, "locked"); said {
		by := "invalid"
		if string(raw) == "true" {
			by = "site"
		}
		out = append(out, world.Member{Name: "locked_by", Value: world.Encode(by)})
	}
	return out
}

// changePhoneSite changes a site, and rule by rule what holds there.
func (z *Zoom) changePhoneSite(w *world.World, c *world.Call) (world.Answer, error) {
	body, _ := world.Members(c.Body)
	if raw, said := world.Lookup(body, "sip_zone"); said {
		zone, _ := world.Members(raw)
		id, _ := world.Lookup(zone, "id")
		if !slices.ContainsFunc(sipZones(), func(z sipZone) bool { return z.ID == textOf(id) }) {
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 400, "SIP zone does not exist: %s.", textOf(id))
		}
	}
	raw, _ := world.Lookup(body, siteRules)
	changes, _ := world.Members(raw)
	if err := z.mayForward(w, changes); err != nil {
		return world.Answer{}, err
	}
	c.Body = world.Edit(c.Body, []string{siteRules}, nil)
	answer, err := w.Do(c)
	if err == nil {
		changeRules(w, c.Owner, changes)
	}
	return answer, err
}

// belongToSites are the types of what has a site.
func belongToSites() []string {
	return []string{"PhoneUser", "PhoneNumber", "CallQueue", "SharedLineGroup", "AutoReceptionist", "CommonAreaPhone", "PhoneDevice"}
}

// siteOf is the id of the site that something belongs to, "" for none.
func siteOf(w *world.World, r *world.Record) string {
	if id := within(w, r, "site", "id"); id != "" {
		return id
	}
	return w.Text(r, "site_id")
}

// deletePhoneSite deletes a site when all that belongs to it has gone to another. The main site stays.
func deletePhoneSite(w *world.World, c *world.Call) (world.Answer, error) {
	name := c.Values.Get("transfer_site_id")
	to := w.Find("PhoneSite", name)
	switch {
	case to == nil:
		return world.Answer{}, noPhoneSite.Refusal(name)
	case to == c.Owner:
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 400, "A site cannot be transferred to itself.")
	case c.Owner == w.First("PhoneSite")[0]:
		return world.Answer{}, world.Refuse(http.StatusConflict, 409, "The main site cannot be deleted.")
	}
	for _, kind := range belongToSites() {
		for _, r := range w.All(kind) {
			if siteOf(w, r) != c.Owner.ID {
				continue
			}
			r.Set("site_id", to.ID)
			if r.Raw("site.id") != nil {
				r.Set("site.id", to.ID)
			}
		}
	}
	return w.Do(c)
}

// mayBlock refuses an entry without a number, and one that a change makes a threat: Zoom knows those itself.
func mayBlock(_ *world.World, c *world.Call) error {
	body, _ := world.Members(c.Body)
	number, said := world.Lookup(body, "phone_number")
	kind, _ := world.Lookup(body, "block_type")
	switch {
	case said && textOf(number) == "", !said && c.Op.Method == http.MethodPost:
		return world.Invalid(world.NotA("phone_number", "a number"))
	case c.Op.Method == http.MethodPatch && textOf(kind) == "threat":
		return world.Invalid(world.NotA("block_type", "inbound or outbound"))
	}
	return nil
}
