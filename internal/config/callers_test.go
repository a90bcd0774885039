package config_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/internal/callers/claim"
	"zoomgraph/internal/config"
)

// digest is what the file holds of a key.
func digest(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

const twoAccounts = `
accounts:
  acct-a: {zoom_account_id: 0123, client_id: x, client_secret_file: "SECRET", plan: business, webhook_secret_file: "SECRET"}
  acct-b:
    zoom_account_id: bb
    client-id: y
    client_secret: canary-b
    rate: "medium=5"
    share: 0.5
`

// filled writes a file of secrets, and puts its path and the digest of a key where they belong.
func filled(t *testing.T, file string) string {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("canary-a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("SECRET", secret, "DIGEST", digest("key"), "OTHER", digest("other")).Replace(file)
}

func parseServe(t *testing.T, file string, env map[string]string, args ...string) *config.Serve {
	t.Helper()
	cmd, err := parse(t, filled(t, file), env, args...)
	if err != nil {
		t.Fatal(err)
	}
	return cmd.(*config.Serve)
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	a := config.AccountEntry{
		ID: "acct-a", ZoomAccountID: "0123", ClientID: "x", ClientSecret: "canary-a", Plan: config.PlanBusiness, Share: 0.7,
		WebhookSecret: "canary-a", Paced: true,
	}
	b := config.AccountEntry{
		ID: "acct-b", ZoomAccountID: "bb", ClientID: "y", ClientSecret: "canary-b", Rate: config.Rates{PerSecond: map[string]float64{"MEDIUM": 5}}, Share: 0.5, Paced: true,
	}
	for _, tt := range []struct {
		name string
		file string
		env  map[string]string
		want []config.AccountEntry
	}{
		{
			name: "two, and what all share", file: twoAccounts + "zoom_share: 0.7\ncallers: [{name: n, key_sha256: DIGEST, account: acct-a}]",
			want: []config.AccountEntry{a, b},
		},
		{
			name: "one of the flags", env: map[string]string{"ZOOM_ACCOUNT_ID": "z", "ZOOM_CLIENT_ID": "c", "ZOOM_CLIENT_SECRET": "s"},
			want: []config.AccountEntry{{ID: "z", ZoomAccountID: "z", ClientID: "c", ClientSecret: "s", Share: 0.8, Paced: true}},
		},
		{
			name: "one of the file, elsewhere than Zoom", file: "accounts:\n  one: {zoom_account_id: z, client_id: c, client_secret: s}",
			env:  map[string]string{"ZOOM_API_URL": "http://127.0.0.1:1/v2"},
			want: []config.AccountEntry{{ID: "one", ZoomAccountID: "z", ClientID: "c", ClientSecret: "s", Share: 0.8}},
		},
		{
			name: "one with a chatbot", env: map[string]string{
				"ZOOM_ACCOUNT_ID": "z", "ZOOM_CLIENT_ID": "c", "ZOOM_CLIENT_SECRET": "s", "ZOOM_CHATBOT_CLIENT_ID": "bot", "ZOOM_CHATBOT_CLIENT_SECRET": "canary",
			},
			want: []config.AccountEntry{{ID: "z", ZoomAccountID: "z", ClientID: "c", ClientSecret: "s", ChatbotID: "bot", ChatbotSecret: "canary", Share: 0.8, Paced: true}},
		},
		{
			name: "one of the file with a chatbot",
			file: "accounts:\n  one: {zoom_account_id: z, client_id: c, client_secret: s, chatbot_client_id: bot, chatbot_client_secret_file: SECRET}",
			want: []config.AccountEntry{{ID: "one", ZoomAccountID: "z", ClientID: "c", ClientSecret: "s", ChatbotID: "bot", ChatbotSecret: "canary-a", Share: 0.8, Paced: true}},
		},
		{name: "the sandbox", want: []config.AccountEntry{{ID: "sandbox", ZoomAccountID: "sandbox", ClientID: "sandbox", ClientSecret: "sandbox", ChatbotID: "sandbox", ChatbotSecret: "sandbox", Share: 0.8, GroupModel: config.GroupModelLegacy}}},
		{
			name: "one whose groups are ranked, by ids, names and what they manage",
			file: "accounts:\n  one:\n    zoom_account_id: z\n    client_id: c\n    client_secret: s\n    group_model: ranked\n    group_ranks:\n" +
				"      - Research, Development\n      - {group: 0123, manages: [in_meeting, recording.local_recording]}\n      - group: Guests\n        manages: []\n",
			want: []config.AccountEntry{{
				ID: "one", ZoomAccountID: "z", ClientID: "c", ClientSecret: "s", Share: 0.8, Paced: true, GroupModel: config.GroupModelRanked,
				GroupRanks: config.GroupRanks{List: []config.GroupRank{
					{Group: "Research, Development"}, {Group: "0123", Manages: []string{"in_meeting", "recording.local_recording"}}, {Group: "Guests", Manages: []string{}},
				}},
			}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			serve := parseServe(t, tt.file, tt.env)
			if diff := cmp.Diff(tt.want, serve.Accounts()); diff != "" {
				t.Errorf("accounts (-want +got):\n%s", diff)
			}
			if serve.Sandboxed() != (tt.name == "the sandbox") {
				t.Errorf("Sandboxed() = %v", serve.Sandboxed())
			}
		})
	}
}

func TestCallers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		file          string
		args          []string
		callers       []config.Caller
		oidc          *config.OIDC
		authenticated bool
		introspection bool
	}{
		{name: "nobody in particular", introspection: true},
		{
			name: "keys", file: twoAccounts + "callers:\n  - {name: dashboard, key_sha256: \"DIGEST\", account: acct-a, allow: [read, write, secrets]}\n  - name: reader\n    key-sha256: OTHER\n    account: acct-b\n",
			callers: []config.Caller{
				{Name: "dashboard", KeySHA256: sha256.Sum256([]byte("key")), Account: "acct-a", Allow: []string{"read", "write", "secrets"}},
				{Name: "reader", KeySHA256: sha256.Sum256([]byte("other")), Account: "acct-b", Allow: []string{"read"}},
			},
			authenticated: true,
		},
		{
			name: "of the sandbox, and open to other machines", file: "callers: [{name: n, key_sha256: DIGEST}]", args: []string{"--addr", ":8080", "--introspection"},
			callers:       []config.Caller{{Name: "n", KeySHA256: sha256.Sum256([]byte("key")), Account: "sandbox", Allow: []string{"read"}}},
			authenticated: true, introspection: true,
		},
		{
			name: "an issuer", file: "oidc: {issuer: https://id.example/x/, audience: zoomgraph}", args: []string{"--addr", "10.0.0.1:80"},
			oidc: &config.OIDC{Issuer: "https://id.example/x/", Audience: "zoomgraph", Allow: []string{"read"}}, authenticated: true,
		},
		{
			name: "permissions of all tokens", file: "oidc: {issuer: http://127.0.0.1:1, audience: z, allow: [read, secrets]}",
			oidc: &config.OIDC{Issuer: "http://127.0.0.1:1", Audience: "z", Allow: []string{"read", "secrets"}}, authenticated: true,
		},
		{
			name: "all of an issuer",
			file: twoAccounts + `oidc:
  issuer: http://127.0.0.1:1
  audience: z
  audience_claim: client_id
  account-claim: https://x\.example/a.zoom
  allow_claim: "realm_access.roles"
  allow_values: {zoom-admins: [read, write, secrets], "Zoom Viewers": [read], https://x/nobody: []}
`,
			oidc: &config.OIDC{
				Issuer: "http://127.0.0.1:1", Audience: "z", AudienceClaim: claim.Path{"client_id"}, AccountClaim: claim.Path{"https://x.example/a", "zoom"},
				AllowClaim:  claim.Path{"realm_access", "roles"},
				AllowValues: map[string][]string{"zoom-admins": {"read", "write", "secrets"}, "Zoom Viewers": {"read"}, "https://x/nobody": {}},
			},
			authenticated: true,
		},
		{name: "tokens of Zoom", args: []string{"--pass-through"}, authenticated: true},
		{name: "tokens of Zoom, and the schema", file: "pass_through: on\nintrospection: on", authenticated: true, introspection: true},
		{name: "no schema", args: []string{"--no-introspection"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			serve := parseServe(t, tt.file, nil, tt.args...)
			if diff := cmp.Diff(tt.callers, serve.Callers); diff != "" {
				t.Errorf("callers (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.oidc, serve.OIDC); diff != "" {
				t.Errorf("issuer (-want +got):\n%s", diff)
			}
			if serve.Authenticated() != tt.authenticated || serve.Introspection != tt.introspection {
				t.Errorf("Authenticated() = %v, Introspection = %v", serve.Authenticated(), serve.Introspection)
			}
		})
	}
}

func TestMistakesOfCallers(t *testing.T) {
	t.Parallel()
	account := "accounts:\n  one: {zoom_account_id: z, client_id: c, client_secret: canary}\n"
	caller := func(rest string) string { return "callers:\n  - {" + rest + "}" }
	for _, tt := range []struct {
		name string
		file string
		env  map[string]string
		args []string
		want []string
	}{
		{
			name: "accounts and flags", file: account, env: map[string]string{"ZOOM_ACCOUNT_ID": "z"},
			want: []string{"ZOOM_ACCOUNT_ID and ", "conf.yaml:1: accounts", "both given"},
		},
		{name: "several accounts and nobody's", file: twoAccounts, want: []string{"conf.yaml:2: accounts", "several accounts", "callers or oidc"}},
		{name: "all accounts again", file: account + account, want: []string{"conf.yaml:3", "already defined"}},
		{name: "an issuer again, in another document", file: "oidc: {}\n---\noidc: {}", want: []string{"conf.yaml:3: oidc", "given twice, first at"}},
		{name: "one account again", file: account + "  one: {zoom_account_id: y}", want: []string{"conf.yaml:3", "already defined"}},
		{name: "a key again, in other letters", file: "accounts: {a: {client_id: c, client-id: d}}", want: []string{"conf.yaml:1: client-id", "given twice"}},
		{name: "one app twice", file: account + "  two: {zoom_account_id: z, client_id: c, client_secret: d}", want: []string{"conf.yaml:3: two", "same account and app as one"}},
		{name: "no account", file: "accounts: {}", want: []string{"conf.yaml:1: accounts", "no account"}},
		{name: "a list of accounts", file: "accounts: [a]", want: []string{"conf.yaml:1: accounts", "key: value"}},
		{name: "an account that is a text", file: "accounts: {a: b}", want: []string{"conf.yaml:1: a", "key: value"}},
		{name: "an odd key of an account", file: "accounts: {a/b: {client_id: c}}", want: []string{"conf.yaml:1: a/b", "64 letters"}},
		{name: "an unknown key", file: "accounts:\n  a:\n    client_idd: c", want: []string{"conf.yaml:3: client_idd", "no such key", "client_id"}},
		{name: "a key of an account without a value", file: "accounts: {a: {client_id: }}", want: []string{"conf.yaml:1: client_id", "no value"}},
		{name: "a list for a value", file: "accounts: {a: {client_id: [a]}}", want: []string{"conf.yaml:1: client_id", "plain value"}},
		{name: "half an account", file: "accounts: {a: {client_id: c}}", want: []string{"conf.yaml:1: a", "client_secret or client_secret_file and zoom_account_id missing"}},
		{name: "a bad plan", file: "accounts: {a: {plan: gold}}", want: []string{"conf.yaml:1: plan", "gold", "business"}},
		{name: "a bad rate", file: "accounts: {a: {rate: mild=1}}", want: []string{"conf.yaml:1: rate", "mild"}},
		{name: "a share that is none", file: "accounts: {a: {share: 2}}", want: []string{"conf.yaml:1: a", "share", "at most 1"}},
		{name: "a share that is no number", file: "accounts: {a: {share: 1x}}", want: []string{"conf.yaml:1: share", `"1x"`, "not a number"}},
		{name: "a bad group model", file: "accounts: {a: {group_model: flat}}", want: []string{"conf.yaml:1: group_model", "flat", "ranked"}},
		{
			name: "ranks without a model", file: "accounts:\n  one:\n    {zoom_account_id: z, client_id: c, client_secret: canary, group_ranks: [Sales]}",
			want: []string{"conf.yaml:2: one", "group_ranks", "only where the model is ranked"},
		},
		{name: "ranks that are no list", file: "accounts: {a: {group_ranks: Sales}}", want: []string{"conf.yaml:1: group_ranks", "list"}},
		{name: "an unknown key of a rank", file: "accounts:\n  a:\n    group_ranks:\n      - {group: Sales, manage: [in_meeting]}", want: []string{"conf.yaml:4: manage", "no such key", "manages"}},
		{name: "a rank of no group", file: "accounts:\n  a:\n    group_ranks:\n      - Sales\n      - {manages: [in_meeting]}", want: []string{"conf.yaml:3: group_ranks", "place 2", "neither an id nor a name"}},
		{name: "two secrets", file: "accounts: {a: {client_secret: canary, client_secret_file: f}}", want: []string{"conf.yaml:1: a", "keep one"}},
		{
			name: "a chatbot without a secret", file: "accounts:\n  one: {zoom_account_id: z, client_id: c, client_secret: canary, chatbot_client_id: bot}",
			want: []string{"conf.yaml:2: one", "chatbot_client_secret or chatbot_client_secret_file missing"},
		},
		{name: "a chatbot's secret alone", file: "accounts: {a: {chatbot_client_secret: canary}}", want: []string{"conf.yaml:1: a", "chatbot_client_id missing"}},
		{
			name: "a chatbot's secret twice", file: "accounts: {a: {chatbot_client_secret: canary, chatbot_client_secret_file: f}}",
			want: []string{"conf.yaml:1: a", "chatbot_client_secret and chatbot_client_secret_file", "keep one"},
		},
		{name: "accounts and a chatbot by flags", file: account, env: map[string]string{"ZOOM_CHATBOT_CLIENT_ID": "b"}, want: []string{"ZOOM_CHATBOT_CLIENT_ID and ", "both given"}},
		{name: "no such secret", file: "accounts: {a: {webhook_secret_file: no-such}}", want: []string{"conf.yaml:1: a", "webhook_secret_file", "no-such"}},

		{name: "a caller that is a text", file: "callers: [a]", want: []string{"conf.yaml:1: callers", "key: value"}},
		{name: "callers that are no list", file: "callers: {name: a}", want: []string{"conf.yaml:1: callers", "list"}},
		{name: "no caller", file: "callers: []", want: []string{"conf.yaml:1: callers", "no caller"}},
		{name: "half a caller", file: caller("name: a"), want: []string{"conf.yaml:2: callers", "key_sha256 missing"}},
		{name: "an odd name", file: caller("name: \"a b\", key_sha256: DIGEST"), want: []string{"conf.yaml:2", "name", "64 letters"}},
		{name: "a key in place of its digest", file: caller("name: a, key_sha256: canary"), want: []string{"key_sha256", "64 hexadecimal", "zoomgraph caller new a"}},
		{name: "a long digest", file: caller("name: a, key_sha256: DIGESTDIGEST"), want: []string{"key_sha256", "64 hexadecimal"}},
		{name: "no such permission", file: caller("name: a, key_sha256: DIGEST, allow: [read, admin]"), want: []string{"allow", `"admin"`, "secrets"}},
		{name: "a permission twice", file: caller("name: a, key_sha256: DIGEST, allow: [read, read]"), want: []string{"allow", "read is given twice"}},
		{name: "no list of permissions", file: caller("name: a, key_sha256: DIGEST, allow: read"), want: []string{"conf.yaml:2: allow", "list"}},
		{name: "write only", file: caller("name: a, key_sha256: DIGEST, allow: [write]"), want: []string{"allow", "read is missing"}},
		{name: "no such account", file: account + caller("name: a, key_sha256: DIGEST, account: two"), want: []string{"conf.yaml:4: callers", "account", `"two"`, "one"}},
		{name: "no account of two", file: twoAccounts + caller("name: a, key_sha256: DIGEST"), want: []string{"account", "missing", "acct-a and acct-b"}},
		{name: "one name of two", file: caller("name: a, key_sha256: DIGEST") + "\n  - {name: a, key_sha256: OTHER}", want: []string{"conf.yaml:3", "two callers a"}},
		{name: "one key of two", file: caller("name: a, key_sha256: DIGEST") + "\n  - {name: b, key_sha256: DIGEST}", want: []string{"conf.yaml:3", "a and b have the same key"}},

		{name: "half an issuer", file: "oidc: {issuer: https://x}", want: []string{"conf.yaml:1: oidc", "audience missing"}},
		{name: "an issuer in the open", file: "oidc: {issuer: http://id.example, audience: a}", want: []string{"issuer", "https"}},
		{name: "no address", file: "oidc: {issuer: id.example, audience: a}", want: []string{"issuer", "not an address"}},
		{name: "no permissions by tokens", file: "oidc: {issuer: https://x, audience: a, allow: []}", want: []string{"allow", "read is missing"}},
		{name: "permissions by tokens and by nothing", file: "oidc: {issuer: https://x, audience: a, allow_claim: b, allow: [read]}", want: []string{"conf.yaml:1: oidc", "allow and allow_claim are both given"}},
		{name: "values without a claim", file: "oidc: {issuer: https://x, audience: a, allow_values: {b: [read]}}", want: []string{"conf.yaml:1: oidc", "allow_values needs allow_claim"}},
		{name: "a value of no permission", file: "oidc: {issuer: https://x, audience: a, allow_claim: b, allow_values: {c: [read], d: [admin]}}", want: []string{"allow_values: d", `"admin"`, "secrets"}},
		{name: "a value of a text", file: "oidc: {issuer: https://x, audience: a, allow_claim: b, allow_values: {c: read}}", want: []string{"conf.yaml:1: allow_values", "c", "list"}},
		{name: "values in a list", file: "oidc: {issuer: https://x, audience: a, allow_claim: b, allow_values: [c]}", want: []string{"conf.yaml:1: allow_values", "`name: [list]`"}},
		{name: "a path with an empty name", file: "oidc: {issuer: https://x, audience: a, allow_claim: b..c}", want: []string{"conf.yaml:1: allow_claim", `"b..c"`, "realm_access.roles"}},
		{name: "a path with a backslash", file: "oidc: {issuer: https://x, audience: a, account_claim: 'b\\c'}", want: []string{"conf.yaml:1: account_claim", "backslash"}},
		{name: "whose account by tokens", file: twoAccounts + "oidc: {issuer: https://x, audience: a}", want: []string{"account_claim missing", "acct-a or acct-b"}},

		{name: "a caller without a name", args: []string{"caller", "new"}, want: []string{"name"}},
		{name: "a new caller's odd name", args: []string{"caller", "new", "a b"}, want: []string{`"a b"`, "64 letters"}},
		{name: "a new caller's odd account", args: []string{"caller", "new", "a", "--account", "a/b"}, want: []string{"--account", "64 letters"}},
		{name: "a new caller's permissions", args: []string{"caller", "new", "a", "--allow", "write"}, want: []string{"--allow", "read is missing"}},

		{name: "export of which", file: twoAccounts, args: []string{"export", "settings", "--fields", "a"}, want: []string{"--account", "missing", "acct-a and acct-b"}},
		{name: "export of none", file: account, args: []string{"export", "settings", "--fields", "a", "--account", "x"}, want: []string{"--account", `"x"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(t, filled(t, tt.file), tt.env, tt.args...)
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), digest("key")) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q shows a secret or has several lines", err)
			}
		})
	}
}

// TestExportOfOneAccount: an export is of one account, as if flags had given it.
func TestExportOfOneAccount(t *testing.T) {
	t.Parallel()
	cmd, err := parse(t, filled(t, twoAccounts), nil, "export", "settings", "--fields", "a", "--account", "acct-b")
	if err != nil {
		t.Fatal(err)
	}
	export := cmd.(*config.ExportSettings)
	if export.AccountID != "bb" || export.ClientSecret != "canary-b" || export.Share != 0.5 || export.Rate.PerSecond["MEDIUM"] != 5 || len(export.Accounts()) != 1 || export.Sandboxed() {
		t.Errorf("got %+v", export)
	}
}

func TestCallerNew(t *testing.T) {
	t.Parallel()
	cmd, err := parse(t, "", nil, "caller", "new", "dashboard", "--account", "acct-a", "--allow", "read,write")
	if err != nil {
		t.Fatal(err)
	}
	want := &config.CallerNew{Name: "dashboard", Account: "acct-a", Allow: []string{"read", "write"}}
	if diff := cmp.Diff(want, cmd); diff != "" {
		t.Errorf("command (-want +got):\n%s", diff)
	}
}
