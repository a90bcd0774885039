package zoomgen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// Resolver is a type that has fields with operations.
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
	// link and links: the entities whose ids the parent holds.
	link  Form = "link"
	links Form = "links"
	// list: a GET that lists entities, as a connection.
	list Form = "list"
	// tree: a GET of a settings tree, by the planner.
	tree Form = "tree"
	// data: any other GET, projected.
	data Form = "data"
	// file: a GET that answers no JSON, as the URL that streams it.
	file Form = "file"
	// update: a write of a settings tree.
	update Form = "update"
	// write: any other write.
	write Form = "write"
	// writeData: a write whose payload is only data, projected.
	writeData Form = "write data"
)

// ResolverField is a field with an operation. What the templates print as Go is an expression.
type ResolverField struct {
	Name, GoName, Parent string
	Op                   *Op // nil for a derived field
	Form                 Form
	Args                 []Arg
	Path                 []string // expressions of the values in the operation's path
	Result               string   // the named type of the field
	ParentRoot           bool

	Node    *Op      // that reads the details of the things listed
	List    string   // key of the value in the answer
	Brings  []string // by a list; nil: all fields that are not marked
	Unpaged bool
	Link    EntityField // of the parent, that holds the ids

	Tree      *Tree
	LoginType string // expression, "" for none
	Request   string // arguments of requestOf
	Read      *Op    // that reads back what an update wrote

	Input   string // the type of the argument input, "" for none
	File    *Arg   // the argument that is a file
	Payload []PayloadField
	Named   []NamedValue // of a payload that is only data
}

// NamedValue is a value of the operation's path that a payload repeats, by Zoom's name.
type NamedValue struct{ Zoom, Expr string }

// PayloadField is a field of a write's payload, and how it is made.
type PayloadField struct{ GoName, Expr string }

// GoResult is the Go type of the field.
func (f *ResolverField) GoResult() string {
	switch f.Form {
	case tree, data, file, writeData:
		return "*project.Value"
	case links:
		return "[]*model." + f.Result
	default:
		return "*model." + f.Result
	}
}

// PathExpr is the operation's path values as Go.
func (f *ResolverField) PathExpr() string {
	if len(f.Path) == 0 {
		return "nil"
	}
	return "[]string{" + strings.Join(f.Path, ", ") + "}"
}

// QueryExpr are the query parameters as further arguments of a call.
func (f *ResolverField) QueryExpr() string {
	var b strings.Builder
	for _, arg := range f.Args {
		if arg.Query {
			b.WriteString(", paramOf(" + strconv.Quote(arg.Zoom) + ", ")
			if !strings.HasPrefix(arg.Go, "*") {
				b.WriteByte('&')
			}
			b.WriteString(arg.GoName + ")")
		}
	}
	return b.String()
}

// resolver reads the fields of a type that have operations and finds the form of each.
func (r *reader) resolver(def *ast.Definition) {
	res := &Resolver{Name: def.Name, Root: def == r.schema.Query || def == r.schema.Mutation || def == r.schema.Subscription}
	for _, field := range def.Fields {
		if !program.IsResolved(field) {
			continue
		}
		f := &ResolverField{Name: field.Name, GoName: templates.ToGo(field.Name), Parent: def.Name, Result: field.Type.Name(), ParentRoot: res.Root}
		if !program.Has(field.Directives, "zoom") {
			r.derived(def, field, f)
		} else {
			if f.Op = r.op(def, field); f.Op == nil {
				continue
			}
			f.List, f.Brings, f.Unpaged = program.ListKey(field), program.Brings(field), program.Unpaged(field)
			f.Form = r.form(def, field, f)
			r.checkList(field, f)
		}
		res.Fields = append(res.Fields, f)
	}
	if len(res.Fields) > 0 {
		r.code.Resolvers = append(r.code.Resolvers, res)
	}
}

// derived fields are answered by hand, always.
func (r *reader) derived(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) {
	f.Form = byHand
	if !r.overrides[method(def, field)] {
		r.mistake(field.Position, "%s.%s is derived: write the method %s in the folder of resolvers", def.Name, field.Name, method(def, field))
	}
}

