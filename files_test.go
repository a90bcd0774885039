package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"zoomgraph/internal/callers"
)

// The service serves files to the callers of GraphQL, and to nobody else.
func TestFilesAreServed(t *testing.T) {
	t.Parallel()
	const key = "0123456789abcdef0123456789abcdef"
	config := configured(t, fmt.Sprintf("callers:\n  - {name: one, key_sha256: %q, allow: [read]}\n", callers.DigestOf(key)))
	s := start(t, nil, "--config", config, "--addr", "127.0.0.1:0")
	for authorization, want := range map[string]string{
		"Bearer " + key: "no URL of a file", "Bearer " + strings.Repeat("0", 32): "UNAUTHENTICATED", "": "UNAUTHENTICATED",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.address+"/files/AAAA", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", authorization)
		if body := string(do(t, req)); !strings.Contains(body, want) {
			t.Errorf("%q is answered %s, want %q", authorization, body, want)
		}
	}
}
