package config

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoomgraph/internal/peer"
)

// minRequestsBudget is the least RequestsBudget: one caller may hold a quarter, and a request has 1 MiB at most.
const minRequestsBudget = 4 << 20

// Serve configures the service itself. Without credentials (see Sandboxed) it
// answers from the embedded Zoom.
type Serve struct {
	Addr           string        `environ:"ZOOMGRAPH_ADDR" group:"service" default:"127.0.0.1:8080" help:"Address to listen on; where no callers are configured, loopback only."`
	AdminAddr      string        `environ:"ZOOMGRAPH_ADMIN_ADDR" group:"service" placeholder:"ADDR" unset:"off" help:"Address to serve metrics and /readyz?verbose on, to everyone who reaches it: there is no authentication (off if not given)."`
	Profiles       bool          `environ:"ZOOMGRAPH_PROFILES" group:"service" unset:"off" help:"Serve profiles at /debug/pprof/ of --admin-addr as well."`
	MaxCalls       int           `environ:"ZOOMGRAPH_MAX_CALLS" group:"limits" default:"1000" help:"Zoom calls that one operation may cost at worst; what may cost more is refused before it runs."`
	RequestTimeout time.Duration `environ:"ZOOMGRAPH_REQUEST_TIMEOUT" group:"limits" default:"30s" help:"Longest time one request may take, Zoom's answers included."`

	MaxInFlightRequests       int `environ:"ZOOMGRAPH_MAX_IN_FLIGHT_REQUESTS" group:"limits" default:"512" help:"Requests that are answered at a time; accounts and callers share them."`
	MaxSubscriptions          int `environ:"ZOOMGRAPH_MAX_SUBSCRIPTIONS" group:"limits" default:"1000" help:"Subscriptions that run at a time."`
	MaxSubscriptionsPerCaller int `environ:"ZOOMGRAPH_MAX_SUBSCRIPTIONS_PER_CALLER" group:"limits" default:"100" help:"Subscriptions of one caller, over all its connections."`

	MaxConnections int   `environ:"ZOOMGRAPH_MAX_CONNECTIONS" group:"limits" default:"0" help:"Connections that the service accepts at most; idle ones give way to new ones (0: 2048, or fewer where the limit of descriptors leaves fewer)."`
	RequestsBudget int64 `environ:"ZOOMGRAPH_REQUESTS_BUDGET" group:"limits" default:"33554432" placeholder:"BYTES" help:"Bytes that the requests and socket messages of all callers hold together while they are read and answered; one caller may hold a quarter."`

	MaxAnswerBytes int `environ:"ZOOMGRAPH_MAX_ANSWER_BYTES" group:"limits" default:"33554432" placeholder:"N" help:"Most bytes of one answer; what is estimated to be larger is refused before it runs, and what turns out larger ends with an error."`
	AnswersBudget  int `environ:"ZOOMGRAPH_ANSWERS_BUDGET" group:"limits" default:"67108864" placeholder:"N" help:"Most bytes of all answers together that are written or wait for their clients; more are answered 503."`
	MinAnswerRate  int `environ:"ZOOMGRAPH_MIN_ANSWER_RATE" group:"limits" default:"262144" placeholder:"N" help:"Bytes a second that a client has to take its answer at; whoever is ten seconds behind is cut off."`

	Executor Executor `environ:"ZOOMGRAPH_EXECUTOR" group:"service" default:"planned" help:"What executes queries: planned (a document is looked at once), or gqlgen, which answers the same with more work."`

	Introspection    bool           `environ:"ZOOMGRAPH_INTROSPECTION" group:"callers" negatable:"" unset:"on, where no callers are configured" help:"Let clients read the schema (on only where no callers are configured)."`
	AllowedOrigins   []string       `environ:"ZOOMGRAPH_ALLOWED_ORIGINS" group:"callers" placeholder:"ORIGIN" unset:"the service's own" help:"Web origins that may call from a browser, such as https://admin.example.com; the service's own may always."`
	TrustedProxies   []peer.Network `environ:"ZOOMGRAPH_TRUSTED_PROXIES" group:"callers" placeholder:"NETWORK" unset:"none" help:"Addresses and networks of proxies whose X-Forwarded-For tells a client's address, such as 10.0.0.0/8."`
	PassThrough      bool           `environ:"ZOOMGRAPH_PASS_THROUGH" group:"callers" help:"Let a Zoom user call with their own access token; Zoom is then called with that."`
	HTTPStatus       HTTPStatus     `name:"http-status" environ:"ZOOMGRAPH_HTTP_STATUS" group:"answers" default:"current" help:"Statuses of application/graphql-response+json: current, or draft2026 (294 for data with errors, 422 for what cannot run)."`
	Documents        string         `environ:"ZOOMGRAPH_DOCUMENTS" group:"callers" placeholder:"FILE" unset:"none" help:"Manifest of documents that requests may name by their ids, as GraphQL Code Generator, Relay or Apollo write it."`
	DocumentsOnly    bool           `environ:"ZOOMGRAPH_DOCUMENTS_ONLY" group:"callers" help:"Refuse all documents but those of --documents."`
	UploadSpoolBytes int64          `environ:"ZOOMGRAPH_UPLOAD_SPOOL_BYTES" group:"limits" default:"134217728" placeholder:"N" help:"Bytes that uploads under way may hold together, in memory and in temporary files; one caller may hold half of it."`
	NoExplain        bool           `environ:"ZOOMGRAPH_NO_EXPLAIN" group:"answers" help:"Leave extensions.zoom (cost, absent fields, calls) out of the answers."`

	CacheTTL      time.Duration  `environ:"ZOOMGRAPH_CACHE_TTL" group:"answers" default:"30s" help:"How long what Zoom answered is known; 0 asks Zoom each time."`
	CacheTTLUsers *time.Duration `environ:"ZOOMGRAPH_CACHE_TTL_USERS" group:"answers" placeholder:"DURATION" unset:"as --cache-ttl" help:"The same for lists and details of users (as --cache-ttl if not given)."`
	ServeStale    time.Duration  `environ:"ZOOMGRAPH_SERVE_STALE" group:"answers" default:"10m" help:"How old a known value may be that is served when the account's budget is used up; 0: none is."`

	SignIn SignIn `embed:""`

	Zoom

	// Callers and OIDC are who may call, which only the file can say.
	Callers []Caller `kong:"-"`
	OIDC    *OIDC    `kong:"-"`
}

