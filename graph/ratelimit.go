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

// closure is a client.Closure as the schema has it.
type closure struct {
	Operation *string   `json:"operation"`
	Since     time.Time `json:"since"`
	Until     time.Time `json:"until"`
	Answer    string    `json:"answer"`
}

func newClosure(c client.Closure) closure {
	shown := closure{Since: c.Since.UTC(), Until: c.Until.UTC(), Answer: c.By}
	if c.Operation != "" {
		shown.Operation = &c.Operation
	}
	return shown
}

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
		Closed         *closure  `json:"closed"`
		TargetCount    int       `json:"closed_target_count"`
		Targets        []closure `json:"closed_targets"`
	}
	return r.project.Value(func() ([]byte, error) {
		limits := []rateLimit{}
		for _, state := range r.principal(ctx).state() {
			limit := rateLimit{
				Label: strings.ToLower(string(state.Label)), Limit: state.Limit, Remaining: state.Remaining, ResetAt: state.ResetAt.UTC(),
				Waiting: state.Waiting, Refused: state.Refused, TargetCount: state.ClosedTargets, Targets: []closure{},
			}
			if state.Closed != nil {
				closed := newClosure(*state.Closed)
				limit.Closed = &closed
			}
			for _, target := range state.Targets {
				limit.Targets = append(limit.Targets, newClosure(target))
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

// pacing is how long calls take at an account's rate, were nobody else calling.
type pacing struct {
	seconds float64
	// slowest is the label whose calls take that long; "" where all may leave at once.
	slowest client.Label
	// rate is how many calls of that label may leave a second.
	rate float64
}

// pacingOf estimates how long calls take: as long as those of the label that takes longest. It reports false where no calls
// are paced.
func (p *Principal) pacingOf(byLabel map[string]int) (most pacing, paced bool) {
	if p.budget == nil {
		return pacing{}, false
	}
	paced = p.budget.Levels(byLabel, func(label client.Label, limit, level float64) {
		waiting := float64(byLabel[string(label)]) - level
		if limit <= 0 || waiting <= 0 {
			return
		}
		if seconds := math.Round(100*waiting/limit) / 100; seconds > most.seconds {
			most = pacing{seconds, label, limit}
		}
	})
	return most, paced
}
