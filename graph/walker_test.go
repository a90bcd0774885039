package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
)

// This file asks a service for each field of each type that a query can reach, and finds the way by itself: what one
// answer holds are the ids of the next query. Start reading at walk.

// walker asks for all fields of all types. A field that is null at one place, or that Zoom refuses there, is asked for at
// the next one, and with the next values of its arguments.
type walker struct {
	*service
	program *program.Program
	schema  *ast.Schema

	types  []*ast.Definition   // that gqlgen executes, in the order in which they were come to
	places map[string][]place  // where a type stands, by its name
	keys   map[string][]string // of things, by their type's name
	rows   map[string][]row    // that an operation listed
	texts  map[string][]string // values of leaves, by the name of their field
	noURLs bool                // of files: they are not Zoom's values
	person bool                // it asks with a person's token, so there is a me

	asked    map[string]bool // fields, as Type.field, that were asked for and are Zoom's
	filled   map[string]bool // those that had a value
	refused  []string        // errors that are Zoom's own word, with their paths
	last     string          // the query before
	late     map[string]int  // calls of it that may come after its answer, by label
	answered []exchange
}

// place is a way from the root of a query: fields with their arguments.
type place []string

// row is one of a list, with its leaves.
type row struct {
	at     string // the place of the field that lists it
	above  string // the key of the thing that holds that field
	leaves map[string]string
}

// exchange is a query and the data of its answer.
type exchange struct{ query, data string }

// task is a field, or all that a type has of its own.
type task struct {
	of    *ast.Definition
	field *ast.FieldDefinition // nil: the type's own
	wants []string             // places that are to have a value
	text  string               // of the selection
	tried map[string]bool
	found bool
	where place // where it was found first, with the field itself
}

// How often a field is asked for.
const (
	placesOfType  = 6  // that are remembered
	keysOfType    = 12 // that are remembered
	triesToFind   = 24 // until it has a value
	triesToFill   = 5  // until all below it has one
	rowsBelowRoot = 8
	rowsBelow     = 4
)

func newWalker(s *service) *walker {
	w := &walker{
		service: s, program: programtest.Of(s.t), schema: schema(s.t),
		places: map[string][]place{}, keys: map[string][]string{}, rows: map[string][]row{}, texts: map[string][]string{},
		asked: map[string]bool{}, filled: map[string]bool{},
	}
	w.come(w.schema.Query, place{})
	return w
}

// come notes that a type stands at a place; those at the root are asked first.
func (w *walker) come(def *ast.Definition, at place) {
	known := w.places[def.Name]
	if known == nil {
		w.types = append(w.types, def)
	}
	if slices.ContainsFunc(known, func(p place) bool { return slices.Equal(p, at) }) {
		return
	}
	if len(known) < placesOfType || len(at) == 1 {
		w.places[def.Name] = append(known, slices.Clone(at))
		slices.SortStableFunc(w.places[def.Name], func(a, b place) int { return len(a) - len(b) })
	}
}

// know notes the key of a thing, and that it can be asked for by that.
func (w *walker) know(def *ast.Definition, key string) {
	known := w.keys[def.Name]
	if key == "" || len(known) >= keysOfType || slices.Contains(known, key) {
		return
	}
	w.keys[def.Name] = append(known, key)
	detail := w.program.DetailField(def)
	if detail == w.schema.Query.Fields.ForName(detail.Name) && len(known) < placesOfType && detail.Name != "account" && !w.forgetsUser(def, detail) {
		given, others := []string{fmt.Sprintf("%s: %q", w.program.KeyName(def), key)}, []string{}
		for _, arg := range detail.Arguments {
			optional := !arg.Type.NonNull || arg.DefaultValue != nil
			choices := []string(nil)
			if arg.Name != w.program.KeyName(def) {
				choices = w.choices(w.schema.Query, detail, arg, nil)
			}
			switch {
			case arg.Name == w.program.KeyName(def):
			case optional && w.schema.Types[arg.Type.Name()].Kind == ast.Enum:
				for _, choice := range choices {
					others = append(others, ", "+arg.Name+": "+choice) // meetings that run, and those that are over
				}
			case optional:
			case len(choices) == 0:
				return
			default:
				given = append(given, arg.Name+": "+choices[0])
			}
		}
		for _, other := range append([]string{""}, others...) {
			w.come(def, place{detail.Name + "(" + strings.Join(given, ", ") + other + ")"})
		}
	}
}

