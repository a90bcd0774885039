package price

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"zoomgraph/graph/program"

	"github.com/vektah/gqlparser/v2/ast"
)

// This file estimates how large an answer is at worst, beside what it costs: each field that stands in it weighs its key
// and what a value of its kind usually has, times the lists around it. Aliases count, since each is written. Start reading
// at Size and sizer.object.

// What values weigh, in bytes. They are those of a busy account; what an answer really has is bounded while it is written.
const (
	boolWeight = 5
	intWeight  = 4
	enumWeight = 12
	textWeight = 24
	fileWeight = 500 // the URL of a file holds its address, sealed
	jsonWeight = 32
	rawWeight  = 12 << 10 // all settings of the default view
	partWeight = 2 << 10  // of another view
	listLength = 3        // of what is no connection
)

// Size is the worst-case estimate of an answer.
type Size struct {
	// Bytes is what is written.
	Bytes int `json:"bytes"`
	// Largest is the field that weighs most, as Type.field, and Times how often it is written.
	Largest string `json:"largest,omitempty"`
	Times   int    `json:"times,omitempty"`
	// Fields is how many fields are resolved one by one: all but those of settings and of other structures.
	Fields int `json:"fields"`
}

// size estimates the answer to an operation.
func (w *walker) size(op *ast.OperationDefinition) Size {
	root := map[ast.Operation]*ast.Definition{ast.Query: w.schema.Query, ast.Mutation: w.schema.Mutation, ast.Subscription: w.schema.Subscription}[op.Operation]
	s := sizer{walker: w, known: map[string]*weight{}}
	all := s.object(root, []*ast.Field{{SelectionSet: op.SelectionSet}}, around{})
	size := Size{Bytes: all.bytes, Fields: all.fields}
	for _, name := range slices.Sorted(maps.Keys(all.shares)) {
		if all.shares[name].bytes > all.shares[size.Largest].bytes {
			size.Largest = name
		}
	}
	size.Times = all.shares[size.Largest].times
	return size
}

// FieldMemory is what a field that is resolved takes, in bytes, until the answer is written.
const FieldMemory = 256

// Memory is what the fields that are resolved take until the answer is written.
func (s Size) Memory() int { return times(s.Fields, FieldMemory) }

// sizer weighs what a document selects.
type sizer struct {
	*walker
	known map[string]*weight // of objects that were weighed, by what is selected of them
}

// weight is that of one object.
type weight struct {
	bytes, fields int
	shares        map[string]share // by Type.field
}

// share is what a field has of an answer.
type share struct{ bytes, times int }

func (t *weight) add(name string, times, bytes int) {
	before := t.shares[name]
	t.bytes, t.shares[name] = plus(t.bytes, bytes), share{plus(before.bytes, bytes), plus(before.times, times)}
}

// addAll adds n objects of a weight.
func (t *weight) addAll(other *weight, n int) {
	t.bytes, t.fields = plus(t.bytes, times(other.bytes, n)), plus(t.fields, times(other.fields, n))
	for name, s := range other.shares {
		before := t.shares[name]
		t.shares[name] = share{plus(before.bytes, times(s.bytes, n)), plus(before.times, times(s.times, n))}
	}
}

// around is what is known of the things around a selection.
type around struct {
	first   int  // things in the lists of a connection
	rule    any  // what the rule says of a field around
	part    bool // settings of one view that is not the default one
	written bool // by the projection: it takes no memory beside its text
}

// object weighs an object of a type, of which is selected what is below some fields.
func (s *sizer) object(def *ast.Definition, from []*ast.Field, in around) *weight {
	key := fmt.Sprintf("%s %v", def.Name, in)
	for _, field := range from {
		key += fmt.Sprintf(" %p", field)
	}
	if known := s.known[key]; known != nil {
		return known
	}
	t := &weight{bytes: len("{}"), shares: map[string]share{}}
	if len(s.known) == maxSites {
		s.err = ErrTooComplex
		return t
	}
	s.known[key] = t
	for _, fields := range s.keys(from) {
		s.field(t, def, fields, in)
	}
	return t
}

