package edge_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/internal/edge"
)

// sink is a response writer that keeps nothing.
type sink struct{ header http.Header }

func (s sink) Header() http.Header         { return s.header }
func (s sink) Write(p []byte) (int, error) { return len(p), nil }
func (sink) WriteHeader(int)               {}

// BenchmarkPost is what the HTTP side adds to an operation whose document is
// known and whose answer has 10 kB.
func BenchmarkPost(b *testing.B) {
	schema := executable().(*graphql.ExecutableSchemaMock)
	data := []byte(`{"hello":"` + strings.Repeat("x", 10_000) + `"}`)
	quiet := &graphql.ExecutableSchemaMock{SchemaFunc: schema.SchemaFunc, ExecFunc: func(context.Context) graphql.ResponseHandler {
		return graphql.OneShot(&graphql.Response{Data: data})
	}}
	h, err := edge.New(edge.Options{Schema: quiet})
	if err != nil {
		b.Fatal(err)
	}
	body := []byte(post("{ hello }"))
	req := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", nil)
	req.Header.Set("Content-Type", "application/json")
	req.ContentLength = int64(len(body))
	b.ReportAllocs()
	for b.Loop() {
		req.Body = io.NopCloser(bytes.NewReader(body))
		h.ServeHTTP(sink{http.Header{}}, req)
	}
}
