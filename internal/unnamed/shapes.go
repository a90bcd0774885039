package unnamed

import (
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// This file finds which keys the answers of an operation may have. Start reading at of.

// Shapes are the keys that answers may have, by the program. They are made when they are first needed.
type Shapes struct {
	program *program.Program
	known   func() map[string]map[string]bool // places of answers that differ on purpose, by operation

	mu    sync.Mutex
	ops   map[string]*shape
	types map[*ast.Definition]*shape
}

// shape is an object of an answer; nil: anything may stand there.
type shape struct {
	members map[string]member
	also    []*shape // whose members it has as well
}

func newShape() *shape { return &shape{members: map[string]member{}} }

// find is what stands under a key. Where several types have it, it may be as any of them says.
func (s *shape) find(key []byte) (m member, named bool) {
	m, named = s.members[string(key)]
	for _, other := range s.also {
		more, has := other.find(key)
		switch {
		case !has:
		case !named:
			m, named = more, true
		case m.field == more.field:
		case m.below == nil || more.below == nil:
			m = member{}
		default:
			m = member{below: &shape{also: []*shape{m.below, more.below}}}
		}
	}
	return m, named
}

// join adds the members of another shape, which may not be complete yet.
func (s *shape) join(other *shape) {
	if other != nil && other != s && !slices.Contains(s.also, other) {
		s.also = append(s.also, other)
	}
}

// member is what stands under a key.
type member struct {
	below  *shape
	values map[string]bool // the spellings of an enum; nil: it is none
	field  string          // of the schema: Type.field
}

// NewShapes makes those of a program. known lists places that differ from the schema on purpose, as package vendor has them
// ("GET /users answer.users.dept"); it is asked when the first answer is looked at.
func NewShapes(p *program.Program, known func() []string) *Shapes {
	return &Shapes{
		program: p, ops: map[string]*shape{}, types: map[*ast.Definition]*shape{},
		known: sync.OnceValue(func() map[string]map[string]bool {
			byOp := map[string]map[string]bool{}
			for _, at := range known() {
				if op, place, ok := strings.Cut(at, " answer."); ok {
					if byOp[op] == nil {
						byOp[op] = map[string]bool{}
					}
					byOp[op][place] = true
				}
			}
			return byOp
		}),
	}
}

// isKnown tells whether a place of an operation's answers differs from the schema on purpose. The list has the path that the
// operation has in the program.
func (s *Shapes) isKnown(op, place string) bool {
	if o := s.fact(op); o != nil {
		op = o.Op
	}
	return s.known()[op][place]
}

// fact is the operation of the program: a master account's variant answers as it does. nil: there is none.
func (s *Shapes) fact(op string) *program.Operation {
	if o := s.program.Fact(op); o != nil {
		return o
	}
	method, path, _ := strings.Cut(op, " ")
	return s.program.Fact(method + " " + strings.TrimPrefix(path, "/accounts/{accountId}"))
}

// of is the shape of an operation's answers; nil: nothing is known of it.
func (s *Shapes) of(op string) *shape {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.ops[op]; ok {
		return known
	}
	made := s.answers(s.fact(op))
	s.ops[op] = made
	return made
}

// plumbing are keys of any list.
var plumbing = []string{"next_page_token", "page_count", "page_number", "page_size", "total_records"}

// answers joins what the fields of the schema have of an operation's answers.
func (s *Shapes) answers(o *program.Operation) *shape {
	if o == nil {
		return nil
	}
	all := newShape()
	answered := false
	for _, def := range s.program.Schema.Types {
		for _, field := range def.Fields {
			if s.program.Operation(field) != o {
				continue
			}
			answered = true
			if !s.answer(all, def, field, o) {
				return nil
			}
		}
	}
	if !answered {
		return nil
	}
	for _, key := range plumbing {
		all.members[key] = member{}
	}
	return all
}

// answer adds what one field has; false: it takes anything.
func (s *Shapes) answer(all *shape, parent *ast.Definition, field *ast.FieldDefinition, o *program.Operation) bool {
	result := s.program.Schema.Types[field.Type.Name()]
	in, key := program.Nested(program.ListKey(field))
	switch {
	case program.IsFile(field):
		return false
	case s.program.FormOf(parent, field) == program.Write:
		s.payload(all, result)
		return true
	case key == "":
		below := s.typed(result)
		if below == nil {
			return false
		}
		all.join(below)
		for _, name := range o.Within {
			all.members[name] = member{below: below}
		}
		return true
	}
	rows := result
	if node := s.program.Node(field); node != nil {
		rows = node
		all.join(s.typed(result)) // what stands beside the rows
	}
	list := member{below: s.typed(rows)}
	all.members[key] = list
	if in != "" {
		beside := &shape{members: map[string]member{key: list}, also: []*shape{all}}
		all.members[in] = member{below: beside}
	}
	return true
}

// payload adds what a write answers: values of its own, and those of the things in it.
func (s *Shapes) payload(all *shape, payload *ast.Definition) {
	all.join(s.typed(payload))
	for _, field := range payload.Fields {
		all.members[program.MadeBy(field)] = member{}
		if thing := s.program.Schema.Types[field.Type.Name()]; !thing.IsLeafType() {
			if below := s.typed(thing); below != nil {
				all.join(below)
			}
		}
	}
}

// typed is the shape of a type's values; nil: they may be anything, or nothing stands below them. The lock is held.
func (s *Shapes) typed(def *ast.Definition) *shape {
	if known, ok := s.types[def]; ok {
		return known
	}
	switch {
	case def == nil || def.IsLeafType():
		return nil
	case def.Kind == ast.Union:
		all := newShape()
		s.types[def] = all
		for _, name := range def.Types {
			all.join(s.typed(s.program.Schema.Types[name]))
		}
		if tag, _ := program.TagOf(def); tag.By != "" {
			all.members[tag.By] = member{}
		}
		return all
	}
	made := newShape()
	s.types[def] = made // before its fields: it may hold itself
	for _, field := range def.Fields {
		s.field(made, def, field)
	}
	return made
}

// nestedSections is the key under which an account may have, by their names, the sections whose fields stand at the top of
// other accounts' answers.
const nestedSections = "authentication_options"

// field adds the key of a field, or the keys of a section whose fields stand at the top.
func (s *Shapes) field(made *shape, def *ast.Definition, field *ast.FieldDefinition) {
	result := s.program.Schema.Types[field.Type.Name()]
	switch {
	case program.IsBuiltin(field), program.IsResolved(field) && !program.IsInside(field):
		return
	case program.IsSection(field):
		if _, root := program.View(field); root {
			made.join(s.typed(result))
			nested := &shape{members: map[string]member{program.NameOf(field): {below: s.typed(result)}}}
			made.join(&shape{members: map[string]member{nestedSections: {below: nested}}})
		}
	}
	name := program.NameOf(field)
	m := member{below: s.typed(result), field: def.Name + "." + field.Name}
	if result != nil && result.Kind == ast.Enum {
		m.values = map[string]bool{}
		for _, value := range result.EnumValues {
			m.values[program.Wire(value)] = true
		}
	}
	made.members[name] = m
	if policy := program.Text(field.Directives.ForName("policy"), "zoom"); policy != "" {
		made.members[policy] = m
	}
}
