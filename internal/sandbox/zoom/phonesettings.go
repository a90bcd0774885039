package zoom

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

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

	devices    []deskPhone
	hasDevices bool // these are all; otherwise it is as at the start
	intercoms  []intercom
	intercomAt string // the device's id
}

// deskPhone is a device of a user.
type deskPhone struct {
	ID     string `json:"id"`
	Policy struct {
		CallControl deviceSwitch `json:"call_control"`
		HotDesking  deviceSwitch `json:"hot_desking"`
	} `json:"policy"`
}

type deviceSwitch struct {
	Status string `json:"status"`
}

// intercom is an extension that a user talks to without ringing.
type intercom struct {
	ExtensionID  json.RawMessage `json:"extension_id"`
	Number       string          `json:"extension_number"`
	Type         string          `json:"extension_type"`
	Name         json.RawMessage `json:"display_name,omitempty"`
	Status       string          `json:"status"`
	DeviceStatus string          `json:"device_status"`
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
			"area_code":             phoneValue("555"),
			"audio_prompt_language": phoneValue("en-US"),
			"country":               phoneValue(map[string]string{"code": "US", "country_code": "1", "name": "United States"}),
			"company_number":        func(w *world.World, _ *world.Record) any { return (w) },
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
	return map[string]any{"number": (w)}
}

func outboundCallerIDs(w *world.World, user *world.Record) any {
	out := []map[string]any{}
	for i, n := range phoneNumbersOf(w, user) {
		out = append(out, map[string]any{"is_default": i == 0, "name": w.Raw(user, "name"), "number": n.Number})
	}
	return append(out, map[string]any{"is_default": len(out) == 0, "name": "Company", "number": (w)})
}

// ---------------------------------------------------------------- access

