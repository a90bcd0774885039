package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/sandbox"
)

// upload sends a form with the given operations, whose file is never to be read: none comes.
func upload(t *testing.T, s *started, key, operations string, files io.Reader) string {
	t.Helper()
	field := func(name, text string) string {
		return "--xox\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + text + "\r\n"
	}
	body := io.MultiReader(strings.NewReader(field("operations", operations)+field("map", `{"0":["variables.f"]}`)), files)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.address+"/graphql", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "multipart/form-data; boundary=xox")
	req.Header.Set("GraphQL-Require-Preflight", "1")
	req.Header.Set("Authorization", "Bearer "+key)
	return string(do(t, req))
}

// What the facade refuses it refuses before a file comes: permission, document, variables, price. Only an operation that
// would run misses its file.
func TestUploadsAreJudgedBeforeTheirFiles(t *testing.T) {
	t.Parallel()
	const reads, writes = "zg_0123456789012345678901234567890123456789a", "zg_0123456789012345678901234567890123456789b"
	zoom := newUpstream(t, sandbox.Config{})
	file := configured(t, fmt.Sprintf("callers:\n  - {name: reads, key_sha256: %q, allow: [read]}\n  - {name: writes, key_sha256: %q, allow: [read, write]}\n",
		callers.DigestOf(reads), callers.DigestOf(writes)))
	s := start(t, zoom.env(nil), "--addr", "127.0.0.1:0", "--config", file, "--max-calls", "3")
	put := func(more string) string {
		return fmt.Sprintf(`{"query":"mutation($f: Upload!, $i: ID!) { uploadUserPicture(id: $i, picFile: $f) { user { id } } %s }","variables":{"f":null,"i":"ada.lovelace@example.com"}}`, more)
	}
	var again strings.Builder
	for n := range 4 {
		fmt.Fprintf(&again, " a%d: uploadUserPicture(id: $i, picFile: $f) { user { id } }", n)
	}
	t.Run("all", func(t *testing.T) {
		for _, tt := range []struct{ name, key, operations, want string }{
			{"a caller who only reads", reads, put(""), `"FORBIDDEN"`},
			{"nobody", "zg_0123456789012345678901234567890123456789c", put(""), `"UNAUTHENTICATED"`},
			{"an unknown field", writes, put("uploadNothing"), "uploadNothing"},
			{"a bad variable", writes, strings.Replace(put(""), `"i":"ada.lovelace@example.com"`, `"i":{}`, 1), "variable $i"},
			{"too dear", writes, put(again.String()), `"COST_LIMIT_EXCEEDED"`},
			{"one that would run", writes, put(""), `the file \"0\" is in \"map\", but does not come`},
		} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				if got := upload(t, s, tt.key, tt.operations, strings.NewReader("--xox--\r\n")); !strings.Contains(got, tt.want) || strings.Contains(got, `"data":{`) {
					t.Errorf("%s, want %s", got, tt.want)
				}
			})
		}
		t.Run("many at once, with files", func(t *testing.T) {
			t.Parallel()
			large := "--xox\r\nContent-Disposition: form-data; name=\"0\"; filename=\"a\"\r\n\r\n" + strings.Repeat("x", 4<<20) + "\r\n--xox--\r\n"
			var all sync.WaitGroup
			for range 12 {
				all.Go(func() {
					if got := upload(t, s, reads, put(""), strings.NewReader(large)); !strings.Contains(got, `"FORBIDDEN"`) {
						t.Errorf("%.300s", got)
					}
				})
			}
			all.Wait()
		})
	})
	if api, _, _ := zoom.calls(); api != 0 {
		t.Errorf("%d calls were made", api)
	}
}
