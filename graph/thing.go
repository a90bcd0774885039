package graph

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/graph/program"
	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// param is a query parameter of a call, left out where the argument was.
type param struct{ name, value string }

// wirer is an enum of package model.
type wirer interface{ Wire() string }

// paramOf reads an argument.
func paramOf[T any](name string, arg *T) param {
	if arg == nil {
		return param{}
	}
	switch v := any(*arg).(type) {
	case wirer:
		return param{name, v.Wire()}
	case string:
		return param{name, v}
	case int:
		return param{name, strconv.Itoa(v)}
	case bool:
		return param{name, strconv.FormatBool(v)}
	}
	panic("graph: no query parameter can be made of " + name)
}

// inherited is a query parameter as the thing was asked for with, left out where that was.
func inherited(of *model.Entity, name string) param { //nolint:unparam // what is inherited is the schema's to say
	if value := of.Param(name); value != "" {
		return param{name, value}
	}
	return param{}
}

// keyed is a query parameter that has a thing's key.
func keyed(of *model.Entity, name string) param { return param{name, of.Key()} }

// loginOf is how a user signs in: as the argument says, or as the user was asked for.
func loginOf[T wirer](arg *T, user *model.Entity) string {
	if arg == nil {
		return user.Param("login_type")
	}
	return (*arg).Wire()
}

// queryOf is a query of the parameters; nil where all of them are left out.
func queryOf(params []param) url.Values {
	var query url.Values
	for _, p := range params {
		if p.name == "" {
			continue
		}
		if query == nil {
			query = url.Values{}
		}
		query.Set(p.name, p.value)
	}
	return query
}

// with adds parameters to a query; either may be nil.
func with(query, others url.Values) url.Values {
	if query == nil {
		return others
	}
	maps.Copy(query, others)
	return query
}

// detailReader reads the details of things of one type for one operation.
type detailReader struct {
	ctx     context.Context //nolint:containedctx // of the field that has the things
	server  *Server
	session *load.Session
	op      *client.Op // nil for rows: nothing reads one by itself
	query   url.Values
	by      *program.Operation // that the things were read by, with the path; nil: no value of it is asked for
	path    []string
}

// Detail implements model.Reader. Zoom has no details of a user who has not accepted the invitation, but it says so: then
// it is known who that is. Their id is what they were asked by, as it is in a list.
func (r *detailReader) Detail(key string) func() ([]byte, error) {
	read := r.session.Gather(r.ctx, r.op, r.pathTo(key), r.query)
	return func() ([]byte, error) {
		body, err := read()
		if errors.Is(err, client.ErrInvitationPending) && r.op == &opUser {
			return pendingUser(key), err
		}
		return r.server.unnested(r.op, body), err
	}
}

// pathTo are the values in the path of a thing's detail operation: its key is the last of them.
func (r *detailReader) pathTo(key string) []string {
	params := r.server.Program.Fact(r.op.String()).Params
	if len(params) == 0 {
		return nil
	}
	path := make([]string, len(params))
	for i, param := range params[:len(params)-1] {
		path[i] = r.Above(param)
	}
	path[len(params)-1] = key
	return path
}

// Above implements model.Reader.
func (r *detailReader) Above(param string) string {
	if r.by != nil {
		if i := slices.Index(r.by.Params, param); i >= 0 && i < len(r.path) {
			return r.path[i]
		}
	}
	if param == program.Caller {
		return "me"
	}
	return ""
}

// unnested are the details of a thing where Zoom answers some of them one level deeper than its lists do: all at the top.
func (s *Server) unnested(op *client.Op, body []byte) []byte {
	fact := s.Program.Fact(op.String())
	if fact == nil || len(fact.Within) == 0 || len(body) == 0 {
		return body
	}
	flat, taken := []byte{'{'}, map[string]bool{}
	add := func(object []byte) {
		for name, value := range rawjson.Members(object) {
			if !taken[name] && !slices.Contains(fact.Within, name) {
				taken[name] = true
				flat = rawjson.Append(flat, name, value)
			}
		}
	}
	add(body)
	for _, key := range fact.Within {
		inner, _ := rawjson.Member(body, key)
		add(inner)
	}
	return append(flat, '}')
}

// pendingUser is a user who has not accepted the invitation.
func pendingUser(key string) []byte {
	known := map[string]string{"id": key, "status": model.UserStatusPending.Wire()}
	if !isID(key) {
		known["email"] = key
	}
	body, err := json.Marshal(known)
	if err != nil { // strings only
		panic(err)
	}
	return body
}

