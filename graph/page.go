package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph/model"
	"zoomgraph/graph/planned"
	"zoomgraph/graph/program"
	"zoomgraph/graph/window"
	"zoomgraph/internal/rawjson"
)

// This file makes connections of what a walk over a list brought: of things, and of rows that lead to things. Start reading
// at Server.page.

// maxFirst is how many things one page of a connection may hold.
const maxFirst = 1000

// pageOf is what a generated resolver of a list knows.
type pageOf struct {
	op, node *client.Op // that lists, and that reads one; nil where nothing reads one: these are rows
	path     []string
	in       string   // key of the object in the answer that holds the list and what is said of its pages; "": the answer does
	list     string   // key of the list there
	key      string   // Zoom's name of the field that tells one thing from another; "" is the id
	brings   []string // Zoom's names of what the list brings; nil: all but what is marked
	hands    []string // query parameters that also hold for what is read of the things
	unpaged  bool     // Zoom answers the whole list
	first    *int
	after    *string
	span     *window.Piece // the time that the list is of; nil: it is of none
}

// keyOf is the key of an item; rows have none.
func (of pageOf) keyOf(item []byte) string {
	switch {
	case of.node == nil:
		return ""
	case of.key != "":
		raw, _ := rawjson.Member(item, of.key)
		return client.IDOf(raw)
	}
	return client.ItemKey(item)
}

// connection reads a page of a list of things, or of rows that lead to things, as the type of the schema that wrap makes of it.
func connection[T any](ctx context.Context, s *Server, wrap func(model.Page) *T, of pageOf, params ...param) (*T, error) {
	var ahead func(model.Page) bool
	if list := planned.ListOf(ctx); list != nil {
		ahead = func(part model.Page) bool { return list.Begin(wrap(part)) }
	}
	return as(wrap)(s.page(ctx, of, ahead, params...))
}

// page reads a page of a list. Where it takes several of Zoom's answers, ahead gets what each but the last has brought, while
// the next is on its way, and begins what hangs on that; it tells whether something of it may still ask for more.
func (s *Server) page(ctx context.Context, of pageOf, ahead func(model.Page) (runs bool), params ...param) (model.Page, error) {
	requested := s.onRequest(ctx)
	w, err := s.walk(ctx, of, requested, params)
	if err != nil {
		return model.Page{}, err
	}
	cursorOf := w.cursorOf(s.principal(ctx))
	found := things{ctx: ctx, server: s, walk: w, requested: requested, at: itemContext}
	if ahead != nil {
		w.ahead = func() bool {
			from := len(found.made)
			fresh := found.more()
			return ahead(model.Page{Items: fresh, Reader: found.reader, CursorOf: func(i int) string { return cursorOf(from + i) }})
		}
	}
	if err := w.read(ctx); err != nil {
		return model.Page{}, err
	}
	found.more()
	return model.Page{
		Items: found.made, Reader: found.reader, HasNext: w.more, TotalRecords: w.total(), Answer: w.beside(), CursorOf: cursorOf,
	}, nil
}

// walk begins to read as much of a list as it is asked for.
func (s *Server) walk(ctx context.Context, of pageOf, requested []string, params []param) (*walk, error) {
	first, err := checkFirst(of.first)
	if err != nil {
		return nil, err
	}
	return s.begin(ctx, of, queryOf(params), first, requested)
}

// read reads it. Where one of Zoom's answers fails, what was read before is the page, and the error is added at the list's
// path.
func (w *walk) read(ctx context.Context) error {
	err := w.run(ctx)
	if err != nil && len(w.items) > 0 {
		graphql.AddError(ctx, err)
		return nil
	}
	return err
}

// things are the entities of what a walk brings, made as it comes.
type things struct {
	ctx       context.Context //nolint:containedctx // of the field that has them
	server    *Server
	walk      *walk
	requested []string
	at        func(context.Context, int) context.Context // is the context of one
	reader    *detailReader                              // of all, but for their contexts; nil: none was made
	brings    func(zoom string) bool
	made      []model.Entity
}

// more makes those that are new.
func (t *things) more() (fresh []model.Entity) {
	w := t.walk
	if t.reader == nil {
		t.reader = &detailReader{ctx: t.ctx, server: t.server, session: w.session, op: w.of.node, query: w.handedOn(), by: w.fact, path: w.of.path}
		t.reader.query = with(t.reader.query, t.server.switches(t.ctx, w.of.node))
		t.brings = w.bringing(t.requested)
	}
	from := len(t.made)
	t.made = slices.Grow(t.made, len(w.items)-from)
	for i, item := range w.items[from:] {
		of := t.reader
		if w.session.Traced() {
			itself := *of
			itself.ctx = t.at(t.ctx, from+i)
			of = &itself
		}
		t.made = append(t.made, model.ListedEntity(of, w.of.keyOf(item), item, t.brings))
	}
	return t.made[from:]
}

// handedOn are the query parameters of the list that also hold for what is read of its things.
func (w *walk) handedOn() url.Values {
	var query url.Values
	for _, name := range w.of.hands {
		if values, said := w.query[name]; said {
			query = with(query, url.Values{name: values})
		}
	}
	return query
}

// bringing tells which fields the list brings. Of those that it brings only on request it may lack some that are
// requested now: the place that it goes on from remembers what its first page was asked for. Rows have no other fields.
func (w *walk) bringing(requested []string) func(zoom string) bool {
	included := strings.Split(w.position.With, ",")
	return func(zoom string) bool {
		switch {
		case w.of.node == nil:
			return true
		case w.of.brings != nil:
			return slices.Contains(w.of.brings, zoom)
		}
		return !slices.Contains(requested, zoom) || slices.Contains(included, zoom)
	}
}

