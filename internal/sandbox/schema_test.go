package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// startWithProduct starts a sandbox on the schema that the product serves.
func startWithProduct(t *testing.T) (*zoom, *ast.Schema) {
	t.Helper()
	p := programtest.Of(t)
	return start(t, sandbox.Options{Program: p}), p.Schema
}

func TestEveryFieldOfTheProductIsHere(t *testing.T) {
	t.Parallel()
	z, schema := startWithProduct(t)
	detail := map[string]bool{}
	listed := map[string]bool{}
	for _, u := range z.get("/users?page_size=300&include_fields=custom_attributes,host_key").object()["users"].([]any) {
		for name := range u.(map[string]any) {
			listed[name] = true
		}
	}
	settings := map[string]bool{}
	for i, u := range z.Users()[:60] {
		if u.Status == "pending" {
			continue
		}
		for name := range z.get("/users/" + u.ID).object() {
			detail[name] = true
		}
		for _, option := range []string{"", "meeting_authentication", "recording_authentication", "meeting_security"} {
			doc := z.get("/users/" + u.ID + "/settings?option=" + option).want(200)
			collect(settings, option, doc.object())
			if i == 0 && !json.Valid(doc.body) {
				t.Errorf("%s: %s", option, doc.body)
			}
		}
	}
	for _, f := range schema.Types["User"].Fields {
		if f.Directives.ForName("zoom") != nil || f.Directives.ForName("derived") != nil {
			continue
		}
		if name := snake(f); !detail[name] {
			t.Errorf("User.%s: no detail has %s", f.Name, name)
		} else if brought := f.Directives.ForName("detail") == nil; brought != listed[name] {
			t.Errorf("User.%s: the list brings %s: %v", f.Name, name, listed[name])
		}
	}
	expectTree(t, schema, settings, "UserSettings")
}

func TestEveryPolicyOfTheProductIsHere(t *testing.T) {
	t.Parallel()
	z, schema := startWithProduct(t)
	for tree, path := range map[string]string{
		"GroupSettings":       "/groups/" + z.groupNamed("Sales") + "/settings",
		"GroupLockSettings":   "/groups/" + z.groupNamed("Sales") + "/lock_settings",
		"AccountSettings":     "/accounts/me/settings",
		"AccountLockSettings": "/accounts/me/lock_settings",
	} {
		settings := map[string]bool{}
		for _, option := range []string{"", "meeting_authentication", "recording_authentication", "meeting_security"} {
			if doc := z.get(path + "?option=" + option); doc.status == http.StatusOK {
				collect(settings, option, doc.object())
			}
		}
		expectTree(t, schema, settings, tree)
	}
}

// What the list of things brings and what their detail, the schema says.
func TestEveryFieldOfGroupsRolesAndAccountsIsHere(t *testing.T) {
	t.Parallel()
	z, schema := startWithProduct(t)
	for typeName, path := range map[string]string{"Group": "/groups", "Role": "/roles", "Account": "/accounts"} {
		listed := z.get(path).want(200).object()[path[1:]].([]any)[0].(map[string]any)
		detail := z.get(path + "/" + listed["id"].(string)).want(200).object()
		for _, f := range schema.Types[typeName].Fields {
			if f.Directives.ForName("zoom") != nil || f.Directives.ForName("derived") != nil || strings.HasPrefix(f.Name, "__") {
				continue
			}
			inList, inDetail := listed[snake(f)] != nil, detail[snake(f)] != nil
			if !inDetail || inList != (f.Directives.ForName("detail") == nil) {
				t.Errorf("%s.%s: in the list %v, in the detail %v", typeName, f.Name, inList, inDetail)
			}
		}
	}
}

func expectTree(t *testing.T, schema *ast.Schema, have map[string]bool, tree string) {
	t.Helper()
	for _, f := range schema.Types[tree].Fields {
		view := f.Directives.ForName("view")
		if view == nil {
			continue
		}
		path := ""
		if o := view.Arguments.ForName("option"); o != nil {
			path = strings.ToLower(o.Value.Raw)
		}
		if view.Arguments.ForName("root") == nil {
			path += "/" + snake(f)
		}
		expect(t, schema, have, path, schema.Types[f.Type.Name()])
	}
}

