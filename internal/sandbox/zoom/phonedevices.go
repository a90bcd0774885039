package zoom

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"zoomgraph/internal/lazy"
	"zoomgraph/internal/sandbox/world"
)

// This file implements desk phones and common areas. A desk phone belongs to a user or to common areas, or to nobody; what
// else tells of that asks the desk phones. Start reading at phoneDevices.

// How Zoom says that something of these chapters is not there.
var (
	noPhoneDevice = world.Missing{Status: http.StatusBadRequest, Code: 400, Text: "Device does not exist: %s."}
	noCommonArea  = world.Missing{Status: http.StatusBadRequest, Code: 404, Text: "Common area does not exist: %s."}
)

// holders is the field that keeps whom a desk phone was given to: ids, in the order in which they were named.
const holders = "holders"

// phoneDevices adds desk phones and common areas.
func (z *Zoom) phoneDevices(q *world.Quirks) {
	q.Things["PhoneDevice"] = world.Thing{
		Count: 8, Missing: noPhoneDevice, New: map[string]any{"status": "offline"},
		Unique: "mac_address", Conflict: world.Missing{Status: http.StatusBadRequest, Code: 300, Text: "This MAC address is in use: %s."},
		Computed: map[string]func(*world.World, *world.Record) any{
			"assignee":               z.assignee,
			"assignees":              z.assignees,
			"provision.type":         func(_ *world.World, r *world.Record) any { return z.provisioned(r) },
			"provision.url":          z.provisionURL,
			"provision.sip_accounts": z.sipAccounts,
		},
		Drawn: map[string]func(*world.World, *world.Record) any{
			"display_name": func(_ *world.World, r *world.Record) any {
				return world.Pick(z.device(r), "Reception", "Desk 2.14", "Workshop", "Bench")
			},
			"device_type": func(_ *world.World, r *world.Record) any {
				return world.Pick(z.device(r)>>8, "Yealink SIP-T54W", "Poly VVX450", "Cisco CP-8841", "Algo 8301")
			},
			"mac_address": func(_ *world.World, r *world.Record) any { return dashedMAC(fmt.Sprintf("%012x", z.device(r)>>16)) },
			"private_ip": func(_ *world.World, r *world.Record) any {
				return fmt.Sprintf("192.168.%d.%d", z.device(r)%250, z.device(r)>>8%250+1)
			},
			"public_ip": func(_ *world.World, r *world.Record) any { return fmt.Sprintf("203.0.113.%d", z.device(r)%250+1) },
		},
		Filters: z.deviceFilters(),
	}
	drawn := z.rules("CommonAreaPolicy", nil)
	maps.Copy(drawn, map[string]func(*world.World, *world.Record) any{
		"extension_id":     z.idFor("extension"),
		"extension_number": func(_ *world.World, r *world.Record) any { return z.areaExtension(r) },
		"display_name": func(_ *world.World, r *world.Record) any {
			return world.Pick(z.source.At("area", r.ID), "Lobby", "Canteen", "Library", "Loading bay")
		},
		"calling_plans": always([]map[string]any{planOf(200)}),
		// what only phones of 2021 had
		"device_type": always(nil), "mac_address": always(nil), "provision": always(nil),
	})
	for path := range drawn {
		if rule, is := strings.CutSuffix(path, ".locked_by"); is {
			drawn[rule+".locked"] = func(w *world.World, r *world.Record) any { return z.areaLock(w, r, rule) != "" }
			drawn[path] = func(w *world.World, r *world.Record) any {
				if by := z.areaLock(w, r, rule); by != "" {
					return by
				}
				return nil
			}
		}
	}
	q.Things["CommonAreaPhone"] = world.Thing{
		Count: 4, Missing: noCommonArea, Drawn: drawn,
		Unique: "extension_number", Conflict: world.Missing{Status: http.StatusBadRequest, Code: 409, Text: "This extension number is in use: %s."},
		Computed: map[string]func(*world.World, *world.Record) any{
			"country":                     areaCountry,
			"desk_phones":                 z.deskPhones,
			"emergency_address":           areaAddress,
			"name":                        func(w *world.World, r *world.Record) any { return w.Text(r, "display_name") }, // for what belongs to it
			"outbound_caller_ids":         areaCallerIDs,
			"phone_numbers":               numbersOf,
			"policy.call_park.forward_to": z.parkedCallsGo,
		},
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"site_id": func(w *world.World, r *world.Record, id string) bool { return siteOf(w, r) == id },
			"calling_type": func(w *world.World, r *world.Record, plan string) bool {
				return strings.Contains(string(w.Raw(r, "calling_plans")), `"type":`+plan+`,`)
			},
			"common_area_device_type": func(w *world.World, r *world.Record, _ string) bool { return len(z.phonesOf(w, r)) > 0 },
		},
	}
	q.Answers["POST /phone/devices"] = z.createDevice
	q.Answers["PATCH /phone/devices/{deviceId}"] = z.updateDevice
	q.Answers["GET /phone/common_area_phones"] = listCommonAreas
	q.Answers["GET /phone/common_area_phones/{commonAreaPhoneId}"] = readCommonArea
	q.Answers["POST /phone/common_area_phones"] = z.createCommonArea
	q.Answers["PATCH /phone/common_area_phones/{commonAreaPhoneId}"] = z.updateCommonArea
}

