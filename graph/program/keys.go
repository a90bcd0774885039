package program

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/vektah/gqlparser/v2/ast"
)

// This file finds where the values of an operation's path come from. Start reading at Sources.

// Source is where a value of an operation's path comes from. One of its fields says so; none does where nothing gives it.
type Source struct {
	Param    string                  // as it stands in the path's braces
	Argument *ast.ArgumentDefinition // of the field
	Key      bool                    // the key of the thing that holds the field
	Thing    *ast.FieldDefinition    // a thing in the structure that holds the field: its key
	Field    *ast.FieldDefinition    // of the thing that holds the field
	Above    bool                    // the path by which the thing was read that holds the field
	Inside   bool                    // the thing itself, which stands within the one that holds the field
}

// Known tells whether something gives the value.
func (s Source) Known() bool {
	return s.Argument != nil || s.Key || s.Thing != nil || s.Field != nil || s.Above || s.Inside
}

// Sources are those of a field's operation, in the order of its path. What @zoom names with by comes first, and then by
// its name: an argument, the key of the thing that holds the field, a field of that thing, and what the thing was read by.
func (p *Program) Sources(parent *ast.Definition, field *ast.FieldDefinition) []Source {
	if known, ok := p.sources.Load(field); ok {
		return known.([]Source)
	}
	sources := p.sourcesOf(parent, field)
	p.sources.Store(field, sources)
	return sources
}

func (p *Program) sourcesOf(parent *ast.Definition, field *ast.FieldDefinition) []Source {
	op := p.Operation(field)
	sources := make([]Source, len(op.Params))
	by, taken := By(field), map[string]bool{}
	for i, param := range op.Params {
		s := Source{Param: param}
		switch {
		case IsInside(field) && i == len(op.Params)-1:
			s.Inside = true
		case i < len(by):
			p.named(&s, parent, field, by[i])
		default:
			p.find(&s, parent, field, taken)
		}
		if s.Argument != nil {
			taken[s.Argument.Name] = true
		}
		sources[i] = s
	}
	return sources
}

// By names what gives the values of a field's path, in their order, where names do not tell.
func By(field *ast.FieldDefinition) []string { return Texts(field.Directives.ForName("zoom"), "by") }

// named is the source that @zoom names.
func (p *Program) named(s *Source, parent *ast.Definition, field *ast.FieldDefinition, name string) {
	if s.Argument = field.Arguments.ForName(name); s.Argument != nil || p.isRoot(parent) {
		return
	}
	if s.Thing = p.thingIn(parent, name); s.Thing != nil {
		return
	}
	held := parent.Fields.ForName(name)
	switch key := p.Key(parent); {
	case held == nil || IsResolved(held) || held.Type.Elem != nil && field.Type.Elem == nil:
	case key != nil && key.Name == name:
		s.Key = true
	default:
		s.Field = held
	}
}

func (p *Program) find(s *Source, parent *ast.Definition, field *ast.FieldDefinition, taken map[string]bool) {
	for _, arg := range field.Arguments {
		if sameName(arg.Name, s.Param) {
			s.Argument = arg
			return
		}
	}
	owner := strings.TrimSuffix(s.Param, "Id")
	if s.Thing = p.thingIn(parent, owner); s.Thing != nil {
		return
	}
	thing := p.IsView(parent)
	// Where the detail operation of the thing leads on to another one, its own key is not the other's.
	if s.Key = thing && p.Operation(field) != p.Detail(parent) && p.isKey(parent, s.Param, owner); s.Key {
		return
	}
	if s.Argument = argument(field, s.Param, taken); s.Argument != nil || !thing {
		return
	}
	if s.Field = holder(parent, s.Param, field.Type.Elem != nil); s.Field == nil {
		s.Above = p.carried(parent, s.Param)
	}
}

// argument finds one that is not named after a parameter but gives it: the argument id, or one whose name is the end of the
// parameter's, such as uuid of {meetingUUID}.
func argument(field *ast.FieldDefinition, param string, taken map[string]bool) *ast.ArgumentDefinition {
	if id := field.Arguments.ForName("id"); id != nil && !taken["id"] {
		return id
	}
	for _, arg := range field.Arguments {
		if !taken[arg.Name] && arg.Type.NonNull && strings.HasSuffix(letters(param), letters(arg.Name)) {
			return arg
		}
	}
	return nil
}

