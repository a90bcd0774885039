package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/internal/config"
)

// TestSignIn: the block of the file, the variables and the flags give one set of options, and that counts as callers.
func TestSignIn(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		file     string
		env      map[string]string
		args     []string
		want     config.SignIn
		accounts []string
	}{
		{
			name: "in a minute", args: []string{"--sign-in-client-id", "a", "--sign-in-client-secret", "b"},
			want: config.SignIn{ClientID: "a", ClientSecret: "b", Allow: []string{"read"}, Idle: 8 * time.Hour, Life: 24 * time.Hour},
		},
		{
			name: "all in the file",
			file: twoAccounts + "addr: :8080\npublic_url: https://zoom.example.com/\nstate_dir: /var/lib/z\n" +
				"sign_in:\n  client_id: a\n  client_secret: b\n  allow: [read, write]\n  accounts: [x, y]\n  idle: 1h\n  life: 2h\n",
			want: config.SignIn{
				PublicURL: "https://zoom.example.com", ClientID: "a", ClientSecret: "b", Allow: []string{"read", "write"}, Accounts: []string{"x", "y"},
				Idle: time.Hour, Life: 2 * time.Hour, StateDir: "/var/lib/z",
			},
			accounts: []string{"x", "y"},
		},
		{
			name: "below a path", args: []string{"--sign-in-client-id", "a", "--sign-in-client-secret", "b", "--public-url", "HTTPS://Example.com:443/zoomgraph/"},
			want: config.SignIn{PublicURL: "https://example.com/zoomgraph", ClientID: "a", ClientSecret: "b", Allow: []string{"read"}, Idle: 8 * time.Hour, Life: 24 * time.Hour},
		},
		{
			name: "a loopback name", args: []string{"--sign-in-client-id", "a", "--sign-in-client-secret", "b", "--public-url", "http://zoomgraph.localhost:8080"},
			want: config.SignIn{PublicURL: "http://zoomgraph.localhost:8080", ClientID: "a", ClientSecret: "b", Allow: []string{"read"}, Idle: 8 * time.Hour, Life: 24 * time.Hour},
		},
		{
			name: "flag over environment over file", file: twoAccounts + "sign_in: {client_id: f, idle: 1m, life: 4h}\nsign_in_allow: read",
			env: map[string]string{
				"ZOOMGRAPH_SIGN_IN_CLIENT_ID": "e", "ZOOMGRAPH_SIGN_IN_CLIENT_SECRET_FILE": secret, "ZOOMGRAPH_SIGN_IN_IDLE": "2m",
				"ZOOMGRAPH_PUBLIC_URL": "http://localhost:9000",
			},
			args:     []string{"--sign-in-idle", "3m", "--sign-in-allow", "read,secrets"},
			want:     config.SignIn{PublicURL: "http://localhost:9000", ClientID: "e", ClientSecret: "from a file", ClientSecretFile: secret, Allow: []string{"read", "secrets"}, Idle: 3 * time.Minute, Life: 4 * time.Hour},
			accounts: []string{"0123", "bb"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			serve := parseServe(t, filled(t, tt.file), tt.env, tt.args...)
			if diff := cmp.Diff(tt.want, serve.SignIn); diff != "" {
				t.Errorf("sign-in (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.accounts, serve.SignInAccounts()); diff != "" {
				t.Errorf("whose users may sign in (-want +got):\n%s", diff)
			}
			if !serve.Authenticated() || serve.Introspection || !serve.SignIn.On() {
				t.Errorf("Authenticated() = %v, Introspection = %v", serve.Authenticated(), serve.Introspection)
			}
		})
	}
}

func TestMistakesOfSignIn(t *testing.T) {
	t.Parallel()
	both := []string{"--sign-in-client-id", "a", "--sign-in-client-secret", "canary"}
	with := func(more ...string) []string { return append(append([]string{}, both...), more...) }
	for _, tt := range []struct {
		name string
		file string
		env  map[string]string
		args []string
		want []string
	}{
		{name: "no secret", args: both[:2], want: []string{"--sign-in-client-id", "ZOOMGRAPH_SIGN_IN_CLIENT_SECRET"}},
		{name: "no client", args: both[2:], want: []string{"--sign-in-client-secret", "without --sign-in-client-id"}},
		{name: "a folder for nothing", file: "state_dir: x", want: []string{"conf.yaml:1: state_dir", "without --sign-in-client-id"}},
		{name: "a life for nothing", file: "sign_in: {life: 9h}", want: []string{"conf.yaml:1: life", "without --sign-in-client-id"}},
		{name: "two secrets", args: with("--sign-in-client-secret-file", "f"), want: []string{"keep one"}},
		{name: "no such permission", args: with("--sign-in-allow", "all"), want: []string{"--sign-in-allow", `"all"`}},
		{name: "write only", env: map[string]string{"ZOOMGRAPH_SIGN_IN_ALLOW": "write"}, args: both, want: []string{"ZOOMGRAPH_SIGN_IN_ALLOW", "read is missing"}},
		{name: "no address", args: with("--addr", ":8080"), want: []string{"--public-url", "missing", "https://"}},
		{name: "no TLS", args: with("--public-url", "http://zoom.example.com"), want: []string{"--public-url", "https://"}},
		{name: "a path of its own", args: with("--public-url", "https://zoom.example.com/graphql"), want: []string{"--public-url", "/graphql", "choose another"}},
		{name: "a path that goes up", args: with("--public-url", "https://zoom.example.com/a/../b"), want: []string{"--public-url", "plain characters"}},
		{name: "a query", args: []string{"--public-url", "https://zoom.example.com/a?b"}, want: []string{"--public-url", "plain characters"}},
		{name: "half an address", args: with("--public-url", "zoom.example.com"), want: []string{"--public-url", "write a scheme, a host"}},
		{name: "no idle life", args: with("--sign-in-idle", "0s"), want: []string{"--sign-in-idle", "above zero"}},
		{name: "a life that is too short", args: with("--sign-in-life", "1h"), want: []string{"--sign-in-life", "8h0m0s", "--sign-in-idle"}},
		{name: "two places", args: with("--state-dir", "x", "--redis-url", "redis://r"), want: []string{"--state-dir", "--redis-url"}},
		{name: "an unknown key", file: "sign_in:\n  client_ids: a", want: []string{"conf.yaml:2: client_ids", "no such key here", "client_id"}},
		{name: "another's key", file: "sign_in: {addr: a}", want: []string{"conf.yaml:1: addr", "no such key here"}},
		{name: "a text", file: "sign_in: a", want: []string{"conf.yaml:1: sign_in", "key: value"}},
		{name: "a key twice", file: "sign_in_idle: 1h\nsign_in: {idle: 1h}", want: []string{"conf.yaml:2: idle", "given twice, first at", "sign_in_idle"}},
		{name: "a map within", file: "sign_in: {client_id: {a: b}}", want: []string{"conf.yaml:1: client_id", "plain value"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(t, tt.file, tt.env, tt.args...)
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q shows a secret or has several lines", err)
			}
		})
	}
}
