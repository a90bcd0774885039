package zoom

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements plans: what is ordered, changed and cancelled, and what of them is used.

// planSet is a plan as it is answered, or an object of several.
type planSet map[string]any

// clone is a plan whose objects can be changed, and whose lists.
func (p planSet) clone() planSet {
	out := planSet{}
	for name, value := range p {
		switch v := value.(type) {
		case planSet:
			value = v.clone()
		case []planSet:
			value = slices.Clone(v)
		}
		out[name] = value
	}
	return out
}

// soldPlan is a plan that can be had beside the base plan.
type soldPlan struct {
	start string // of its types: webinar500_monthly, webinar1000_yearly
	name  string // Zoom's
	kind  string // the type that is had of it at the start

	several bool // an account may have one of each size
	used    bool // usage tells of it
}

// soldPlans are those that are objects of a type and licences; what begins with another's start stands before it.
var soldPlans = []soldPlan{
	{start: "zroom", name: "plan_zoom_rooms", kind: "zroom_monthly", used: true},
	{start: "roomconnector", name: "plan_room_connector", kind: "roomconnector_monthly", used: true},
	{start: "large", name: "plan_large_meeting", kind: "large500_monthly", several: true, used: true},
	{start: "webinar", name: "plan_webinar", kind: "webinar500_monthly", several: true, used: true},
	{start: "zoomevents", name: "plan_zoom_events", kind: "zoomevents500_monthly", several: true, used: true},
	{start: "zoomsessions", name: "plan_zoom_sessions", kind: "zoomsessions500_monthly", several: true},
	{start: "audio_us_ca", name: "plan_audio_us_ca", kind: "audio_us_ca_monthly"},
	{start: "sdk_cmr", name: "plan_sdk_cmr", kind: "sdk_cmr_monthly"},
	{start: "zwb_plus", name: "plan_whiteboard_plus", kind: "zwb_plus_monthly", used: true},
	{start: "zwb", name: "plan_whiteboard", kind: "zwb_monthly", used: true},
	{start: "zm_clips_plus", name: "plan_zoom_clips_plus", kind: "zm_clips_plus_monthly", used: true},
	{start: "ziq", name: "plan_zoom_iq", kind: "ziq_sales_monthly", used: true},
	{start: "ztransl", name: "plan_ztransl", kind: "ztransl_monthly", used: true},
	{start: "zwr", name: "plan_zwr", kind: "zwr_yearly", used: true},
	{start: "zsched", name: "plan_zsched", kind: "zsched_yearly", used: true},
	{start: "zqss", name: "plan_qss", kind: "zqss_monthly", several: true},
	{start: "zmesh", name: "plan_mesh", kind: "zmesh_monthly"},
	{start: "zobp", name: "plan_zoom_one", kind: "zobp_usca_monthly_unlimited", several: true, used: true},
	{start: "zoe_prem", name: "plan_zoom_one_premier", kind: "zoe_prem_jp_yearly", several: true, used: true},
	{start: "zo_edu_sch_cmp_plus", name: "plan_zoom_one_edu_school_campus_plus", kind: "zo_edu_sch_cmp_plus_jp_yearly", several: true, used: true},
	{start: "zo_edu_ent_hied_stu", name: "plan_zoom_one_edu_student", kind: "zo_edu_ent_hied_stu_yearly", used: true},
	{start: "zo_edu_prem", name: "plan_zoom_one_edu_premier", kind: "zo_edu_prem_yearly", several: true, used: true},
	{start: "zm_wf_mgt", name: "plan_workforce_management", kind: "zm_wf_mgt_quarterly", used: true},
	{start: "zm_visitor_management", name: "plan_visitor_management", kind: "zm_visitor_management_monthly", used: true},
	{start: "partner_premier_support", name: "plan_partner_premier_support", kind: "partner_premier_support_monthly", used: true},
}

// nodePlans are the parts of Zoom Node, each with its type.
var nodePlans = map[string]string{
	"plan_znode_base": "znode_monthly", "plan_zphybrid": "zphybrid_monthly", "plan_zmhybrid": "zm_hybrid_quarterly", "plan_mchybrid": "zmc_monthly",
	"plan_rchybrid": "zrc_monthly", "plan_cmrhybrid": "zm_node_hybrid_rec_quarterly", "plan_tchybrid": "zn_tc_hybrid_monthly",
}

// soldAs is the plan of a type; false: there is none.
func soldAs(kind string) (soldPlan, bool) {
	i := slices.IndexFunc(soldPlans, func(p soldPlan) bool { return strings.HasPrefix(kind, p.start) })
	if i < 0 {
		return soldPlan{}, false
	}
	return soldPlans[i], true
}

