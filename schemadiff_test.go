package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// schema diff ends with 0 where nothing is new, with 1 where something is, and with 2 where documents cannot be read, of
// which each is told.
func TestSchemaDiffExitCodes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	document := func(op string) string { return `{"openapi": "3.0.0", "paths": {` + op + `}}` }
	same := file("same.json", document(`"/users": {"get": {"operationId": "users"}}`))
	fresh := file("fresh.json", document(`"/moon": {"get": {"operationId": "moon"}}`))
	broken, absent := file("broken.json", "{"), filepath.Join(dir, "absent.json")
	for _, tt := range []struct {
		args        []string
		code        int
		out, errors string
	}{
		{[]string{"--openapi", same}, 0, "0 differences", ""},
		{[]string{"--openapi", same, fresh}, 1, "GET /moon\n    new operation", "zoomgraph: the documents differ from the schema in one place\n"},
		{[]string{"--openapi", same, "--openapi", fresh, "--format", "json"}, 1, `"kind": "new operation"`, "in one place"},
		{[]string{"--openapi", fresh, "--format", "sdl"}, 1, `@zoom(op: "GET /moon")`, "in one place"},
		{[]string{"--openapi", same, broken, absent}, 2, "", "broken.json:1:1: it is not JSON"},
		{[]string{"--openapi", same, broken, absent}, 2, "", "absent.json: no such file"},
		{nil, 2, "", "--openapi=FILE"},
		{[]string{"--openapi", same, "--format", "yaml"}, 2, "", "--format"},
	} {
		var out, errors bytes.Buffer
		code := run(t.Context(), append([]string{"schema", "diff"}, tt.args...), func(string) (string, bool) { return "", false }, &out, &errors)
		if code != tt.code || !strings.Contains(out.String(), tt.out) || !strings.Contains(errors.String(), tt.errors) || tt.errors == "" && errors.Len() > 0 {
			t.Errorf("%q ended with %d, said\n%s\nand the error\n%s", tt.args, code, out.String(), errors.String())
		}
	}
}
