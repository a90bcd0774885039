package zoom

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"

	"zoomgraph/internal/sandbox/world"
)

// This file implements the settings of users of Zoom Phone: who makes calls for whom, who can use whose voicemail and
// recordings, desk phones and intercoms. Who has access stands in a user's policy, and the settings show it once more. Start
// reading at phoneUserSettings.

// The settings that people and devices are added to.
const (
	voiceMailSetting      = "voice_mail"
	delegationSetting     = "delegation"
	deskPhoneSetting      = "desk_phone"
	intercomSetting       = "intercom"
	autoRecordingSetting  = "auto_call_recording"
	adHocRecordingSetting = "ad_hoc_call_recording"
)

// accessLists are where a policy says who has access.
var accessLists = []string{"voicemail_access_members", "auto_call_recording_access_members", "ad_hoc_call_recording_access_members"}

// accessListOf is that of a setting; "" where it has none.
func accessListOf(setting string) string {
	switch setting {
	case voiceMailSetting:
		return accessLists[0]
	case autoRecordingSetting, adHocRecordingSetting:
		return setting + "_access_members"
	}
	return ""
}

// phoneSettings is what the settings of a user were set to.
type phoneSettings struct {
	Privacy    *bool  `json:"privacy"`
	Privileges []int  `json:"privileges"`
	Locked     *bool  `json:"locked"`
	ScreenLock *bool  `json:"phone_screen_lock"`
	PIN        string `json:"pin_code"`

	intercoms  []intercom
	intercomAt string // the device's id
}

// intercom is an extension that a user talks to without ringing.
type intercom struct {
	ExtensionID  string `json:"extension_id"`
	Number       string `json:"extension_number"`
	Type         string `json:"extension_type"`
	Name         string `json:"display_name"`
	Status       string `json:"status"`
	DeviceID     string `json:"device_id,omitempty"`
	DeviceStatus string `json:"device_status"`
}

// access is what somebody may do with what is another's.
type access struct {
	User     string `json:"access_user_id"`
	Type     string `json:"access_user_type,omitempty"`
	Delete   bool   `json:"allow_delete"`
	Download bool   `json:"allow_download"`
	Sharing  *bool  `json:"allow_sharing,omitempty"`
	SharedID string `json:"shared_id"`
}

// voicemailShare is the same in the form of 2021.
type voicemailShare struct {
	User     string `json:"access_user_id"`
	Type     string `json:"access_user_type"`
	Delete   bool   `json:"delete"`
	Download bool   `json:"download"`
	SharedID string `json:"shared_id"`
}

// phoneUserSettings are the settings of a user, which follow from its line.
func (z *Zoom) phoneUserSettings() world.Thing {
	ofOwner := func(say func(*world.World, *world.Record) any) func(*world.World, *world.Record) any {
		return func(w *world.World, r *world.Record) any { return say(w, r.Owner()) }
	}
	raw := func(name string) func(*world.World, *world.Record) any {
		return ofOwner(func(w *world.World, user *world.Record) any { return w.Raw(user, name) })
	}
	members := func(setting string) func(*world.World, *world.Record) any {
		return ofOwner(func(w *world.World, user *world.Record) any { return accessTo(w, user, setting) })
	}
	return world.Thing{
		Computed: map[string]func(*world.World, *world.Record) any{
			"extension_number":                     raw("extension_number"),
			"status":                               ofOwner(func(w *world.World, user *world.Record) any { return settingsStatus(w.Text(user, "status")) }),
			"delegation":                           ofOwner(z.delegationOf),
			"desk_phone":                           ofOwner(z.deskPhonesOf),
			"intercom":                             ofOwner(z.intercomOf),
			"voice_mail":                           ofOwner(voicemailSharesOf),
			"outbound_caller":                      ofOwner(outboundCaller),
			"outbound_caller_ids":                  ofOwner(outboundCallerIDs),
			"auto_call_recording_access_members":   members(autoRecordingSetting),
			"ad_hoc_call_recording_access_members": members(adHocRecordingSetting),
			"shared_lines_call_setting":            ofOwner(z.sharedLinesOf),
		},
		Drawn: map[string]func(*world.World, *world.Record) any{
			"area_code":             always("555"),
			"audio_prompt_language": always("en-US"),
			"country":               always(map[string]string{"code": "US", "country_code": "1", "name": "United States"}),
			"company_number":        func(w *world.World, _ *world.Record) any { return mainNumber(w) },
		},
	}
}

func settingsStatus(status string) string {
	if status == "activate" {
		return "Active"
	}
	return "Inactive"
}

