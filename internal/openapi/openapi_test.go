package openapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/internal/openapi"
)

// one is a document with one operation, of which more is said.
func one(more string) string {
	return `{"openapi": "3.0.0", "paths": {"/a/{b}": {"get": {` + more + `}}}, "components": {"schemas": {
		"Node": {"type": "object", "properties": {"name": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}}},
		"Self": {"$ref": "#/components/schemas/Self"},
		"a/b c": {"type": "integer"}
	}}}`
}

func answering(schema string) string {
	return one(`"responses": {"default": {}, "200": {"content": {"application/json": {"schema": ` + schema + `}}}}`)
}

func TestShapes(t *testing.T) {
	t.Parallel()
	text := openapi.Shape{Type: "string"}
	for name, tt := range map[string]struct {
		schema string
		want   openapi.Shape
	}{
		"a text":                   {`{"type": "string", "format": "date"}`, openapi.Shape{Type: "string", Format: "date"}},
		"nullable":                 {`{"type": "string", "nullable": true, "enum": ["a", null]}`, openapi.Shape{Type: "string", Enum: []any{"a"}}},
		"null as a type":           {`{"type": ["null", "integer"]}`, openapi.Shape{Type: "integer"}},
		"null as a variant":        {`{"anyOf": [{"type": "string"}, {"type": "null"}]}`, openapi.Shape{AnyOf: []openapi.Shape{text}}},
		"a constant":               {`{"const": "a"}`, openapi.Shape{Enum: []any{"a"}}},
		"numbers":                  {`{"enum": [1, 2]}`, openapi.Shape{Type: "integer", Enum: []any{1.0, 2.0}}},
		"no type but fields":       {`{"properties": {"a": {"type": "string"}}}`, openapi.Shape{Type: "object", Properties: map[string]openapi.Shape{"a": text}}},
		"any fields":               {`{"additionalProperties": {"type": "string"}}`, openapi.Shape{Type: "object"}},
		"a list of one of several": {`{"type": "array", "items": {"oneOf": [{"type": "string"}]}}`, openapi.Shape{Type: "array", Items: &openapi.Shape{OneOf: []openapi.Shape{text}}}},
		"a tuple":                  {`{"items": [{"type": "string"}]}`, openapi.Shape{Type: "array", Items: &openapi.Shape{AnyOf: []openapi.Shape{text}}}},
		"anything":                 {`true`, openapi.Shape{}},
		"a reference to itself":    {`{"$ref": "#/components/schemas/Self"}`, openapi.Shape{Type: "object"}},
		"a name that is escaped":   {`{"$ref": "#/components/schemas/a~1b%20c"}`, openapi.Shape{Type: "integer"}},
		"a circle": {
			`{"$ref": "#/components/schemas/Node"}`,
			openapi.Shape{Type: "object", Properties: map[string]openapi.Shape{"name": text, "next": {Type: "object"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := openapi.Parse("a.json", []byte(answering(tt.schema)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, doc.Operations[0].Response.Schema); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Labels and scopes stand where Zoom has put them over the years.
func TestLabelsAndScopes(t *testing.T) {
	t.Parallel()
	type facts struct {
		label             string
		classic, granular []string
	}
	for name, tt := range map[string]struct {
		operation string
		want      facts
	}{
		"2021": {
			`"description": "Lists.<br><br>**Scopes:** ` + "`user:read:admin` `user:read`" + `<br>\n **[Rate Limit Label](https://marketplace.zoom.us/docs/api-reference/rate-limits#rate-limits):** ` + "`Resource-intensive`" + `"`,
			facts{"RESOURCE_INTENSIVE", []string{"user:read:admin", "user:read"}, nil},
		},
		"2026": {
			`"description": "Lists.\n\n\n\n**Scopes:** ` + "`user:read`,`user:read:admin`" + `\n\n\n\n**Granular Scopes:** ` + "`user:read:settings:admin`,`user:read:settings`" + `\n\n**Rate Limit Label:** ` + "`HEAVY`" + `"`,
			facts{"HEAVY", []string{"user:read", "user:read:admin"}, []string{"user:read:settings:admin", "user:read:settings"}},
		},
		"security":      {`"security": [{"oauth": ["imchat:bot", "user:read:settings"]}]`, facts{"", []string{"imchat:bot"}, []string{"user:read:settings"}}},
		"fields":        {`"x-ratelimit-label": "light", "x-granular-scopes": "a:read:b", "x-zoom-scopes": ["a:read", "user_profile"]`, facts{"LIGHT", []string{"a:read", "user_profile"}, []string{"a:read:b"}}},
		"none":          {`"description": "Its rate limits are those of others."`, facts{}},
		"another label": {`"description": "Rate Limit Label: ` + "`Sometimes`" + `"`, facts{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := openapi.Parse("a.json", []byte(one(tt.operation)))
			if err != nil {
				t.Fatal(err)
			}
			o := doc.Operations[0]
			if diff := cmp.Diff(tt.want, facts{o.RateLimit, o.Scopes, o.GranularScopes}, cmp.AllowUnexported(facts{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Parameters of a path are those of its operations, which may say more of them.
func TestParameters(t *testing.T) {
	t.Parallel()
	doc, err := openapi.Parse("a.yaml", []byte(`
openapi: 3.1.0
paths:
  x-note: none
  /a/{b}:
    parameters:
      - {name: b, in: path, required: true, schema: {type: string}}
      - {name: c, in: query, schema: {type: string}}
    post:
      parameters:
        - {name: c, in: query, required: true, schema: {type: integer}}
        - {name: d, in: query, deprecated: true, content: {application/json: {schema: {type: boolean}}}}
        - {name: e, in: cookie, schema: {type: string}}
      requestBody: {content: {multipart/form-data: {schema: {type: object}}, text/plain: {}}}
      responses:
        201: {description: made}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := &openapi.Operation{
		Method: "POST", Path: "/a/{b}",
		PathParams:  []openapi.Shape{{Name: "b", Type: "string", Required: true}},
		QueryParams: []openapi.Shape{{Name: "c", Type: "integer", Required: true}, {Name: "d", Type: "boolean", Required: false, Deprecated: true}},
		Body:        openapi.Shape{Type: "object"}, BodyMime: "multipart/form-data",
	}
	if diff := cmp.Diff(want, doc.Operations[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What cannot be read is refused with the file, the place and what is wrong.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":             {" \n", "a.json is empty"},
		"broken JSON":         {"{\n  \"openapi\": ,\n}", "a.json:2:14: it is not JSON: invalid character ','"},
		"broken YAML":         {"openapi: [", "a.json: it is not YAML: [1:10] "},
		"a list":              {"- a\n", "a.json is no OpenAPI document: at its top there is no object"},
		"another document":    {`{"name": "x"}`, "a.json is no OpenAPI document: it has no field openapi"},
		"Swagger 2":           {`{"swagger": "2.0"}`, "a.json: swagger: it is a document of version 2.0; OpenAPI 3 is needed"},
		"OpenAPI 4":           {`{"openapi": "4.0"}`, "a.json: openapi: version 4.0 is not known; OpenAPI 3 is needed"},
		"no operations":       {`{"openapi": "3.0.0", "paths": {"/a": {}}}`, "a.json: paths: it has no operations"},
		"no paths":            {`{"openapi": "3.0.0"}`, "a.json: paths: an object is needed, not nothing"},
		"a path":              {`{"openapi": "3.0.0", "paths": {"a": {}}}`, "a.json: paths.a: a path begins with a slash"},
		"an operation":        {`{"openapi": "3.0.0", "paths": {"/a": {"get": 1}}}`, "a.json: paths./a.get: an object is needed, not a number"},
		"parameters":          {one(`"parameters": {}`), "a.json: paths./a/{b}.get.parameters: a list is needed, not an object"},
		"a nameless one":      {one(`"parameters": [{"in": "query"}]`), "a.json: paths./a/{b}.get.parameters.0: the parameter has no name"},
		"a schema":            {answering(`"text"`), "a.json: paths./a/{b}.get.responses.200.content.application/json.schema: a schema is an object, not a text"},
		"variants":            {answering(`{"oneOf": {}}`), "schema.oneOf: a list is needed, not an object"},
		"fields":              {answering(`{"properties": []}`), "schema.properties: an object is needed, not a list"},
		"a reference":         {answering(`{"$ref": "#/components/schemas/None"}`), `$ref "#/components/schemas/None" leads nowhere`},
		"a reference outside": {answering(`{"$ref": "other.json#/A"}`), `$ref "other.json#/A" leads out of the document; give one that holds everything`},
		"a circle":            {`{"openapi": "3.0.0", "paths": {"/a": {"$ref": "#/paths/~1a"}}}`, "a.json: paths./a: its references lead round in a circle"},
		"an alias":            {"a: &a [1]\nb: *a\n", "a.json:2:4: it has a YAML alias, which is not followed; write out what it stands for"},
		"a bomb":              {bomb(), "the document has more than 150000 schemas once its references are followed"},
		"a long chain":        {chain(), "a.json: components: its schemas are more than 64 deep"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := openapi.Parse("a.json", []byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("it was read as %v, with the error %v, want %s", doc, err, tt.want)
			}
		})
	}
}

// bomb is a small document that is huge once its references are followed: each schema has the next one twice.
func bomb() string {
	var b strings.Builder
	for i := range 60 {
		fmt.Fprintf(&b, `"S%d": {"properties": {"a": {"$ref": "#/components/schemas/S%d"}, "b": {"$ref": "#/components/schemas/S%d"}}},`, i, i+1, i+1)
	}
	return `{"openapi": "3.0.0", "paths": {"/a": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}}}}},
		"components": {"schemas": {` + b.String() + ` "S60": {"type": "string"}}}}`
}

// chain is one in which each schema is the next one.
func chain() string {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, `"S%d": {"$ref": "#/components/schemas/S%d"},`, i, i+1)
	}
	return `{"openapi": "3.0.0", "paths": {"/a": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}}}}},
		"components": {"schemas": {` + b.String() + ` "S100": {"type": "string"}}}}`
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(answering(`{"$ref": "#/components/schemas/Node"}`)))
	f.Add([]byte("openapi: 3.0.0\npaths: {/a: {get: {}}}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := openapi.Parse("a.json", text)
		if (err == nil) != (doc != nil) || err == nil && len(doc.Operations) == 0 {
			t.Errorf("%v, %v", doc, err)
		}
	})
}
