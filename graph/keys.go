package graph

import (
	"context"
	"strings"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
)

// This file finds things whose path has several values, or values that other things hold.

// thingAt is thing for a path of several values, of which the last is the key, or of none.
func (s *Server) thingAt(ctx context.Context, op *client.Op, path []string, params ...param) (model.Entity, error) {
	query := queryOf(params)
	if err := s.principal(ctx).client.CheckPath(client.Request{Op: op, Path: path, Query: query}); err != nil {
		return model.Entity{}, err
	}
	query = with(query, s.switches(ctx, op))
	reader := &detailReader{ctx: ctx, server: s, session: load.From(ctx), op: op, query: query, by: s.Program.Fact(op.String()), path: path}
	key := ""
	if len(path) > 0 {
		key = path[len(path)-1]
	}
	return model.NewEntity(reader, key, isID(key)), nil
}

// held are the values of fields that give an operation's path; nil where one of them is empty, and there is nothing to ask.
func (s *Server) held(ctx context.Context, fields ...model.Raw) ([]string, error) {
	path := make([]string, len(fields))
	for i, field := range fields {
		raw, err := await(ctx, load.From(ctx), field)
		if err != nil {
			return nil, err
		}
		if path[i] = client.IDOf(raw); path[i] == "" {
			return nil, nil
		}
	}
	return path, nil
}

// instance refuses a number where one instance of a meeting or webinar is meant: Zoom would take it for the latest one.
func instance(uuid string) error {
	if uuid == "" || strings.Trim(uuid, "0123456789") != "" {
		return nil
	}
	return &client.Error{
		Code: client.CodeBadUserInput, Message: "uuid is a number, which may mean any instance of a meeting or webinar",
		Hint: "give the uuid of one instance; `instances` of a meeting or webinar lists them",
	}
}

// each gives all that were found their type in the schema.
func each[T any](wrap func(model.Entity) *T, found []model.Entity) []*T {
	things := make([]*T, len(found))
	for i, e := range found {
		things[i] = wrap(e)
	}
	return things
}
