package graph

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zoomgraph/graph/program/programtest"
)

// recorded is the uuid of an instance, and askFiles asks for the URLs of its files.
const (
	recorded = "nPNsdahULsGs9zp2cT7+lV=="
	readIt   = "GET /meetings/nPNsdahULsGs9zp2cT7+lV==/recordings"
	askFiles = `{ cloudRecording(uuid: "` + recorded + `") { recordingFiles { url } } }`
)

// downloads is a facade before a Zoom that has a recording of files at these addresses, and the URLs of the files for a
// caller.
func downloads(t *testing.T, z *Stub, addresses ...string) (facade string, urls func(caller string) []string) {
	t.Helper()
	var files []string
	for i, address := range addresses {
		files = append(files, fmt.Sprintf(`{"id":"%d","download_url":%q}`, i, address))
	}
	z.Answers = map[string]string{readIt: `{"uuid":"` + recorded + `","recording_files":[` + strings.Join(files, ",") + `]}`}
	facade = z.Serve(t, programtest.Of(t), nil)
	return facade, func(caller string) []string {
		t.Helper()
		body, _ := json.Marshal(map[string]string{"query": askFiles})
		res := fetch(t, caller, http.MethodPost, facade+"/graphql", string(body), "")
		var answer struct {
			Data struct {
				CloudRecording struct{ RecordingFiles []struct{ URL string } }
			}
		}
		if err := json.Unmarshal([]byte(res.body), &answer); err != nil {
			t.Fatalf("%v in %s", err, res.body)
		}
		var urls []string
		for _, f := range answer.Data.CloudRecording.RecordingFiles {
			urls = append(urls, f.URL)
		}
		return urls
	}
}

const film = "\x00\x00\x00\x18ftypmp42 a film"

// serveFilm serves a film as Zoom does, to who has its token and shows nothing of this service's callers.
func serveFilm(t *testing.T) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t" || r.Header.Get("X-Caller") != "" || r.Header.Get("Cookie") != "" {
			t.Errorf("Zoom was shown %v", r.Header)
		}
		for name, value := range map[string]string{"Content-Type": "video/mp4", "Etag": `"1"`, "Content-Disposition": `attachment; filename="a.mp4"`} {
			w.Header().Set(name, value)
		}
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(film))
	}
}

