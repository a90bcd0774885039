package zoomgen

import (
	"go/format"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// realSchema loads the schema that the service has, anew each time.
func realSchema(t *testing.T) *ast.Schema {
	t.Helper()
	var sources []*ast.Source
	for _, path := range schemaFiles(t, "../..") {
		sources = append(sources, readSource(t, path))
	}
	return loadSchema(t, sources...)
}

// schemaFiles are the files of the service's schema, those that gqlgen.yml lists.
func schemaFiles(t *testing.T, module string) []string {
	t.Helper()
	chapters, err := filepath.Glob(module + "/graph/schema/*.graphqls")
	if err != nil || len(chapters) == 0 {
		t.Fatalf("no chapters of the schema: %v", err)
	}
	return append([]string{filepath.Join(module, "schema.graphqls")}, chapters...)
}

func realProgram(t *testing.T, schema *ast.Schema) *Code {
	t.Helper()
	overrides, err := findOverrides("../../graph")
	if err != nil {
		t.Fatal(err)
	}
	facts, err := os.ReadFile("../../docs/operations.yaml")
	if err != nil {
		t.Fatal(err)
	}
	code, err := Read(newProgram(t, schema, string(facts)), overrides)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestRealSchema(t *testing.T) {
	t.Parallel()
	code, again := realProgram(t, realSchema(t)), realProgram(t, realSchema(t))
	for _, name := range generated() {
		text := render(t, name, code)
		if formatted, err := format.Source([]byte(text)); err != nil || string(formatted) != text {
			t.Errorf("%s is not as gofmt writes it: %v", name, err)
		}
		if render(t, name, code) != text {
			t.Errorf("%s comes out differently the second time", name)
		}
		if render(t, name, again) != text {
			t.Errorf("%s comes out differently when the schema is read again", name)
		}
	}
	compile(t, code)
}

func TestPreludeIsOfTheRealSchema(t *testing.T) {
	t.Parallel()
	prelude := loadSchema(t, readSource(t, "testdata/prelude.graphqls"), &ast.Source{Input: "type Query { a: String }"})
	if got, want := directives(prelude), directives(realSchema(t)); got != want {
		t.Errorf("the prelude of the tests defines\n%s\nand the schema\n%s", got, want)
	}
}

// directives prints a schema's own directives, without their descriptions and without commas: the formatter sets them
// or not by whether there was a description.
func directives(schema *ast.Schema) string {
	var b strings.Builder
	own := map[string]*ast.DirectiveDefinition{}
	for name, d := range schema.Directives {
		if ours(d) {
			own[name] = d
		}
	}
	formatter.NewFormatter(&b, formatter.WithoutDescription()).FormatSchema(&ast.Schema{Directives: own})
	return strings.ReplaceAll(b.String(), ",", "")
}

func TestHideData(t *testing.T) {
	t.Parallel()
	schema := realSchema(t)
	served := printed(schema)
	code := realProgram(t, schema)
	if printed(schema) != served {
		t.Error("reading changed the schema")
	}
	hideData(schema, code)

	enums := map[string]bool{}
	for _, enum := range code.Enums {
		enums[enum.Name] = true
	}
	for name, def := range schema.Types {
		if !def.BuiltIn && def.Kind != ast.Scalar && !code.executed[name] && !enums[name] {
			t.Errorf("%s %s is still there, and gqlgen would generate code for it", def.Kind, name)
		}
	}
	for _, name := range append(slices.Sorted(maps.Keys(code.executed)), slices.Sorted(maps.Keys(enums))...) {
		if schema.Types[name] == nil {
			t.Errorf("%s is gone, and gqlgen would not execute it", name)
		}
	}
	checkField(t, schema, "User", "phoneNumbers", gone)
	checkField(t, schema, "User", "id", gone)
	checkField(t, schema, "UserConnection", "totalCount", gone)
	checkField(t, schema, "User", "settings", "ZoomValue")
	checkField(t, schema, "User", "groups", "[Group!]")
	checkField(t, schema, "User", "effectiveSettings", "[EffectiveSetting!]!")
	checkField(t, schema, "EffectiveSetting", "value", "ZoomValue")
	checkField(t, schema, "UserConnection", "nodes", "[User!]!")
	checkField(t, schema, "SettingsDriftConnection", "nodes", "[SettingsDrift!]!")
	checkField(t, schema, "SettingsDrift", "deviations", "ZoomValue!")
	checkField(t, schema, "UpdateUserSettingsPayload", "user", "User")
	checkField(t, schema, "UpdateUserSettingsPayload", "settings", "ZoomValue")
	checkField(t, schema, "Mutation", "deleteUser", "ZoomValue")
	checkArg(t, schema.Mutation, "updateUserSettings", "input", "ZoomInput!")
	checkArg(t, schema.Mutation, "uploadUserPicture", "picFile", "Upload!")
	checkArg(t, schema.Query, "users", "status", "UserStatus")
	checkArg(t, schema.Query, "settingsDrift", "users", "ZoomInput")
	checkArg(t, schema.Query, "settingsDrift", "baseline", "JSON!")
	if directives(schema) != "" {
		t.Errorf("directives are left:\n%s", directives(schema))
	}
	for name := range code.executed {
		for _, field := range schema.Types[name].Fields {
			if slices.ContainsFunc(field.Directives, func(d *ast.Directive) bool { return ours(d.Definition) }) {
				t.Errorf("%s.%s still has a directive that only zoomgen understands", name, field.Name)
			}
		}
	}
}

func TestHideDataKeepsWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	schema := loadSchema(t, readSource(t, "testdata/prelude.graphqls"), &ast.Source{Name: "schema.graphqls", Input: `
		"What can be asked."
		type Query {
			old("Its id." id: ID! @name(zoom: "ID") @deprecated(reason: "Gone.")): String @name(zoom: "OLD") @deprecated(reason: "Gone.")
		}`})
	code, err := Read(newProgram(t, schema, madeUp(schema)), nil)
	if err != nil {
		t.Fatal(err)
	}
	hideData(schema, code)
	field := schema.Query.Fields.ForName("old")
	for _, list := range []ast.DirectiveList{field.Directives, field.Arguments[0].Directives} {
		if len(list) != 1 || list[0].Name != "deprecated" {
			t.Errorf("left are %v, want deprecated only", list)
		}
	}
}

// gone is a field of which gqlgen does not know.
const gone = "gone"

func checkField(t *testing.T, schema *ast.Schema, typeName, field, want string) {
	t.Helper()
	got := gone
	if f := schema.Types[typeName].Fields.ForName(field); f != nil {
		got = f.Type.String()
	}
	if got != want {
		t.Errorf("%s.%s is %s, want %s", typeName, field, got, want)
	}
}

func checkArg(t *testing.T, def *ast.Definition, field, arg, want string) {
	t.Helper()
	if got := def.Fields.ForName(field).Arguments.ForName(arg).Type.String(); got != want {
		t.Errorf("%s.%s(%s:) is %s, want %s", def.Name, field, arg, got, want)
	}
}

func printed(schema *ast.Schema) string {
	var b strings.Builder
	formatter.NewFormatter(&b).FormatSchema(schema)
	return b.String()
}
