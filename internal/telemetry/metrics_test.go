package telemetry_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/client"
	"zoomgraph/internal/telemetry"
)

// What was done is what the metrics say: one line each.
func TestMetrics(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		do   func(s *service)
		want []string
	}{
		{"an operation and its calls", func(s *service) {
			s.ask(`{ user(id: "USER") { email a: settings { tsp { callOut } } b: settings { tsp { callOut } } } }`)
		}, []string{
			`operations_total{operation="other",outcome="ok",type="query"} 1`,
			`operation_duration_seconds_count{operation="other",type="query"} 1`,
			`operation_reads_saved_total{by="coalescing"} 1`,
			`zoom_calls_total{label="LIGHT",operation="user",status="200"} 1`,
			`zoom_calls_total{label="MEDIUM",operation="userSettings",status="200"} 1`,
			`zoom_call_duration_seconds_count{label="MEDIUM",operation="userSettings"} 1`,
			`zoom_call_wait_seconds_count{label="MEDIUM"} 1`,
			`store_reads_total{source="called"} 2`,
			`budget_limit_calls_per_second{account="account",label="LIGHT"} 1000`,
			`budget_limit_calls_per_second{account="acct-b",label="LIGHT"} 1000`,
			`budget_daily_remaining_calls{account="account",label="MEDIUM"} 1999`,
		}},
		{"the same from memory", func(s *service) {
			for range 3 {
				s.ask(`query Named { user(id: "USER") { email settings { tsp { callOut } } } }`)
			}
		}, []string{
			`operations_total{operation="other",outcome="ok",type="query"} 3`,
			`operation_reads_saved_total{by="cache"} 4`,
			`zoom_calls_total{label="LIGHT",operation="user",status="200"} 1`,
			`store_reads_total{source="near"} 4`,
		}},
		{"a mutation", func(s *service) {
			s.ask(`mutation { updateUserSettings(id: "USER", input: {scheduleMeeting: {hostVideo: true}}) { user { id } } }`)
		}, []string{
			`operations_total{operation="other",outcome="ok",type="mutation"} 1`,
			`zoom_calls_total{label="MEDIUM",operation="userSettingsUpdate",status="204"} 1`,
		}},
		{"errors beside data, and alone", func(s *service) {
			s.ask(`{ a: user(id: "nobody") { email } user(id: "USER") { id } }`)
			s.ask(`{ user(id: "nobody") { email } }`)
		}, []string{
			`operations_total{operation="other",outcome="partial",type="query"} 1`,
			`operations_total{operation="other",outcome="error",type="query"} 1`,
			`errors_total{code="NOT_FOUND"} 2`,
		}},
		{"what is refused before it runs", func(s *service) {
			s.ask(`{ a b c }`)
			s.ask(`{`)
			s.post(`{`)
			s.post(`{"query":"query($id: ID!) { user(id: $id) { id } }","variables":{}}`)
			s.ask(`{ users(first: 1000) { nodes { settings { tsp { callOut } meetingSecurity { autoSecurity } } } } }`)
		}, []string{
			`operations_total{operation="other",outcome="refused",type="query"} 1`,
			`errors_total{code="GRAPHQL_VALIDATION_FAILED"} 3`,
			`errors_total{code="GRAPHQL_PARSE_FAILED"} 1`,
			`errors_total{code="BAD_USER_INPUT"} 2`,
			`errors_total{code="COST_LIMIT_EXCEEDED"} 1`,
			`operation_duration_seconds_count{operation="other",type="query"} 1`,
		}},
		{"a request that does not become an operation", func(s *service) { s.telemetry.Refused(t.Context()) }, []string{
			`operations_total{operation="other",outcome="refused",type="unknown"} 1`,
		}},
		{"a plan", func(s *service) { s.ask(`{ users { totalCount } }`, "X-Zoomgraph-Plan", "1") }, []string{
			`operations_total{operation="other",outcome="ok",type="query"} 1`,
		}},
		{"codes and statuses out of the set", func(s *service) {
			present := s.telemetry.PresentError(func(context.Context, error) *gqlerror.Error {
				return &gqlerror.Error{Extensions: map[string]any{"code": "SURPRISE-" + s.user}}
			})
			present(t.Context(), nil)
			for _, status := range []int{0, 418, 429, 599, 600, -1} {
				s.telemetry.Called(t.Context(), client.Attempt{Op: &client.Op{ID: "op", Label: "NEW"}, Status: status, Waited: time.Second})
			}
			s.telemetry.Called(t.Context(), client.Attempt{Op: &client.Op{ID: "op", Label: client.Heavy}, Status: 429, Code: client.CodeRateLimited})
		}, []string{
			`errors_total{code="INTERNAL"} 1`,
			`zoom_calls_total{label="NONE",operation="op",status="none"} 3`,
			`zoom_calls_total{label="NONE",operation="op",status="4xx"} 1`,
			`zoom_calls_total{label="NONE",operation="op",status="429"} 1`,
			`zoom_calls_total{label="NONE",operation="op",status="5xx"} 1`,
			`zoom_calls_total{label="HEAVY",operation="op",status="429"} 1`,
			`zoom_call_wait_seconds_sum{label="NONE"} 6`,
			`zoom_rate_limited_total{label="HEAVY"} 1`,
		}},
		{"tokens", func(s *service) {
			s.telemetry.Minted(t.Context(), client.Mint{})
			s.telemetry.Minted(t.Context(), client.Mint{})
			s.telemetry.Minted(t.Context(), client.Mint{Code: client.CodeUpstreamAuthFailed})
		}, []string{`token_mints_total{outcome="ok"} 2`, `token_mints_total{outcome="error"} 1`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			test.do(s)
			got := strings.Split(s.metrics(), "\n")
			if daily := samples(got, "budget_daily_remaining_calls"); len(daily) != 2 { // of two accounts
				t.Errorf("%q: a label without a daily limit has none left", daily)
			}
			for _, want := range test.want {
				if !slices.Contains(got, "zoomgraph_"+want) {
					t.Errorf("no %s in\n%s", want, strings.Join(samples(got, want), "\n"))
				}
			}
		})
	}
}

