package zoomgen

import (
	"reflect"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph/program"
)

// Op is a Zoom operation that some field names.
type Op struct {
	*program.Operation
	first string // the field that named it first, for messages
}

// Var is the name of the operation's Go variable.
func (o *Op) Var() string { return "op" + templates.ToGo(o.ID) }

// Literal is its value.
func (o *Op) Literal() string {
	op := client.Op{ID: o.ID, Label: client.Label(o.Limit), Scopes: o.Scopes, GranularScopes: o.Granular, Subs: o.Subs, OfApp: o.Token == program.AppToken}
	if op.Method, op.Path = o.Today(); o.Now != "" {
		op.Old = &client.Old{Method: o.Method, Path: o.Path, Keys: o.Renamed}
	} else {
		op.Renamed = o.Renamed
	}
	if below := o.InSubAccount(); below != nil {
		op.Below = &client.Op{ID: below.ID, Method: below.Method, Path: below.Path, Label: op.Label, Scopes: below.Scopes, GranularScopes: below.Granular}
	}
	return new(literals).value(reflect.ValueOf(op), false)
}

// op finds the operation of a field.
func (r *reader) op(def *ast.Definition, field *ast.FieldDefinition) *Op {
	d := field.Directives.ForName("zoom")
	where := def.Name + "." + field.Name
	fact := r.source.Operation(field)
	if fact == nil {
		r.mistake(d.Position, "%s: @zoom(op: %q) is no operation of docs/operations.yaml", where, program.Text(d, "op"))
		return nil
	}
	if known, ok := r.ops[fact.Op]; ok {
		return known
	}
	op := &Op{fact, where}
	if detail := r.source.Detail(r.schema.Types[field.Type.Name()]); fact.Within != nil && detail != fact {
		r.mistake(d.Position, "%s: docs/operations.yaml has `within` of %s, which reads no single thing: a field holds what stands there", where, fact.Op)
	}
	for _, other := range r.ops {
		if other.Var() == op.Var() {
			r.mistake(d.Position, "%s: operation %q cannot stand beside %q of %s: same Go name", where, op.ID, other.ID, other.first)
		}
	}
	r.ops[fact.Op] = op
	return op
}