// method is the Go name of the method that answers a field. findOverrides looks for it.
func method(def *ast.Definition, field *ast.FieldDefinition) string {
	return lowerFirst(def.Name) + "Resolver." + templates.ToGo(field.Name)
}

// form decides how a field is answered, or says what is missing.
func (r *reader) form(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) Form {
	result := r.schema.Types[f.Result]
	switch {
	case f.Op.Reads() == (def == r.schema.Mutation):
		r.mistake(field.Directives.ForName("zoom").Position, "%s.%s: %s %s belongs elsewhere: a read hangs on what it is about, a write on Mutation",
			def.Name, field.Name, f.Op.Method, f.Op.Path)
		return byHand
	case r.overrides[method(def, field)]:
		return byHand
	case !f.Op.Reads():
		return r.write(def, field, f)
	case program.IsFile(field):
		return r.file(def, field, f)
	case r.listed(field) != nil:
		return r.list(def, field, f)
	case program.IsThing(result) && len(f.Op.Params) == 1 && field.Arguments.ForName("id") != nil && field.Type.Elem == nil:
		f.Args = r.args(def, field, f)
		return thing
	case program.IsThing(result) && r.linkField(def, field, f) != nil:
		return r.link(def, field, f)
	case program.IsTree(result) && field.Type.Elem == nil:
		return r.tree(def, field, f)
	case !r.code.executed[f.Result]:
		f.Args = r.args(def, field, f)
		return data
	}
	r.mistake(field.Position, "%s.%s: no form of generated resolver fits %s %s; write the method %s in the folder of resolvers",
		def.Name, field.Name, f.Op.Method, f.Op.Path, method(def, field))
	return byHand
}

// file is a URL of this service.
func (r *reader) file(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) Form {
	f.Args = r.args(def, field, f)
	if field.Type.NamedType != "String" || slices.ContainsFunc(f.Args, func(a Arg) bool { return a.Query }) {
		r.mistake(field.Position, "%s.%s is a file, so it must be a String, its URL, and have arguments for the path of %s only", f.Parent, f.Name, f.Op.Path)
	}
	return file
}

// linkField finds the field of the parent that holds the ids: roleId for {roleId}, groupIds where the result is a list.
func (r *reader) linkField(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) *ast.FieldDefinition {
	if f.ParentRoot || !program.IsThing(def) || len(f.Op.Params) != 1 {
		return nil
	}
	name := f.Op.Params[0]
	if field.Type.Elem != nil {
		name += "s"
	}
	holder := def.Fields.ForName(name)
	if holder == nil || holder.Name == "id" || program.IsResolved(holder) || (holder.Type.Elem != nil) != (field.Type.Elem != nil) {
		return nil
	}
	return holder
}

func (r *reader) link(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) Form {
	holder := r.linkField(def, field, f)
	f.Link = r.thingField(holder)
	if holder.Directives.ForName("onRequest") != nil {
		r.mistake(field.Position, "%s.%s links by %s, which a list brings only when it is selected itself", f.Parent, f.Name, holder.Name)
	}
	if len(field.Arguments) > 0 {
		r.mistake(field.Position, "%s.%s links by %s, so it can have no arguments", f.Parent, f.Name, holder.Name)
	}
	if field.Type.Elem != nil {
		return links
	}
	return link
}

// listed is the thing that a field lists, as a connection; nil for all other fields.
func (r *reader) listed(field *ast.FieldDefinition) *ast.Definition {
	node, ok := strings.CutSuffix(field.Type.NamedType, "Connection")
	if def := r.schema.Types[node]; ok && program.IsThing(def) {
		return def
	}
	return nil
}

func (r *reader) list(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) Form {
	if f.List == "" {
		r.mistake(field.Position, "%s.%s is a connection: name the key of its list in Zoom's answer, @zoom(list: …)", f.Parent, f.Name)
	}
	f.Node = r.detailOp(field, f, r.listed(field).Name)
	f.Args = r.args(def, field, f, "first: Int = 30", "after: String")
	return list
}

