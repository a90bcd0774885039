package export_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/export"
	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// account is a sandbox and what exports from it.
type account struct {
	*testing.T
	zoom  *sandbox.Server
	meter *export.Meter
	graph *graph.Server
	// before, if set, is called when a call arrives.
	before func(*http.Request)
	dir    string
	seen   int // calls of the log that were looked at
}

// newAccount makes an account of so many active users. With direct no call goes over the network, as synctest wants it.
func newAccount(t *testing.T, users int, cfg sandbox.Config, direct bool) *account {
	t.Helper()
	a := &account{T: t, dir: t.TempDir()}
	var err error
	if a.zoom, err = sandbox.New(sandbox.Options{Program: programtest.Of(t), Users: users, Config: cfg}); err != nil {
		t.Fatal(err)
	}
	to := client.Config{AccountID: "a", ClientID: "b", ClientSecret: "c"}
	if direct {
		a.meter = &export.Meter{Next: handler{a}}
	} else {
		upstream := httptest.NewServer(a)
		transport := client.NewTransport()
		t.Cleanup(func() {
			transport.CloseIdleConnections()
			upstream.Close()
		})
		to.APIURL, to.OAuthURL, a.meter = upstream.URL+"/v2", upstream.URL+"/oauth", &export.Meter{Next: transport}
	}
	to.Transport = a.meter
	upstream, err := client.New(to)
	if err != nil {
		t.Fatal(err)
	}
	nothing, err := store.New(store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nothing.Close)
	options := graph.PrincipalOptions{Client: upstream, Store: nothing.Principal("", "", nil)}
	if a.graph, err = graph.NewServer(graph.Options{Program: programtest.Of(t), PrincipalOptions: options}); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a.before != nil {
		a.before(r)
	}
	a.zoom.ServeHTTP(w, r)
}

// handler calls a handler without a network.
type handler struct{ http.Handler }

func (h handler) RoundTrip(r *http.Request) (res *http.Response, err error) {
	defer func() {
		if p := recover(); p != nil { // http.ErrAbortHandler
			res, err = nil, io.ErrUnexpectedEOF
		}
	}()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

func (a *account) settings(fields ...string) *graph.SettingsExport {
	a.Helper()
	settings, err := a.graph.ExportSettings(fields, "")
	if err != nil {
		a.Fatal(err)
	}
	return settings
}

// export runs an export into a sink.
func (a *account) export(settings *graph.SettingsExport, sink *export.Sink, options ...func(*export.Options)) (export.Tally, error) {
	o := export.Options{Settings: settings, Statuses: []string{"active"}, Sink: sink, Patience: time.Minute}
	for _, apply := range options {
		apply(&o)
	}
	return export.Run(a.Context(), o)
}

// text is an export as a stream, which must succeed.
func (a *account) text(style export.Style, fields ...string) string {
	a.Helper()
	var b bytes.Buffer
	settings := a.settings(fields...)
	if _, err := a.export(settings, export.Stream(&b, style, settings.Columns())); err != nil {
		a.Fatal(err)
	}
	return b.String()
}

// resume continues an export in a file that holds text, and returns what it holds then.
func (a *account) resume(text string, style export.Style, fields ...string) (string, *export.Sink) {
	a.Helper()
	path := filepath.Join(a.dir, "users")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		a.Fatal(err)
	}
	settings := a.settings(fields...)
	sink, err := export.Resume(path, style, settings.Columns())
	if err != nil {
		a.Fatal(err)
	}
	if _, err := a.export(settings, sink); err != nil {
		a.Fatal(err)
	}
	if err := sink.Close(); err != nil {
		a.Fatal(err)
	}
	done, err := os.ReadFile(path)
	if err != nil {
		a.Fatal(err)
	}
	return string(done), sink
}

// calls counts the calls of users' settings, and of lists, since it was last asked.
func (a *account) calls() (settings, lists int) {
	for _, e := range a.zoom.Log(a.seen) {
		a.seen = e.N
		switch {
		case strings.HasSuffix(e.Path, "/settings"):
			settings++
		case e.Path == "/users":
			lists++
		}
	}
	return settings, lists
}

// ids are those of the rows of CSV.
func ids(text string) []string {
	ids := []string{}
	_, rows, _ := strings.Cut(text, "\r\n")
	for line := range strings.Lines(rows) {
		id, _, _ := strings.Cut(line, ",")
		ids = append(ids, strings.TrimPrefix(id, "'"))
	}
	return ids
}