// device is the number that what is made up of a desk phone comes from.
func (z *Zoom) device(r *world.Record) uint64 { return z.source.At("desk phone", r.ID) }

// macForm is how MAC addresses are written.
var macForm = lazy.Regexp(`^([0-9A-Fa-f]{2}[:-]?){5}[0-9A-Fa-f]{2}$`)

// dashedMAC writes twelve hexadecimal digits as Zoom does.
func dashedMAC(digits string) string {
	var pairs []string
	for pair := range slices.Chunk([]byte(strings.ToLower(digits)), 2) {
		pairs = append(pairs, string(pair))
	}
	return strings.Join(pairs[:6], "-")
}

// extension is one whom a desk phone belongs to, or calls go to.
type extension struct {
	*world.Record
	kind string // Zoom's word for what it is
}

// extensionNamed finds one by its id, or its id as an extension; of a user also by the e-mail address.
func extensionNamed(w *world.World, name string, types ...string) (extension, bool) {
	words := map[string]string{"PhoneUser": "user", "CommonAreaPhone": "commonArea", "CallQueue": "callQueue", "SharedLineGroup": "sharedLineGroup"}
	for _, kind := range types {
		if r := w.Find(kind, name); r != nil {
			return extension{r, words[kind]}, true
		}
		for _, r := range w.All(kind) {
			if w.Text(r, "extension_id") == name {
				return extension{r, words[kind]}, true
			}
		}
	}
	if u := w.Find("User", name); u != nil && u.ID != name && slices.Contains(types, "PhoneUser") {
		return extensionNamed(w, u.ID, "PhoneUser")
	}
	return extension{}, false
}

// nameOf is what an extension is called.
func (e extension) nameOf(w *world.World) string {
	return cmp.Or(w.Text(e.Record, "name"), w.Text(e.Record, "display_name"))
}

// heldBy are those whom a desk phone belongs to, as long as they are there.
func (z *Zoom) heldBy(w *world.World, r *world.Record) (out []extension) {
	var ids []string
	if written := r.Raw(holders); written != nil {
		_ = json.Unmarshal(written, &ids) // what assign wrote
	} else {
		h := z.device(r) >> 4
		some := w.First("PhoneUser")
		switch i := slices.Index(w.First("PhoneDevice"), r); {
		case 0 <= i && i < 2 && len(some) > 2: // the first users have one each
			some = some[i : i+1]
		case h%4 == 0:
			some = nil
		case h%4 == 1:
			some = w.First("CommonAreaPhone")
		}
		if len(some) > 0 {
			ids = []string{some[h>>8%uint64(len(some))].ID}
		}
	}
	for _, id := range ids {
		if e, there := extensionNamed(w, id, "PhoneUser", "CommonAreaPhone"); there {
			out = append(out, e)
		}
	}
	return out
}

