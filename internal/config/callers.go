package config

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"zoomgraph/internal/callers/claim"
)

// Caller is somebody who has a key.
type Caller struct {
	Name string
	// KeySHA256 is the digest of the key.
	KeySHA256 [32]byte
	// Account is the key of the caller's account.
	Account string
	// Allow are names of permissions: read, and with it write or secrets.
	Allow []string
}

// OIDC is the issuer whose tokens let callers in.
type OIDC struct {
	// Issuer is its address, as its tokens spell it.
	Issuer string
	// Audience is what a token's aud must hold.
	Audience string
	// AudienceClaim names the claim that must hold Audience in tokens without aud; none: those are refused.
	AudienceClaim claim.Path
	// AccountClaim names the claim that holds the key of the caller's account; none where there is one account.
	AccountClaim claim.Path
	// AllowClaim names the claim that grants permissions; none: all tokens have Allow.
	AllowClaim claim.Path
	// AllowValues are names of permissions by what AllowClaim holds; nil: it holds names of permissions.
	AllowValues map[string][]string
	// Allow are the permissions of all tokens; empty where AllowClaim grants them.
	Allow []string
}

// CallerNew is the command that makes a key for a caller.
type CallerNew struct {
	Name    string   `arg:"" help:"Name of the caller, for the log."`
	Account string   `placeholder:"KEY" help:"Account of the caller, by its key in the file; needed where the file has several."`
	Allow   []string `default:"read" placeholder:"PERMISSION" help:"What the caller may do: read, and with it write (mutations) or secrets (what the schema marks @sensitive)."`
}

func (c *CallerNew) check() error {
	if err := checkName(c.Name); err != nil {
		return fmt.Errorf("%q: %w", c.Name, err)
	}
	if c.Account != "" {
		if err := checkName(c.Account); err != nil {
			return fmt.Errorf("--account: %q: %w", c.Account, err)
		}
	}
	if err := checkAllow(c.Allow); err != nil {
		return fmt.Errorf("--allow: %w", err)
	}
	return nil
}

// Authenticated reports whether callers have to say who they are.
func (s *Serve) Authenticated() bool {
	return len(s.Callers) > 0 || s.OIDC != nil || s.PassThrough || s.SignIn.On()
}

// readCallers reads the file's callers and its issuer.
func (s *Serve) readCallers(src *sources) error {
	if src.callers != nil {
		items, err := src.callers.items()
		if err != nil {
			return err
		}
		for _, item := range items {
			if err := s.readCaller(item); err != nil {
				return err
			}
		}
		if len(items) == 0 {
			return fmt.Errorf("%s: holds no caller", src.callers.at)
		}
	}
	if src.oidc != nil {
		if err := s.readOIDC(src.oidc); err != nil {
			return err
		}
	}
	if several := len(s.Accounts()) > 1; several && !s.Authenticated() {
		return fmt.Errorf("%s: of several accounts nobody could tell which one is meant: say by callers or oidc whose account is whose", src.accounts.at)
	}
	return nil
}

func (s *Serve) readCaller(b *block) error {
	c, digest := Caller{Allow: []string{"read"}}, ""
	if err := b.read(map[string]any{"name": &c.Name, "key_sha256": &digest, "account": &c.Account, "allow": &c.Allow}); err != nil {
		return err
	}
	if err := b.needs(map[string]string{"name": c.Name, "key_sha256": digest}); err != nil {
		return err
	}
	if err := checkName(c.Name); err != nil {
		return fmt.Errorf("%s: name: %w", b.at, err)
	}
	n, err := hex.Decode(c.KeySHA256[:], []byte(digest[:min(len(digest), 2*len(c.KeySHA256))]))
	if err != nil || n != len(c.KeySHA256) || len(digest) != 2*n {
		return fmt.Errorf("%s: key_sha256: not the SHA-256 of a key, which has 64 hexadecimal digits; `zoomgraph caller new %s` makes a key and this line", b.at, c.Name)
	}
	if err := checkAllow(c.Allow); err != nil {
		return fmt.Errorf("%s: allow: %w", b.at, err)
	}
	if c.Account, err = s.accountOf(c.Account); err != nil {
		return fmt.Errorf("%s: account: %w", b.at, err)
	}
	for _, other := range s.Callers {
		switch {
		case other.Name == c.Name:
			return fmt.Errorf("%s: there are two callers %s; a name tells them apart in the log", b.at, c.Name)
		case other.KeySHA256 == c.KeySHA256:
			return fmt.Errorf("%s: %s and %s have the same key; make one for each", b.at, other.Name, c.Name)
		}
	}
	s.Callers = append(s.Callers, c)
	return nil
}

