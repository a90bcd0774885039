package zoom

import (
	"net/http"

	"zoomgraph/internal/sandbox/world"
)

// This file implements templates of settings of Zoom Phone.

// phoneTemplates adds templates of settings.
func (z *Zoom) phoneTemplates(q *world.Quirks) {
	q.Things[phoneTemplateType] = world.Thing{
		Missing: world.Missing{Status: http.StatusNotFound, Code: 404, Text: "Setting template does not exist: %s."},
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"site_id": func(_ *world.World, r *world.Record, id string) bool {
				raw := r.Raw("site_id")
				return raw != nil && string(raw) == string(world.Encode(id))
			},
		},
		Drawn: map[string]func(*world.World, *world.Record) any{
			"type": func(_ *world.World, r *world.Record) any {
				return world.Pick(z.source.At("template type", r.ID), "user", "group", "commonArea", "zr", "interop")
			},
			"profile.area_code":                                           always("555"),
			"profile.country":                                             always("US"),
			"user_settings.audio_prompt_language":                         always("en-US"),
			"user_settings.desk_phone.pin_code":                           func(_ *world.World, r *world.Record) any { return world.Digits(z.source.At("template PIN", r.ID), 6) },
			"user_settings.call_handling.business_hours.ringing_duration": always("20"),
			"user_settings.call_handling.business_hours.ring_type":        always("0"),
			"user_settings.call_handling.close_hours.max_wait_time":       always("30"),
			"user_settings.call_handling.business_hours.custom_hours": always([]map[string]any{
				{"weekday": 2, "type": 2, "from": "09:00", "to": "17:00"}, {"weekday": 3, "type": 1},
			}),
		},
	}
	for _, hours := range []string{"business_hours", "close_hours"} {
		for _, to := range []string{"connect_to_operator", "busy_connect_operator"} {
			at := "user_settings.call_handling." + hours + "." + to
			q.Things[phoneTemplateType].Drawn[at+".type"] = always("user")
			q.Things[phoneTemplateType].Drawn[at+".id"] = func(w *world.World, r *world.Record) any {
				some := w.First(phoneUserType)
				if len(some) == 0 {
					return nil
				}
				return extensionIn(w, some[z.source.At(at, r.ID)%uint64(len(some))]).ExtensionID
			}
		}
	}
	q.Answers["POST /phone/setting_templates"] = createPhoneTemplate
}

// createPhoneTemplate makes a template. Of one kind a body has another spelling than answers.
func createPhoneTemplate(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Type string `json:"type"`
		Site string `json:"site_id"`
	}
	c.Decode(&body)
	if body.Site != "" && w.Find("PhoneSite", body.Site) == nil {
		return world.Answer{}, w.NotFound("PhoneSite", body.Site)
	}
	if body.Type == "commonarea" {
		c.Body = world.Edit(c.Body, []string{"type"}, world.Encode("commonArea"))
	}
	return w.Do(c)
}

// policyOfTemplate is what a user may who gets a template.
func policyOfTemplate(w *world.World, template *world.Record) []world.Member {
	policy, _ := world.Members(w.Raw(template, "policy"))
	for i := range policy {
		if policy[i].Name == "call_forwarding" {
			policy[i].Name = "call_handling_forwarding_to_other_users"
		}
	}
	return policy
}