// minUploadSpool is the least that uploads may hold together: room for a picture of a user, 2 MiB, and what surrounds it.
const minUploadSpool = 4 << 20

// minAnswerBytes is the least that MaxAnswerBytes may be.
const minAnswerBytes = 64 << 10

// UsersTTL is how long lists and details of users are known: CacheTTLUsers, or
// CacheTTL where that is not given.
func (s *Serve) UsersTTL() time.Duration {
	if s.CacheTTLUsers != nil {
		return *s.CacheTTLUsers
	}
	return s.CacheTTL
}

// check completes s and finds what the types of its fields cannot: values that
// do not go together or are not safe. Each message names the option.
func (s *Serve) check(src *sources) error {
	for name, value := range map[string]*string{
		"addr": &s.Addr, "admin-addr": &s.AdminAddr, "public-url": &s.SignIn.PublicURL, "sign-in-client-id": &s.SignIn.ClientID,
	} {
		if err := plainly(src.name(name), value); err != nil {
			return err
		}
	}
	for name, list := range map[string][]string{"allowed-origins": s.AllowedOrigins, "sign-in-accounts": s.SignIn.Accounts} {
		for i := range list {
			if err := plainly(src.name(name), &list[i]); err != nil {
				return err
			}
		}
	}
	if s.AdminAddr != "" {
		if _, err := splitAddr(s.AdminAddr); err != nil {
			return fmt.Errorf("%s: %w", src.name("admin-addr"), err)
		}
	}
	if s.Profiles && s.AdminAddr == "" {
		return fmt.Errorf("%s: profiles are served on the admin port only; give --admin-addr too", src.name("profiles"))
	}
	if s.UploadSpoolBytes < minUploadSpool {
		return fmt.Errorf("%s: %d bytes are too few for an upload; give at least %d", src.name("upload-spool-bytes"), s.UploadSpoolBytes, minUploadSpool)
	}
	if s.RequestTimeout <= 0 {
		return fmt.Errorf("%s: %v is not a time to wait; give a duration above zero, such as 30s", src.name("request-timeout"), s.RequestTimeout)
	}
	if s.MaxCalls < 1 {
		return fmt.Errorf("%s: %d calls are too few for anything; give at least 1", src.name("max-calls"), s.MaxCalls)
	}
	if err := s.checkShares(src); err != nil {
		return err
	}
	if s.MaxConnections < 0 {
		return fmt.Errorf("%s: %d is no number of connections; give 1 or more, or 0 for as many as there may be", src.name("max-connections"), s.MaxConnections)
	}
	if s.RequestsBudget < minRequestsBudget {
		return fmt.Errorf("%s: %d bytes are too few: a quarter must have room for the largest request; give %d or more", src.name("requests-budget"), s.RequestsBudget, minRequestsBudget)
	}
	if s.MaxAnswerBytes < minAnswerBytes {
		return fmt.Errorf("%s: %d bytes are too few for an answer; give at least %d", src.name("max-answer-bytes"), s.MaxAnswerBytes, minAnswerBytes)
	}
	if s.AnswersBudget < 2*s.MaxAnswerBytes {
		return fmt.Errorf("%s: %d bytes leave no room beside the largest answer; give at least twice --max-answer-bytes, which is %d", src.name("answers-budget"), s.AnswersBudget, 2*s.MaxAnswerBytes)
	}
	if s.MinAnswerRate < 1 {
		return fmt.Errorf("%s: %d bytes a second let a client hold an answer for ever; give at least 1", src.name("min-answer-rate"), s.MinAnswerRate)
	}
	if s.DocumentsOnly && s.Documents == "" {
		return fmt.Errorf("%s: without --documents there is no document to answer; name the file that holds them", src.name("documents-only"))
	}
	for _, age := range []struct {
		name  string
		value time.Duration
	}{{"cache-ttl", s.CacheTTL}, {"cache-ttl-users", s.UsersTTL()}, {"serve-stale", s.ServeStale}} {
		if age.value < 0 {
			return fmt.Errorf("%s: %v is no age; give 0s or more", src.name(age.name), age.value)
		}
	}
	if err := s.Zoom.check(src); err != nil {
		return err
	}
	if err := s.readCallers(src); err != nil {
		return err
	}
	if err := s.checkSignIn(src); err != nil {
		return err
	}
	if !src.given["introspection"] {
		s.Introspection = !s.Authenticated()
	}
	if err := s.checkAddr(); err != nil {
		return fmt.Errorf("%s: %w", src.name("addr"), err)
	}
	return nil
}