// plansOf are the plans of an account: those of the start, or what they have become.
func (z *Zoom) plansOf(account *world.Record) planSet {
	own := account.Ext.(*accountRecord)
	if own.plans != nil || !z.isSeeded(account) {
		return own.plans
	}
	plans := planSet{
		"plan_base":       planSet{"type": "pro_monthly", "hosts": 10},
		"plan_webinar":    []planSet{{"type": "webinar500_monthly", "hosts": 1}},
		"plan_zoom_rooms": planSet{"type": "zroom_monthly", "hosts": 3},
		"plan_recording":  "cmr_monthly_commitment_40",
	}
	if account.ID != z.subAccountID(0) {
		plans = everyPlan()
	}
	return runs(plans, z.day().AddDate(-1, 0, 0), z.day().AddDate(0, 1, 0))
}

// everyPlan is what an account has that has bought all there is.
func everyPlan() planSet {
	one := func(kind string) planSet { return planSet{"type": kind, "hosts": 8} }
	node := planSet{}
	for name, kind := range nodePlans {
		node[name] = one(kind)
	}
	plans := planSet{
		"plan_base": planSet{
			"type": "business_yearly", "hosts": 20, "active_hosts": 5, "included_minutes": 100_000, "overage_price": json.RawMessage("0.015"),
		},
		"plan_audio": planSet{
			"type": "audio_monthly_commitment_100", "ddi_numbers": 2, "callout_countries": "CH,DE", "premium_countries": "JP", "tollfree_countries": "CH,US",
		},
		"plan_phone": planSet{
			"plan_base":    planSet{"type": "phone_base_monthly", "callout_countries": "CA,US"},
			"plan_calling": []planSet{one("phone_us_unlimited_monthly")}, "plan_number": []planSet{one("phone_number_us_monthly")},
		},
		"plan_zcc": planSet{
			"plan_package":          planSet{"type": "zcc_basic_monthly", "callout_countries": "US"},
			"plan_package_lists":    []planSet{one("zcc_basic_monthly")},
			"plan_ai_expert_assist": one("zcc_ai_expert_assist_monthly"), "plan_usage": one("zcc_usage_monthly"),
			"plan_phone_number": []planSet{one("zcc_number_us_monthly")},
		},
		"plan_znode": node, "plan_recording": "cmr_monthly_commitment_40",
	}
	for _, sold := range soldPlans {
		plans[sold.name] = one(sold.kind)
		if sold.several {
			plans[sold.name] = []planSet{one(sold.kind)}
		}
	}
	return plans
}

// isSeeded tells whether an account was there at the start.
func (z *Zoom) isSeeded(account *world.Record) bool {
	return account == z.own.Record || slices.Contains([]string{z.subAccountID(0), z.subAccountID(1)}, account.ID)
}

// runs adds to plans, and to all in them, that they are active since a day.
func runs(p planSet, since, next time.Time) planSet {
	if _, named := p["type"]; named {
		p["status"], p["service_effective_date"], p["next_invoice_date"] = planActive, since.Format(time.DateOnly), next.Format(time.DateOnly)
		delete(p, "paid_period_start_date")
	}
	if _, recorded := p["plan_recording"].(string); recorded {
		p["plan_recording_status"], p["plan_recording_service_effective_date"] = planActive, since.Format(time.DateOnly)
		p["plan_recording_next_invoice_date"] = next.Format(time.DateOnly)
	}
	for _, inner := range p {
		switch v := inner.(type) {
		case planSet:
			runs(v, since, next)
		case []planSet:
			for _, one := range v {
				runs(one, since, next)
			}
		}
	}
	return p
}

// begin is when what a body orders begins: today, or when it says.
func begin(c *world.Call, said any) (since, next time.Time) {
	day, _ := said.(string)
	since, err := time.Parse(time.DateOnly, day)
	if err != nil {
		since = c.Now.UTC().Truncate(24 * time.Hour)
	}
	return since, since.AddDate(0, 1, 0)
}

// ordered reads what a body orders: objects and lists of them become plans.
func ordered(c *world.Call) planSet {
	var body map[string]any
	c.Decode(&body)
	return asPlans(body)
}

func asPlans(object map[string]any) planSet {
	out := planSet{}
	for name, value := range object {
		switch v := value.(type) {
		case map[string]any:
			value = asPlans(v)
		case []any:
			list := []planSet{}
			for _, one := range v {
				if inner, isObject := one.(map[string]any); isObject {
					list = append(list, asPlans(inner))
				}
			}
			value = list
		case float64:
			value = int(v)
		}
		out[name] = value
	}
	return out
}

