package graph_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

// BenchmarkGrowth shows what one more of something takes, over real HTTP on both sides: a user of one query, a user of a walk
// through pages of 100, and an alias of one user's settings. The figures of a kind should be the same whatever the number, but
// for what an operation takes by itself, which few have to share.
func BenchmarkGrowth(b *testing.B) {
	const names = `{ scheduleMeeting { hostVideo } inMeeting { waitingRoom } }`
	for _, n := range []int{10, 100, 300, 1000} {
		b.Run(fmt.Sprintf("of=query/users=%d", n), func(b *testing.B) {
			s, query := crowded(b, n), fmt.Sprintf(`{ users(first: %d) { nodes { id settings %s } } }`, n, names)
			each(b, n, func() { askedOf(s, query, nil, n) })
		})
	}
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprintf("of=pages/users=%d", n), func(b *testing.B) {
			s, query := crowded(b, n), `query ($after: String) { users(first: 100, after: $after) { nodes { id settings `+names+` } pageInfo { endCursor } } }`
			each(b, n, func() {
				variables := map[string]any{}
				for range n / 100 {
					variables["after"] = askedOf(s, query, variables, 100)
				}
			})
		})
	}
	for _, n := range []int{10, 20, 40, 60} {
		b.Run(fmt.Sprintf("of=query/aliases=%d", n), func(b *testing.B) {
			s := crowded(b, 1)
			var aliases strings.Builder
			for i := range n {
				fmt.Fprintf(&aliases, " a%d: settings %s", i, names)
			}
			each(b, n, func() { askedOf(s, `{ user(id: "u0") {`+aliases.String()+` } }`, nil, n) })
		})
	}
}

// crowded is the facade before an account of n users, all with the same settings. It is no sandbox: what that does for a call
// grows with its account.
func crowded(b *testing.B, n int) *service {
	b.Helper()
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, text string) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, text)
	}
	mux.HandleFunc("POST /oauth/token", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, `{"access_token":"t","token_type":"bearer","expires_in":3600}`)
	})
	mux.HandleFunc("GET /v2/users", func(w http.ResponseWriter, r *http.Request) {
		from, _ := strconv.Atoi(r.FormValue("next_page_token"))
		size, _ := strconv.Atoi(r.FormValue("page_size"))
		until := min(from+size, n)
		var users []string
		for i := from; i < until; i++ {
			users = append(users, fmt.Sprintf(`{"id":"u%d","email":"u%d@example.com","type":2,"status":"active"}`, i, i))
		}
		next := ""
		if until < n {
			next = strconv.Itoa(until)
		}
		answer(w, fmt.Sprintf(`{"page_size":%d,"total_records":%d,"next_page_token":%q,"users":[%s]}`, size, n, next, strings.Join(users, ",")))
	})
	mux.HandleFunc("GET /v2/users/{id}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, fmt.Sprintf(`{"id":%q,"email":"x@example.com","type":2,"status":"active"}`, r.PathValue("id")))
	})
	mux.HandleFunc("GET /v2/users/{id}/settings", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, `{"schedule_meeting":{"host_video":true},"in_meeting":{"waiting_room":false}}`)
	})
	zoom := httptest.NewServer(mux)
	b.Cleanup(zoom.Close)
	return setup(b, sandbox.Config{}, plentiful, func(p *parts) {
		p.client.APIURL, p.client.OAuthURL = zoom.URL+"/v2", zoom.URL+"/oauth"
	})
}

// each measures what does something to n things.
func each(b *testing.B, n int, do func()) {
	b.Helper()
	do()
	b.ReportAllocs()
	for b.Loop() {
		do()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/each")
}

// askedOf asks a query whose answer has settings n times, and returns where its list goes on.
func askedOf(s *service, query string, variables map[string]any, n int) (after any) {
	s.t.Helper()
	a := s.askWith("", query, variables)
	if got := bytes.Count(a.raw, []byte(`"waitingRoom":`)); got != n || len(a.Errors) > 0 {
		s.t.Fatalf("settings %d times, want %d: %.500s", got, n, a.raw)
	}
	return a.at("users", "pageInfo", "endCursor")
}
