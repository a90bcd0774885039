package config_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"zoomgraph/internal/config"
	"zoomgraph/internal/peer"
)

// parse runs Parse with a made-up environment and, where file is not empty, a
// configuration file "conf.yaml" that --config names.
func parse(t *testing.T, file string, env map[string]string, args ...string) (any, error) {
	t.Helper()
	if file != "" {
		path := filepath.Join(t.TempDir(), "conf.yaml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(slices.Clone(args), "--config", path)
	}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	return config.Parse(args, lookup, io.Discard)
}

func zoomDefaults() config.Zoom {
	return config.Zoom{
		Share:       0.8,
		FieldFilter: config.FieldFilterAuto, Paths: config.PathsToday,
		APIURL:      "https://api.zoom.us/v2",
		OAuthURL:    "https://zoom.us/oauth",
		LogFormat:   config.LogText,
		MaxInFlight: 512,
	}
}

func defaults() config.Serve {
	return config.Serve{
		Addr:             "127.0.0.1:8080",
		UploadSpoolBytes: 128 << 20,
		RequestTimeout:   30 * time.Second,
		Introspection:    true,
		MaxCalls:         1000,
		Executor:         config.ExecutorPlanned,
		MaxAnswerBytes:   32 << 20,
		AnswersBudget:    64 << 20,
		MinAnswerRate:    256 << 10,
		RequestsBudget:   32 << 20,

		MaxInFlightRequests: 512, MaxSubscriptions: 1000, MaxSubscriptionsPerCaller: 100,
		HTTPStatus: config.CurrentStatus,
		CacheTTL:   30 * time.Second,
		ServeStale: 10 * time.Minute,
		SignIn:     config.SignIn{Allow: []string{"read"}, Idle: 8 * time.Hour, Life: 24 * time.Hour},
		Zoom:       zoomDefaults(),
	}
}

// networks are those of proxies.
func networks(list ...string) []peer.Network {
	all := make([]peer.Network, len(list))
	for i, text := range list {
		all[i].Prefix = netip.MustParsePrefix(text)
	}
	return all
}

func TestServe(t *testing.T) {
	t.Parallel()
	secretFile := filepath.Join(t.TempDir(), "secret")
	redisFile := filepath.Join(t.TempDir(), "redis")
	for path, text := range map[string]string{secretFile: "from file\n", redisFile: "unix:///run/redis.sock?db=1\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	account := map[string]string{"ZOOM_ACCOUNT_ID": "acct", "ZOOM_CLIENT_ID": "id", "ZOOM_CLIENT_SECRET": "s3cret"}
	with := func(base map[string]string, name, value string) map[string]string {
		out := map[string]string{name: value}
		for k, v := range base {
			if k != name {
				out[k] = v
			}
		}
		return out
	}
	signedIn := func(s *config.Serve) { s.AccountID, s.ClientID, s.ClientSecret = "acct", "id", "s3cret" }

	for _, tt := range []struct {
		name string
		file string
		env  map[string]string
		args []string
		want func(*config.Serve)
	}{
		{name: "nothing given"},
		{name: "the command by name", args: []string{"serve"}},
		{
			name: "flag over environment over file", file: "addr: 127.0.0.1:3\nrequest_timeout: 3s\nlog_level: warn",
			env:  map[string]string{"ZOOMGRAPH_ADDR": "127.0.0.1:2", "ZOOMGRAPH_REQUEST_TIMEOUT": "2s"},
			args: []string{"--addr", "127.0.0.1:1"},
			want: func(s *config.Serve) {
				s.Addr, s.RequestTimeout, s.LogLevel = "127.0.0.1:1", 2*time.Second, config.LogLevel(slog.LevelWarn)
			},
		},
		{
			name: "keys with dashes and underscores, lists, digits that stay as they are",
			file: "request-timeout: 5s\nno_explain: true\nallowed_origins: [https://a.example, https://b.example]\n" +
				"zoom_account_id: 0123\nzoom_client_id: 1e3\nzoom_client_secret: \"x y\"\nintrospection: off\nfield_filter: on\n",
			want: func(s *config.Serve) {
				s.RequestTimeout, s.NoExplain, s.Introspection = 5*time.Second, true, false
				s.AllowedOrigins = []string{"https://a.example", "https://b.example"}
				s.AccountID, s.ClientID, s.ClientSecret, s.FieldFilter = "0123", "1e3", "x y", config.FieldFilterOn
			},
		},
		{
			name: "proxies", file: "trusted_proxies: [10.0.0.0/8, ::1]", want: func(s *config.Serve) { s.TrustedProxies = networks("10.0.0.0/8", "::1/128") },
		},
		{
			name: "proxies of the environment", file: "trusted_proxies: [10.0.0.0/8]", env: map[string]string{"ZOOMGRAPH_TRUSTED_PROXIES": "192.168.0.1, fd00::/8"},
			want: func(s *config.Serve) { s.TrustedProxies = networks("192.168.0.1/32", "fd00::/8") },
		},
		{
			name: "proxies of flags", env: map[string]string{"ZOOMGRAPH_TRUSTED_PROXIES": "192.168.0.1"}, args: []string{"--trusted-proxies", "10.0.0.1,10.0.0.2", "--trusted-proxies=10.0.0.3"},
			want: func(s *config.Serve) { s.TrustedProxies = networks("10.0.0.1/32", "10.0.0.2/32", "10.0.0.3/32") },
		},
		{name: "a file of comments", file: "# nothing yet\n"},
		{
			name: "switches", env: map[string]string{"ZOOMGRAPH_NO_EXPLAIN": "on"}, args: []string{"--no-introspection"},
			want: func(s *config.Serve) { s.NoExplain, s.Introspection = true, false },
		},
		{
			name: "a switch with a value", args: []string{"--introspection=off"},
			want: func(s *config.Serve) { s.Introspection = false },
		},
		{name: "an empty variable is not set", env: map[string]string{"ZOOMGRAPH_ADDR": "", "ZOOM_CLIENT_ID": ""}},
		{name: "credentials", env: account, want: signedIn},
		{
			name: "another Zoom", env: with(account, "ZOOM_API_URL", "http://127.0.0.1:9/v2/"),
			want: func(s *config.Serve) {
				signedIn(s)
				s.APIURL, s.OAuthURL = "http://127.0.0.1:9/v2", "http://127.0.0.1:9/oauth"
			},
		},
		{
			name: "secret from a file", file: "zoom_client_secret_file: " + secretFile,
			env:  map[string]string{"ZOOM_ACCOUNT_ID": "acct", "ZOOM_CLIENT_ID": "id"},
			want: func(s *config.Serve) { signedIn(s); s.ClientSecret = "from file"; s.ClientSecretFile = secretFile },
		},
		{
			name: "secret from a file named by the environment",
			env:  map[string]string{"ZOOM_ACCOUNT_ID": "acct", "ZOOM_CLIENT_ID": "id", "ZOOM_CLIENT_SECRET_FILE": secretFile},
			want: func(s *config.Serve) { signedIn(s); s.ClientSecret = "from file"; s.ClientSecretFile = secretFile },
		},
		{
			name: "pacing", file: "zoom_plan: business\nzoom_rate: \"medium=60, light=80.5\"\nzoom_share: 1",
			want: func(s *config.Serve) {
				s.Plan, s.Share, s.Rate = config.PlanBusiness, 1, config.Rates{PerSecond: map[string]float64{"MEDIUM": 60, "LIGHT": 80.5}}
			},
		},
		{
			name: "groups", file: "zoom_group_model: legacy\nzoom_group_ranks: [Support, {group: \"A, B=C\", manages: [recording]}]", env: map[string]string{"ZOOM_GROUP_MODEL": "ranked"},
			want: func(s *config.Serve) {
				s.GroupModel = config.GroupModelRanked
				s.GroupRanks.List = []config.GroupRank{{Group: "Support"}, {Group: "A, B=C", Manages: []string{"recording"}}}
			},
		},
		{
			name: "groups on the command line", env: map[string]string{"ZOOM_GROUP_RANKS": "x"},
			args: []string{"--zoom-group-model", "ranked", "--zoom-group-ranks", "Support=in_meeting+recording.local_recording, Sales"},
			want: func(s *config.Serve) {
				s.GroupModel = config.GroupModelRanked
				s.GroupRanks.List = []config.GroupRank{{Group: "Support", Manages: []string{"in_meeting", "recording.local_recording"}}, {Group: "Sales"}}
			},
		},
		{name: "no pacing", env: map[string]string{"ZOOM_RATE": "off"}, want: func(s *config.Serve) { s.Rate = config.Rates{Off: true} }},
		{
			name: "caches", file: "cache_ttl: 1m\ncache_ttl_users: 2m\nserve_stale: 3m",
			env: map[string]string{"ZOOMGRAPH_CACHE_TTL_USERS": "0s", "ZOOMGRAPH_SERVE_STALE": "4m"}, args: []string{"--serve-stale", "0s"},
			want: func(s *config.Serve) { s.CacheTTL, s.CacheTTLUsers, s.ServeStale = time.Minute, new(time.Duration), 0 },
		},
		{name: "metrics", env: map[string]string{"ZOOMGRAPH_ADMIN_ADDR": ":9090"}, want: func(s *config.Serve) { s.AdminAddr = ":9090" }},
		{name: "profiles", env: map[string]string{"ZOOMGRAPH_ADMIN_ADDR": ":9090", "ZOOMGRAPH_PROFILES": "on"}, want: func(s *config.Serve) { s.AdminAddr, s.Profiles = ":9090", true }},
		{name: "room for uploads", file: "upload_spool_bytes: 67108864", want: func(s *config.Serve) { s.UploadSpoolBytes = 64 << 20 }},
		{
			name: "Redis", file: "redis_url: redis://:pw@redis:6379/1", env: map[string]string{"ZOOMGRAPH_REDIS_URL": "rediss://redis"},
			want: func(s *config.Serve) { s.RedisURL = "rediss://redis" },
		},
		{
			name: "Redis by a file", env: map[string]string{"ZOOMGRAPH_REDIS_URL_FILE": redisFile},
			want: func(s *config.Serve) { s.RedisURL, s.RedisURLFile = "unix:///run/redis.sock?db=1", redisFile },
		},
		{
			name: "a file for all commands", file: "zoom_share: 0.5\naddr: 127.0.0.1:3",
			want: func(s *config.Serve) { s.Share, s.Addr = 0.5, "127.0.0.1:3" },
		},
		{name: "IPv6 loopback", args: []string{"--addr", "[::1]:80"}, want: func(s *config.Serve) { s.Addr = "[::1]:80" }},
		{name: "localhost", args: []string{"--addr", "localhost:0"}, want: func(s *config.Serve) { s.Addr = "localhost:0" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd, err := parse(t, tt.file, tt.env, tt.args...)
			if err != nil {
				t.Fatal(err)
			}
			got := *cmd.(*config.Serve)
			got.Config = ""
			want := defaults()
			if tt.want != nil {
				tt.want(&want)
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(config.Zoom{}), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
				t.Errorf("configuration (-want +got):\n%s", diff)
			}
			if got.Sandboxed() != (want.AccountID == "") {
				t.Errorf("Sandboxed() = %v", got.Sandboxed())
			}
		})
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	secretFile := filepath.Join(t.TempDir(), "secret")
	empty := filepath.Join(t.TempDir(), "empty")
	badRedis := filepath.Join(t.TempDir(), "redis")
	for path, text := range map[string]string{secretFile: "x", empty: "\n", badRedis: "http://u:canary@redis"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name string
		file string
		env  map[string]string
		args []string
		want []string // parts of the message
	}{
		{name: "no proxy", args: []string{"--trusted-proxies", "10.0.0.1,proxy"}, want: []string{"--trusted-proxies", `"proxy"`, "10.0.0.0/8"}},
		{name: "a proxy with a port", env: map[string]string{"ZOOMGRAPH_TRUSTED_PROXIES": "10.0.0.1:80"}, want: []string{"ZOOMGRAPH_TRUSTED_PROXIES", `"10.0.0.1:80"`}},
		{name: "everybody is a proxy", file: "trusted_proxies: [0.0.0.0/0]", want: []string{"conf.yaml:1: trusted_proxies", `"0.0.0.0/0" trusts everybody`}},
		{name: "a proxy within a network", file: "trusted_proxies: 10.0.0.1/8", want: []string{"conf.yaml:1: trusted_proxies", "write 10.0.0.0/8 for the network"}},
		{name: "unknown flag", args: []string{"--adr", ":1"}, want: []string{"--adr"}},
		{name: "unknown command", args: []string{"srve"}, want: []string{"srve"}},
		{name: "unknown key", file: "# head\nadr: x\n", want: []string{"conf.yaml:2: adr:", "no such key", "addr"}},
		{name: "unknown key, another neighbour", file: "zoom_acount: x", want: []string{"conf.yaml:1: zoom_acount", "zoom_account_id"}},
		{name: "a file cannot name a file", file: "config: other.yaml", want: []string{"conf.yaml:1: config", "no such key"}},
		{name: "key twice", file: "log-level: info\nlog_level: warn", want: []string{"conf.yaml:2: log_level", "twice", "conf.yaml:1: log-level"}},
		{name: "key without a value", file: "addr:", want: []string{"conf.yaml:1: addr", "no value"}},
		{name: "a map for a value", file: "addr: {host: x}", want: []string{"conf.yaml:1: addr", "plain value"}},
		{name: "a list of lists", file: "allowed_origins: [[a, b]]", want: []string{"conf.yaml:1: allowed_origins", "plain values"}},
		{name: "not a map", file: "- addr", want: []string{"conf.yaml:1", "key: value"}},
		{name: "not YAML", file: "addr: [", want: []string{"conf.yaml:1"}},
		{name: "bad value in the file", file: "\nrequest_timeout: soon", want: []string{"conf.yaml:2: request_timeout", "soon"}},
		{name: "bad value in the environment", env: map[string]string{"ZOOMGRAPH_REQUEST_TIMEOUT": "soon"}, want: []string{"ZOOMGRAPH_REQUEST_TIMEOUT: ", "soon", "30s"}},
		{name: "bad switch", env: map[string]string{"ZOOMGRAPH_INTROSPECTION": "perhaps"}, want: []string{"ZOOMGRAPH_INTROSPECTION: ", "perhaps"}},
		{name: "bad value on the command line", args: []string{"--field-filter", "maybe"}, want: []string{"--field-filter", "maybe", "auto"}},
		{name: "no such executor", args: []string{"--executor", "graphql-js"}, want: []string{"--executor", "graphql-js", "planned", "gqlgen"}},
		{name: "bad log format", env: map[string]string{"ZOOMGRAPH_LOG_FORMAT": "xml"}, want: []string{"ZOOMGRAPH_LOG_FORMAT: ", "xml", "json"}},
		{name: "bad log level", args: []string{"--log-level", "loud"}, want: []string{"--log-level", "loud", "debug"}},
		{name: "unknown plan", args: []string{"--zoom-plan", "gold"}, want: []string{"--zoom-plan", `"gold"`, "business"}},
		{name: "unknown label", args: []string{"--zoom-rate", "mild=3"}, want: []string{"--zoom-rate", `"mild"`, "RESOURCE_INTENSIVE"}},
		{name: "no rate", args: []string{"--zoom-rate", "medium=0"}, want: []string{"--zoom-rate", "medium=0", "above zero"}},
		{name: "no requests", args: []string{"--max-in-flight-requests", "0"}, want: []string{"--max-in-flight-requests", "0 lets nobody in", "at least 1"}},
		{name: "no subscriptions", args: []string{"--max-subscriptions=-1"}, want: []string{"--max-subscriptions", "at least 1"}},
		{name: "no subscriptions of a caller", args: []string{"--max-subscriptions-per-caller", "0"}, want: []string{"--max-subscriptions-per-caller", "at least 1"}},
		{name: "no connections", args: []string{"--max-connections=-1"}, want: []string{"--max-connections", "1 or more"}},
		{name: "no bytes", args: []string{"--requests-budget", "4194303"}, want: []string{"--requests-budget", "4194304 or more"}},
		{name: "no calls", args: []string{"--max-calls", "0"}, want: []string{"--max-calls", "at least 1"}},
		{name: "no room for an answer", args: []string{"--max-answer-bytes", "1000"}, want: []string{"--max-answer-bytes", "1000", "65536"}},
		{name: "readers as slow as they like", args: []string{"--min-answer-rate", "0"}, want: []string{"--min-answer-rate", "at least 1"}},
		{name: "room for one answer", args: []string{"--answers-budget", "40000000"}, want: []string{"--answers-budget", "40000000", "67108864"}},
		{name: "share over one", args: []string{"--zoom-share", "1.5"}, want: []string{"--zoom-share", "1.5", "at most 1"}},
		{name: "no call in flight", args: []string{"--zoom-max-in-flight", "0"}, want: []string{"--zoom-max-in-flight", "0 ", "1 to 10000"}},
		{name: "too many calls in flight", env: map[string]string{"ZOOM_MAX_IN_FLIGHT": "10001"}, want: []string{"ZOOM_MAX_IN_FLIGHT", "10001", "1 to 10000"}},
		{name: "calls in flight in words", file: "zoom_max_in_flight: many", want: []string{"conf.yaml:1: zoom_max_in_flight", "many"}},
		{name: "unknown group model", args: []string{"--zoom-group-model", "flat"}, want: []string{"--zoom-group-model", `"flat"`, "legacy"}},
		{name: "ranks without a model", env: map[string]string{"ZOOM_GROUP_RANKS": "Sales"}, want: []string{"ZOOM_GROUP_RANKS", "only where the model is ranked"}},
		{name: "a rank of no group", args: []string{"--zoom-group-ranks", "Sales,"}, want: []string{"--zoom-group-ranks", "place 2"}},
		{name: "a section without a name", args: []string{"--zoom-group-ranks", "Sales="}, want: []string{"--zoom-group-ranks", "Sales", "without a name"}},
		{name: "ranks that are no JSON", args: []string{"--zoom-group-ranks", "[Sales]"}, want: []string{"--zoom-group-ranks", "JSON list"}},
		{name: "a key of a rank in the file", file: "zoom_group_ranks:\n  - {name: Sales}", want: []string{":2: name", "no such key", "manages"}},
		{name: "timeout of zero", args: []string{"--request-timeout", "0s"}, want: []string{"--request-timeout", "above zero"}},
		{name: "no such file", args: []string{"--config", "no-such.yaml"}, want: []string{"configuration file", "no-such.yaml"}},
		{name: "file from the environment", env: map[string]string{"ZOOMGRAPH_CONFIG": "no-such.yaml"}, want: []string{"configuration file", "no-such.yaml"}},
		{name: "all interfaces", args: []string{"--addr", ":8080"}, want: []string{"--addr", `":8080"`, "without callers", "loopback"}},
		{name: "another interface", env: map[string]string{"ZOOMGRAPH_ADDR": "10.0.0.1:80"}, want: []string{"ZOOMGRAPH_ADDR", "10.0.0.1:80", "loopback"}},
		{name: "no port", args: []string{"--addr", "127.0.0.1"}, want: []string{"--addr", "host:port"}},
		{name: "port out of range", args: []string{"--addr", "127.0.0.1:99999"}, want: []string{"--addr", "99999"}},
		{
			name: "one credential missing", env: map[string]string{"ZOOM_ACCOUNT_ID": "a", "ZOOM_CLIENT_ID": "b"},
			want: []string{"not complete", "ZOOM_CLIENT_SECRET missing"},
		},
		{
			name: "two credentials missing", env: map[string]string{"ZOOM_CLIENT_SECRET": "canary"},
			want: []string{"ZOOM_ACCOUNT_ID and ZOOM_CLIENT_ID missing"},
		},
		{
			name: "an address without credentials", env: map[string]string{"ZOOM_API_URL": "http://127.0.0.1:9/v2"},
			want: []string{"ZOOM_API_URL", "http://127.0.0.1:9/v2", "no credentials"},
		},
		{
			name: "an OAuth address without credentials", args: []string{"--zoom-oauth-url", "http://127.0.0.1:9/oauth"},
			want: []string{"--zoom-oauth-url", "no credentials"},
		},
		{name: "half an address", args: []string{"--zoom-api-url", "api.zoom.us"}, want: []string{"--zoom-api-url", "whole"}},
		{name: "an address with a user", args: []string{"--zoom-api-url", "https://u:canary@api.zoom.us"}, want: []string{"--zoom-api-url", "no user"}},
		{
			name: "secret twice", env: map[string]string{"ZOOM_CLIENT_SECRET": "canary", "ZOOM_CLIENT_SECRET_FILE": secretFile},
			want: []string{"ZOOM_CLIENT_SECRET and ZOOM_CLIENT_SECRET_FILE", "keep one"},
		},
		{
			name: "a chatbot without a secret", args: []string{"--zoom-account-id", "a", "--zoom-client-id", "b", "--zoom-client-secret", "canary", "--zoom-chatbot-client-id", "bot"},
			want: []string{"--zoom-chatbot-client-id", "sends no messages", "ZOOM_CHATBOT_CLIENT_SECRET"},
		},
		{
			name: "a chatbot's secret alone", env: map[string]string{"ZOOM_ACCOUNT_ID": "a", "ZOOM_CLIENT_ID": "b", "ZOOM_CLIENT_SECRET": "c", "ZOOM_CHATBOT_CLIENT_SECRET": "canary"},
			want: []string{"ZOOM_CHATBOT_CLIENT_SECRET: ", "without --zoom-chatbot-client-id"},
		},
		{
			name: "a chatbot without an account", env: map[string]string{"ZOOM_CHATBOT_CLIENT_ID": "bot", "ZOOM_CHATBOT_CLIENT_SECRET": "canary"},
			want: []string{"ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET", "leave ZOOM_CHATBOT_CLIENT_ID out"},
		},
		{name: "no secret file", args: []string{"--zoom-client-secret-file", "no-such"}, want: []string{"--zoom-client-secret-file", "no-such"}},
		{name: "empty secret file", args: []string{"--zoom-client-secret-file", empty}, want: []string{"--zoom-client-secret-file", "is empty"}},
		{name: "not a Redis", env: map[string]string{"ZOOMGRAPH_REDIS_URL": "http://:canary@redis:6379"}, want: []string{"ZOOMGRAPH_REDIS_URL", "redis://"}},
		{name: "no URL at all", args: []string{"--redis-url", "redis://:canary%zz@redis"}, want: []string{"--redis-url", "%25 for %"}},
		{name: "a Redis without a host", args: []string{"--redis-url", "redis://:canary@/1"}, want: []string{"--redis-url", "write host or host:port"}},
		{name: "a socket without a path", file: "redis_url: \"unix://\"", want: []string{"conf.yaml:1: redis_url", "path/to/socket"}},
		{name: "not a Redis in the file", args: []string{"--redis-url-file", badRedis}, want: []string{"--redis-url-file", "redis://"}},
		{name: "an authority without TLS", args: []string{"--redis-url", "redis://r", "--redis-ca-file", secretFile}, want: []string{"--redis-ca-file", "rediss://"}},
		{
			name: "an authority of nothing", env: map[string]string{"ZOOMGRAPH_REDIS_URL": "rediss://r", "ZOOMGRAPH_REDIS_CA_FILE": secretFile},
			want: []string{"ZOOMGRAPH_REDIS_CA_FILE", "-----BEGIN CERTIFICATE-----"},
		},
		{name: "no authority", file: "redis_url: rediss://r\nredis_ca_file: no-such", want: []string{"conf.yaml:2: redis_ca_file", "no-such"}},
		{
			name: "Redis twice", env: map[string]string{"ZOOMGRAPH_REDIS_URL": "redis://:canary@r", "ZOOMGRAPH_REDIS_URL_FILE": secretFile},
			want: []string{"ZOOMGRAPH_REDIS_URL and ZOOMGRAPH_REDIS_URL_FILE", "keep one"},
		},
		{name: "a cache of the past", args: []string{"--cache-ttl=-1s"}, want: []string{"--cache-ttl", "-1s", "0s or more"}},
		{name: "a cache of users of the past", env: map[string]string{"ZOOMGRAPH_CACHE_TTL_USERS": "-1s"}, want: []string{"ZOOMGRAPH_CACHE_TTL_USERS", "0s or more"}},
		{name: "staleness of the future", file: "serve_stale: -1m", want: []string{"conf.yaml:1: serve_stale", "0s or more"}},
		{name: "profiles without an admin address", args: []string{"--profiles"}, want: []string{"--profiles", "--admin-addr"}},
		{name: "no room for an upload", args: []string{"--upload-spool-bytes", "1000000"}, want: []string{"--upload-spool-bytes", "1000000", "4194304"}},
		{name: "an admin address without a port", args: []string{"--admin-addr", "metrics"}, want: []string{"--admin-addr", "host:port"}},
		{name: "export of what", args: []string{"export"}, want: []string{"settings"}},
		{name: "export of no fields", args: []string{"export", "settings"}, want: []string{"--fields"}},
		{name: "export from no view", args: []string{"export", "settings", "--fields", "a", "--option", "security"}, want: []string{"--option", `"security"`, "meeting_security"}},
		{name: "export in no format", args: []string{"export", "settings", "--fields", "a", "--format", "xlsx"}, want: []string{"--format", `"xlsx"`, "ndjson"}},
		{name: "export with dots", args: []string{"export", "settings", "--fields", "a", "--separator", "."}, want: []string{"--separator", `"."`, "semicolon"}},
		{name: "export of objects with a mark", args: []string{"export", "settings", "--fields", "a", "--format", "ndjson", "--bom"}, want: []string{"--bom and --separator", "--format csv"}},
		{name: "export of objects with a separator", args: []string{"export", "settings", "--fields", "a", "--out", "a.jsonl", "--separator", "tab"}, want: []string{"--bom and --separator"}},
		{name: "export of no status", args: []string{"export", "settings", "--fields", "a", "--status", "pending"}, want: []string{"--status", `"pending"`, "inactive"}},
		{name: "export to two files", args: []string{"export", "settings", "--fields", "a", "--out", "a", "--resume", "a"}, want: []string{"--out and --resume"}},
		{name: "export without patience", args: []string{"export", "settings", "--fields", "a", "--patience=-1s"}, want: []string{"--patience", "0s or more"}},
		{
			name: "export by half an account", env: map[string]string{"ZOOM_ACCOUNT_ID": "a"}, args: []string{"export", "settings", "--fields", "a"},
			want: []string{"not complete"},
		},
		{name: "an unknown key with an export", file: "fields: a", args: []string{"export", "settings", "--fields", "a"}, want: []string{"conf.yaml:1: fields", "no such key"}},
		{name: "sandbox users", args: []string{"sandbox", "--users", "0"}, want: []string{"--users", "1 or more"}},
		{name: "sandbox latency", args: []string{"sandbox", "--latency=-1s"}, want: []string{"--latency"}},
		{name: "sandbox label", args: []string{"sandbox", "--rps", "MEDIAN=1"}, want: []string{"--rps", "MEDIAN", "MEDIUM"}},
		{name: "sandbox rate", args: []string{"sandbox", "--rps", "MEDIUM=0"}, want: []string{"--rps", "MEDIUM"}},
		{name: "sandbox address", args: []string{"sandbox", "--addr", "here"}, want: []string{"--addr", "here"}},
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

func TestUsersTTL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want time.Duration
	}{
		{nil, 30 * time.Second},
		{[]string{"--cache-ttl", "1m"}, time.Minute},
		{[]string{"--cache-ttl-users", "0s"}, 0},
	} {
		cmd, err := parse(t, "", nil, tt.args...)
		if err != nil {
			t.Fatal(err)
		}
		if serve, ok := cmd.(*config.Serve); !ok || serve.UsersTTL() != tt.want {
			t.Errorf("%q: %v, want %v", tt.args, serve.UsersTTL(), tt.want)
		}
	}
}

func TestExportSettings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		file  string
		env   map[string]string
		args  []string
		want  func(*config.ExportSettings)
		lists []string
	}{
		{name: "fields alone"},
		{
			name: "a format by the ending", args: []string{"--out", "a.NDJSON"},
			want: func(e *config.ExportSettings) { e.Out, e.Format = "a.NDJSON", config.FormatNDJSON },
		},
		{
			name: "a format by the ending of what is resumed", args: []string{"--resume", "a.b.jsonl"},
			want: func(e *config.ExportSettings) { e.Resume, e.Format = "a.b.jsonl", config.FormatNDJSON },
		},
		{
			name: "a format over the ending", args: []string{"--out", "a.ndjson", "--format", "csv"},
			want: func(e *config.ExportSettings) { e.Out = "a.ndjson" },
		},
		{name: "a file without an ending", args: []string{"--out", "ndjson"}, want: func(e *config.ExportSettings) { e.Out = "ndjson" }},
		{
			name: "all of it", args: []string{"--option", "meeting_security", "--status", "all", "--patience", "24h", "--quiet"},
			want: func(e *config.ExportSettings) {
				e.Option, e.Status, e.Patience, e.Quiet = config.OptionMeetingSecurity, config.StatusAll, 24*time.Hour, true
			},
			lists: []string{"active", "inactive"},
		},
		{
			name: "what serve takes as well", file: "addr: 127.0.0.1:9\nzoom_plan: free\nzoom_share: 0.1\nlog_level: warn\nfield_filter: off",
			env: map[string]string{"ZOOM_PLAN": "business", "ZOOMGRAPH_REDIS_URL": "redis://r"}, args: []string{"--zoom-share", "0.5"},
			want: func(e *config.ExportSettings) {
				e.Plan, e.Share, e.LogLevel, e.RedisURL, e.FieldFilter = config.PlanBusiness, 0.5, config.LogLevel(slog.LevelWarn), "redis://r", config.FieldFilterOff
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd, err := parse(t, tt.file, tt.env, append([]string{"export", "settings", "--fields", "host_video,in_meeting.chat"}, tt.args...)...)
			if err != nil {
				t.Fatal(err)
			}
			got := *cmd.(*config.ExportSettings)
			got.Config = ""
			want := config.ExportSettings{
				Fields: []string{"host_video", "in_meeting.chat"}, Format: config.FormatCSV, Status: config.StatusActive, Patience: time.Hour, Zoom: zoomDefaults(),
			}
			if tt.want != nil {
				tt.want(&want)
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(config.Zoom{})); diff != "" {
				t.Errorf("configuration (-want +got):\n%s", diff)
			}
			if tt.lists == nil {
				tt.lists = []string{"active"}
			}
			if lists := got.Status.Lists(); !slices.Equal(lists, tt.lists) {
				t.Errorf("lists %q, want %q", lists, tt.lists)
			}
		})
	}
}

func TestOtherCommands(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want any
	}{
		{[]string{"schema", "--docs", "/tmp/docs"}, &config.Schema{Docs: "/tmp/docs", Diff: config.SchemaDiff{Format: "text"}}},
		{[]string{"schema"}, &config.Schema{Diff: config.SchemaDiff{Format: "text"}}},
		{
			[]string{"schema", "diff", "--openapi", "users.json", "meetings.yaml", "--format", "sdl", "--all"},
			&config.SchemaDiff{OpenAPI: []string{"users.json"}, Files: []string{"meetings.yaml"}, Format: "sdl", All: true},
		},
		{[]string{"version"}, &config.Version{}},
		{[]string{"scopes", "a.graphql", "b.graphql"}, &config.Scopes{Files: []string{"a.graphql", "b.graphql"}, Format: "text"}},
		{[]string{"scopes", "--format=json", "a.graphql"}, &config.Scopes{Files: []string{"a.graphql"}, Format: "json"}},
		{[]string{"sandbox"}, &config.Sandbox{Addr: "127.0.0.1:8099", Users: 500, Seed: 1, RPS: map[string]float64{}}},
		{
			[]string{
				"sandbox", "--addr", ":1", "--users", "3", "--seed", "9", "--latency", "50ms", "--rps", "medium=60,LIGHT=0.5",
				"--account-id", "a", "--client-id", "c", "--client-secret", "s",
			},
			&config.Sandbox{
				Addr: ":1", Users: 3, Seed: 9, Latency: 50 * time.Millisecond, RPS: map[string]float64{"MEDIUM": 60, "LIGHT": 0.5},
				AccountID: "a", ClientID: "c", ClientSecret: "s",
			},
		},
	} {
		got, err := parse(t, "", nil, tt.args...)
		if err != nil {
			t.Errorf("%v: %v", tt.args, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.args, diff)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{[]string{"--help"}, []string{"serve", "sandbox", "schema", "scopes", "export settings", "version"}},
		{[]string{"serve", "--help"}, []string{"--addr", "ZOOMGRAPH_ADDR", "--zoom-client-secret-file", "ZOOM_CLIENT_SECRET_FILE", "General:", "no authentication"}},
		{[]string{"export", "settings", "--help"}, []string{"--fields", "--resume", "Export:", "--zoom-client-secret", "ZOOMGRAPH_REDIS_URL"}},
		{[]string{"sandbox", "--help"}, []string{"--rps", "--latency"}},
		{[]string{"schema", "--help"}, []string{"--docs"}},
	} {
		var out bytes.Buffer
		_, err := config.Parse(tt.args, func(string) (string, bool) { return "", false }, &out)
		if !errors.Is(err, config.ErrHelp) {
			t.Errorf("%v: error %v, want ErrHelp", tt.args, err)
		}
		for _, part := range tt.want {
			if !strings.Contains(out.String(), part) {
				t.Errorf("%v: help does not mention %q:\n%s", tt.args, part, out.String())
			}
		}
	}
}

func TestSecretIsNotShown(t *testing.T) {
	t.Parallel()
	s := config.Serve{Zoom: config.Zoom{ClientSecret: "canary", RedisURL: "redis://:canary@r"}}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "config", s, "secret", s.ClientSecret)
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %q", s, s, s.ClientSecret), log.String()} {
		if strings.Contains(text, "canary") {
			t.Errorf("the secret is shown: %s", text)
		}
	}
}