// readPlans tells of the plans as the operation names their parts: an order names more of them.
func (z *Zoom) readPlans(_ *world.World, c *world.Call) (world.Answer, error) {
	return world.OK(world.Encode(named(z.plansOf(c.Owner), c.Op.Answered().Fields))), nil
}

// named is what fields name of plans.
func named(plans planSet, fields []*world.Node) planSet {
	out := planSet{}
	for name, value := range plans {
		field := world.Find(fields, name)
		if field == nil {
			continue
		}
		switch v := value.(type) {
		case planSet:
			value = named(v, field.Fields)
		case []planSet:
			if field.Elem == nil {
				break
			}
			list := make([]planSet, len(v))
			for i, one := range v {
				list[i] = named(one, field.Elem.Fields)
			}
			value = list
		}
		out[name] = value
	}
	return out
}

// subscribe gives a free sub account a base plan, and what else is ordered with it. The account is one of that plan then.
func (z *Zoom) subscribe(w *world.World, c *world.Call) (world.Answer, error) {
	if z.plansOf(c.Owner)["plan_base"] != nil {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 2100, "Account is paid already: %s.", c.Owner.ID)
	}
	order := ordered(c)
	contact, options := order["contact"].(planSet), planSet{}
	if said, isObject := order["subscription_options"].(planSet); isObject {
		options = said
	}
	delete(order, "contact")
	delete(order, "subscription_options")
	base := order["plan_base"].(planSet) // the body's check saw that it is there
	answer := world.Created(world.Encode(order))
	since, next := begin(c, options["service_effective_date"])
	w.Document("GET "+billingPath, c.Owner).Merge(world.MembersOf(contact))
	z.keepPlans(c.Owner, runs(order, since, next))
	c.Owner.Set("account_type", "Pro")
	if hosts, said := base["hosts"]; said {
		c.Owner.Set("seats", hosts)
	}
	return answer, nil
}

// keepPlans keeps what the plans of an account have become.
func (*Zoom) keepPlans(account *world.Record, plans planSet) {
	account.Ext.(*accountRecord).plans = plans
}

// addPlan adds a plan that the account does not have.
func (z *Zoom) addPlan(_ *world.World, c *world.Call) (world.Answer, error) {
	order := ordered(c)
	kind, _ := order["type"].(string)
	sold, known := soldAs(kind)
	added := planSet{"type": kind, "hosts": order["hosts"]}
	for details, name := range map[string]string{"plan_details": "plan_phone", "plan_zcc_details": "plan_zcc", "plan_znode_details": "plan_znode"} {
		if said, isObject := order[details].(planSet); isObject {
			sold, known, added = soldPlan{name: name}, true, said
		}
	}
	plans := z.plansOf(c.Owner).clone()
	several, _ := plans[sold.name].([]planSet)
	switch has := func(p planSet) bool { return p["type"] == kind }; {
	case !known:
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "There is no plan %s.", kind)
	case !sold.several && plans[sold.name] != nil, slices.ContainsFunc(several, has):
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "Account has the plan %s already.", kind)
	}
	since, next := begin(c, order["service_effective_date"])
	var answered any = added
	if sold.several {
		answered = []planSet{added}
	}
	answer := world.Created(world.Encode(map[string]any{sold.name: answered})) // as it was ordered
	if plans[sold.name] = runs(added, since, next); sold.several {
		plans[sold.name] = append(several, added)
	}
	z.keepPlans(c.Owner, plans)
	return answer, nil
}

// addon is an account's plan of a type beside the base plan, and all plans, to be changed and kept.
func (z *Zoom) addon(account *world.Record, kind any) (found, all planSet) {
	all = z.plansOf(account).clone()
	named, _ := kind.(string)
	sold, _ := soldAs(named)
	switch have := all[sold.name].(type) {
	case planSet:
		if have["type"] == kind {
			return have, all
		}
	case []planSet:
		for i, one := range have {
			if one["type"] == kind {
				have[i] = one.clone()
				return have[i], all
			}
		}
	}
	return nil, all
}

// changePlan changes how much an account has of a plan.
func (z *Zoom) changePlan(_ *world.World, c *world.Call) (world.Answer, error) {
	order := ordered(c)
	found, all := z.addon(c.Owner, order["type"])
	hosts, _ := order["hosts"].(int)
	switch {
	case found == nil:
		return world.Answer{}, world.Refuse(http.StatusNotFound, 3200, "Account has no plan %v.", order["type"])
	case hosts < 1:
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 3261, "There has to be at least one licence.")
	}
	found["hosts"] = hosts
	z.keepPlans(c.Owner, all)
	return done(), nil
}

