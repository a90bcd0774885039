package zoomgen

import (
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// Arg is an argument of a field; Go is its Go type.
type Arg struct {
	Name, GoName, Go, Zoom string
	// Query arguments become query parameters.
	Query bool
}

// args reads the arguments of a generated resolver and binds the operation's path. Those of plumbing are as declared
// there (with ? they may be left out); all others become path values or query parameters.
func (r *reader) args(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField, plumbing ...string) []Arg {
	known := map[string]bool{}
	for _, want := range plumbing {
		name, _, _ := strings.Cut(want, ":")
		name, optional := strings.CutSuffix(name, "?")
		known[name] = true
		want = strings.Replace(want, "?", "", 1)
		if arg := field.Arguments.ForName(name); arg == nil && !optional || arg != nil && declaration(arg) != want {
			r.mistake(field.Position, "%s.%s needs an argument `%s`", f.Parent, f.Name, want)
		}
	}
	bound := r.bind(def, field, f)
	var args []Arg
	for _, arg := range field.Arguments {
		a := Arg{Name: arg.Name, GoName: goArg(arg.Name), Go: r.goType(arg.Type), Zoom: program.Name(arg.Name, arg.Directives)}
		a.Query = !known[arg.Name] && !bound[arg.Name]
		if a.Query && !r.isParam(arg.Type) {
			r.mistake(arg.Position, "%s.%s: argument %q is %s, but a generated resolver makes query parameters of String, ID, Int, Boolean and enums only",
				f.Parent, f.Name, arg.Name, arg.Type)
		}
		args = append(args, a)
	}
	return args
}

// bind finds a value for each parameter of the operation's path: an argument of its name, the argument id for the
// thing's own, or the parent. It returns the names of the arguments it took.
func (r *reader) bind(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) map[string]bool {
	bound := map[string]bool{}
	for _, param := range f.Op.Params {
		owner := strings.TrimSuffix(param, "Id")
		name := param
		if field.Arguments.ForName(param) == nil && !bound["id"] {
			name = "id"
		}
		switch arg := field.Arguments.ForName(name); {
		case r.tagged(field, param):
			f.Path = append(f.Path, "r.project.Tag("+strconv.Quote(field.Arguments.ForName("input").Type.Name())+", input)")
		case arg != nil:
			if t := arg.Type.String(); t != "ID!" && t != "String!" {
				r.mistake(arg.Position, "%s.%s: argument %q gives {%s}, so it must be ID! or String!", f.Parent, f.Name, name, param)
			}
			bound[name] = true
			f.Path = append(f.Path, goArg(name))
		case !f.ParentRoot && program.IsThing(def) && owner == lowerFirst(def.Name):
			f.Path = append(f.Path, "parent.Key()")
		case !program.IsThing(def) && r.holdsThing(def, owner):
			f.Path = append(f.Path, "parent."+templates.ToGo(owner)+".Key()")
		default:
			r.mistake(field.Position, "%s.%s: nothing gives the parameter {%s} of %s; add an argument of that name", f.Parent, f.Name, param, f.Op.Path)
		}
	}
	return bound
}

// holdsThing tells whether a structure has a field that is a thing itself.
func (r *reader) holdsThing(structure *ast.Definition, name string) bool {
	field := structure.Fields.ForName(name)
	return field != nil && field.Type.Elem == nil && !program.IsResolved(field) && program.IsThing(r.schema.Types[field.Type.NamedType])
}

// goArg is the Go name of an argument. It must hide nothing that the generated methods use.
func goArg(name string) string {
	goName := templates.ToGoPrivate(name)
	switch goName {
	case "ctx", "parent", "r", "e", "w", "page", "err", "graphql", "load", "model", "project", "string", "nil":
		return goName + "Arg"
	}
	return goName
}

func declaration(arg *ast.ArgumentDefinition) string {
	if arg.DefaultValue == nil {
		return arg.Name + ": " + arg.Type.String()
	}
	return arg.Name + ": " + arg.Type.String() + " = " + arg.DefaultValue.String()
}

// isParam tells whether paramOf of package graph takes an argument of the type.
func (r *reader) isParam(t *ast.Type) bool {
	if t.Elem != nil {
		return false
	}
	switch t.NamedType {
	case "String", "ID", "Int", "Boolean":
		return true
	}
	return r.schema.Types[t.NamedType].Kind == ast.Enum
}

// goType is the type that gqlgen gives an argument of a generated resolver.
func (r *reader) goType(t *ast.Type) string {
	if t.Elem != nil {
		return "[]" + strings.TrimPrefix(r.goType(t.Elem), "*")
	}
	name := map[string]string{"String": "string", "ID": "string", "Int": "int", "Boolean": "bool", "Upload": "graphql.Upload"}[t.NamedType]
	if name == "" {
		name = "model." + t.NamedType
		if r.schema.Types[t.NamedType].Kind == ast.InputObject {
			name = "project.Input"
		}
	}
	if t.NonNull {
		return name
	}
	return "*" + name
}
