package zoom

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"zoomgraph/internal/sandbox/world"
)

// This file implements users of Zoom Phone: all active users have it. What a user is set up with beside fields of the user
// is kept as a line; the settings of a user are read from it (phonesettings.go). Start reading at phoneUsers.

const (
	phoneUser         = "/phone/users/{userId}"
	phoneUserType     = "PhoneUser"
	phoneNumberType   = "PhoneNumber"
	phoneTemplateType = "PhoneSettingTemplate"
)

// phoneUsers adds users of Zoom Phone, their settings, and templates of settings.
func (z *Zoom) phoneUsers(q *world.Quirks) {
	q.Things[phoneUserType] = world.Thing{
		Stands: "User", Seed: z.seedPhoneUsers, Resolve: z.resolvePhoneUser, Also: []string{"email"}, Missing: noUser,
		Unique: "extension_number", Conflict: world.Missing{Status: http.StatusBadRequest, Code: 300, Text: "Extension number is used already: %s."},
		Computed: map[string]func(*world.World, *world.Record) any{
			"phone_numbers":     func(w *world.World, r *world.Record) any { return phoneNumbersOf(w, r) },
			"site":              phoneSiteOf,
			"emergency_address": z.emergencyAddressOf,
		},
		Drawn: map[string]func(*world.World, *world.Record) any{
			"name":                            userField("display_name"),
			"department":                      userField("dept"),
			"status":                          phoneStatus,
			"activation_status":               always("activated"),
			"phone_user_id":                   z.idFor("phone user"),
			"extension_id":                    z.idFor("extension"),
			"extension_number":                z.phoneExtension,
			"calling_plans":                   func(_ *world.World, r *world.Record) any { return z.callingPlansOf(r) },
			"policy.voicemail_access_members": z.firstAccess(voiceMailSetting, 2),
			"policy.auto_call_recording_access_members":   z.firstAccess(autoRecordingSetting, 3),
			"policy.ad_hoc_call_recording_access_members": z.firstAccess(adHocRecordingSetting, 3),
		},
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"status": func(w *world.World, r *world.Record, status string) bool { return w.Text(r, "status") == status },
			"calling_type": func(_ *world.World, r *world.Record, kind string) bool {
				return slices.ContainsFunc(z.callingPlansOf(r), func(p callingPlan) bool { return strconv.Itoa(p.Type) == kind })
			},
		},
	}
	z.drawPolicy(q.Things[phoneUserType].Drawn)
	users := q.Things["User"]
	gone := users.Gone
	users.Gone = func(w *world.World, r *world.Record) {
		gone(w, r)
		if p := w.Find(phoneUserType, r.ID); p != nil {
			freeLines(w, p)
			w.Delete(p)
		}
	}
	q.Things["User"] = users
	q.Things["PhoneUserSettings"] = z.phoneUserSettings()
	q.Answers["GET "+phoneUser] = z.readPhoneUser
	q.Answers["PATCH "+phoneUser] = changePhoneUser
	q.Answers["GET /phone/calling_plans"] = z.listCallingPlans
	q.Answers["POST "+phoneUser+"/calling_plans"] = z.assignCallingPlans
	q.Answers["DELETE "+phoneUser+"/calling_plans/{type}"] = z.unassignCallingPlan
	q.Answers["POST "+phoneUser+"/phone_numbers"] = assignPhoneNumbers
	q.Answers["DELETE "+phoneUser+"/phone_numbers/{phoneNumberId}"] = unassignPhoneNumber
	q.Answers["POST "+phoneUser+"/settings/{settingType}"] = z.addPhoneSetting
	q.Answers["PATCH "+phoneUser+"/settings/{settingType}"] = z.changePhoneSetting
	q.Answers["DELETE "+phoneUser+"/settings/{settingType}"] = z.dropPhoneSetting
	q.Answers["POST /accounts/{accountId}/phone/setup"] = createdNothing
	z.phoneTemplates(q)
}