// cursorOf seals the places behind items.
func (w *walk) cursorOf(p *Principal) func(i int) string {
	return func(i int) string { return p.cursors.Seal(w.positions[i]) }
}

// total is how many rows there are in all, as Zoom counts them: of a time in pieces, if each piece was asked for. nil where
// it is not known.
func (w *walk) total() []byte {
	if len(w.pieces) == 1 {
		return w.counts[0]
	}
	if len(w.counts) < len(w.pieces) {
		return nil
	}
	sum := 0
	for _, count := range w.counts {
		sum += client.Count(count)
	}
	return fmt.Append(nil, sum)
}

// beside is what the answer says beside its rows, an object. Of a list of a time from and to are what was asked for; all
// else is left out where several pieces were, since each says its own.
func (w *walk) beside() []byte {
	if w.of.span == nil {
		return w.answer
	}
	object, told := []byte{'{'}, window.Span(w.asked)
	for name, value := range map[string]string{"from": told.From, "to": told.To} {
		if value != "" {
			object = rawjson.Append(object, name, quoted(value))
		}
	}
	for name, value := range rawjson.Members(w.answer) {
		if name != "from" && name != "to" && len(w.pieces) == 1 {
			object = rawjson.Append(object, name, value)
		}
	}
	return append(object, '}')
}

// quoted is a text as JSON.
func quoted(text string) []byte {
	out, err := json.Marshal(text)
	if err != nil { // of texts there is none
		panic(err)
	}
	return out
}

// itemContext is the context of a thing of the connection that ctx belongs to: its path is the one by which the selection
// comes to it first, such as users.nodes.3.
func itemContext(ctx context.Context, i int) context.Context {
	for _, child := range childrenOf(ctx, graphql.GetFieldContext(ctx).Field) {
		if child.Name != "nodes" && child.Name != "edges" {
			continue
		}
		ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Field: child})
		ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &i})
		for _, node := range childrenOf(ctx, child) {
			if node.Name == "node" {
				return graphql.WithFieldContext(ctx, &graphql.FieldContext{Field: node})
			}
		}
		return ctx
	}
	return ctx
}

func childrenOf(ctx context.Context, field graphql.CollectedField) []graphql.CollectedField {
	return graphql.CollectFields(graphql.GetOperationContext(ctx), field.Selections, []string{field.Definition.Type.Name()})
}

// onRequest lists Zoom's names of the selected fields that the list brings only when include_fields names them. What another
// operation answers is not the list's.
func (s *Server) onRequest(ctx context.Context) []string {
	var names []string
	fieldsOfThings(ctx, func(field *ast.FieldDefinition) {
		if program.AskedBy(field) == program.IncludeFields {
			names = append(names, s.project.ZoomName(field))
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// switches are the query parameters that an operation needs to be true, for the selected fields that are asked by them; nil where
// it takes none.
func (s *Server) switches(ctx context.Context, op *client.Op) url.Values {
	if op == nil {
		return nil
	}
	params := s.Program.Switches(op.String())
	if params == nil {
		return nil
	}
	on := url.Values{}
	fieldsOfThings(ctx, func(field *ast.FieldDefinition) {
		if by := program.AskedBy(field); slices.Contains(params, by) {
			on.Set(by, "true")
		}
	})
	return on
}

// fieldsOfThings visits the fields that are selected of the things which the current field holds, as deep as those of a list
// lie: edges.node, or edges.node.user.
func fieldsOfThings(ctx context.Context, do func(*ast.FieldDefinition)) {
	op := graphql.GetOperationContext(ctx)
	var visit func(field graphql.CollectedField, depth int)
	visit = func(field graphql.CollectedField, depth int) {
		for _, child := range graphql.CollectFields(op, field.Selections, []string{field.Definition.Type.Name()}) {
			do(child.Definition)
			if depth > 0 && !program.IsResolved(child.Definition) {
				visit(child, depth-1)
			}
		}
	}
	visit(graphql.GetFieldContext(ctx).Field, 3)
}

// selectsBelow tells whether a field is selected anywhere below the current one.
func selectsBelow(ctx context.Context, name string) bool {
	op := graphql.GetOperationContext(ctx)
	var visit func(field graphql.CollectedField) bool
	visit = func(field graphql.CollectedField) bool {
		return slices.ContainsFunc(graphql.CollectFields(op, field.Selections, []string{field.Definition.Type.Name()}), func(child graphql.CollectedField) bool {
			return child.Name == name || visit(child)
		})
	}
	return visit(graphql.GetFieldContext(ctx).Field)
}

// pathsBelow are those of a field directly below the current one: one for each response key that it is selected by.
func pathsBelow(ctx context.Context, name string) (paths []ast.Path) {
	at := graphql.GetFieldContext(ctx)
	for _, child := range childrenOf(ctx, at.Field) {
		if child.Name == name {
			paths = append(paths, append(at.Path(), ast.PathName(child.Alias)))
		}
	}
	return paths
}

func checkFirst(first *int) (int, error) {
	n := 30
	if first != nil {
		n = *first
	}
	if n < 1 || n > maxFirst {
		return 0, &client.Error{
			Code: client.CodeBadUserInput, Message: fmt.Sprintf("first is %d, and must be 1 to %d", n, maxFirst),
			Hint: "read more than that page by page, with after",
		}
	}
	return n, nil
}
