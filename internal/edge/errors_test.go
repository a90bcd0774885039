package edge_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/internal/edge"
)

// failing is a schema that answers with data and n errors of about size bytes.
func failing(n, size int) graphql.ExecutableSchema {
	schema := executable().(*graphql.ExecutableSchemaMock)
	return &graphql.ExecutableSchemaMock{SchemaFunc: schema.SchemaFunc, ExecFunc: func(context.Context) graphql.ResponseHandler {
		return graphql.ResponseHandler(func(ctx context.Context) *graphql.Response {
			for i := range n {
				graphql.AddErrorf(ctx, "error %d %s", i, strings.Repeat("é", size/2))
			}
			return &graphql.Response{Data: []byte(`{"hello":"x"}`)}
		})
	}}
}

func TestErrorsOfAnswersAreBounded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		n, size int
		kept    int // besides the one about the others
		missing int
	}{
		{0, 0, 0, 0},
		{20, 10, 20, 0},
		{21, 10, 19, 2},
		{100_000, 10, 19, 99_981},
		{20, 3000, 20, 0}, // cut to 1,000 bytes each
		{5, 200_000, 5, 0},
	} {
		t.Run(fmt.Sprint(tt.n, " of ", tt.size), func(t *testing.T) {
			t.Parallel()
			srv := serve(t, func(o *edge.Options) { o.Schema = failing(tt.n, tt.size) })
			got := do(t, http.MethodPost, srv.URL+"/graphql", post("{ hello }"), sendsJSON, takesNew)
			if got.status != 200 || string(got.Data) != `{"hello":"x"}` || len(got.body) > 64<<10 {
				t.Errorf("%d, %d bytes: %.200s", got.status, len(got.body), got.body)
			}
			want := tt.kept
			if tt.missing > 0 {
				want++
				last := got.Errors[len(got.Errors)-1]
				if last.Message != fmt.Sprintf("%d more errors are left out", tt.missing) || last.Extensions["leftOut"] != float64(tt.missing) || last.Extensions["requestId"] == nil {
					t.Errorf("the last error is %+v", last)
				}
			}
			if len(got.Errors) != want {
				t.Errorf("%d errors, want %d", len(got.Errors), want)
			}
			for _, e := range got.Errors {
				if len(e.Message) > 1003 || strings.ContainsRune(e.Message, '\ufffd') {
					t.Errorf("a message of %d bytes: %.50s", len(e.Message), e.Message)
				}
			}
		})
	}
}

// TestLargeErrorsAreLeftOut has errors whose extensions are large, which are not cut.
func TestLargeErrorsAreLeftOut(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(o *edge.Options) {
		o.Schema = failing(10, 10)
		present := o.ErrorPresenter
		if present == nil {
			present = graphql.DefaultErrorPresenter
		}
		o.ErrorPresenter = withHint(present, strings.Repeat("h", 20_000))
	})
	got := do(t, http.MethodPost, srv.URL+"/graphql", post("{ hello }"), sendsJSON)
	if len(got.Errors) != 4 || got.Errors[3].Message != "7 more errors are left out" || len(got.body) > 65<<10 {
		t.Errorf("%d errors in %d bytes", len(got.Errors), len(got.body))
	}
}

// TestDraft2026 holds the statuses of the draft against those of today.
func TestDraft2026(t *testing.T) {
	t.Parallel()
	now := serve(t, nil)
	draft := serve(t, func(o *edge.Options) { o.Draft2026 = true })
	for _, tt := range []struct {
		name, body string
		now, draft int // as application/graphql-response+json
		plain      int // as application/json, by either
	}{
		{"an answer", post("{ hello }"), 200, 200, 200},
		{"data and errors", post("{ hello fail }"), 200, 294, 200},
		{"not JSON", "{", 400, 400, 400},
		{"not a request", `{"query":7}`, 400, 422, 400},
		{"no query", `{}`, 400, 422, 400},
		{"a key twice", `{"query":"{ hello }","query":"{ hello }"}`, 400, 422, 400},
		{"not GraphQL", post("{ hello"), 400, 400, 200},
		{"an invalid document", post("{ helo }"), 400, 422, 200},
		{"too large a document", post("{" + each(61, " a%d: hello") + "}"), 400, 422, 200},
		{"no such operation", `{"query":"query A { hello }","operationName":"B"}`, 400, 422, 200},
		{"a variable of another type", `{"query":"query A($n: Int) { hello(first: $n) }","variables":{"n":"x"}}`, 400, 422, 200},
		{"an unknown document", persisted("", hashOf("x")), 400, 422, 200},
		{"a panic", post("{ boom }"), 500, 500, 500},
	} {
		for server, want := range map[string]int{now.URL: tt.now, draft.URL: tt.draft} {
			if got := do(t, http.MethodPost, server+"/graphql", tt.body, sendsJSON, takesNew); got.status != want {
				t.Errorf("%s: %d, want %d: %s", tt.name, got.status, want, got.body)
			}
			if got := do(t, http.MethodPost, server+"/graphql", tt.body, sendsJSON, takesJSON); got.status != tt.plain {
				t.Errorf("%s as application/json: %d, want %d: %s", tt.name, got.status, tt.plain, got.body)
			}
		}
	}
}

// withHint adds a hint to each error.
func withHint(present graphql.ErrorPresenterFunc, hint string) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		public := present(ctx, err)
		public.Extensions = map[string]any{"hint": hint}
		return public
	}
}
