package signin_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/signin"
)

// returns are paths that one may come back to, and others.
func returns() map[string]bool {
	return map[string]bool{
		"/": true, "/users": true, "/users?view=all&first=3": true, "/a/b/../c": true, "/users#top": true, "/%2f%2fevil.example": true,
		"/?next=https://evil.example": true, "/search?q=%0d%0a": true, "/@evil.example": true, "/:80": true,

		"//evil.example": false, "///evil.example": false, "/\\evil.example": false, "\\\\evil.example": false, "\\/evil.example": false,
		"https://evil.example": false, "https:evil.example": false, "HTTPS://evil.example/": false, "javascript:alert(1)": false,
		"data:text/html,x": false, "evil.example": false, "users": false, "?a": false, "@evil.example": false,
		"/\t/evil.example": false, "/\n/evil.example": false, "/\r\nSet-Cookie:a=b": false, "\t//evil.example": false, " //evil.example": false,
		"/ /evil.example": false, "/\x00": false, "/é": false, "/%zz": false,
		"/sign-in": false, "/sign-in?return=/": false, "/sign-in/callback": false, "/sign-out": false, "/%73ign-in": false,
		"/./sign-in": false, "/a/../sign-in": false, "/a/%2e%2e/sign-in": false,
		"/" + strings.Repeat("a", 2048): false,
	}
}

func begin(t testing.TB) func(path string) *httptest.ResponseRecorder {
	t.Helper()
	s, err := signin.New(signin.Options{PublicURL: "https://own.example", ClientID: "a", ClientSecret: "b", Idle: time.Hour, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return func(path string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "https://own.example/sign-in?"+url.Values{"return": {path}}.Encode(), nil)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
}

// TestReturn: nobody is sent anywhere but to a path of the service, and a path that is none is refused before Zoom is asked.
func TestReturn(t *testing.T) {
	t.Parallel()
	ask := begin(t)
	for path, good := range returns() {
		w := ask(path)
		if good != (w.Code == http.StatusSeeOther) || !good && (w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "return") || len(w.Result().Cookies()) > 0) {
			t.Errorf("%q: %d %s", path, w.Code, w.Body)
		}
	}
	w := newWorld(t)
	s := w.serve()
	for path, good := range returns() {
		if !good {
			continue
		}
		p := w.browser().signIn(s, ada, path)
		if p.location != s.url+path {
			t.Errorf("%q leads to %q", path, p.location)
		}
	}
}

// Where the cookie of signing in would be larger than browsers take, this is said at once: it would not come back.
func TestLongReturn(t *testing.T) {
	t.Parallel()
	ask := begin(t)
	for path, good := range map[string]bool{"/?" + strings.Repeat("a", 2000): true, "/?" + strings.Repeat("&", 2000): false} {
		w := ask(path)
		cookies := w.Result().Cookies()
		if good && (len(cookies) != 1 || len(cookies[0].Name+cookies[0].Value) > 4096) || !good && (w.Code != http.StatusBadRequest || len(cookies) > 0 || !strings.Contains(w.Body.String(), "too long")) {
			t.Errorf("%.9s…: %d %s", path, w.Code, w.Body)
		}
	}
}

// FuzzReturn: a path that is taken leads, as browsers read addresses, to this service, also with an error.
func FuzzReturn(f *testing.F) {
	for path := range returns() {
		f.Add(path)
	}
	ask := begin(f)
	f.Fuzz(func(t *testing.T, path string) {
		w := ask(path)
		if w.Code == http.StatusBadRequest {
			return
		}
		if path == "" {
			path = "/"
		}
		if w.Code != http.StatusSeeOther || path[0] != '/' {
			t.Fatalf("%q is answered %d", path, w.Code)
		}
		if second := path[1:]; second != "" && strings.ContainsRune("/\\\t\r\n", rune(second[0])) || strings.ContainsAny(path, "\\\t\r\n\x00") {
			t.Errorf("%q is taken, which a browser may read as another host", path)
		}
		base, err := url.Parse("https://own.example/sign-in/callback")
		if err != nil {
			t.Fatal(err)
		}
		to, err := base.Parse(path)
		if err != nil || to.Host != "own.example" || to.Scheme != "https" || to.User != nil {
			t.Errorf("%q leads to %v, %v", path, to, err)
		}
		failed, err := url.Parse("https://own.example" + signin.WithError(path, signin.FailedState))
		if err != nil || failed.Host != "own.example" || failed.Query().Get(signin.FailureParameter) != "state" {
			t.Errorf("%q leads to %v with an error, %v", path, failed, err)
		}
	})
}