func outboundCaller(w *world.World, user *world.Record) any {
	for _, n := range phoneNumbersOf(w, user) {
		return map[string]any{"number": n.Number}
	}
	return map[string]any{"number": mainNumber(w)}
}

func outboundCallerIDs(w *world.World, user *world.Record) any {
	out := []map[string]any{}
	for i, n := range phoneNumbersOf(w, user) {
		out = append(out, map[string]any{"is_default": i == 0, "name": w.Raw(user, "name"), "number": n.Number})
	}
	return append(out, map[string]any{"is_default": len(out) == 0, "name": "Company", "number": mainNumber(w)})
}

// ---------------------------------------------------------------- access

// firstAccess gives every second user's voicemail, and every third one's recordings, to the next user; some voicemail also
// to a common area.
func (z *Zoom) firstAccess(setting string, every int) func(*world.World, *world.Record) any {
	return func(w *world.World, r *world.Record) any {
		next := z.lineBeside(w, r, 1)
		if next == nil || lineOf(r).at%every != 0 {
			return []access{}
		}
		a := access{User: next.ID, Download: true, SharedID: z.source.ID("access", setting, r.ID)}
		if setting != voiceMailSetting {
			return []access{a}
		}
		a.Sharing = new(bool)
		list := []access{a}
		if areas := w.First("CommonAreaPhone"); lineOf(r).at%5 == 0 && len(areas) > 0 {
			a.User, a.SharedID = areas[0].ID, z.source.ID("access of an area", r.ID)
			list = append(list, a)
		}
		return list
	}
}

// lineBeside is a user near another one, in the order of the start; nil: there is none.
func (z *Zoom) lineBeside(w *world.World, r *world.Record, by int) *world.Record {
	all, at := w.First(phoneUserType), lineOf(r).at+by
	if at < 0 || at >= len(all) || w.Find(phoneUserType, all[at].ID) == nil {
		return nil
	}
	return all[at]
}

// accessTo are those who have access, but for who is gone.
func accessTo(w *world.World, user *world.Record, setting string) []access {
	policy, _ := world.Members(w.Raw(user, "policy"))
	raw, _ := world.Lookup(policy, accessListOf(setting))
	list := []access{}
	_ = json.Unmarshal(raw, &list) // as it was written here
	return list
}

// inPolicy is a list of access as a user's policy has it: without what those are who have it.
func inPolicy(list []access) []access {
	out := make([]access, len(list))
	for i, a := range list {
		a.Type = ""
		out[i] = a
	}
	return out
}

func voicemailSharesOf(w *world.World, user *world.Record) any {
	out := []voicemailShare{}
	for _, a := range accessTo(w, user, voiceMailSetting) {
		kind := "user"
		if w.Find("CommonAreaPhone", a.User) != nil {
			kind = "commonArea"
		}
		out = append(out, voicemailShare{a.User, kind, a.Delete, a.Download, a.SharedID})
	}
	return out
}

// accessIn is what a body says of access, in either form, and whether it is that of 2021.
func accessIn(c *world.Call) (list []access, old bool) {
	var body map[string]json.RawMessage
	c.Decode(&body)
	if raw := body[voiceMailSetting]; raw != nil {
		var one voicemailShare
		_ = json.Unmarshal(raw, &one) // checked
		return []access{{User: one.User, Type: one.Type, Delete: one.Delete, Download: one.Download, SharedID: one.SharedID}}, true
	}
	_ = json.Unmarshal(body[accessListOf(c.Vars["settingType"])], &list) // checked
	return list, false
}

// personOrPlace tells whether somebody has an id who can be given access.
func personOrPlace(w *world.World, a access) bool {
	if a.Type == "commonArea" {
		return w.Find("CommonAreaPhone", a.User) != nil
	}
	return w.Find(phoneUserType, a.User) != nil
}

func (z *Zoom) addAccess(w *world.World, c *world.Call) (world.Answer, error) {
	setting := c.Vars["settingType"]
	given, old := accessIn(c)
	if len(given) == 0 {
		return world.Answer{}, world.Invalid(world.NotA(accessListOf(setting), "a list"))
	}
	list := accessTo(w, c.Owner, setting)
	for i := range given {
		switch a := &given[i]; {
		case !personOrPlace(w, *a):
			return world.Answer{}, noUser.Refusal(a.User)
		case slices.ContainsFunc(list, func(has access) bool { return has.User == a.User }):
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "The access member already exists: %s.", a.User)
		default:
			a.SharedID = w.NewID("access")
			list = append(list, *a)
		}
	}
	c.Owner.Set("policy."+accessListOf(setting), inPolicy(list))
	if old {
		a := given[0]
		return world.Created(world.Encode(map[string]any{voiceMailSetting: voicemailShare{a.User, cmp.Or(a.Type, "user"), a.Delete, a.Download, a.SharedID}})), nil
	}
	return world.Created(world.Encode(map[string]any{accessListOf(setting): given})), nil
}

