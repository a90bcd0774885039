package issuer_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/callers/claim"
	"zoomgraph/internal/callers/issuer"
)

// values grant permissions as a configuration has them.
var values = map[string]callers.Permissions{"zoom-admins": callers.All, "viewers": callers.Read, "Zoom Editors": callers.Read | callers.Write}

// TestShapes: access tokens as known issuers make them, and what is read of them.
func TestShapes(t *testing.T) {
	t.Parallel()
	in := time.Now().Add(time.Hour).Unix()
	keycloak := fields{
		"iss": url, "exp": in, "sub": "f:1", "typ": "Bearer", "azp": "dashboard", "aud": []string{"zoomgraph", "account"}, "scope": "openid email profile",
		"realm_access":    fields{"roles": []string{"offline_access", "viewers", "default-roles-x"}},
		"resource_access": fields{"zoomgraph.app": fields{"roles": []string{"zoom-admins"}}},
	}
	auth0 := fields{
		"iss": url, "exp": in, "sub": "auth0|1", "aud": []string{"zoomgraph", "https://x.auth0.com/userinfo"}, "azp": "spa", "scope": "openid read",
		"permissions": []string{"read", "write", "read:reports"}, "https://example.com/roles": []string{"viewers"},
	}
	okta := fields{"iss": url, "exp": in, "sub": "ada@example.com", "aud": "zoomgraph", "cid": "0oa", "uid": "00u", "scp": []string{"openid", "zoom-admins"}, "ver": 1}
	entra := fields{
		"iss": url, "exp": in, "nbf": in - 4000, "sub": "AAA", "aud": "zoomgraph", "azp": "1-2", "roles": []string{"Zoom Editors"}, "scp": "viewers user_impersonation", "ver": "2.0",
	}
	cognito := fields{"iss": url, "exp": in, "sub": "aaa-bbb", "client_id": "zoomgraph", "token_use": "access", "scope": "aws.cognito.signin.user.admin", "cognito:groups": []string{"viewers"}}
	const all = callers.All
	for _, tt := range []struct {
		name     string
		claims   fields
		allow    string
		values   map[string]callers.Permissions
		audience string
		may      callers.Permissions
		reason   string // of no permissions
		log      string
		why      string // it is refused
	}{
		{name: "Keycloak, a role of the realm", claims: keycloak, allow: `realm_access.roles`, values: values, may: callers.Read},
		{name: "Keycloak, a role of a client", claims: keycloak, allow: `resource_access.zoomgraph\.app.roles`, values: values, may: all},
		{name: "Keycloak, a role of no client", claims: keycloak, allow: `resource_access.other.roles`, values: values, reason: "the token has no claim resource_access.other.roles", log: "azp exp iss realm_access"},
		{name: "Keycloak, an object", claims: keycloak, allow: `realm_access`, values: values, reason: "neither a text nor a list"},
		{name: "Auth0, permissions", claims: auth0, allow: `permissions`, may: callers.Read | callers.Write},
		{name: "Auth0, a scope", claims: auth0, allow: `scope`, may: callers.Read},
		{name: "Auth0, a name with dots", claims: auth0, allow: `https://example\.com/roles`, values: values, may: callers.Read},
		{name: "Auth0, a name with dots that are not written so", claims: auth0, allow: `https://example.com/roles`, values: values, reason: "no claim https://example.com/roles", log: `https://example\\.com/roles`},
		{name: "Auth0, names that the values do not have", claims: auth0, allow: `permissions`, values: values, reason: "holds nothing that grants", log: "read:reports"},
		{name: "Okta", claims: okta, allow: `scp`, values: values, may: all},
		{name: "Entra ID, roles", claims: entra, allow: `roles`, values: values, may: callers.Read | callers.Write},
		{name: "Entra ID, a scope", claims: entra, allow: `scp`, values: values, may: callers.Read},
		{name: "Entra ID, a role that is one text", claims: entra.with(fields{"role": "Zoom Editors"}), allow: `role`, values: values, may: callers.Read | callers.Write},
		{name: "Cognito", claims: cognito, allow: `cognito:groups`, values: values, audience: "client_id", may: callers.Read},
		{name: "Cognito, and nobody said that client_id would do", claims: cognito, allow: `cognito:groups`, values: values, why: "for whom it is (aud)"},
		{name: "Cognito, another client", claims: cognito.with(fields{"client_id": "other"}), allow: `scope`, audience: "client_id", why: "not meant for this service (client_id)"},
		{name: "Cognito, an audience after all", claims: cognito.with(fields{"aud": "other"}), allow: `scope`, audience: "client_id", why: "not meant for this service (aud)"},
		{name: "azp", claims: keycloak.with(fields{"aud": nil, "azp": "zoomgraph"}), allow: `realm_access.roles`, values: values, audience: "azp", may: callers.Read},
		{name: "no azp", claims: keycloak.with(fields{"aud": nil, "azp": nil}), allow: `realm_access.roles`, values: values, audience: "azp", why: "for whom it is (azp)"},
		{name: "no values at all", claims: okta, allow: `scp`, values: map[string]callers.Permissions{}, reason: "holds nothing"},
		{name: "an empty list", claims: okta.with(fields{"scp": []string{}}), allow: `scp`, values: values, reason: "holds nothing"},
		{name: "a claim in other letters", claims: okta, allow: `SCP`, values: values, reason: "no claim SCP"},
		{name: "no claim is asked for", claims: okta, may: callers.Secrets},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := issuer.Options{AllowValues: tt.values, Allow: callers.Secrets}
			for text, path := range map[string]*claim.Path{tt.allow: &o.AllowClaim, tt.audience: &o.AudienceClaim} {
				if text != "" {
					if err := path.UnmarshalText([]byte(text)); err != nil {
						t.Fatal(err)
					}
				}
			}
			within(t, o, func(t *testing.T, a *authority, i *issuer.Issuer, log *bytes.Buffer) {
				who, _, err := i.Verify(t.Context(), a.sign(nil, tt.claims.with(fields{"exp": time.Now().Add(time.Hour).Unix(), "nbf": nil})))
				if tt.why != "" {
					if err == nil || !strings.Contains(err.Error(), tt.why) {
						t.Errorf("%v may %s, %v; want an error that says %q", who, who.Permissions, err, tt.why)
					}
					return
				}
				if err != nil || who.Permissions != tt.may || (who.PermissionsReason != "") != (tt.reason != "") || !strings.Contains(who.PermissionsReason, tt.reason) {
					t.Errorf("%v may %q because %q, %v; want %q because %q", who, who.Permissions, who.PermissionsReason, err, tt.may, tt.reason)
				}
				if !strings.Contains(log.String(), tt.reason) || !strings.Contains(log.String(), tt.log) || tt.reason == "" && log.Len() > 0 {
					t.Errorf("the log says\n%s\nwant %q and %q", log, tt.reason, tt.log)
				}
			})
		})
	}
}