// walk asks for everything: each field at the places that are known, until nothing is left to try. It returns the tasks.
func (w *walker) walk() []*task {
	tasks := map[string][]*task{}
	for again := true; again; {
		again = false
		for i := 0; i < len(w.types); i++ {
			def := w.types[i]
			if tasks[def.Name] == nil {
				tasks[def.Name] = w.tasks(def)
			}
			for _, t := range tasks[def.Name] {
				again = w.try(t) || again
			}
		}
	}
	var all []*task
	for _, def := range w.types {
		all = append(all, tasks[def.Name]...)
	}
	return all
}

// tasks are what there is to ask of a type.
func (w *walker) tasks(def *ast.Definition) []*task {
	var tasks []*task
	if own := w.own(def); own.text != "" && def != w.schema.Query {
		tasks = append(tasks, &task{of: def, text: own.text, wants: own.wants, tried: map[string]bool{}})
	}
	for _, f := range def.Fields {
		leads := operationOf(f) != nil || f.Directives.ForName("view") != nil || w.program.Executed(w.schema.Types[f.Type.Name()]) || def == w.schema.Query
		if program.IsBuiltin(f) || !leads || !w.person && asksForMe(def, f) {
			continue
		}
		below := w.below(f)
		if operationOf(f) != nil && f.Directives.ForName("derived") == nil {
			below.wants = append(below.wants, def.Name+"."+f.Name)
		}
		tasks = append(tasks, &task{of: def, field: f, text: below.text, wants: below.wants, tried: map[string]bool{}})
	}
	return tasks
}

// asksForMe tells fields of the user whose token it is, whom an account's credentials do not have.
func asksForMe(of *ast.Definition, f *ast.FieldDefinition) bool {
	op := f.Directives.ForName("zoom")
	return (of.Name == "Query" || of.Name == "Mutation") && op != nil && (f.Name == "me" || strings.Contains(op.Arguments.ForName("op").Value.Raw+"/", "/me/"))
}

// operationOf is the directive that says what answers a field; nil where that is its parent's answer.
func operationOf(f *ast.FieldDefinition) *ast.Directive {
	if d := f.Directives.ForName("zoom"); d != nil {
		return d
	}
	return f.Directives.ForName("derived")
}

// try asks a task's question in the next way that was not tried; false: there is none, or nothing is left to find.
func (w *walker) try(t *task) bool {
	missing := slices.ContainsFunc(t.wants, func(name string) bool { return !w.filled[name] })
	if t.found && (!missing || len(t.tried) >= triesToFill) || len(t.tried) >= triesToFind {
		return false
	}
	for _, at := range w.places[t.of.Name] {
		for _, arguments := range w.arguments(t.of, t.field, at) {
			query := t.text
			if t.field != nil {
				query = w.program.KeyName(t.of) + " " + t.field.Name + arguments + t.text
			}
			query = at.around(query)
			if t.tried[query] {
				continue
			}
			t.tried[query] = true
			data := w.ask(query)
			if t.field == nil {
				t.found = data != nil
				return true
			}
			for _, parent := range objectsAt(data, at) {
				if w.look(t, at, t.field.Name+arguments, parent) && !t.found {
					t.found, t.where = true, append(slices.Clone(at), t.field.Name+arguments)
				}
			}
			return true
		}
	}
	return false
}

// around is a query for a selection at a place.
func (p place) around(selection string) string {
	for i := len(p) - 1; i >= 0; i-- {
		selection = p[i] + " { " + selection + " }"
	}
	return "{ " + selection + " }"
}

// objectsAt are all objects at a place of an answer.
func objectsAt(v any, at place) []map[string]any {
	switch v := v.(type) {
	case []any:
		var all []map[string]any
		for _, element := range v {
			all = append(all, objectsAt(element, at)...)
		}
		return all
	case map[string]any:
		if len(at) == 0 {
			return []map[string]any{v}
		}
		if member, ofUnion := strings.CutPrefix(at[0], "... on "); ofUnion {
			if is := v["__typename"]; is != nil && is != member {
				return nil
			}
			return objectsAt(v, at[1:])
		}
		name, _, _ := strings.Cut(at[0], "(")
		return objectsAt(v[name], at[1:])
	}
	return nil
}