// firstAccess gives every second user's voicemail, and every third one's recordings, to the next user.
func (z *Zoom) firstAccess(setting string, every int) func(*world.World, *world.Record) any {
	return func(w *world.World, r *world.Record) any {
		next := z.lineBeside(w, r, 1)
		if next == nil || lineOf(r).at%every != 0 {
			return []access{}
		}
		a := access{User: next.ID, Download: true, SharedID: z.source.ID("access", setting, r.ID)}
		if setting == voiceMailSetting {
			a.Sharing = new(bool)
		}
		return []access{a}
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

func voicemailSharesOf(w *world.World, user *world.Record) any {
	out := []voicemailShare{}
	for _, a := range accessTo(w, user, voiceMailSetting) {
		out = append(out, voicemailShare{a.User, cmp.Or(a.Type, "user"), a.Delete, a.Download, a.SharedID})
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
	c.Owner.Set("policy."+accessListOf(setting), list)
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
		a.User, a.Type, a.SharedID = list[i].User, list[i].Type, list[i].SharedID
		a.Sharing = cmp.Or(a.Sharing, list[i].Sharing)
		list[i] = a
	}
	c.Owner.Set("policy."+accessListOf(setting), list)
	return world.Done(), nil
}

// ---------------------------------------------------------------- delegation

// assistants are those who make calls for a user: for one in five the next one.
func (z *Zoom) assistantsOf(w *world.World, user *world.Record) []*world.Record {
	if l := lineOf(user); l.known {
		return l.assistants
	}
	if next := z.lineBeside(w, user, 1); next != nil && lineOf(user).at%5 == 2 {
		return []*world.Record{next}
	}
	return nil
}

// executivesOf are those who have a user as an assistant.
func (z *Zoom) executivesOf(w *world.World, user *world.Record) []*world.Record {
	if l := lineOf(user); l.known {
		return l.executives
	}
	if before := z.lineBeside(w, user, -1); before != nil && lineOf(before).at%5 == 2 {
		return []*world.Record{before}
	}
	return nil
}

// remember makes a line say who its assistants are, and whose assistant it is.
func (z *Zoom) remember(w *world.World, user *world.Record) *phoneLine {
	l := lineOf(user)
	if !l.known {
		l.assistants, l.executives, l.known = z.assistantsOf(w, user), z.executivesOf(w, user), true
	}
	return l
}

// delegate makes somebody an assistant of a user, or ends that.
func (z *Zoom) delegate(w *world.World, user, to *world.Record, assists bool) {
	l := z.remember(w, user)
	l.assistants = including(l.assistants, to, assists)
	if w.Find(phoneUserType, to.ID) == to {
		other := z.remember(w, to)
		other.executives = including(other.executives, user, assists)
	}
	user.Merge(nil) // what others read has changed
}

// including is a list with somebody in it once, or without.
func including(list []*world.Record, one *world.Record, in bool) []*world.Record {
	out := slices.DeleteFunc(slices.Clone(list), func(r *world.Record) bool { return r == one })
	if in {
		out = append(out, one)
	}
	return out
}

// there are those of a list who are still there.
func there(w *world.World, list []*world.Record) []*world.Record {
	return slices.DeleteFunc(slices.Clone(list), func(r *world.Record) bool {
		return w.Find(phoneUserType, r.ID) != r && w.Find("CommonAreaPhone", r.ID) != r
	})
}

// delegation is how others make calls for a user.
type delegation struct {
	Assistants []extensionObject `json:"assistants"`
	Privacy    bool        `json:"privacy"`
	Privileges []int       `json:"privileges"`
	Locked     bool        `json:"locked"`
}

func (z *Zoom) delegationOf(w *world.World, user *world.Record) any {
	s := lineOf(user).settings
	d := delegation{Assistants: []extensionObject{}, Privileges: s.Privileges, Privacy: s.Privacy != nil && *s.Privacy, Locked: s.Locked != nil && *s.Locked}
	if d.Privileges == nil {
		d.Privileges = []int{1, 2}
	}
	for _, r := range there(w, z.assistantsOf(w, user)) {
		d.Assistants = append(d.Assistants, extensionIn(w, r))
	}
	return d
}

// sharedLinesOf are the calls for others that ring at a user's.
func (z *Zoom) sharedLinesOf(w *world.World, user *world.Record) any {
	executives, groups := []map[string]any{}, []map[string]any{}
	for _, r := range there(w, z.executivesOf(w, user)) {
		executives = append(executives, map[string]any{"user_id": r.ID, "display_name": w.Raw(r, "name"), "receive_calls": true, "allow_opt_out": true})
	}
	for _, r := range w.All("SharedLineGroup") {
		if strings.Contains(string(w.Raw(r, "members")), `"`+user.ID+`"`) {
			groups = append(groups, map[string]any{"slg_id": r.ID, "display_name": w.Raw(r, "display_name"), "receive_calls": true})
		}
	}
	return map[string]any{
		"shared_line_appearances": map[string]any{"executives": executives},
		"shared_line_groups":      map[string]any{"receive_calls": len(groups) > 0, "shared_line_group": groups},
	}
}

// ---------------------------------------------------------------- devices

// devicesOf are the desk phones of a user: one, where the account has some.
func (z *Zoom) devicesOf(w *world.World, user *world.Record) []deskPhone {
	if s := lineOf(user).settings; s.hasDevices {
		return s.devices
	}
	d := deskPhone{ID: z.source.ID("desk phone", user.ID)}
	if all := w.First("PhoneDevice"); len(all) > 0 {
		d.ID = all[z.source.At("desk phone", user.ID)%uint64(len(all))].ID
	}
	d.Policy.CallControl.Status, d.Policy.HotDesking.Status = "on", "off"
	return []deskPhone{d}
}

func (z *Zoom) deskPhonesOf(w *world.World, user *world.Record) any {
	s := lineOf(user).settings
	devices := []map[string]any{}
	for _, d := range z.devicesOf(w, user) {
		h := z.source.At("desk phone", d.ID)
		one := map[string]any{
			"id": d.ID, "display_name": "Desk phone " + world.Digits(h, 2), "device_type": world.Pick(h, "Yealink T54W", "Poly VVX 450"),
			"mac_address": "64167f" + world.Digits(h, 6), "private_ip": "10.0.0." + world.Digits(h, 2), "public_ip": "203.0.113." + world.Digits(h, 2),
			"status": "online", "policy": d.Policy,
		}
		if device := w.Find("PhoneDevice", d.ID); device != nil {
			for _, name := range []string{"display_name", "device_type", "mac_address", "status"} {
				if value := w.Raw(device, name); value != nil {
					one[name] = value
				}
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

func (z *Zoom) intercomOf(w *world.World, user *world.Record) any {
	s := lineOf(user).settings
	out := map[string]any{"audio_intercoms": append([]intercom{}, s.intercoms...)}
	if devices := z.devicesOf(w, user); len(devices) > 0 || s.intercomAt != "" {
		id := s.intercomAt
		if id == "" {
			id = devices[0].ID
		}
		out["device"] = map[string]any{"id": id, "name": "Desk phone " + world.Digits(z.source.At("desk phone", id), 2)}
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
		return world.Created(world.Encode(map[string]any{delegationSetting: z.delegationOf(w, c.Owner)})), nil
	case deskPhoneSetting:
		if body.Device == "" || len(w.First("PhoneDevice")) > 0 && w.Find("PhoneDevice", body.Device) == nil {
			return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "device_id", Message: "Invalid field: there is no such device."})
		}
		has := slices.Clone(z.devicesOf(w, c.Owner))
		d := deskPhone{ID: body.Device}
		d.Policy.CallControl.Status, d.Policy.HotDesking.Status = "off", "off"
		z.setDevices(c.Owner, append(slices.DeleteFunc(has, func(had deskPhone) bool { return had.ID == d.ID }), d))
		return world.Created([]byte("{}")), nil
	}
	return z.addAccess(w, c)
}

func (z *Zoom) setDevices(user *world.Record, devices []deskPhone) {
	s := &lineOf(user).settings
	s.devices, s.hasDevices = devices, true
	user.Merge(nil) // what others read has changed
}

// changePhoneSetting changes what a setting is, or what somebody may.
func (z *Zoom) changePhoneSetting(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Delegation json.RawMessage `json:"delegation"`
		DeskPhone  struct {
			phoneSettings
			Devices []deskPhone `json:"devices"`
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
		devices := slices.Clone(z.devicesOf(w, c.Owner))
		for _, d := range body.DeskPhone.Devices {
			i := slices.IndexFunc(devices, func(has deskPhone) bool { return has.ID == d.ID })
			if i < 0 {
				return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "The user has no desk phone %s.", d.ID)
			}
			devices[i].Policy.CallControl.Status = cmp.Or(d.Policy.CallControl.Status, devices[i].Policy.CallControl.Status)
			devices[i].Policy.HotDesking.Status = cmp.Or(d.Policy.HotDesking.Status, devices[i].Policy.HotDesking.Status)
		}
		z.setDevices(c.Owner, devices)
		s.ScreenLock, s.PIN = cmp.Or(body.DeskPhone.ScreenLock, s.ScreenLock), cmp.Or(body.DeskPhone.PIN, s.PIN)
	case intercomSetting:
		if err := z.invite(w, s, body.Intercom.Extension); err != nil {
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
func (z *Zoom) invite(w *world.World, s *phoneSettings, id string) error {
	if id == "" {
		return nil
	}
	to := extensionWith(w, id)
	if to == nil {
		return world.Invalid(world.FieldRefusal{Field: "intercom.extension_id", Message: "Invalid field: there is no such extension."})
	}
	e := extensionIn(w, to)
	s.intercoms = append(s.intercoms, intercom{ExtensionID: e.ExtensionID, Number: string(e.Number), Type: e.Type, Name: e.Name, Status: "pending", DeviceStatus: "no device"})
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
			if w.Text(r, "extension_id") == id {
				found = true
				z.delegate(w, c.Owner, r, false)
			}
		}
	case deskPhoneSetting:
		devices := z.devicesOf(w, c.Owner)
		left := slices.DeleteFunc(slices.Clone(devices), func(d deskPhone) bool { return d.ID == id })
		found = len(left) < len(devices)
		z.setDevices(c.Owner, left)
	case intercomSetting:
		left := slices.DeleteFunc(slices.Clone(s.intercoms), func(i intercom) bool { return string(i.ExtensionID) == string(world.Encode(id)) })
		found, s.intercoms = len(left) < len(s.intercoms), left
	default:
		list := accessTo(w, c.Owner, setting)
		left := slices.DeleteFunc(slices.Clone(list), func(a access) bool { return a.SharedID == id })
		found = len(left) < len(list)
		c.Owner.Set("policy."+accessListOf(setting), append([]access{}, left...))
	}
	if !found {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "There is no %s in the setting %s.", id, setting)
	}
	return world.Done(), nil
}
