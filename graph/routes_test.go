package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/graph/window"
)

// This file finds a query for the field that an operation answers, before a Zoom that has nothing: what stands above the
// field is made up of its types. Start reading at query.

// routes are ways to the types of a schema.
type routes struct {
	*walker
	ways map[string]route
}

// route is how a type is come to: by a field of another type; the query has no field above it.
type route struct {
	of    *ast.Definition
	field *ast.FieldDefinition
}

// spot is a field of a type.
type spot struct {
	of    *ast.Definition
	field *ast.FieldDefinition
}

// newRoutes finds the shortest way to each type: a thing by its key, and others from there.
func newRoutes(t testing.TB) *routes {
	t.Helper()
	r := &routes{walker: &walker{service: &service{t: t}, program: programtest.Of(t), schema: schema(t), noURLs: true}, ways: map[string]route{}}
	found := []*ast.Definition{r.schema.Query}
	visit := func(def *ast.Definition, f *ast.FieldDefinition) {
		result := r.schema.Types[f.Type.Name()]
		if node := r.program.Node(f); node != nil {
			result = node
		}
		_, known := r.ways[result.Name]
		if known || result == r.schema.Query || program.IsBuiltin(f) || f.Directives.ForName("derived") != nil || !r.program.Executed(result) || asksForMe(def, f) || r.forgetsUser(result, f) {
			return
		}
		r.ways[result.Name] = route{def, f}
		found = append(found, result)
	}
	for _, f := range r.schema.Query.Fields {
		if r.program.DetailField(r.schema.Types[f.Type.Name()]) == f {
			visit(r.schema.Query, f)
		}
	}
	for i := 0; i < len(found); i++ {
		for _, f := range found[i].Fields {
			visit(found[i], f)
		}
	}
	return r
}

// forgetsUser tells of a way to a thing that names no user, where what hangs on the thing is read as one: an account's
// credentials go another way.
func (w *walker) forgetsUser(thing *ast.Definition, way *ast.FieldDefinition) bool {
	op := w.program.Operation(way)
	return op != nil && !op.Below(program.Caller) && slices.ContainsFunc(thing.Fields, func(f *ast.FieldDefinition) bool {
		return w.program.Operation(f) != nil && slices.ContainsFunc(w.program.Sources(thing, f), func(s program.Source) bool {
			return s.Above && s.Param == program.Caller
		})
	})
}

// fieldsOf are the fields that an operation answers, without links: of those that read a thing by its key, one.
func (r *routes) fieldsOf(op string) []spot {
	fact := r.program.Fact(op)
	if fact == nil {
		return nil
	}
	var found []spot
	for _, name := range fact.Fields {
		typeName, fieldName, _ := strings.Cut(name, ".")
		def := r.schema.Types[typeName]
		f := def.Fields.ForName(fieldName)
		if _, reached := r.ways[typeName]; !reached && def != r.schema.Query && def != r.schema.Mutation {
			continue // read back by a write
		}
		switch form := r.program.FormOf(def, f); {
		case program.IsFile(f), asksForMe(def, f), form == program.Link, form == program.Inside:
			continue
		case form == program.Thing && r.program.DetailField(r.schema.Types[f.Type.Name()]) != f:
			continue
		}
		found = append(found, spot{def, f})
	}
	return found
}

// where is the way to the probe's field, from the root.
func (p *probe) where() place {
	var at place
	for def := p.at.of; def != p.schema.Query && def != p.schema.Mutation; {
		way := p.ways[def.Name]
		if p.program.Node(way.field) != nil {
			at = append(at, "nodes")
		}
		at = append(at, way.field.Name+p.given(way.field, 1))
		def = way.of
	}
	slices.Reverse(at)
	return at
}

// query asks for the probe's field with what it may have in the sample.
func (p *probe) query() string {
	rows := 1
	if object, isObject := p.sample.(map[string]any); isObject {
		list, _ := object[program.ListKey(p.at.field)].([]any)
		rows = max(rows, len(list))
	}
	kind, below := "", ""
	switch def := p.schema.Types[p.at.field.Type.Name()]; {
	case p.at.of == p.schema.Mutation:
		kind, below = "mutation ", p.walker.payload(def)
	case program.IsTree(def):
		below = p.sections(def)
	case p.program.Executed(p.program.Node(p.at.field)):
		below = " { " + p.own(def).text + " nodes" + p.parts(p.program.Node(p.at.field), 0).text + " }"
	case p.program.Executed(def):
		below = p.parts(def, 0).text
	default:
		below = p.all(def, 0).text
	}
	return kind + p.where().around(p.at.field.Name+p.given(p.at.field, rows)+below)
}

