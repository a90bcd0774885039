package zoom

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// This file implements the numbers of Zoom Phone, and whose each of them is.

// ordinary is how many numbers there are at the start.
const ordinary = 24

func (z *Zoom) numbers(q *world.Quirks) {
	ownCarrier := func(say func(w *world.World, r *world.Record) any) func(*world.World, *world.Record) any {
		return func(w *world.World, r *world.Record) any {
			if w.Text(r, "source") != "external" {
				return nil
			}
			return say(w, r)
		}
	}
	q.Things["PhoneNumber"] = world.Thing{
		Seed: z.seedNumbers,
		Drawn: map[string]func(*world.World, *world.Record) any{
			"assignee": func(w *world.World, r *world.Record) any { return z.assigneeOf(w, r) },
			"carrier": ownCarrier(func(_ *world.World, r *world.Record) any {
				return map[string]any{"code": 4711, "name": cmp.Or(plainText(r.Raw("carrier.name")), "Lyme Regis Telecom")}
			}),
			"sip_group": ownCarrier(func(_ *world.World, r *world.Record) any {
				return map[string]any{"id": cmp.Or(plainText(r.Raw("sip_group_id")), z.source.ID("sip group")), "display_name": "Trunks of the south"}
			}),
			"emergency_address": ownCarrier(func(*world.World, *world.Record) any {
				return map[string]any{"address_line1": "1 Cobb Gate", "address_line2": "", "city": "Lyme Regis", "country": "GB", "state_code": "DOR", "zip": "DT7 3PY"}
			}),
			"emergency_address_status": ownCarrier(func(_ *world.World, r *world.Record) any { return 1 + z.source.At("address", r.ID)%2 }),
			"emergency_address_update_time": ownCarrier(func(_ *world.World, r *world.Record) any {
				return world.Instant(z.source.At("address", r.ID), world.Epoch, 900)
			}),
		},
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"type": func(w *world.World, r *world.Record, assigned string) bool {
				switch assigned {
				case "assigned", "unassigned":
					return (w.Raw(r, "assignee") != nil) == (assigned == "assigned")
				case "byoc":
					return w.Text(r, "source") == "external"
				}
				return true
			},
			"extension_type": func(w *world.World, r *world.Record, kind string) bool {
				return textIn(w.Raw(r, "assignee"), "type") == kind
			},
			"pending_numbers": func(w *world.World, r *world.Record, among string) bool {
				return among == "true" || w.Text(r, "status") != "pending"
			},
			"site_id":      ofSite,
			"phone_number": func(w *world.World, r *world.Record, number string) bool { return w.Text(r, "number") == number },
		},
		Missing: world.Missing{Status: http.StatusNotFound, Code: 404, Text: "Phone number does not exist: %s."},
	}
	q.Answers["POST /phone/byoc_numbers"] = z.addByocNumbers
	q.Answers["PUT /phone/company_number"] = changeCompanyNumber
}

// seedNumbers makes up numbers of the account. Every fifth is one of a carrier of the account's own.
func (z *Zoom) seedNumbers(*world.World, *world.Record) []*world.Record {
	var out []*world.Record
	for i := range ordinary {
		h := z.source.At("phone number", strconv.Itoa(i))
		values := map[string]any{
			"number": "+1555" + world.Digits(h, 7), "display_name": "", "number_type": world.Pick(h>>16, "toll", "toll", "tollfree"),
			"source": "internal", "status": "available", "location": world.Pick(h>>24, "Lyme Regis, Dorset", "Zürich", "Los Gatos, California"),
			"capability": []string{"incoming", "outgoing"},
		}
		if i%5 == 4 {
			values["source"], values["display_name"] = "external", "Line "+strconv.Itoa(i)
		}
		if i%9 == 8 {
			values["status"], values["capability"] = "pending", []string{"incoming"}
		}
		r := world.Known(world.IDOf(h), values)
		r.Ext = i
		out = append(out, r)
	}
	return out
}

// extensions are those whom numbers belong to, one after the other: the words for them, and their types where something
// reads them.
var extensions = []struct{ word, kind, name string }{
	{"user", "PhoneUser", ""},
	{"callQueue", "CallQueue", ""},
	{"", "", ""},
	{"commonArea", "CommonAreaPhone", ""},
	{"user", "PhoneUser", ""},
	{"autoReceptionist", "AutoReceptionist", ""},
	{"sharedLineGroup", "SharedLineGroup", ""},
	{"meetingService", "", "Meetings of Lyme Regis"},
	{"user", "PhoneUser", ""},
	{"emergencyNumberPool", "", "Whom to call back"},
	{"companyLocation", "", "The cliffs"},
}

