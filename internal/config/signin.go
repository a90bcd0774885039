package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"zoomgraph/internal/origin"
)

// SignIn is how people sign in with Zoom; without a client id they cannot.
type SignIn struct {
	PublicURL string `name:"public-url" environ:"ZOOMGRAPH_PUBLIC_URL" group:"service" placeholder:"URL" unset:"the address of --addr, if that is loopback" help:"Where browsers reach the service, such as https://zoomgraph.example.com, or https://example.com/zoomgraph behind a proxy; /sign-in/callback below it is the redirect URL of the app for signing in (http and the address of --addr if that is loopback)."`

	ClientID         string        `name:"sign-in-client-id" environ:"ZOOMGRAPH_SIGN_IN_CLIENT_ID" group:"sign-in" placeholder:"ID" unset:"none: nobody signs in" help:"Client id of the app; without it nobody can sign in. The embedded Zoom takes any."`
	ClientSecret     Secret        `name:"sign-in-client-secret" environ:"ZOOMGRAPH_SIGN_IN_CLIENT_SECRET" group:"sign-in" placeholder:"SECRET" help:"Client secret of the app; other processes can see a flag, so prefer the variable or the file."`
	ClientSecretFile string        `name:"sign-in-client-secret-file" environ:"ZOOMGRAPH_SIGN_IN_CLIENT_SECRET_FILE" group:"sign-in" placeholder:"FILE" help:"File that holds the client secret."`
	Allow            []string      `name:"sign-in-allow" environ:"ZOOMGRAPH_SIGN_IN_ALLOW" group:"sign-in" default:"read" placeholder:"PERMISSION" help:"What people may do, as far as Zoom lets them: read, and with it write (mutations) or secrets (what the schema marks @sensitive)."`
	Accounts         []string      `name:"sign-in-accounts" environ:"ZOOMGRAPH_SIGN_IN_ACCOUNTS" group:"sign-in" placeholder:"ID" unset:"those configured" help:"Zoom accounts whose users may sign in (those that the service has credentials of, if not given)."`
	Idle             time.Duration `name:"sign-in-idle" environ:"ZOOMGRAPH_SIGN_IN_IDLE" group:"sign-in" default:"8h" help:"How long a session lives without use."`
	Life             time.Duration `name:"sign-in-life" environ:"ZOOMGRAPH_SIGN_IN_LIFE" group:"sign-in" default:"24h" help:"How long a session lives at most."`
	StateDir         string        `name:"state-dir" environ:"ZOOMGRAPH_STATE_DIR" group:"sign-in" placeholder:"DIR" unset:"none" help:"Folder that keeps sessions, encrypted, over a restart; with Redis they are kept there, and with neither a restart ends them."`
}

// On reports whether people can sign in.
func (s *SignIn) On() bool { return s.ClientID != "" }

// signInBlock is the key of the file under which the options of signing in may stand together, without that prefix.
const signInBlock = "sign-in"

// addSignIn reads the block: client_id in it is the option sign_in_client_id.
func (s *sources) addSignIn(b *block, known map[string]bool) error {
	entries, err := b.entries()
	if err != nil {
		return err
	}
	inner := map[string]bool{}
	for name := range known {
		if short, ok := strings.CutPrefix(name, signInBlock+"-"); ok {
			inner[short] = true
		}
	}
	for _, e := range entries {
		short := strings.ReplaceAll(e.key, "_", "-")
		if !inner[short] {
			return fmt.Errorf("%s: there is no such key here; the nearest is %s", e.at, nearest(short, inner))
		}
		name := signInBlock + "-" + short
		if earlier, ok := s.file[name]; ok {
			return fmt.Errorf("%s: given twice, first at %s", e.at, earlier.at)
		}
		value, err := text(e.node)
		if err != nil {
			return fmt.Errorf("%s: %w", e.at, err)
		}
		s.file[name] = entry{value: value, at: e.at}
	}
	return nil
}