// drawPolicy makes up values of policies that types do not bound.
func (z *Zoom) drawPolicy(drawn map[string]func(*world.World, *world.Record) any) {
	for _, recording := range []string{"ad_hoc_call_recording", "auto_call_recording"} {
		at := "policy." + recording + ".play_recording_beep_tone"
		drawn[at+".play_beep_volume"] = always(60)
		drawn[at+".play_beep_time_interval"] = always(15)
	}
	drawn["policy.sms.international_sms_countries"] = always([]string{"US", "DE"})
	drawn["policy.call_park.expiration_period"] = always(10)
	drawn["policy.call_park.forward_to"] = func(w *world.World, r *world.Record) any {
		to := extensionWith(w, w.Text(r, "policy.call_park.forward_to.extension_id")) // as it was written
		if to == nil {
			to = z.lineBeside(w, r, 1)
		}
		if to == nil {
			return nil
		}
		return extensionIn(w, to)
	}
	for _, locked := range []string{
		"ad_hoc_call_recording", "auto_call_recording", "call_overflow", "call_park", "call_transferring", "call_handling_forwarding_to_other_users",
		"hand_off_to_room", "mobile_switch_to_carrier", "select_outbound_caller_id", "sms", "zoom_phone_on_mobile", "zoom_phone_on_desktop",
		"personal_audio_library", "voicemail_transcription", "voicemail_notification_by_email", "shared_voicemail_notification_by_email",
		"check_voicemails_over_phone", "audio_intercom", "peer_to_peer_media", "e2e_encryption", "outbound_calling", "outbound_sms",
		"allow_end_user_edit_call_handling", "voicemail_intent_based_prioritization", "voicemail_tasks",
	} {
		drawn["policy."+locked+".locked_by"] = func(_ *world.World, r *world.Record) any {
			return world.Pick(z.source.At("locked by", locked, r.ID), "account", "site")
		}
	}
}

// phoneLine is what the chapter keeps of a user of Zoom Phone, as its Ext.
type phoneLine struct {
	at                     int // in the order of the start
	assistants, executives []*world.Record
	known                  bool // these two say who; otherwise it is as at the start
	settings               phoneSettings
}

func lineOf(r *world.Record) *phoneLine { return r.Ext.(*phoneLine) }

// seedPhoneUsers gives Zoom Phone to all who are active.
func (z *Zoom) seedPhoneUsers(w *world.World, _ *world.Record) []*world.Record {
	var out []*world.Record
	for _, user := range w.First("User") {
		if w.Text(user, "status") == Active {
			out = append(out, &world.Record{ID: user.ID, Ext: &phoneLine{at: len(out)}})
		}
	}
	return out
}

func (z *Zoom) resolvePhoneUser(w *world.World, c *world.Call, name string) (*world.Record, error) {
	user, err := z.resolveUser(w, c, name)
	if user == nil || err != nil {
		return nil, err
	}
	return w.Find(phoneUserType, user.ID), nil
}

// userField is a value that the user has under another name.
func userField(name string) func(*world.World, *world.Record) any {
	return func(w *world.World, r *world.Record) any { return w.Raw(w.Find("User", r.ID), name) }
}

// idFor makes up one of the other ids of a user.
func (z *Zoom) idFor(what string) func(*world.World, *world.Record) any {
	return func(_ *world.World, r *world.Record) any { return z.source.ID(what, r.ID) }
}

func phoneStatus(w *world.World, r *world.Record) any {
	if w.Text(w.Find("User", r.ID), "status") == Active {
		return "activate"
	}
	return "deactivate"
}

// phoneExtension numbers users in their order; of ten one has one of the long numbers that Zoom gives without being asked.
func (z *Zoom) phoneExtension(_ *world.World, r *world.Record) any {
	if at := lineOf(r).at; at%10 != 9 {
		return 1001 + at
	}
	return 26_000_000_000 + lineOf(r).at
}

// phoneSiteOf is the site whose id a user has.
func phoneSiteOf(w *world.World, r *world.Record) any {
	site := w.Find("PhoneSite", w.Text(r, "site_id"))
	if site == nil {
		return nil
	}
	return map[string]any{"id": site.ID, "name": w.Raw(site, "name")}
}

// emergencyAddressOf makes up the address of an id.
func (z *Zoom) emergencyAddressOf(_ *world.World, r *world.Record) any {
	id := z.source.ID("emergency address", r.ID)
	_ = json.Unmarshal(r.Raw("emergency_address.id"), &id) // nobody wrote one: as it is
	h := z.source.At("emergency address", id)
	return map[string]any{
		"id": id, "address_line1": strconv.FormatUint(1+h%400, 10) + " Harbour Street", "address_line2": "Floor " + strconv.FormatUint(1+h%9, 10),
		"city": world.Pick(h, "San Jose", "Austin", "Boston"), "state_code": world.Pick(h, "CA", "TX", "MA"),
		"zip": world.Digits(h, 5), "country": "US",
	}
}

// readPhoneUser answers a user: the site's id in place of the site, and no names.
func (z *Zoom) readPhoneUser(w *world.World, c *world.Call) (world.Answer, error) {
	answer, err := w.Do(c)
	for _, name := range []string{"site", "name", "activation_status"} {
		answer.Body = world.Edit(answer.Body, []string{name}, nil)
	}
	for i := range z.callingPlansOf(c.Owner) {
		answer.Body = world.Edit(answer.Body, []string{"calling_plans", strconv.Itoa(i), "name"}, nil)
	}
	return answer, err
}

