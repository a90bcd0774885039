package model

import (
	"encoding/json"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/project"
)

// Page is one page of a list. Connections are made from it; its methods are the fields that all connections share.
type Page struct {
	Reader Reader
	Items  []Entity
	// CursorOf is the place behind item i.
	CursorOf func(i int) string
	HasNext  bool
	// TotalRecords is Zoom's own count, as JSON; nil where it sent none.
	TotalRecords []byte
	// Answer is what Zoom says beside the items, an object.
	Answer []byte
}

// PageInfo is where a page ends, as the projection reads it.
type PageInfo struct {
	HasNextPage bool    `json:"has_next_page"`
	EndCursor   *string `json:"end_cursor"`
}

// PageInfoOf is where a page of n items ends.
func PageInfoOf(hasNext bool, n int, cursorOf func(i int) string) PageInfo {
	info := PageInfo{HasNextPage: hasNext}
	if n > 0 {
		end := cursorOf(n - 1)
		info.EndCursor = &end
	}
	return info
}

// Leaf reads a field of the connection that leads to none of its things.
func (p *Page) Leaf(field *ast.Field) *project.Value {
	switch field.Name {
	case "pageInfo":
		return p.PageInfo()
	case "totalCount":
		return p.TotalCount()
	}
	zoom, _ := p.Reader.Leaf(field)
	return p.Reader.Value(func() ([]byte, error) { return member(p.Answer, zoom), nil })
}

// PageInfo says where the page ends.
func (p *Page) PageInfo() *project.Value {
	return p.Reader.Value(func() ([]byte, error) { return json.Marshal(PageInfoOf(p.HasNext, len(p.Items), p.CursorOf)) })
}

// TotalCount is how many there are in all, as far as Zoom says.
func (p *Page) TotalCount() *project.Value {
	return p.Reader.Value(func() ([]byte, error) {
		if p.TotalRecords == nil {
			return []byte("null"), nil
		}
		return p.TotalRecords, nil
	})
}

// Cursor is the place behind item i.
func (p *Page) Cursor(i int) *project.Value {
	return p.Reader.Value(func() ([]byte, error) { return json.Marshal(p.CursorOf(i)) })
}
