package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/redistest"
	"zoomgraph/internal/sandbox"
)

// bearer asks with a key, and reads an answer as ask does.
func bearer(t *testing.T, s *started, key, query string) (answer answered, body string) {
	t.Helper()
	request, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.address+"/graphql", bytes.NewReader(request))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	text := do(t, req)
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return answer, string(text)
}

// Two accounts in one process, and a caller of each: nothing that one has read is answered to the other, and each may do
// what the file says.
func TestAccounts(t *testing.T) {
	t.Parallel()
	const (
		one = "zg_0123456789012345678901234567890123456789a"
		two = "zg_0123456789012345678901234567890123456789b"
	)
	zoom := newUpstream(t, sandbox.Config{})
	file := filepath.Join(t.TempDir(), "zoomgraph.yaml")
	text := fmt.Sprintf(`
zoom_api_url: http://%[1]s/v2
zoom_oauth_url: http://%[1]s/oauth
accounts:
  acct-a: {zoom_account_id: a, client_id: x, client_secret: s}
  acct-b: {zoom_account_id: b, client_id: x, client_secret: s}
callers:
  - {name: one, key_sha256: "%[2]s", account: acct-a, allow: [read, write, secrets]}
  - {name: two, key_sha256: "%[3]s", account: acct-b, allow: [read]}
`, zoom.address, callers.DigestOf(one), callers.DigestOf(two))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startWatched(t, nil, "--config", file, "--addr", "127.0.0.1:0")
	if verbose := string(get(t, s.admin+"/readyz?verbose")); verbose != "ok\naccount acct-a: ok\naccount acct-b: ok\n" {
		t.Errorf("/readyz?verbose says\n%s", verbose)
	}
	if _, body := bearer(t, s, "", `{ __typename }`); !strings.Contains(body, "UNAUTHENTICATED") {
		t.Errorf("nobody is answered %s", body)
	}
	user := zoom.zoom.Users()[0].ID
	read := fmt.Sprintf(`{ user(id: %q) { settings { scheduleMeeting { hostVideo pmiPassword } } } }`, user)
	for i, want := range []struct {
		key   string
		calls int
	}{{one, 1}, {one, 0}, {two, 1}, {two, 0}, {one, 0}} {
		answer, body := bearer(t, s, want.key, read)
		if got := answer.Extensions.Zoom.Cost.Calls; got != want.calls {
			t.Errorf("request %d: %d calls, want %d\n%s", i, got, want.calls, body)
		}
		if withheld := strings.Contains(body, "FORBIDDEN"); withheld != (want.key == two) {
			t.Errorf("request %d: %s", i, body)
		}
	}
	write := fmt.Sprintf(`mutation { updateUserSettings(id: %q, input: {scheduleMeeting: {hostVideo: true}}) { settings { scheduleMeeting { hostVideo } } } }`, user)
	if _, body := bearer(t, s, two, write); !strings.Contains(body, `"code":"FORBIDDEN"`) {
		t.Errorf("who may only read writes: %s", body)
	}
	if answer, body := bearer(t, s, one, write); len(answer.Errors) > 0 {
		t.Errorf("who may write: %s", body)
	}
	if answer, body := bearer(t, s, one, read); answer.Extensions.Zoom.Cost.Calls != 1 || !strings.Contains(body, `"hostVideo":true`) {
		t.Errorf("what was written: %s", body)
	}
	if _, _, minted := zoom.calls(); minted != 2 {
		t.Errorf("%d tokens minted, want one an account", minted)
	}
}

// What one replica's operator sees while Redis is away: the probe stays well, and the part is named; the metric says so.
func TestRedisAwayIsSeen(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	zoom := newUpstream(t, sandbox.Config{})
	s := startWatched(t, zoom.env(redis), "--addr", "127.0.0.1:0")
	up := func() (verbose, metrics string) {
		return string(get(t, s.admin+"/readyz?verbose")), string(get(t, s.admin+"/metrics"))
	}
	for _, step := range []struct {
		do             func()
		verbose, value string
	}{
		{func() {}, "redis: ok", "1"},
		{redis.Stop, "; this replica goes on alone, with a part of the budget and without a cache", "0"},
		{redis.Start, "redis: ok", "1"},
	} {
		step.do()
		waitFor(t, step.verbose, func() bool {
			verbose, metrics := up()
			return strings.HasPrefix(verbose, "ok\n") && strings.Contains(verbose, step.verbose) && strings.Contains(metrics, "zoomgraph_redis_up "+step.value)
		})
		ask(t, s, `{ users(first: 1) { nodes { id } } }`)
	}
}

// Why Redis cannot be used stands in the log and in /readyz?verbose; with the file of a private authority it can be.
func TestRedisOfAPrivateAuthority(t *testing.T) {
	t.Parallel()
	_, url, ca := redistest.StartTLS(t)
	zoom := newUpstream(t, sandbox.Config{})
	env := zoom.env(nil, "ZOOMGRAPH_REDIS_URL="+url)
	for want, more := range map[string][]string{
		"redis: TLS: its certificate is signed by an authority that is not trusted": nil,
		"redis: ok": {"--redis-ca-file", ca},
	} {
		s := startWatched(t, env, append(more, "--addr", "127.0.0.1:0")...)
		waitFor(t, want, func() bool { return strings.Contains(string(get(t, s.admin+"/readyz?verbose")), want) })
		if more == nil {
			s.stderr.waitFor(t, regexp.MustCompile(`redis cannot be asked yet.*not trusted: name the authority's with --redis-ca-file`))
		}
	}
}

// freeAddress is one that nobody listens on at this moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