// parts selects what a type has of its own, also where that leads on.
func (p *probe) parts(def *ast.Definition, depth int) picked {
	s := p.own(def)
	for _, f := range def.Fields {
		below := p.schema.Types[f.Type.Name()]
		switch {
		case p.program.IsPart(def, f) && below.Kind == ast.Union:
			s.add(def, f, p.oneOf(below))
		case depth < 6 && p.program.IsPart(def, f):
			s.add(def, f, p.parts(below, depth+1))
		case program.IsInside(f):
			s.add(def, f, p.own(below).braced())
		}
	}
	return s.braced()
}

// sections selects of a settings tree what the sample has.
func (p *probe) sections(tree *ast.Definition) string {
	sample, _ := p.sample.(map[string]any)
	chosen := map[string][]string{}
	var names []string
	for name, value := range sample {
		section, field := sectionOf(p.schema, tree, name)
		if section == nil {
			continue
		}
		if chosen[section.Name] == nil {
			names = append(names, section.Name)
		}
		if field != nil {
			chosen[section.Name] = append(chosen[section.Name], field.Name+p.sampled(p.schema.Types[field.Type.Name()], value))
			continue
		}
		chosen[section.Name] = append(chosen[section.Name], p.inner(p.schema.Types[section.Type.Name()], value))
	}
	slices.Sort(names)
	text := " {"
	for _, name := range names {
		text += " " + name + " { __typename " + strings.Join(chosen[name], " ") + " }"
	}
	return text + " }"
}

// sampled selects of a type what a value has.
func (p *probe) sampled(def *ast.Definition, value any) string {
	if def.Kind != ast.Object {
		return ""
	}
	return " { __typename " + p.inner(def, value) + " }"
}

func (p *probe) inner(def *ast.Definition, value any) string {
	var fields []string
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			fields = append(fields, p.inner(def, element))
		}
	case map[string]any:
		for name, below := range value {
			if f := fieldNamed(def, name); f != nil {
				fields = append(fields, f.Name+p.sampled(p.schema.Types[f.Type.Name()], below))
			}
		}
	}
	slices.Sort(fields)
	return strings.Join(fields, " ")
}

