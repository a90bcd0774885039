package edge

import (
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
)

// What explains an answer is left out where it is larger than it may be, and nothing else of the answer.
func TestExtensionsAreBounded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		bytes int
		want  string
	}{
		{10, `{"data":{},"extensions":{"zoom":"xxxxxxxxxx"}}`},
		{maxExtensions, `{"data":{},"extensions":{"zoom":{"leftOut":"the explanation has 1048587 bytes, and one may have 1048576"}}}`},
	} {
		resp := &graphql.Response{Data: []byte("{}"), Extensions: map[string]any{"zoom": strings.Repeat("x", test.bytes)}}
		head, tail, err := envelope(resp)
		if got := string(head) + string(resp.Data) + string(tail); err != nil || got != test.want {
			t.Errorf("%d bytes: %.200s, %v", test.bytes, got, err)
		}
	}
}
