package project

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
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

// A Guard tells whether who asks may see secrets: nil if so. Otherwise it is the error in place of what is named: "see
// User.hostKey".
type Guard func(ctx context.Context, what string) error

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
		if w.guard(w.ctx, "") != nil {
			w.secrets = distrusted
		}
	}
	return w.secrets == distrusted
}

// hides tells whether a field of an object is a secret that the caller may not see.
func (w *writer) hides(f *Field, object []byte) bool {
	return f.secret != nil && w.withholds() && f.secret.in(object)
}

// refused writes a field that is hidden.
func (w *writer) refused(f *Field) bool {
	return w.failed(f, f.Def.Type, w.guard(w.ctx, "see "+f.of+"."+f.Name))
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
	case '"':
		clean, found := addressWithout(value)
		if found {
			w.tell(Withheld)
		}
		return clean
	}
	return value
}

// addressWithout is a text, as JSON, without the parameters of addresses in it that are secrets.
func addressWithout(quoted []byte) (clean []byte, found bool) {
	if bytes.IndexByte(quoted, '=') < 0 && bytes.IndexByte(quoted, '%') < 0 && bytes.IndexByte(quoted, '\\') < 0 {
		return quoted, false
	}
	text := string(rawjson.Text(quoted))
	rest := sensitive.WithoutParameters(text)
	if len(rest) == len(text) {
		return quoted, false
	}
	clean, _ = json.Marshal(rest) // a text always encodes
	return clean, true
}

// HoldsSecret tells whether a JSON value has a secret in it: something by the name of one, or an address with one.
func HoldsSecret(value []byte) bool { return holdsSecret(rawjson.Trim(value), 0) }

func holdsSecret(value []byte, depth int) bool {
	switch {
	case len(value) == 0:
		return false
	case depth > maxScrubbed:
		return true
	case value[0] == '{':
		for key, inner := range rawjson.Members(value) {
			if sensitive.Name(key) && sensitive.Value(inner) || holdsSecret(inner, depth+1) {
				return true
			}
		}
	case value[0] == '[':
		for inner := range rawjson.Elements(value) {
			if holdsSecret(inner, depth+1) {
				return true
			}
		}
	case value[0] == '"':
		_, found := addressWithout(value)
		return found
	}
	return false
}
