package edge

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// standIn is the page in place of a console that was not built. It asks nothing of other hosts.
//
//go:embed console
var standIn embed.FS

// The policies of pages: they load their own files and talk to their own origin, and do nothing else; no script stands
// within a page, and no page in a frame. GraphiQL's editor writes style elements, for which there is no other way, and
// runs workers from files of the console.
const (
	anyPolicy    = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
	pagePolicy   = anyPolicy + "style-src 'self'"
	editorPolicy = anyPolicy + "style-src 'self' 'unsafe-inline'; worker-src 'self'"
)

// facts are what the console is told of the service before anybody has said who they are, at /console.json.
type facts struct {
	Version       string `json:"version,omitempty"` // left out where not everybody may call
	Sandbox       bool   `json:"sandbox"`           // an embedded Zoom answers
	Closed        bool   `json:"closed"`            // who calls has to say who that is
	SignIn        bool   `json:"signIn"`            // people can sign in with Zoom
	Introspection bool   `json:"introspection"`     // the schema can be asked for
	DocumentsOnly bool   `json:"documentsOnly"`     // nothing but listed documents is answered
	Example       string `json:"example"`           // a query to begin with
}

// addConsole adds the console's pages and files, or the page in their place.
func addConsole(mux *http.ServeMux, o Options) error {
	version := o.Version
	if o.Closed {
		version = ""
	}
	told, err := json.Marshal(facts{
		Version: version, Sandbox: o.Sandbox != "", Closed: o.Closed, SignIn: o.SignIn != nil, Introspection: o.Introspection,
		DocumentsOnly: o.DocumentsOnly, Example: o.Example,
	})
	if err != nil {
		return fmt.Errorf("edge: console: %w", err)
	}
	mux.HandleFunc("GET /console.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(told) // the client may be gone, which is nobody's error
	})
	addReference(mux, o)
	if o.Console == nil {
		return addStandIn(mux, o)
	}
	if _, err := fs.Stat(o.Console, "index.html.gz"); errors.Is(err, fs.ErrNotExist) {
		return addStandIn(mux, o)
	}
	pages := map[string]struct{ file, policy string }{
		"GET /{$}":      {"index.html", pagePolicy},
		"GET /graphiql": {"graphiql.html", editorPolicy},
	}
	for pattern, page := range pages {
		mux.Handle(pattern, built(o.Console, "no-store", func(*http.Request) string { return page.file }, page.policy))
	}
	mux.Handle("GET /assets/{name}", built(o.Console, "private, max-age=31536000, immutable", // a name stands for what is in it
		func(r *http.Request) string { return "assets/" + r.PathValue("name") }, pagePolicy))
	return nil
}

// addReference adds the reference for people. What it says is the schema, so it is there where that can be asked for, and for
// the same people: everybody.
func addReference(mux *http.ServeMux, o Options) {
	if o.Reference == nil || !o.Introspection {
		mux.HandleFunc("GET /docs/", func(w http.ResponseWriter, _ *http.Request) {
			plain(w, http.StatusNotFound, "this service does not tell its schema (--introspection), and so has no reference; zoomgraph schema --docs DIR writes it\n")
		})
		return
	}
	// With a slash behind it, since its links are relative. So is this one: where the service is below a path is the proxy's
	// business.
	mux.HandleFunc("GET /docs", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "docs/")
		w.WriteHeader(http.StatusMovedPermanently)
	})
	mux.Handle("GET /docs/{name...}", built(o.Reference, "private, max-age=300",
		func(r *http.Request) string { return cmp.Or(r.PathValue("name"), "index.html") }, pagePolicy))
}

// built serves a built file: compressed as it is stored, or unpacked for clients that do not accept that.
func built(files fs.FS, keep string, name func(*http.Request) string, policy string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		content, err := fs.ReadFile(files, name(r)+".gz")
		if err != nil {
			http.NotFound(w, r)
			return
		}
		header := w.Header()
		header.Set("Content-Type", contentType(name(r)))
		header.Set("Cache-Control", keep)
		header.Add("Vary", "Accept-Encoding")
		pageHeaders(header, policy)
		if readsGzip(r.Header.Values("Accept-Encoding")) {
			header.Set("Content-Encoding", "gzip")
			_, _ = w.Write(content)
			return
		}
		unpacked, err := gzip.NewReader(bytes.NewReader(content))
		if err == nil {
			_, _ = io.Copy(w, unpacked) //nolint:gosec // our own file, which is as large as it is
		}
	}
}

// contentType is a file's, by its name. What the console is made of is known; the machine's own table is not asked, since
// a container may have none.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".ttf":
		return "font/ttf"
	case ".woff2":
		return "font/woff2"
	}
	return "application/octet-stream"
}

// readsGzip tells whether gzip is among the codings that a client reads.
func readsGzip(accepted []string) bool {
	for coding := range strings.SplitSeq(strings.Join(accepted, ","), ",") {
		name, weight, _ := strings.Cut(strings.ReplaceAll(coding, " ", ""), ";")
		if strings.EqualFold(name, "gzip") || name == "*" {
			q, err := strconv.ParseFloat(cmp.Or(strings.TrimPrefix(weight, "q="), "1"), 64)
			return err == nil && q > 0
		}
	}
	return false
}

func pageHeaders(header http.Header, policy string) {
	header.Set("Content-Security-Policy", policy)
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// addStandIn adds the page in place of a console that was not built, and its two files.
func addStandIn(mux *http.ServeMux, o Options) error {
	page, err := template.ParseFS(standIn, "console/index.html")
	if err != nil {
		return fmt.Errorf("edge: console: %w", err)
	}
	var html bytes.Buffer
	if err := page.Execute(&html, o); err != nil {
		return fmt.Errorf("edge: console: %w", err)
	}
	serve := func(pattern, contentType string, content []byte) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType+"; charset=utf-8")
			pageHeaders(w.Header(), pagePolicy)
			_, _ = w.Write(content) // the client may be gone, which is nobody's error
		})
	}
	serve("GET /{$}", "text/html", html.Bytes())
	serve("GET /graphiql", "text/html", html.Bytes())
	for name, contentType := range map[string]string{"console.js": "text/javascript", "console.css": "text/css"} {
		content, err := standIn.ReadFile("console/" + name)
		if err != nil {
			return fmt.Errorf("edge: console: %w", err)
		}
		serve("GET /"+name, contentType, content)
	}
	return nil
}
