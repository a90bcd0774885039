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
	Unions    []*Union
	Enums     []*Enum
	Resolvers []*Resolver
	Ops       []*Op
	Trees     []*Tree
	// Sensitive are Zoom's names of secrets, Innocent those that look so and are none.
	Sensitive, Innocent []string

	executed map[string]bool // names of the object types that gqlgen executes
	leaves   map[string]bool // those of which gqlgen does not know the fields that lead nowhere
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

// HasData tells whether a structure has fields that are data.
func (p *Code) HasData() bool {
	return slices.ContainsFunc(p.Entities, func(e *Entity) bool {
		return slices.ContainsFunc(e.Fields, func(f EntityField) bool { return f.Go == dataType })
	})
}

// isLeaf tells whether a field of a type in leaves is one that leads nowhere.
func (p *Code) isLeaf(field *ast.FieldDefinition) bool {
	return !p.executed[field.Type.Name()] && !program.IsResolved(field)
}

// HasWindows tells whether an operation that the schema has tells of a limited time.
func (p *Code) HasWindows() bool {
	return slices.ContainsFunc(p.Ops, func(op *Op) bool { return op.Window != nil })
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
		return !f.ParentRoot || f.GoResult() != dataType || slices.ContainsFunc(f.Args, func(a Arg) bool { return strings.Contains(a.Go, "model.") })
	})
	add(&own, "zoomgraph/graph/project", func(f *ResolverField) bool {
		return f.GoResult() == dataType || f.Input != ""
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

// EntityField is a field of a structure, with its type.
type EntityField struct{ GoName, Go string }

// Union is a union of things.
type Union struct {
	Name, Doc string
	By        string // key of Zoom's object that tells which of them it is
	Types     []UnionType
}

// Var is the Go variable with what tells its types apart.
func (u *Union) Var() string { return lowerFirst(u.Name) + "Of" }

// UnionType is one of a union's types: its name, what Zoom's key says of it, and how one is read, as Go.
type UnionType struct{ Name, Tag, Page string }

// HeldField is a field of a thing that a resolver needs: Zoom's name of it, and what brings it, as in model.Entity's
// RawListed.
type HeldField struct{ Zoom, Reader string }

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
	r := &reader{source: source, schema: source.Schema, overrides: overrides, ops: map[string]*Op{}, code: &Code{Chapters: source.Chapters, executed: map[string]bool{}, leaves: map[string]bool{}}}
	for name, def := range source.Schema.Types {
		if source.Executed(def) {
			r.code.executed[name] = true
		}
	}
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

func (r *reader) entity(def *ast.Definition) {
	e := &Entity{Name: def.Name, Doc: def.Description, Thing: r.source.IsView(def)}
	if key := r.source.KeyName(def); e.Thing && key != "" {
		r.needs(def, key, "ID!")
	}
	for _, field := range def.Fields {
		if program.IsBuiltin(field) || program.IsResolved(field) || r.isPart(def, field) {
			continue
		}
		switch {
		case !e.Thing:
			e.Fields = append(e.Fields, EntityField{GoName: templates.ToGo(field.Name), Go: r.structType(field.Type)})
		case r.code.executed[field.Type.Name()]:
			r.mistake(field.Position, "%s.%s leads to the entity %s: say by which operation, with @zoom", def.Name, field.Name, field.Type.Name())
		}
	}
	r.connection(def, e)
	r.code.leaves[def.Name] = e.Thing || e.Node != ""
	r.code.Entities = append(r.code.Entities, e)
}

// holding says how a resolver reads a thing's field.
func holding(field *ast.FieldDefinition) HeldField {
	f := HeldField{Zoom: program.NameOf(field), Reader: "Listed"}
	if program.Has(field.Directives, "detail") {
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

// connection recognizes a type that ends in Connection and checks its plumbing and its edge's. What it has beside that are
// values which Zoom says beside the list.
func (r *reader) connection(def *ast.Definition, e *Entity) {
	node, ok := strings.CutSuffix(def.Name, "Connection")
	if !ok {
		return
	}
	r.plumbing(def, node)
	if r.source.IsView(r.schema.Types[node]) {
		e.Node, e.Edge, e.Fields = node, node+"Edge", nil
	}
}

// plumbing checks the fields that each connection has.
func (r *reader) plumbing(def *ast.Definition, node string) {
	r.needs(def, "nodes", "["+node+"!]!")
	r.needs(def, "edges", "["+node+"Edge!]!")
	r.needs(def, "pageInfo", "PageInfo!")
	r.needs(def, "totalCount", "Int")
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
