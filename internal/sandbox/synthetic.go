package sandbox

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"zoomgraph/graph/program"

	"github.com/vektah/gqlparser/v2/ast"
)

// shape is what an operation without a function of its own answers.
type shape struct {
	node  *node  // an object, or an element of the list; nil: nothing
	list  string // the key of the list; "" for the object itself
	pages bool
}

// shape derives the answer from a field: of a GET the field's type, of a POST
// what the payload has of its own, with the id of the thing that was made. The
// other writes answer nothing.
func (d *deriver) shape(r *route, f *ast.FieldDefinition) (shape, error) {
	if r.method != http.MethodGet && r.method != http.MethodPost {
		return shape{}, nil
	}
	s := shape{pages: f.Arguments.ForName("first") != nil, list: program.ListKey(f)}
	item := itemOf(d.schema, f)
	var err error
	if s.node, err = d.node(cmp.Or(s.list, "value"), "", ast.NamedType(item.Name, nil), 0); err != nil {
		return shape{}, err
	}
	if r.method == http.MethodPost {
		s.node = d.payload(s.node, item)
	}
	return s, nil
}

// payload returns what of a payload Zoom answers.
func (d *deriver) payload(n *node, def *ast.Definition) *node {
	makes := false
	for _, f := range def.Fields {
		makes = makes || d.isThing(f.Type.Name())
	}
	if makes && find(n.fields, "id") == nil {
		id := &node{name: "id", path: "id", kind: ident}
		n.fields = append([]*node{id}, n.fields...)
	}
	return n
}

// synthesize makes up an answer: always the same one of a path, and a write is
// not kept.
func synthesize(s *Server, c *call) (answer, error) {
	shape := c.route.shape
	if shape.node == nil {
		return done(), nil
	}
	if shape.list != "" {
		return ok(s.syntheticList(c, shape)), nil
	}
	body := s.synthetic(c.path, shape.node)
	if c.route.method == http.MethodPost {
		return created(body), nil
	}
	if at := strings.LastIndexByte(c.route.path, '/') + 1; c.route.path[at] == '{' {
		body = edit(body, []string{"id"}, encode(c.vars[strings.Trim(c.route.path[at:], "{}")]))
	}
	return ok(body), nil
}

func (s *Server) synthetic(voice string, n *node) []byte {
	own := newLevel(voice)
	w := &writer{source: s.source, ladder: ladder{own: &own}}
	w.draw(n, n.name, &own, false)
	return w.out
}

// syntheticList makes up a list of two.
func (s *Server) syntheticList(c *call, shape shape) []byte {
	two := make([]json.RawMessage, 2)
	for i := range two {
		two[i] = s.synthetic(c.path+"#"+strconv.Itoa(i), shape.node)
	}
	if !shape.pages {
		return join([]member{{shape.list, encode(two)}})
	}
	return join([]member{
		{"next_page_token", []byte(`""`)},
		{"page_size", encode(numberOr(c.values.Get("page_size"), 30))},
		{"total_records", []byte("2")},
		{shape.list, encode(two)},
	})
}