// checkList finds arguments of @zoom about lists where there is none, and names in brings that no list brings.
func (r *reader) checkList(field *ast.FieldDefinition, f *ResolverField) {
	if f.List != "" && !slices.Contains([]Form{list, data, byHand}, f.Form) {
		r.mistake(field.Position, "%s.%s names the key %q, but only connections and data are looked for under a key", f.Parent, f.Name, f.List)
	}
	node, brings := r.listed(field), field.Directives.ForName("zoom").Arguments.ForName("brings")
	switch {
	case node == nil && (f.Unpaged || brings != nil):
		r.mistake(field.Position, "%s.%s is no connection of things, so it can be neither unpaged nor say what it brings", f.Parent, f.Name)
	case node != nil && brings != nil && !slices.Contains(f.Brings, "id"):
		r.mistake(field.Position, "%s.%s must bring \"id\": without ids there is no way to the things", f.Parent, f.Name)
	}
	if node == nil {
		return
	}
	for _, zoom := range f.Brings {
		if !slices.ContainsFunc(node.Fields, func(plain *ast.FieldDefinition) bool {
			return program.Name(plain.Name, plain.Directives) == zoom && !program.IsResolved(plain) && plain.Directives.ForName("detail") == nil
		}) {
			r.mistake(field.Position, "%s.%s brings %q, which is no field of %s that a list can bring", f.Parent, f.Name, zoom, node.Name)
		}
	}
}

func (r *reader) tree(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) Form {
	view := program.ViewArgument(r.schema.Types[f.Result])
	f.Args = r.args(def, field, f, treeArgs(view, r.viewType(r.schema.Types[f.Result]))...)
	r.checkTarget(field, f)
	f.Tree = &Tree{Name: f.Result}
	if arg := field.Arguments.ForName("fields"); arg != nil && !slices.Contains(f.Op.Query, "custom_query_fields") {
		r.mistake(arg.Position, "%s.%s: %s takes no names of settings, so nothing can be done with the argument fields", f.Parent, f.Name, f.Op.Op)
	}
	given := func(name, otherwise string) string {
		if field.Arguments.ForName(name) != nil {
			return goArg(name)
		}
		return otherwise
	}
	option := given(view, "nil")
	if option != "nil" {
		option = "viewOf(" + option + ")"
	}
	f.Request = strings.Join([]string{option, given("fields", "nil"), given("allowUnknown", "nil")}, ", ")
	f.LoginType = given("loginType", "")
	return tree
}

// checkTarget checks that a settings tree is read or written by one value in the path, and by nothing that gets lost.
func (r *reader) checkTarget(field *ast.FieldDefinition, f *ResolverField) {
	if len(f.Op.Params) > 1 {
		r.mistake(field.Position, "%s.%s: the path of a settings tree has one parameter at most, unlike %s", f.Parent, f.Name, f.Op.Path)
	}
	for _, arg := range f.Args {
		if arg.Query {
			r.mistake(field.Position, "%s.%s: a settings tree has no query parameter for the argument %q", f.Parent, f.Name, arg.Name)
		}
	}
}

// Target is the value in the path of a settings tree: as Go, and empty where the path takes none.
func (f *ResolverField) Target() string {
	if len(f.Path) == 0 {
		return `""`
	}
	return f.Path[0]
}

// viewType is the enum that names the views of a tree.
func (r *reader) viewType(tree *ast.Definition) string {
	for _, field := range tree.Fields {
		if d := field.Directives.ForName("view"); d != nil {
			return d.Definition.Arguments.ForName(program.ViewArgument(tree)).Type.Name()
		}
	}
	return ""
}

// treeArgs are the arguments that a settings tree may have; view asks for one of its views.
func treeArgs(view, of string) []string {
	return []string{view + "?: " + of, "fields?: [String!]", "allowUnknown?: Boolean", "loginType?: LoginType"}
}

// detailOp finds the operation that reads one thing of a type: that of the field of Query which takes its id.
func (r *reader) detailOp(field *ast.FieldDefinition, f *ResolverField, node string) *Op {
	if detail := r.source.DetailField(r.schema.Types[node]); detail != nil {
		return r.op(r.schema.Query, detail)
	}
	r.mistake(field.Position, "%s.%s leads to %s, but no field of Query reads one %s by its id", f.Parent, f.Name, node, node)
	return nil
}
