package graph_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/telemetry"
)

// setupFor is setup for a service whose caller has these permissions.
func setupFor(t *testing.T, p callers.Permissions) *service {
	t.Helper()
	zoom, err := sandbox.New(sandbox.Options{Program: programtest.Of(t)})
	if err != nil {
		t.Fatal(err)
	}
	upstream := httptest.NewServer(zoom)
	t.Cleanup(upstream.Close)
	own, err := client.New(client.Config{
		APIURL: upstream.URL + "/v2", OAuthURL: upstream.URL + "/oauth", AccountID: "account", ClientID: "client", ClientSecret: "secret",
	})
	if err != nil {
		t.Fatal(err)
	}
	server, err := graph.NewServer(graph.Options{Program: programtest.Of(t), PrincipalOptions: graph.PrincipalOptions{Client: own}, Explain: true})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := edge.New(edge.Options{
		Schema: server.Executable, SDL: server.Program.SDL, Extensions: server.Extensions(), ErrorPresenter: server.PresentError, Introspection: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	facade := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(callers.With(r.Context(), callers.Caller{Name: "tester", Permissions: p})))
	}))
	t.Cleanup(facade.Close)
	s := &service{t: t, url: facade.URL + "/graphql", zoom: zoom}
	for _, user := range zoom.Users() {
		if user.Status == "active" {
			s.users = append(s.users, user)
		}
	}
	return s
}

const (
	readSomething = `{ user(id: "USER") { id email } }`
	writeChat     = `mutation { w: updateUserSettings(id: "USER", input: {inMeeting: {chat: true}}) { notApplied { field } } }`
)

// TestPermissions: what a caller may not do is refused before any call.
func TestPermissions(t *testing.T) {
	t.Parallel()
	const read, write, secrets = callers.Read, callers.Write, callers.Secrets
	for _, tt := range []struct {
		name  string
		may   callers.Permissions
		query string
		lacks string // "": it runs
		path  string
	}{
		{"a query by who reads", read, readSomething, "", ""},
		{"a query by who does nothing", 0, readSomething, "read", "user"},
		{"a query by who only writes", write, readSomething, "read", "user"},
		{"the schema by who does nothing", 0, `{ s: __schema { queryType { name } } }`, "read", "s"},
		{"who one is by who does nothing", 0, `{ viewer { name } again: viewer { permissions } }`, "", ""},
		{"who one is and more by who does nothing", 0, readSomething[:2] + `viewer { name } ` + readSomething[2:], "read", "user"},
		{"nothing by who does nothing", 0, `query { viewer @skip(if: true) { name } }`, "read", ""},
		{"a mutation by who reads", read, writeChat, "write", "w"},
		{"a mutation by who sees secrets", read | secrets, writeChat, "write", "w"},
		{"a mutation by who only writes", write, writeChat, "read", "w"},
		{"a mutation by who writes", read | write, writeChat, "", ""},
		{"a subscription by who does nothing", secrets, `subscription { userSettingsChanged { at } }`, "read", "userSettingsChanged"},
		{"a token", read | write, `{ user(id: "USER") { token { token } } }`, "secrets", "user.token"},
		{"a token, renamed", read, `{ u: user(id: "USER") { ...f } } fragment f on User { t: token { t: token } }`, "secrets", "u.t"},
		{"a token of the caller's own", read, `{ z: userZak { token } }`, "secrets", "z"},
		{
			"a secret to compare with", read | write,
			`{ settingsDrift(baseline: {schedule_meeting: {host_video: true, pmi_password: "123456"}}) { totalCount } }`, "secrets", "settingsDrift",
		},
		{
			"a secret to compare with, deeper", read,
			`{ settingsDrift(baseline: {in_meeting: {x: [{passcode: "1"}]}}) { totalCount } }`, "secrets", "settingsDrift",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := setupFor(t, tt.may)
			a := s.ask(tt.query, nil)
			if tt.lacks == "" {
				s.wantErrors(a)
				return
			}
			s.wantErrors(a, "FORBIDDEN at "+tt.path)
			if len(a.Errors) > 0 && (a.Errors[0].Extensions["permission"] != tt.lacks || !strings.Contains(a.Errors[0].Message, "permission "+tt.lacks)) {
				t.Errorf("the error does not say that %s is missing: %s", tt.lacks, a.raw)
			}
			s.wantCalls()
		})
	}
}

