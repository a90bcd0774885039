package zoomgen

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/graph/program"
)

// Code holds everything that the templates print. They decide nothing.
type Code struct {
	Chapters  []*program.Chapter
	Entities  []*Entity
	Enums     []*Enum
	Resolvers []*Resolver
	Ops       []*Op
	Trees     []*Tree
	// Sensitive are Zoom's names of secrets, Innocent those that look so and are none.
	Sensitive, Innocent []string

	executed map[string]bool // names of the object types that gqlgen executes
}

// Covered are the chapters with the operations that the schema has.
func (p *Code) Covered() []*program.Chapter {
	var covered []*program.Chapter
	for _, chapter := range p.Chapters {
		has := func(op *program.Operation) bool {
			return slices.ContainsFunc(p.Ops, func(used *Op) bool { return used.Operation == op })
		}
		some := program.Chapter{Name: chapter.Name}
		for _, op := range chapter.Operations {
			if has(op) {
				some.Operations = append(some.Operations, op)
			}
		}
		if some.Operations != nil {
			covered = append(covered, &some)
		}
	}
	return covered
}

// HasData tells whether an entity has fields that are data.
func (p *Code) HasData() bool {
	return slices.ContainsFunc(p.Entities, func(e *Entity) bool {
		return e.Node == "" && slices.ContainsFunc(e.Fields, func(f EntityField) bool { return f.Reader != "" || f.Go == dataType })
	})
}

// HasGenerated tells whether a resolver has methods that nobody wrote by hand.
func (p *Code) HasGenerated() bool {
	return slices.ContainsFunc(p.Resolvers, func(r *Resolver) bool { return len(r.Generated()) > 0 })
}

// Imports are the packages that the generated resolvers use beside context: those of others, and ours.
func (p *Code) Imports() [][]string {
	var fields []*ResolverField
	for _, r := range p.Resolvers {
		fields = append(fields, r.Generated()...)
	}
	var others, own []string
	add := func(group *[]string, path string, uses func(f *ResolverField) bool) {
		if slices.ContainsFunc(fields, uses) {
			*group = append(*group, path)
		}
	}
	add(&others, "github.com/99designs/gqlgen/graphql", func(f *ResolverField) bool { return f.File != nil })
	add(&own, "zoomgraph/graph/load", func(f *ResolverField) bool { return f.Form == tree })
	add(&own, "zoomgraph/graph/model", func(f *ResolverField) bool {
		return !f.ParentRoot || f.Form != data && f.Form != file && f.Form != tree && f.Form != writeData || slices.ContainsFunc(f.Args, func(a Arg) bool { return strings.Contains(a.Go, "model.") })
	})
	add(&own, "zoomgraph/graph/project", func(f *ResolverField) bool {
		return f.Form == data || f.Form == file || f.Form == tree || f.Form == writeData || f.Input != ""
	})
	return slices.DeleteFunc([][]string{others, own}, func(group []string) bool { return len(group) == 0 })
}

// Entity is an object type that gqlgen executes over a Go type of package model. A thing is a view of Zoom's JSON; a
// structure (a connection, its edge, a payload) is a plain struct that a resolver fills.
type Entity struct {
	Name, Doc string
	Thing     bool
	Fields    []EntityField
	// Node is the thing that a connection lists, Edge its edge; both are empty for other entities.
	Node, Edge string
}

// EntityField is a field of an entity that has no operation of its own.
type EntityField struct {
	GoName, Name, Zoom string
	// Go is the type of a structure's field.
	Go string
	// Reader is the method of model.Entity that reads a thing's field.
	Reader string
}

// Enum is an enum that is used by an argument, so that Go code needs its values.
type Enum struct {
	Name, Doc string
	Values    []EnumValue
}

// EnumValue is a value and Zoom's spelling of it.
type EnumValue struct{ Go, Name, Wire string }

// reader builds the Code and collects what is wrong.
type reader struct {
	source    *program.Program
	schema    *ast.Schema // of source
	overrides map[string]bool
	code      *Code
	ops       map[string]*Op
	errs      gqlerror.List
}

// Read reads what follows from a program. overrides are the hand-written resolver methods, as "userResolver.Settings". The error lists
// every mistake with its file and line.
func Read(source *program.Program, overrides map[string]bool) (*Code, error) {
	r := &reader{source: source, schema: source.Schema, overrides: overrides, ops: map[string]*Op{}, code: &Code{Chapters: source.Chapters, executed: executed(source.Schema)}}
	if r.checkDirectives(); len(r.errs) > 0 {
		return nil, r.mistakes()
	}
	r.checkTypes()
	r.checkMarks()
	r.checkDerived()
	r.checkMade()
	r.checkTagged()
	for _, def := range r.types(ast.Object) {
		if !r.code.executed[def.Name] {
			continue
		}
		r.resolver(def)
		if !isRoot(r.schema, def) {
			r.entity(def)
		}
	}
	r.enums()
	r.trees()
	r.sensitive()
	for _, op := range r.ops {
		r.code.Ops = append(r.code.Ops, op)
	}
	sort.Slice(r.code.Ops, func(i, j int) bool { return r.code.Ops[i].ID < r.code.Ops[j].ID })
	if len(r.errs) > 0 {
		return nil, r.mistakes()
	}
	return r.code, nil
}

func (r *reader) mistake(pos *ast.Position, format string, args ...any) {
	r.errs = append(r.errs, gqlerror.ErrorPosf(pos, format, args...))
}

