package zoomgen

import (
	"fmt"
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

// Plain are the types, beside the roots, of which all methods are generated.
func (c *Code) Plain() []*Resolver {
	return slices.DeleteFunc(slices.Clone(c.Resolvers), func(r *Resolver) bool {
		return r.Root || len(r.Generated()) < len(r.Fields)
	})
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
	// rows: a GET that lists what is only data, as a connection, projected.
	rows Form = "rows"
	// items: a GET that answers a list of entities whole.
	items Form = "items"
	// span: a GET that answers a list of data, of a time that it takes several calls to tell of.
	span Form = "span"
	// part, parts: what stands within the parent and leads to things.
	part  Form = "part"
	parts Form = "parts"
	// oneOf, manyOf: what stands within the parent and is one of several things.
	oneOf  Form = "one of"
	manyOf Form = "many of"
	// inside, insides: the things that stand within the parent.
	inside  Form = "inside"
	insides Form = "insides"
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
	Path                 []string    // expressions of the values in the operation's path
	Held                 []HeldField // of the parent, that hold values of the path
	Instances            []string    // expressions of values that must name one instance of a meeting or webinar
	Result               string      // the named type of the field
	ParentRoot           bool

	Lists   bool     // a list: a connection, or of what has no pages
	Node    *Op      // that reads the details of the things listed; nil for rows
	Key     string   // Zoom's name of the key of the things listed; "" is the id
	Span    string   // expression of the time that the list is of; "" for none
	List    string   // key of the value in the answer
	Brings  []string // by a list; nil: all fields that are not marked
	Unpaged bool
	Hands   []string  // a list: query parameters that also hold for what is read of the things listed
	Takes   []string  // query parameters that are as the parent was asked for
	Keyed   string    // the query parameter that has the parent's key; "" for none
	Link    HeldField // of the parent, that holds the ids

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
	case tree, data, file, rows, span, writeData:
		return dataType
	case links, items, parts, insides:
		return "[]*model." + f.Result
	case oneOf:
		return "model." + f.Result
	case manyOf:
		return "[]model." + f.Result
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

// About is what a comment says of where the field's value comes from.
func (f *ResolverField) About() string {
	if f.Op == nil {
		return "a part of " + f.Parent
	}
	return f.Op.Method + " " + f.Op.Path
}

// ThingExpr is the call that makes a thing without reading it.
func (f *ResolverField) ThingExpr() string {
	if len(f.Path) == 1 {
		return "thing(ctx, &" + f.Op.Var() + ", " + f.Path[0] + f.QueryExpr() + ")"
	}
	return "thingAt(ctx, &" + f.Op.Var() + ", " + f.PathExpr() + f.QueryExpr() + ")"
}

// nodeExpr is how what a list or an object holds is told apart and read by itself, as fields of a pageOf; "" for rows and
// parts.
func (f *ResolverField) nodeExpr() string {
	switch {
	case f.Node == nil:
		return ""
	case f.Key == "":
		return "node: &" + f.Node.Var()
	}
	return "node: &" + f.Node.Var() + ", key: " + strconv.Quote(f.Key)
}

// PageExpr is what a list's resolver knows of it, as Go.
func (f *ResolverField) PageExpr() string {
	var b strings.Builder
	b.WriteString("pageOf{op: &" + f.Op.Var())
	add := func(when bool, name, expr string) {
		if when {
			b.WriteString(", " + name + ": " + expr)
		}
	}
	add(len(f.Path) > 0, "path", f.PathExpr())
	in, key := program.Nested(f.List)
	add(in != "", "in", strconv.Quote(in))
	add(key != "", "list", strconv.Quote(key))
	if node := f.nodeExpr(); node != "" {
		b.WriteString(", " + node)
	}
	add(f.Brings != nil, "brings", fmt.Sprintf("%#v", f.Brings))
	add(f.Unpaged, "unpaged", "true")
	add(f.Hands != nil, "hands", fmt.Sprintf("%#v", f.Hands))
	add(f.Form == list || f.Form == rows, "first", "first")
	add(f.Form == list || f.Form == rows, "after", "after")
	add(f.Span != "", "span", f.Span)
	b.WriteString("}")
	return b.String()
}

// QueryExpr are the query parameters as further arguments of a call.
func (f *ResolverField) QueryExpr() string {
	var b strings.Builder
	if f.Keyed != "" {
		b.WriteString(", keyed(&parent.Entity, " + strconv.Quote(f.Keyed) + ")")
	}
	for _, zoom := range f.Takes {
		b.WriteString(", inherited(&parent.Entity, " + strconv.Quote(zoom) + ")")
	}
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
		isPart := r.isPart(def, field)
		if !program.IsResolved(field) && !isPart {
			continue
		}
		f := &ResolverField{Name: field.Name, GoName: templates.ToGo(field.Name), Parent: def.Name, Result: field.Type.Name(), ParentRoot: res.Root}
		switch {
		case isPart:
			f.Link, f.Form = holding(field), part
			several, union := field.Type.Elem != nil, r.source.IsUnion(r.schema.Types[f.Result])
			switch {
			case union && several:
				f.Form = manyOf
			case union:
				f.Form = oneOf
			case several:
				f.Form = parts
			}
		case !program.Has(field.Directives, "zoom"):
			r.derived(def, field, f)
		default:
			if f.Op = r.op(def, field); f.Op == nil {
				continue
			}
			f.Lists = strings.HasSuffix(f.Result, "Connection") || field.Type.Elem != nil
			f.List, f.Brings, f.Unpaged = program.ListKey(field), program.Brings(field), program.Unpaged(field)
			f.Form = r.form(def, field, f)
			r.checkList(field, f)
			r.inherits(def, field, f)
			r.about(def, field, f)
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
	case strings.HasSuffix(f.Result, "Connection"):
		return r.list(def, field, f)
	case program.IsTree(result) && field.Type.Elem == nil:
		return r.tree(def, field, f)
	case !r.code.executed[f.Result]:
		return r.data(def, field, f)
	case program.IsInside(field):
		return r.inside(def, field, f)
	case !r.source.IsView(result) || field.Type.Elem == nil && !r.bound(def, field):
	case r.source.Holder(def, field) != nil:
		return r.link(def, field, f)
	case field.Type.Elem != nil && (f.List != "" || r.bound(def, field)):
		return r.items(def, field, f)
	case field.Type.Elem == nil:
		f.Args = r.args(def, field, f)
		return thing
	}
	r.mistake(field.Position, "%s.%s: no form of generated resolver fits %s %s; write the method %s in the folder of resolvers",
		def.Name, field.Name, f.Op.Method, f.Op.Path, method(def, field))
	return byHand
}

// bound tells whether something gives each value in the path of a field's operation.
func (r *reader) bound(def *ast.Definition, field *ast.FieldDefinition) bool {
	return !slices.ContainsFunc(r.source.Sources(def, field), func(s program.Source) bool { return !s.Known() })
}

// inherits reads which query parameters are as the parent was asked for.
func (r *reader) inherits(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) {
	f.Takes = program.Inherits(field)
	for _, zoom := range f.Takes {
		isArgument := slices.ContainsFunc(field.Arguments, func(arg *ast.ArgumentDefinition) bool { return program.Name(arg.Name, arg.Directives) == zoom })
		switch {
		case !r.source.IsView(def):
			r.mistake(field.Position, "%s.%s inherits %q, but %s is no thing that was asked for", f.Parent, f.Name, zoom, f.Parent)
		case !slices.Contains(f.Op.Query, zoom):
			r.mistake(field.Position, "%s.%s inherits %q, which is no query parameter of %s", f.Parent, f.Name, zoom, f.Op.Op)
		case isArgument:
			r.mistake(field.Position, "%s.%s inherits %q, so it can have no argument for it", f.Parent, f.Name, zoom)
		case f.Form != thing && f.Form != list && f.Form != rows && f.Form != items && f.Form != span && f.Form != data:
			r.mistake(field.Position, "%s.%s inherits %q, but only a read that takes query parameters can", f.Parent, f.Name, zoom)
		}
	}
}

// about reads which query parameter has the key of the parent.
func (r *reader) about(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) {
	f.Keyed = program.About(field)
	isArgument := slices.ContainsFunc(field.Arguments, func(arg *ast.ArgumentDefinition) bool { return program.Name(arg.Name, arg.Directives) == f.Keyed })
	switch {
	case f.Keyed == "":
	case r.source.Key(def) == nil:
		r.mistake(field.Position, "%s.%s has %q of %s, which has no key", f.Parent, f.Name, f.Keyed, f.Parent)
	case !slices.Contains(f.Op.Query, f.Keyed):
		r.mistake(field.Position, "%s.%s is about %q, which is no query parameter of %s", f.Parent, f.Name, f.Keyed, f.Op.Op)
	case isArgument:
		r.mistake(field.Position, "%s.%s is about %q, so it can have no argument for it", f.Parent, f.Name, f.Keyed)
	case !slices.Contains([]Form{list, rows, items, span, data, byHand}, f.Form):
		r.mistake(field.Position, "%s.%s is about %q, but only a list and data can be", f.Parent, f.Name, f.Keyed)
	}
}

// file is a URL of this service.
func (r *reader) file(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) Form {
	f.Args = r.args(def, field, f)
	if field.Type.NamedType != "String" || slices.ContainsFunc(f.Args, func(a Arg) bool { return a.Query }) {
		r.mistake(field.Position, "%s.%s is a file, so it must be a String, its URL, and have arguments for the path of %s only", f.Parent, f.Name, f.Op.Path)
	}
	return file
}

func (r *reader) link(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) Form {
	r.checkBy(field, f)
	holder := r.source.Holder(def, field)
	f.Link = holding(holder)
	if program.AskedBy(holder) != "" {
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

func (r *reader) tree(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) Form {
	result := r.schema.Types[f.Result]
	view := program.ViewArgument(result)
	if arg := program.AsksView(field, result); arg != nil {
		view = arg.Name
	}
	f.Args = r.args(def, field, f, treeArgs(view, r.viewType(result))...)
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

// detailOp finds the operation that reads one thing of a type: that of the field of Query which takes its id, or one that
// goes on by the path of the field's own operation.
func (r *reader) detailOp(field *ast.FieldDefinition, f *ResolverField, node string) *Op {
	if detail := r.source.DetailFieldBy(r.schema.Types[node], f.Op.Operation); detail != nil {
		return r.op(r.schema.Query, detail)
	}
	r.mistake(field.Position, "%s.%s leads to %s, but no field of Query reads one %s by its id", f.Parent, f.Name, node, node)
	return nil
}