// look notes what stands below a field, and tells whether anything does.
func (w *walker) look(t *task, at place, text string, parent map[string]any) bool {
	holder, v := fmt.Sprint(at), parent[t.field.Name]
	above, _ := parent[w.program.KeyName(t.of)].(string)
	at = append(slices.Clone(at), text)
	def := w.schema.Types[t.field.Type.Name()]
	if node := w.program.Node(t.field); node != nil {
		connection, _ := v.(map[string]any)
		def, v, at = node, connection["nodes"], append(at, "nodes")
	}
	list, isList := v.([]any)
	if v == nil || isList && len(list) == 0 {
		return false
	}
	switch {
	case w.program.IsUnion(def):
		for _, object := range objectsAt(v, nil) {
			if member, _ := object["__typename"].(string); w.program.Executed(w.schema.Types[member]) {
				w.come(w.schema.Types[member], append(slices.Clone(at), "... on "+member))
			}
		}
	case w.program.Executed(def):
		w.come(def, at)
	}
	if op := w.program.Operation(t.field); op != nil {
		for _, object := range objectsAt(v, nil) {
			one := row{at: holder, above: above, leaves: map[string]string{}}
			for name, leaf := range object {
				if text, isText := leaf.(string); isText {
					one.leaves[name] = text
				}
			}
			w.rows[op.Op] = append(w.rows[op.Op], one)
		}
	}
	return true
}

// picked is the text of a selection, and the fields in it that Zoom answers.
type picked struct {
	text  string
	wants []string
}

// own selects what a type has of its own: leaves, and structures that are only data.
func (w *walker) own(def *ast.Definition) picked {
	var s picked
	for _, f := range w.ownFields(def) {
		s.add(def, f, w.all(w.schema.Types[f.Type.Name()], 0))
	}
	return s
}

func (w *walker) ownFields(def *ast.Definition) []*ast.FieldDefinition {
	return slices.DeleteFunc(slices.Clone(def.Fields), func(f *ast.FieldDefinition) bool {
		leads := operationOf(f) != nil || w.program.Executed(w.schema.Types[f.Type.Name()])
		return program.IsBuiltin(f) || leads || f.Directives.ForName("view") != nil || def == w.schema.Query || w.noURLs && isURL(f)
	})
}

// said are fields that Zoom says of a thing elsewhere, where it is one of several.
var said = []string{"id", "name", "displayName", "extensionId", "extensionNumber", "status"}

// oneOf selects of each thing of a union what Zoom says of it. Names that tell the things apart stand before the fields'.
func (w *walker) oneOf(union *ast.Definition) picked {
	s := picked{text: " __typename"}
	for _, name := range union.Types {
		s.text += " ... on " + name + " {"
		isRead := w.program.Detail(w.schema.Types[name]) != nil // the rest of it can be asked for elsewhere
		for _, f := range w.ownFields(w.schema.Types[name]) {
			if isRead && !slices.Contains(said, f.Name) {
				continue
			}
			s.text += " " + name + "_" + f.Name + ":"
			s.add(w.schema.Types[name], f, w.all(w.schema.Types[f.Type.Name()], 0))
		}
		s.text += " }"
	}
	return s.braced()
}

// isURL tells fields that are a URL of this service for a file of Zoom's.
func isURL(f *ast.FieldDefinition) bool { return f.Directives.ForName("file") != nil }

func (s *picked) add(of *ast.Definition, f *ast.FieldDefinition, below picked) {
	s.text += " " + f.Name + below.text
	s.wants = append(append(s.wants, of.Name+"."+f.Name), below.wants...)
}

// braced puts a selection in braces.
func (s picked) braced() picked {
	if s.text == "" {
		s.text = " __typename"
	}
	s.text = " {" + s.text + " }"
	return s
}

// below selects what stands below a field: of a connection also its rows.
func (w *walker) below(f *ast.FieldDefinition) picked {
	def := w.schema.Types[f.Type.Name()]
	node := w.program.Node(f)
	switch {
	case node != nil && w.program.Executed(node):
		s, rows := w.own(def), w.own(node).braced()
		edge := w.schema.Types[def.Fields.ForName("edges").Type.Name()]
		place := w.own(edge)
		place.add(edge, edge.Fields.ForName("node"), rows)
		s.add(def, def.Fields.ForName("nodes"), rows)
		s.add(def, def.Fields.ForName("edges"), place.braced())
		return s.braced()
	case w.program.IsUnion(def):
		return w.oneOf(def)
	case w.program.Executed(def):
		return w.own(def).braced()
	}
	return w.all(def, 0)
}