// TestSecretsAreWithheld: one secret in a selection costs the rest of it nothing.
func TestSecretsAreWithheld(t *testing.T) {
	t.Parallel()
	const query = `{
		user(id: "USER") {
			id hostKey
			settings {
				scheduleMeeting { hostVideo pmiPassword again: pmiPassword defaultPasswordForScheduledMeetings }
				meetingSecurity { pmiPassword }
				raw
			}
			effectiveSettings(fields: ["pmi_password", "host_video"]) { name value because { value } }
		}
		users(first: 2) { nodes { hostKey email } }
	}`
	all := setupFor(t, callers.All)
	seen := all.ask(query, nil)
	all.wantErrors(seen)
	secrets := []any{
		seen.at("user", "hostKey"), seen.at("user", "settings", "scheduleMeeting", "pmiPassword"),
		seen.at("user", "settings", "raw", "schedule_meeting", "pmi_password"), seen.at("users", "nodes", 1, "hostKey"),
	}
	for i, secret := range secrets {
		if text, ok := secret.(string); !ok || len(text) < 4 {
			t.Fatalf("secret %d to withhold is %v", i, secret)
		}
	}
	if found := seen.at("user", "effectiveSettings", 0, "value"); found != secrets[1] {
		t.Fatalf("effectiveSettings have %v, not the secret", found)
	}

	s := setupFor(t, callers.Read|callers.Write)
	a := s.ask(query, nil)
	s.wantErrors(
		a,
		"FORBIDDEN at user.hostKey", "FORBIDDEN at user.settings.scheduleMeeting.pmiPassword", "FORBIDDEN at user.settings.scheduleMeeting.again",
		"FORBIDDEN at user.settings.scheduleMeeting.defaultPasswordForScheduledMeetings", "FORBIDDEN at user.effectiveSettings.0.value",
		"FORBIDDEN at user.effectiveSettings.0.because.0.value", "FORBIDDEN at user.effectiveSettings.0.because.1.value",
		"FORBIDDEN at user.effectiveSettings.0.because.2.value",
		"FORBIDDEN at users.nodes.0.hostKey", "FORBIDDEN at users.nodes.1.hostKey",
	)
	for _, secret := range secrets {
		if bytes.Contains(a.raw, []byte(secret.(string))) {
			t.Errorf("the answer holds the secret %v", secret)
		}
	}
	for _, path := range [][]any{
		{"user", "id"},
		{"user", "settings", "scheduleMeeting", "hostVideo"},
		{"user", "settings", "meetingSecurity", "pmiPassword"},
		{"user", "settings", "raw", "schedule_meeting", "host_video"},
		{"user", "effectiveSettings", 1, "value"},
		{"user", "effectiveSettings", 1, "because", 2, "value"},
		{"users", "nodes", 1, "email"},
	} {
		if got, want := a.at(path...), seen.at(path...); got == nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v is %v, want %v", path, got, want)
		}
	}
	withheld := 0
	for _, absent := range a.Extensions.Zoom.Absent {
		if absent.Reason == "WITHHELD" && slices.Contains([]string{"default_password_for_scheduled_meetings", "pmi_password"}, fmt.Sprint(absent.Path[len(absent.Path)-1])) {
			withheld++
		}
	}
	if withheld == 0 {
		t.Errorf("nothing says what is left out of raw: %s", a.raw)
	}
}

// TestStoredSecretsAreWithheld: what a locked setting kept is not told by the detour of a write.
func TestStoredSecretsAreWithheld(t *testing.T) {
	t.Parallel()
	const query = `mutation { updateUserSettings(id: "USER", input: {scheduleMeeting: {pmiPassword: "654321", hostVideo: true}}) {
		settings { scheduleMeeting { pmiPassword hostVideo } raw }
		notApplied { field stored }
	} }`
	s := setupFor(t, callers.Read|callers.Write)
	a := s.ask(query, nil)
	for _, e := range a.Errors {
		if e.Extensions["code"] != "FORBIDDEN" {
			t.Errorf("unexpected error: %v", e)
		}
	}
	if len(a.Errors) == 0 || strings.Contains(string(a.raw), "654321") {
		t.Errorf("the answer holds what was stored: %s", a.raw)
	}
}

// TestSecretsStayOutOfLogs: the log knows every name that the schema marks.
func TestSecretsStayOutOfLogs(t *testing.T) {
	t.Parallel()
	server, err := graph.NewServer(graph.Options{Program: programtest.Of(t)})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	log := slog.New(telemetry.Redact(slog.NewTextHandler(&out, nil)))
	n := 0
	for _, def := range server.Schema().Types {
		for _, field := range def.Fields {
			if program.IsAddress(field) { // what leads to the file is good for nobody but who asked
				continue
			}
			if d := field.Directives.ForName("sensitive"); d == nil || len(d.Arguments) > 0 || def.Kind == ast.Object && field.Type.Name() != "String" {
				continue
			}
			n++
			log.Info("said", field.Name, "canary-1")
			log.Info("said", "body", `{"`+snake(field.Name)+`":"canary-2"}`)
		}
	}
	if n < 8 || strings.Contains(out.String(), "canary") {
		t.Errorf("of %d secrets the log shows\n%s", n, out.String())
	}
}

func snake(name string) string {
	var b strings.Builder
	for _, r := range name {
		if 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
