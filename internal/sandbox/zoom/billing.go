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

// This file implements what sub accounts have subscribed to, what it costs, and to whom invoices go. Plans are kept as they
// are answered, by Zoom's names. Of Zoom's codes no source says which is when. Start reading at billing.

const (
	billingPath  = "/accounts/{accountId}/billing"
	invoicesPath = billingPath + "/invoices"
	plansPath    = "/accounts/{accountId}/plans"
	addonsPath   = plansPath + "/addons"
	basePath     = plansPath + "/base"

	monthsOfInvoices = 30
)

// What Zoom says of a plan.
const (
	planActive    = "active"
	planCancelled = "cancelled"
)

// billing adds invoices and plans. Of the account that tokens are for, `me`, there are invoices and usage only: it has no
// account above it that could buy for it.
func (z *Zoom) billing(q *world.Quirks) {
	q.Things["Invoice"] = world.Thing{
		Seed:    z.seedInvoices,
		Resolve: invoiceOf,
		Missing: world.Missing{Status: http.StatusBadRequest, Code: 2001, Text: "Invoice does not exist: %s."},
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"from": func(w *world.World, r *world.Record, day string) bool { return w.Text(r, "invoice_date") >= day },
			"to":   func(w *world.World, r *world.Record, day string) bool { return w.Text(r, "invoice_date") <= day },
		},
	}
	q.Answers["GET "+invoicesPath] = listInvoices
	q.Answers["GET "+billingPath] = z.below((*world.World).Do)
	q.Answers["PATCH "+billingPath] = z.below(z.updateBilling)
	q.Answers["GET "+plansPath] = z.below(z.readPlans)
	q.Answers["POST "+plansPath] = z.below(z.subscribe)
	q.Answers["POST "+addonsPath] = z.subscribed(z.addPlan)
	q.Answers["PUT "+addonsPath] = z.subscribed(z.changePlan)
	q.Answers["PATCH "+addonsPath+"/status"] = z.subscribed(z.cancelPlan)
	q.Answers["PUT "+basePath] = z.subscribed(z.changeBase)
	q.Answers["PATCH "+basePath+"/status"] = z.subscribed(z.cancelBase)
	q.Answers["GET "+plansPath+"/usage"] = z.readPlanUsage
}

// below answers about sub accounts only.
func (z *Zoom) below(answer operation) operation {
	return func(w *world.World, c *world.Call) (world.Answer, error) {
		if err := z.isBelow(w, c); err != nil {
			return world.Answer{}, err
		}
		return answer(w, c)
	}
}

// subscribed answers about sub accounts only that have a base plan.
func (z *Zoom) subscribed(answer operation) operation {
	return z.below(func(w *world.World, c *world.Call) (world.Answer, error) {
		if base, _ := z.plansOf(c.Owner)["plan_base"].(planSet); base == nil || base["status"] != planActive {
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 2100, "Account is not paid: %s.", c.Owner.ID)
		}
		return answer(w, c)
	})
}

// done is the answer to what changes a plan: some have no content, most say so by 200.
func done() world.Answer { return world.OK(nil) }

func (z *Zoom) updateBilling(w *world.World, c *world.Call) (world.Answer, error) {
	body, err := c.Object()
	if err != nil {
		return world.Answer{}, err
	}
	w.Document("GET "+billingPath, c.Owner).Merge(body)
	return done(), nil
}

// ---------------------------------------------------------------- plans

// planSet is a plan as it is answered, or an object of several.
type planSet map[string]any

// clone is a plan whose objects can be changed.
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

// planNames are the starts of the types of plans that can be had beside the base plan, and Zoom's names of these; the longer
// before what they begin with.
var planNames = [][2]string{
	{"large", "plan_large_meeting"},
	{"webinar", "plan_webinar"},
	{"zoomevents", "plan_zoom_events"},
	{"zroom", "plan_zoom_rooms"},
	{"roomconnector", "plan_room_connector"},
	{"zwb_plus", "plan_whiteboard_plus"},
	{"zwb", "plan_whiteboard"},
	{"ziq", "plan_zoom_iq"},
	{"ztransl", "plan_ztransl"},
	{"zwr", "plan_zwr"},
	{"zsched", "plan_zsched"},
}

// severalPlans are those of which an account may have one of each size.
var severalPlans = []string{"plan_large_meeting", "plan_webinar", "plan_zoom_events"}

// planName is Zoom's name of the plan of a type; "": there is none.
func planName(kind string) string {
	for _, name := range planNames {
		if strings.HasPrefix(kind, name[0]) {
			return name[1]
		}
	}
	return ""
}

