package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// BenchmarkSettings is what one settings call costs without the network.
func BenchmarkSettings(b *testing.B) {
	server, err := sandbox.New(sandbox.Options{Program: programtest.Of(b)})
	if err != nil {
		b.Fatal(err)
	}
	mint := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/oauth/token?grant_type=account_credentials&account_id=a", nil)
	mint.SetBasicAuth("id", "secret")
	granted := httptest.NewRecorder()
	server.ServeHTTP(granted, mint)
	token := (&reply{t: b, body: granted.Body.Bytes()}).object()["access_token"].(string)
	for name, query := range map[string]string{"whole": "", "two": "?custom_query_fields=host_video,waiting_room"} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/v2/users/"+server.Users()[0].ID+"/settings"+query, nil)
			r.Header.Set("Authorization", "Bearer "+token)
			b.ReportAllocs()
			for b.Loop() {
				server.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}

// BenchmarkNew is what a start of the embedded Zoom costs.
func BenchmarkNew(b *testing.B) {
	source := programtest.Of(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sandbox.New(sandbox.Options{Program: source}); err != nil {
			b.Fatal(err)
		}
	}
}
