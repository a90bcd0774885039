package graph_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph"
	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/rawjson"
)

var update = flag.Bool("update", false, "write the golden files anew")

// unnamedFile lists the values of samples that the schema does not name: the operation and the place, without the value.
const unnamedFile = "testdata/unnamed.txt"

// Each answer that others have seen of an operation which the schema has comes out as it is: a Zoom that gives that answer
// is asked for the operation's field with all that is data below it. There are no errors, and each value that the schema
// names is the answer's. What it does not name is listed in a golden file. Start reading at probe.
func TestFidelity(t *testing.T) {
	t.Parallel()
	var samples []sample
	programtest.Collected(t, "samples.json", &samples)
	w := newRoutes(t)
	var lacking []string
	checked := 0
	for i, s := range samples {
		fields := w.fieldsOf(s.Operation)
		for _, at := range fields {
			checked++
			p := &probe{routes: w, op: w.program.Fact(s.Operation), at: at}
			t.Run(fmt.Sprintf("%d %s %s.%s", i, s.Operation, at.of.Name, at.field.Name), func(t *testing.T) {
				p.run(t, s.Sample)
			})
			lacking = append(lacking, p.lacking...)
		}
	}
	slices.Sort(lacking)
	lacking = slices.Compact(lacking)
	t.Logf("%d answers were asked for; the schema lacks %d of their places", checked, len(lacking))
	golden(t, unnamedFile, lacking)
}

// probe asks for one sample by one field.
type probe struct {
	*routes
	op *program.Operation
	at spot

	sample   any
	lacking  []string // places that the schema does not name
	problems []string
}