// thingIn finds a thing in a structure, such as a payload, by its name.
func (p *Program) thingIn(structure *ast.Definition, name string) *ast.FieldDefinition {
	thing := structure.Fields.ForName(name)
	if p.IsThing(structure) || thing == nil || thing.Type.Elem != nil || IsResolved(thing) || !p.IsThing(p.Schema.Types[thing.Type.NamedType]) {
		return nil
	}
	return thing
}

// isKey tells whether a thing's key is the value of a parameter: of the one that its detail operation has for it, or of
// one that is named after the thing.
func (p *Program) isKey(thing *ast.Definition, param, owner string) bool {
	detail := p.Detail(thing)
	return detail != nil && (owner == lowerFirst(thing.Name) || sameName(detail.Params[len(detail.Params)-1], param))
}

// holder finds a thing's field by the name of a parameter, or by what is left of it behind the thing's own name; with
// several, first one that holds several values.
func holder(thing *ast.Definition, param string, several bool) *ast.FieldDefinition {
	held := func(param string, list bool) *ast.FieldDefinition {
		for _, field := range thing.Fields {
			same := field.Name != "id" && sameName(field.Name, param) || sameName(thing.Name+field.Name, param)
			if same && !IsResolved(field) && (field.Type.Elem != nil) == list {
				return field
			}
		}
		return nil
	}
	if several {
		if list := held(param+"s", true); list != nil {
			return list
		}
	}
	return held(param, false)
}

// Caller is the parameter that names a user. What was read by a path without it was read as the user whose own token is
// used, and is read on so: then the parameter is "me".
const Caller = "userId"

// carrier is a question to carried.
type carrier struct {
	thing *ast.Definition
	param string
}

// carried tells whether each way to a thing reads it by an operation that has the parameter; of a user, whether one does.
func (p *Program) carried(thing *ast.Definition, param string) bool {
	if p.carriers == nil {
		return p.isCarried(thing, param)
	}
	question := carrier{thing, param}
	answer, known := p.carriers[question]
	if !known {
		answer = p.isCarried(thing, param)
		p.carriers[question] = answer
	}
	return answer
}

func (p *Program) isCarried(thing *ast.Definition, param string) bool {
	ways, listed := 0, thing.Name+"Connection"
	for _, def := range p.Schema.Types {
		for _, field := range def.Fields {
			if name := field.Type.Name(); name != thing.Name && name != listed {
				continue
			}
			leads := p.Schema.Types[field.Type.Name()]
			if node := p.Node(field); node != nil {
				leads = node
			}
			if leads != thing || isPlumbing(def, thing) {
				continue
			}
			switch op := p.Operation(field); {
			case p.writesBelow(def, param) || op != nil && op.Below(param):
				ways++
			case param != Caller:
				return false
			}
		}
	}
	return ways > 0
}

// writesBelow tells whether a type is the payload of writes that all have the parameter.
func (p *Program) writesBelow(payload *ast.Definition, param string) bool {
	if !strings.HasSuffix(payload.Name, "Payload") || p.Schema.Mutation == nil {
		return false
	}
	for _, write := range p.Schema.Mutation.Fields {
		if op := p.Operation(write); write.Type.NamedType == payload.Name && (op == nil || !op.Below(param)) {
			return false
		}
	}
	return true
}

// isPlumbing tells whether a type is the connection of another one, or its edge.
func isPlumbing(def, of *ast.Definition) bool {
	return def.Name == of.Name+"Connection" || def.Name == of.Name+"Edge"
}

// detail is how one thing of a type is read.
type detail struct {
	field *ast.FieldDefinition
	key   string                 // name of the field that gives the last value of the path
	below []*ast.FieldDefinition // that read one by other paths, which name a thing above it too
}

// DetailField is the field that reads one thing of a type by its key, the last value in the path: one of Query if there is
// one. nil: there is none.
func (p *Program) DetailField(def *ast.Definition) *ast.FieldDefinition {
	return p.things().details[def.Name].field
}

// DetailFieldBy is the field that reads one of the things to which an operation led, a list or a write. Of a type that is
// read by several paths it is one whose values that operation's path has, but for the key; otherwise, and where no
// operation led there, it is DetailField.
func (p *Program) DetailFieldBy(def *ast.Definition, by *Operation) *ast.FieldDefinition {
	for _, field := range p.things().details[def.Name].below {
		params := p.Operation(field).Params
		above := params[:len(params)-1]
		if by != nil && !slices.ContainsFunc(above, func(param string) bool { return !by.Below(param) }) {
			return field
		}
	}
	return p.DetailField(def)
}

