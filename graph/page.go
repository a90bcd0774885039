package graph

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph/cursor"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/internal/rawjson"
)

const (
	// maxFirst is how many things one page of a connection may hold.
	maxFirst = 1000
	// maxPageSize is how many things Zoom puts in one answer.
	maxPageSize = 300
	// placeLife is how long Zoom keeps a place in a list.
	placeLife = 15 * time.Minute
)

// pageOf is what a generated resolver of a list knows.
type pageOf struct {
	op, node *client.Op // that lists, and that reads one
	path     []string
	list     string   // key of the list in the answer
	brings   []string // Zoom's names of what the list brings; nil: all but what is marked
	unpaged  bool     // Zoom answers the whole list
	first    *int
	after    *string
}

// page reads a page of a list, over as many of Zoom's answers as it takes. Where one of them fails, what was read before
// is the page, and the error is added at the list's path.
func (s *Server) page(ctx context.Context, of pageOf, params ...param) (model.Page, error) {
	session := load.From(ctx)
	query := queryOf(params)
	first, err := checkFirst(of.first)
	if err != nil {
		return model.Page{}, err
	}
	requested := s.onRequest(ctx)
	cursors := s.principal(ctx).cursors
	at, err := startOf(of, cursors, first, query, requested)
	if err != nil {
		return model.Page{}, err
	}
	w := newWalk(session, of, query, at, first)
	w.root = atRoot(ctx)
	switch err := w.run(ctx); {
	case err != nil && len(w.items) == 0:
		return model.Page{}, err
	case err != nil:
		graphql.AddError(ctx, err)
	}
	reader := &detailReader{ctx: ctx, server: s, session: session, op: of.node, query: url.Values{}}
	page := model.Page{
		Reader: reader, Items: make([]model.Entity, len(w.items)), HasNext: w.more, TotalRecords: w.total,
		CursorOf: func(i int) string { return cursors.Seal(w.places[i]) },
	}
	brings := of.bringing(requested, at)
	for i, item := range w.items {
		if session.Traced() {
			itself := *reader
			itself.ctx = itemContext(ctx, i)
			page.Items[i] = model.ListedEntity(&itself, item, brings)
			continue
		}
		page.Items[i] = model.ListedEntity(reader, item, brings)
	}
	return page, nil
}

