package issuer

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/callers/claim"
)

// This file judges one token: its header, its signature, then what it claims. Each refusal has a short text for the client
// and, for the log, what was expected and what was found. Start reading at Verify.

// maxSubject is how many bytes of a token's subject stand in a caller's name.
const maxSubject = 64

// notSigned is the error for a token that no key of the issuer has signed.
const notSigned = "it is not signed by a key of its issuer"

// Issued implements callers.Issuer. It believes what the token says, unverified.
func (i *Issuer) Issued(credential string) error {
	claims, ok := unverified(credential, 1)
	if !ok {
		return callers.Invalid("it is neither a key that is known here nor a token of the issuer that is trusted here", "")
	}
	if found := textOf(claims, "iss"); found != i.options.URL {
		return callers.Invalid("it is of another issuer than the one that is trusted here (iss)", fmt.Sprintf("expected iss %q, found %s", i.options.URL, shownIn(claims, "iss")))
	}
	return nil
}

// unverified reads the header (0) or the claims (1) of a token.
func unverified(token string, part int) (claim.Claims, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, false
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[part])
	var members claim.Claims
	return members, err == nil && json.Unmarshal(text, &members) == nil && members != nil
}

// Verify implements callers.Issuer.
func (i *Issuer) Verify(ctx context.Context, token string) (callers.Caller, time.Time, error) {
	fail := func(err error) (callers.Caller, time.Time, error) { return callers.Caller{}, time.Time{}, err }
	if i.keys.known() == nil {
		return fail(callers.Unavailable())
	}
	if err := checkType(token); err != nil {
		return fail(err)
	}
	payload, err := i.signed(ctx, token)
	if err != nil {
		return fail(err)
	}
	var claims claim.Claims
	if json.Unmarshal(payload, &claims) != nil {
		return fail(callers.Invalid("its claims cannot be read", ""))
	}
	until, err := i.checkTimes(claims)
	if err == nil {
		err = i.checkPurpose(claims)
	}
	if err != nil {
		return fail(err)
	}
	caller := callers.Caller{Name: "jwt:" + nameOf(textOf(claims, "sub"))}
	if caller.Account, err = i.accountIn(claims); err != nil {
		return fail(err)
	}
	caller.Permissions, caller.PermissionsReason = i.permissionsIn(claims)
	if caller.PermissionsReason != "" {
		i.options.Logger.InfoContext(ctx, "a caller is known, and may do nothing", "caller", caller.Name, "why", caller.PermissionsReason, "found", i.hint(claims))
	}
	return caller, until, nil
}

// checkType refuses what the issuer signs for other purposes, such as to end a session.
func checkType(token string) error {
	header, ok := unverified(token, 0)
	if !ok {
		return callers.Invalid("its header cannot be read", "")
	}
	kind := strings.TrimPrefix(strings.ToLower(textOf(header, "typ")), "application/")
	if !slices.Contains([]string{"", "jwt", "at+jwt"}, kind) {
		return callers.Invalid("its type is not that of an access token (typ)", "expected typ JWT, at+jwt or none, found "+shownIn(header, "typ"))
	}
	return nil
}

// signed is the content of a token that a key of the issuer has signed. A key that is not known is looked for, as often as
// keyring allows.
func (i *Issuer) signed(ctx context.Context, token string) ([]byte, error) {
	parsed, err := jose.ParseSignedCompact(token, algorithms())
	if err != nil {
		return nil, callers.Invalid(notSigned, "its header or its form is not that of a signed token: "+strings.TrimPrefix(shortened(err), "go-jose/go-jose: "))
	}
	header := parsed.Signatures[0].Header
	alg := jose.SignatureAlgorithm(header.Algorithm)
	payload, ok := opened(parsed, i.keys.known().candidates(header.KeyID, alg))
	if ok {
		return payload, nil
	}
	wait, failing := i.keys.look(ctx)
	known := i.keys.known()
	if payload, ok = opened(parsed, known.candidates(header.KeyID, alg)); ok {
		return payload, nil
	}
	detail := fmt.Sprintf("it names the key (kid) %s and alg %s; the issuer has %s", shown(header.KeyID), header.Algorithm, known.ids())
	switch missing := len(known.byID[header.KeyID]) == 0; {
	case missing && failing:
		return nil, callers.Unavailable()
	case missing && wait > 0:
		return nil, callers.UnknownKey(wait, detail)
	}
	return nil, callers.Invalid(notSigned, detail)
}