// keys groups what is selected below fields by the keys in the answer.
func (s *sizer) keys(from []*ast.Field) [][]*ast.Field {
	var groups [][]*ast.Field
	at, seen := map[string]int{}, fragments{}
	for _, parent := range from {
		for _, field := range s.everything(parent.SelectionSet, seen) {
			i, ok := at[field.Alias]
			if !ok {
				i = len(groups)
				at[field.Alias], groups = i, append(groups, nil)
			}
			groups[i] = append(groups[i], field)
		}
	}
	return groups
}

// field adds a field to an object; it is selected by all of fields, which have one key.
func (s *sizer) field(t *weight, def *ast.Definition, fields []*ast.Field, in around) {
	field := fields[0]
	name := def.Name + "." + field.Name
	key := len(field.Alias) + len(`"":,`)
	if !in.written {
		t.fields = plus(t.fields, 1)
	}
	if field.Name == "__typename" {
		t.add(name, 1, key+len(def.Name)+len(`""`))
		return
	}
	result := s.result(field)
	if result == nil || strings.HasPrefix(field.Name, "__") { // about the schema, of which there is one
		return
	}
	values := 1
	if field.Definition.Type.Elem != nil {
		values = s.elements(def, field, in)
	}
	if result.Kind == ast.Scalar || result.Kind == ast.Enum {
		t.add(name, values, plus(key, times(values, s.leaf(def, result, field, in)+1)))
		return
	}
	t.add(name, values, key)
	t.addAll(s.object(result, fields, s.inside(def, field, in)), values)
}

// inside is what is known within a field.
func (s *sizer) inside(def *ast.Definition, field *ast.Field, in around) around {
	result := s.result(field)
	if rule := s.rules[def.Name+"."+field.Name]; rule.Around != nil {
		in.rule = rule.Around(s.priced(def, field, in))
	}
	if strings.HasSuffix(result.Name, "Connection") {
		in.first = s.vars.first(field)
	}
	if program.IsTree(result) {
		option, given := s.vars.view(field, result)
		in.part = given && option != "" || program.HomeView(result) != ""
	}
	in.written = in.written || !s.program.Executed(result)
	return in
}

// priced is a field as its rule sees it.
func (s *sizer) priced(def *ast.Definition, field *ast.Field, in around) *Field {
	return &Field{s.walker, nil, def, field, in.rule}
}

// elements is how many a list has.
func (s *sizer) elements(def *ast.Definition, field *ast.Field, in around) int {
	rule := s.rules[def.Name+"."+field.Name]
	switch form := s.program.FormOf(def, field.Definition); {
	case rule.Length != nil:
		return rule.Length(s.priced(def, field, in))
	case strings.HasSuffix(def.Name, "Connection"):
		return in.first
	case form == program.Items:
		return times(s.pieces(field, field.Definition), wholeList)
	case form == program.Link || form == program.Part || form == program.Inside:
		return linksOfThing
	}
	return listLength
}

// leaf is what a value of a leaf weighs.
func (s *sizer) leaf(def, result *ast.Definition, field *ast.Field, in around) int {
	rule := s.rules[def.Name+"."+field.Name]
	switch whole := program.IsTree(def); { // a leaf of a tree is all of it
	case rule.Weight != nil:
		return rule.Weight(s.priced(def, field, in))
	case program.IsAddress(field.Definition):
		return fileWeight
	case result.Kind == ast.Enum:
		return enumWeight
	case result.Name == "Boolean":
		return boolWeight
	case result.Name == "Int":
		return intWeight
	case result.Name != "JSON":
		return textWeight
	case whole && in.part:
		return partWeight
	case whole:
		return rawWeight
	}
	return jsonWeight
}

// everything is like fields, with __typename and the like.
func (s *sizer) everything(selection ast.SelectionSet, seen fragments) []*ast.Field {
	var out []*ast.Field
	for _, each := range selection {
		switch each := each.(type) {
		case *ast.Field:
			if s.vars.included(each.Directives) {
				out = append(out, each)
			}
		case *ast.InlineFragment:
			if s.vars.included(each.Directives) {
				out = append(out, s.everything(each.SelectionSet, seen)...)
			}
		case *ast.FragmentSpread:
			if fragment := s.doc.Fragments.ForName(each.Name); s.vars.included(each.Directives) && !seen[fragment] {
				seen[fragment] = true
				out = append(out, s.everything(fragment.SelectionSet, seen)...)
			}
		}
	}
	return out
}
