package graph

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph/cursor"
	"zoomgraph/graph/exec"
	"zoomgraph/graph/model"
	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/graph/project"
	"zoomgraph/internal/callers"
)

// filed answers a user's token and permissions as if they were files.
type filed struct{ *resolvers }

func (r filed) User() exec.UserResolver { return filedUser{userResolver{userOps{r.Server}}} }

type filedUser struct{ userResolver }

func (r filedUser) Token(ctx context.Context, parent *model.User, _ *model.UserTokenType, _ *int, _ *string) (*project.Value, error) {
	return r.file(ctx, &opUserToken, []string{parent.Key()})
}

func (r filedUser) Permissions(ctx context.Context, parent *model.User) (*project.Value, error) {
	return r.file(ctx, &opUserPermission, []string{parent.Key()})
}

// fileFacade is the URL of a facade of which two fields are files, the token's with a secret, and an answer of its to a
// query by a caller.
func fileFacade(t *testing.T, z *Stub) (url string, ask func(caller, query string) map[string]string) {
	t.Helper()
	text := programtest.Of(t).SDL()
	for old, changed := range map[string]string{"): UserToken @sensitive": "): String @sensitive", "permissions: [String!] @zoom": "permissions: String @zoom"} {
		if !strings.Contains(text, old) {
			t.Fatalf("the schema does not say %q", old)
		}
		text = strings.Replace(text, old, changed, 1)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "trial.graphqls", Input: text})
	if err != nil {
		t.Fatal(err)
	}
	p, err := program.New(schema, programtest.Of(t).Chapters)
	if err != nil {
		t.Fatal(err)
	}
	url = z.Serve(t, p, func(s *Server) exec.ResolverRoot { return filed{&resolvers{plain{s}}} })
	return url, func(caller, query string) map[string]string {
		t.Helper()
		body, _ := json.Marshal(map[string]string{"query": query})
		res := fetch(t, caller, http.MethodPost, url+"/graphql", string(body), "")
		var answer struct {
			Data struct{ User map[string]string }
		}
		if err := json.Unmarshal([]byte(res.body), &answer); err != nil {
			t.Fatalf("%v in %s", err, res.body)
		}
		return answer.Data.User
	}
}

type fetched struct {
	status int
	header http.Header
	body   string
}

