package telemetry_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// sink is a response writer that keeps nothing.
type sink struct{ header http.Header }

func (s sink) Header() http.Header         { return s.header }
func (s sink) Write(p []byte) (int, error) { return len(p), nil }
func (sink) WriteHeader(int)               {}

// BenchmarkOperation is an operation that is answered from what is known, without telemetry, with metrics, and with
// traces of which none or all are sampled. The collector takes what it is sent.
func BenchmarkOperation(b *testing.B) {
	collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	b.Cleanup(collector.Close)
	for _, bench := range []struct {
		name, endpoint, sampler string
		options                 []option
	}{
		{"bare", "", "", []option{bare}},
		{"metrics", "", "", nil},
		{"unsampled", collector.URL, "always_off", nil},
		{"traced", collector.URL, "always_on", nil},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", bench.endpoint)
			b.Setenv("OTEL_TRACES_SAMPLER", bench.sampler)
			s := setup(b, bench.options...)
			b.Cleanup(func() { s.telemetry.Shutdown(b.Context()) })
			const query = `{"query":"{ user(id: \"USER\") { email settings { scheduleMeeting { hostVideo } inMeeting { waitingRoom } } } }"}`
			body := []byte(strings.ReplaceAll(query, "USER", s.user))
			if answer := s.post(string(body)); !strings.HasPrefix(answer, `{"data":{"user":{"email":"`) {
				b.Fatal(answer)
			}
			req := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", nil)
			req.Header.Set("Content-Type", "application/json")
			req.ContentLength = int64(len(body))
			b.ReportAllocs()
			for b.Loop() {
				req.Body = io.NopCloser(bytes.NewReader(body))
				s.handler.ServeHTTP(sink{http.Header{}}, req)
			}
		})
	}
}
