package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/callers/issuer"
	"zoomgraph/internal/config"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/fleet"
)

// This file tells how the service is: when it starts, at /readyz, on the admin port, and in the metrics. Start reading at
// ready.

// patienceAtStart is how long the greeting waits to say whether Zoom takes the credentials.
const patienceAtStart = time.Second

// probeTimeout bounds a call that only finds out whether Zoom is back.
const probeTimeout = 10 * time.Second

// probeOp is the operation of such a call. Any answer shows that Zoom is there, also a missing scope.
var probeOp = client.Op{ID: "users", Method: http.MethodGet, Path: "/users", Label: client.Medium}

// ready tells why nobody at all can be served, nil where somebody can. A part that is away makes answers fewer, and does
// not make the service unready: what is known is still answered, callers with keys need no issuer, and people with tokens
// of their own need no credentials. Nobody is served where Zoom has never taken the credentials of any account and
// refuses them, or where all callers have tokens of an issuer whose keys were never read.
func (w *wiring) ready(cfg *config.Serve, tokens *issuer.Issuer) func(context.Context) error {
	ownTokens := cfg.PassThrough || w.people != nil
	return func(context.Context) error {
		if tokens != nil && len(cfg.Callers) == 0 && !ownTokens {
			if err := tokens.Ready(); err != nil {
				return err
			}
		}
		var all []error
		for _, a := range w.accounts {
			state := a.room.Health().State()
			if ownTokens || state.Worked || !state.Refused {
				return nil
			}
			all = append(all, errors.New("account "+a.ID+": "+state.Cause.Explain()))
		}
		return errors.Join(all...)
	}
}

// states tells of each part that the service leans on.
func (w *wiring) states(tokens *issuer.Issuer) func(context.Context) []edge.State {
	return func(context.Context) []edge.State {
		var parts []edge.State
		for _, a := range w.accounts {
			parts = append(parts, edge.State{Name: "account " + a.ID, Err: accountError(a.room.Health().State())})
			if chatbot := a.room.ChatbotHealth(); chatbot != nil {
				parts = append(parts, edge.State{Name: "chatbot of account " + a.ID, Err: accountError(chatbot.State())})
			}
			if a.room.Budget() == nil {
				continue
			}
			if err := closedError(a.room.Budget().State()); err != nil {
				parts = append(parts, edge.State{Name: "limits of account " + a.ID, Err: err})
			}
		}
		if w.fleet != nil {
			parts = append(parts, edge.State{Name: "redis", Err: fleetError(w.fleet.Health())})
		}
		if tokens != nil {
			parts = append(parts, edge.State{Name: "oidc issuer", Err: tokens.Ready(), Note: tokens.Keys()})
		}
		return parts
	}
}

func accountError(s client.HealthState) error {
	switch {
	case !s.Known:
		return errors.New("no answer of Zoom's yet")
	case s.Cause == nil:
		return nil
	}
	return fmt.Errorf("%s; so since %s", s.Cause.Explain(), s.Since.UTC().Format(time.RFC3339))
}

// closedError says which labels and targets Zoom has closed; nil if none.
func closedError(states []client.BudgetState) error {
	var all []error
	for _, state := range states {
		if c := state.Closed; c != nil {
			all = append(all, fmt.Errorf("label %s is closed, Zoom takes no calls: since %s, until %s at the latest, by the answer %q",
				state.Label, c.Since.UTC().Format(time.RFC3339), c.Until.UTC().Format(time.RFC3339), c.By))
		}
		if state.ClosedTargets > 0 {
			latest := state.Targets[0]
			all = append(all, fmt.Errorf("label %s: operations are closed for %d users or other targets, Zoom takes no calls; the latest is %s: since %s, until %s at the latest, by the answer %q",
				state.Label, state.ClosedTargets, latest.Operation, latest.Since.UTC().Format(time.RFC3339), latest.Until.UTC().Format(time.RFC3339), latest.By))
		}
	}
	return errors.Join(all...)
}

func fleetError(h fleet.Health) error {
	if h.Up {
		return nil
	}
	return fmt.Errorf("%s; this replica goes on alone, with a part of the budget and without a cache", h.Err)
}

// healths are what metrics tell of each account.
func (w *wiring) healths() map[string]func() client.HealthState {
	states := map[string]func() client.HealthState{}
	for _, a := range w.accounts {
		states[a.ID] = a.room.Health().State
	}
	return states
}

// chatbots are what metrics tell of the accounts' chatbots.
func (w *wiring) chatbots() map[string]func() client.HealthState {
	states := map[string]func() client.HealthState{}
	for _, a := range w.accounts {
		if chatbot := a.room.ChatbotHealth(); chatbot != nil {
			states[a.ID] = chatbot.State
		}
	}
	return states
}

// firstTokens mints tokens before the first request needs them. It returns when all are there or were refused, and after
// patienceAtStart at the latest; mints go on after that.
func (w *wiring) firstTokens(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patienceAtStart)
	defer cancel()
	var minting sync.WaitGroup
	for _, a := range w.accounts {
		minting.Go(func() { _, _ = a.room.Tokens().Token(ctx) }) // the account's health has the outcome
		if chatbot := a.room.ChatbotTokens(); chatbot != nil {
			minting.Go(func() { _, _ = chatbot.Token(ctx) }) // likewise the chatbot's
		}
	}
	minting.Wait()
}

// greeting is the first line of a starting service: that it is ready, and what keeps it from asking Zoom.
func (w *wiring) greeting() string {
	var troubles []string
	for _, a := range w.accounts {
		state, of := a.room.Health().State(), ""
		if len(w.accounts) > 1 {
			of = "account " + a.ID + ": "
		}
		switch chatbot := a.room.ChatbotHealth(); {
		case !state.Known:
			troubles = append(troubles, of+"Zoom's token endpoint has not answered yet; the log and the admin port's /readyz?verbose will tell")
		case state.Cause != nil:
			troubles = append(troubles, of+state.Cause.Explain())
		case chatbot != nil && chatbot.State().Cause != nil:
			troubles = append(troubles, of+"its chatbot cannot send messages: "+chatbot.State().Cause.Explain())
		}
	}
	switch len(troubles) {
	case 0:
		return "zoomgraph is ready."
	case 1:
		return "zoomgraph is ready, but " + troubles[0] + "."
	}
	return "zoomgraph is ready, but\n\n  " + strings.Join(troubles, "\n  ")
}

// watchHealth looks whether Zoom is back for accounts that it leaves without an answer or refuses, until ctx ends.
func (w *wiring) watchHealth(ctx context.Context) {
	for _, a := range w.accounts {
		go a.room.Health().Watch(ctx, a.probe)
		if chatbot := a.room.ChatbotTokens(); chatbot != nil {
			go a.room.ChatbotHealth().Watch(ctx, func(ctx context.Context) { _, _ = chatbot.Token(ctx) }) // nothing can be read with it
		}
	}
}

// probe makes one call, which goes behind all that somebody waits for.
func (a *ownAccount) probe(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	_, _ = a.principal.Client().Do(ctx, client.Request{ // the account's health has the outcome
		Op: &probeOp, Query: url.Values{"page_size": {"1"}}, Lane: client.Bulk,
	})
}
