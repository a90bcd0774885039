package telemetry_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"zoomgraph/client"
)

// Secrets that go everywhere through the service come out nowhere: not in the log, the metrics, the traces.
func TestNoCanaryGetsOut(t *testing.T) {
	const canary = "c4n4ry"
	c := collect(t)
	s := setup(t, func(p *parts) {
		p.clientSecret = canary + "-client-secret"
		p.upstream = refusing(canary)
	})
	for _, query := range []string{
		`query c4n4ryName($pw: String = "c4n4ry") { c4n4ryAlias: user(id: "USER") { email } }`,
		`{ c4n4ry }`,
		`{ "c4n4ry`,
		`mutation { c4n4ryAlias: updateUserSettings(id: "USER", input: {scheduleMeeting: {pmiPassword: "c4n4ry"}}) { user { id } } }`,
		`{ user(id: "refused") { email } }`,
		`{ user(id: "c4n4ry@example.com") { email } }`,
		`{ user(id: "refused") { settings(fields: ["c4n4ry"]) { raw } } }`,
	} {
		s.ask(query, "Authorization", "Bearer "+canary, "Cookie", "session="+canary, "Tracestate", "vendor="+canary,
			"Traceparent", traceparent+"01", "Baggage", "user="+canary, "X-Api-Key", canary)
	}
	writeEverything(slog.New(s.telemetryLog()), canary)
	s.telemetry.Called(t.Context(), client.Attempt{
		Op: &client.Op{ID: "op", Method: "GET", Path: "/op"}, Query: url.Values{"password": {canary}, "custom_query_fields": {canary}},
	})
	s.telemetry.Shutdown(t.Context())
	if len(c.spans) < 8 || strings.Count(s.log.String(), "\n") < 9 {
		t.Fatalf("%d spans and the log\n%s", len(c.spans), s.log)
	}
	for name, text := range map[string]string{
		"the log": s.log.String(), "the metrics": s.metrics(), "the traces": string(c.raw),
		"the profiles": get(t, s.telemetry.Handler(true), "/debug/pprof/goroutine?debug=2").Body.String(),
	} {
		if at := strings.Index(text, canary); at >= 0 {
			t.Errorf("%s: …%s", name, text[max(0, at-200):min(len(text), at+50)])
		}
	}
}

// writeEverything logs a secret in each way that a line of code could.
func writeEverything(log *slog.Logger, canary string) {
	link := &url.URL{Scheme: "https", User: url.UserPassword("me", canary), Host: "zoom.test", RawQuery: "access_token=" + canary}
	header := http.Header{"Authorization": {"Bearer " + canary}, "Cookie": {"a=" + canary}}
	failed := fmt.Errorf("get: %w", &client.Error{Code: client.CodeInternal, Err: errors.New("Authorization: Bearer " + canary)})
	log.Info("sent Bearer "+canary, "token", canary) //nolint:sloglint // a message that holds a secret is the case
	log.Warn("m", "url", link, "text", link.String(), "header", header, "err", failed)
	log.Error("m", slog.Group("a", slog.Group("b", "secret", canary, "err", failed, "mail", canary+"@example.com")))
	log.With("client_secret", canary, "header", header).WithGroup("g").With("password", canary).Info("m", "body", `{"passcode":"`+canary+`"}`)
	log.Info("m", "error", errors.Join(failed, fmt.Errorf("jwt eyJhbGciOiJIUzI1NiJ9.%s.sig", canary)))
	log.Info("m", "config", client.Config{ClientSecret: canary})
	log.Info("m", "json", []byte(`{"host_key":"`+canary+`"}`), "form", url.Values{"password": {canary}}.Encode())
}

// refusing is a Zoom that repeats a secret in what it says to some calls.
func refusing(canary string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/v2/users/refused") {
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Set-Cookie", "session="+canary)
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"code":300,"message":"password: %s is wrong for %s@example.com"}`, canary, canary)
		})
	}
}
