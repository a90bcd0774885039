package project_test

import (
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/project"
)

func TestNullify(t *testing.T) {
	t.Parallel()
	const data = ` {"a": {"b": [1, {"c": "x"}, []], "d": null}, "a2": "a"} `
	name := func(s string) ast.PathElement { return ast.PathName(s) }
	index := func(i int) ast.PathElement { return ast.PathIndex(i) }
	for _, tt := range []struct {
		path ast.Path
		want string
	}{
		{nil, ` null `},
		{ast.Path{name("a")}, ` {"a": null, "a2": "a"} `},
		{ast.Path{name("a2")}, ` {"a": {"b": [1, {"c": "x"}, []], "d": null}, "a2": null} `},
		{ast.Path{name("a"), name("b"), index(1)}, ` {"a": {"b": [1, null, []], "d": null}, "a2": "a"} `},
		{ast.Path{name("a"), name("b"), index(1), name("c")}, ` {"a": {"b": [1, {"c": null}, []], "d": null}, "a2": "a"} `},
		{ast.Path{name("a"), name("b"), index(2)}, ` {"a": {"b": [1, {"c": "x"}, null], "d": null}, "a2": "a"} `},
		{ast.Path{name("a"), name("d"), name("e")}, data},
		{ast.Path{name("a"), name("b"), index(3)}, data},
		{ast.Path{name("a"), index(0)}, data},
		{ast.Path{name("x")}, data},
	} {
		if got := project.Nullify([]byte(data), tt.path); string(got) != tt.want {
			t.Errorf("%v: %s, want %s", tt.path, got, tt.want)
		}
	}
}
