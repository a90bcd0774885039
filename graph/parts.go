package graph

import (
	"context"
	"net/url"
	"slices"

	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/internal/rawjson"
)

// This file makes views of what stands within a thing's own JSON: parts that lead to things, and things of which some
// fields are there.

// part makes the view of what a field holds; none where it holds no object.
func part[T any](ctx context.Context, s *Server, held model.Raw, of pageOf, wrap func(model.Entity) *T) (*T, error) {
	all, err := parts(ctx, s, held, of, wrap)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// parts makes the views of what a field holds: a list of objects, or one.
func parts[T any](ctx context.Context, s *Server, held model.Raw, of pageOf, wrap func(model.Entity) *T) ([]*T, error) {
	session := load.From(ctx)
	raw, err := await(ctx, session, held)
	if err != nil || len(raw) == 0 || string(raw) == "null" {
		return nil, err
	}
	objects := slices.Collect(rawjson.Elements(raw))
	if raw[0] == '{' {
		objects = [][]byte{raw}
	}
	brings := func(zoom string) bool { return of.node == nil || slices.Contains(of.brings, zoom) }
	views := []*T{}
	for i, object := range objects {
		if object[0] != '{' || of.node != nil && of.keyOf(object) == "" {
			continue // nothing, or a thing that is none
		}
		reader := &detailReader{ctx: elementContext(ctx, session, i), server: s, session: session, op: of.node, query: url.Values{}}
		views = append(views, wrap(model.ListedEntity(reader, of.keyOf(object), object, brings)))
	}
	return views, nil
}
