package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/sandbox"
)

// TestViewer: everybody is told who they are and what they may do, without a call.
func TestViewer(t *testing.T) {
	t.Parallel()
	const (
		query = `{ viewer { name account permissions method } }`
		one   = "zg_0123456789012345678901234567890123456789a"
		two   = "zg_0123456789012345678901234567890123456789b"
	)
	zoom := newUpstream(t, sandbox.Config{})
	own := zoom.mint()
	file := filepath.Join(t.TempDir(), "zoomgraph.yaml")
	text := fmt.Sprintf(`
zoom_api_url: http://%[1]s/v2
zoom_oauth_url: http://%[1]s/oauth
pass_through: true
accounts:
  acct-a: {zoom_account_id: a, client_id: x, client_secret: s}
  acct-b: {zoom_account_id: b, client_id: x, client_secret: s}
callers:
  - {name: one, key_sha256: "%[2]s", account: acct-b, allow: [read, secrets]}
  - {name: two, key_sha256: "%[3]s", account: acct-a, allow: [read, write]}
`, zoom.address, callers.DigestOf(one), callers.DigestOf(two))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	closed := start(t, nil, "--config", file, "--addr", "127.0.0.1:0")
	open := start(t, nil, "--addr", "127.0.0.1:0")
	for _, tt := range []struct {
		service   *started
		key, want string
	}{
		{open, "", `{"data":{"viewer":{"name":"anyone","account":"sandbox","permissions":["READ","WRITE","SECRETS"],"method":"ANYONE"}}`},
		{closed, one, `{"data":{"viewer":{"name":"one","account":"acct-b","permissions":["READ","SECRETS"],"method":"KEY"}}`},
		{closed, own, `{"data":{"viewer":{"name":"zoom:` + callers.DigestOf(own).String()[:8] + `","account":null,"permissions":["READ","WRITE","SECRETS"],"method":"ZOOM_TOKEN"}}`},
		{closed, two, `{"data":{"viewer":{"name":"two","account":"acct-a","permissions":["READ","WRITE"],"method":"KEY"}}`},
		{closed, "", `"code":"UNAUTHENTICATED"`},
	} {
		if _, body := bearer(t, tt.service, tt.key, query); !strings.Contains(body, tt.want) || strings.Contains(body, "requested") {
			t.Errorf("want %s\n got %s", tt.want, body)
		}
	}
	if probes, others := zoom.probes(); probes != 1 || others != 0 {
		t.Errorf("%d calls ask about a token, and %d something else; want one and none", probes, others)
	}
}
