package graph

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/project"
)

// RateLimit answers Query.rateLimit from the budget, without a call.
func (r queryResolver) RateLimit(ctx context.Context) (*project.Value, error) {
	type rateLimit struct {
		Label          string    `json:"label"`
		Limit          float64   `json:"limit"`
		Remaining      int       `json:"remaining"`
		ResetAt        time.Time `json:"reset_at"`
		DailyLimit     *int      `json:"daily_limit"`
		DailyRemaining *int      `json:"daily_remaining"`
		Waiting        int       `json:"waiting"`
		Refused        int       `json:"refused"`
	}
	return r.project.Value(func() ([]byte, error) {
		limits := []rateLimit{}
		for _, state := range r.principal(ctx).state() {
			limit := rateLimit{
				Label: strings.ToLower(string(state.Label)), Limit: state.Limit, Remaining: state.Remaining, ResetAt: state.ResetAt.UTC(),
				Waiting: state.Waiting, Refused: state.Refused,
			}
			if state.DailyLimit > 0 {
				limit.DailyLimit, limit.DailyRemaining = &state.DailyLimit, &state.DailyRemaining
			}
			limits = append(limits, limit)
		}
		return json.Marshal(limits)
	}, load.From(ctx)), nil
}

// state is what is left of the account's limits; nothing where calls are not paced.
func (p *Principal) state() []client.BudgetState {
	if p.budget == nil {
		return nil
	}
	return p.budget.State()
}

// secondsFor estimates how long calls take at this account's rate: as long as those of the label that takes longest.
func (p *Principal) secondsFor(byLabel map[string]int) *float64 {
	states := p.state()
	if states == nil {
		return nil
	}
	seconds := 0.0
	for _, state := range states {
		if waiting := byLabel[string(state.Label)] - state.Remaining; waiting > 0 && state.Limit > 0 {
			seconds = max(seconds, float64(waiting)/state.Limit)
		}
	}
	seconds = math.Round(seconds*100) / 100
	return &seconds
}