// given are the arguments of a field: those that give the path, those that have to be there, and how many rows.
func (p *probe) given(f *ast.FieldDefinition, rows int) string {
	var given []string
	for _, arg := range f.Arguments {
		def := p.schema.Types[arg.Type.Name()]
		value := ""
		switch {
		case arg.Name == "first":
			value = fmt.Sprint(min(rows, 1000))
		case arg.Name == recipient:
			value = someRecipient
		case !arg.Type.NonNull || arg.DefaultValue != nil:
			continue
		case isTime(arg):
			value = p.time(arg, f)
		case def.Kind == ast.Enum:
			value = def.EnumValues[0].Name
		case def.Kind == ast.InputObject:
			value = maker{walker: p.walker}.input(def, 0)
		case def.Name == "Int", def.Name == "Long", def.Name == "Float":
			value = "1"
		case def.Name == "Boolean":
			value = "true"
		default:
			text, _ := json.Marshal(p.key(f, arg))
			value = string(text)
		}
		if arg.Type.Elem != nil {
			value = "[" + value + "]"
		}
		given = append(given, arg.Name+": "+value)
	}
	if given == nil {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

// time is the sample's own from or to, or else today: one call answers all of it.
func (p *probe) time(arg *ast.ArgumentDefinition, f *ast.FieldDefinition) string {
	sample, _ := p.sample.(map[string]any)
	from, _ := sample["from"].(string)
	to, _ := sample["to"].(string)
	if pieces, err := p.op.Cut(window.Piece{From: from, To: to}, time.Now()); f == p.at.field && from != "" && to != "" && err == nil && len(pieces) == 1 {
		if arg.Name == "to" {
			return fmt.Sprintf("%q", to)
		}
		return fmt.Sprintf("%q", from)
	}
	if arg.Type.Name() == "Date" {
		return fmt.Sprintf("%q", time.Now().UTC().Format(time.DateOnly))
	}
	return fmt.Sprintf("%q", time.Now().UTC().Format("2006-01-02T00:00:00Z"))
}

// key is the sample's own where the argument is that, and one that is made up otherwise.
func (p *probe) key(f *ast.FieldDefinition, arg *ast.ArgumentDefinition) string {
	result := p.schema.Types[f.Type.Name()]
	sample, _ := p.sample.(map[string]any)
	if own, _ := sample[arg.Name].(string); result == p.at.of && arg.Name == p.program.KeyName(result) && own != "" {
		return own // what tells of a thing may have its key
	}
	if f == p.at.field {
		for _, name := range []string{p.program.KeyName(result), arg.Name, "id"} {
			if own := fieldNamed(result, program.Snake(name)); own != nil && name != "" && arg.Type.Name() == "ID" && result.Kind == ast.Object {
				if value := sample[program.NameOf(own)]; value != nil && fmt.Sprint(value) != "" {
					return fmt.Sprint(value)
				}
			}
		}
	}
	if arg.Name == "uuid" || arg.Name == "email" {
		return map[string]string{"uuid": "4444AAAiAAAAAiAiAiiAii==", "email": "ada.lovelace@example.com"}[arg.Name]
	}
	return "85746065432"
}

// answer is the Zoom that gives the sample, what rows of it have as their details, and made-up things otherwise.
func (p *probe) answer(t *testing.T) func(*http.Request) string {
	sample, err := json.Marshal(p.sample)
	if err != nil {
		t.Fatal(err)
	}
	ops := map[string]*program.Operation{}
	for _, chapter := range p.program.Chapters {
		for _, op := range chapter.Operations {
			method, path := op.Today()
			ops[method+" "+path] = op
		}
	}
	return func(r *http.Request) string {
		path := strings.TrimPrefix(r.URL.EscapedPath(), "/v2")
		if method, template := p.op.Today(); method == r.Method && matches(template, path) >= 0 {
			return string(sample)
		}
		op := ops[templateOf(path, ops)]
		if op == nil || r.Method != http.MethodGet {
			return ""
		}
		if len(op.Fields) == 0 {
			return ""
		}
		typeName, fieldName, _ := strings.Cut(op.Fields[0], ".")
		f := p.schema.Types[typeName].Fields.ForName(fieldName)
		text, err := json.Marshal(p.made(op, f, path[strings.LastIndexByte(path, '/')+1:]))
		if err != nil {
			t.Error(err)
		}
		return string(text)
	}
}

// made is a made-up answer for a field. Where it is the detail of what the sample tells of, it is that.
func (p *probe) made(op *program.Operation, f *ast.FieldDefinition, key string) any {
	def := p.schema.Types[f.Type.Name()]
	row := p.thing(def, 0)
	if node := p.program.Node(f); node != nil {
		row = p.thing(node, 0)
	}
	if list := program.ListKey(f); list != "" {
		if f.Type.Elem == nil && p.program.Node(f) == nil {
			return map[string]any{list: row}
		}
		return map[string]any{list: []any{row}}
	}
	if name := p.program.KeyName(def); name != "" && p.program.Detail(def) == op {
		row[program.NameOf(p.program.Key(def))] = key
		for _, told := range objectsIn(p.sample) {
			if fmt.Sprint(told[program.NameOf(p.program.Key(def))]) == key || p.at.of == p.schema.Mutation {
				row = told
				break
			}
		}
	}
	if op.Within != nil {
		return map[string]any{op.Within[0]: row}
	}
	return row
}

// objectsIn are all objects of a value, from the outermost on.
func objectsIn(v any) []map[string]any {
	var all []map[string]any
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			all = append(all, objectsIn(element)...)
		}
	case map[string]any:
		all = append(all, v)
		for _, element := range v {
			all = append(all, objectsIn(element)...)
		}
	}
	return all
}

// thing is a made-up value of a type, as Zoom spells it.
func (p *probe) thing(def *ast.Definition, depth int) map[string]any {
	object := map[string]any{}
	for _, f := range def.Fields {
		below := p.schema.Types[f.Type.Name()]
		var value any
		switch {
		case program.IsBuiltin(f), operationOf(f) != nil, depth > 3:
			continue
		case below.Kind == ast.Object && p.program.Executed(below):
			value = p.thing(below, depth+1)
		case below.Kind == ast.Enum:
			value = program.Wire(below.EnumValues[0])
		case below.Name == "ID":
			value = "85746065432"
		case below.Name == "DateTime":
			value = "2026-01-02T03:04:05Z"
		case below.Name == "Int", below.Name == "Long", below.Name == "Float":
			value = 1
		case below.Name == "Boolean":
			value = true
		case below.Name == "String" && f.Type.NonNull:
			value = "ada.lovelace@example.com"
		default:
			continue
		}
		if f.Type.Elem != nil {
			value = []any{value}
		}
		object[program.NameOf(f)] = value
	}
	return object
}