// changePhoneUser changes a user: to a site, an address and a template that there are. A template goes before a policy.
func changePhoneUser(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Site     string          `json:"site_id"`
		Address  string          `json:"emergency_address_id"`
		Template string          `json:"template_id"`
		Policy   json.RawMessage `json:"policy"`
	}
	c.Decode(&body)
	if body.Site != "" && w.Find("PhoneSite", body.Site) == nil {
		return world.Answer{}, w.NotFound("PhoneSite", body.Site)
	}
	policy, err := policyToWrite(w, body.Policy)
	if err != nil {
		return world.Answer{}, err
	}
	if body.Template != "" {
		template := w.Find(phoneTemplateType, body.Template)
		if template == nil {
			return world.Answer{}, w.NotFound(phoneTemplateType, body.Template)
		}
		policy = policyOfTemplate(w, template)
	}
	for _, name := range []string{"emergency_address_id", "template_id", "policy"} {
		c.Body = world.Edit(c.Body, []string{name}, nil)
	}
	answer, err := w.Do(c)
	if err != nil {
		return answer, err
	}
	if body.Address != "" {
		c.Owner.Set("emergency_address.id", body.Address)
	}
	c.Owner.Merge([]world.Member{{Name: "policy", Value: world.Join(policy)}})
	return answer, nil
}

// policyToWrite is what a policy becomes that a body says: what is reset is no longer modified, everything else is, and who
// gets access gets an id of the access.
func policyToWrite(w *world.World, raw json.RawMessage) ([]world.Member, error) {
	members, _ := world.Members(raw)
	for i, m := range members {
		fields, isObject := world.Members(m.Value)
		reset, _ := world.Lookup(fields, "reset")
		switch {
		case string(reset) == "true":
			members[i].Value = json.RawMessage(`{"modified":false}`)
		case m.Name == "call_park":
			var err error
			if members[i].Value, err = parkedTo(w, m.Value); err != nil {
				return nil, err
			}
		case isObject:
			fields = slices.DeleteFunc(fields, func(f world.Member) bool { return f.Name == "reset" })
			members[i].Value = world.Join(append(fields, world.Member{Name: "modified", Value: json.RawMessage("true")}))
		case slices.Contains(accessLists, m.Name):
			var list []access
			_ = json.Unmarshal(m.Value, &list) // null: nobody
			for j := range list {
				if w.Find(phoneUserType, list[j].User) == nil {
					return nil, noUser.Refusal(list[j].User)
				}
				list[j].SharedID = w.NewID("access")
			}
			members[i].Value = world.Encode(append([]access{}, list...))
		}
	}
	return members, nil
}

// parkedTo puts the user in place of the extension that calls go to which nobody takes up.
func parkedTo(w *world.World, raw json.RawMessage) (json.RawMessage, error) {
	fields, _ := world.Members(raw)
	id, said := world.Lookup(fields, "forward_to_extension_id")
	if !said {
		return raw, nil
	}
	var extension string
	_ = json.Unmarshal(id, &extension) // null: none
	to := extensionWith(w, extension)
	if to == nil {
		return nil, world.Invalid(world.FieldRefusal{Field: "policy.call_park.forward_to_extension_id", Message: "Invalid field: there is no such extension."})
	}
	raw = world.Edit(raw, []string{"forward_to_extension_id"}, nil)
	fields, _ = world.Members(raw)
	return world.Join(append(fields, world.Member{Name: "forward_to", Value: world.Encode(extensionIn(w, to))})), nil
}

// extensionObject is how an extension stands in what leads to it.
type extensionObject struct {
	ID          string          `json:"id"`
	ExtensionID string          `json:"extension_id"`
	Name        string          `json:"display_name"`
	Number      json.RawMessage `json:"extension_number"`
	Type        string          `json:"extension_type"`
}

func extensionIn(w *world.World, r *world.Record) extensionObject {
	e := extension{r, "user"}
	if w.Find(phoneUserType, r.ID) != r {
		e.kind = "commonArea"
	}
	return extensionObject{r.ID, w.Text(r, "extension_id"), e.nameOf(w), w.Raw(r, "extension_number"), e.kind}
}

// extensionWith is the user or the common area that an extension is of, by the id of the extension; nil: there is none.
func extensionWith(w *world.World, id string) *world.Record {
	for _, kind := range []string{phoneUserType, "CommonAreaPhone"} {
		for _, r := range w.All(kind) {
			if id != "" && w.Text(r, "extension_id") == id {
				return r
			}
		}
	}
	return nil
}
