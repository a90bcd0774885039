package project_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"

	"zoomgraph/graph/project"
)

const inputSchema = `
enum Color { RED BLUE @wire(value: "blau") HUNDRED @wire(value: "100") }

input ThingInput {
  name: String
  int: Int
  float: Float
  flag: Boolean
  id: ID
  long: Long
  at: DateTime
  any: JSON
  color: Color
  camelCase: String
  odd: String @name(zoom: "odd_Id")
  ints: [Int!]
  colors: [Color]
  matrix: [[Int]]
  inner: InnerInput
  inners: [InnerInput!]
  sure: SureInput
}

input InnerInput {
  plain: Int
  color: Color = BLUE
  list: [Int!] = [1, 2]
  nested: NestedInput = {a: 5}
  sure: Boolean! = true
  nothing: String = null
}

input NestedInput { a: Int b: Int = 7 }
input SureInput { must: Int! }

type Query { set(input: ThingInput): Int }
`

// body coerces the argument of a query as gqlgen does, and writes its body.
func body(t *testing.T, h *harness, query, variables string) (string, error) {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(h.schema, query, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	given := map[string]any{}
	decoder := json.NewDecoder(strings.NewReader(variables)) // as gqlgen's transports decode
	decoder.UseNumber()
	if err := decoder.Decode(&given); err != nil {
		t.Fatal(err)
	}
	op := doc.Operations[0]
	coerced, err := validator.VariableValues(h.schema, op, given)
	if err != nil {
		t.Fatal(err)
	}
	field := op.SelectionSet[0].(*ast.Field)
	var in project.Input
	if err := in.UnmarshalGQLContext(t.Context(), field.ArgumentMap(coerced)["input"]); err != nil {
		t.Fatal(err)
	}
	out, err := h.projector.Body("ThingInput", in)
	return string(out), err
}

func TestBody(t *testing.T) {
	t.Parallel()
	h := newHarness(t, inputSchema)
	tests := []struct{ name, input, want string }{
		{"nothing", `{}`, `{}`},
		{
			"null is kept, absent is not", `{"name":null,"int":1,"ints":null,"inner":null}`,
			`{"name":null,"int":1,"ints":null,"inner":null}`,
		},
		{"order of the schema", `{"flag":true,"int":2,"name":"n"}`, `{"name":"n","int":2,"flag":true}`},
		{"names", `{"camelCase":"a","odd":"b"}`, `{"camel_case":"a","odd_Id":"b"}`},
		{"strings", `{"name":"<é>\n\""}`, `{"name":"<é>\n\""}`},
		{
			"numbers", `{"int":-5,"float":1.50,"long":9223372036854775807}`,
			`{"int":-5,"float":1.50,"long":9223372036854775807}`,
		},
		{"whole numbers", `{"long":1e3}`, `{"long":1000}`},
		{"a long in a string", `{"long":"42"}`, `{"long":42}`},
		{"ids", `{"id":85746065432}`, `{"id":"85746065432"}`},
		{"times", `{"at":"2026-01-02T03:04:05Z"}`, `{"at":"2026-01-02T03:04:05Z"}`},
		{"any JSON", `{"any":{"b":[1.0,null,"<"],"a":{}}}`, `{"any":{"a":{},"b":[1.0,null,"<"]}}`},
		{
			"enum values", `{"color":"BLUE","colors":["RED",null,"HUNDRED"]}`,
			`{"color":"blau","colors":["red",null,100]}`,
		},
		{"lists", `{"ints":[1,2],"matrix":[[1,null],null,[]]}`, `{"ints":[1,2],"matrix":[[1,null],null,[]]}`},
		{
			"a list of one", `{"ints":1,"colors":"RED","inners":{"color":null,"list":null,"nested":null}}`,
			`{"ints":[1],"colors":["red"],"inners":[{"color":null,"list":null,"nested":null,"sure":true,"nothing":null}]}`,
		},
		{
			"nested defaults", `{"inner":{"plain":1}}`,
			`{"inner":{"plain":1,"color":"blau","list":[1,2],"nested":{"a":5,"b":7},"sure":true,"nothing":null}}`,
		},
		{
			"given instead of defaults", `{"inner":{"color":"RED","list":[],"nested":{},"sure":false,"nothing":"x"}}`,
			`{"inner":{"color":"red","list":[],"nested":{"b":7},"sure":false,"nothing":"x"}}`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := body(t, h, `query ($in: ThingInput) { set(input: $in) }`, `{"in":`+test.input+`}`)
			if err != nil || got != test.want {
				t.Errorf("got  %s %v\nwant %s", got, err, test.want)
			}
		})
	}
}

