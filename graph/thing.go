package graph

import (
	"context"
	"net/url"
	"strings"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/graph/project"
)

// param is a query parameter of a call, left out where the argument was.
type param struct{ name, value string }

// wirer is an enum of package model.
type wirer interface{ Wire() string }

// paramOf reads an argument: a string, or an enum's value.
func paramOf[T any](name string, arg *T) param {
	if arg == nil {
		return param{}
	}
	switch v := any(*arg).(type) {
	case wirer:
		return param{name, v.Wire()}
	case string:
		return param{name, v}
	}
	panic("graph: no query parameter can be made of " + name)
}

func queryOf(params []param) url.Values {
	query := url.Values{}
	for _, p := range params {
		if p.name != "" {
			query.Set(p.name, p.value)
		}
	}
	return query
}

// detailReader reads the details of things of one type for one operation.
type detailReader struct {
	server  *Server
	session *load.Session
	op      *client.Op
	query   url.Values
}

// Detail implements model.Reader.
func (r *detailReader) Detail(key string) func() ([]byte, error) {
	return r.session.Read(r.op, []string{key}, r.query)
}

// Value implements model.Reader.
func (r *detailReader) Value(load func() ([]byte, error)) *project.Value {
	return r.server.project.Value(load, r.session)
}

// thing makes the entity that an operation reads by its id, without reading it. What cannot be an id is refused here,
// before any call.
func (s *Server) thing(ctx context.Context, op *client.Op, id string, params ...param) (model.Entity, error) {
	if err := s.client.Check(client.Request{Op: op, Path: []string{id}}); err != nil {
		return model.Entity{}, err
	}
	reader := &detailReader{server: s, session: load.From(ctx), op: op, query: queryOf(params)}
	return model.NewEntity(reader, id, isID(id)), nil
}

// isID tells an id from the other keys that Zoom's paths take in its place.
func isID(key string) bool { return key != "me" && !strings.Contains(key, "@") }
