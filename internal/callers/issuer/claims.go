package issuer

import (
	"fmt"
	"slices"
	"strings"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/callers/claim"
)

// This file reads what the configuration looks for in a token's claims: the account and the permissions. What is not there
// grants nothing.

// accountIn is the account that a token names, or the only one.
func (i *Issuer) accountIn(claims claim.Claims) (string, error) {
	path := i.options.AccountClaim
	if len(path) == 0 {
		return i.options.Accounts[0], nil
	}
	value, _ := path.In(claims)
	account, _ := claim.Text(value)
	if !slices.Contains(i.options.Accounts, account) {
		found := "none"
		if value != nil {
			found = shownJSON(value)
		}
		return "", callers.Invalid("it names no account of this service", fmt.Sprintf("expected one of %q in the claim %s, found %s", i.options.Accounts, path, found))
	}
	return account, nil
}

// permissionsIn are those that a token's claim grants. Why is for whoever asks why there are none; it repeats nothing of
// the token.
func (i *Issuer) permissionsIn(claims claim.Claims) (_ callers.Permissions, why string) {
	path := i.options.AllowClaim
	if len(path) == 0 {
		return i.options.Allow, ""
	}
	value, ok := path.In(claims)
	if !ok {
		return 0, fmt.Sprintf("the token has no claim %s", path)
	}
	names, ok := claim.Names(value)
	if !ok {
		return 0, fmt.Sprintf("the claim %s of the token is neither a text nor a list of texts", path)
	}
	var all callers.Permissions
	for _, name := range names {
		all |= i.granted(name)
	}
	if all == 0 {
		return 0, fmt.Sprintf("the claim %s of the token holds nothing that grants a permission here", path)
	}
	return all, ""
}

// granted are the permissions by one value of the claim.
func (i *Issuer) granted(value string) callers.Permissions {
	if i.options.AllowValues != nil {
		return i.options.AllowValues[value]
	}
	p, err := callers.ParsePermissions([]string{value})
	if err != nil {
		return 0 // it is somebody else's
	}
	return p
}

// hint is what an operator needs to mend a claim that grants nothing: what it holds, or where it may be meant.
func (i *Issuer) hint(claims claim.Claims) string {
	path := i.options.AllowClaim
	if value, ok := path.In(claims); ok {
		return shownJSON(value)
	}
	if literal := strings.Join(path, "."); len(path) > 1 && claims[literal] != nil {
		return fmt.Sprintf("a claim whose name is %q; in a path write it %s", literal, claim.Path{literal})
	}
	names := make([]string, 0, len(claims))
	for name := range claims {
		names = append(names, name)
	}
	slices.Sort(names)
	return "the claims " + shown(strings.Join(names, " "))
}