// mistakes are all mistakes, each once, by file and place.
func (r *reader) mistakes() gqlerror.List {
	slices.SortFunc(r.errs, func(a, b *gqlerror.Error) int {
		return cmp.Or(
			strings.Compare(fileOf(a), fileOf(b)),
			cmp.Compare(a.Locations[0].Line, b.Locations[0].Line),
			cmp.Compare(a.Locations[0].Column, b.Locations[0].Column),
			strings.Compare(a.Message, b.Message),
		)
	})
	return slices.CompactFunc(r.errs, func(a, b *gqlerror.Error) bool { return a.Error() == b.Error() })
}

func fileOf(err *gqlerror.Error) string {
	file, _ := err.Extensions["file"].(string)
	return file
}

// types lists the schema's own types of a kind by name.
func (r *reader) types(kinds ...ast.DefinitionKind) []*ast.Definition {
	var defs []*ast.Definition
	for _, def := range r.schema.Types {
		for _, kind := range kinds {
			if def.Kind == kind && !def.BuiltIn && !strings.HasPrefix(def.Name, "__") {
				defs = append(defs, def)
			}
		}
	}
	sort.Slice(defs, func(i, j int) bool { return defs[i].Name < defs[j].Name })
	return defs
}

// executed finds the types that gqlgen must execute: the roots, the things (a field of theirs has an operation),
// and whatever leads to a thing. All others are only data.
func executed(schema *ast.Schema) map[string]bool {
	out := map[string]bool{}
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		if root != nil {
			out[root.Name] = true
		}
	}
	for changed := true; changed; {
		changed = false
		for name, def := range schema.Types {
			if def.Kind != ast.Object || def.BuiltIn || out[name] {
				continue
			}
			for _, field := range def.Fields {
				if program.IsResolved(field) || out[field.Type.Name()] {
					out[name], changed = true, true
				}
			}
		}
	}
	return out
}

func (r *reader) entity(def *ast.Definition) {
	e := &Entity{Name: def.Name, Doc: def.Description, Thing: program.IsThing(def)}
	if e.Thing {
		r.needs(def, "id", "ID!")
	}
	for _, field := range def.Fields {
		if program.IsBuiltin(field) || program.IsResolved(field) {
			continue
		}
		f := EntityField{GoName: templates.ToGo(field.Name), Name: field.Name, Zoom: program.Name(field.Name, field.Directives), Go: r.structType(field.Type)}
		if e.Thing {
			f = r.thingField(field)
			if r.code.executed[field.Type.Name()] {
				r.mistake(field.Position, "%s.%s leads to the entity %s: say by which operation, with @zoom", def.Name, field.Name, field.Type.Name())
			}
		}
		e.Fields = append(e.Fields, f)
	}
	r.connection(def, e)
	r.code.Entities = append(r.code.Entities, e)
}

// thingField says which method of model.Entity reads a thing's field.
func (r *reader) thingField(field *ast.FieldDefinition) EntityField {
	f := EntityField{GoName: templates.ToGo(field.Name), Name: field.Name, Zoom: program.Name(field.Name, field.Directives), Reader: "Listed"}
	switch {
	case field.Name == "id":
		f.Reader = "Ident"
	case field.Directives.ForName("detail") != nil:
		f.Reader = "Detailed"
	}
	return f
}

// dataType is the Go type of what the projection writes.
const dataType = "*project.Value"

// structType is the Go type of a structure's field: entities as they are, everything else as projected data.
func (r *reader) structType(t *ast.Type) string {
	switch {
	case !r.code.executed[t.Name()]:
		return dataType
	case t.Elem != nil:
		return "[]*" + t.Name()
	default:
		return "*" + t.Name()
	}
}

// connection recognizes a type that ends in Connection and checks its plumbing and its edge's.
func (r *reader) connection(def *ast.Definition, e *Entity) {
	node, ok := strings.CutSuffix(def.Name, "Connection")
	if !ok {
		return
	}
	r.needs(def, "nodes", "["+node+"!]!")
	r.needs(def, "edges", "["+node+"Edge!]!")
	r.needs(def, "pageInfo", "PageInfo!")
	r.needs(def, "totalCount", "Int")
	if program.IsThing(r.schema.Types[node]) {
		e.Node, e.Edge = node, node+"Edge"
	}
	if edge := r.schema.Types[node+"Edge"]; edge != nil {
		r.needs(edge, "node", node+"!")
		r.needs(edge, "cursor", "String!")
	}
}

func (r *reader) needs(def *ast.Definition, name, want string) {
	if field := def.Fields.ForName(name); field == nil || field.Type.String() != want {
		r.mistake(def.Position, "%s needs a field `%s: %s`", def.Name, name, want)
	}
}

func (r *reader) enums() {
	used := map[string]bool{}
	for name := range r.code.executed {
		for _, field := range r.schema.Types[name].Fields {
			for _, arg := range field.Arguments {
				used[arg.Type.Name()] = true
			}
		}
	}
	for _, def := range r.types(ast.Enum) {
		enum := &Enum{Name: def.Name, Doc: def.Description}
		wires := map[string]string{}
		for _, value := range def.EnumValues {
			wire := program.Wire(value)
			if other, taken := wires[wire]; taken {
				r.mistake(value.Position, "%s: %s and %s are both Zoom's %q", def.Name, other, value.Name, wire)
			}
			wires[wire] = value.Name
			if plain := strings.ToLower(value.Name); wire == plain && value.Directives.ForName("wire") != nil {
				r.mistake(value.Position, "%s: %s has @wire(value: %q), which its name says already", def.Name, value.Name, wire)
			}
			enum.Values = append(enum.Values, EnumValue{Go: def.Name + templates.ToGo(strings.ToLower(value.Name)), Name: value.Name, Wire: wire})
		}
		if used[def.Name] {
			r.code.Enums = append(r.code.Enums, enum)
		}
	}
}