func (z *Zoom) assignees(w *world.World, r *world.Record) any {
	out := []map[string]any{}
	for _, e := range z.heldBy(w, r) {
		out = append(out, map[string]any{
			"id": e.ID, "name": e.nameOf(w), "extension_number": w.Raw(e.Record, "extension_number"), "extension_type": e.kind, "extension_id": w.Text(e.Record, "extension_id"),
		})
	}
	return out
}

func (z *Zoom) assignee(w *world.World, r *world.Record) any {
	all := z.heldBy(w, r)
	if len(all) == 0 {
		return nil
	}
	return map[string]any{"id": all[0].ID, "name": all[0].nameOf(w), "extension_number": w.Raw(all[0].Record, "extension_number"), "extension_type": all[0].kind}
}

// phonesOf are the desk phones of a user or common area.
func (z *Zoom) phonesOf(w *world.World, of *world.Record) (out []*world.Record) {
	for _, r := range w.All("PhoneDevice") {
		if slices.ContainsFunc(z.heldBy(w, r), func(e extension) bool { return e.Record == of }) {
			out = append(out, r)
		}
	}
	return out
}

func (z *Zoom) deskPhones(w *world.World, of *world.Record) any {
	out := []map[string]string{}
	for _, r := range z.phonesOf(w, of) {
		out = append(out, map[string]string{
			"id": r.ID, "display_name": w.Text(r, "display_name"), "device_type": w.Text(r, "device_type"), "status": w.Text(r, "status"),
		})
	}
	return out
}

// provisioned is how a phone is set up.
func (z *Zoom) provisioned(r *world.Record) string {
	return world.Pick(z.device(r)>>3, "ztp", "assisted", "manual")
}

// provisionURL is where a phone finds how it is set up, if somebody tells it that address.
func (z *Zoom) provisionURL(_ *world.World, r *world.Record) any {
	if z.provisioned(r) != "assisted" {
		return nil
	}
	return "https://provisioning.example.com/api/v2/" + world.Digits(z.device(r), 8)
}

// sipAccounts are those that somebody types into a phone.
func (z *Zoom) sipAccounts(_ *world.World, r *world.Record) any {
	if z.provisioned(r) != "manual" {
		return nil
	}
	h := z.device(r)
	return []map[string]any{{
		"authorization_id": world.Digits(world.Mix(h), 12), "user_name": world.Digits(h, 14), "password": world.Digits(world.Mix(h+1), 8),
		"sip_domain": "sip.example.com", "outbound_proxy": "us01.sip.example.com:5091", "secondary_outbound_proxy": "us02.sip.example.com:5091",
		"shared_line": map[string]any{
			"alias": "Front desk", "outbound_caller_id": "+15550100",
			"line_subscription": map[string]any{"display_name": "Front desk", "extension_number": 26_000_000_801, "phone_number": "+15550100"},
		},
	}}
}

// deviceFilters tell which desk phones a list keeps.
func (z *Zoom) deviceFilters() map[string]func(*world.World, *world.Record, string) bool {
	return map[string]func(*world.World, *world.Record, string) bool{
		"type": func(w *world.World, r *world.Record, want string) bool {
			return (len(z.heldBy(w, r)) > 0) == (want == "assigned")
		},
		"assignee_type": func(w *world.World, r *world.Record, want string) bool {
			return slices.ContainsFunc(z.heldBy(w, r), func(e extension) bool { return e.kind == want })
		},
		"site_id": func(w *world.World, r *world.Record, want string) bool { return siteOf(w, r) == want },
		"device_type": func(w *world.World, r *world.Record, maker string) bool {
			known := []string{"algo", "audioCodes", "cisco", "cyberData", "grandstream", "poly", "yealink"}
			is := func(maker string) bool {
				return strings.HasPrefix(strings.ToLower(w.Text(r, "device_type")), strings.ToLower(maker))
			}
			return is(maker) || maker == "other" && !slices.ContainsFunc(known, is)
		},
		"device_source": func(_ *world.World, r *world.Record, want string) bool {
			return world.Pick(z.device(r), "haas", "hotDesking", "") == want
		},
		"location_status": func(_ *world.World, r *world.Record, _ string) bool { return z.device(r)%5 == 0 },
	}
}

