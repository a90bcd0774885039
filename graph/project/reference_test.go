package project_test

import (
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/project"
)

// A reference answers a selection in the plain way: it decodes an object into a map, walks what gqlgen collects, and
// encodes each leaf. It is what the projection is compared with.
type reference struct {
	schema *ast.Schema
	op     *graphql.OperationContext
	errors []string
	absent []absence
	spelt  []project.Spelling
}

// maxErrors is how many errors a value reports.
const maxErrors = 100

// reference answers a query of the one field thing.
func (h *harness) reference(tb testing.TB, document, query string, variables map[string]any) (string, *reference) {
	ctx := h.capture(tb, query, variables)
	field := graphql.GetFieldContext(ctx).Field
	r := &reference{schema: h.schema, op: graphql.GetOperationContext(ctx)}
	path := ast.Path{ast.PathName(field.Alias)}
	text, _ := r.place(path, field.Definition.Type, field.Selections, json.RawMessage(strings.TrimSpace(document)), "Query.thing")
	return `{"thing":` + text + `}`, r
}

type object = map[string]json.RawMessage

func (r *reference) fail(path ast.Path, t *ast.Type, found string) {
	if len(r.errors) < maxErrors {
		r.errors = append(r.errors, mismatch(path.String(), t.String(), found))
	}
}

func (r *reference) tell(path ast.Path, reason string) {
	r.absent = append(r.absent, absence{path.String(), reason})
}

// place returns what stands at a place of type t, and false where a null does that must not.
func (r *reference) place(path ast.Path, t *ast.Type, set ast.SelectionSet, raw json.RawMessage, field string) (string, bool) {
	if raw == nil {
		r.tell(path, "NOT_IN_RESPONSE")
		if t.NonNull {
			r.fail(path, t, "nothing")
		}
		return "null", !t.NonNull
	}
	kind := kindOf(raw)
	if kind == "null" {
		if t.NonNull {
			r.fail(path, t, "null")
		}
		return "null", !t.NonNull
	}
	if r.isNothing(t, string(raw)) {
		return "null", true
	}
	out, ok := r.value(path, t, set, raw, kind, field)
	if !ok {
		return "null", !t.NonNull
	}
	return out, true
}

// isNothing tells whether a text stands for nothing: an empty one for an id, a time, or an enum that has no such value; of
// an enum also a space.
func (r *reference) isNothing(t *ast.Type, text string) bool {
	if t.NonNull || t.Elem != nil {
		return false
	}
	if def := r.schema.Types[t.NamedType]; def.Kind == ast.Enum {
		hasEmpty := slices.ContainsFunc(def.EnumValues, func(v *ast.EnumValueDefinition) bool { return wire(v) == "" })
		return !hasEmpty && (text == `""` || text == `" "`)
	}
	return text == `""` && slices.Contains([]string{"ID", "DateTime", "Date"}, t.NamedType)
}

func (r *reference) value(path ast.Path, t *ast.Type, set ast.SelectionSet, raw json.RawMessage, kind, field string) (string, bool) {
	if t.Elem != nil {
		return r.list(path, t, set, raw, kind, field)
	}
	def := r.schema.Types[t.NamedType]
	switch def.Kind {
	case ast.Object:
		return r.object(path, t, def, set, raw, kind)
	case ast.Enum:
		text := string(raw)
		if kind == "string" {
			text = decode[string](raw)
		}
		if kind != "string" && kind != "number" {
			r.fail(path, t, kind)
			return "", false
		}
		if n, ok := whole(text); ok && numeral.MatchString(text) {
			text = n.String()
		}
		for _, v := range def.EnumValues {
			if wire(v) != text {
				continue
			}
			if numeral.MatchString(text) == (kind == "string") {
				r.spelt = append(r.spelt, project.Spelling{Field: field, Type: def.Name})
			}
			return encode(v.Name), true
		}
		r.tell(path, "UNKNOWN_VALUE")
		if t.NonNull {
			r.fail(path, t, "unknown value")
		}
		return "", false
	}
	out, ok := leaf(t.NamedType, raw, kind)
	_, isTime := leaf("DateTime", raw, kind)
	switch {
	case !ok:
		r.fail(path, t, kind)
	case t.NamedType == "String" && kind == "number", t.NamedType != "String" && t.NamedType != "ID" && !strings.HasPrefix(t.NamedType, "Date") && t.NamedType != "JSON" && kind == "string",
		t.NamedType == "Date" && !isTime: // without zeros in front
		r.spelt = append(r.spelt, project.Spelling{Field: field, Type: t.NamedType})
	}
	return out, ok
}