// plansOf are the plans of an account: those of the start, or what they have become.
func (z *Zoom) plansOf(account *world.Record) planSet {
	own := account.Ext.(*accountRecord)
	if own.plans == nil && z.isSeeded(account) {
		since, next := z.day().AddDate(-1, 0, 0), z.day().AddDate(0, 1, 0)
		return planSet{
			"plan_base":                             runs(planSet{"type": "pro_monthly", "hosts": 10}, since, next),
			"plan_webinar":                          []planSet{runs(planSet{"type": "webinar500_monthly", "hosts": 1}, since, next)},
			"plan_zoom_rooms":                       runs(planSet{"type": "zroom_monthly", "hosts": 3}, since, next),
			"plan_recording":                        "cmr_monthly_commitment_40",
			"plan_recording_status":                 planActive,
			"plan_recording_service_effective_date": since.Format(time.DateOnly),
			"plan_recording_next_invoice_date":      next.Format(time.DateOnly),
		}
	}
	return own.plans
}

// isSeeded tells whether an account was there at the start.
func (z *Zoom) isSeeded(account *world.Record) bool {
	return account == z.own.Record || slices.Contains([]string{z.subAccountID(0), z.subAccountID(1)}, account.ID)
}

// runs adds to a plan, and to all in it, that it is active since a day.
func runs(p planSet, since, next time.Time) planSet {
	if _, named := p["type"]; named {
		p["status"], p["service_effective_date"], p["next_invoice_date"] = planActive, since.Format(time.DateOnly), next.Format(time.DateOnly)
		delete(p, "paid_period_start_date")
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

func (z *Zoom) readPlans(_ *world.World, c *world.Call) (world.Answer, error) {
	plans := z.plansOf(c.Owner)
	if plans == nil {
		plans = planSet{}
	}
	return world.OK(world.Encode(plans)), nil
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
	for name := range order {
		if !strings.HasPrefix(name, "plan_") {
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "There is no plan %s.", name)
		}
	}
	answer := world.Created(world.Encode(order))
	since, next := begin(c, options["service_effective_date"])
	if _, recorded := order["plan_recording"]; recorded {
		order["plan_recording_status"], order["plan_recording_service_effective_date"] = planActive, since.Format(time.DateOnly)
		order["plan_recording_next_invoice_date"] = next.Format(time.DateOnly)
	}
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
	plans := z.plansOf(c.Owner).clone()
	name, added := planName(kind), planSet{"type": kind, "hosts": order["hosts"]}
	for details, of := range map[string]string{"plan_details": "plan_phone", "plan_zcc_details": "plan_zcc", "plan_znode_details": "plan_znode"} {
		if said, isObject := order[details].(planSet); isObject {
			name, added = of, said
		}
	}
	_, counted := order["hosts"]
	switch have := plans[name]; {
	case name == "", added["type"] != nil && !counted:
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "There is no plan %s, or it has to be said what of it.", kind)
	case slices.Contains(severalPlans, name):
		several, _ := have.([]planSet)
		if slices.ContainsFunc(several, func(p planSet) bool { return p["type"] == kind }) {
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "Account has the plan %s already.", kind)
		}
	case have != nil:
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "Account has the plan %s already.", kind)
	}
	since, next := begin(c, order["service_effective_date"])
	var answered any = added.clone()
	added = runs(added, since, next)
	if slices.Contains(severalPlans, name) {
		several, _ := plans[name].([]planSet)
		plans[name], answered = append(several, added), []any{answered}
	} else {
		plans[name] = added
	}
	z.keepPlans(c.Owner, plans)
	return world.Created(world.Encode(map[string]any{name: answered})), nil
}