// samples are the lines of the metric that a line is about.
func samples(lines []string, about string) []string {
	name, _, _ := strings.Cut(about, "{")
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.HasPrefix(line, "zoomgraph_"+name) })
}

// A metric that the answer's bound on entries or Zoom's behaviour makes rare is counted too: a value of Zoom's that the
// schema does not know.
func TestUnknownValues(t *testing.T) {
	t.Parallel()
	s := setup(t, withAnswer("/v2/users/", `{"id":"u","type":77,"status":"sleeping"}`))
	s.ask(`{ user(id: "USER") { type status } }`)
	if got := s.metrics(); !strings.Contains(got, "zoomgraph_unknown_enum_values_total 2\n") {
		t.Error(samples(strings.Split(got, "\n"), "unknown"))
	}
}

// Which names of Zoom's the schema does not know is told: keys by operation, values by field. What may be somebody's data is
// told as another.
func TestUnknownNames(t *testing.T) {
	t.Parallel()
	s := setup(t, withAnswer("/v2/users/", `{"id":"u","type":77,"status":"Ada Lovelace","shoe_size":43,"ada@example.com":1}`))
	s.ask(`{ user(id: "USER") { status } }`)
	s.unnamed.Wait()
	got := samples(strings.Split(s.metrics(), "\n"), "unknown_")
	for _, want := range []string{
		`zoomgraph_unknown_keys_total{key="shoe_size",operation="user"} 1`,
		`zoomgraph_unknown_keys_total{key="other",operation="user"} 1`,
		`zoomgraph_unknown_values_total{field="User.type",value="77"} 1`, // nobody asked for it
		`zoomgraph_unknown_values_total{field="User.status",value="other"} 2`,
	} {
		if !slices.Contains(got, want) {
			t.Errorf("lacks %s:\n%s", want, strings.Join(got, "\n"))
		}
	}
	if text := strings.Join(got, "\n"); strings.Contains(text, "Ada") || strings.Contains(text, "example.com") {
		t.Errorf("somebody's data is told:\n%s", text)
	}
}

