package command

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/config"
)

// TestAuthenticate: the configuration's callers are let in as it says, also while the issuer of others is down.
func TestAuthenticate(t *testing.T) {
	t.Parallel()
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	cfg := &config.Serve{
		Callers: []config.Caller{
			{Name: "a", KeySHA256: callers.DigestOf("zg_0123456789012345678901234567890123456789a"), Account: "one", Allow: []string{"read", "secrets"}},
			{Name: "b", KeySHA256: callers.DigestOf("zg_0123456789012345678901234567890123456789b"), Account: "two", Allow: []string{"read"}},
		},
		OIDC: &config.OIDC{Issuer: down.URL, Audience: "z", Allow: []string{"read"}},
	}
	who, _, err := new(wiring).authenticator(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]callers.Caller{
		"a": {Name: "a", Account: "one", Permissions: callers.Read | callers.Secrets}, "b": {Name: "b", Account: "two", Permissions: callers.Read},
	} {
		got, err := who.Authenticate(t.Context(), "Bearer zg_0123456789012345678901234567890123456789"+name, netip.MustParseAddr("192.0.2.1"))
		if err != nil || got.Name != want.Name || got.Account != want.Account || got.Permissions != want.Permissions {
			t.Errorf("%s is %s of %s, who may %s; %v", name, got, got.Account, got.Permissions, err)
		}
	}
}