// A file whose address stands in Zoom's answer is fetched through a URL of this service: whole, in part, or not at all where
// the client has it.
func TestDownloads(t *testing.T) {
	t.Parallel()
	z := &Stub{Files: map[string]http.HandlerFunc{"/rec/download/film": serveFilm(t)}}
	facade, urls := downloads(t, z, "{zoom}/rec/download/film", "")
	found := urls("keeper")
	if len(found) != 2 || !strings.HasPrefix(found[0], "/files/") || strings.Contains(found[0], "film") || found[1] != "" {
		t.Fatalf("URLs %q", found)
	}
	if calls := z.Calls(); !slices.Equal(calls, []string{readIt}) {
		t.Errorf("calls %q", calls)
	}
	for name, test := range map[string]struct {
		method, header, value string
		status                int
		body, told            string // Content-Range
	}{
		"whole":        {"GET", "", "", 200, film, ""},
		"a part":       {"GET", "Range", "bytes=4-7", 206, "ftyp", "bytes 4-7/19"},
		"the end":      {"GET", "Range", "bytes=-4", 206, "film", "bytes 15-18/19"},
		"no such part": {"GET", "Range", "bytes=99-", 416, "", "bytes */19"},
		"known":        {"GET", "If-None-Match", `"1"`, 304, "", ""},
		"changed":      {"GET", "If-Match", `"0"`, 412, "", ""},
		"its header":   {"HEAD", "", "", 200, "", ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), test.method, facade+found[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Caller", "keeper")
		req.Header.Set("Cookie", "session=canary")
		if test.header != "" {
			req.Header.Set(test.header, test.value)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != test.status || string(body) != test.body || res.Header.Get("Content-Range") != test.told {
			t.Errorf("%s: %d %q %v, %v", name, res.StatusCode, body, res.Header, err)
		}
		if test.status == http.StatusOK && (res.Header.Get("Content-Type") != "video/mp4" || res.ContentLength != int64(len(film)) || res.Header.Get("Content-Disposition") == "") {
			t.Errorf("%s: %v", name, res.Header)
		}
	}
}

// A recording's files are for those who may see secrets, and each URL is for who asked for it.
func TestDownloadsOfOthers(t *testing.T) {
	t.Parallel()
	z := &Stub{Files: map[string]http.HandlerFunc{"/rec/download/film": serveFilm(t)}}
	facade, urls := downloads(t, z, "{zoom}/rec/download/film")
	url := urls("keeper")[0]
	if found := urls("reader"); found[0] != "" {
		t.Errorf("a reader has the URL %q", found)
	}
	for _, caller := range []string{"keeper2", "reader", ""} {
		if got := fetch(t, caller, http.MethodGet, facade+url, "", ""); got.status != http.StatusNotFound || !strings.Contains(got.body, "not one of this caller's") {
			t.Errorf("%s is answered %d %s", caller, got.status, got.body)
		}
	}
}

// Where Zoom, or something in its place, names an address elsewhere, there is no URL; where it leads elsewhere, the file is
// fetched from public hosts only, without the token.
func TestDownloadsElsewhere(t *testing.T) {
	t.Parallel()
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Errorf("who stores files was shown %v", r.Header)
		}
		http.ServeContent(w, r, "a.mp4", time.Time{}, strings.NewReader(film))
	}))
	t.Cleanup(store.Close)
	to := func(address string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, address, http.StatusFound) }
	}
	z := &Stub{Files: map[string]http.HandlerFunc{
		"/rec/download/stored": to(store.URL + "/film?Signature=1"),
		"/rec/download/evil":   to("http://169.254.169.254/latest/meta-data"),
	}}
	facade, urls := downloads(t, z, "{zoom}/rec/download/stored", "{zoom}/rec/download/evil", "https://evil.example.com/rec/download/film", "http://127.0.0.1:1/film")
	found := urls("keeper")
	if found[2] != "" || found[3] != "" {
		t.Errorf("addresses outside of Zoom have the URLs %q", found[2:])
	}
	if got := fetch(t, "keeper", http.MethodGet, facade+found[0], "", "bytes=4-7"); got.status != http.StatusPartialContent || got.body != "ftyp" {
		t.Errorf("a file stored elsewhere is answered %d %q", got.status, got.body)
	}
	if got := fetch(t, "keeper", http.MethodGet, facade+found[1], "", ""); got.status != http.StatusBadGateway || !strings.Contains(got.body, `"code":"UPSTREAM_INVALID_RESPONSE"`) {
		t.Errorf("an evil one is answered %d %s", got.status, got.body)
	}
	res := fetch(t, "keeper", http.MethodPost, facade+"/graphql", `{"query":"`+strings.ReplaceAll(askFiles, `"`, `\"`)+`"}`, "")
	if !strings.Contains(res.body, "not Zoom's own") || strings.Contains(res.body, "evil.example.com") {
		t.Errorf("the answer says %s", res.body)
	}
}

// If Zoom breaks off, so does the answer: nobody takes a part for the whole.
func TestDownloadsThatBreakOff(t *testing.T) {
	t.Parallel()
	z := &Stub{Files: map[string]http.HandlerFunc{"/rec/download/film": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "video/mp4")
		w.Header().Set("Content-Length", "1000000")
		_, _ = w.Write(make([]byte, 500_000))
		panic(http.ErrAbortHandler)
	}}}
	facade, urls := downloads(t, z, "{zoom}/rec/download/film")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, facade+urls("keeper")[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Caller", "keeper")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if n, err := io.Copy(io.Discard, res.Body); err == nil || res.StatusCode != http.StatusOK {
		t.Errorf("%d with %d bytes ends well", res.StatusCode, n)
	}
}

// A large file takes no memory: all that is allocated while it passes is far less than it. Nothing runs beside this test.
func TestDownloadsTakeNoMemory(t *testing.T) {
	const size, most = 200 << 20, 20 << 20
	piece := make([]byte, 64<<10)
	z := &Stub{Files: map[string]http.HandlerFunc{"/rec/download/film": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "video/mp4")
		w.Header().Set("Content-Length", strconv.Itoa(size))
		for range size / len(piece) {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
	}}}
	facade, urls := downloads(t, z, "{zoom}/rec/download/film")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, facade+urls("keeper")[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Caller", "keeper")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, res.Body, make([]byte, 32<<10))
	runtime.ReadMemStats(&after)
	if err != nil || n != size {
		t.Fatalf("%d bytes, %v", n, err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > most {
		t.Errorf("%d bytes were allocated for a file of %d", took, size)
	}
}
