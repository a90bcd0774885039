package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Where Zoom is unless told otherwise.
const (
	zoomAPIURL   = "https://api.zoom.us/v2"
	zoomOAuthURL = "https://zoom.us/oauth"
)

// maxSecretFile bounds a file that holds one secret, in bytes.
const maxSecretFile = 64 << 10

// Serve configures the service itself. Without credentials (see Sandboxed) it
// answers from the embedded Zoom.
type Serve struct {
	Addr           string        `environ:"ZOOMGRAPH_ADDR" group:"service" default:"127.0.0.1:8080" help:"Address to listen on; loopback only."`
	Config         string        `environ:"ZOOMGRAPH_CONFIG" group:"service" placeholder:"FILE" help:"YAML file whose keys are the names of these options."`
	MaxCalls       int           `environ:"ZOOMGRAPH_MAX_CALLS" group:"service" default:"1000" help:"Zoom calls that one operation may cost at worst; what may cost more is refused before it runs."`
	RequestTimeout time.Duration `environ:"ZOOMGRAPH_REQUEST_TIMEOUT" group:"service" default:"30s" help:"Longest time one request may take, Zoom's answers included."`
	Introspection  bool          `environ:"ZOOMGRAPH_INTROSPECTION" group:"service" default:"true" negatable:"" help:"Let clients read the schema."`
	FieldFilter    FieldFilter   `environ:"ZOOMGRAPH_FIELD_FILTER" group:"service" default:"auto" help:"Ask Zoom for the selected settings only: auto (as long as the account's answers honour it), on, or off."`
	AllowedOrigins []string      `environ:"ZOOMGRAPH_ALLOWED_ORIGINS" group:"service" placeholder:"ORIGIN" help:"Web origins that may call from a browser, such as https://admin.example.com; the service's own may always."`
	NoExplain      bool          `environ:"ZOOMGRAPH_NO_EXPLAIN" group:"service" help:"Leave extensions.zoom (cost, absent fields, calls) out of the answers."`

	APIURL           string  `name:"zoom-api-url" environ:"ZOOM_API_URL" group:"zoom" default:"https://api.zoom.us/v2" help:"Base of Zoom's API."`
	OAuthURL         string  `name:"zoom-oauth-url" environ:"ZOOM_OAUTH_URL" group:"zoom" default:"https://zoom.us/oauth" help:"Base of Zoom's OAuth service; tokens come from its /token."`
	AccountID        string  `name:"zoom-account-id" environ:"ZOOM_ACCOUNT_ID" group:"zoom" placeholder:"ID" help:"Zoom account."`
	ClientID         string  `name:"zoom-client-id" environ:"ZOOM_CLIENT_ID" group:"zoom" placeholder:"ID" help:"Client id of the app."`
	ClientSecret     Secret  `name:"zoom-client-secret" environ:"ZOOM_CLIENT_SECRET" group:"zoom" placeholder:"SECRET" help:"Client secret of the app; other processes can see a flag, so prefer the variable or the file."`
	ClientSecretFile string  `name:"zoom-client-secret-file" environ:"ZOOM_CLIENT_SECRET_FILE" group:"zoom" placeholder:"FILE" help:"File that holds the client secret."`
	Plan             Plan    `name:"zoom-plan" environ:"ZOOM_PLAN" group:"zoom" placeholder:"PLAN" help:"Plan of the account, which decides how many calls a second Zoom allows: free, pro (unless told otherwise) or business."`
	Rate             Rates   `name:"zoom-rate" environ:"ZOOM_RATE" group:"zoom" placeholder:"LABEL=N" help:"Calls a second by rate label in place of the plan's, such as medium=60,light=80; off for no pacing."`
	Share            float64 `name:"zoom-share" environ:"ZOOM_SHARE" group:"zoom" default:"0.8" help:"Part of the account's limits that this service may use, above 0 and at most 1."`

	LogLevel  LogLevel  `environ:"ZOOMGRAPH_LOG_LEVEL" group:"log" default:"info" help:"Least level that is logged: debug, info, warn or error."`
	LogFormat LogFormat `environ:"ZOOMGRAPH_LOG_FORMAT" group:"log" default:"text" help:"text or json."`
}

// Sandboxed reports whether there are no credentials, so that the embedded
// Zoom answers.
func (s *Serve) Sandboxed() bool { return s.AccountID == "" }

