package zoomgen

import (
	"fmt"
	"regexp"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// Op is a Zoom operation that some field names.
type Op struct {
	ID, Method, Path, Label string
	Scopes, Granular        []string
	// Params are the names in the path's braces, in order.
	Params []string
	first  string // the field that named it first, for messages
}

// Var is the name of the operation's Go variable.
func (o *Op) Var() string { return "op" + templates.ToGo(o.ID) }

// LabelConst is the client's constant for the label, or an empty string where Zoom prints none.
func (o *Op) LabelConst() string {
	return map[string]string{
		"": `""`, "LIGHT": "client.Light", "MEDIUM": "client.Medium", "HEAVY": "client.Heavy",
		"RESOURCE_INTENSIVE": "client.ResourceIntensive",
	}[o.Label]
}

// facts are what all fields of an operation must say alike.
func (o *Op) facts() string {
	return fmt.Sprintf("%q", []any{o.Method, o.Path, o.Label, o.Scopes, o.Granular})
}

var (
	opPattern    = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE) ((?:/[A-Za-z0-9_.-]+|/\{[A-Za-z0-9_]+\})+)$`)
	paramPattern = regexp.MustCompile(`\{(.+?)\}`)
)

// op reads @zoom of a field and checks that all fields say the same of the same operation.
func (r *reader) op(def *ast.Definition, field *ast.FieldDefinition) *Op {
	d := field.Directives.ForName("zoom")
	where := def.Name + "." + field.Name
	m := opPattern.FindStringSubmatch(text(d, "op"))
	if m == nil {
		r.mistake(d.Position, "%s: @zoom(op: %q) is not a method and a path, such as \"GET /users/{userId}\"", where, text(d, "op"))
		return nil
	}
	op := &Op{
		ID: text(d, "id"), Method: m[1], Path: m[2], Label: text(d, "label"),
		Scopes: texts(d, "scopes"), Granular: texts(d, "granular"), first: where,
	}
	for _, p := range paramPattern.FindAllStringSubmatch(op.Path, -1) {
		op.Params = append(op.Params, p[1])
	}
	if known, ok := r.ops[op.ID]; ok {
		if known.facts() != op.facts() {
			r.mistake(d.Position, "%s says otherwise of operation %q than %s does", where, op.ID, known.first)
		}
		return known
	}
	for _, other := range r.ops {
		if other.Method == op.Method && other.Path == op.Path || other.Var() == op.Var() {
			r.mistake(d.Position, "%s: operation %q cannot stand beside %q of %s: same call or same Go name", where, op.ID, other.ID, other.first)
		}
	}
	r.ops[op.ID] = op
	return op
}

// text is an argument of a directive, "" where it is left out.
func text(d *ast.Directive, name string) string {
	if arg := d.Arguments.ForName(name); arg != nil {
		return arg.Value.Raw
	}
	return ""
}

// texts is an argument of a directive that is a list.
func texts(d *ast.Directive, name string) (out []string) {
	if arg := d.Arguments.ForName(name); arg != nil {
		for _, child := range arg.Value.Children {
			out = append(out, child.Value.Raw)
		}
	}
	return out
}
