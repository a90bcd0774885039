package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The token goes to Zoom only, and files are fetched from Zoom, or from where it leads to, and from nowhere else.
func TestWhereFilesAre(t *testing.T) {
	t.Parallel()
	const zoom, gov, proxy, local = "https://api.zoom.us/v2", "https://api.zoomgov.com/v2", "https://zoom.example.com/v2", "http://127.0.0.1:8081/v2"
	for _, tt := range []struct {
		base, address string
		zooms, stores bool
	}{
		{zoom, "https://zoom.us/rec/download/abc?x=1", true, true},
		{zoom, "https://us02web.zoom.us/rec/download/abc", true, true},
		{zoom, "https://US02WEB.ZOOM.US:443/rec/download/abc", true, true},
		{zoom, "http://zoom.us/rec/download/abc", false, false},
		{zoom, "https://zoom.us:8443/rec/download/abc", false, false},
		{zoom, "https://user@zoom.us/rec/download/abc", false, false},
		{zoom, "https://zoom.us@example.com/abc", false, false},
		{zoom, "https://evilzoom.us/rec/download/abc", false, true},
		{zoom, "https://zoom.us.example.com/abc", false, true},
		{zoom, "https://zoomgov.com/rec/download/abc", false, true},
		{zoom, "https://files.example.com/abc?Signature=1", false, true},
		{zoom, "https://127.0.0.1/abc", false, false},
		{zoom, "https://[::1]/abc", false, false},
		{zoom, "https://169.254.169.254/latest", false, false},
		{zoom, "https://2130706433/abc", false, false},
		{zoom, "https://localhost/abc", false, false},
		{zoom, "https://vault.internal/abc", false, false},
		{zoom, "https://vault/abc", false, false},
		{zoom, "file:///etc/passwd", false, false},
		{zoom, "/rec/download/abc", false, false},
		{gov, "https://eu.zoomgov.com/rec/download/abc", true, true},
		{gov, "https://zoom.us/rec/download/abc", false, true},
		{proxy, "https://zoom.example.com/rec/download/abc", true, true},
		{proxy, "https://zoom.us/rec/download/abc", false, true},
		{proxy, "http://127.0.0.1:9/abc", false, false},
		{local, "http://127.0.0.1:8081/rec/download/abc", true, true},
		{local, "http://127.0.0.1:8082/rec/download/abc", false, true},
		{local, "http://localhost:9/abc", false, true},
		{local, "http://10.0.0.1/abc", false, false},
		{local, "https://files.example.com/abc", false, true},
	} {
		base, _ := url.Parse(tt.base)
		u, err := url.Parse(tt.address)
		if err != nil {
			t.Fatal(err)
		}
		if zooms, stores := isZooms(base, u), mayStore(base, u); zooms != tt.zooms || stores != tt.stores {
			t.Errorf("%s beside %s: Zoom's %t, may be led to %t", tt.address, tt.base, zooms, stores)
		}
	}
}