// accountOf is the account that a caller names, or the only one.
func (z *Zoom) accountOf(id string) (string, error) {
	all := z.Accounts()
	if id == "" && len(all) == 1 {
		return all[0].ID, nil
	}
	if id == "" {
		return "", fmt.Errorf("missing; it is one of %s", z.keys())
	}
	if _, ok := z.account(id); !ok {
		return "", fmt.Errorf("there is no account %q; there is %s", id, z.keys())
	}
	return id, nil
}

// checkAllow refuses what is no set of permissions of a caller. A mutation answers what was written, so write needs read.
func checkAllow(allow []string) error {
	if err := checkPermissions(allow); err != nil {
		return err
	}
	if !slices.Contains(allow, "read") {
		return errors.New("read is missing, without which nothing can be answered")
	}
	return nil
}

// checkPermissions refuses what is no set of permissions.
func checkPermissions(allow []string) error {
	known := []string{"read", "write", "secrets"}
	for i, name := range allow {
		if !slices.Contains(known, name) {
			return fmt.Errorf("%q is not one of %s", name, join(known))
		}
		if slices.Contains(allow[:i], name) {
			return fmt.Errorf("%s is given twice", name)
		}
	}
	return nil
}

func (s *Serve) readOIDC(b *block) error {
	o := &OIDC{}
	err := b.read(map[string]any{
		"issuer": &o.Issuer, "audience": &o.Audience, "audience_claim": &o.AudienceClaim, "account_claim": &o.AccountClaim,
		"allow_claim": &o.AllowClaim, "allow_values": &o.AllowValues, "allow": &o.Allow,
	})
	if err != nil {
		return err
	}
	if err := b.needs(map[string]string{"issuer": o.Issuer, "audience": o.Audience}); err != nil {
		return err
	}
	u, err := url.Parse(o.Issuer)
	switch {
	case err != nil, u.Host == "", u.User != nil, u.RawQuery != "", u.Fragment != "":
		return fmt.Errorf("%s: issuer: not an address; write it as its tokens do, such as https://id.example.com", b.at)
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return fmt.Errorf("%s: issuer: keys that come without TLS could be anybody's; write an https address", b.at)
	}
	if err := o.checkAllow(); err != nil {
		return fmt.Errorf("%s: %w", b.at, err)
	}
	if len(o.AccountClaim) == 0 && len(s.Accounts()) > 1 {
		return fmt.Errorf("%s: account_claim missing; it names the claim of a token that says which of %s is meant", b.at, strings.ReplaceAll(s.keys(), " and ", " or "))
	}
	s.OIDC = o
	return nil
}

// checkAllow completes what tokens are allowed. Permissions come from a claim or from the configuration, never from both:
// nobody could tell what a token without the claim may do.
func (o *OIDC) checkAllow() error {
	switch {
	case len(o.AllowClaim) > 0 && o.Allow != nil:
		return errors.New("allow and allow_claim are both given; a token without the claim has no permission, so leave allow out, or allow_claim")
	case len(o.AllowClaim) == 0 && o.AllowValues != nil:
		return errors.New("allow_values needs allow_claim, which names the claim that holds the values")
	case len(o.AllowClaim) > 0:
		for _, value := range slices.Sorted(maps.Keys(o.AllowValues)) {
			if err := checkPermissions(o.AllowValues[value]); err != nil {
				return fmt.Errorf("allow_values: %s: %w", value, err)
			}
		}
		return nil
	case o.Allow == nil:
		o.Allow = []string{"read"}
	}
	if err := checkAllow(o.Allow); err != nil {
		return fmt.Errorf("allow: %w", err)
	}
	return nil
}
