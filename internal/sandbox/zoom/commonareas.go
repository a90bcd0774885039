package zoom

import (
	"encoding/json"
	"net/http"
	"slices"

	"zoomgraph/internal/sandbox/world"
)

// This file implements what common areas are made of, and their writes. What is said of them beside that is in
// phonedevices.go. Start reading at createCommonArea.

// areaLock is what keeps a common area from changing a rule, by the rule's path; "": nothing does. The account keeps one
// rule to itself; others are locked here and there from the start.
func (z *Zoom) areaLock(w *world.World, r *world.Record, rule string) string {
	h := z.source.At("locked rule", rule, r.ID)
	switch {
	case rule == siteRules+".international_calling":
		return "account"
	case h%3 == 0 && slices.Contains(w.First("CommonAreaPhone"), r):
		return world.Pick(h>>8, "account", "site", "user_group")
	}
	return ""
}

// planOf is a calling plan by Zoom's number of it.
func planOf(number int) map[string]any {
	name := "Zoom Phone Plan"
	switch number {
	case 100:
		name = "Zoom Phone Pro"
	case 200:
		name = "US/CA Unlimited Calling Plan"
	}
	return map[string]any{
		"name": name, "type": number, "billing_account_id": "3WWAEiEjTj2IQuyDiKMd_A", "billing_account_name": "Example Inc.",
		"billing_subscription_id": "2c92a0ff8c8f1c0f", "billing_subscription_name": "Example subscription",
	}
}

// areaExtension is a number for who was given none.
func (z *Zoom) areaExtension(r *world.Record) uint64 {
	return 26_000_000_000 + z.source.At("extension number", r.ID)%1_000_000
}

// areaCountry is the country that was written, or that of the site.
func areaCountry(w *world.World, r *world.Record) any {
	code := textOf(r.Raw("country_iso_code"))
	if code == "" {
		code = "US"
		if site := w.Find("PhoneSite", siteOf(w, r)); site != nil {
			code = within(w, site, "country", "code")
		}
	}
	return map[string]string{"code": code, "country_code": countryNamed(code).calls, "name": countryNamed(code).name}
}

// areaAddress is the emergency address that was written, or that of the site.
func areaAddress(w *world.World, r *world.Record) any {
	site := addressOf(w, textOf(r.Raw("emergency_address_id")))
	if site == nil {
		site = w.Find("PhoneSite", siteOf(w, r))
	}
	if site == nil {
		return nil
	}
	address := w.Raw(site, "default_emergency_address")
	for _, own := range []string{"is_default", "level"} {
		address = world.Edit(address, []string{own}, nil)
	}
	return address
}

// addressOf is the site that has an emergency address of an id; nil: none does.
func addressOf(w *world.World, id string) *world.Record {
	for _, site := range w.All("PhoneSite") {
		if id != "" && within(w, site, "default_emergency_address", "id") == id {
			return site
		}
	}
	return nil
}

// numbersOf are the phone numbers that belong to a common area.
func numbersOf(w *world.World, r *world.Record) any {
	out := []map[string]json.RawMessage{}
	for _, number := range w.All("PhoneNumber") {
		if within(w, number, "assignee", "id") != r.ID {
			continue
		}
		one := map[string]json.RawMessage{"id": world.Encode(number.ID)}
		for _, name := range []string{"number", "display_name", "source"} {
			if raw := w.Raw(number, name); raw != nil {
				one[name] = raw
			}
		}
		out = append(out, one)
	}
	return out
}

// areaCallerIDs are the numbers that others can be shown: the company's, and its own.
func areaCallerIDs(w *world.World, r *world.Record) any {
	chosen := textOf(r.Raw("outbound_caller_id"))
	ids := []map[string]any{{"number": "+15550100", "name": "Main Company Number"}}
	var own []map[string]json.RawMessage
	if json.Unmarshal(world.Encode(numbersOf(w, r)), &own) == nil {
		for _, number := range own {
			ids = append(ids, map[string]any{"number": textOf(number["number"]), "name": w.Text(r, "display_name")})
		}
	}
	for i, id := range ids {
		id["is_default"] = chosen == "" && i == 0 || id["number"] == chosen
	}
	return ids
}

// parkedCallsGo is where calls go that nobody takes up: where somebody has said so, or to a user.
func (z *Zoom) parkedCallsGo(w *world.World, r *world.Record) any {
	name := textOf(r.Raw("policy.call_park.forward_to_extension_id"))
	if some := w.First("PhoneUser"); name == "" && len(some) > 0 {
		name = some[z.source.At("parked calls", r.ID)%uint64(len(some))].ID
	}
	e, there := extensionNamed(w, name, "PhoneUser", "CommonAreaPhone", "CallQueue", "SharedLineGroup")
	if !there {
		return nil
	}
	return map[string]any{
		"id": e.ID, "display_name": e.nameOf(w), "extension_id": w.Text(e.Record, "extension_id"), "extension_number": w.Raw(e.Record, "extension_number"), "extension_type": e.kind,
	}
}