// A file is fetched by its address, with the token as long as the way does not leave Zoom.
func TestDownload(t *testing.T) {
	t.Parallel()
	const film = "\x00\x00\x00\x18ftypmp42 a film"
	file := func(kind, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Etag", `"1"`)
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader(text))
		}
	}
	to := func(address string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", address)
			w.WriteHeader(http.StatusFound)
		}
	}
	for name, test := range map[string]struct {
		zoom, store http.HandlerFunc // {store} and {zoom} in a redirect are their addresses
		asks        http.Header
		got         string // status and body
		fails       Code
		saw         string // who was asked, with a star where the token was shown
	}{
		"whole":                {zoom: file("video/mp4", film), got: "200 " + film, saw: "zoom*"},
		"a part":               {zoom: file("video/mp4", film), asks: http.Header{"Range": {"bytes=4-7"}}, got: "206 ftyp", saw: "zoom*"},
		"a part of what it is": {zoom: file("video/mp4", film), asks: http.Header{"Range": {"bytes=4-7"}, "If-Range": {`"0"`}}, got: "200 " + film, saw: "zoom*"},
		"no such part":         {zoom: file("video/mp4", film), asks: http.Header{"Range": {"bytes=99-"}}, got: "416 ", saw: "zoom*"},
		"not modified":         {zoom: file("video/mp4", film), asks: http.Header{"If-None-Match": {`"1"`}}, got: "304 ", saw: "zoom*"},
		"modified":             {zoom: file("video/mp4", film), asks: http.Header{"If-Match": {`"0"`}}, got: "412 ", saw: "zoom*"},
		"JSON":                 {zoom: file("application/json", `{"timeline":[]}`), got: `200 {"timeline":[]}`, saw: "zoom*"},
		"much JSON":            {zoom: file("application/json", `["`+strings.Repeat("x", 9000)+`"]`), got: `200 ["` + strings.Repeat("x", 9000) + `"]`, saw: "zoom*"},
		"an error in JSON":     {zoom: file("application/json", `{"code":200,"message":"no permission"}`), fails: CodeForbidden, saw: "zoom*"},
		"a page to sign in":    {zoom: file("text/html; charset=utf-8", "<html>"), fails: CodeUpstreamInvalidResponse, saw: "zoom*"},
		"stored elsewhere":     {zoom: to("{store}"), store: file("video/mp4", film), got: "200 " + film, saw: "zoom* store"},
		"a part elsewhere":     {zoom: to("{store}"), store: file("video/mp4", film), asks: http.Header{"Range": {"bytes=4-7"}}, got: "206 ftyp", saw: "zoom* store"},
		"elsewhere and back":   {zoom: to("{store}"), store: to("{zoom}/again"), fails: CodeUpstreamInvalidResponse, saw: "zoom* store zoom store zoom"},
		"within Zoom":          {zoom: to("/again"), fails: CodeUpstreamInvalidResponse, saw: "zoom* zoom* zoom* zoom* zoom*"},
		"to nowhere":           {zoom: to(""), fails: CodeUpstreamInvalidResponse, saw: "zoom*"},
		"to another network":   {zoom: to("http://10.0.0.1/abc"), fails: CodeUpstreamInvalidResponse, saw: "zoom*"},
		"to a file here":       {zoom: to("file:///etc/passwd"), fails: CodeUpstreamInvalidResponse, saw: "zoom*"},
		"refused elsewhere": {zoom: to("{store}"), store: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")
		}, fails: CodeUpstreamInvalidResponse, saw: "zoom* store"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var saw []string
			var zoomURL, storeURL string
			note := func(who string, serve func() http.HandlerFunc) http.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request) {
					if r.Header.Get("Authorization") != "" {
						who += "*"
					}
					saw = append(saw, who)
					who = strings.TrimSuffix(who, "*")
					serve()(&led{w, strings.NewReplacer("{store}", storeURL, "{zoom}", zoomURL)}, r)
				}
			}
			store := httptest.NewServer(note("store", func() http.HandlerFunc { return test.store }))
			t.Cleanup(store.Close)
			zoom := httptest.NewServer(note("zoom", func() http.HandlerFunc { return test.zoom }))
			t.Cleanup(zoom.Close)
			zoomURL, storeURL = zoom.URL, store.URL+"/stored?Signature=1"
			told := new(witness)
			c, err := New(Config{APIURL: zoom.URL + "/v2", Tokens: StaticToken("canary"), Observer: told})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			_, err = c.Do(context.Background(), Request{Op: Download, Address: zoom.URL + "/rec/download/abc", Conditions: test.asks, Into: func(s Stream) error {
				body, err := io.ReadAll(s.Body)
				got = fmt.Sprint(s.Status, " ", string(body))
				return err
			}})
			var fail *Error
			if errors.As(err, &fail); (fail == nil) != (test.fails == "") || fail != nil && fail.Code != test.fails {
				t.Errorf("error %v, want %q", err, test.fails)
			}
			if fail != nil && strings.Contains(fmt.Sprint(fail), "abc") {
				t.Errorf("the error %v shows an address", fail)
			}
			if len(told.attempts) != 1 || told.attempts[0].Op != Download || told.attempts[0].Code != test.fails {
				t.Errorf("told %+v", told.attempts)
			}
			if got != test.got || strings.Join(saw, " ") != test.saw {
				t.Errorf("%q after %q, want %q after %q", got, saw, test.got, test.saw)
			}
		})
	}
}

// led fills in addresses that are known late.
type led struct {
	http.ResponseWriter
	known *strings.Replacer
}

// WriteHeader implements http.ResponseWriter.
func (l *led) WriteHeader(status int) {
	if to := l.Header().Get("Location"); to != "" {
		l.Header().Set("Location", l.known.Replace(to))
	}
	l.ResponseWriter.WriteHeader(status)
}

// An address that is not Zoom's is refused before anything is sent.
func TestDownloadElsewhere(t *testing.T) {
	t.Parallel()
	c := dial(t, func(http.ResponseWriter, *http.Request) { t.Error("a call was sent") })
	for _, address := range []string{"https://example.com/abc", "http://127.0.0.1:1/abc", "::", "/abc", "http://" + strings.Repeat("x", 5000)} {
		var fail *Error
		if err := c.Check(Request{Op: Download, Address: address}); !errors.As(err, &fail) || fail.Code != CodeUpstreamInvalidResponse {
			t.Errorf("%q: %v", address, err)
		}
		if _, err := c.Do(context.Background(), Request{Op: Download, Address: address, Into: func(Stream) error { return nil }}); !errors.As(err, &fail) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
