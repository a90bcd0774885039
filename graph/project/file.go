package project

import (
	"context"
	"encoding/json"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/internal/rawjson"
)

// A FileURL makes the URL of this service that leads to a file of which Zoom's answer has the address, for who asks.
// Field is the one that holds the URL. An error stands in place of the URL.
type FileURL func(ctx context.Context, field *ast.FieldDefinition, address string) (string, error)

// fileURL writes the URL in place of the address. An empty address is none: that of a file which is still being made.
func (w *writer) fileURL(f *Field, t *ast.Type, value []byte) bool {
	if !isString(value) {
		w.mismatch(f, t, kindOf(value))
		return false
	}
	address := string(rawjson.Text(value))
	if address == "" {
		w.buf = append(w.buf, "null"...)
		return true
	}
	url, err := w.files(w.ctx, f.Def, address)
	if err != nil {
		w.add(f, wrap(err))
		return false
	}
	text, _ := json.Marshal(url) // a text always encodes
	w.buf = append(w.buf, text...)
	return true
}
