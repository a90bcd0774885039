package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Plan is a Zoom plan: what an account may call.
type Plan string

// The values of Plan.
const (
	PlanFree     Plan = "free"
	PlanPro      Plan = "pro"
	PlanBusiness Plan = "business"
)

// UnmarshalText accepts free, pro and business.
func (p *Plan) UnmarshalText(text []byte) error {
	return oneOf(p, text, PlanFree, PlanPro, PlanBusiness)
}

// Paths says by which paths operations are called that Zoom has moved.
type Paths string

// The values of Paths.
const (
	PathsToday Paths = "2026"
	PathsOld   Paths = "2021"
)

// UnmarshalText accepts 2026 and 2021.
func (p *Paths) UnmarshalText(text []byte) error { return oneOf(p, text, PathsToday, PathsOld) }

// Rates are calls a second by rate label, in place of those of the plan.
type Rates struct {
	// Off: calls are not paced.
	Off bool
	// PerSecond is by label; a label that is not in it has the plan's rate.
	PerSecond map[string]float64
}

// UnmarshalText accepts off, or label=rate pairs with commas between them.
func (r *Rates) UnmarshalText(text []byte) error {
	*r = Rates{}
	if string(text) == "off" {
		r.Off = true
		return nil
	}
	r.PerSecond = map[string]float64{}
	for pair := range strings.SplitSeq(string(text), ",") {
		label, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		name := strings.ToUpper(label)
		if !slices.Contains(rateLabels(), name) {
			return fmt.Errorf("there is no rate label %q; the labels are %s", label, join(rateLabels()))
		}
		rate, err := strconv.ParseFloat(value, 64)
		if err != nil || rate <= 0 || math.IsInf(rate, 0) {
			return fmt.Errorf("%s=%s is no rate; give a number of calls a second above zero, or off for no pacing", label, value)
		}
		r.PerSecond[name] = rate
	}
	return nil
}
