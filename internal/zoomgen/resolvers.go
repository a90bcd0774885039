package zoomgen

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// Resolver is a type of which fields have operations.
type Resolver struct {
	Name   string
	Root   bool
	Fields []*ResolverField
}

// Var is the Go type that holds the generated methods: queryOps.
func (r *Resolver) Var() string { return lowerFirst(r.Name) + "Ops" }

// Generated are the fields whose methods nobody wrote by hand.
func (r *Resolver) Generated() []*ResolverField {
	var out []*ResolverField
	for _, f := range r.Fields {
		if f.Form != byHand {
			out = append(out, f)
		}
	}
	return out
}

// Form is how a field with an operation is answered.
type Form string

const (
	// byHand: a method in package graph does it.
	byHand Form = "by hand"
	// thing: a GET by id whose answer is an entity; nothing is read until a field asks.
	thing Form = "thing"
	// list: a GET that lists entities, as a connection.
	list Form = "list"
)

// ResolverField is a field with an operation.
type ResolverField struct {
	Name, GoName string
	Op           *Op
	Form         Form
	Args         []Arg  // of a generated resolver
	Result       string // the entity it answers, or its connection
	Node         *Op    // for a list: the operation that reads a node's details
	List         string // for a list: the key in the answer
	Parent       string // the type it is a field of
}

// Arg is an argument of a field; Go is its Go type.
type Arg struct {
	GoName, Go, Zoom string
	// Query arguments become query parameters.
	Query bool
}

// resolver reads the fields of a type that have operations and finds the form of each.
func (r *reader) resolver(def *ast.Definition) {
	res := &Resolver{Name: def.Name, Root: def == r.schema.Query || def == r.schema.Mutation || def == r.schema.Subscription}
	for _, field := range def.Fields {
		d := field.Directives.ForName("zoom")
		if d == nil {
			continue
		}
		op := r.op(def, field)
		if op == nil {
			continue
		}
		if (op.Method == "GET") == (def == r.schema.Mutation) {
			r.mistake(d.Position, "%s.%s: %s %s belongs elsewhere: a read hangs on what it is about, a write on Mutation", def.Name, field.Name, op.Method, op.Path)
		}
		f := &ResolverField{
			Name: field.Name, GoName: templates.ToGo(field.Name), Op: op, Parent: def.Name, Result: field.Type.Name(), List: text(d, "list"),
		}
		f.Form = r.form(def, field, f)
		res.Fields = append(res.Fields, f)
	}
	if len(res.Fields) > 0 {
		r.program.Resolvers = append(r.program.Resolvers, res)
	}
}

// form decides how a field is answered, or says what is missing.
func (r *reader) form(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) Form {
	method := lowerFirst(def.Name) + "Resolver." + f.GoName
	if r.overrides[method] {
		return byHand
	}
	node, isConnection := strings.CutSuffix(f.Result, "Connection")
	if f.Op.Method == "GET" && r.program.executed[f.Result] && field.Type.Elem == nil {
		switch {
		case isConnection && len(f.Op.Params) == 0:
			return r.list(field, f, node)
		case isThing(r.schema.Types[f.Result]) && len(f.Op.Params) == 1 && field.Arguments.ForName("id") != nil:
			return r.thing(field, f)
		}
	}
	r.mistake(field.Position, "%s.%s: no form of generated resolver fits %s %s; write the method %s in the folder of resolvers",
		def.Name, field.Name, f.Op.Method, f.Op.Path, method)
	return byHand
}

func (r *reader) thing(field *ast.FieldDefinition, f *ResolverField) Form {
	if f.List != "" {
		r.mistake(field.Position, "%s.%s names the list %q, but %s is no connection", f.Parent, f.Name, f.List, f.Result)
	}
	f.Args = r.args(field, f, "id: ID!")
	return thing
}

func (r *reader) list(field *ast.FieldDefinition, f *ResolverField, node string) Form {
	if f.List == "" {
		r.mistake(field.Position, "%s.%s is a connection: name the key of its list in Zoom's answer, @zoom(list: …)", f.Parent, f.Name)
	}
	detail := r.detailField(node)
	if detail == nil {
		r.mistake(field.Position, "%s.%s lists %s, but no field of Query reads one %s by its id", f.Parent, f.Name, node, node)
	} else {
		f.Node = r.op(r.schema.Query, detail)
	}
	f.Args = r.args(field, f, "first: Int = 30", "after: String")
	return list
}

// detailField finds the field of Query that reads one thing of a type by its id.
func (r *reader) detailField(node string) *ast.FieldDefinition {
	for _, field := range r.schema.Query.Fields {
		if d := field.Directives.ForName("zoom"); d != nil && field.Type.NamedType == node && field.Arguments.ForName("id") != nil &&
			len(paramPattern.FindAllString(text(d, "op"), -1)) == 1 {
			return field
		}
	}
	return nil
}

// args reads the arguments of a generated resolver. Those of plumbing it needs, as declared there; all others become
// query parameters.
func (r *reader) args(field *ast.FieldDefinition, f *ResolverField, plumbing ...string) []Arg {
	for _, want := range plumbing {
		name, _, _ := strings.Cut(want, ":")
		if arg := field.Arguments.ForName(name); arg == nil || declaration(arg) != want {
			r.mistake(field.Position, "%s.%s needs an argument `%s`", f.Parent, f.Name, want)
		}
	}
	var args []Arg
	for _, arg := range field.Arguments {
		a := Arg{GoName: templates.ToGoPrivate(arg.Name), Go: goType(arg.Type), Zoom: zoomName(arg.Name, arg.Directives)}
		a.Query = !slices.ContainsFunc(plumbing, func(want string) bool { return strings.HasPrefix(want, arg.Name+":") })
		if a.Query && !r.isParam(arg.Type) {
			r.mistake(arg.Position, "%s.%s: argument %q is %s, but a generated resolver makes query parameters of String, ID and enums only, none of them required",
				f.Parent, f.Name, arg.Name, arg.Type)
		}
		args = append(args, a)
	}
	return args
}

func declaration(arg *ast.ArgumentDefinition) string {
	if arg.DefaultValue == nil {
		return arg.Name + ": " + arg.Type.String()
	}
	return arg.Name + ": " + arg.Type.String() + " = " + arg.DefaultValue.String()
}

// isParam tells whether paramOf of package graph takes an argument of the type.
func (r *reader) isParam(t *ast.Type) bool {
	if t.NonNull || t.Elem != nil {
		return false
	}
	return t.NamedType == "String" || t.NamedType == "ID" || r.schema.Types[t.NamedType].Kind == ast.Enum
}

// goType is the type that gqlgen gives an argument of a generated resolver.
func goType(t *ast.Type) string {
	name := map[string]string{"String": "string", "ID": "string", "Int": "int"}[t.NamedType]
	if name == "" {
		name = "model." + t.NamedType
	}
	if t.NonNull {
		return name
	}
	return "*" + name
}