// cancelPlan calls off a plan. It goes on until its next invoice.
func (z *Zoom) cancelPlan(_ *world.World, c *world.Call) (world.Answer, error) {
	order := ordered(c)
	found, all := z.addon(c.Owner, order["type"])
	if found == nil || found["status"] != planActive {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "Account has no plan %v.", order["type"])
	}
	found["status"] = planCancelled
	z.keepPlans(c.Owner, all)
	return done(), nil
}

// changeBase changes the base plan, and how many licences there are of it.
func (z *Zoom) changeBase(_ *world.World, c *world.Call) (world.Answer, error) {
	order := ordered(c)
	all := z.plansOf(c.Owner).clone()
	base := all["plan_base"].(planSet) // as subscribed saw
	hosts, _ := base["hosts"].(int)
	if said, counted := order["hosts"].(int); counted {
		hosts = said
	}
	more, _ := order["increasing_hosts"].(int)
	if hosts += more; hosts < 1 {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "There has to be at least one licence.")
	}
	base["type"], base["hosts"] = order["type"], hosts
	if active, said := order["active_hosts"]; said {
		base["active_hosts"] = active
	}
	z.keepPlans(c.Owner, all)
	c.Owner.Set("seats", hosts)
	return world.Done(), nil
}

// cancelBase calls off the base plan. It goes on until its next invoice.
func (z *Zoom) cancelBase(_ *world.World, c *world.Call) (world.Answer, error) {
	if action := ordered(c)["action"]; action != "cancel" {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "There is no action %v.", action)
	}
	all := z.plansOf(c.Owner).clone()
	all["plan_base"].(planSet)["status"] = planCancelled // as subscribed saw
	z.keepPlans(c.Owner, all)
	return done(), nil
}

// ---------------------------------------------------------------- usage

// readPlanUsage answers what is used: of the own account's base plan as many licences as users have, of all else some.
func (z *Zoom) readPlanUsage(w *world.World, c *world.Call) (world.Answer, error) {
	plans, used := z.plansOf(c.Owner), planSet{}
	add := func(name string, plan any) {
		switch p := plan.(type) {
		case planSet:
			used[name] = z.usageOf(c.Owner, p)
		case []planSet:
			list := []planSet{}
			for _, one := range p {
				list = append(list, z.usageOf(c.Owner, one))
			}
			used[name] = list
		}
	}
	for _, sold := range soldPlans {
		if sold.used {
			add(sold.name, plans[sold.name])
		}
	}
	if node, bought := plans["plan_znode"].(planSet); bought {
		for name, plan := range node {
			add(name, plan)
		}
		add("plan_zva", []planSet{{"type": "zva_monthly", "hosts": 8}})
		united := z.usageOf(c.Owner, planSet{"type": "pro_zpp_monthly", "hosts": 8})
		united["name"], used["plan_united"] = "Zoom United Pro", united
	}
	if kind, recorded := plans["plan_recording"]; recorded {
		used["plan_recording"] = planSet{
			"type": kind, "free_storage": "1 GB", "free_storage_usage": "1 GB", "plan_storage": "40 GB", "plan_storage_usage": "42 GB",
			"plan_storage_exceed": "2 GB", "max_exceed_date": z.day().AddDate(0, 0, -3).Format(time.DateOnly),
		}
	}
	if base, paid := plans["plan_base"].(planSet); paid {
		used["plan_base"] = z.baseUsage(w, c.Owner, base)
	}
	return world.OK(world.Encode(used)), nil
}

// baseUsage is what is used of an account's base plan.
func (z *Zoom) baseUsage(w *world.World, account *world.Record, base planSet) planSet {
	used := z.usageOf(account, base)
	if active, counted := base["active_hosts"]; counted {
		used["active_hosts"] = active
	}
	if account != z.own.Record {
		return used
	}
	licensed := 0
	for _, user := range w.All("User") {
		if w.Text(user, "type") == strconv.Itoa(userTypeLicensed) {
			licensed++
		}
	}
	used["hosts"], used["usage"] = json.RawMessage(w.Text(account, "seats")), licensed
	return used
}

func (z *Zoom) usageOf(account *world.Record, p planSet) planSet {
	hosts, _ := p["hosts"].(int)
	pending := z.source.At("pending", account.ID, fmt.Sprint(p["type"])) % uint64(hosts/4+1)
	return planSet{"type": p["type"], "hosts": hosts, "usage": hosts - hosts/4, "pending": pending}
}

// ---------------------------------------------------------------- invoices
