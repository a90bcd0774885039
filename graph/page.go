package graph

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/client"
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
	// maxToken bounds the token in a cursor, which becomes part of an address: Zoom's have some dozens of bytes.
	maxToken = 1 << 10
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

// place is where a page ends: item Skip of the answer that Token brings. It is a cursor's content.
type place struct {
	Token string `json:"t,omitempty"` // next_page_token of the answer; "" is the first one
	Skip  int    `json:"s,omitempty"` // items of that answer that lie before the place
	Size  int    `json:"p,omitempty"` // page_size, which Zoom wants to be the same throughout; 0 where it has no pages
	For   string `json:"f"`           // what the list was filtered by: a place belongs to one list only
	At    int64  `json:"a"`           // when Zoom gave the token, in Unix seconds
}

// page reads a page of a list, over as many of Zoom's answers as it takes.
func (s *Server) page(ctx context.Context, of pageOf, params ...param) (model.Page, error) {
	session := load.From(ctx)
	query := queryOf(params)
	first, err := checkFirst(of.first)
	if err != nil {
		return model.Page{}, err
	}
	at, err := startOf(of, first, query)
	if err != nil {
		return model.Page{}, err
	}
	if fields := s.onRequest(ctx); len(fields) > 0 && of.brings == nil {
		query.Set("include_fields", strings.Join(fields, ","))
	}
	w := &walk{session: session, root: atRoot(ctx), of: of, query: query, place: at, want: first}
	if err := w.run(ctx); err != nil {
		return model.Page{}, err
	}
	reader := &detailReader{ctx: ctx, server: s, session: session, op: of.node, query: url.Values{}}
	page := model.Page{
		Reader: reader, Items: make([]model.Entity, len(w.items)), HasNext: w.more, TotalRecords: w.total,
		CursorOf: func(i int) string { return w.places[i].encode() },
	}
	for i, item := range w.items {
		if session.Traced() {
			itself := *reader
			itself.ctx = itemContext(ctx, i)
			page.Items[i] = model.ListedEntity(&itself, item, of.brings)
			continue
		}
		page.Items[i] = model.ListedEntity(reader, item, of.brings)
	}
	return page, nil
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
// calls.
func startOf(of pageOf, first int, query url.Values) (place, error) {
	filter := filterOf(of, query)
	if of.after == nil && of.unpaged {
		return place{For: filter}, nil
	}
	if of.after == nil {
		calls := (first + maxPageSize - 1) / maxPageSize
		return place{Size: (first + calls - 1) / calls, For: filter, At: time.Now().Unix()}, nil
	}
	at, err := decodePlace(*of.after)
	switch {
	case err != nil || at.Skip < 0 || len(at.Token) > maxToken || !of.unpaged && (at.Size < 1 || at.Size > maxPageSize || at.Skip > at.Size):
		return place{}, &client.Error{Code: client.CodeBadUserInput, Message: "after is not a cursor of this service", Hint: "give the endCursor of a page as it is"}
	case at.For != filter:
		return place{}, &client.Error{
			Code: client.CodeBadUserInput, Message: "after is a cursor of another list",
			Hint: "repeat the arguments that the list had, or leave after out to start again",
		}
	case at.Token != "" && time.Since(time.Unix(at.At, 0)) > placeLife:
		return place{}, &client.Error{
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

func (p place) encode() string {
	content, err := json.Marshal(p)
	if err != nil { // strings and numbers only
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(content)
}

func decodePlace(cursor string) (p place, err error) {
	content, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(content, &p)
	}
	return p, err
}

// walk reads answers from a place on until it has as many items as are wanted.
type walk struct {
	session *load.Session
	root    bool
	of      pageOf
	query   url.Values
	place   place
	want    int

	items  [][]byte
	places []place // behind each item
	total  []byte
	more   bool
}

func (w *walk) run(ctx context.Context) error {
	for {
		next, err := w.step(ctx)
		if err != nil || !w.more || len(w.items) == w.want {
			return err
		}
		w.place = place{Token: next, Size: w.place.Size, For: w.place.For, At: time.Now().Unix()}
	}
}

// step reads one answer and takes from it what is wanted. next leads to the answer behind it.
func (w *walk) step(ctx context.Context) (next string, err error) {
	query := url.Values{}
	if w.place.Size > 0 {
		query.Set("page_size", strconv.Itoa(w.place.Size))
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
	list, ok := rawjson.Member(body, w.of.list)
	if !ok || len(list) == 0 || list[0] != '[' {
		return "", &client.Error{Code: client.CodeUpstreamInvalidResponse, Op: w.of.op, Message: "Zoom's answer holds no list " + strconv.Quote(w.of.list)}
	}
	if raw, ok := rawjson.Member(body, "next_page_token"); ok && !slices.Contains([]byte("{[tfn"), raw[0]) {
		next = model.IDOf(raw) // in places it is a number
	}
	if raw, ok := rawjson.Member(body, "total_records"); ok {
		w.total = raw
	}
	w.take(list, next)
	return next, nil
}

func (w *walk) take(list []byte, next string) {
	i, left := 0, false
	for item := range rawjson.Elements(list) {
		i++
		if i <= w.place.Skip {
			continue
		}
		if len(w.items) == w.want {
			left = true
			break
		}
		behind := w.place
		behind.Skip = i
		w.items = append(w.items, item)
		w.places = append(w.places, behind)
	}
	w.more = left || next != ""
	if !left && next != "" && len(w.places) > 0 && len(w.items) > 0 {
		// Behind an answer's last item the next answer begins: so it need not be read again.
		w.places[len(w.places)-1] = place{Token: next, Size: w.place.Size, For: w.place.For, At: time.Now().Unix()}
	}
}