func (r *reference) list(path ast.Path, t *ast.Type, set ast.SelectionSet, raw json.RawMessage, kind, field string) (string, bool) {
	var elements []json.RawMessage
	switch kind {
	case "list":
		elements = decode[[]json.RawMessage](raw)
	case "object":
		elements = []json.RawMessage{raw}
	default:
		r.fail(path, t, kind)
		return "", false
	}
	var out []string
	for i, e := range elements {
		text, ok := r.place(below(path, ast.PathIndex(i)), t.Elem, set, e, field)
		if !ok {
			return "", false
		}
		out = append(out, text)
	}
	return "[" + strings.Join(out, ",") + "]", true
}

func (r *reference) object(path ast.Path, t *ast.Type, def *ast.Definition, set ast.SelectionSet,
	raw json.RawMessage, kind string,
) (string, bool) {
	if kind != "object" {
		r.fail(path, t, kind)
		return "", false
	}
	members := decode[object](raw)
	var out []string
	for _, f := range graphql.CollectFields(r.op, set, append([]string{def.Name}, def.Interfaces...)) {
		text := encode(def.Name)
		if f.Name != "__typename" {
			var ok bool
			text, ok = r.place(below(path, ast.PathName(f.Alias)), f.Definition.Type, f.Selections, members[zoomName(f.Definition)], def.Name+"."+f.Name)
			if !ok {
				return "", false
			}
		}
		out = append(out, encode(f.Alias)+":"+text)
	}
	return "{" + strings.Join(out, ",") + "}", true
}

func leaf(name string, raw json.RawMessage, kind string) (string, bool) {
	text := string(raw)
	if kind == "string" {
		text = decode[string](raw)
	}
	switch name {
	case "String":
		if n, ok := whole(text); ok && kind == "number" && n.IsInt64() && strings.ContainsAny(text, ".eE") {
			text = n.String()
		}
		return encode(text), kind == "string" || kind == "number"
	case "Boolean":
		return text, text == "true" || text == "false"
	case "Float":
		_, err := strconv.ParseFloat(text, 64)
		return text, numeral.MatchString(text) && err == nil
	case "Int":
		n, ok := whole(text)
		return n.String(), spelled(text, kind) && ok && n.IsInt64() && n.Int64() == int64(int32(n.Int64()))
	case "Long":
		n, ok := whole(text)
		return n.String(), spelled(text, kind) && ok && n.IsInt64()
	case "ID":
		if kind == "number" && strings.ContainsAny(text, ".eE") {
			n, ok := whole(text)
			return encode(n.String()), ok && n.IsInt64()
		}
		return encode(text), kind == "string" || kind == "number"
	case "DateTime":
		if _, err := time.Parse(time.DateTime, text); err == nil { // polls have it
			text = strings.Replace(text, " ", "T", 1)
		}
		_, zoned := time.Parse(time.RFC3339, text)
		_, local := time.Parse("2006-01-02T15:04:05", text)
		_, day := time.Parse("2006-01-02", text)
		return encode(text), kind == "string" && (zoned == nil || local == nil || day == nil)
	case "Date":
		if at, err := time.Parse("2006-1-2", text); err == nil && kind == "string" {
			return encode(at.Format("2006-01-02")), true
		}
		_, ok := leaf("DateTime", raw, kind)
		return encode(text[:min(len(text), 10)]), ok
	}
	return string([]rune(string(raw))), true // with U+FFFD for what is not UTF-8
}

// numeral is JSON's grammar of numbers.
var numeral = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// spelled tells whether a whole number stands there as it may: in a text without fraction and exponent.
func spelled(text, kind string) bool {
	return numeral.MatchString(text) && (kind == "number" || !strings.ContainsAny(text, ".eE"))
}

func whole(text string) (*big.Int, bool) {
	n, ok := new(big.Rat).SetString(text)
	if !ok || !n.IsInt() || strings.ContainsAny(text, "/_xXpPbBoO") {
		return new(big.Int), false
	}
	return n.Num(), true
}

func kindOf(raw json.RawMessage) string {
	switch raw[0] {
	case '{':
		return "object"
	case '[':
		return "list"
	case '"':
		return "string"
	case 'n':
		return "null"
	case 't', 'f':
		return "boolean"
	}
	return "number"
}

func wire(v *ast.EnumValueDefinition) string {
	if d := v.Directives.ForName("wire"); d != nil {
		return d.Arguments.ForName("value").Value.Raw
	}
	return strings.ToLower(v.Name)
}

func zoomName(def *ast.FieldDefinition) string {
	if d := def.Directives.ForName("name"); d != nil {
		return d.Arguments.ForName("zoom").Value.Raw
	}
	name := def.Name
	for c := 'A'; c <= 'Z'; c++ {
		name = strings.ReplaceAll(name, string(c), "_"+strings.ToLower(string(c)))
	}
	return name
}

func below(path ast.Path, e ast.PathElement) ast.Path { return append(path[:len(path):len(path)], e) }

func decode[T any](raw json.RawMessage) T {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		panic(err)
	}
	return v
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