func (p *probe) run(t *testing.T, raw json.RawMessage) {
	t.Helper()
	today := raw
	if p.op.Now == "" && p.op.Renamed != nil { // the answer comes out under today's names
		today = rawjson.Rename(raw, p.op.Renamed)
	}
	if err := decode(today, &p.sample); err != nil {
		t.Fatal(err)
	}
	list := program.ListKey(p.at.field)
	if rows, bare := p.sample.([]any); bare && list != "" {
		p.sample = map[string]any{list: rows}
	}
	query := p.query()
	z := &graph.Stub{Otherwise: p.answer(t)}
	data, errors := z.Before(t, p.program, nil)(query)
	if errors != "" {
		t.Errorf("%s\n%.2000s\nasked: %q", query, errors, z.Calls())
	}
	var answer map[string]any
	if err := decode([]byte(data), &answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	found := objectsAt(answer, p.where())
	if len(found) == 0 {
		t.Fatalf("%s\nleads nowhere: %s", query, data)
	}
	p.compareAnswer(found[0][p.at.field.Name])
	for _, problem := range p.problems {
		t.Errorf("%s: %s", p.op.Op, problem)
	}
	if t.Failed() {
		t.Logf("%.1500s", query)
	}
}

// decode reads JSON, and leaves numbers as they are spelled.
func decode(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(into)
}

// compareAnswer compares the field's value with the sample.
func (p *probe) compareAnswer(got any) {
	def := p.schema.Types[p.at.field.Type.Name()]
	sample, list := p.sample, program.ListKey(p.at.field)
	object, _ := sample.(map[string]any)
	switch node := p.program.Node(p.at.field); {
	case node != nil:
		connection, _ := got.(map[string]any)
		beside := maps.Clone(object)
		delete(beside, list)
		for _, name := range []string{"next_page_token", "page_size", "page_number", "page_count"} {
			delete(beside, name)
		}
		if total, told := beside["total_records"]; told && def.Fields.ForName("totalCount") != nil {
			p.leaf("total_records", def.Fields.ForName("totalCount").Type, total, connection["totalCount"])
			delete(beside, "total_records")
		}
		p.object("", def, beside, connection, "")
		p.value(list, ast.ListType(ast.NamedType(node.Name, nil), nil), object[list], connection["nodes"])
	case list != "":
		p.value(list, p.at.field.Type, object[list], got)
		for _, name := range slices.Sorted(maps.Keys(object)) {
			if name != list && !slices.Contains([]string{"next_page_token", "page_size", "page_number", "page_count", "total_records"}, name) {
				p.lack(name)
			}
		}
	case program.IsTree(def):
		p.tree(def, object, got)
	case p.op.Within != nil:
		flat := maps.Clone(object)
		for _, name := range slices.Backward(p.op.Within) {
			inner, _ := object[name].(map[string]any)
			delete(flat, name)
			for key, value := range inner {
				flat[key] = value
			}
		}
		for key, value := range object {
			if !slices.Contains(p.op.Within, key) {
				flat[key] = value
			}
		}
		p.value("", p.at.field.Type, flat, got)
	case !p.op.Reads():
		p.payload(def, object, got)
	default:
		p.value("", p.at.field.Type, sample, got)
	}
}

func (p *probe) lack(place string) { p.lacking = append(p.lacking, p.op.Op+" "+place) }

func (p *probe) wrong(place, format string, args ...any) {
	p.problems = append(p.problems, place+" "+fmt.Sprintf(format, args...))
}

// value compares a value of a type.
func (p *probe) value(place string, t *ast.Type, sample, got any) {
	def := p.schema.Types[t.Name()]
	switch {
	case sample == nil:
		if list, isList := got.([]any); got != nil && (!isList || len(list) > 0) {
			p.wrong(place, "is null, and came out as %v", got)
		}
	case t.Elem != nil:
		want, isList := sample.([]any)
		if !isList {
			want = []any{sample} // one value for a list
		}
		elements, _ := got.([]any)
		if len(elements) != len(want) {
			p.wrong(place, "has %d elements, and came out with %d", len(want), len(elements))
			return
		}
		for i := range want {
			p.value(place+"[]", t.Elem, want[i], elements[i])
		}
	case def.Kind == ast.Object, def.Kind == ast.Union:
		want, isObject := sample.(map[string]any)
		object, found := got.(map[string]any)
		if !isObject || !found {
			p.wrong(place, "is %T, and came out as %T for %s", sample, got, def.Name)
			return
		}
		p.object(place, def, want, object, "")
	default:
		p.leaf(place, t, sample, got)
	}
}

// object compares an object's values, each with the field that has its name. Fields of a union's member have its name
// before theirs.
func (p *probe) object(place string, def *ast.Definition, sample, got map[string]any, alias string) {
	if def.Kind == ast.Union {
		for _, name := range slices.Sorted(maps.Keys(got)) {
			if member, _, ofMember := strings.Cut(name, "_"); ofMember && p.schema.Types[member] != nil {
				tag, _ := program.TagOf(def)
				sample = maps.Clone(sample)
				delete(sample, tag.By)
				p.object(place, p.schema.Types[member], sample, got, member+"_")
				return
			}
		}
		p.wrong(place, "came out as no type of %s", def.Name)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(sample)) {
		below := strings.TrimPrefix(place+"."+name, ".")
		if f := fieldNamed(def, name); f == nil {
			p.lack(below)
		} else {
			p.value(below, f.Type, sample[name], got[alias+f.Name])
		}
	}
}

// fieldNamed is the field of Zoom's name that is a value of the type's own; nil: there is none.
func fieldNamed(def *ast.Definition, name string) *ast.FieldDefinition {
	for _, f := range def.Fields {
		if !program.IsBuiltin(f) && (!program.IsResolved(f) || program.IsInside(f)) && !isURL(f) && program.NameOf(f) == name {
			return f
		}
	}
	return nil
}

// leaf compares a value that has nothing below it.
func (p *probe) leaf(place string, t *ast.Type, sample, got any) {
	def := p.schema.Types[t.Name()]
	want, is := fmt.Sprint(sample), fmt.Sprint(got)
	switch {
	case def.Name == "JSON":
		want, is = compact(sample), compact(got)
	case sample == "" && got == nil && !t.NonNull && (def.Kind == ast.Enum || slices.Contains([]string{"ID", "DateTime", "Date"}, def.Name)):
		return // nothing stands there
	case def.Kind == ast.Enum && got == nil && !slices.ContainsFunc(def.EnumValues, func(v *ast.EnumValueDefinition) bool { return program.Wire(v) == want }):
		p.lack(place + ", which is no value of " + def.Name) // an enum of a schema older than the value
		return
	case def.Kind == ast.Enum && got != nil:
		is = program.Wire(def.EnumValues.ForName(is))
	case slices.Contains([]string{"Int", "Long", "Float"}, def.Name):
		want, is = number(want), number(is)
	case def.Name == "Date":
		if at, err := time.Parse("2006-1-2", want); err == nil {
			want = at.Format(time.DateOnly)
		}
	}
	if want != is || got == nil {
		p.wrong(place, "is %s, and came out as %s, a %s", compact(sample), compact(got), t)
	}
}

func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// number is a number's usual spelling: 1.50 and 1.5 are one.
func number(text string) string {
	var f float64
	if strings.ContainsAny(text, ".eE") && json.Unmarshal([]byte(text), &f) == nil {
		return fmt.Sprint(f)
	}
	return text
}

// tree compares settings: sections by their names, and those whose fields stand at the top by these.
func (p *probe) tree(def *ast.Definition, sample map[string]any, got any) {
	sections, _ := got.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(sample)) {
		section, field := sectionOf(p.schema, def, name)
		switch {
		case section == nil:
			p.lack(name)
		case field == nil:
			p.value(name, section.Type, sample[name], sections[section.Name])
		default:
			values, _ := sections[section.Name].(map[string]any)
			p.value(name, field.Type, sample[name], values[field.Name])
		}
	}
}

// sectionOf is the section of a name, or the one whose fields stand at the top and that has a field of the name.
func sectionOf(schema *ast.Schema, tree *ast.Definition, name string) (section, field *ast.FieldDefinition) {
	if f := fieldNamed(tree, name); f != nil && program.IsSection(f) {
		return f, nil
	}
	for _, f := range tree.Fields {
		if !program.IsSection(f) {
			continue
		}
		if _, root := program.View(f); root {
			if field := fieldNamed(schema.Types[f.Type.Name()], name); field != nil {
				return f, field
			}
		}
	}
	return nil, nil
}

// payload compares what a write answers with the payload: its own values, and the thing that was made.
func (p *probe) payload(def *ast.Definition, sample map[string]any, got any) {
	answer, _ := got.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(sample)) {
		if f := fieldNamed(def, name); f != nil && !p.program.IsView(p.schema.Types[f.Type.Name()]) {
			p.value(name, f.Type, sample[name], answer[f.Name])
			continue
		}
		named := false
		for _, thing := range def.Fields {
			below := p.schema.Types[thing.Type.Name()]
			object, _ := answer[thing.Name].(map[string]any)
			if f := fieldNamed(below, name); p.program.IsView(below) && f != nil && object != nil {
				p.value(name, f.Type, sample[name], object[f.Name])
				named = true
			}
		}
		if !named {
			p.lack(name)
		}
	}
}
