package edge

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
)

// consoleFiles are the page at /; it asks nothing of other hosts.
//
//go:embed console
var consoleFiles embed.FS

// consolePolicy lets the page load its own files and talk to its own origin,
// and nothing else: no script or style within the page, no framing.
const consolePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// addConsole adds the page at / and its two files.
func addConsole(mux *http.ServeMux, o Options) error {
	page, err := template.ParseFS(consoleFiles, "console/index.html")
	if err != nil {
		return fmt.Errorf("edge: console: %w", err)
	}
	var html bytes.Buffer
	if err := page.Execute(&html, o); err != nil {
		return fmt.Errorf("edge: console: %w", err)
	}
	serve := func(pattern, contentType string, content []byte) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			header := w.Header()
			header.Set("Content-Type", contentType+"; charset=utf-8")
			header.Set("Content-Security-Policy", consolePolicy)
			header.Set("Referrer-Policy", "no-referrer")
			_, _ = w.Write(content) // the client may be gone, which is nobody's error
		})
	}
	serve("GET /{$}", "text/html", html.Bytes())
	for name, contentType := range map[string]string{"console.js": "text/javascript", "console.css": "text/css"} {
		content, err := consoleFiles.ReadFile("console/" + name)
		if err != nil {
			return fmt.Errorf("edge: console: %w", err)
		}
		serve("GET /"+name, contentType, content)
	}
	return nil
}
