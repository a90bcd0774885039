package callers_test

import (
	"context"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/peer"
	"zoomgraph/internal/shares"
)

// TestHolder: places are a caller's; without callers, and before a socket has said whose it is, a client's.
func TestHolder(t *testing.T) {
	t.Parallel()
	proxies := peer.Proxies{{Prefix: netip.MustParsePrefix("10.0.0.0/8")}}
	open, err := callers.New(callers.Options{Account: "acct-a", Proxies: proxies})
	if err != nil {
		t.Fatal(err)
	}
	closed, err := callers.New(callers.Options{Keys: []callers.Key{{Caller: callers.Caller{Name: "key"}}}, Proxies: proxies})
	if err != nil {
		t.Fatal(err)
	}
	known := callers.With(t.Context(), callers.Caller{Name: "key", Account: "acct-a"})
	passed := callers.With(t.Context(), callers.Caller{Name: "zoom:1", Class: "zoom:1", Token: "t"})
	for name, tt := range map[string]struct {
		who       *callers.Authenticator
		ctx       context.Context //nolint:containedctx // of the request
		from, via string
		want      shares.Holder
	}{
		"a key":                       {closed, known, "192.0.2.1:80", "", shares.Holder{Account: "acct-a", Caller: "key"}},
		"a token of one's own":        {closed, passed, "192.0.2.1:80", "", shares.Holder{Caller: "zoom:1"}},
		"nobody yet":                  {closed, callers.With(t.Context(), callers.Caller{}), "192.0.2.1:80", "", shares.Holder{Network: netip.MustParsePrefix("192.0.2.1/32")}},
		"anybody":                     {open, callers.With(t.Context(), callers.Anyone("acct-a")), "192.0.2.1:80", "", shares.Holder{Account: "acct-a", Network: netip.MustParsePrefix("192.0.2.1/32")}},
		"anybody behind a proxy":      {open, callers.With(t.Context(), callers.Anyone("acct-a")), "10.0.0.1:80", "192.0.2.7", shares.Holder{Account: "acct-a", Network: netip.MustParsePrefix("192.0.2.7/32")}},
		"anybody of an IPv6 network":  {open, callers.With(t.Context(), callers.Anyone("acct-a")), "[2001:db8::1]:80", "", shares.Holder{Account: "acct-a", Network: netip.MustParsePrefix("2001:db8::/64")}},
		"a header that nobody trusts": {open, callers.With(t.Context(), callers.Anyone("acct-a")), "192.0.2.1:80", "192.0.2.7", shares.Holder{Account: "acct-a", Network: netip.MustParsePrefix("192.0.2.1/32")}},
	} {
		r := httptest.NewRequestWithContext(tt.ctx, "GET", "/graphql", nil)
		r.RemoteAddr = tt.from
		r.Header.Set("X-Forwarded-For", tt.via)
		if got := tt.who.Holder(tt.ctx, r); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

// session is one of somebody who signed in.
type session string

func (session) Check(context.Context) error { return nil }
func (s session) Key() string               { return string(s) }

// TestSharing: an answer goes to callers of one account who may see the same, and never beyond.
func TestSharing(t *testing.T) {
	t.Parallel()
	class := func(c callers.Caller) string {
		text, _ := callers.Sharing(callers.With(t.Context(), c))
		return text
	}
	mine, other := session("1"), session("2")
	of := callers.Caller{Name: "one", Account: "a", Permissions: callers.Read}
	if same := (callers.Caller{Name: "two", Account: "a", Permissions: callers.Read}); class(same) != class(of) {
		t.Error("callers of one account do not share")
	}
	expiring := of
	expiring.Until = time.Now().Add(-time.Hour)
	if _, shared := callers.Sharing(callers.With(t.Context(), expiring)); class(expiring) != class(of) || callers.From(shared).Check(shared) != nil {
		t.Error("what callers share ends with the token of one of them")
	}
	signedIn := callers.Caller{Name: "ann", Account: "a", Class: "person:ann", Permissions: callers.Read, Session: mine}
	tab := signedIn
	tab.Session = session("1")
	if class(tab) != class(signedIn) {
		t.Error("two tabs of one session do not share")
	}
	all := map[string]callers.Caller{}
	for name, c := range map[string]callers.Caller{
		"the one":           of,
		"another account":   {Account: "b", Permissions: callers.Read},
		"secrets":           {Account: "a", Permissions: callers.Read | callers.Secrets},
		"a token":           {Class: "zoom:1", Permissions: callers.Read, Token: "1"},
		"another token":     {Class: "zoom:2", Permissions: callers.Read, Token: "2"},
		"a person":          signedIn,
		"another session":   {Account: "a", Class: "person:ann", Permissions: callers.Read, Session: other},
		"a name with marks": {Account: `a" "`, Permissions: callers.Read},
	} {
		if twin, shared := all[class(c)]; shared {
			t.Errorf("%s shares answers with %+v", name, twin)
		}
		all[class(c)] = c
	}
}