// DetailBy is the operation of that field; nil for types that have none.
func (p *Program) DetailBy(def *ast.Definition, by *Operation) *Operation {
	if field := p.DetailFieldBy(def, by); field != nil {
		return p.Operation(field)
	}
	return nil
}

// Detail is the operation that reads one thing of a type by its key; nil for types that have none.
func (p *Program) Detail(def *ast.Definition) *Operation {
	if field := p.DetailField(def); field != nil {
		return p.Operation(field)
	}
	return nil
}

// KeyName is the name of the field that a thing is read by; "" where nothing reads one.
func (p *Program) KeyName(def *ast.Definition) string { return p.things().details[def.Name].key }

// Key is that field; nil: there is none.
func (p *Program) Key(def *ast.Definition) *ast.FieldDefinition {
	return def.Fields.ForName(p.KeyName(def))
}

// things says which types are things, and how one thing of each is read.
type things struct {
	views   map[string]bool   // types of things, rows and their parts, by name
	details map[string]detail // of types, by name
}

// findThings finds how one thing of each type is read: first by fields of Query, and then by those of other things. How
// that goes on hangs on what was found before.
func findThings(of *Program) *things {
	found := &things{details: map[string]detail{}}
	p := &Program{Schema: of.Schema, ops: of.ops, executed: of.executed, written: of.written, carriers: map[carrier]bool{}}
	p.things = func() *things { return found }
	found.views = p.findViews()
	if p.Schema.Query == nil {
		return found
	}
	reads := p.readsIn(nil, p.Schema.Query)
	p.findDetails(found, reads)
	reads = nil
	for _, name := range slices.Sorted(maps.Keys(p.executed)) {
		if def := p.Schema.Types[name]; p.IsView(def) {
			reads = p.readsIn(reads, def)
		}
	}
	for before := -1; before < len(found.details); {
		before = len(found.details)
		p.findDetails(found, reads)
	}
	return found
}

// reading is a field that reads one thing.
type reading struct {
	def    *ast.Definition // that has it
	field  *ast.FieldDefinition
	op     *Operation
	result *ast.Definition
}

func (p *Program) readsIn(reads []reading, def *ast.Definition) []reading {
	for _, field := range def.Fields {
		op, result := p.Operation(field), p.Schema.Types[field.Type.NamedType]
		if op != nil && op.Reads() && p.namesOne(def, op) && p.IsView(result) {
			reads = append(reads, reading{def, field, op, result})
		}
	}
	return reads
}

func (p *Program) findDetails(found *things, reads []reading) {
	for _, r := range reads {
		sources := p.sourcesOf(r.def, r.field)
		key := p.keyOf(r.def, r.result, sources[len(sources)-1])
		switch known := found.details[r.result.Name]; {
		case (key != "id" || r.def != p.Schema.Query) && r.result.Fields.ForName(key) == nil:
		case known.field == nil:
			found.details[r.result.Name] = detail{field: r.field, key: key}
		case key == known.key && p.isOtherWay(known, r.op):
			known.below = append(known.below, r.field)
			found.details[r.result.Name] = known
		}
	}
}

// isOtherWay tells whether an operation reads by a path that is not known yet, and that names a thing above.
func (p *Program) isOtherWay(known detail, op *Operation) bool {
	return len(op.Params) > 1 && op != p.Operation(known.field) &&
		!slices.ContainsFunc(known.below, func(field *ast.FieldDefinition) bool { return p.Operation(field) == op })
}

// namesOne tells whether an operation's path ends with what names one thing. What a field of Query reads may also stand
// below that, as a recording below the instance that it is of.
func (p *Program) namesOne(def *ast.Definition, op *Operation) bool {
	return strings.HasSuffix(op.Path, "}") || def == p.Schema.Query && len(op.Params) > 0
}

// keyOf is the name of what gives a value of a path, and so of the result's key; "" where that is no name of a key.
func (p *Program) keyOf(def, result *ast.Definition, source Source) string {
	switch {
	case source.Argument != nil:
		return source.Argument.Name
	case source.Key:
		return p.KeyName(def)
	case source.Known() && sameName(source.Param, result.Name+"Id") && result.Fields.ForName("id") != nil:
		return "id"
	case source.Field != nil:
		return source.Field.Name
	}
	return ""
}

func (p *Program) isRoot(def *ast.Definition) bool {
	return def != nil && (def == p.Schema.Query || def == p.Schema.Mutation || def == p.Schema.Subscription)
}

func lowerFirst(s string) string {
	runes := []rune(s)
	runes[0] = unicode.ToLower(runes[0])
	return string(runes)
}