// Leaf implements model.Reader.
func (r *detailReader) Leaf(field *ast.Field) (zoom string, by model.Source) {
	s := r.server
	if known, ok := s.leaves.Load(field.Definition); ok {
		leaf := known.(leaf) //nolint:forcetypeassert // nothing else is in it
		return leaf.zoom, leaf.by
	}
	known := leaf{zoom: s.project.ZoomName(field.Definition)}
	switch {
	case s.Program.Key(field.ObjectDefinition) == field.Definition:
		known.by = model.Ident
	case program.Has(field.Definition.Directives, "detail"):
		known.by = model.Detailed
	}
	s.leaves.Store(field.Definition, known)
	return known.zoom, known.by
}

// leaf is what is known of a field that has no operation of its own.
type leaf struct {
	zoom string
	by   model.Source
}

// Value implements model.Reader.
func (r *detailReader) Value(read func() ([]byte, error)) *project.Value {
	return r.server.project.Value(read, r.session)
}

// Param implements model.Reader.
func (r *detailReader) Param(name string) string { return r.query.Get(name) }

// Later implements model.Reader.
func (r *detailReader) Later(read func() ([]byte, error)) *project.Value {
	return r.server.project.Value(r.session.Sending(read), r.session)
}

// thing makes the entity that an operation reads by its id, without reading it. What cannot be an id is refused here,
// before any call.
func (s *Server) thing(ctx context.Context, op *client.Op, id string, params ...param) (model.Entity, error) {
	if err := s.principal(ctx).client.CheckPath(client.Request{Op: op, Path: []string{id}}); err != nil {
		return model.Entity{}, err
	}
	return s.entity(ctx, load.From(ctx), op, id, params...), nil
}

// entity is thing for an id that Zoom itself gave, or accepted already.
func (s *Server) entity(ctx context.Context, session *load.Session, op *client.Op, id string, params ...param) model.Entity {
	query := with(queryOf(params), s.switches(ctx, op))
	return model.NewEntity(&detailReader{ctx: ctx, server: s, session: session, op: op, query: query}, id, isID(id))
}

// isID tells an id from the other keys that Zoom's paths take in its place.
func isID(key string) bool { return key != "me" && !strings.Contains(key, "@") }

// data reads what a GET answers, or what stands in it under a key.
func (s *Server) data(ctx context.Context, op *client.Op, path []string, key string, params ...param) (*project.Value, error) {
	session, query := load.From(ctx), queryOf(params)
	if err := s.principal(ctx).client.Check(client.Request{Op: op, Path: path, Query: query}); err != nil {
		return nil, err
	}
	read := session.Read(ctx, op, path, query)
	return s.project.Value(func() ([]byte, error) {
		body, err := read()
		if err != nil || key == "" {
			return body, err
		}
		value, _ := rawjson.Member(body, key)
		if list, ok := client.List(body, key); ok && graphql.GetFieldContext(ctx).Field.Definition.Type.Elem != nil {
			value = list // where Zoom counts none, it leaves the list out
		}
		return value, nil
	}, session), nil
}

// linked makes the entity whose id another one holds; none where it holds none.
func linked[T any](ctx context.Context, s *Server, id model.Raw, op *client.Op, wrap func(model.Entity) *T) (*T, error) {
	all, err := allLinked(ctx, s, id, op, wrap)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// allLinked makes the entities whose ids another one holds: a list of them, or one.
func allLinked[T any](ctx context.Context, s *Server, ids model.Raw, op *client.Op, wrap func(model.Entity) *T) ([]*T, error) {
	session := load.From(ctx)
	raw, err := await(ctx, session, ids)
	if err != nil || raw == nil || string(raw) == "null" {
		return nil, err
	}
	things := []*T{}
	for i, id := range idsIn(raw) {
		things = append(things, wrap(s.entity(elementContext(ctx, session, i), session, op, id)))
	}
	return things, nil
}

// elementContext is the context of an element of the list that the current field is, where a trace needs its path.
func elementContext(ctx context.Context, session *load.Session, i int) context.Context {
	if !session.Traced() || graphql.GetFieldContext(ctx).Field.Definition.Type.Elem == nil {
		return ctx
	}
	return graphql.WithFieldContext(ctx, &graphql.FieldContext{Parent: graphql.GetFieldContext(ctx), Index: &i})
}

// await gets the JSON of a field in a resolver.
func await(ctx context.Context, session *load.Session, raw model.Raw) ([]byte, error) {
	if raw.Wait == nil {
		return raw.Known, nil
	}
	return session.Await(atRoot(ctx), raw.Wait)
}

// atRoot tells whether the field that is being resolved is one of the query itself.
func atRoot(ctx context.Context) bool {
	parent := graphql.GetFieldContext(ctx).Parent
	return parent == nil || parent.Parent == nil && parent.Field.Field == nil
}

// idsIn reads ids: strings or numbers, one or a list. An empty text is none: guests have it.
func idsIn(raw []byte) []string {
	var ids []string
	for element := range rawjson.Elements(raw) {
		ids = append(ids, client.IDOf(element))
	}
	if ids == nil && len(raw) > 0 && raw[0] != '[' {
		ids = append(ids, client.IDOf(raw))
	}
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
}
