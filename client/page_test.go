package client

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
)

func TestPages(t *testing.T) {
	t.Parallel()
	c := dial(t, func(w http.ResponseWriter, r *http.Request) {
		switch q := r.URL.Query(); q.Get("next_page_token") {
		case "":
			_, _ = io.WriteString(w, `{"users":[{"id":"a"},{"id":"b"}],"next_page_token":"p 2","total_records":3}`)
		case "p 2":
			if q.Get("page_size") != "2" {
				t.Errorf("query %v", q)
			}
			_, _ = io.WriteString(w, `{"users":[{"id":"c"}],"next_page_token":""}`)
		}
	})
	query := url.Values{"page_size": {"2"}}
	got := ""
	for page, err := range c.Pages(t.Context(), Request{Op: opUsers, Query: query}, "users") {
		if err != nil {
			t.Fatal(err)
		}
		got += fmt.Sprintf("%s of %d; ", page.Items, page.Total)
	}
	if want := `[{"id":"a"} {"id":"b"}] of 3; [{"id":"c"}] of -1; `; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if len(query) != 1 {
		t.Errorf("the caller's query became %v", query)
	}
	for range c.Pages(t.Context(), Request{Op: opUsers}, "users") {
		break
	}
}

func TestPagesStopAtAnError(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		second http.HandlerFunc
		want   error
	}{
		"expired":   {answer(400, `{"code":300,"message":"m"}`), ErrCursorExpired},
		"limited":   {answer(429, ``, "X-RateLimit-Type", "Daily-limit"), ErrRateLimited},
		"same page": {answer(200, `{"users":[],"next_page_token":"2"}`), ErrUpstreamInvalidResponse},
	} {
		c := dial(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery == "" {
				_, _ = io.WriteString(w, `{"users":[],"next_page_token":"2"}`)
				return
			}
			tc.second(w, r)
		})
		n := 0
		var last error
		for page, err := range c.Pages(t.Context(), Request{Op: opUsers}, "users") {
			n++
			last = err
			if page.Response == nil {
				t.Errorf("%s: page %d has no response", name, n)
			}
		}
		if n != 2 || !errors.Is(last, tc.want) {
			t.Errorf("%s: %d pages, %v", name, n, last)
		}
	}
}

func TestPageShapes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		body  string
		items int
		total int
		bad   bool
	}{
		{`{"users":[{},{}],"total_records":2}`, 2, 2, false},
		{`{"users":[],"total_records":null}`, 0, -1, false},
		{`{"users":[],"total_records":"7"}`, 0, -1, false},
		{`{"users":[],"total_records":-3,"next_page_token":null}`, 0, -1, false},
		{`{"total_records":0}`, 0, 0, false},
		{`{"users":null,"total_records":0}`, 0, 0, false},
		{`{}`, 0, -1, true},
		{`{"users":null}`, 0, -1, true},
		{`{"users":{"id":"a"}}`, 0, -1, true},
		{`{"users":[],"next_page_token":7}`, 0, -1, true},
	} {
		page, err := dial(t, answer(200, tc.body)).Page(t.Context(), Request{Op: opUsers}, "users")
		if errors.Is(err, ErrUpstreamInvalidResponse) != tc.bad || len(page.Items) != tc.items || page.Total != tc.total || page.Response == nil {
			t.Errorf("%s: %+v, %v", tc.body, page, err)
		}
	}
}