func (z *Zoom) changeAccess(w *world.World, c *world.Call) (world.Answer, error) {
	setting := c.Vars["settingType"]
	given, _ := accessIn(c)
	list := accessTo(w, c.Owner, setting)
	for _, a := range given {
		i := slices.IndexFunc(list, func(has access) bool {
			return has.SharedID == a.SharedID || a.SharedID == "" && has.User == a.User
		})
		if i < 0 {
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "There is no access %s.", cmp.Or(a.SharedID, a.User))
		}
		a.User, a.SharedID = list[i].User, list[i].SharedID
		a.Sharing = cmp.Or(a.Sharing, list[i].Sharing)
		list[i] = a
	}
	c.Owner.Set("policy."+accessListOf(setting), inPolicy(list))
	return world.Done(), nil
}

// ---------------------------------------------------------------- devices

func (z *Zoom) deskPhonesOf(w *world.World, user *world.Record) any {
	s := lineOf(user).settings
	devices := []map[string]json.RawMessage{}
	for _, device := range z.phonesOf(w, user) {
		one := map[string]json.RawMessage{"id": world.Encode(device.ID)}
		for _, name := range []string{"display_name", "device_type", "mac_address", "status", "private_ip", "public_ip", "policy"} {
			if value := w.Raw(device, name); value != nil {
				one[name] = value
			}
		}
		devices = append(devices, one)
	}
	out := map[string]any{
		"devices": devices, "phone_screen_lock": s.ScreenLock != nil && *s.ScreenLock,
		"pin_code": cmp.Or(s.PIN, world.Digits(z.source.At("desk phone PIN", user.ID), 6)),
	}
	if numbers := phoneNumbersOf(w, user); len(numbers) > 0 {
		out["keys_positions"] = map[string]any{"primary_number": numbers[0].Number}
	}
	return out
}

// hold makes a desk phone one of a user's, or not.
func (z *Zoom) hold(w *world.World, device, user *world.Record, holds bool) {
	ids := []string{}
	for _, e := range z.heldBy(w, device) {
		if e.Record != user {
			ids = append(ids, e.ID)
		}
	}
	if holds {
		ids = append(ids, user.ID)
	}
	device.Set(holders, ids)
}

// intercomsOf are the extensions that a user talks to: for every fifth user the next one.
func (z *Zoom) intercomsOf(w *world.World, user *world.Record) []intercom {
	l := lineOf(user)
	if l.settings.intercoms != nil {
		return l.settings.intercoms
	}
	out := []intercom{}
	if next := z.lineBeside(w, user, 1); next != nil && l.at%5 == 0 {
		out = append(out, z.intercomTo(w, next, "active"))
	}
	return out
}

// intercomTo is an extension that somebody talks to.
func (z *Zoom) intercomTo(w *world.World, to *world.Record, status string) intercom {
	e := extensionIn(w, to)
	i := intercom{ExtensionID: e.ExtensionID, Number: string(e.Number), Type: e.Type, Name: e.Name, Status: status, DeviceStatus: "no device"}
	if devices := z.phonesOf(w, to); len(devices) > 0 {
		i.DeviceID, i.DeviceStatus = devices[0].ID, w.Text(devices[0], "status")
	}
	return i
}

func (z *Zoom) intercomOf(w *world.World, user *world.Record) any {
	out := map[string]any{"audio_intercoms": z.intercomsOf(w, user)}
	devices := z.phonesOf(w, user)
	if chosen := w.Find("PhoneDevice", lineOf(user).settings.intercomAt); chosen != nil {
		devices = []*world.Record{chosen}
	}
	if len(devices) > 0 {
		out["device"] = map[string]string{"id": devices[0].ID, "name": w.Text(devices[0], "display_name")}
	}
	return out
}

// ---------------------------------------------------------------- writes

// addPhoneSetting adds an assistant, a desk phone or access.
func (z *Zoom) addPhoneSetting(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Assistant string `json:"delegation_assistant_extension_id"`
		Device    string `json:"device_id"`
	}
	c.Decode(&body)
	switch c.Vars["settingType"] {
	case delegationSetting:
		to := extensionWith(w, body.Assistant)
		if to == nil || to == c.Owner {
			return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "delegation_assistant_extension_id", Message: "Invalid field: it is no other extension of a user or a common area."})
		}
		z.delegate(w, c.Owner, to, true)
		return world.Created(world.Encode(map[string]any{delegationSetting: z.delegationTo(w, c.Owner)})), nil
	case deskPhoneSetting:
		device := w.Find("PhoneDevice", body.Device)
		if device == nil {
			return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "device_id", Message: "Invalid field: there is no such device."})
		}
		z.hold(w, device, c.Owner, true)
		return world.Created([]byte("{}")), nil
	}
	return z.addAccess(w, c)
}