func TestBodyOfLiterals(t *testing.T) {
	t.Parallel()
	h := newHarness(t, inputSchema)
	tests := []struct{ name, input, variables, want string }{
		{
			"literals", `{int: 5, float: 2, id: 7, long: 99, color: HUNDRED, any: {x: [RED, 1.5]}, ints: 3}`, `{}`,
			`{"int":5,"float":2,"id":"7","long":99,"any":{"x":["RED",1.5]},"color":100,"ints":[3]}`,
		},
		{
			"variables", `{int: $n, name: $unset, ints: [$n, 2], color: $c}`, `{"n":4,"c":"RED"}`,
			`{"int":4,"color":"red","ints":[4,2]}`,
		},
		{"no input", `null`, `{}`, `{}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			query := `query ($n: Int = 3, $unset: String, $c: Color) { set(input: ` + test.input + `)
				a: set(input: {int: $n, name: $unset, color: $c}) }`
			got, err := body(t, h, query, test.variables)
			if err != nil || got != test.want {
				t.Errorf("got  %s %v\nwant %s", got, err, test.want)
			}
		})
	}
}

// TestBodyRefuses has what passes gqlparser's validation and is wrong all the same.
func TestBodyRefuses(t *testing.T) {
	t.Parallel()
	h := newHarness(t, inputSchema)
	tests := []struct{ name, input, want string }{
		{"a number beyond Int", `{"ints":[1,3000000000]}`, `ints[1]: expected Int, found number`},
		{"a string for Int", `{"int":"5"}`, `int: expected Int, found string`},
		{"a number for String", `{"name":5}`, `name: expected String, found number`},
		{"an enum value in lower case", `{"inners":[{},{"color":"blue"}]}`, `inners[1].color: not a value of Color`},
		{"a number beyond Long", `{"long":9223372036854775808}`, `long: expected Long, found number`},
		{"no time", `{"at":"soon"}`, `at: expected DateTime, found string`},
		{"a fraction for ID", `{"id":1.5}`, `id: expected ID, found number`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := body(t, h, `query ($in: ThingInput) { set(input: $in) }`, `{"in":`+test.input+`}`)
			var coded *gqlerror.Error
			if !errors.As(err, &coded) {
				t.Fatalf("got %v", err)
			}
			want := &gqlerror.Error{Message: test.want, Extensions: map[string]any{"code": "BAD_USER_INPUT"}}
			if diff := cmp.Diff(want, coded); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestBodyChecks has inputs that validation refuses before they get here.
func TestBodyChecks(t *testing.T) {
	t.Parallel()
	h := newHarness(t, inputSchema)
	tests := []struct {
		name  string
		input map[string]any
		want  string
	}{
		{"a required field left out", map[string]any{"sure": map[string]any{}}, "sure.must: required"},
		{"null for non-null", map[string]any{"sure": map[string]any{"must": nil}}, "sure.must: expected Int!, found null"},
		{"no object", map[string]any{"sure": 1}, "sure: expected SureInput, found another kind of value"},
		{"no JSON", map[string]any{"any": func() {}}, "any: json: unsupported type: func()"},
	}
	for _, test := range tests {
		var in project.Input
		if err := in.UnmarshalGQLContext(t.Context(), test.input); err != nil {
			t.Fatal(err)
		}
		if _, err := h.projector.Body("ThingInput", in); err == nil || !strings.HasSuffix(err.Error(), test.want) {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
	for _, name := range []string{"Missing", "Color", "Query"} {
		if _, err := h.projector.Body(name, project.Input{}); err == nil {
			t.Errorf("%s is taken for an input", name)
		}
	}
}

func TestInput(t *testing.T) {
	t.Parallel()
	var in project.Input
	if err := in.UnmarshalGQLContext(t.Context(), map[string]any{"a": nil}); err != nil {
		t.Fatal(err)
	}
	if err := in.UnmarshalGQLContext(t.Context(), "x"); err == nil {
		t.Error("a string is taken for an input object")
	}
	if err := in.MarshalGQLContext(t.Context(), nil); err == nil {
		t.Error("an Input is written")
	}
}