// Values that Zoom spells otherwise are counted by field, each time that one is read, and bounded by nothing but the
// schema: by no list of an answer, and in an answer from memory as well.
func TestSpellings(t *testing.T) {
	t.Parallel()
	number := `{"feature":{"meeting_capacity":"100","large_meeting":"true","zoom_events_unlimited_capacities":["100"` + strings.Repeat(`,"500"`, 199) + `]}}`
	s := setup(t, withAnswer("/v2/users/", number))
	for range 2 {
		answer := s.ask(`{ user(id: "USER") { settings { feature { meetingCapacity largeMeeting zoomEventsUnlimitedCapacities } } } }`)
		if !strings.Contains(answer, `"meetingCapacity":100,"largeMeeting":true,"zoomEventsUnlimitedCapacities":[100,500,`) {
			t.Error(answer)
		}
	}
	got := samples(strings.Split(s.metrics(), "\n"), "zoom_spellings_total")
	want := []string{
		`zoomgraph_zoom_spellings_total{field="UserFeatureSettings.largeMeeting",type="Boolean"} 2`,
		`zoomgraph_zoom_spellings_total{field="UserFeatureSettings.meetingCapacity",type="Int"} 2`,
		`zoomgraph_zoom_spellings_total{field="UserFeatureSettings.zoomEventsUnlimitedCapacities",type="Int"} 400`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// withAnswer lets paths that begin so be answered by the same body.
func withAnswer(path, body string) option {
	return func(p *parts) {
		p.upstream = func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasPrefix(r.URL.Path, path) {
					next.ServeHTTP(w, r)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(body))
			})
		}
	}
}

// A request that ends before its answer is an error, and so is a panic; each is counted once.
func TestBrokenOperations(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string]graphql.ResponseHandler{
		"no answer": func(context.Context) *graphql.Response { return nil },
		"a panic":   func(context.Context) *graphql.Response { panic("broken") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			op := &graphql.OperationContext{}
			ctx := graphql.WithOperationContext(t.Context(), op)
			seen := s.telemetry.Around(nil)[0].(graphql.OperationInterceptor).InterceptOperation(ctx,
				func(context.Context) graphql.ResponseHandler { return answers })
			for range 2 {
				func() {
					defer func() { _ = recover() }()
					seen(ctx)
				}()
			}
			got := s.metrics()
			if !strings.Contains(got, `zoomgraph_operations_total{operation="other",outcome="error",type="unknown"} 1`) {
				t.Error(samples(strings.Split(got, "\n"), "operations_total"))
			}
			if told := strings.Contains(got, `zoomgraph_errors_total{code="UPSTREAM_TIMEOUT"}`); told != (name == "no answer") {
				t.Error(samples(strings.Split(got, "\n"), "errors_total"))
			}
		})
	}
}

// A subscription is one operation, as good as the worst of its answers; any other has one answer.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	failed := gqlerror.List{{Extensions: map[string]any{"code": "NOT_FOUND"}}}
	for _, test := range []struct {
		kind    ast.Operation
		answers []*graphql.Response
		want    string
	}{
		{ast.Query, []*graphql.Response{{Data: []byte(`{"a":null}`)}, nil}, "ok"},
		{ast.Query, []*graphql.Response{{Data: []byte(`{"a":[null,{"b":null}],"c":{}}`), Errors: failed}}, "error"},
		{ast.Query, []*graphql.Response{{Data: []byte(`{"a":[null,{"b":false}]}`), Errors: failed}}, "partial"},
		{ast.Query, []*graphql.Response{{Errors: failed}}, "error"},
		{ast.Subscription, []*graphql.Response{nil}, "ok"},
		{ast.Subscription, []*graphql.Response{{Data: []byte(`{"a":1}`)}, {Data: []byte(`{"a":1}`), Errors: failed}, {Data: []byte(`{"a":1}`)}, nil}, "partial"},
	} {
		s := setup(t)
		ctx := graphql.WithOperationContext(t.Context(), &graphql.OperationContext{Operation: &ast.OperationDefinition{Operation: test.kind}})
		extensions := s.telemetry.Around(nil)
		seen := extensions[0].(graphql.OperationInterceptor).InterceptOperation(ctx, func(ctx context.Context) graphql.ResponseHandler {
			return extensions[1].(graphql.OperationInterceptor).InterceptOperation(ctx, func(context.Context) graphql.ResponseHandler {
				left := test.answers
				return func(context.Context) *graphql.Response {
					answer := left[0]
					left = left[1:]
					return answer
				}
			})
		})
		for range test.answers {
			seen(ctx)
		}
		got := samples(strings.Split(s.metrics(), "\n"), "operations_total")
		if want := fmt.Sprintf(`zoomgraph_operations_total{operation="other",outcome=%q,type=%q} 1`, test.want, test.kind); !slices.Equal(got, []string{want}) {
			t.Errorf("%q, want %s", got, want)
		}
	}
}

var metricLine = regexp.MustCompile("(?m)^\\| `(zoomgraph_[a-z_]+)` \\| ([a-z]+) \\| (.*?) \\| (.*) \\|$")