// all selects everything below a type that is only data.
func (w *walker) all(def *ast.Definition, depth int) picked {
	switch {
	case def.Kind != ast.Object && def.Kind != ast.Union:
		return picked{}
	case depth > 8:
		return picked{}.braced()
	}
	var s picked
	for _, member := range def.Types {
		s.text += " ... on " + member + " {"
		w.fields(&s, w.schema.Types[member], member+"_", depth)
		s.text += " }"
	}
	w.fields(&s, def, "", depth)
	return s.braced()
}

// fields adds the fields of a type. Those of a union's members have names that tell them apart.
func (w *walker) fields(s *picked, def *ast.Definition, alias string, depth int) {
	for _, f := range def.Fields {
		if program.IsBuiltin(f) || w.noURLs && isURL(f) {
			continue
		}
		if alias != "" {
			s.text += " " + alias + f.Name + ":"
		}
		s.add(def, f, w.all(w.schema.Types[f.Type.Name()], depth+1))
	}
}

// arguments are the ways to give a field its arguments at a place: first all by their first values, and then each one by
// each of its other values. None: a value is not known yet.
func (w *walker) arguments(of *ast.Definition, f *ast.FieldDefinition, at place) []string {
	if f == nil {
		return []string{""}
	}
	choices := make([][]string, len(f.Arguments))
	for i, arg := range f.Arguments {
		choices[i] = w.choices(of, f, arg, at)
		if optional := !arg.Type.NonNull || arg.DefaultValue != nil; optional && !alwaysGiven(arg) {
			choices[i] = append([]string{""}, choices[i]...)
		} else if len(choices[i]) == 0 {
			return nil
		}
	}
	ways := []string{argumentsText(f, choices, -1, 0)}
	for i := range choices {
		for j := 1; j < len(choices[i]); j++ {
			ways = append(ways, argumentsText(f, choices, i, j))
		}
	}
	return ways
}

// alwaysGiven tells the arguments that are given though they may be left out: how many, of which time, and of which chat.
func alwaysGiven(arg *ast.ArgumentDefinition) bool {
	return arg.Name == "first" || arg.Name == recipient || isTime(arg) && (arg.Name == "from" || arg.Name == "to")
}

func isTime(arg *ast.ArgumentDefinition) bool {
	return arg.Type.Name() == "Date" || arg.Type.Name() == "DateTime"
}

