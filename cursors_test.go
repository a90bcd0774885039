package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/sandbox"
)

// TestCursorsBelong: a cursor is good for all callers of its account, at each replica, and for nobody else; whom it is not
// good for costs no call.
func TestCursorsBelong(t *testing.T) {
	t.Parallel()
	const (
		one   = "zg_0123456789012345678901234567890123456789a"
		same  = "zg_0123456789012345678901234567890123456789b"
		other = "zg_0123456789012345678901234567890123456789c"
	)
	zoom := newUpstream(t, sandbox.Config{})
	own := zoom.mint()
	config := configured(t, fmt.Sprintf(`
zoom_api_url: http://%[1]s/v2
zoom_oauth_url: http://%[1]s/oauth
pass_through: true
accounts:
  acct-a: {zoom_account_id: a, client_id: x, client_secret: s}
  acct-b: {zoom_account_id: b, client_id: x, client_secret: s}
callers:
  - {name: one, key_sha256: "%[2]s", account: acct-a, allow: [read]}
  - {name: same, key_sha256: "%[3]s", account: acct-a, allow: [read]}
  - {name: other, key_sha256: "%[4]s", account: acct-b, allow: [read]}
`, zoom.address, callers.DigestOf(one), callers.DigestOf(same), callers.DigestOf(other)))
	first := start(t, nil, "--config", config, "--addr", "127.0.0.1:0")
	second := start(t, nil, "--config", config, "--addr", "127.0.0.1:0")
	_, page := bearer(t, first, one, `{ users(first: 2) { pageInfo { endCursor } } }`)
	var answer struct {
		Data struct {
			Users struct{ PageInfo struct{ EndCursor string } }
		}
	}
	if err := json.Unmarshal([]byte(page), &answer); err != nil {
		t.Fatal(err)
	}
	cursor := answer.Data.Users.PageInfo.EndCursor
	changed := cursor[:len(cursor)-1] + map[bool]string{true: "B", false: "A"}[strings.HasSuffix(cursor, "A")]
	for _, tt := range []struct {
		name        string
		at          *started
		key, cursor string
		good        bool
	}{
		{"its caller", first, one, cursor, true},
		{"another caller of the account", first, same, cursor, true},
		{"its caller, at another replica", second, one, cursor, true},
		{"a caller of another account with the same secret", first, other, cursor, false},
		{"a Zoom user", first, own, cursor, false},
		{"its caller, of a changed one", first, one, changed, false},
	} {
		_, before := zoom.probes()
		_, body := bearer(t, tt.at, tt.key, fmt.Sprintf(`{ users(first: 2, after: %q) { nodes { id } } }`, tt.cursor))
		_, after := zoom.probes()
		refused := strings.Contains(body, `"code":"BAD_USER_INPUT"`) && strings.Contains(body, "after is not a cursor of this service for this caller's account")
		if refused == tt.good || strings.Contains(body, `"nodes":[{"id"`) != tt.good || !tt.good && after != before {
			t.Errorf("%s is answered %s after %d calls", tt.name, body, after-before)
		}
	}
}
