package graph_test

import (
	"encoding/json"
	"maps"
	"slices"
	"sort"
	"strings"
	"testing"

	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"

	"github.com/vektah/gqlparser/v2/ast"
)

// shape is a schema of the facts: JSON schema, inlined.
type shape struct {
	Type       any              `json:"type"`
	Properties map[string]shape `json:"properties"`
	Items      *shape           `json:"items"`
	Enum       []any            `json:"enum"`
}

// fits compares a field of our schema with a shape, and everything below it.
func fits(t *testing.T, schema *ast.Schema, path string, field *ast.FieldDefinition, want shape) {
	t.Helper()
	def := schema.Types[field.Type.Name()]
	if strings.HasPrefix(path, "lock ") && def.Name == "Boolean" {
		return // whatever the type of the setting, which some documents copy: it is locked or not
	}
	if want.Type == "array" {
		if want.Items != nil {
			want = *want.Items
		}
		if field.Type.Elem == nil {
			t.Errorf("%s is a list in the facts, and %s here", path, field.Type)
		}
	}
	var kinds []string
	switch want.Type {
	case "boolean":
		kinds = []string{"Boolean"}
	case "integer", "number":
		kinds = []string{"Int", "Long", "ID", "Float"}
	case "string":
		kinds = []string{"String", "ID", "DateTime", "Long", "JSON"} // Long reads digits too
	case "object":
		for name, below := range want.Properties {
			contains(t, schema, path+"."+name, def, name, below)
		}
		return
	default:
		return
	}
	if def.Kind == ast.Enum {
		return
	}
	if !slices.Contains(kinds, def.Name) {
		t.Errorf("%s is %v in the facts, and %s here", path, want.Type, field.Type)
	}
}

func contains(t *testing.T, schema *ast.Schema, path string, def *ast.Definition, name string, want shape) {
	t.Helper()
	for _, field := range def.Fields {
		if zoomNameOf(field) == name {
			fits(t, schema, path, field, want)
			enumFits(t, schema, path, field, want)
			return
		}
	}
	t.Errorf("%s is not in the schema: %s has no field for it", path, def.Name)
}

// enumFits makes sure that every value of the facts has its name here.
func enumFits(t *testing.T, schema *ast.Schema, path string, field *ast.FieldDefinition, want shape) {
	t.Helper()
	def := schema.Types[field.Type.Name()]
	if def.Kind != ast.Enum {
		return
	}
	wires := map[string]bool{}
	for _, value := range def.EnumValues {
		wire := strings.ToLower(value.Name)
		if d := value.Directives.ForName("wire"); d != nil {
			wire = d.Arguments.ForName("value").Value.Raw
		}
		wires[wire] = true
	}
	if want.Items != nil {
		want = *want.Items
	}
	for _, value := range want.Enum {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if wire := strings.Trim(string(text), `"`); !wires[wire] {
			t.Errorf("%s: value %s is not in %s", path, wire, def.Name)
		}
	}
}

func zoomNameOf(field *ast.FieldDefinition) string { return program.NameOf(field) }

// settingsFacts are what the facts know of settings.
type settingsFacts struct {
	Endpoints map[string]struct {
		ResponseShapes map[string]map[string]shape // by source and view
		Later          map[string]struct{ ResponseShapes map[string]shape }
	}
	UserSettingsFields struct{ Rows []struct{ Path, Type string } }
}

// Every field of the facts' settings and locks, of any source, is in the schema with a type that fits, in its view. One
// view of accounts is left out, see docs/design.md.
func TestSettingsHaveEveryFact(t *testing.T) {
	t.Parallel()
	var settings settingsFacts
	programtest.Collected(t, "user-settings.json", &settings)
	schema := schema(t)
	for endpoint, name := range map[string]string{
		"GET /users/{userId}/settings": "UserSettings", "GET /groups/{groupId}/settings": "GroupSettings",
		"GET /accounts/{accountId}/settings": "AccountSettings", "GET /groups/{groupId}/lock_settings": "GroupLockSettings",
		"GET /accounts/{accountId}/lock_settings": "AccountLockSettings",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree, prefix := schema.Types[name], ""
			if strings.HasSuffix(name, "LockSettings") {
				prefix = "lock "
			}
			sources := slices.Collect(maps.Values(settings.Endpoints[endpoint].ResponseShapes))
			for _, later := range settings.Endpoints[endpoint].Later {
				sources = append(sources, later.ResponseShapes)
			}
			sections := 0
			for _, source := range sources {
				for view, content := range source {
					for section, want := range viewParts(view, content) {
						sections++
						if len(want.Properties) == 0 {
							continue // nothing is said of what is in it
						}
						field := tree.Fields.ForName(section)
						if field == nil {
							t.Fatalf("%s has no section %s", name, section)
						}
						fits(t, schema, prefix+view+" "+section, field, want)
					}
				}
			}
			if sections < 15 {
				t.Errorf("only %d sections compared: the facts are laid out otherwise than thought", sections)
			}
		})
	}
	for _, row := range settings.UserSettingsFields.Rows {
		steps := strings.Split(strings.ReplaceAll(row.Path, "[]", ""), ".")
		def := schema.Types["UserSettings"]
		for i, step := range steps {
			at := slices.IndexFunc(def.Fields, func(f *ast.FieldDefinition) bool { return zoomNameOf(f) == step })
			if at < 0 {
				t.Errorf("%s is not in the schema: %s has no %s", row.Path, def.Name, step)
				break
			}
			if i < len(steps)-1 {
				def = schema.Types[def.Fields[at].Type.Name()]
			}
		}
	}
}