// opened is the content of a token that one of these keys has signed.
func opened(token *jose.JSONWebSignature, by []key) ([]byte, bool) {
	for _, k := range by {
		if payload, err := token.Verify(k.public); err == nil {
			return payload, true
		}
	}
	return nil, false
}

// ids lists the ids of the first keys.
func (r *ring) ids() string {
	var ids []string
	for _, k := range r.keys[:min(len(r.keys), maxListed)] {
		ids = append(ids, shown(k.id))
	}
	text := strings.Join(ids, ", ")
	if more := len(r.keys) - len(ids); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if text == "" {
		text = "none that can be used"
	}
	if r.unused > 0 {
		text += fmt.Sprintf("; %d keys are skipped", r.unused)
	}
	return text
}

// checkTimes is until when a token is good: exp, and the leeway behind it.
func (i *Issuer) checkTimes(claims claim.Claims) (until time.Time, _ error) {
	now := i.options.Now()
	until, ok := timeIn(claims, "exp")
	switch {
	case !ok:
		return until, callers.Invalid("it does not say when it expires (exp)", "found exp "+shownIn(claims, "exp"))
	case !now.Before(until.Add(leeway)):
		return until, callers.Invalid("it has expired (exp)", fmt.Sprintf("it expired at %s, and now it is %s", stamp(until), stamp(now)))
	}
	if _, given := claims["nbf"]; given {
		from, ok := timeIn(claims, "nbf")
		if !ok {
			return until, callers.Invalid("it does not say from when it is good (nbf)", "found nbf "+shownIn(claims, "nbf"))
		}
		if now.Add(leeway).Before(from) {
			return until, callers.Invalid("it is not good yet (nbf)", fmt.Sprintf("it is good from %s, and now it is %s; are both clocks right?", stamp(from), stamp(now)))
		}
	}
	return until.Add(leeway), nil
}

// timeIn is a claim in seconds since 1970, as far as a year has four digits.
func timeIn(claims claim.Claims, name string) (time.Time, bool) {
	const last = 253402300799
	var seconds float64
	if value, ok := claims[name]; !ok || json.Unmarshal(value, &seconds) != nil || seconds <= 0 {
		return time.Time{}, false
	}
	return time.Unix(int64(math.Min(seconds, last)), 0), true
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// checkPurpose refuses a token that is not an access token for this service.
func (i *Issuer) checkPurpose(claims claim.Claims) error {
	if textOf(claims, "sub") == "" {
		return callers.Invalid("it does not say whose it is (sub)", "found sub "+shownIn(claims, "sub"))
	}
	if sign := idTokenSign(claims); sign != "" {
		return callers.Invalid("it is an ID token, which tells an application who signed in; send the access token", "found "+sign)
	}
	name := claim.Path{"aud"}
	value, ok := name.In(claims)
	if !ok && len(i.options.AudienceClaim) > 0 {
		name = i.options.AudienceClaim
		value, ok = name.In(claims)
	}
	expected := fmt.Sprintf("expected %s %q, found ", name, i.options.Audience)
	if !ok {
		return callers.Invalid(fmt.Sprintf("it does not say for whom it is (%s)", name), expected+"none")
	}
	text, one := claim.Text(value)
	names, _ := claim.Names(value)
	if one && text != i.options.Audience || !one && !slices.Contains(names, i.options.Audience) {
		return callers.Invalid(fmt.Sprintf("it is not meant for this service (%s)", name), expected+shownJSON(value))
	}
	return nil
}

// idTokenSign is what gives an ID token away; "" where nothing does. Cognito says it in token_use and Keycloak in typ; the
// hashes are of OpenID Connect, and of ID tokens only.
func idTokenSign(claims claim.Claims) string {
	for _, name := range []string{"at_hash", "c_hash"} {
		if _, ok := claims[name]; ok {
			return "the claim " + name
		}
	}
	for name, value := range map[string]string{"token_use": "id", "typ": "ID"} {
		if textOf(claims, name) == value {
			return fmt.Sprintf("the claim %s %q", name, value)
		}
	}
	return ""
}

// shownIn is a claim as the log may repeat it.
func shownIn(claims claim.Claims, name string) string {
	if value, ok := claims[name]; ok {
		return shownJSON(value)
	}
	return "none"
}

// nameOf is a subject that can stand in a log.
func nameOf(subject string) string {
	clean := printable(subject)
	return clean[:min(len(clean), maxSubject)]
}
