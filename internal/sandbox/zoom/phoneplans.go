package zoom

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"zoomgraph/internal/sandbox/world"
)

// This file implements which calling plans and phone numbers users of Zoom Phone have.

// callingPlan is a calling plan that a user has, or a body names.
type callingPlan struct {
	Type             int    `json:"type"`
	Name             string `json:"name,omitempty"`
	BillingAccount   string `json:"billing_account_id,omitempty"`
	BillingName      string `json:"billing_account_name,omitempty"`
	Subscription     string `json:"billing_subscription_id,omitempty"`
	SubscriptionName string `json:"billing_subscription_name,omitempty"`
}

// callingPlanTypes are the numbers of the account's plans.
var callingPlanTypes = []int{100, 200, 600}

// callingPlanNamed is the account's plan of a number; false: it has none.
func callingPlanNamed(kind int) (plan callingPlan, known bool) {
	_ = json.Unmarshal(world.Encode(planOf(kind)), &plan) // as it was made
	return plan, slices.Contains(callingPlanTypes, kind)
}

// callingPlansOf are those of a user: one at the start.
func (z *Zoom) callingPlansOf(r *world.Record) (plans []callingPlan) {
	raw := r.Raw("calling_plans")
	if raw == nil {
		plan, _ := callingPlanNamed(world.Pick(z.source.At("calling plan", r.ID), callingPlanTypes...))
		return []callingPlan{plan}
	}
	_ = json.Unmarshal(raw, &plans) // as it was written here
	return plans
}

func hasPlan(plans []callingPlan, kind int) bool {
	return slices.ContainsFunc(plans, func(p callingPlan) bool { return p.Type == kind })
}

func (z *Zoom) listCallingPlans(w *world.World, _ *world.Call) (world.Answer, error) {
	type row struct {
		callingPlan
		Assigned   int `json:"assigned"`
		Available  int `json:"available"`
		Subscribed int `json:"subscribed"`
	}
	rows := make([]row, len(callingPlanTypes))
	for i, kind := range callingPlanTypes {
		plan, _ := callingPlanNamed(kind)
		rows[i] = row{callingPlan: plan, Subscribed: len(w.First(phoneUserType))}
		for _, r := range w.All(phoneUserType) {
			if hasPlan(z.callingPlansOf(r), plan.Type) {
				rows[i].Assigned++
			}
		}
		rows[i].Available = rows[i].Subscribed - rows[i].Assigned
	}
	return world.OK(world.Encode(map[string]any{"calling_plans": rows})), nil
}

func (z *Zoom) assignCallingPlans(_ *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Plans []callingPlan `json:"calling_plans"`
	}
	c.Decode(&body)
	plans := z.callingPlansOf(c.Owner)
	for _, plan := range body.Plans {
		named, known := callingPlanNamed(plan.Type)
		switch {
		case !known:
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "The account has no calling plan %d.", plan.Type)
		case hasPlan(plans, plan.Type):
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "The user has the calling plan %d already.", plan.Type)
		}
		plans = append(plans, named)
	}
	if len(body.Plans) == 0 {
		return world.Answer{}, world.Invalid(world.NotA("calling_plans", "a list of calling plans"))
	}
	c.Owner.Set("calling_plans", plans)
	return world.OK([]byte("{}")), nil
}

func (z *Zoom) unassignCallingPlan(_ *world.World, c *world.Call) (world.Answer, error) {
	plans := z.callingPlansOf(c.Owner)
	left := slices.DeleteFunc(slices.Clone(plans), func(p callingPlan) bool {
		account := c.Values.Get("billing_account_id")
		return strconv.Itoa(p.Type) == c.Vars["type"] && (account == "" || account == p.BillingAccount)
	})
	if len(left) == len(plans) {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 400, "The user has no calling plan %s.", c.Vars["type"])
	}
	c.Owner.Set("calling_plans", append([]callingPlan{}, left...))
	return world.Done(), nil
}

// phoneNumberOf is a number of somebody.
type phoneNumberOf struct {
	ID     string          `json:"id"`
	Number json.RawMessage `json:"number,omitempty"`
}

// phoneNumbersOf are the numbers of a user.
func phoneNumbersOf(w *world.World, r *world.Record) []phoneNumberOf {
	out := []phoneNumberOf{}
	for _, number := range linesOf(w, r.ID) {
		out = append(out, phoneNumberOf{number.ID, w.Raw(number, "number")})
	}
	return out
}

// assignPhoneNumbers gives a user numbers that nobody has.
func assignPhoneNumbers(w *world.World, c *world.Call) (world.Answer, error) {
	numbers, err := numbersNamed(w, c)
	if err != nil {
		return world.Answer{}, err
	}
	given := []phoneNumberOf{}
	for _, number := range numbers {
		number.Set("assignee", extensionOf(w, "user", c.Owner))
		given = append(given, phoneNumberOf{number.ID, w.Raw(number, "number")})
	}
	return world.OK(world.Encode(map[string]any{"phone_numbers": given})), nil
}

// unassignPhoneNumber takes a number from a user.
func unassignPhoneNumber(w *world.World, c *world.Call) (world.Answer, error) {
	return world.Done(), take(w, c, c.Owner.ID)
}
