package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/graph/model"
	"zoomgraph/graph/planned"
	"zoomgraph/graph/project"
	"zoomgraph/graph/window"
	"zoomgraph/internal/rawjson"
)

// This file makes lists of what a walk brought: connections of rows that are only data, and lists without pages.

// spanOf are the arguments from and to of a list.
func spanOf(from, to *string) *window.Piece {
	var span window.Piece
	if from != nil {
		span.From = *from
	}
	if to != nil {
		span.To = *to
	}
	return &span
}

// rows reads a page of a list of what is only data: the connection is data itself.
func (s *Server) rows(ctx context.Context, of pageOf, params ...param) (*project.Value, error) {
	w, err := s.walk(ctx, of, nil, params)
	if err != nil {
		return nil, err
	}
	if err := w.read(ctx); err != nil {
		return nil, err
	}
	var nodes, edges bool
	for _, child := range childrenOf(ctx, graphql.GetFieldContext(ctx).Field) {
		nodes, edges = nodes || child.Name == "nodes", edges || child.Name == "edges"
	}
	cursorOf := w.cursorOf(s.principal(ctx))
	return s.project.Value(func() ([]byte, error) { return w.connection(nodes, edges, cursorOf) }, w.session), nil
}

// items reads a list that Zoom answers whole, or piece by piece of a time.
func items[T any](ctx context.Context, s *Server, wrap func(model.Entity) *T, of pageOf, params ...param) ([]*T, error) {
	of.unpaged = true
	w, err := s.begin(ctx, of, queryOf(params), 0, nil)
	if err != nil {
		return nil, err
	}
	found := things{ctx: ctx, server: s, walk: w, at: func(ctx context.Context, i int) context.Context { return elementContext(ctx, w.session, i) }}
	if list := planned.ListOf(ctx); list != nil {
		w.ahead = func() bool {
			part, _ := planned.Many(each(wrap, found.more()), nil)
			return list.Begin(part)
		}
	}
	if err := w.read(ctx); err != nil {
		return nil, err
	}
	found.more()
	return each(wrap, found.made), nil
}

// over reads a list of data, whole, of a time that may take several calls.
//
//nolint:unused // chapters to come have this form; internal/zoomgen asks it in its trial
func (s *Server) over(ctx context.Context, of pageOf, params ...param) (*project.Value, error) {
	of.unpaged = true
	w, err := s.walkAll(ctx, of, params)
	if err != nil {
		return nil, err
	}
	return s.project.Value(func() ([]byte, error) { return array(w.items), nil }, w.session), nil
}

// array is a list as JSON.
func array(items [][]byte) []byte {
	return slices.Concat([]byte{'['}, bytes.Join(items, []byte{','}), []byte{']'})
}

// walkAll reads a list to its end.
func (s *Server) walkAll(ctx context.Context, of pageOf, params []param) (*walk, error) {
	w, err := s.begin(ctx, of, queryOf(params), 0, nil)
	if err != nil {
		return nil, err
	}
	err = w.read(ctx)
	return w, err
}

// plumbing are the members of a connection that are not Zoom's.
var plumbing = []string{"nodes", "edges", "page_info", "total_count"}

// connection writes the page as data, with nodes and edges where they are selected.
func (w *walk) connection(nodes, edges bool, cursorOf func(i int) string) ([]byte, error) {
	info, err := json.Marshal(model.PageInfoOf(w.more, len(w.items), cursorOf))
	if err != nil {
		return nil, err
	}
	object := rawjson.Append([]byte{'{'}, "page_info", info)
	if total := w.total(); total != nil {
		object = rawjson.Append(object, "total_count", total)
	}
	if nodes {
		object = rawjson.Append(object, "nodes", array(w.items))
	}
	if edges {
		list := make([][]byte, len(w.items))
		for i, item := range w.items {
			edge := rawjson.Append([]byte{'{'}, "node", item)
			list[i] = append(rawjson.Append(edge, "cursor", quoted(cursorOf(i))), '}')
		}
		object = rawjson.Append(object, "edges", array(list))
	}
	for name, value := range rawjson.Members(w.beside()) {
		if name != w.of.list && !slices.Contains(plumbing, name) {
			object = rawjson.Append(object, name, value)
		}
	}
	return append(object, '}'), nil
}