func TestPaced(t *testing.T) {
	t.Parallel()
	account := []string{"--zoom-account-id", "a", "--zoom-client-id", "b", "--zoom-client-secret", "c"}
	for _, tt := range []struct {
		args []string
		want bool
	}{
		{nil, false},
		{[]string{"--zoom-rate", "medium=60"}, true},
		{[]string{"--zoom-plan", "free"}, true},
		{account, true},
		{append([]string{"--zoom-rate", "off"}, account...), false},
		{append([]string{"--zoom-api-url", "https://api-eu.zoom.us/v2"}, account...), true},
		{append([]string{"--zoom-api-url", "http://127.0.0.1:9/v2"}, account...), false},
		{append([]string{"--zoom-api-url", "https://zoom.us.example/v2", "--zoom-oauth-url", "https://zoom.us.example/oauth"}, account...), false},
		{append([]string{"--zoom-api-url", "https://api.zoomgov.com/v2"}, account...), true},
		{append([]string{"--zoom-api-url", "http://127.0.0.1:9/v2", "--zoom-plan", "business"}, account...), true},
	} {
		cmd, err := parse(t, "", nil, tt.args...)
		if err != nil {
			t.Fatal(err)
		}
		if serve, ok := cmd.(*config.Serve); !ok || serve.Paced() != tt.want {
			t.Errorf("%q: paced %t, want %t", tt.args, !tt.want, tt.want)
		}
	}
}

// A file is read once: what comes from a pipe is gone then, and a mistake in it must not become an empty file.
func TestAPipeIsReadOnce(t *testing.T) {
	t.Parallel()
	for _, command := range [][]string{nil, {"serve"}} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.WriteString("max-calls: nonsense\n")
		_ = w.Close()
		args := slices.Concat(command, []string{"--config", fmt.Sprintf("/dev/fd/%d", r.Fd())})
		if _, err := config.Parse(args, func(string) (string, bool) { return "", false }, io.Discard); err == nil || !strings.Contains(err.Error(), "max-calls") {
			t.Errorf("%q: %v", args, err)
		}
		_ = r.Close()
	}
}
