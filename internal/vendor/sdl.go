package vendor

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/internal/openapi"
	"zoomgraph/internal/sensitive"
)

// This file writes what the schema lacks as SDL to paste. Start reading at WriteSDL. What SDL cannot say in a file of its
// own stands there as comments: arguments of fields that are there already, facts, and what a person has to decide.

// sdlHead is the first lines of the SDL.
const sdlHead = `# What the schema lacks, as %s has it. A file of its own in graph/schema takes it as it is, once a person has said
# what begins with %q: the generator refuses that. What stands in comments belongs elsewhere, or has to be
# decided.
`

// WriteSDL writes what the differences add to the schema.
func (r *Report) WriteSDL(out io.Writer, all bool) error {
	w := &writer{program: r.program, schema: r.program.Schema, blocks: map[string]*block{}, taken: map[string]bool{}, enums: map[string]string{}}
	told := r.Told(all)
	for _, d := range told {
		w.count(d)
	}
	for _, d := range told {
		w.difference(d)
	}
	var b strings.Builder
	fmt.Fprintf(&b, sdlHead, strings.Join(r.Documents, ", "), program.ToDescribe)
	for _, name := range w.order {
		b.WriteString("\n" + w.blocks[name].text())
	}
	w.writeArguments(&b)
	w.writeFacts(&b)
	if len(w.byHand) > 0 {
		b.WriteString("\n# By hand:\n")
		for _, note := range w.byHand {
			b.WriteString("#   " + note + "\n")
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// writer puts the SDL together.
type writer struct {
	program *program.Program
	schema  *ast.Schema

	blocks map[string]*block // by their first lines
	order  []string
	taken  map[string]bool   // names of new types, and of new fields and values as Type.field
	enums  map[string]string // names of new enums, by what they are for and their values
	reads  map[string][]string

	arguments []argument
	facts     []*program.Chapter
	byHand    []string
}

// block is a type, or what extends one.
type block struct {
	head  string
	lines []string
}

func (b *block) text() string {
	return b.head + " {\n" + strings.Join(b.lines, "") + "}\n"
}

// argument is a further one of a field that is there.
type argument struct {
	of    string // "Query.users"
	at    *ast.Position
	lines string
}

// count notes which reads bring a new field: what only the details of a thing bring is marked so.
func (w *writer) count(d Difference) {
	if w.reads == nil {
		w.reads = map[string][]string{}
	}
	if d.add.to != nil && d.add.name != "" && strings.HasPrefix(d.Op, "GET ") {
		key := d.add.to.Name + "." + d.add.name
		w.reads[key] = append(w.reads[key], d.Op)
	}
}

func (w *writer) difference(d Difference) {
	add := d.add
	switch {
	case add.op != nil:
		w.operation(add.op, d.Chapter)
	case d.Kind == Gone: // nothing has to be written
	case add.to == nil:
		w.note(d)
	case add.field != nil:
		w.argument(add)
	case len(add.values) > 0:
		w.values(add)
	case program.IsTree(add.to):
		w.section(d)
	default:
		w.field(add, "")
	}
}

// note says what SDL does not.
func (w *writer) note(d Difference) {
	place := d.Op
	if d.At != "" {
		place += " " + d.At
	}
	w.byHand = append(w.byHand, fmt.Sprintf("%s: %s", place, oneLine(d.What)))
}

// in is the block with a head, which is begun if need be.
func (w *writer) in(head string) *block {
	if w.blocks[head] == nil {
		w.blocks[head] = &block{head: head}
		w.order = append(w.order, head)
	}
	return w.blocks[head]
}

// take notes a name in a type; false: it is taken, by the schema or by what is new.
func (w *writer) take(of, name string) bool {
	key := of + "." + name
	if w.taken[key] {
		return false
	}
	w.taken[key] = true
	return true
}

// field writes a field of a type that is there.
func (w *writer) field(add addition, directive string) {
	if !w.take(add.to.Name, "zoom "+add.name) {
		return // another operation has it too
	}
	keyword := "type "
	if add.to.Kind == ast.InputObject {
		keyword = "input "
	}
	b := w.in("extend " + keyword + add.to.Name)
	typ := w.typeOf(owner{add.to.Name, add.to.Kind == ast.InputObject}, add.name, add.shape)
	if w.isDetail(add) {
		directive += " @detail"
	}
	b.lines = append(b.lines, w.line(add.to.Name, add.name, typ, directive, add.shape, add.to))
}

// isDetail tells whether a new field of a thing stands in the answer that reads one only, while lists bring others.
func (w *writer) isDetail(add addition) bool {
	detail := w.program.Detail(add.to)
	if detail == nil || !w.program.IsView(add.to) {
		return false
	}
	listed := false
	for _, def := range w.schema.Types {
		for _, field := range def.Fields {
			op := w.program.Operation(field)
			listed = listed || op != nil && op.Reads() && w.program.Node(field) == add.to
		}
	}
	return listed && !slices.ContainsFunc(w.reads[add.to.Name+"."+add.name], func(op string) bool { return op != detail.Op })
}

// line is a field as a line, with its description.
func (w *writer) line(of, zoom, typ, directive string, shape openapi.Shape, def *ast.Definition) string {
	name := free(fieldName(zoom), func(name string) bool {
		return def != nil && def.Fields.ForName(name) != nil || !w.take(of, name)
	})
	if program.Snake(name) != zoom {
		directive += " @name(zoom: " + strconv.Quote(zoom) + ")"
	}
	if sensitive.Looks(zoom) && slices.Contains([]string{"String", "ID", "JSON"}, strings.Trim(typ, "[]!")) {
		directive += " @sensitive"
		typ = strings.TrimSuffix(typ, "!")
	}
	if shape.Deprecated {
		directive += " @deprecated(reason: " + strconv.Quote(program.ToDescribe+" what to ask instead.") + ")"
	}
	return described(zoom) + "  " + name + ": " + typ + directive + "\n"
}

// described is the description that a person has to write.
func described(what string) string {
	return "  " + strconv.Quote(program.ToDescribe+" "+oneLine(what)+".") + "\n"
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// section writes a section of a settings tree, if it is known which view has it. The input of a tree has none that the tree
// itself lacks.
func (w *writer) section(d Difference) {
	add := d.add
	tree := w.schema.Types[strings.TrimSuffix(add.to.Name, "Input")]
	isRead := tree == add.to || tree != nil && (fieldOf(tree, add.name) != nil || w.taken[tree.Name+".zoom "+add.name])
	if add.view == nil || !isRead || len(add.shape.Merged().Properties) == 0 {
		w.note(d)
		return
	}
	directive := " @view"
	if *add.view != "" {
		directive += "(" + program.ViewArgument(add.to) + ": " + *add.view + ")"
	}
	w.field(add, directive)
}

// values writes further values of an enum.
func (w *writer) values(add addition) {
	for _, wire := range add.values {
		if !w.take(add.to.Name, "wire "+wire) {
			continue
		}
		b := w.in("extend enum " + add.to.Name)
		b.lines = append(b.lines, w.value(add.to.Name, wire, func(name string) bool { return add.to.EnumValues.ForName(name) != nil }))
	}
}

// value is a value of an enum as a line. One whose name only a person can tell is left to a person.
func (w *writer) value(of, wire string, taken func(string) bool) string {
	name := free(valueName(wire), func(name string) bool { return taken(name) || !w.take(of, name) })
	text := ""
	if needsName(wire) {
		text = described("Zoom's " + wire + ", and give the value a name that says it")
	}
	text += "  " + name
	if lower := strings.ToLower(name); lower != wire {
		text += " @wire(value: " + strconv.Quote(wire) + ")"
	}
	return text + "\n"
}

// argument writes a further argument of a field: SDL cannot extend a field.
func (w *writer) argument(add addition) {
	of := add.to.Name + "." + add.field.Name
	if !w.take(of, "zoom "+add.name) {
		return
	}
	w.arguments = append(w.arguments, argument{of, add.field.Position, w.parameter(capitalized(add.field.Name), of, add.shape, add.field.Arguments)})
}

// parameter is an argument that becomes a query parameter, as lines. Of lists there is their text: Zoom takes them with
// commas.
func (w *writer) parameter(typePrefix, of string, shape openapi.Shape, beside ast.ArgumentDefinitionList) string {
	name := free(fieldName(shape.Name), func(name string) bool { return beside.ForName(name) != nil || !w.take(of, name) })
	typ := w.typeOf(owner{typePrefix, true}, shape.Name, shape)
	if known := w.schema.Types[typ]; strings.HasPrefix(typ, "[") || typ == "JSON" || typ == "Long" || typ == "Float" || known != nil && known.Kind == ast.InputObject || w.taken["input "+typ] {
		typ = "String"
	}
	if shape.Required == true {
		typ += "!"
	}
	text := "  " + described(shape.Name) + "    " + name + ": " + typ
	if program.Snake(name) != shape.Name {
		text += " @name(zoom: " + strconv.Quote(shape.Name) + ")"
	}
	return text + "\n"
}

func (w *writer) writeArguments(b *strings.Builder) {
	slices.SortStableFunc(w.arguments, func(x, y argument) int { return strings.Compare(x.of, y.of) })
	for i, arg := range w.arguments {
		if i == 0 || w.arguments[i-1].of != arg.of {
			fmt.Fprintf(b, "\n# Arguments of %s, in %s:\n", arg.of, arg.at.Src.Name)
		}
		for line := range strings.Lines(arg.lines) {
			b.WriteString("#" + line)
		}
	}
}

func (w *writer) writeFacts(b *strings.Builder) {
	for i, text := range strings.Split(strings.TrimSuffix(program.FormatFacts(w.facts), "\n"), "\n") {
		switch {
		case text == "":
		case i == 0:
			fmt.Fprintf(b, "\n# Facts, for docs/operations.yaml:\n# %s\n", text)
		default:
			b.WriteString("# " + text + "\n")
		}
	}
}

// owner is the type in which a new one stands.
type owner struct {
	name  string
	input bool
}

// typeOf is the type of values of a shape. It is written too, where it is none of the schema's.
func (w *writer) typeOf(of owner, zoom string, shape openapi.Shape) string {
	merged := shape.Merged()
	switch {
	case merged.Type == "array" && merged.Items == nil:
		return "JSON"
	case merged.Type == "array":
		return "[" + w.typeOf(of, singular(zoom), *merged.Items) + "!]"
	case len(merged.Properties) > 0:
		return w.object(of, zoom, merged)
	}
	if values := spellings(merged); len(values) > 1 {
		return w.enum(of, zoom, values)
	}
	return scalarOf(zoom, merged)
}

// spellings are the values of a text of which a document lists them. Numbers stay numbers: nothing says what they mean.
func spellings(s openapi.Shape) (values []string) {
	for _, value := range s.Enum {
		text, isText := value.(string)
		if !isText {
			return nil
		}
		if strings.TrimSpace(text) != "" && !slices.Contains(values, text) {
			values = append(values, text)
		}
	}
	return values
}

// scalarOf is the scalar of a leaf.
func scalarOf(zoom string, s openapi.Shape) string {
	lower := strings.ToLower(zoom)
	isID := lower == "id" || strings.HasSuffix(lower, "_id") || strings.HasSuffix(zoom, "Id")
	switch {
	case isID && (s.Type == "string" || s.Type == "integer"):
		return "ID"
	case s.Type == "integer" && s.IsLong():
		return "Long"
	case s.Type == "integer":
		return "Int"
	case s.Type == "number":
		return "Float"
	case s.Type == "boolean":
		return "Boolean"
	case s.Type == "string" && s.Format == "date-time":
		return "DateTime"
	case s.Type == "string" && s.Format == "date":
		return "Date"
	case s.Type == "string":
		return "String"
	}
	return "JSON"
}

// object writes a new type, or an input.
func (w *writer) object(of owner, zoom string, shape openapi.Shape) string {
	name := w.newType(strings.TrimSuffix(of.name, "Input")+capitalized(zoom), of.input)
	w.fields(name, of.input, zoom, shape)
	return name
}

// newType takes a name for a type: one that says of no other what it is.
func (w *writer) newType(name string, input bool) string {
	if isStructure(&ast.Definition{Name: name}) {
		name += "Info"
	}
	if input {
		name += "Input"
	}
	name = free(name, func(name string) bool { return w.schema.Types[name] != nil || w.taken[name] })
	w.taken[name] = true
	if input {
		w.taken["input "+name] = true
	}
	return name
}

// fields writes a new type with the fields of a shape.
func (w *writer) fields(name string, input bool, what string, shape openapi.Shape) {
	keyword := "type "
	if input {
		keyword = "input "
	}
	b := w.in(strconv.Quote(program.ToDescribe+" "+oneLine(what)+".") + "\n" + keyword + name)
	merged := shape.Merged()
	needed, _ := merged.Required.([]any)
	for _, zoom := range slices.Sorted(maps.Keys(merged.Properties)) {
		below := merged.Properties[zoom]
		typ := w.typeOf(owner{name, input}, zoom, below)
		if input && slices.Contains(needed, any(zoom)) {
			typ += "!"
		}
		b.lines = append(b.lines, w.line(name, zoom, typ, "", below, nil))
	}
}

// enum writes a new enum. What an answer and a body have alike is one.
func (w *writer) enum(of owner, zoom string, values []string) string {
	base := strings.TrimSuffix(of.name, "Input") + capitalized(zoom)
	key := base + " " + strings.Join(values, "\n")
	if known := w.enums[key]; known != "" {
		return known
	}
	name := w.newType(base, false)
	w.enums[key] = name
	b := w.in(strconv.Quote(program.ToDescribe+" "+oneLine(zoom)+".") + "\nenum " + name)
	for _, wire := range values {
		b.lines = append(b.lines, w.value(name, wire, func(string) bool { return false }))
	}
	return name
}
