package telemetry_test

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"zoomgraph/internal/telemetry"
)

// collector takes spans by OTLP over HTTP.
type collector struct {
	t   testing.TB
	url string

	mu       sync.Mutex
	raw      []byte
	spans    []*otlp.Span
	resource map[string]string
}

// collect starts a collector, and has the environment name it and whatever else is given. Tests that use it cannot be
// parallel.
func collect(t *testing.T, env ...string) *collector {
	t.Helper()
	c := &collector{t: t}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.url = server.URL
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	for i := 0; i < len(env); i += 2 {
		t.Setenv(env[i], env[i+1])
	}
	return c
}

func (c *collector) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var batch coltrace.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(body, &batch)
	}
	if err != nil || r.URL.Path != "/v1/traces" {
		c.t.Errorf("%s: %v", r.URL, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw = append(c.raw, body...)
	for _, of := range batch.ResourceSpans {
		c.resource = attributes(of.Resource.Attributes)
		for _, scope := range of.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}
}

func attributes(list []*common.KeyValue) map[string]string {
	all := map[string]string{}
	for _, kv := range list {
		switch v := kv.Value.Value.(type) {
		case *common.AnyValue_StringValue:
			all[kv.Key] = v.StringValue
		case *common.AnyValue_IntValue:
			all[kv.Key] = fmt.Sprint(v.IntValue)
		default:
			all[kv.Key] = kv.Value.String()
		}
	}
	return all
}

// tree is the spans as "parent > name: attributes", sorted, with the attributes that were asked for.
func (c *collector) tree(keys ...string) []string {
	names := map[string]string{}
	for _, span := range c.spans {
		names[string(span.SpanId)] = span.Name
	}
	var lines []string
	for _, span := range c.spans {
		parent, ok := names[string(span.ParentSpanId)]
		if !ok {
			parent = hex.EncodeToString(span.ParentSpanId)
		}
		line := parent + " > " + span.Name + ":"
		all := attributes(span.Attributes)
		for _, key := range keys {
			if value, ok := all[key]; ok {
				line += " " + key[strings.LastIndexByte(key, '.')+1:] + "=" + value
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

const (
	traceID     = "0af7651916cd43dd8448eb211c80319c"
	traceparent = "00-" + traceID + "-b7ad6b7169203331-"
)

// A trace has the operation, its root fields, and its calls, below what the client sent.
func TestTraces(t *testing.T) {
	c := collect(t, "OTEL_SERVICE_NAME", "my-zoom", "OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test")
	s := setup(t)
	answer := s.ask(`query Secret { __typename alias: user(id: "USER") { email settings { tsp { callOut } scheduleMeeting { hostVideo } } } nobody: user(id: "nobody") { email } }`,
		"Traceparent", traceparent+"01", "Tracestate", "vendor=canary", "X-Request-Id", "request-1")
	s.telemetry.Shutdown(t.Context())
	want := []string{
		"b7ad6b7169203331 > query: type=query outcome=partial calls=3 cached=0 request_id=request-1 type=NOT_FOUND",
		"query > GET /users/{userId}/settings: status_code=200 operation=userSettings label=MEDIUM fields=2 resend_count=0",
		"query > GET /users/{userId}: status_code=200 operation=user label=LIGHT fields=0 resend_count=0",
		"query > GET /users/{userId}: type=NOT_FOUND status_code=404 operation=user label=LIGHT fields=0 resend_count=0",
		"query > field user:",
		"query > field user:",
	}
	got := c.tree("graphql.operation.type", "zoomgraph.outcome", "zoomgraph.calls", "zoomgraph.cached", "zoomgraph.request_id", "error.type",
		"http.response.status_code", "zoomgraph.zoom.operation", "zoomgraph.zoom.label", "zoomgraph.zoom.fields", "http.request.resend_count")
	if !slices.Equal(got, want) {
		t.Errorf("spans:\n  %s\nwant:\n  %s\nanswer: %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "), answer)
	}
	for _, span := range c.spans {
		if hex.EncodeToString(span.TraceId) != traceID || span.TraceState != "" || span.EndTimeUnixNano < span.StartTimeUnixNano {
			t.Errorf("%v", span)
		}
	}
	if c.resource["service.name"] != "my-zoom" || c.resource["deployment.environment"] != "test" || c.resource["service.version"] != "v1" {
		t.Errorf("resource: %v", c.resource)
	}
	if log := s.log.String(); !strings.Contains(log, `"traceId":"`+traceID+`"`) {
		t.Errorf("the log does not name the trace: %s", log)
	}
}

// What a client says of sampling costs no more than the sampler would.
func TestSampling(t *testing.T) {
	for _, test := range []struct {
		sampler, arg, traceparent string
		least, most               int
	}{
		{"", "", "", 200, 200},
		{"", "", traceparent + "01", 200, 200},
		{"", "", traceparent + "00", 0, 0},
		{"always_off", "", "", 0, 0},
		{"parentbased_always_off", "", traceparent + "01", 0, 0},
		{"traceidratio", "0", traceparent + "01", 0, 0},
		{"parentbased_traceidratio", "0.5", "", 40, 160},
		// A trace id that every ratio takes.
		{"parentbased_traceidratio", "0.5", "00-0af7651916cd43dd0000000000000001-b7ad6b7169203331-01", 40, 160},
		{"traceidratio", "0.5", "00-0af7651916cd43ddffffffffffffffff-b7ad6b7169203331-01", 40, 160},
	} {
		t.Run(test.sampler+test.arg+test.traceparent, func(t *testing.T) {
			c := collect(t, "OTEL_TRACES_SAMPLER", test.sampler, "OTEL_TRACES_SAMPLER_ARG", test.arg)
			s := setup(t)
			for range 200 {
				s.ask(`{ __typename }`, "Traceparent", test.traceparent)
			}
			s.telemetry.Shutdown(t.Context())
			if n := len(c.spans); n < test.least || n > test.most {
				t.Errorf("%d of 200 are sampled, want %d to %d", n, test.least, test.most)
			}
		})
	}
}

// A collector that does not answer holds up nobody.
func TestHangingCollector(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(server.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", server.URL+"/here")
	t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "2")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
	s := setup(t)
	for range 100 {
		if answer := s.ask(`{ __typename }`); answer != `{"data":{"__typename":"Query"}}` {
			t.Fatal(answer)
		}
	}
	close(release)
	s.telemetry.Shutdown(t.Context())
}

// Without a collector there are no traces, and nothing that would cost anything.
func TestNoTraces(t *testing.T) {
	for _, env := range [][]string{
		{"OTEL_EXPORTER_OTLP_ENDPOINT", ""},
		{"OTEL_TRACES_EXPORTER", "none"},
		{"OTEL_SDK_DISABLED", "TRUE"},
	} {
		t.Run(env[0], func(t *testing.T) {
			c := collect(t, env...)
			s := setup(t)
			s.ask(`{ user(id: "USER") { email } }`, "Traceparent", traceparent+"01")
			s.telemetry.Shutdown(t.Context())
			if len(c.spans) != 0 || len(s.telemetry.Around(nil)) != 2 || strings.Contains(s.log.String(), "traceId") {
				t.Errorf("%d spans, log %s", len(c.spans), s.log)
			}
		})
	}
}

func TestWrongEnvironment(t *testing.T) {
	for name, env := range map[string][]string{
		"OTEL_TRACES_SAMPLER: ":     {"OTEL_TRACES_SAMPLER", "sometimes"},
		"OTEL_TRACES_SAMPLER_ARG: ": {"OTEL_TRACES_SAMPLER", "traceidratio", "OTEL_TRACES_SAMPLER_ARG", "2"},
		"OTEL_RESOURCE_ATTRIBUTES":  {"OTEL_RESOURCE_ATTRIBUTES", "a=b,c"},
	} {
		t.Run(name, func(t *testing.T) {
			collect(t, env...)
			if _, err := telemetry.New(t.Context(), telemetry.Options{}); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%v", err)
			}
		})
	}
}