// changePhoneSetting changes what a setting is, or what somebody may.
func (z *Zoom) changePhoneSetting(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Delegation json.RawMessage `json:"delegation"`
		DeskPhone  struct {
			phoneSettings
			Devices []struct {
				ID     string          `json:"id"`
				Policy json.RawMessage `json:"policy"`
			} `json:"devices"`
		} `json:"desk_phone"`
		Intercom struct {
			Extension string `json:"extension_id"`
			Device    string `json:"device_id"`
		} `json:"intercom"`
	}
	c.Decode(&body)
	s := &lineOf(c.Owner).settings
	switch c.Vars["settingType"] {
	case delegationSetting:
		_ = json.Unmarshal(body.Delegation, s) // checked
	case deskPhoneSetting:
		for _, d := range body.DeskPhone.Devices {
			device := w.Find("PhoneDevice", d.ID)
			if device == nil || !slices.Contains(z.phonesOf(w, c.Owner), device) {
				return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "The user has no desk phone %s.", d.ID)
			}
			if d.Policy != nil {
				device.Merge([]world.Member{{Name: "policy", Value: d.Policy}})
			}
		}
		s.ScreenLock, s.PIN = cmp.Or(body.DeskPhone.ScreenLock, s.ScreenLock), cmp.Or(body.DeskPhone.PIN, s.PIN)
	case intercomSetting:
		if at := body.Intercom.Device; at != "" && w.Find("PhoneDevice", at) == nil {
			return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "intercom.device_id", Message: "Invalid field: there is no such device."})
		}
		if err := z.invite(w, c.Owner, body.Intercom.Extension); err != nil {
			return world.Answer{}, err
		}
		s.intercomAt = cmp.Or(body.Intercom.Device, s.intercomAt)
	default:
		return z.changeAccess(w, c)
	}
	c.Owner.Merge(nil) // what others read has changed
	return world.Done(), nil
}

// invite asks an extension to be talked to without ringing.
func (z *Zoom) invite(w *world.World, user *world.Record, id string) error {
	if id == "" {
		return nil
	}
	to := extensionWith(w, id)
	if to == nil || to == user {
		return world.Invalid(world.FieldRefusal{Field: "intercom.extension_id", Message: "Invalid field: it is no other extension of a user or a common area."})
	}
	others := slices.DeleteFunc(slices.Clone(z.intercomsOf(w, user)), func(i intercom) bool { return i.ExtensionID == id })
	lineOf(user).settings.intercoms = slices.Concat(others, []intercom{z.intercomTo(w, to, "pending")})
	return nil
}

// dropPhoneSetting takes out an assistant, a desk phone, an intercom or access, which the query names.
func (z *Zoom) dropPhoneSetting(w *world.World, c *world.Call) (world.Answer, error) {
	setting := c.Vars["settingType"]
	param := map[string]string{delegationSetting: "assistant_extension_id", deskPhoneSetting: "device_id", intercomSetting: "intercom_extension_id"}[setting]
	id := c.Values.Get(cmp.Or(param, "shared_id"))
	if id == "" {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "Query parameter %s is required.", cmp.Or(param, "shared_id"))
	}
	found := false
	s := &lineOf(c.Owner).settings
	switch setting {
	case delegationSetting:
		for _, r := range z.assistantsOf(w, c.Owner) {
			if extensionIn(w, r).ExtensionID == id {
				found = true
				z.delegate(w, c.Owner, r, false)
			}
		}
	case deskPhoneSetting:
		if device := w.Find("PhoneDevice", id); device != nil && slices.Contains(z.phonesOf(w, c.Owner), device) {
			found = true
			z.hold(w, device, c.Owner, false)
		}
	case intercomSetting:
		had := z.intercomsOf(w, c.Owner)
		s.intercoms = slices.DeleteFunc(slices.Clone(had), func(i intercom) bool { return i.ExtensionID == id })
		found = len(s.intercoms) < len(had)
	default:
		list := accessTo(w, c.Owner, setting)
		left := slices.DeleteFunc(slices.Clone(list), func(a access) bool { return a.SharedID == id })
		found = len(left) < len(list)
		c.Owner.Set("policy."+accessListOf(setting), inPolicy(left))
	}
	if !found {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "There is no %s in the setting %s.", id, setting)
	}
	return world.Done(), nil
}
