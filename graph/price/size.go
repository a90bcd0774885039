package price

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

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
	jsonWeight = 32
	rawWeight  = 20 << 10 // all settings of the default view
	partWeight = 3 << 10  // of another view
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
	s := sizer{walker: w, shares: map[string]share{}}
	s.object(root, []ast.SelectionSet{op.SelectionSet}, 1, around{})
	for _, name := range slices.Sorted(maps.Keys(s.shares)) {
		if s.shares[name].bytes > s.shares[s.total.Largest].bytes {
			s.total.Largest = name
		}
	}
	s.total.Times = s.shares[s.total.Largest].times
	return s.total
}

// FieldMemory is what a field that is resolved takes, in bytes, until the answer is written.
const FieldMemory = 256

// Memory is what the fields that are resolved take until the answer is written.
func (s Size) Memory() int { return times(s.Fields, FieldMemory) }

// sizer adds up an answer.
type sizer struct {
	*walker
	total   Size
	shares  map[string]share // by Type.field
	objects int              // that were looked at
}

// maxObjects bounds the objects of a document that are looked at, its fragments written out.
const maxObjects = 20_000

// share is what a field has of an answer.
type share struct{ bytes, times int }

// around is what is known of the things around a selection.
type around struct {
	first    int  // things in the lists of a connection
	settings int  // that are compared, or asked for by name
	wanted   int  // bytes of one of those in a policy
	part     bool // settings of one view that is not the default one
	written  bool // by the projection: it takes no memory beside its text
}

// object adds n objects of a type, of which sets are selected.
func (s *sizer) object(def *ast.Definition, sets []ast.SelectionSet, n int, in around) {
	s.add("", 0, times(n, len("{}")))
	if s.objects++; s.objects > maxObjects {
		s.err = ErrTooComplex
	}
	if s.err != nil {
		return
	}
	for _, fields := range s.keys(sets) {
		s.field(def, fields, n, in)
	}
}

// keys groups the fields of selections by their keys in the answer.
func (s *sizer) keys(sets []ast.SelectionSet) [][]*ast.Field {
	var groups [][]*ast.Field
	at, seen := map[string]int{}, fragments{}
	for _, set := range sets {
		for _, field := range s.everything(set, seen) {
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

// field adds a field of n objects; it is selected by all of fields, which have one key.
func (s *sizer) field(def *ast.Definition, fields []*ast.Field, n int, in around) {
	field := fields[0]
	name := def.Name + "." + field.Name
	key := len(field.Alias) + len(`"":,`)
	if !in.written {
		s.total.Fields = plus(s.total.Fields, n)
	}
	if field.Name == "__typename" {
		s.add(name, n, times(n, key+len(def.Name)+2))
		return
	}
	result := s.result(field)
	if result == nil || strings.HasPrefix(field.Name, "__") { // about the schema, of which there is one
		return
	}
	values := n
	if field.Definition.Type.Elem != nil {
		values = times(n, s.elements(def, field, in))
	}
	if result.Kind == ast.Scalar || result.Kind == ast.Enum {
		s.add(name, values, plus(times(n, key), times(values, s.leaf(result, field, in)+1)))
		return
	}
	s.add(name, 0, times(n, key))
	sets := make([]ast.SelectionSet, len(fields))
	for i, f := range fields {
		sets[i] = f.SelectionSet
	}
	s.object(result, sets, values, s.inside(def, field, in))
}

func (s *sizer) add(name string, times, bytes int) {
	s.total.Bytes = plus(s.total.Bytes, bytes)
	if name != "" {
		before := s.shares[name]
		s.shares[name] = share{plus(before.bytes, bytes), plus(before.times, times)}
	}
}

// inside is what is known within a field.
func (s *sizer) inside(def *ast.Definition, field *ast.Field, in around) around {
	switch name := def.Name + "." + field.Name; {
	case name == "Query.settingsDrift":
		policy := s.vars.argument(field, "baseline")
		in.settings, in.wanted = weigh(policy)
		if in.settings == 0 { // not known
			in.settings = len(s.baseline(policy))
		}
		in.first = s.vars.first(field)
	case name == "User.effectiveSettings":
		in.settings = len(s.namedSettings(s.vars.argument(field, "fields")))
	case strings.HasSuffix(s.result(field).Name, "Connection"):
		in.first = s.vars.first(field)
	case name == "SettingsDrift.deviations":
		in.written = true
	case isTree(s.result(field)):
		option, given := s.vars.argument(field, "option").(string)
		in.part, in.written = given && option != "", true
	}
	return in
}

// elements is how many a list has.
func (s *sizer) elements(def *ast.Definition, field *ast.Field, in around) int {
	switch name := def.Name + "." + field.Name; {
	case strings.HasSuffix(def.Name, "Connection"):
		return in.first
	case name == "User.effectiveSettings":
		return len(s.namedSettings(s.vars.argument(field, "fields")))
	case name == "SettingsDrift.deviations":
		return in.settings
	case name == "EffectiveSetting.because":
		return groupsOfUser + 2 // with the account and the user
	case s.result(field).Name == "Group":
		return groupsOfUser
	}
	return listLength
}

// leaf is what a value of a leaf weighs.
func (s *sizer) leaf(result *ast.Definition, field *ast.Field, in around) int {
	switch {
	case result.Kind == ast.Enum:
		return enumWeight
	case result.Name == "Boolean":
		return boolWeight
	case result.Name == "Int":
		return intWeight
	case result.Name != "JSON":
		return textWeight
	case field.Name == "raw" && in.part:
		return partWeight
	case field.Name == "raw":
		return rawWeight
	case field.Name == "wanted" && in.wanted > 0:
		return in.wanted
	}
	return jsonWeight
}

// weigh counts the values of a policy, and what one of them weighs.
func weigh(policy any) (values, each int) {
	all := 0
	var walk func(value any)
	walk = func(value any) {
		if object, ok := value.(map[string]any); ok {
			for _, member := range object {
				walk(member)
			}
			return
		}
		text, _ := json.Marshal(value) // what cannot be written is refused later
		values, all = values+1, all+len(text)
	}
	if object, ok := policy.(map[string]any); ok {
		walk(object)
	}
	return values, (all + max(values, 1) - 1) / max(values, 1)
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