// TestAccountClaim: a claim of an account may stand deeper, too.
func TestAccountClaim(t *testing.T) {
	t.Parallel()
	within(t, issuer.Options{AccountClaim: claim.Path{"org", "zoom.account"}, Allow: callers.Read}, func(t *testing.T, a *authority, i *issuer.Issuer, _ *bytes.Buffer) {
		for want, org := range map[string]any{
			"b": fields{"zoom.account": "b"}, `found "c"`: fields{"zoom.account": "c"}, `found ["a","b"]`: fields{"zoom.account": []string{"a", "b"}},
			"found none": "b", "org.zoom\\.account, found none": fields{"zoom": fields{"account": "a"}},
		} {
			who, _, err := i.Verify(t.Context(), a.sign(nil, good().with(fields{"org": org})))
			var refused *callers.Error
			if err == nil && who.Account != want || err != nil && (!errors.As(err, &refused) || !strings.Contains(refused.Detail, want)) {
				t.Errorf("%v is of %q, %+v; want %s", who, who.Account, err, want)
			}
		}
	})
}

// TestDetails: what the log is told of a token that is refused is enough to mend it, and holds no part of the token that
// is a credential.
func TestDetails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		header, claims fields
		want           []string
	}{
		{"another issuer", nil, fields{"iss": "https://other.example/"}, []string{`expected iss "` + url + `"`, `found "https://other.example/"`}},
		{"one slash more", nil, fields{"iss": url + "/"}, []string{`expected iss "` + url + `"`, `found "` + url + `/"`}},
		{"no issuer", nil, fields{"iss": nil}, []string{"found none"}},
		{"an issuer that is a number", nil, fields{"iss": 7}, []string{"found 7"}},
		{"an issuer with line breaks", nil, fields{"iss": "a\nb" + strings.Repeat("x", 500)}, []string{`found "a\nbxxx`, "…"}},
		{"expired", nil, fields{"exp": 915148800}, []string{"expired at 1999-01-01T00:00:00Z", "now it is 2000-01-01T00:00:00Z"}},
		{"not good yet", nil, fields{"nbf": 4102444800, "exp": 4102444801}, []string{"good from 2100-01-01T00:00:00Z", "clocks"}},
		{"another audience", nil, fields{"aud": []string{"api", "other"}}, []string{`expected aud "zoomgraph"`, `found ["api","other"]`}},
		{"an unknown key", fields{"kid": "new"}, nil, []string{`kid) "new"`, "RS256", `the issuer has "one", "ec"`}},
		{"no key's name", fields{"kid": nil, "alg": "ES384"}, nil, []string{`kid) ""`, "ES384"}},
		{"a symmetric signature", fields{"alg": "HS256"}, nil, []string{"HS256"}},
		{"another type", fields{"typ": "logout+jwt"}, nil, []string{"expected typ", `"logout+jwt"`}},
		{"an ID token", nil, fields{"at_hash": "canary"}, []string{"at_hash"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			within(t, named, func(t *testing.T, a *authority, i *issuer.Issuer, _ *bytes.Buffer) {
				token := a.sign(tt.header, good().with(tt.claims))
				err := i.Issued(token)
				if err == nil {
					_, _, err = i.Verify(t.Context(), token)
				}
				var refused *callers.Error
				if !errors.As(err, &refused) || refused.Status != 401 {
					t.Fatalf("got %v", err)
				}
				for _, want := range tt.want {
					if !strings.Contains(refused.Detail, want) {
						t.Errorf("the log is told %q, without %q", refused.Detail, want)
					}
				}
				parts := strings.Split(token, ".")
				if len(refused.Detail) > 500 || strings.Contains(refused.Detail, "canary") || strings.Contains(refused.Detail, parts[1]) || strings.Contains(refused.Detail, "\n") {
					t.Errorf("the log is told %q", refused.Detail)
				}
			})
		})
	}
}
