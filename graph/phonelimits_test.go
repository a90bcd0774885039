package graph_test

import (
	"fmt"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/sandbox"
)

// Calls of Zoom Phone's paths count against limits of Zoom Phone's own, here and in the embedded Zoom: when those are used up
// everything else goes on, and the other way round. Answers, prices and the limits name them.
func TestPhoneHasLimitsOfItsOwn(t *testing.T) {
	t.Parallel()
	const phone, other = `{ user(id: "USER") { phone { extensionNumber } } }`, `{ user(id: "USER") { firstName } }`
	for name, test := range map[string]struct{ limit, used, open, label string }{
		"of Zoom Phone are used up": {"PHONE_LIGHT", phone, other, "PHONE_LIGHT"},
		"of others are used up":     {"LIGHT", other, phone, "LIGHT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			budget, err := client.NewBudget(map[client.Label]client.Limit{client.Label(test.limit): {PerSecond: 100, PerDay: 1}}, 1, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			s := setup(t, sandbox.Config{}, func(p *parts) { p.client.Budget, p.graph.Budget = budget, budget })
			if got := s.must(test.used).Extensions.Zoom.Cost.ByLabel; len(got) != 1 || got[test.label] != 1 {
				t.Errorf("calls %v, want one of %s", got, test.label)
			}
			if e := s.zoom.Log(0); e[len(e)-1].Label != test.label {
				t.Errorf("Zoom counts the call as %s, want %s", e[len(e)-1].Label, test.label)
			}
			if got, want := fmt.Sprint(s.must(`{ rateLimit { label dailyLimit dailyRemaining } }`).at("rateLimit")), fmt.Sprintf("[map[dailyLimit:1 dailyRemaining:0 label:%s]]", test.label); got != want {
				t.Errorf("limits %s, want %s", got, want)
			}
			path := map[string]string{phone: "user.phone.extensionNumber", other: "user.firstName"}[test.used]
			s.wantErrors(s.ask(test.used, nil), "RATE_LIMITED at "+path)
			s.must(test.open)
		})
	}
}

// The embedded Zoom counts Zoom Phone's calls by themselves, and says so with a 429.
func TestPhoneRefusesAlone(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{Daily: map[string]int{"PHONE_LIGHT": 1, "LIGHT": 1}})
	s.must(`{ user(id: "USER") { phone { extensionNumber } firstName } }`)
	s.wantErrors(s.ask(`{ user(id: "USER1") { phone { extensionNumber } } }`, nil), "RATE_LIMITED at user.phone.extensionNumber")
	s.must(`{ users(first: 1) { nodes { id } } }`)
}
