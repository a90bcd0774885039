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
	for name := range r.span(field, f) {
		known[name] = true
	}
	bound := r.bind(def, field, f)
	var args []Arg
	for _, arg := range field.Arguments {
		a := Arg{Name: arg.Name, GoName: goArg(arg.Name), Go: r.goType(arg.Type), Zoom: program.Name(arg.Name, arg.Directives)}
		a.Query = !known[arg.Name] && !bound[arg.Name]
		if a.Query && !r.isParam(arg.Type) {
			r.mistake(arg.Position, "%s.%s: argument %q is %s, but a generated resolver makes query parameters of String, ID, Int, Boolean, Date, DateTime and enums only",
				f.Parent, f.Name, arg.Name, arg.Type)
		}
		args = append(args, a)
	}
	return args
}

// bind finds a value for each parameter of the operation's path, as program.Sources has them. It returns the names of the
// arguments that it took.
func (r *reader) bind(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) map[string]bool {
	bound := map[string]bool{}
	r.checkBy(field, f)
	for _, source := range r.source.Sources(def, field) {
		switch arg := source.Argument; {
		case r.tagged(field, source.Param):
			f.Path = append(f.Path, "r.project.Tag("+strconv.Quote(field.Arguments.ForName("input").Type.Name())+", input)")
		case arg != nil:
			bound[arg.Name] = true
			f.Path = append(f.Path, r.pathValue(arg, source.Param, f))
			if strings.HasSuffix(strings.ToLower(arg.Name), "uuid") {
				f.Instances = append(f.Instances, goArg(arg.Name))
			}
		case source.Key:
			f.Path = append(f.Path, "parent.Key()")
		case source.Thing != nil:
			f.Path = append(f.Path, "parent."+templates.ToGo(source.Thing.Name)+".Key()")
		case source.Field != nil:
			held := holding(source.Field)
			f.Path = append(f.Path, "path["+strconv.Itoa(len(f.Held))+"]")
			f.Held = append(f.Held, held)
			if field.Type.NonNull {
				r.mistake(field.Position, "%s.%s must be nullable: where %s is empty there is nothing to ask", f.Parent, f.Name, source.Field.Name)
			}
		case source.Above:
			f.Path = append(f.Path, "parent.Above("+strconv.Quote(source.Param)+")")
		case program.By(field) == nil:
			r.mistake(field.Position, "%s.%s: nothing gives the parameter {%s} of %s; add an argument of that name", f.Parent, f.Name, source.Param, f.Op.Path)
		}
	}
	return bound
}

// pathValue is what an argument gives a parameter of a path: itself, or Zoom's spelling of an enum value.
func (r *reader) pathValue(arg *ast.ArgumentDefinition, param string, f *ResolverField) string {
	switch t := arg.Type.String(); {
	case t == "ID!", t == "String!":
		return goArg(arg.Name)
	case arg.Type.Elem == nil && arg.Type.NonNull && r.schema.Types[arg.Type.NamedType].Kind == ast.Enum:
		return goArg(arg.Name) + ".Wire()"
	}
	r.mistake(arg.Position, "%s.%s: argument %q gives {%s}, so it must be ID!, String! or an enum that may not be null", f.Parent, f.Name, arg.Name, param)
	return ""
}

// checkBy finds names in by that name nothing, and where there are more or less of them than parameters.
func (r *reader) checkBy(field *ast.FieldDefinition, f *ResolverField) {
	by := program.By(field)
	if by == nil {
		return
	}
	if len(by) != len(f.Op.Params) {
		r.mistake(field.Position, "%s.%s: by has to name what gives each parameter of %s, in its order", f.Parent, f.Name, f.Op.Path)
		return
	}
	for i, source := range r.source.Sources(r.schema.Types[f.Parent], field) {
		if !source.Known() {
			r.mistake(field.Position, "%s.%s: by names %q, which is neither an argument nor a plain field of %s", f.Parent, f.Name, by[i], f.Parent)
		}
	}
}

// span finds the arguments from and to of a list whose time Zoom limits: such a list is walked piece by piece.
func (r *reader) span(field *ast.FieldDefinition, f *ResolverField) map[string]bool {
	if f.Op.Window == nil || !f.Lists || field.Arguments.ForName("from") == nil && field.Arguments.ForName("to") == nil {
		return nil
	}
	var ends []string
	for _, name := range []string{"from", "to"} {
		arg := field.Arguments.ForName(name)
		if arg == nil || arg.Type.NamedType != "Date" && arg.Type.NamedType != "DateTime" {
			r.mistake(field.Position, "%s.%s: Zoom tells of a %s at once, so it needs both from and to, which are Date or DateTime", f.Parent, f.Name, f.Op.Window.Of)
			return nil
		}
		end := goArg(name)
		if arg.Type.NonNull {
			end = "&" + end
		}
		ends = append(ends, end)
	}
	f.Span = "spanOf(" + strings.Join(ends, ", ") + ")"
	return map[string]bool{"from": true, "to": true}
}

// goArg is the Go name of an argument. It must hide nothing that the generated methods use.
func goArg(name string) string {
	goName := templates.ToGoPrivate(name)
	switch goName {
	case "ctx", "parent", "r", "e", "w", "page", "path", "err", "graphql", "load", "model", "project", "string", "nil":
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
	case "String", "ID", "Int", "Boolean", "Date", "DateTime":
		return true
	}
	return r.schema.Types[t.NamedType].Kind == ast.Enum
}

// goType is the type that gqlgen gives an argument of a generated resolver.
func (r *reader) goType(t *ast.Type) string {
	if t.Elem != nil {
		return "[]" + strings.TrimPrefix(r.goType(t.Elem), "*")
	}
	name := map[string]string{"String": "string", "ID": "string", "Int": "int", "Boolean": "bool", "Date": "string", "DateTime": "string", "Upload": "graphql.Upload"}[t.NamedType]
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