// Paced reports whether calls keep to the limits of a plan, Pro unless told
// otherwise. Where it is not Zoom itself that answers, they do only if somebody
// asks for it: a stand-in has limits of its own, or none.
func (s *Serve) Paced() bool {
	switch {
	case s.Rate.Off:
		return false
	case s.Plan != "" || len(s.Rate.PerSecond) > 0:
		return true
	}
	base, err := url.Parse(s.APIURL)
	return err == nil && !s.Sandboxed() && strings.HasSuffix("."+base.Hostname(), ".zoom.us")
}

// check completes s and finds what the types of its fields cannot: values that
// do not go together or are not safe. Each message names the option.
func (s *Serve) check(src *sources) error {
	if err := s.readSecret(src); err != nil {
		return err
	}
	if err := loopbackOnly(s.Addr); err != nil {
		return fmt.Errorf("%s: %w", src.name("addr"), err)
	}
	if s.RequestTimeout <= 0 {
		return fmt.Errorf("%s: %v is not a time to wait; give a duration above zero, such as 30s", src.name("request-timeout"), s.RequestTimeout)
	}
	if !(s.Share > 0 && s.Share <= 1) { // neither is not a number
		return fmt.Errorf("%s: %v is no part of the account's limits; give a number above 0 and at most 1", src.name("zoom-share"), s.Share)
	}
	if s.MaxCalls < 1 {
		return fmt.Errorf("%s: %d calls are too few for anything; give at least 1", src.name("max-calls"), s.MaxCalls)
	}
	for name, value := range map[string]*string{"zoom-api-url": &s.APIURL, "zoom-oauth-url": &s.OAuthURL} {
		base, err := baseURL(*value)
		if err != nil {
			return fmt.Errorf("%s: %w", src.name(name), err)
		}
		*value = base
	}
	return s.checkCredentials(src)
}

func (s *Serve) checkCredentials(src *sources) error {
	var missing []string
	for _, c := range []struct{ value, name string }{
		{s.AccountID, "ZOOM_ACCOUNT_ID"},
		{s.ClientID, "ZOOM_CLIENT_ID"},
		{string(s.ClientSecret), "ZOOM_CLIENT_SECRET"},
	} {
		if c.value == "" {
			missing = append(missing, c.name)
		}
	}
	switch {
	case len(missing) == 0:
		return nil
	case len(missing) < 3:
		return fmt.Errorf("the Zoom credentials are not complete: %s missing; give all three, or none to run on the sandbox", join(missing))
	case s.APIURL != zoomAPIURL:
		return fmt.Errorf("%s points to %s, but there are no credentials to use there: give %s, or leave the address out to run on the sandbox", src.name("zoom-api-url"), s.APIURL, join(missing))
	case s.OAuthURL != zoomOAuthURL:
		return fmt.Errorf("%s points to %s, but there are no credentials to use there: give %s, or leave the address out to run on the sandbox", src.name("zoom-oauth-url"), s.OAuthURL, join(missing))
	}
	return nil
}

func (s *Serve) readSecret(src *sources) error {
	if s.ClientSecretFile == "" {
		return nil
	}
	at := src.name("zoom-client-secret-file")
	if s.ClientSecret != "" {
		return fmt.Errorf("%s and %s are both given; keep one", src.name("zoom-client-secret"), at)
	}
	secret, err := readBounded(s.ClientSecretFile, maxSecretFile)
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	s.ClientSecret = Secret(strings.TrimSpace(string(secret)))
	if s.ClientSecret == "" {
		return fmt.Errorf("%s: %s is empty", at, s.ClientSecretFile)
	}
	return nil
}

// loopbackOnly refuses an address that other machines could reach.
func loopbackOnly(addr string) error {
	host, err := splitAddr(addr)
	if err != nil {
		return err
	}
	ip := net.ParseIP(host)
	if host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%q can be reached from other machines, and without callers everyone who reaches the service acts with the account's rights: listen on loopback, such as 127.0.0.1:8080", addr)
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

// baseURL returns raw without its closing slash if paths can be put behind it.
func baseURL(raw string) (string, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Host == "":
		return "", errors.New("not an address; write a whole one, such as https://api.zoom.us/v2")
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return "", errors.New("an address here has a host and a path only: no user, query or fragment")
	}
	return strings.TrimRight(raw, "/"), nil
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
	return []string{"LIGHT", "MEDIUM", "HEAVY", "RESOURCE_INTENSIVE"}
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
