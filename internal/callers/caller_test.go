package callers_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"zoomgraph/internal/callers"
)

func TestMistakes(t *testing.T) {
	t.Parallel()
	one := keys()[0]
	unnamed := one
	unnamed.Caller.Name = ""
	renamed := one
	renamed.Caller.Name = "other"
	rekeyed := one
	rekeyed.Digest = callers.DigestOf("other")
	for _, list := range [][]callers.Key{{unnamed}, {one, renamed}, {one, rekeyed}} {
		if _, err := callers.New(callers.Options{Keys: list}); err == nil {
			t.Errorf("%v is taken", list)
		}
	}
}

// TestPrincipals: what serves a class is made once, two classes never share, and a failure is not kept.
func TestPrincipals(t *testing.T) {
	t.Parallel()
	made := map[string]int{}
	var fail error
	p, err := callers.NewPrincipals(func(c callers.Caller) (*callers.Caller, error) {
		made[c.Class]++
		return &c, fail
	})
	if err != nil {
		t.Fatal(err)
	}
	fail = errors.New("not now")
	if _, err := p.Of(t.Context(), callers.Caller{Class: "c"}); !errors.Is(err, fail) {
		t.Errorf("got %v", err)
	}
	fail = nil
	for range 3 {
		for _, class := range []string{"a", "b", "c"} {
			if got, err := p.Of(t.Context(), callers.Caller{Class: class}); err != nil || got.Class != class {
				t.Errorf("%s is served by %v, %v", class, got, err)
			}
		}
	}
	if made["a"] != 1 || made["b"] != 1 || made["c"] != 2 {
		t.Errorf("made %v", made)
	}
}

// TestTwoAccounts: requests of two callers at once each reach their own account.
func TestTwoAccounts(t *testing.T) {
	t.Parallel()
	a, err := callers.New(callers.Options{Keys: keys()})
	if err != nil {
		t.Fatal(err)
	}
	accounts := map[string]string{"a": "answers of a", "b": "answers of b"} // as a service resolves them
	server := httptest.NewServer(a.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, accounts[callers.From(r.Context()).Account])
	})))
	defer server.Close()
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			credential, want := keyA, "answers of a"
			if i%2 == 1 {
				credential, want = keyB, "answers of b"
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader("{}"))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header = bearer(credential)
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			if got, err := io.ReadAll(res.Body); err != nil || string(got) != want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	wg.Wait()
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		names []string
		want  callers.Permissions
		text  string
	}{
		{nil, 0, ""},
		{[]string{"read"}, callers.Read, "read"},
		{[]string{"secrets", "read"}, callers.Read | callers.Secrets, "read, secrets"},
		{[]string{"write", "read", "secrets", "read"}, callers.All, "read, write, secrets"},
	} {
		got, err := callers.ParsePermissions(tt.names)
		if err != nil || got != tt.want || got.String() != tt.text {
			t.Errorf("%q are %s, %v", tt.names, got, err)
		}
	}
	if _, err := callers.ParsePermissions([]string{"read", "admin"}); err == nil {
		t.Error("admin is a permission")
	}
	if lacks := callers.Secrets.Missing(callers.All); lacks != callers.Read {
		t.Errorf("the first that is missing is %s", lacks)
	}
}

func TestNewKey(t *testing.T) {
	t.Parallel()
	one, other := callers.NewKey(), callers.NewKey()
	if one == other || !strings.HasPrefix(one, callers.KeyPrefix) || len(one) < 50 {
		t.Errorf("keys %s and %s", one, other)
	}
	a, err := callers.New(callers.Options{Keys: []callers.Key{{Digest: callers.DigestOf(one), Caller: callers.Caller{Name: "n"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := a.Authenticate(t.Context(), "Bearer "+one, address); err != nil || c.Name != "n" {
		t.Errorf("%v, %v", c, err)
	}
}