// collect notes the path of everything in a document.
func collect(into map[string]bool, path string, v any) {
	into[path] = true
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			collect(into, path+"/"+name, value)
		}
	case []any:
		for _, value := range v {
			collect(into, path, value)
		}
	}
}

func expect(t *testing.T, schema *ast.Schema, have map[string]bool, path string, def *ast.Definition) {
	t.Helper()
	for _, f := range def.Fields {
		at := path + "/" + snake(f)
		if !have[at] {
			t.Errorf("%s.%s: no document has %s", def.Name, f.Name, at)
		}
		if inner := schema.Types[f.Type.Name()]; inner.Kind == ast.Object {
			expect(t, schema, have, at, inner)
		}
	}
}

// snake is the test's own reading of Zoom's names.
func snake(f *ast.FieldDefinition) string {
	if d := f.Directives.ForName("name"); d != nil {
		return d.Arguments.ForName("zoom").Value.Raw
	}
	var out []string
	for part := range strings.SplitSeq(f.Name, "") {
		if low := strings.ToLower(part); low != part {
			out = append(out, "_", low)
		} else {
			out = append(out, part)
		}
	}
	return strings.Join(out, "")
}

func TestProductsEnumsAreOnTheWire(t *testing.T) {
	t.Parallel()
	z, _ := startWithProduct(t)
	seen := map[string][]string{}
	for _, u := range z.Users()[:100] {
		if u.Status == "pending" {
			continue
		}
		doc := z.get("/users/" + u.ID + "/settings")
		for _, path := range []string{"schedule_meeting.audio_type", "schedule_meeting.require_password_for_pmi_meetings", "in_meeting.allow_participants_chat_with"} {
			if value := jsonOf(t, doc.at(path)); !slices.Contains(seen[path], value) {
				seen[path] = append(seen[path], value)
			}
		}
	}
	for path, want := range map[string][]string{
		"schedule_meeting.audio_type":                        {`"both"`, `"telephony"`, `"thirdParty"`, `"voip"`},
		"schedule_meeting.require_password_for_pmi_meetings": {`"all"`, `"jbh_only"`, `"none"`},
		"in_meeting.allow_participants_chat_with":            {`1`, `2`, `3`, `4`},
	} {
		got := slices.Sorted(slices.Values(seen[path]))
		for _, value := range got {
			if !slices.Contains(want, value) {
				t.Errorf("%s is %s, want one of %s", path, value, want)
			}
		}
		if len(got) < 2 {
			t.Errorf("%s is always %s", path, got)
		}
	}
}

func TestEveryLockedSettingIsInTheProduct(t *testing.T) {
	t.Parallel()
	z, _ := startWithProduct(t)
	doc := z.get("/users/" + z.user(0) + "/settings")
	for _, path := range sandbox.LockedSettings() {
		if _, isBool := doc.at(path).(bool); !isBool {
			t.Errorf("%s is %v", path, doc.at(path))
		}
	}
}

// Every second-level name of every view, asked alone, brings just itself.
func TestEachNameOfTheProductAlone(t *testing.T) {
	t.Parallel()
	z, _ := startWithProduct(t)
	path := "/users/" + z.user(0) + "/settings"
	doc := z.get(path).object()
	for section, fields := range doc {
		for name, value := range fields.(map[string]any) {
			got := z.get(path + "?custom_query_fields=" + name).want(200).object()
			if len(got) != 1 {
				t.Errorf("%s brings %v", name, got)
			}
			if got[section] != nil && fmt.Sprint(dig(got[section], name)) != fmt.Sprint(value) {
				t.Errorf("%s.%s is %v alone and %v in the whole", section, name, got[section], value)
			}
		}
	}
}

// The documented example is part of what the sandbox can answer.
func TestDocumentedExample(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("testdata/example-settings.json")
	if err != nil {
		t.Fatal(err)
	}
	var example map[string]map[string]any
	if err := json.Unmarshal(source, &example); err != nil {
		t.Fatal(err)
	}
	z, _ := startWithProduct(t)
	doc := z.get("/users/" + z.user(0) + "/settings").object()
	for section, fields := range example {
		for name, want := range fields {
			got := dig(doc[section], name)
			if fmt.Sprintf("%T", got) != fmt.Sprintf("%T", want) {
				t.Errorf("%s.%s is a %T, the example has a %T", section, name, got, want)
			}
		}
	}
}
