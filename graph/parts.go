package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/graph/project"
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
	objects, err := objectsIn(ctx, session, held)
	if objects == nil {
		return nil, err
	}
	brings := func(zoom string) bool { return of.node == nil || slices.Contains(of.brings, zoom) }
	views := []*T{}
	for i, object := range objects {
		if object[0] != '{' || of.node != nil && of.keyOf(object) == "" {
			continue // nothing, or a thing that is none
		}
		reader := &detailReader{ctx: elementContext(ctx, session, i), server: s, session: session, op: of.node, query: s.switches(ctx, of.node)}
		views = append(views, wrap(model.ListedEntity(reader, of.keyOf(object), object, brings)))
	}
	return views, nil
}

// objectsIn are the elements of the list that a field holds, or the one object that stands in its place; nil: there is
// neither. That an answer lacks the field is told.
func objectsIn(ctx context.Context, session *load.Session, held model.Raw) ([][]byte, error) {
	raw, err := await(ctx, session, held)
	switch {
	case err != nil:
		return nil, err
	case raw == nil:
		session.Absent(graphql.GetFieldContext(ctx).Path(), project.NotInResponse)
		return nil, nil
	case len(raw) == 0 || string(raw) == "null":
		return nil, nil
	case raw[0] == '{':
		return [][]byte{raw}, nil
	}
	return append([][]byte{}, slices.Collect(rawjson.Elements(raw))...), nil
}

// union is the types of a union T, by what the key by of Zoom's object says.
type union[T any] struct {
	by    string
	types map[string]unionType[T]
}

// unionType is one of them: how one is told from others and read, and its view.
type unionType[T any] struct {
	page pageOf
	wrap func(model.Entity) T
}

// oneOf makes the view of the thing that an object tells of; none where there is no object.
func oneOf[T any](ctx context.Context, s *Server, held model.Raw, of union[T]) (one T, err error) {
	all, err := manyOf(ctx, s, held, of)
	if err != nil || len(all) == 0 {
		return one, err
	}
	return all[0], nil
}

// manyOf makes the views of the things that objects tell of: a list of them, or one. What stands in an object is known; the
// rest is read by the thing's key. A type that the schema does not know is null, and told.
func manyOf[T any](ctx context.Context, s *Server, held model.Raw, of union[T]) ([]T, error) {
	session := load.From(ctx)
	objects, err := objectsIn(ctx, session, held)
	if objects == nil {
		return nil, err
	}
	views := make([]T, len(objects))
	for i, object := range objects {
		if object[0] != '{' {
			continue
		}
		tag, _ := rawjson.Member(object, of.by)
		name := client.IDOf(tag)
		one, known := of.types[name]
		switch {
		case name == "":
		case !known:
			session.Absent(pathOf(ctx, i), project.UnknownValue)
		case one.page.node == nil && client.ItemKey(object) == "", one.page.node != nil && one.page.keyOf(object) == "":
		default:
			stands := func(zoom string) bool {
				_, is := rawjson.Member(object, zoom)
				return one.page.node == nil || is && zoom != of.by
			}
			reader := &detailReader{ctx: elementContext(ctx, session, i), server: s, session: session, op: one.page.node, query: s.switches(ctx, one.page.node)}
			views[i] = one.wrap(model.ListedEntity(reader, one.page.keyOf(object), object, stands))
		}
	}
	return views, nil
}

// pathOf is the path of an element of the field that is being resolved, or of the field where it is no list.
func pathOf(ctx context.Context, i int) ast.Path {
	field := graphql.GetFieldContext(ctx)
	if field.Field.Definition.Type.Elem == nil {
		return field.Path()
	}
	return append(field.Path(), ast.PathIndex(i))
}