// viewParts maps a documented view to the sections of the tree.
func viewParts(view string, content shape) map[string]shape {
	parts := map[string]shape{}
	switch view {
	case "default":
		for name, section := range content.Properties {
			parts[camel(name)] = section
		}
	case "option=meeting_security":
		parts["meetingSecurity"] = content.Properties["meeting_security"]
	case "option=meeting_authentication":
		parts["meetingAuthentication"] = content
	case "option=recording_authentication":
		parts["recordingAuthentication"] = content
	case "authentication(common)":
		for name, section := range content.Properties["authentication_options"].Properties {
			parts[camel(name)] = section
		}
	}
	return parts
}

func camel(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// The documented example answer, whole, comes out as it is: no absence, no error.
func TestExampleAnswerIsTyped(t *testing.T) {
	t.Parallel()
	var example map[string]any
	programtest.Collected(t, "example-settings.json", &example)
	schema := schema(t)
	var walk func(path string, def *ast.Definition, object map[string]any)
	walk = func(path string, def *ast.Definition, object map[string]any) {
		for name, value := range object {
			at := slices.IndexFunc(def.Fields, func(f *ast.FieldDefinition) bool { return zoomNameOf(f) == name })
			if at < 0 {
				t.Errorf("%s.%s is not in %s", path, name, def.Name)
				continue
			}
			if below, ok := value.(map[string]any); ok {
				walk(path+"."+name, schema.Types[def.Fields[at].Type.Name()], below)
			}
		}
	}
	walk("settings", schema.Types["UserSettings"], example)
}

// User has the fields of the list and of the detail operation, of 2021 and of later, and @detail marks exactly those
// that no source has in the list.
func TestUserHasEveryFact(t *testing.T) {
	t.Parallel()
	type operation struct {
		Method, Path string
		Response     struct{ Schema shape }
	}
	var now []operation
	programtest.Collected(t, "operations.json", &now)
	var later map[string]operation
	programtest.Collected(t, "operations-later.json", &later)
	var latest map[string]operation
	programtest.Collected(t, "operations-2026.json", &latest)
	shapes := func(key string) []shape {
		out := []shape{later[key].Response.Schema, latest[key].Response.Schema}
		for _, op := range now {
			if op.Method+" "+op.Path == key {
				out = append(out, op.Response.Schema)
			}
		}
		return out
	}
	schema := schema(t)
	user := schema.Types["User"]
	listed := map[string]bool{}
	for _, list := range shapes("GET /users") {
		for name, want := range list.Properties["users"].Items.Properties {
			listed[name] = true
			contains(t, schema, "list "+name, user, name, want)
		}
	}
	for _, detail := range shapes("GET /users/{userId}") {
		for name, want := range detail.Properties {
			if want.Type == "object" && (name == "custom_attributes" || name == "phone_numbers") {
				list := want
				want = shape{Type: "array", Items: &list} // one object in 2021, a list later
			}
			contains(t, schema, "detail "+name, user, name, want)
		}
	}
	var wrong []string
	for _, field := range user.Fields {
		plain := field.Directives.ForName("zoom") == nil && field.Directives.ForName("derived") == nil
		if plain && listed[zoomNameOf(field)] == (field.Directives.ForName("detail") != nil) && field.Name != "id" {
			wrong = append(wrong, field.Name)
		}
	}
	sort.Strings(wrong)
	if len(wrong) > 0 {
		t.Errorf("@detail is wrong for %q: it marks what no list brings", wrong)
	}
}
