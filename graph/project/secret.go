package project

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/graph/program"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/sensitive"
)

// maxScrubbed is how deep a JSON value may be of which a caller may not see all; no settings are.
const maxScrubbed = 100

// secrecy is what makes a field a secret (@sensitive): that it is one, or that the field beside it holds the name of one.
type secrecy struct{ where string }

// secrecyOf reads @sensitive; nil: the field is no secret.
func (p *Projector) secrecyOf(typeName string, def *ast.FieldDefinition) *secrecy {
	d := def.Directives.ForName("sensitive")
	if d == nil {
		return nil
	}
	where := program.Text(d, "where")
	if where == "" {
		return &secrecy{}
	}
	return &secrecy{where: p.ZoomName(p.schema.Types[typeName].Fields.ForName(where))}
}

// in tells whether the field is a secret in this object. Where that cannot be told, it is.
func (s *secrecy) in(object []byte) bool {
	name, ok := rawjson.Member(object, s.where)
	return s.where == "" || !ok || !isString(name) || sensitive.Name(string(rawjson.Text(name)))
}

// parent is the type that the root's field belongs to.
func (w *writer) parent() string { return graphql.GetFieldContext(w.ctx).Object }

// trust is whether a caller may see secrets.
type trust uint8

const (
	unasked trust = iota
	trusted
	distrusted
)

// withholds tells whether secrets are withheld from the caller.
func (w *writer) withholds() bool {
	if w.secrets == unasked {
		w.secrets = trusted
		if callers.From(w.ctx).Permissions.Missing(callers.Secrets) != 0 {
			w.secrets = distrusted
		}
	}
	return w.secrets == distrusted
}

// scrubbed is a JSON value with a null for each secret in it.
func (w *writer) scrubbed(value []byte, depth int) []byte {
	if depth > maxScrubbed {
		w.tell(Withheld)
		return []byte("null")
	}
	switch value[0] {
	case '{':
		out := []byte{'{'}
		for key, inner := range rawjson.Members(value) {
			w.path = append(w.path, step{key: ast.PathName(key)})
			if sensitive.Name(key) && sensitive.Value(inner) {
				w.tell(Withheld)
				inner = []byte("null")
			}
			out = rawjson.Append(out, key, w.scrubbed(inner, depth+1))
			w.path = w.path[:len(w.path)-1]
		}
		return append(out, '}')
	case '[':
		out, i := []byte{'['}, 0
		for inner := range rawjson.Elements(value) {
			if i > 0 {
				out = append(out, ',')
			}
			w.path = append(w.path, step{index: i})
			out = append(out, w.scrubbed(inner, depth+1)...)
			w.path = w.path[:len(w.path)-1]
			i++
		}
		return append(out, ']')
	}
	return value
}

// Forbidden is the error of a caller who lacks a permission, for what is named: "see User.hostKey".
func Forbidden(lacks callers.Permissions, what string) *gqlerror.Error {
	return &gqlerror.Error{
		Message: "this caller may not " + what + ": the permission " + lacks.String() + " is missing",
		Extensions: map[string]any{
			"code": "FORBIDDEN", "permission": lacks.String(),
			"hint": "the operator gives permissions, by allow in the configuration of callers",
		},
	}
}
