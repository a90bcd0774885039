package client

import (
	"bytes"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// This file implements downloads: files at addresses that stand in Zoom's answers, such as those of recordings. An
// address has to be Zoom's, since the token goes there. Zoom may lead on to a host that stores files, by a redirect to an
// address that needs no token. Start reading at prepareDownload and reach.

// Download fetches a file by its address. Zoom's API has no such operation, and no rate limit counts it.
var Download = &Op{ID: "download", Method: http.MethodGet, Path: "/{download_url}"}

const (
	maxAddress   = 4 << 10 // bytes
	maxRedirects = 5
	maxProblem   = 4 << 10 // bytes of an answer that may be Zoom's error in place of a file of JSON
)

// prepareDownload refuses an address that is not Zoom's.
func (c *Client) prepareDownload(req Request) (*call, *Error) {
	u, err := url.Parse(req.Address)
	switch {
	case req.Op != Download || req.Body != nil:
		return nil, internal(req.Op, "an address is for a Download", nil)
	case err != nil, len(req.Address) > maxAddress, !isZooms(c.base, u):
		return nil, &Error{
			Code: CodeUpstreamInvalidResponse, Op: req.Op,
			Message: "Zoom names an address of a file that is not Zoom's own, which is not fetched",
			Hint:    "ask again; if it stays so, what lies between this service and Zoom may change answers",
		}
	}
	u.Fragment, u.RawFragment = "", ""
	return &call{Request: req, method: req.Op.Method, file: u}, nil
}

// zooms are the domains of Zoom.
var zooms = []string{"zoom.us", "zoomgov.com"}

// domainOf is the domain of Zoom that a host is in; "" where it is in none.
func domainOf(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	i := slices.IndexFunc(zooms, func(domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) })
	if i < 0 {
		return ""
	}
	return zooms[i]
}

// isZooms tells whether an address is one to which the token may go: by https one in the domain of Zoom's that the API is
// in. Where the API is none of Zoom's, such as a sandbox, it must be the API's own host.
func isZooms(base, u *url.URL) bool {
	domain := domainOf(base)
	switch {
	case u.User != nil || u.Opaque != "":
		return false
	case domain == "" || base.Scheme != "https":
		return u.Scheme == base.Scheme && strings.EqualFold(u.Host, base.Host)
	}
	return u.Scheme == "https" && isUsualPort(u) && domainOf(u) == domain
}

// mayStore tells whether Zoom may lead on to an address, where no token goes: by https to a name in the open network.
// Beside an API on this machine files may be on it, too.
func mayStore(base, u *url.URL) bool {
	switch local := isLoopback(base); {
	case u.User != nil || u.Opaque != "" || u.Hostname() == "":
		return false
	case local && isLoopback(u):
		return u.Scheme == "http" || u.Scheme == "https"
	}
	return u.Scheme == "https" && isUsualPort(u) && isPublicName(u.Hostname())
}

func isUsualPort(u *url.URL) bool { return u.Port() == "" || u.Port() == "443" }

// isPublicName tells names such as files.example.com from numbers and from names that mean something in one network only.
func isPublicName(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	last := host[strings.LastIndexByte(host, '.')+1:]
	return last != host && strings.Trim(last, "0123456789") != "" &&
		!slices.Contains([]string{"localhost", "local", "internal"}, last)
}

func isLoopback(u *url.URL) bool {
	if u.Hostname() == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(u.Hostname())
	return err == nil && address.IsLoopback()
}

// reach sends a request. Where a file is asked for it goes where Zoom leads to, and leaves the token behind as soon as
// that is not Zoom.
func (c *Client) reach(req *http.Request, way *trip, o *call) (*http.Response, error) {
	for range maxRedirects {
		answer, err := c.transport.carry(req, way)
		if err != nil || o.file == nil || !isRedirect(answer) {
			return answer, err
		}
		_ = answer.Body.Close()
		to, err := req.URL.Parse(answer.Header.Get("Location"))
		zooms := err == nil && isZooms(c.base, to)
		if err != nil || answer.Header.Get("Location") == "" || !zooms && !mayStore(c.base, to) {
			return nil, &Error{
				Code: CodeUpstreamInvalidResponse, Op: o.Op, Status: answer.StatusCode, TrackingID: trackingID(answer.Header),
				Message: "Zoom leads to a file at an address that is not followed",
			}
		}
		req = req.Clone(req.Context())
		req.URL, req.Host = to, to.Host
		if !zooms {
			req.Header.Del("Authorization") // for good: whoever stores files could lead back
		}
	}
	return nil, &Error{
		Code: CodeUpstreamInvalidResponse, Op: o.Op,
		Message: "Zoom leads from one address of a file to the next without end",
	}
}

func isRedirect(answer *http.Response) bool {
	switch answer.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// saysProblem tells whether an answer is Zoom's error and not a file of JSON. What it reads for that is put back.
func saysProblem(answer *http.Response) bool {
	begin, err := io.ReadAll(io.LimitReader(answer.Body, maxProblem+1))
	rest := io.Reader(answer.Body)
	if err != nil {
		rest = failing{err}
	}
	answer.Body = &putBack{io.MultiReader(bytes.NewReader(begin), rest), answer.Body}
	_, is := problemIn(begin, false)
	return is && err == nil && len(begin) <= maxProblem
}

// putBack is the body of an answer whose first bytes were looked at: reading begins with these again.
type putBack struct {
	io.Reader
	io.Closer
}

// failing fails.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.err }