// assigneeOf is whom a number belongs to from the start; nil: nobody.
func (z *Zoom) assigneeOf(w *world.World, number *world.Record) any {
	i, first := number.Ext.(int)
	if !first {
		return nil
	}
	of := extensions[i%len(extensions)]
	if of.kind == "" {
		if of.word == "" {
			return nil
		}
		h := z.source.At(of.word, strconv.Itoa(i))
		values := map[string]any{"type": of.word, "id": world.IDOf(h), "name": of.name, "extension_number": 26_000_026_001 + i}
		if of.word == "meetingService" {
			values["display_number"], values["label"], values["meeting_id"] = w.Text(number, "number"), "Dial in", numberOf(h)
			values["audio_prompt_language"] = "en-GB"
			values["greeting"] = map[string]any{"id": world.IDOf(world.Mix(h)), "name": "Welcome"}
			values["on_hold_music"] = map[string]any{"id": world.IDOf(world.Mix(h + 1)), "name": "The sea"}
		}
		return values
	}
	all := w.First(of.kind)
	if len(all) == 0 {
		return nil
	}
	if r := w.Find(of.kind, all[i%len(all)].ID); r != nil {
		return extensionOf(w, of.word, r)
	}
	return nil // who is gone leaves the number to nobody
}

// extensionOf is what others say of somebody who has an extension.
func extensionOf(w *world.World, word string, r *world.Record) map[string]any {
	values := map[string]any{"type": word, "id": r.ID, "name": extensionName(w, r)}
	if number := w.Raw(r, "extension_number"); number != nil {
		values["extension_number"] = number
	}
	return values
}

// extensionName is the name of somebody who has an extension.
func extensionName(w *world.World, r *world.Record) string {
	name := cmp.Or(w.Text(r, "name"), w.Text(r, "display_name"))
	if user := w.Find("User", r.ID); user != nil {
		name = w.Text(user, "first_name") + " " + w.Text(user, "last_name")
	}
	return name
}

// textIn is a text within an object, "" for none.
func textIn(object json.RawMessage, name string) string {
	fields, _ := world.Members(object)
	raw, _ := world.Lookup(fields, name)
	return plainText(raw)
}

// plainText is a text of JSON, "" for anything else.
func plainText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}

// ofSite tells whether a thing belongs to a site.
func ofSite(w *world.World, r *world.Record, site string) bool {
	return textIn(w.Raw(r, "site"), "id") == site
}

// addByocNumbers adds numbers of the account's own carrier: all or none.
func (z *Zoom) addByocNumbers(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Carrier      string   `json:"carrier"`
		PhoneNumbers []string `json:"phone_numbers"`
		SipGroupID   string   `json:"sip_group_id"`
		SiteID       string   `json:"site_id"`
	}
	c.Decode(&body)
	if body.SiteID != "" && w.Find("PhoneSite", body.SiteID) == nil {
		return world.Answer{}, w.NotFound("PhoneSite", body.SiteID)
	}
	for i, number := range body.PhoneNumbers {
		digits, e164 := strings.CutPrefix(number, "+")
		if !e164 || len(digits) < 7 || strings.Trim(digits, "0123456789") != "" {
			return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "phone_numbers", Message: "Invalid field: a number is no E.164 number."})
		}
		if slices.Contains(body.PhoneNumbers[:i], number) || numberIn(w, number) != nil {
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 400, "A phone number already exists.")
		}
	}
	if len(body.PhoneNumbers) == 0 {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "The list of phone numbers is empty.")
	}
	made := []map[string]any{}
	for _, number := range body.PhoneNumbers {
		values := map[string]any{
			"number": number, "display_name": "", "number_type": "toll", "source": "external", "status": "available", "location": "",
			"capability": []string{"incoming", "outgoing"}, "carrier": map[string]any{"name": body.Carrier},
			"sip_group_id": body.SipGroupID,
		}
		if body.SiteID != "" {
			values["site"] = map[string]any{"id": body.SiteID}
		}
		r := world.Known(w.NewID("phone number"), values)
		w.Put(phoneNumbers, nil, r)
		made = append(made, map[string]any{"id": r.ID, "number": number})
	}
	return world.Created(world.Encode(map[string]any{"phone_numbers": made})), nil
}

// numberIn is the number that is spelled so, nil for none.
func numberIn(w *world.World, number string) *world.Record {
	all := w.All("PhoneNumber")
	if i := slices.IndexFunc(all, func(r *world.Record) bool { return w.Text(r, "number") == number }); i >= 0 {
		return all[i]
	}
	return nil
}

// mainNumber is the account's main number: the one that was chosen, or else the first; nil: it has none.
func mainNumber(w *world.World) any {
	all := w.All("PhoneNumber")
	for _, r := range all {
		if r.Raw(companyNumber) != nil {
			return w.Raw(r, "number")
		}
	}
	if len(all) == 0 {
		return nil
	}
	return w.Raw(all[0], "number")
}

// companyNumber marks the number that is the account's main one, where somebody chose it.
const companyNumber = "is the company's"

// changeCompanyNumber makes another number the account's main one.
func changeCompanyNumber(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		PhoneNumber string `json:"phone_number"`
	}
	c.Decode(&body)
	chosen := numberIn(w, body.PhoneNumber)
	if chosen == nil {
		return world.Answer{}, world.Refuse(http.StatusNotFound, 404, "The phone number does not exist.")
	}
	for _, r := range w.All("PhoneNumber") {
		if r.Raw(companyNumber) != nil {
			r.Set(companyNumber, nil)
		}
	}
	chosen.Set(companyNumber, true)
	return world.Done(), nil
}
