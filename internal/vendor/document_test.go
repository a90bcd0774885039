package vendor_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/openapi"
	"zoomgraph/internal/vendor"
)

// collected is an operation as the collected facts have it.
type collected struct {
	openapi.Operation
	Tag         string
	QueryParams []map[string]any
	PathParams  []map[string]any
	Body        any
	Response    struct {
		Status int
		Schema any
	}
}

// documentOf writes collected facts as Zoom writes its OpenAPI documents: labels and scopes stand in the description.
func documentOf(t *testing.T, facts map[string]*collected) []byte {
	t.Helper()
	paths := map[string]map[string]any{}
	for _, op := range slices.Sorted(maps.Keys(facts)) {
		f := facts[op]
		method, path, _ := strings.Cut(op, " ")
		if f.Path != "" {
			path = f.Path
		}
		if paths[path] == nil {
			paths[path] = map[string]any{}
		}
		paths[path][strings.ToLower(method)] = f.written()
	}
	text, err := json.Marshal(map[string]any{"openapi": "3.0.2", "info": map[string]any{"title": "Zoom"}, "paths": paths})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (f *collected) written() map[string]any {
	quoted := func(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }
	description := "What it does.<br>"
	if f.Scopes != nil {
		description += "**Scopes:** " + quoted(f.Scopes) + "<br>"
	}
	if f.GranularScopes != nil {
		description += "\n\n**Granular Scopes:** " + quoted(f.GranularScopes) + "\n\n"
	}
	if f.RateLimit != "" {
		description += "**[Rate Limit Label](https://developers.zoom.us/docs/api/rate-limits/):** `" + f.RateLimit + "`"
	}
	o := map[string]any{"operationId": f.OperationID, "description": description, "tags": []string{f.Tag}}
	var params []any
	for in, list := range map[string][]map[string]any{"query": f.QueryParams, "path": f.PathParams} {
		for _, param := range list {
			schema := maps.Clone(param)
			delete(schema, "name")
			delete(schema, "required")
			params = append(params, map[string]any{"name": param["name"], "in": in, "required": param["required"] == true, "schema": schema})
		}
	}
	o["parameters"] = params
	if f.Body != nil {
		o["requestBody"] = map[string]any{"content": map[string]any{"application/json": map[string]any{"schema": f.Body}}}
	}
	answer := map[string]any{"description": "Done."}
	if f.Response.Schema != nil {
		answer["content"] = map[string]any{"application/json": map[string]any{"schema": f.Response.Schema}}
	}
	o["responses"] = map[string]any{"200": answer, "404": map[string]any{"description": "No."}}
	return o
}

// read reads a document.
func read(t *testing.T, name string, text []byte) *openapi.Document {
	t.Helper()
	doc, err := openapi.Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// compared compares documents with the service's program.
func compared(t *testing.T, docs ...*openapi.Document) *vendor.Report {
	t.Helper()
	known, err := vendor.ReadKnown(programtest.Files(t))
	if err != nil {
		t.Fatal(err)
	}
	return vendor.Compare(programtest.Of(t), docs, known)
}

// sdlOf is a report's SDL.
func sdlOf(t *testing.T, r *vendor.Report, all bool) string {
	t.Helper()
	var b strings.Builder
	if err := r.WriteSDL(&b, all); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// find is the difference at a place, without which the test ends.
func find(t *testing.T, r *vendor.Report, op, at string) vendor.Difference {
	t.Helper()
	i := slices.IndexFunc(r.Differences, func(d vendor.Difference) bool { return d.Op == op && d.At == at })
	if i < 0 {
		t.Fatalf("nothing is said of %s %s", op, at)
	}
	return r.Differences[i]
}