// argumentsText gives each argument its first choice, and one of them another one.
func argumentsText(f *ast.FieldDefinition, choices [][]string, other, choice int) string {
	var given []string
	for i, arg := range f.Arguments {
		n := 0
		if i == other {
			n = choice
		}
		if len(choices[i]) > 0 && choices[i][n] != "" {
			given = append(given, arg.Name+": "+choices[i][n])
		}
	}
	if given == nil {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

// choices are values of an argument, as a query spells them. Optional ones that narrow a list down have none.
func (w *walker) choices(of *ast.Definition, f *ast.FieldDefinition, arg *ast.ArgumentDefinition, at place) []string {
	def := w.schema.Types[arg.Type.Name()]
	required := arg.Type.NonNull && arg.DefaultValue == nil
	switch {
	case arg.Name == "first" && of == w.schema.Query:
		return []string{fmt.Sprint(rowsBelowRoot)}
	case arg.Name == "first":
		return []string{fmt.Sprint(rowsBelow)}
	case def.Kind == ast.Enum && arg.Type.Elem == nil:
		var values []string
		for _, value := range def.EnumValues {
			values = append(values, value.Name)
		}
		return values
	case def.Kind == ast.Enum:
		return []string{"[" + def.EnumValues[0].Name + "]"}
	case def.Name == "Boolean":
		return []string{"true", "false"}
	case isTime(arg):
		return []string{timeFor(arg)}
	case arg.Name == recipient:
		return []string{someRecipient}
	case !required:
		return nil
	case arg.Name == "fields":
		return []string{`["host_video", "meeting_capacity", "audio_type", "entry_exit_chime", "waiting_room"]`}
	case arg.Name == "baseline":
		return []string{`{feature: {meeting_capacity: 77}}`}
	case f.Name == "account":
		return []string{`"me"`} // a sub account has no domains
	case f.Name == "role":
		return []string{`"1"`} // what the owner may do has no limits
	case def.Kind == ast.InputObject:
		return []string{maker{walker: w}.input(def, 0)}
	}
	return w.known(of, f, arg, at)
}

// timeFor is the time of an argument: the last four weeks, or a day among them.
func timeFor(arg *ast.ArgumentDefinition) string {
	at := time.Now().UTC().Truncate(time.Hour) // so that walkers ask the same
	if arg.Name != "to" {
		at = at.AddDate(0, 0, -27)
	}
	if arg.Type.Name() == "Date" {
		return fmt.Sprintf("%q", at.Format(time.DateOnly))
	}
	return fmt.Sprintf("%q", at.Format(time.RFC3339))
}

// listAbove is the operation that lists what a parameter of a path names, by the path.
func listAbove(op *program.Operation, param string) string {
	above, _, _ := strings.Cut(op.Path, "/{"+param+"}")
	return "GET " + above
}

// known are values that answers brought: keys of the things that the argument takes, rows of the list that it takes one
// of, leaves of its name; otherwise one that is made up.
func (w *walker) known(of *ast.Definition, f *ast.FieldDefinition, arg *ast.ArgumentDefinition, at place) []string {
	values, isID := w.found(of, f, arg, at)
	if def := w.schema.Types[arg.Type.Name()]; values == nil && !isID {
		values = w.texts[arg.Name]
		switch {
		case values != nil:
		case def.Name == "Int" && arg.Name == "year", def.Name == "String" && arg.Name == "year":
			values = []string{fmt.Sprint(time.Now().UTC().AddDate(0, 0, -7).Year())}
		case arg.Name == "month":
			values = []string{fmt.Sprint(int(time.Now().UTC().AddDate(0, 0, -7).Month()))}
		case arg.Name == "email":
			values = []string{"ada.lovelace@example.com"}
		default:
			values = []string{"1"}
		}
	}
	var texts []string
	for _, value := range values {
		text, err := json.Marshal(value)
		if err != nil {
			w.t.Fatal(err)
		}
		if name := arg.Type.Name(); name == "Int" || name == "Long" || name == "Float" {
			text = []byte(value)
		}
		if arg.Type.Elem != nil {
			text = []byte("[" + string(text) + "]")
		}
		texts = append(texts, string(text))
	}
	return texts
}

// found are the keys that answers brought for an argument; isID: it takes one.
func (w *walker) found(of *ast.Definition, f *ast.FieldDefinition, arg *ast.ArgumentDefinition, at place) (values []string, isID bool) {
	op := w.program.Operation(f)
	if op != nil {
		for _, source := range w.program.Sources(of, f) {
			if source.Argument != arg {
				continue
			}
			for _, row := range w.rows[listAbove(op, source.Param)] {
				if of != w.schema.Query && row.at != fmt.Sprint(at) {
					continue
				}
				if value := row.key(source.Param, arg.Name); value != "" && len(values) < keysOfType {
					values = append(values, value)
				}
			}
			if values != nil {
				return values, true
			}
			if result := w.schema.Types[f.Type.Name()]; w.program.DetailField(result) == f {
				return w.keys[result.Name], true
			}
			if kind := w.kindOf(op, source.Param, arg.Name); kind != "" {
				return w.keys[kind], true
			}
			return w.texts[arg.Name], w.program.Fact(listAbove(op, source.Param)) != nil
		}
	}
	if kind := w.kindOf(nil, arg.Name, arg.Name); kind != "" {
		return w.keys[kind], true
	}
	return nil, false
}

// kindOf is the type of the things whose key a parameter of a path takes, or an argument that is named like one: that which
// is read by the longest part of the operation's path, and by a key of the argument's name; "" where no type is known.
func (w *walker) kindOf(op *program.Operation, param, argument string) string {
	best, most := "", 0
	for _, name := range slices.Sorted(maps.Keys(w.schema.Types)) {
		detail, key := w.program.Detail(w.schema.Types[name]), w.program.KeyName(w.schema.Types[name])
		if detail == nil {
			continue
		}
		if detail.Params[len(detail.Params)-1] != param {
			if most == 0 && strings.EqualFold(argument, name+"Id") {
				best = name // it is named after the thing
			}
			continue
		}
		score := 1
		if op != nil && strings.HasPrefix(op.Path, detail.Path) {
			score += len(detail.Path)
		}
		switch {
		case key == argument:
			score += 1000
		case key == "id" && argument != "uuid":
			score += 500
		}
		if score > most {
			best, most = name, score
		}
	}
	return best
}

// key is the value of a row that a parameter of a path takes.
func (r row) key(param, argument string) string {
	for _, name := range []string{argument, param, "id", "uuid"} {
		if value := r.leaves[name]; value != "" {
			return value
		}
	}
	return ""
}