// bringing tells which fields the list brings. Of those that it brings only on request it may lack some that are
// requested now: the place that it goes on from remembers what its first page was asked for.
func (of pageOf) bringing(requested []string, at cursor.Place) func(zoom string) bool {
	return func(zoom string) bool {
		if of.brings != nil {
			return slices.Contains(of.brings, zoom)
		}
		return !slices.Contains(requested, zoom) || slices.Contains(strings.Split(at.With, ","), zoom)
	}
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

// onRequest lists Zoom's names of the selected fields that the list brings only when it is told to. They are looked for
// as deep as things of a list lie: edges.node, or edges.node.user.
func (s *Server) onRequest(ctx context.Context) []string {
	var names []string
	op := graphql.GetOperationContext(ctx)
	var visit func(field graphql.CollectedField, depth int)
	visit = func(field graphql.CollectedField, depth int) {
		for _, child := range graphql.CollectFields(op, field.Selections, []string{field.Definition.Type.Name()}) {
			if child.Definition.Directives.ForName("onRequest") != nil {
				names = append(names, s.project.ZoomName(child.Definition))
			} else if depth > 0 {
				visit(child, depth-1)
			}
		}
	}
	visit(graphql.GetFieldContext(ctx).Field, 3)
	slices.Sort(names)
	return slices.Compact(names)
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

// startOf finds the place to start from: the cursor's, or the list's beginning with a page size that takes the fewest
// calls. Requested are the fields that the list is to bring on request.
func startOf(of pageOf, cursors *cursor.Box, first int, query url.Values, requested []string) (cursor.Place, error) {
	begin := cursor.Place{For: filterOf(of, query)}
	if of.brings == nil {
		begin.With = strings.Join(requested, ",")
	}
	if of.after == nil && of.unpaged {
		return begin, nil
	}
	if of.after == nil {
		calls := (first + maxPageSize - 1) / maxPageSize
		begin.Size, begin.At = (first+calls-1)/calls, time.Now().Unix()
		return begin, nil
	}
	at, err := cursors.Open(*of.after)
	switch {
	case err != nil:
		return at, &client.Error{
			Code: client.CodeBadUserInput, Message: "after is not a cursor of this service for this caller's account",
			Hint: "give the endCursor of a page as it is, to the account that it came from; or leave after out to start again",
		}
	case at.For != begin.For:
		return at, &client.Error{
			Code: client.CodeBadUserInput, Message: "after is a cursor of another list",
			Hint: "repeat the arguments that the list had, or leave after out to start again",
		}
	case at.Token != "" && time.Since(time.Unix(at.At, 0)) > placeLife:
		return at, &client.Error{
			Code: client.CodeCursorExpired, Op: of.op, Message: "the cursor is older than the 15 minutes that Zoom keeps a place",
			Hint: "leave after out to start again",
		}
	}
	return at, nil
}

// filterOf is short for what a list is filtered by.
func filterOf(of pageOf, query url.Values) string {
	sum := sha256.Sum256([]byte(of.op.ID + "/" + strings.Join(of.path, "/") + "?" + query.Encode()))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// walk reads answers from a place on until it has as many items as are wanted.
type walk struct {
	session *load.Session
	root    bool
	of      pageOf
	query   url.Values
	place   cursor.Place
	want    int
	judge   *client.Walk

	items  [][]byte
	places []cursor.Place // behind each item
	total  []byte
	more   bool
}

func newWalk(session *load.Session, of pageOf, query url.Values, at cursor.Place, want int) *walk {
	return &walk{
		session: session, of: of, query: query, place: at, want: want,
		judge: client.NewWalk(of.op, of.list, client.Start{Token: at.Token, Pages: at.Pages, Want: at.Skip + want}),
	}
}

// run reads until there is enough. What was read stays beside an error; there is more behind it unless the list itself
// is what is wrong.
func (w *walk) run(ctx context.Context) error {
	for {
		if ctx.Err() != nil { // of answers that are known, nobody else looks
			return client.Interrupted(ctx, w.of.op)
		}
		next, err := w.step(ctx)
		if err != nil || !w.more || len(w.items) == w.want {
			return err
		}
		w.place = w.behind(next)
	}
}

// step reads one answer and takes from it what is wanted. next leads to the answer behind it.
func (w *walk) step(ctx context.Context) (next string, err error) {
	query := url.Values{}
	if w.place.Size > 0 {
		query.Set("page_size", strconv.Itoa(w.place.Size))
	}
	if w.place.With != "" {
		query.Set("include_fields", w.place.With)
	}
	for name, values := range w.query {
		query[name] = values
	}
	if w.place.Token != "" {
		query.Set("next_page_token", w.place.Token)
	}
	body, err := w.session.Await(w.root, w.session.Gather(ctx, w.of.op, w.of.path, query))
	if err != nil {
		return "", err
	}
	page, err := w.judge.Read(body)
	if raw, ok := rawjson.Member(body, "total_records"); ok {
		w.total = raw
	}
	w.take(page)
	return page.Next, err
}

func (w *walk) take(page client.Page) {
	left := false
	for i, item := range page.Items {
		if page.Index[i] < w.place.Skip {
			continue
		}
		if len(w.items) == w.want {
			left = true
			break
		}
		behind := w.place
		behind.Skip = page.Index[i] + 1
		w.items = append(w.items, item)
		w.places = append(w.places, behind)
	}
	w.more = left || page.Next != ""
	if !left && page.Next != "" && len(w.places) > 0 {
		// Behind an answer's last item the next answer begins: so it need not be read again.
		w.places[len(w.places)-1] = w.behind(page.Next)
	}
}

// behind is the place where the answer begins that a token leads to.
func (w *walk) behind(token string) cursor.Place {
	next := w.place
	next.Token, next.Skip, next.Pages, next.At = token, 0, next.Pages+1, time.Now().Unix()
	return next
}