// checkShares refuses bounds that nobody fits in.
func (s *Serve) checkShares(src *sources) error {
	for name, value := range map[string]int{
		"max-in-flight-requests": s.MaxInFlightRequests, "max-subscriptions": s.MaxSubscriptions,
		"max-subscriptions-per-caller": s.MaxSubscriptionsPerCaller,
	} {
		if value < 1 {
			return fmt.Errorf("%s: %d lets nobody in; give at least 1", src.name(name), value)
		}
	}
	return nil
}

// checkAddr refuses an address that other machines could reach where nobody has
// to say who they are.
func (s *Serve) checkAddr() error {
	host, err := splitAddr(s.Addr)
	if err != nil || s.Authenticated() || isLoopback(host) {
		return err
	}
	return fmt.Errorf("%q can be reached from other machines, and without callers everyone who reaches the service acts with the account's rights: listen on loopback, such as 127.0.0.1:8080, or say under callers in the file of --config who may call (`zoomgraph caller new NAME` makes a key), or let people sign in (--sign-in-client-id)", s.Addr)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func splitAddr(addr string) (host string, err error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("%q is not an address; write host:port, such as 127.0.0.1:8080", addr)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("%q has no port from 0 to 65535; write host:port, such as 127.0.0.1:8080", addr)
	}
	return host, nil
}

func (s *Sandbox) check() error {
	if _, err := splitAddr(s.Addr); err != nil {
		return fmt.Errorf("--addr: %w", err)
	}
	if s.Users < 1 {
		return fmt.Errorf("--users: %d users make no account; give 1 or more", s.Users)
	}
	if s.Latency < 0 {
		return fmt.Errorf("--latency: %v is in the past; give 0s or more", s.Latency)
	}
	limits := make(map[string]float64, len(s.RPS))
	for label, rps := range s.RPS {
		name := strings.ToUpper(label)
		if !slices.Contains(rateLabels(), name) {
			return fmt.Errorf("--rps: there is no rate label %q; the labels are %s", label, join(rateLabels()))
		}
		if rps <= 0 {
			return fmt.Errorf("--rps: %s=%v lets no call through; give a number above zero", label, rps)
		}
		limits[name] = rps
	}
	s.RPS = limits
	return nil
}

func rateLabels() []string {
	return []string{
		"LIGHT", "MEDIUM", "HEAVY", "RESOURCE_INTENSIVE",
		"PHONE_LIGHT", "PHONE_MEDIUM", "PHONE_HEAVY", "PHONE_RESOURCE_INTENSIVE",
	}
}

// readBounded reads a file of at most limit bytes.
func readBounded(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s has %d bytes; %d are the most that make sense here", path, info.Size(), limit)
	}
	return os.ReadFile(path)
}

// join writes a list as a person would: "a", "a and b", "a, b and c".
func join(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
