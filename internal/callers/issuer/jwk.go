package issuer

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"zoomgraph/internal/callers/claim"
)

// This file reads a JSON Web Key Set (RFC 7517). A key that cannot be used is skipped, with a reason, and takes no other
// key along. Start reading at readKeys.

const (
	maxKeys   = 2000 // of one set
	maxTried  = 32   // keys by which one token's signature is checked
	minRSA    = 2048 // bits; RFC 7518 wants as many
	maxRSA    = 8192 // bits; more take too long to check
	maxListed = 10   // keys that one line of the log names
	maxShown  = 100  // characters of a text that an issuer or a token chooses, in the log
)

// key is one that verifies signatures.
type key struct {
	id         string
	algorithms []jose.SignatureAlgorithm
	public     any
}

// ring holds the usable keys of a set.
type ring struct {
	keys    []key
	byID    map[string][]key
	skipped []string // why keys cannot be used, of the first few
	unused  int      // how many cannot be used
}

// readKeys reads a set. The error says why it is none; a set of which no key can be used is one.
func readKeys(text []byte) (*ring, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, errors.New(`it is not a JSON object with a list "keys"`)
	}
	if set.Keys == nil {
		return nil, errors.New(`it has no list "keys"`)
	}
	r := &ring{byID: map[string][]key{}}
	for _, item := range set.Keys {
		k, err := readKey(item)
		if err == nil && len(r.keys) == maxKeys {
			err = fmt.Errorf("kid %s: the set has more than %d keys", shown(k.id), maxKeys)
		}
		if err != nil {
			r.skip(err)
			continue
		}
		r.keys = append(r.keys, k)
		r.byID[k.id] = append(r.byID[k.id], k)
	}
	return r, nil
}

func (r *ring) skip(why error) {
	if r.unused++; len(r.skipped) < maxListed {
		r.skipped = append(r.skipped, why.Error())
	}
}

// candidates are the keys by which a token may be signed: those with the id that it names, or without one all, of those
// that have its algorithm.
func (r *ring) candidates(id string, alg jose.SignatureAlgorithm) []key {
	from := r.keys
	if id != "" {
		from = r.byID[id]
	}
	var fitting []key
	for _, k := range from {
		if slices.Contains(k.algorithms, alg) {
			fitting = append(fitting, k)
		}
	}
	return fitting[:min(len(fitting), maxTried)]
}

// readKey reads one key. The error names the key and says why it cannot be used.
func readKey(text json.RawMessage) (key, error) {
	var members claim.Claims
	if json.Unmarshal(text, &members) != nil || members == nil {
		return key{}, errors.New("one that is no JSON object")
	}
	id, kind := textOf(members, "kid"), textOf(members, "kty")
	skip := func(why string) (key, error) {
		return key{}, fmt.Errorf("kid %s, kty %s: %s", shown(id), shown(kind), why)
	}
	if why := misused(members); why != "" {
		return skip(why)
	}
	// Certificates are not looked at: the issuer's own TLS vouches for the key, and they may be broken without it.
	plain := claim.Claims{}
	for _, name := range []string{"kty", "kid", "crv", "x", "y", "n", "e"} {
		if value, ok := members[name]; ok {
			plain[name] = value
		}
	}
	stripped, err := json.Marshal(plain)
	if err != nil {
		return skip("it cannot be read")
	}
	var parsed jose.JSONWebKey
	if err := parsed.UnmarshalJSON(stripped); err != nil {
		return skip(strings.TrimPrefix(err.Error(), "go-jose/go-jose: "))
	}
	algorithms, why := algorithmsOf(parsed.Key)
	if alg := textOf(members, "alg"); why == "" && alg != "" {
		if algorithms = only(algorithms, alg); len(algorithms) == 0 {
			why = "its alg is " + shown(alg)
		}
	}
	if why != "" {
		return skip(why)
	}
	return key{id, algorithms, parsed.Key}, nil
}

// misused says why a key is not one that verifies signatures, whatever it is; "" if it may be.
func misused(members claim.Claims) string {
	if _, private := members["d"]; private {
		return "its private part is published, so anybody could sign with it"
	}
	if _, symmetric := members["k"]; symmetric || textOf(members, "kty") == "oct" {
		return "it is symmetric, and published, so anybody could sign with it"
	}
	if use, ok := members["use"]; ok && textOf(members, "use") != "sig" {
		return "its use is " + shownJSON(use) + " and not sig"
	}
	if x, err := base64.RawURLEncoding.DecodeString(textOf(members, "x")); textOf(members, "crv") == "Ed25519" && (err != nil || len(x) != ed25519.PublicKeySize) {
		return fmt.Sprintf("its x is not %d bytes in base64url", ed25519.PublicKeySize) // go-jose would fill it up
	}
	if ops, ok := members["key_ops"]; ok {
		if names, _ := claim.Names(ops); !slices.Contains(names, "verify") {
			return "its key_ops do not hold verify"
		}
	}
	return ""
}

// algorithmsOf returns the algorithms that a public key can verify, or why there are none.
func algorithmsOf(public any) (_ []jose.SignatureAlgorithm, why string) {
	switch public := public.(type) {
	case *rsa.PublicKey:
		switch bits := public.N.BitLen(); {
		case bits < minRSA:
			return nil, fmt.Sprintf("it has %d bits, fewer than %d", bits, minRSA)
		case bits > maxRSA:
			return nil, fmt.Sprintf("it has %d bits, more than %d", bits, maxRSA)
		case public.E < 3 || public.E%2 == 0:
			return nil, "its exponent e is not that of an RSA key"
		}
		return []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512}, ""
	case *ecdsa.PublicKey:
		return []jose.SignatureAlgorithm{map[int]jose.SignatureAlgorithm{256: jose.ES256, 384: jose.ES384, 521: jose.ES512}[public.Curve.Params().BitSize]}, ""
	case ed25519.PublicKey:
		return []jose.SignatureAlgorithm{jose.EdDSA}, ""
	}
	return nil, "keys of this kind are not used here"
}

// only is alg where it is among all, and nothing elsewhere.
func only(all []jose.SignatureAlgorithm, alg string) []jose.SignatureAlgorithm {
	if !slices.Contains(all, jose.SignatureAlgorithm(alg)) {
		return nil
	}
	return []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)}
}

// algorithms lists the algorithms of public keys. A token signed by a shared secret, or not at all, is refused.
func algorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
	}
}

// textOf is a member that is a string; "" where there is none.
func textOf(members claim.Claims, name string) string {
	text, _ := claim.Text(members[name])
	return text
}

// shown is a text of the other side's as the log may repeat it: in quotes, short, and without what a terminal obeys.
func shown(text string) string {
	short, cut := shorten(text)
	return fmt.Sprintf("%+q", short) + cut
}

// shownJSON is a value of the other side's as the log may repeat it.
func shownJSON(value json.RawMessage) string {
	if text, ok := claim.Text(value); ok {
		return shown(text)
	}
	short, cut := shorten(string(value))
	return printable(short) + cut
}

func shorten(text string) (short, cut string) {
	if runes := []rune(text); len(runes) > maxShown {
		return string(runes[:maxShown]), "…"
	}
	return text, ""
}

// printable replaces what is not printable ASCII, and spaces.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '_'
		}
		return r
	}, text)
}
