package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"zoomgraph/graph/program"

	"github.com/vektah/gqlparser/v2/ast"
)

// deriveRoutes reads the operations out of the schema's @zoom directives. Of
// several fields of one operation the first says what it answers; all of them
// together say which query parameters there are.
func deriveRoutes(source *program.Program) ([]*route, error) {
	d := deriver{program: source, schema: source.Schema, keys: map[string]string{}, loose: true}
	functions := operations()
	routes := map[string]*route{}
	for _, name := range slices.Sorted(maps.Keys(d.schema.Types)) {
		for _, f := range d.schema.Types[name].Fields {
			if !program.Has(f.Directives, "zoom") {
				continue
			}
			op := source.Operation(f)
			if op == nil {
				return nil, fmt.Errorf("sandbox: %s.%s: %q is no operation of docs/operations.yaml", name, f.Name, program.Text(f.Directives.ForName("zoom"), "op"))
			}
			if routes[op.Op] == nil {
				r, err := d.route(op, functions[op.Op], f)
				if err != nil {
					return nil, fmt.Errorf("sandbox: %s.%s: %w", name, f.Name, err)
				}
				routes[op.Op] = r
			}
			routes[op.Op].accept(d.params(routes[op.Op], f))
		}
	}
	return slices.Collect(maps.Values(routes)), nil
}

// route makes a route of a field, which serve answers, or else what the schema
// says of it.
func (d *deriver) route(op *program.Operation, serve operation, f *ast.FieldDefinition) (*route, error) {
	r := &route{method: op.Method, path: op.Path, serve: serve, label: op.Label, scopes: op.Scopes, granular: op.Granular}
	var err error
	for _, arg := range f.Arguments {
		input := d.schema.Types[arg.Type.Name()]
		switch {
		case arg.Type.Name() == "Upload":
			r.file = program.Name(arg.Name, arg.Directives)
		case arg.Name == "input" && !program.IsTree(input):
			if r.body, err = d.node("", "", arg.Type, 0); err != nil {
				return nil, err
			}
		}
	}
	if serve == nil {
		r.serve = synthesize
		r.shape, err = d.shape(r, f)
	}
	return r, err
}

// accept adds query parameters that the operation does not know yet.
func (r *route) accept(params []param) {
	for _, p := range params {
		if !slices.ContainsFunc(r.query, func(known param) bool { return known.name == p.name }) {
			r.query = append(r.query, p)
		}
	}
}

// params returns the query parameters that a field's arguments stand for.
func (d *deriver) params(r *route, f *ast.FieldDefinition) []param {
	var out []param
	for _, arg := range f.Arguments {
		switch name := arg.Name; {
		case name == "id", name == "after", name == "allowUnknown", arg.Type.Name() == "Upload", strings.Contains(r.path, "{"+name+"}"):
		case name == "first":
			out = append(out, d.pages(r, f)...)
		case name == "fields":
			out = append(out, param{name: "custom_query_fields"})
		case name == "input":
			if program.IsTree(d.schema.Types[arg.Type.Name()]) {
				out = append(out, param{name: "option"})
			}
		case name == "option":
			out = append(out, param{name: "option"}) // checked by the operation: not every tree has every view
		default:
			out = append(out, d.param(arg))
		}
	}
	return out
}

// pages returns the parameters of a list. Groups take them although their list
// is whole without.
func (d *deriver) pages(r *route, f *ast.FieldDefinition) []param {
	out := []param{{name: "page_size", min: 1, max: 300}, {name: "next_page_token"}}
	if program.Unpaged(f) {
		if r.name() == "GET /groups" {
			return out
		}
		return nil
	}
	out = append(out, param{name: "page_number", min: 1, max: 1 << 20})
	if program.Brings(f) != nil {
		return out
	}
	var onRequest []string
	for _, field := range itemOf(d.schema, f).Fields {
		if program.Has(field.Directives, "onRequest") {
			onRequest = append(onRequest, program.NameOf(field))
		}
	}
	if onRequest != nil {
		out = append(out, param{name: "include_fields", values: onRequest, list: true})
	}
	return out
}

// itemOf returns the type of what a field lists: of a connection, its nodes'.
func itemOf(schema *ast.Schema, f *ast.FieldDefinition) *ast.Definition {
	def := schema.Types[f.Type.Name()]
	if nodes := def.Fields.ForName("nodes"); nodes != nil {
		return schema.Types[nodes.Type.Name()]
	}
	return def
}

func (d *deriver) param(arg *ast.ArgumentDefinition) param {
	p := param{name: program.Name(arg.Name, arg.Directives), required: arg.Type.NonNull, list: arg.Type.Elem != nil}
	switch def := d.schema.Types[arg.Type.Name()]; {
	case def.Kind == ast.Enum:
		for _, v := range def.EnumValues {
			p.values = append(p.values, program.Wire(v))
		}
	case def.Name == "Boolean":
		p.values = []string{"true", "false"}
	case def.Name == "Int" && !p.list:
		p.max = 1<<31 - 1
	}
	return p
}

// tokenRoute is the token endpoint, which is not part of the API.
func tokenRoute() *route {
	return &route{
		method: http.MethodPost, path: "/oauth/token", open: true,
		query: []param{
			{name: "grant_type"},
			{name: "account_id"},
			{name: "code"},
			{name: "redirect_uri"},
			{name: "code_verifier"},
			{name: "refresh_token"},
		},
		serve: (*Server).grantToken,
	}
}
