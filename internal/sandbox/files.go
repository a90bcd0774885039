package sandbox

import (
	"bytes"
	"maps"
	"net/http"
	"strings"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements files: the address that a download_url leads to, and ranges.

// downloads is where files are at this service.
const downloads = "/rec/download/"

// downloadRoute answers below [downloads]; it takes a token, as at Zoom.
func downloadRoute() *route {
	r := endpoint(http.MethodGet, downloads+"{file}", []world.Param{{Name: "access_token"}}, func(s *Server, c *call) (world.Answer, error) {
		return s.download(strings.TrimPrefix(c.path, downloads))
	})
	r.open, r.file = false, true
	return r
}

// here lets addresses of files lead to this service, in place of Zoom.
func here(r *http.Request, a world.Answer) world.Answer {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	if a.File == "" {
		a.Body = bytes.ReplaceAll(a.Body, []byte(world.Downloads), []byte(scheme+r.Host+downloads))
	}
	return a
}

// ranged is of a file what the request asks for.
func ranged(r *http.Request, a world.Answer) world.Answer {
	if a.File == "" {
		return a
	}
	part := partial{header: http.Header{"Content-Type": {a.File}}, status: http.StatusOK}
	maps.Copy(part.header, a.Header)
	http.ServeContent(&part, r, "", time.Time{}, bytes.NewReader(a.Body))
	return world.Answer{Status: part.status, Header: part.header, Body: part.Bytes(), File: a.File}
}

// partial holds what net/http writes of a file.
type partial struct {
	bytes.Buffer
	header http.Header
	status int
}

func (p *partial) Header() http.Header    { return p.header }
func (p *partial) WriteHeader(status int) { p.status = status }