// docs/telemetry.md holds each metric, as /metrics has it, and no other.
func TestEveryMetricIsDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/telemetry.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, m := range metricLine.FindAllStringSubmatch(string(doc), -1) {
		documented[m[1]] = fmt.Sprintf("%s (%s) %s", m[2], strings.ReplaceAll(m[3], "`", ""), m[4])
	}
	served := described(everything(t))
	for name, want := range served {
		if documented[name] != want {
			t.Errorf("%s is served as\n  %s\nand documented as\n  %s", name, want, documented[name])
		}
	}
	for name := range documented {
		if served[name] == "" {
			t.Errorf("%s is documented and not served", name)
		}
	}
}

// everything is the metrics of a service in which everything has happened once.
func everything(t *testing.T) string {
	s := setup(t, withAnswer("/v2/users/u", `{"id":"u","type":77,"dept":5,"shoe_size":43}`))
	s.ask(`{ user(id: "u") { type dept } }`)
	s.ask(`{ user(id: "u") { type again: type } nobody: user(id: "u") { type } }`)
	s.unnamed.Wait()
	s.ask(`{`)
	s.telemetry.Minted(t.Context(), client.Mint{})
	s.telemetry.Called(t.Context(), client.Attempt{Op: &client.Op{ID: "op"}, Code: client.CodeRateLimited})
	return s.metrics()
}

var sampleLine = regexp.MustCompile(`^(zoomgraph_\w+?)(_bucket|_sum|_count)?(?:\{(.*)\})? \S+$`)

// described is what a table says of metrics: by name, "type (labels) help".
func described(text string) map[string]string {
	kinds, helps, labels := map[string]string{}, map[string]string{}, map[string]string{}
	for line := range strings.Lines(text) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 4)
		switch words[1] {
		case "HELP":
			helps[words[2]] = words[3]
			continue
		case "TYPE":
			kinds[words[2]] = words[3]
			continue
		}
		m := sampleLine.FindStringSubmatch(strings.TrimSpace(line))
		name := m[1]
		if kinds[name] != "histogram" {
			name += m[2]
		}
		var names []string
		for pair := range strings.SplitSeq(m[3], ",") {
			if key, _, ok := strings.Cut(pair, "="); ok && key != "le" {
				names = append(names, key)
			}
		}
		labels[name] = strings.Join(names, ", ")
	}
	all := map[string]string{}
	for name, kind := range kinds {
		all[name] = fmt.Sprintf("%s (%s) %s", kind, labels[name], helps[name])
	}
	return all
}

// The dashboard asks for metrics that there are, and for all kinds of them.
func TestDashboard(t *testing.T) {
	t.Parallel()
	board, err := os.ReadFile("../../deploy/grafana/zoomgraph.json")
	if err != nil {
		t.Fatal(err)
	}
	served := described(everything(t))
	asked := map[string]bool{}
	for _, name := range regexp.MustCompile(`zoomgraph_[a-z_]+`).FindAllString(string(board), -1) {
		if _, ok := served[name]; !ok {
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				name = strings.TrimSuffix(name, suffix)
			}
		}
		if asked[name] = true; served[name] == "" {
			t.Errorf("%s is not served", name)
		}
	}
	for name := range served {
		if !asked[name] {
			t.Errorf("%s is on no panel", name)
		}
	}
}

// The admin address has the metrics, Go's and the process's among them, and the profiles where they are wanted; nothing
// else.
func TestHandler(t *testing.T) {
	t.Parallel()
	quiet, err := telemetry.New(t.Context(), telemetry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for path, want := range map[string]int{
		"/metrics": 200, "/debug/pprof/profile": 200, "/debug/pprof/trace": 200, "/debug/pprof/": 200, "/debug/pprof/heap": 200, "/debug/pprof/goroutine": 200,
		"/debug/pprof/cmdline": 404, "/debug/pprof/none": 404, "/": 404, "/graphql": 404, "/debug/": 404,
	} {
		w := httptest.NewRecorder()
		quiet.Handler(true).ServeHTTP(w, httptest.NewRequestWithContext(over, http.MethodGet, path, nil)) // profiles take no longer
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile", "/debug/pprof/trace"} {
		if w := get(t, quiet.Handler(false), path); w.Code != 404 || !strings.Contains(w.Body.String(), "--profiles") {
			t.Errorf("%s without profiles: %d %s", path, w.Code, w.Body)
		}
	}
	for _, name := range []string{"go_goroutines ", "process_start_time_seconds ", "zoomgraph_build_info{"} {
		if text := get(t, quiet.Handler(true), "/metrics").Body.String(); !strings.Contains(text, "\n"+name) {
			t.Errorf("/metrics lacks %s", name)
		}
	}
}