// addon is an account's plan of a type beside the base plan, and all plans, to be changed and kept.
func (z *Zoom) addon(account *world.Record, kind any) (found, all planSet) {
	all = z.plansOf(account).clone()
	named, _ := kind.(string)
	switch have := all[planName(named)].(type) {
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
		return world.Answer{}, world.Refuse(http.StatusNotFound, 1001, "Account has no plan %v.", order["type"])
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

// readPlanUsage answers what is used: of the base plan as many licences as users have, of the own account; of all others
// some.
func (z *Zoom) readPlanUsage(w *world.World, c *world.Call) (world.Answer, error) {
	plans := z.plansOf(c.Owner)
	used := planSet{}
	for name, value := range plans {
		switch v := value.(type) {
		case planSet:
			if v["type"] != nil {
				used[name] = z.usageOf(c.Owner, v)
			}
		case []planSet:
			list := []planSet{}
			for _, one := range v {
				list = append(list, z.usageOf(c.Owner, one))
			}
			used[name] = list
		}
	}
	if kind, recorded := plans["plan_recording"]; recorded {
		used["plan_recording"] = planSet{
			"type": kind, "free_storage": "1 GB", "free_storage_usage": "1 GB", "plan_storage": "40 GB", "plan_storage_usage": "12.5 GB",
			"plan_storage_exceed": "0", "max_exceed_date": "",
		}
	}
	if base, paid := used["plan_base"].(planSet); paid && c.Owner == z.own.Record {
		licensed := 0
		for _, user := range w.All("User") {
			if w.Text(user, "type") == strconv.Itoa(userTypeLicensed) {
				licensed++
			}
		}
		base["hosts"], base["usage"] = json.RawMessage(w.Text(c.Owner, "seats")), licensed
	}
	return world.OK(world.Encode(used)), nil
}

func (z *Zoom) usageOf(account *world.Record, p planSet) planSet {
	hosts, _ := p["hosts"].(int)
	return planSet{"type": p["type"], "hosts": hosts, "usage": hosts - hosts/4, "pending": int(z.source.At("pending", account.ID, fmt.Sprint(p["type"])) % uint64(hosts/4+1))}
}

// ---------------------------------------------------------------- invoices

// seedInvoices makes one a month, for what a seeded account has: the last is still to be paid.
func (z *Zoom) seedInvoices(_ *world.World, of *world.Record) []*world.Record {
	if !z.isSeeded(of) {
		return nil
	}
	first := z.day().AddDate(0, 0, 1-z.day().Day())
	var out []*world.Record
	for i := range monthsOfInvoices {
		month := first.AddDate(0, i+1-monthsOfInvoices, 0)
		h := z.source.At("invoice", of.ID, month.Format(time.DateOnly))
		var items []map[string]any
		total, taxes := 0, 0
		for j, charge := range []struct {
			name     string
			quantity int
			cents    int // each
		}{{"Pro Monthly", 10, 1499}, {"Webinar 500 Monthly", 1, 7900}, {"Zoom Rooms Monthly", 3, 4900}} {
			amount := charge.quantity * charge.cents
			tax := amount * 77 / 1000
			total, taxes = total+amount+tax, taxes+tax
			items = append(items, map[string]any{
				"charge_name": charge.name, "charge_number": fmt.Sprintf("C-%08d", h%90_000_000+uint64(j)), "charge_type": "Recurring",
				"quantity": charge.quantity, "start_date": month.Format(time.DateOnly), "end_date": month.AddDate(0, 1, -1).Format(time.DateOnly),
				"total_amount": inCents(amount), "tax_amount": inCents(tax), "partner_sku": "", "purchase_order_number": "",
			})
		}
		balance := 0
		if i == monthsOfInvoices-1 {
			balance = total
		}
		out = append(out, world.Known(fmt.Sprintf("%016x%016x", h, world.Mix(h)), map[string]any{
			"invoice_number": fmt.Sprintf("INV%08d", 10_000_000+h%90_000_000), "invoice_date": month.Format(time.DateOnly),
			"target_date": month.Format(time.DateOnly), "due_date": month.AddDate(0, 0, 30).Format(time.DateOnly),
			"total_amount": inCents(total), "tax_amount": inCents(taxes), "balance": inCents(balance), "status": "Posted",
			"currency": currency, "invoice_items": items,
		}))
	}
	return out
}

// invoiceOf finds an account's invoice; its file is there whoever's it is.
func invoiceOf(w *world.World, c *world.Call, name string) (*world.Record, error) {
	r := w.Find("Invoice", name)
	if of := c.Found["accountId"]; r != nil && of != nil && r.Owner() != of {
		return nil, nil
	}
	return r, nil
}

// currency is that of all amounts.
const currency = "USD"

// inCents is an amount with its two digits behind the point, as accountants write it.
func inCents(cents int) json.RawMessage { return fmt.Appendf(nil, "%d.%02d", cents/100, cents%100) }

// listInvoices answers invoices of a year at most, of the last three years.
func listInvoices(w *world.World, c *world.Call) (world.Answer, error) {
	if from := c.Values.Get("from"); from != "" && from < c.Now.UTC().AddDate(-3, 0, 0).Format(time.DateOnly) {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "Invoices go back three years only, and not to %s.", from)
	}
	answer, err := w.ListOf(c, w.Rows("GET "+invoicesPath, c.Owner))
	if err == nil {
		answer.Body = world.Edit(answer.Body, []string{"currency"}, world.Encode(currency))
	}
	return answer, err
}