func fetch(t *testing.T, caller, method, url, body, part string) fetched {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Caller", caller)
	if part != "" {
		req.Header.Set("Range", part)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fetched{res.StatusCode, res.Header, string(text)}
}

// A file is a URL of this service, which costs nothing until it is fetched, and then one call each time, whole or in part.
func TestFiles(t *testing.T) {
	t.Parallel()
	const permissions = "GET /users/abc/permissions"
	z := &Stub{Answers: map[string]string{permissions: "%PDF-1.7 an invoice"}}
	url, ask := fileFacade(t, z)
	path := ask("reader", `{ user(id: "abc") { permissions } }`)["permissions"]
	if !strings.HasPrefix(path, "/files/") || strings.Contains(path, "abc") || len(z.Calls()) > 0 {
		t.Fatalf("%q after %q", path, z.Calls())
	}
	whole := fetch(t, "reader", http.MethodGet, url+path, "", "")
	if whole.status != http.StatusOK || whole.body != "%PDF-1.7 an invoice" || whole.header.Get("Content-Type") != "application/pdf" {
		t.Errorf("%+v", whole)
	}
	if policy, cached := whole.header.Get("Content-Security-Policy"), whole.header.Get("Cache-Control"); !strings.HasPrefix(policy, "sandbox") || cached != "no-store" {
		t.Errorf("policy %q, cache %q", policy, cached)
	}
	part := fetch(t, "reader", http.MethodGet, url+path, "", "bytes=1-3")
	if part.status != http.StatusPartialContent || part.body != "PDF" || part.header.Get("Content-Range") != "bytes 1-3/19" {
		t.Errorf("%+v", part)
	}
	if none := fetch(t, "reader", http.MethodGet, url+path, "", "bytes=99-"); none.status != http.StatusRequestedRangeNotSatisfiable || none.body != "" {
		t.Errorf("%+v", none)
	}
	if calls := z.Calls(); !slices.Equal(calls, []string{permissions, permissions, permissions}) {
		t.Errorf("calls %q", calls)
	}
}

// A URL is good for who asked for it, as it is; a secret one takes the permission.
func TestFilesOfOthers(t *testing.T) {
	t.Parallel()
	z := &Stub{Answers: map[string]string{"GET /users/abc/permissions": "%PDF", "GET /users/abc/token": "%PDF", "GET /users/json/permissions": `{"permissions":[]}`}}
	url, ask := fileFacade(t, z)
	path := ask("reader", `{ user(id: "abc") { permissions } }`)["permissions"]
	secret := ask("", `{ user(id: "abc") { token } }`)["token"]
	asJSON := ask("reader", `{ user(id: "json") { permissions } }`)["permissions"]
	nothing := ask("reader", `{ user(id: "none") { permissions } }`)["permissions"]
	if got := ask("reader", `{ user(id: "abc") { token } }`)["token"]; got != "" || secret == "" {
		t.Errorf("a reader has the URL %q of a secret, and who may has %q", got, secret)
	}
	for name, test := range map[string]struct {
		caller, path string
		status       int
		code         string
	}{
		"another caller": {"other", path, http.StatusNotFound, "NOT_FOUND"},
		"changed":        {"reader", path[:len(path)-2] + "AA", http.StatusNotFound, "NOT_FOUND"},
		"made up":        {"reader", "/files/AAAA", http.StatusNotFound, "NOT_FOUND"},
		"a secret":       {"reader", secret, http.StatusNotFound, "NOT_FOUND"},
		"no file":        {"reader", asJSON, http.StatusBadGateway, "UPSTREAM_INVALID_RESPONSE"},
		"without a body": {"reader", nothing, http.StatusBadGateway, "UPSTREAM_INVALID_RESPONSE"},
	} {
		got := fetch(t, test.caller, http.MethodGet, url+test.path, "", "")
		if got.status != test.status || !strings.Contains(got.body, `"code":"`+test.code+`"`) {
			t.Errorf("%s: %d %s, want %d %s", name, got.status, got.body, test.status, test.code)
		}
	}
	if got := fetch(t, "", http.MethodGet, url+secret, "", ""); got.status != http.StatusOK {
		t.Errorf("%+v", got)
	}
}

// One caller leaves places to others.
func TestFilePlaces(t *testing.T) {
	t.Parallel()
	p := filePlaces{of: map[string]int{}}
	taken := 0
	for _, caller := range []string{"a", "b", "c", "d", "e"} {
		own := 0
		for p.take(caller) {
			own++
		}
		if taken += own; own != min(ownFiles, maxFiles-taken+own) {
			t.Errorf("%s has %d places", caller, own)
		}
	}
	if taken != maxFiles {
		t.Errorf("%d places are taken", taken)
	}
	if p.leave("a"); p.take("b") || !p.take("e") {
		t.Error("a place that is free goes to who has all of theirs, or to nobody")
	}
}

// A piece of a file has its time to come, and what the client takes its time for does not count.
func TestFilesThatStall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		from, zoom := io.Pipe()
		go func() {
			for _, pause := range []time.Duration{0, fileStall - time.Second, fileStall + time.Second} {
				time.Sleep(pause)
				_, _ = zoom.Write([]byte("piece"))
			}
		}()
		body, piece := &watched{from, time.AfterFunc(fileWait, end)}, make([]byte, 8)
		for i, ends := range []bool{false, false, true} {
			if n, err := body.Read(piece); n != 5 || err != nil || (ctx.Err() != nil) != ends {
				t.Errorf("piece %d: %d bytes, %v, ended %v", i, n, err, ctx.Err())
			}
			if i == 0 {
				time.Sleep(time.Hour)
			}
		}
	})
}

// What stands in a URL is judged when it is used: its time, whose it is, and what that caller may see by then.
func TestFileURLs(t *testing.T) {
	t.Parallel()
	c, err := client.New(client.Config{AccountID: "a", ClientID: "c", ClientSecret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewServer(Options{Program: programtest.Of(t), PrincipalOptions: PrincipalOptions{Client: c}})
	if err != nil {
		t.Fatal(err)
	}
	const op = "GET /users/{userId}/permissions"
	later := time.Now().Add(time.Hour).Unix()
	for name, test := range map[string]struct {
		file  cursor.File
		fails string
	}{
		"good":             {cursor.File{Op: op, Caller: "reader", Until: later}, ""},
		"expired":          {cursor.File{Op: op, Caller: "reader", Until: time.Now().Add(-time.Minute).Unix()}, "expired"},
		"another caller's": {cursor.File{Op: op, Caller: "writer", Until: later}, "not one of this caller's"},
		"a secret":         {cursor.File{Op: op, Caller: "reader", Secret: true, Until: later}, "secrets"},
		"an address":       {cursor.File{Op: client.Download.String(), Address: "https://zoom.us/rec/download/a", Caller: "reader", Until: later}, ""},
		"no operation":     {cursor.File{Op: "GET /stars", Caller: "reader", Until: later}, "no URL of a file"},
	} {
		ctx := callers.With(t.Context(), callers.Caller{Name: "reader", Permissions: callers.Read})
		_, err := (&fileServer{Server: s}).opened(ctx, s.own.cursors.SealFile(test.file))
		if (err == nil) != (test.fails == "") || err != nil && !strings.Contains(err.Error(), test.fails) {
			t.Errorf("%s: %v, want %q", name, err, test.fails)
		}
	}
	place := s.own.cursors.Seal(cursor.Position{Token: "t"})
	if _, err := s.own.cursors.OpenFile(place); err == nil {
		t.Error("a cursor is taken for a file")
	}
	if _, err := s.own.cursors.Open(s.own.cursors.SealFile(cursor.File{Op: op})); err == nil {
		t.Error("a file is taken for a cursor")
	}
}
