package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/sandbox"
)

// slowestAnswer is how long a caller may wait while another one asks all the time. It should be a second; a test fails
// beyond five, because machines that test are shared.
const slowestAnswer = 5 * time.Second

// The requests of one key at a Zoom that is slow hold all places in flight, and all calls to Zoom that may be;
// another account is answered all the same, also where Zoom has to be asked, and so is another caller of the same account.
func TestOneCallerStarvesNobody(t *testing.T) {
	t.Parallel()
	const (
		greedy, beside, other = "zg_0123456789012345678901234567890123456789a", "zg_0123456789012345678901234567890123456789b", "zg_0123456789012345678901234567890123456789c"
		latency               = 400 * time.Millisecond
	)
	zoom := newUpstream(t, sandbox.Config{Latency: sandbox.Duration(latency)})
	file := filepath.Join(t.TempDir(), "zoomgraph.yaml")
	text := fmt.Sprintf(`
zoom_api_url: http://%[1]s/v2
zoom_oauth_url: http://%[1]s/oauth
accounts:
  acct-a: {zoom_account_id: a, client_id: x, client_secret: s}
  acct-b: {zoom_account_id: b, client_id: x, client_secret: s}
callers:
  - {name: greedy, key_sha256: "%[2]s", account: acct-a, allow: [read]}
  - {name: beside, key_sha256: "%[3]s", account: acct-a, allow: [read]}
  - {name: other, key_sha256: "%[4]s", account: acct-b, allow: [read]}
`, zoom.address, callers.DigestOf(greedy), callers.DigestOf(beside), callers.DigestOf(other))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	admin := freeAddress(t)
	s := start(t, nil, "--config", file, "--addr", "127.0.0.1:0", "--admin-addr", admin, "--max-in-flight-requests", "128")
	ctx, stop := context.WithCancel(t.Context())
	var load sync.WaitGroup
	var answered, refused atomic.Int64
	for i := range 160 {
		load.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				status, _ := postAs(ctx, s, greedy, fmt.Sprintf(`{ user(id: "nobody-%d-%d") { email } }`, i, n))
				switch status {
				case http.StatusOK:
					answered.Add(1)
				case http.StatusServiceUnavailable:
					refused.Add(1)
					wait(ctx, latency/4)
				}
			}
		})
	}
	waitFor(t, "all places to be held", func() bool {
		return strings.Contains(string(get(t, "http://"+admin+"/metrics")), "\nzoomgraph_in_flight_requests 128\n")
	})
	for name, key := range map[string]string{"other": other, "beside": beside} {
		var slowest atomic.Int64
		var asking sync.WaitGroup
		for i := range 10 {
			for _, query := range []string{"{ viewer { name } }", fmt.Sprintf(`{ user(id: "%s-%d") { email } }`, name, i)} {
				asking.Go(func() {
					start := time.Now()
					status, body := postAs(t.Context(), s, key, query)
					took := time.Since(start)
					if status != http.StatusOK || strings.Contains(query, "viewer") && !strings.Contains(body, name) || strings.Contains(body, "RATE_LIMITED") {
						t.Errorf("%s asks %s: %d %s", name, query, status, body)
					}
					for old := slowest.Load(); int64(took) > old && !slowest.CompareAndSwap(old, int64(took)); old = slowest.Load() {
					}
				})
			}
		}
		asking.Wait()
		t.Logf("%s waited %v at most, with a latency of %v", name, time.Duration(slowest.Load()).Round(time.Millisecond), latency)
		if time.Duration(slowest.Load()) > slowestAnswer {
			t.Errorf("%s waited %v", name, time.Duration(slowest.Load()))
		}
	}
	if metrics := string(get(t, "http://"+admin+"/metrics")); !strings.Contains(metrics, `zoomgraph_in_flight_refused_total{reason="shed"}`) {
		t.Error("the metrics do not count those who gave way")
	}
	stop()
	load.Wait()
	t.Logf("the greedy caller had %d answers and was refused %d times", answered.Load(), refused.Load())
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// postAs asks with a key over one of many connections; the status is 0 where there is no answer.
func postAs(ctx context.Context, s *started, key, query string) (status int, body string) {
	request, _ := json.Marshal(map[string]string{"query": query}) // a map of strings always encodes
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address+"/graphql", bytes.NewReader(request))
	if err != nil {
		return 0, err.Error()
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+key)
	res, err := manyConnections.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(text)
}

var manyConnections = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}}