// checkSignIn completes what people sign in with.
func (s *Serve) checkSignIn(src *sources) error {
	in := &s.SignIn
	if err := readSecret(src, "sign-in-client-secret", &in.ClientSecret, in.ClientSecretFile); err != nil {
		return err
	}
	if !in.On() {
		for _, name := range []string{"sign-in-client-secret", "sign-in-client-secret-file", "sign-in-allow", "sign-in-accounts", "sign-in-idle", "sign-in-life", "state-dir"} {
			if src.given[name] {
				return fmt.Errorf("%s: without --sign-in-client-id nobody signs in; give that as well, or leave this out", src.name(name))
			}
		}
	}
	if in.PublicURL != "" || in.On() {
		if err := s.completePublicURL(); err != nil {
			return fmt.Errorf("%s: %w", src.name("public-url"), err)
		}
	}
	if !in.On() {
		return nil
	}
	if in.ClientSecret == "" {
		return fmt.Errorf("%s: a client id alone signs nobody in; give --sign-in-client-secret-file, or the variable ZOOMGRAPH_SIGN_IN_CLIENT_SECRET", src.name("sign-in-client-id"))
	}
	if err := checkAllow(in.Allow); err != nil {
		return fmt.Errorf("%s: %w", src.name("sign-in-allow"), err)
	}
	switch {
	case in.Idle <= 0:
		return fmt.Errorf("%s: %v is no time to live; give a duration above zero, such as 8h", src.name("sign-in-idle"), in.Idle)
	case in.Life < in.Idle:
		return fmt.Errorf("%s: a session that lives %v at most cannot live %v without use; give --sign-in-idle as well, or more", src.name("sign-in-life"), in.Life, in.Idle)
	case in.StateDir != "" && s.RedisURL != "":
		return fmt.Errorf("%s: with Redis sessions are kept there; give one of --state-dir and --redis-url", src.name("state-dir"))
	}
	return nil
}

// SignInAccounts are the Zoom accounts whose users may sign in; none: all may, which the embedded Zoom's do.
func (s *Serve) SignInAccounts() []string {
	if len(s.SignIn.Accounts) > 0 || s.Sandboxed() {
		return s.SignIn.Accounts
	}
	var ids []string
	for _, a := range s.Accounts() {
		if !slices.Contains(ids, a.ZoomAccountID) {
			ids = append(ids, a.ZoomAccountID)
		}
	}
	return ids
}

// completePublicURL checks the address at which browsers reach the service. Without one it stays empty where that is the
// address the service listens on.
func (s *Serve) completePublicURL() error {
	in := &s.SignIn
	if in.PublicURL == "" {
		if host, err := splitAddr(s.Addr); err == nil && isLoopback(host) {
			return nil
		}
		return errors.New("missing; who signs in is sent back there: give the address at which browsers reach the service, such as https://zoomgraph.example.com")
	}
	public, below, ok := origin.Split(in.PublicURL)
	first, _, _ := strings.Cut(strings.TrimPrefix(below, "/"), "/")
	switch {
	case !ok:
		return errors.New("not an address that browsers could reach the service at; write a scheme, a host and, where it has one, a path of plain characters, such as https://example.com/zoomgraph")
	case slices.Contains(ownPaths(), first):
		return fmt.Errorf("its path begins with /%s, which is a path of the service itself; choose another one, such as /zoomgraph", first)
	case strings.HasPrefix(public, "http:") && !isLoopback(hostname(public)) && !strings.HasSuffix(hostname(public), ".localhost"):
		return errors.New("begins with http://, and browsers keep the cookie of a session for https and for this machine only; write https://")
	}
	in.PublicURL = public + below
	return nil
}

// ownPaths are the first parts of the service's own paths.
func ownPaths() []string {
	return []string{"graphql", "graphiql", "assets", "console.json", "schema.graphqls", "livez", "readyz", "sign-in", "sign-out", "webhooks"}
}

func hostname(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