// mayForward refuses rules that send parked calls to nobody.
func (z *Zoom) mayForward(w *world.World, changes []world.Member) error {
	raw, _ := world.Lookup(changes, "call_park")
	rule, _ := world.Members(raw)
	to, said := world.Lookup(rule, "forward_to_extension_id")
	if !said {
		return nil
	}
	if _, there := extensionNamed(w, textOf(to), "PhoneUser", "CommonAreaPhone", "CallQueue", "SharedLineGroup"); !there {
		return world.Invalid(world.NotA("policy.call_park.forward_to_extension_id", "the id of an extension"))
	}
	return nil
}

// besideAreas is what stands of a common area with what belongs to it, but not in its own answers.
var besideAreas = []string{"extension_id", "name"}

// readCommonArea answers one: desk phones and status are told in lists only.
func readCommonArea(w *world.World, c *world.Call) (world.Answer, error) {
	answer, err := w.Do(c)
	for _, name := range append([]string{"desk_phones", "status"}, besideAreas...) {
		answer.Body = world.Edit(answer.Body, []string{name}, nil)
	}
	return answer, err
}

// listCommonAreas answers a page of them.
func listCommonAreas(w *world.World, c *world.Call) (world.Answer, error) {
	answer, err := w.Do(c)
	answer.Body = world.Alter(answer.Body, []string{"common_areas"}, func(raw json.RawMessage) json.RawMessage {
		var rows []json.RawMessage
		_ = json.Unmarshal(raw, &rows) // the world's own
		for i := range rows {
			for _, name := range besideAreas {
				rows[i] = world.Edit(rows[i], []string{name}, nil)
			}
		}
		return world.Encode(rows)
	})
	return answer, err
}

// createCommonArea adds a common area, to the main site where the body names none.
func (z *Zoom) createCommonArea(w *world.World, c *world.Call) (world.Answer, error) {
	body, _ := world.Members(c.Body)
	if err := mayBelong(w, body); err != nil {
		return world.Answer{}, err
	}
	more := map[string]any{}
	if raw, said := world.Lookup(body, "site_id"); !said || textOf(raw) == "" {
		more["site_id"] = w.First("PhoneSite")[0].ID
	}
	if raw, said := world.Lookup(body, "calling_plans"); said {
		var plans []struct{ Type int }
		_ = json.Unmarshal(raw, &plans) // it was checked
		all := make([]map[string]any, len(plans))
		for i, plan := range plans {
			all[i] = planOf(plan.Type)
		}
		more["calling_plans"] = all
	}
	if _, said := world.Lookup(body, "extension_number"); !said {
		more["extension_number"] = 26_000_000_000 + len(w.All("CommonAreaPhone"))
	}
	c.Body = world.Join(with(body, more))
	return w.Do(c)
}

// mayBelong refuses a site that is not there.
func mayBelong(w *world.World, body []world.Member) error {
	raw, said := world.Lookup(body, "site_id")
	if said && textOf(raw) != "" && w.Find("PhoneSite", textOf(raw)) == nil {
		return world.Invalid(world.NotA("site_id", "the id of a site"))
	}
	return nil
}

// updateCommonArea changes a common area, and rule by rule what holds there.
func (z *Zoom) updateCommonArea(w *world.World, c *world.Call) (world.Answer, error) {
	body, _ := world.Members(c.Body)
	if err := mayBelong(w, body); err != nil {
		return world.Answer{}, err
	}
	if raw, said := world.Lookup(body, "emergency_address_id"); said && addressOf(w, textOf(raw)) == nil {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 404, "Emergency address does not exist: %s.", textOf(raw))
	}
	raw, _ := world.Lookup(body, siteRules)
	changes, err := z.areaRules(w, c.Owner, raw)
	if err == nil {
		err = z.mayForward(w, changes)
	}
	if err != nil {
		return world.Answer{}, err
	}
	c.Body = world.Edit(c.Body, []string{siteRules}, nil)
	answer, err := w.Do(c)
	if err == nil {
		changeRules(w, c.Owner, changes)
	}
	return answer, err
}

// areaRules are changes of rules by the names and in the shapes that answers have them in. A rule that is locked cannot be
// changed.
func (z *Zoom) areaRules(w *world.World, r *world.Record, raw json.RawMessage) ([]world.Member, error) {
	changes, _ := world.Members(raw)
	for i, m := range changes {
		switch m.Name {
		case "delegation":
			changes[i].Value = world.Join([]world.Member{{Name: "enable", Value: m.Value}})
		case "hide_phone_call_history_in_ios":
			changes[i].Name = "hide_zoom_phone_calls_in_ios"
		}
		if by := z.areaLock(w, r, siteRules+"."+changes[i].Name); by != "" {
			return nil, world.Refuse(http.StatusBadRequest, 300, "The %s has locked %s.", by, m.Name)
		}
	}
	return changes, nil
}
