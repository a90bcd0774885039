package claim_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"zoomgraph/internal/callers/claim"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]claim.Path{
		`scope`:                               {"scope"},
		`realm_access.roles`:                  {"realm_access", "roles"},
		`https://example\.com/roles`:          {"https://example.com/roles"},
		`resource_access.my\.app.roles`:       {"resource_access", "my.app", "roles"},
		`cognito:groups`:                      {"cognito:groups"},
		`a\\b.c`:                              {`a\b`, "c"},
		`urn:zitadel:iam:org:project:roles.é`: {"urn:zitadel:iam:org:project:roles", "é"},
	} {
		got, err := claim.Parse(text)
		if err != nil || !slices.Equal(got, want) || got.String() != text {
			t.Errorf("%s is %q, written %s; %v", text, got, got, err)
		}
	}
	for text, says := range map[string]string{
		``: "empty name", `.a`: "empty name", `a.`: "empty name", `a..b`: "empty name", `a\`: "backslash", `a\b`: "backslash",
	} {
		if got, err := claim.Parse(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
}

func TestIn(t *testing.T) {
	t.Parallel()
	var claims claim.Claims
	const token = `{"scope":"read","SCOPE":"write","realm_access":{"roles":["a","b"],"none":null},"a.b":"dotted","a":{"b":"nested"},"list":[{"roles":1}],"null":null}`
	if err := json.Unmarshal([]byte(token), &claims); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`scope`: `"read"`, `SCOPE`: `"write"`, `Scope`: "", `realm_access.roles`: `["a","b"]`, `realm_access.none`: "", `realm_access`: `{"roles":["a","b"],"none":null}`,
		`realm_access.roles.a`: "", `a\.b`: `"dotted"`, `a.b`: `"nested"`, `list.roles`: "", `list.0`: "", `null`: "", `null.a`: "", `x.y`: "",
	} {
		path, err := claim.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := path.In(claims); string(got) != want || ok != (want != "") {
			t.Errorf("%s is %s, %t; want %s", text, got, ok, want)
		}
	}
	if got, ok := (claim.Path{}).In(claims); ok {
		t.Errorf("no path is %s", got)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		`["a","b c"]`: "a|b c", `"a"`: "a", `"a b"`: "a|b|a b", `" a "`: "a", `""`: "", `[]`: "", `["a",7,null,["b"],{"c":1},"d"]`: "a|d",
		`7`: "no", `true`: "no", `{"a":1}`: "no",
	} {
		got, ok := claim.Names(json.RawMessage(value))
		if text := strings.Join(got, "|"); ok && text != want || !ok && want != "no" {
			t.Errorf("%s holds %q, %t", value, text, ok)
		}
	}
}