// assign reads from a body whom a desk phone is to belong to, and refuses those who are not there. It returns nil where
// the body does not say it.
func assign(w *world.World, body []world.Member) ([]string, error) {
	var names []string
	if raw, said := world.Lookup(body, "assigned_to"); said {
		e, there := extensionNamed(w, textOf(raw), "PhoneUser")
		if !there {
			return nil, noUser.Refusal(textOf(raw))
		}
		names = append(names, e.ID)
	}
	raw, _ := world.Lookup(body, "assignee_extension_ids")
	var extensions []string
	_ = json.Unmarshal(raw, &extensions) // nothing: none
	for _, id := range extensions {
		e, there := extensionNamed(w, id, "PhoneUser", "CommonAreaPhone")
		if !there {
			return nil, world.Refuse(http.StatusNotFound, 404, "Extension does not exist: %s.", id)
		}
		if !slices.Contains(names, e.ID) {
			names = append(names, e.ID)
		}
	}
	return names, nil
}

// createDevice adds a desk phone. It belongs to the site that the body names, or to that of whom it is given to.
func (z *Zoom) createDevice(w *world.World, c *world.Call) (world.Answer, error) {
	body, _ := world.Members(c.Body)
	names, err := assign(w, body)
	if err != nil {
		return world.Answer{}, err
	}
	var said struct{ Type, Model, Site string }
	for name, into := range map[string]*string{"type": &said.Type, "model": &said.Model, "site_id": &said.Site} {
		raw, _ := world.Lookup(body, name)
		*into = textOf(raw)
	}
	switch {
	case said.Site != "" && w.Find("PhoneSite", said.Site) == nil:
		return world.Answer{}, world.Invalid(world.NotA("site_id", "the id of a site"))
	case said.Site == "" && len(names) > 0:
		e, _ := extensionNamed(w, names[0], "PhoneUser", "CommonAreaPhone")
		said.Site = siteOf(w, e.Record)
	}
	if said.Site == "" {
		said.Site = w.First("PhoneSite")[0].ID
	}
	if body, err = withMAC(body); err != nil {
		return world.Answer{}, err
	}
	c.Body = world.Join(with(body, map[string]any{
		holders: append([]string{}, names...), "site_id": said.Site, "device_type": strings.TrimSpace(said.Type + " " + said.Model),
	}))
	return w.Do(c)
}

// updateDevice changes a desk phone, or whom it belongs to.
func (z *Zoom) updateDevice(w *world.World, c *world.Call) (world.Answer, error) {
	body, _ := world.Members(c.Body)
	names, err := assign(w, body)
	if err != nil {
		return world.Answer{}, err
	}
	if body, err = withMAC(body); err != nil {
		return world.Answer{}, err
	}
	if names != nil {
		body = with(body, map[string]any{holders: names})
	}
	c.Body = world.Join(body)
	return w.Do(c)
}

// withMAC is a body with its MAC address as Zoom writes them.
func withMAC(body []world.Member) ([]world.Member, error) {
	raw, said := world.Lookup(body, "mac_address")
	if !said {
		return body, nil
	}
	if !macForm().MatchString(textOf(raw)) {
		return nil, world.Invalid(world.NotA("mac_address", "a MAC address"))
	}
	return with(body, map[string]any{"mac_address": dashedMAC(strings.NewReplacer("-", "", ":", "").Replace(textOf(raw)))}), nil
}

// with is a body with other values of some fields.
func with(body []world.Member, values map[string]any) []world.Member {
	out := slices.DeleteFunc(slices.Clone(body), func(m world.Member) bool { _, other := values[m.Name]; return other })
	for _, name := range slices.Sorted(maps.Keys(values)) {
		out = append(out, world.Member{Name: name, Value: world.Encode(values[name])})
	}
	return out
}
