package edge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/internal/edge"
)

const (
	sendsForm = "Content-Type: multipart/form-data; boundary=xox"
	preflight = "X-Zoomgraph-Preflight: 1"
	putFile   = `{"query":"mutation($f: Upload) { put(file: $f) }","variables":{"f":null}}`
	mapFile   = `{"0":["variables.f"]}`
)

// part is a field of a form; head is what its Content-Disposition has behind
// the name, and other header lines.
func part(name, head, content string) string {
	return "--xox\r\nContent-Disposition: form-data; name=\"" + name + "\"" + head + "\r\n\r\n" + content + "\r\n"
}

func file(name, content string) string {
	return part(name, "; filename=\""+name+".png\"\r\nContent-Type: image/png", content)
}

// form is a whole one.
func form(operations, mapping string, files ...string) string {
	return part("operations", "", operations) + part("map", "", mapping) + strings.Join(files, "") + "--xox--\r\n"
}

func TestUploads(t *testing.T) {
	t.Parallel()
	srv := serve(t, nil)
	const (
		putFiles = `{"query":"mutation($f: [Upload!]) { put(files: $f) }","variables":{"f":[null,null]}}`
		putForm  = `{"query":"mutation($f: Form) { put(form: $f) }","variables":{"f":{"name":"n","file":null,"more":[null]}}}`
		putTwice = `{"query":"mutation($f: Upload, $g: Upload) { put(file: $f) b: put(file: $g) }","variables":{"f":null,"g":null}}`
		oneOfTwo = `{"query":"query Q { hello } mutation M($f: Upload) { put(file: $f) }","operationName":"M","variables":{"f":null}}`
	)
	large := strings.Repeat("0123456789", 120_000)
	for _, tt := range []struct {
		name    string
		headers []string // preflight unless given
		body    string
		put     string // the variables
	}{
		{"one", nil, form(putFile, mapFile, file("0", "abc")), `{"f":"0.png, image/png, 3: abc"}`},
		{"with byte order marks", nil, form("\uFEFF"+putFile, "\uFEFF"+mapFile, file("0", "abc")), `{"f":"0.png, image/png, 3: abc"}`},
		{"Apollo's header", []string{"Apollo-Require-Preflight: true"}, form(putFile, mapFile, file("0", "abc")), `{"f":"0.png, image/png, 3: abc"}`},
		{"GraphQL's header", []string{"GraphQL-Require-Preflight: x"}, form(putFile, mapFile, file("0", "abc")), `{"f":"0.png, image/png, 3: abc"}`},
		{"of the same origin", []string{preflight, "Sec-Fetch-Site: same-origin"}, form(putFile, mapFile, file("0", "abc")), `{"f":"0.png, image/png, 3: abc"}`},
		{"empty", nil, form(putFile, mapFile, file("0", "")), `{"f":"0.png, image/png, 0: "}`},
		{"without a type", nil, form(putFile, mapFile, part("0", `; filename="a b.bin"`, "\x00\xff")), `{"f":"a b.bin, , 2: \u0000` + "\ufffd" + `"}`},
		{"with a type written oddly", nil, form(putFile, mapFile, part("0", "; filename=\"a.txt\"\r\ncontent-type: TEXT/plain ;charset=\"utf-8\"", "x")), `{"f":"a.txt, text/plain; charset=utf-8, 1: x"}`},
		{"with a folder in its name", nil, form(putFile, mapFile, part("0", `; filename="../../etc/passwd"`, "x")), `{"f":"passwd, , 1: x"}`},
		{"with a boundary inside", nil, form(putFile, mapFile, file("0", "\r\n--xo\r\n--xoxo")), `{"f":"0.png, image/png, 14: \r\n--xo\r\n--"}`},
		{"a list", nil, form(putFiles, `{"a":["variables.f.1"],"b":["variables.f.0"]}`, file("a", "1"), file("b", "22")), `{"f":["b.png, image/png, 2: 22","a.png, image/png, 1: 1"]}`},
		{"in an input", nil, form(putForm, `{"a":["variables.f.file"],"b":["variables.f.more.0"]}`, file("b", "1"), file("a", "22")), `{"f":{"file":"a.png, image/png, 2: 22","more":["b.png, image/png, 1: 1"],"name":"n"}}`},
		{"one in two places", nil, form(putTwice, `{"a":["variables.f","variables.g"]}`, file("a", large)), `{"f":"a.png, image/png, 1200000: 0123456789","g":"a.png, image/png, 1200000: 0123456789"}`},
		{"more than is kept in memory", nil, form(putFiles, `{"a":["variables.f.1"],"b":["variables.f.0"]}`, file("a", large[:700_000]), file("b", large[:400_000])), `{"f":["b.png, image/png, 400000: 0123456789","a.png, image/png, 700000: 0123456789"]}`},
		{"operation chosen by name", nil, form(oneOfTwo, mapFile, file("0", "abc")), `{"f":"0.png, image/png, 3: abc"}`},
		{"with a preamble and an epilogue", nil, "hello\r\n" + form(putFile, mapFile, file("0", "abc")) + "bye", `{"f":"0.png, image/png, 3: abc"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			headers := tt.headers
			if headers == nil {
				headers = []string{preflight}
			}
			got := do(t, http.MethodPost, srv.URL+"/graphql", tt.body, append(headers, sendsForm)...)
			var data, want map[string]any
			if err := json.Unmarshal(got.Data, &data); err != nil || got.status != 200 {
				t.Fatalf("answer %d %s", got.status, got.body)
			}
			if err := json.Unmarshal([]byte(tt.put), &want); err != nil {
				t.Fatal(err)
			}
			if put := fmt.Sprint(data["put"]); put != fmt.Sprint(want) {
				t.Errorf("variables %v\nwant %v", put, want)
			}
		})
	}
}

func TestFormsRefused(t *testing.T) {
	t.Parallel()
	h := handler(t, nil)
	small := file("0", "canary")
	operations := func(query, variables string) string {
		return `{"query":` + strconv.Quote(query) + `,"variables":` + variables + `}`
	}
	for _, tt := range []struct {
		name    string
		headers []string // preflight and a good Content-Type unless given
		body    string
		status  int
		message string
	}{
		{"no preflight header", []string{sendsForm}, form(putFile, mapFile, small), 400, "Apollo-Require-Preflight, GraphQL-Require-Preflight, X-Zoomgraph-Preflight"},
		{"an empty preflight header", []string{sendsForm, "Apollo-Require-Preflight: "}, form(putFile, mapFile, small), 400, "Apollo-Require-Preflight"},
		{"no boundary", []string{preflight, "Content-Type: multipart/form-data"}, form(putFile, mapFile, small), 400, "boundary"},
		{"a long boundary", []string{preflight, "Content-Type: multipart/form-data; boundary=" + strings.Repeat("x", 71)}, "", 400, "70"},
		{"another boundary", []string{preflight, "Content-Type: multipart/form-data; boundary=oxo"}, form(putFile, mapFile, small), 400, "broke off"},
		{"compressed", []string{preflight, sendsForm, "Content-Encoding: gzip"}, form(putFile, mapFile, small), 415, "compressed"},
		{"urlencoded", []string{preflight, "Content-Type: application/x-www-form-urlencoded"}, "operations=", 415, "multipart/form-data"},

		{"empty", nil, "", 400, "broke off"},
		{"no fields", nil, "--xox--", 400, `no "operations" in its place`},
		{"broken off in the JSON", nil, form(putFile, mapFile, small)[:80], 400, "broke off"},
		{"broken off in a file", nil, strings.TrimSuffix(form(putFile, mapFile, small), "\r\n--xox--\r\n"), 400, "broke off"},
		{"broken off behind a file", nil, strings.TrimSuffix(form(putFile, mapFile, small), "--xox--\r\n"), 400, "broke off"},
		{"a bad header", nil, "--xox\r\ncanary\r\n\r\n", 400, "multipart/form-data"},
		{"a long header", nil, "--xox\r\nX: " + strings.Repeat("canary", 3000) + "\r\n\r\n", 413, "8192"},
		{"many headers", nil, "--xox\r\n" + strings.Repeat("X: canary\r\n", 3000), 413, "8192"},
		{"a long preamble", nil, strings.Repeat("canary\r\n", 3000), 413, "8192"},

		{"map first", nil, part("map", "", mapFile) + part("operations", "", putFile) + small + "--xox--", 400, `no "operations" in its place`},
		{"file first", nil, small + form(putFile, mapFile), 400, `no "operations" in its place`},
		{"no map", nil, part("operations", "", putFile) + small + "--xox--", 400, `no "map" in its place`},
		{"operations only", nil, part("operations", "", putFile) + "--xox--", 400, `no "map" in its place`},
		{"operations not UTF-8", nil, form("{\"query\":\"\xff\"}", mapFile, small), 400, `"operations" is not UTF-8`},
		{"operations not JSON", nil, form("{canary", mapFile, small), 400, `"operations" is not valid JSON at byte 2`},
		{"a batch", nil, form("["+putFile+"]", `{"0":["0.variables.f"]}`, small), 400, `"operations" is an array`},
		{"no query", nil, form("{}", mapFile, small), 400, `"operations" has no "query"`},
		{"map not JSON", nil, form(putFile, "canary", small), 400, `"map" is not valid JSON at byte 1`},
		{"map an array", nil, form(putFile, `["canary"]`, small), 400, `"map" must be a JSON object of arrays of strings`},
		{"map of strings", nil, form(putFile, `{"0":"variables.f"}`, small), 400, `"map" must be a JSON object of arrays of strings`},
		{"map of numbers", nil, form(putFile, `{"0":[0]}`, small), 400, `"map" must be a JSON object of arrays of strings`},
		{"map too deep", nil, form(putFile, strings.Repeat("[", 65)+strings.Repeat("]", 65), small), 413, `"map" nests objects and arrays 65 deep`},
		{"map null", nil, form(putFile, `null`), 400, `"map" has no file`},
		{"map empty", nil, form(putFile, `{}`), 400, `"map" has no file`},
		{"no path", nil, form(putFile, `{"0":[]}`, small), 400, `"map" names no variable for the file "0"`},

		{"no such variable", nil, form(putFile, `{"0":["variables.g"]}`, small), 400, `the path "variables.g", but "operations" has no such variable`},
		{"a variable that is absent", nil, form(operations("mutation($f: Upload) { put(file: $f) }", `{}`), mapFile, small), 400, `"variables.f", but "operations" has no such`},
		{"variables null", nil, form(operations("mutation($f: Upload) { put(file: $f) }", `null`), mapFile, small), 400, `"variables.f", but "operations" has no such`},
		{"not below variables", nil, form(putFile, `{"0":["query"]}`, small), 400, `"query", but`},
		{"all variables", nil, form(putFile, `{"0":["variables"]}`, small), 400, `"variables", where "operations" must have a null`},
		{"not null", nil, form(operations("mutation($f: Upload) { put(file: $f) }", `{"f":"canary"}`), mapFile, small), 400, `"variables.f", where`},
		{"below null", nil, form(putFile, `{"0":["variables.f.x"]}`, small), 400, `"variables.f.x", but`},
		{"an index too high", nil, form(operations("mutation($f: [Upload!]) { put(files: $f) }", `{"f":[null]}`), `{"0":["variables.f.1"]}`, small), 400, `"variables.f.1", but`},
		{"an index below zero", nil, form(operations("mutation($f: [Upload!]) { put(files: $f) }", `{"f":[null]}`), `{"0":["variables.f.-1"]}`, small), 400, `"variables.f.-1", but`},
		{"an index that is none", nil, form(operations("mutation($f: [Upload!]) { put(files: $f) }", `{"f":[null]}`), `{"0":["variables.f.a"]}`, small), 400, `"variables.f.a", but`},
		{"an odd path", nil, form(putFile, `{"0":["variables.<canary>"]}`, small), 400, `(a name of 18 bytes)`},
		{"the same place for two", nil, form(putFile, `{"0":["variables.f"],"1":["variables.f"]}`, small, file("1", "")), 400, `"variables.f", where`},
		{"the same place twice", nil, form(putFile, `{"0":["variables.f","variables.f"]}`, small), 400, `"variables.f", where`},

		{"no file", nil, form(putFile, mapFile), 400, `the file "0" is in "map", but does not come`},
		{"one of two", nil, form(operations("mutation($f: [Upload!]) { put(files: $f) }", `{"f":[null,null]}`), `{"0":["variables.f.0"],"1":["variables.f.1"]}`, small), 400, `the file "1" is in "map", but`},
		{"one too many", nil, form(putFile, mapFile, small, file("1", "")), 400, `the file "1" is not in "map"`},
		{"twice the same", nil, form(putFile, mapFile, small, small), 400, `the file "0" is not in "map", or comes twice`},
		{"not a file", nil, form(putFile, mapFile, part("0", "", "canary")), 400, `the field "0" is not a file`},
		{"a field without a name", nil, form(putFile, mapFile, "--xox\r\n\r\ncanary\r\n"), 400, `(a name of 0 bytes) is not in "map"`},
		{"a long filename", nil, form(putFile, mapFile, part("0", `; filename="`+strings.Repeat("x", 256)+`"`, "")), 400, "at most 255 bytes"},
		{"a filename with a line break", nil, form(putFile, mapFile, part("0", `; filename*=utf-8''a%0D%0Ab`, "")), 400, "control characters"},
		{"a filename that is not UTF-8", nil, form(putFile, mapFile, part("0", `; filename*=utf-8''a%ff`, "")), 400, "UTF-8"},
		{"a bad type", nil, form(putFile, mapFile, part("0", "; filename=\"a\"\r\nContent-Type: canary/ /", "")), 400, `the Content-Type of the file "0"`},

		{"a query", nil, form(operations("query($f: String) { hello(name: $f) }", `{"f":null,"g":null}`), `{"0":["variables.g"]}`, small), 400, "a query cannot be sent as multipart/form-data"},
		{"a query beside a mutation", nil, form(`{"query":"query Q { hello } mutation M { set }","operationName":"Q","variables":{"f":null}}`, mapFile, small), 400, "a query cannot be sent"},
		{"a variable that is not declared", nil, form(operations("mutation { set }", `{"f":null}`), mapFile, small), 400, `"variables.f", where the operation takes no Upload`},
		{"a variable of any type", nil, form(operations("mutation($f: JSON) { put(json: $f) }", `{"f":{"a":[null]}}`), `{"0":["variables.f.a.0"]}`, small), 400, `"variables.f.a.0", where the operation takes no Upload`},
		{"a list as one file", nil, form(operations("mutation($f: [Upload!]) { put(files: $f) }", `{"f":null}`), mapFile, small), 400, "takes no Upload"},
		{"a variable of another type", nil, form(operations("mutation($f: ID) { put(id: $f) }", `{"f":null}`), mapFile, small), 200, "variable $f: a file cannot be used as ID"},
		{"a field of another type", nil, form(operations("mutation($f: Form) { put(form: $f) }", `{"f":{"name":null}}`), `{"0":["variables.f.name"]}`, small), 200, "variable $f.name: a file cannot be used as String"},

		{"six files", nil, form(operations("mutation($f: [Upload!]) { put(files: $f) }", `{"f":[null]}`), `{"0":[],"1":[],"2":[],"3":[],"4":[],"5":[]}`), 413, "more than 5 files"},
		{"operations too large", nil, form(putFile+strings.Repeat(" ", 128<<10), mapFile, small), 413, `"operations" and "map" together has more than 131072 bytes`},
		{"map too large", nil, form(putFile, mapFile+strings.Repeat(" ", 128<<10-len(putFile)), small), 413, `"operations" and "map" together has more than 131072 bytes`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			headers := tt.headers
			if headers == nil {
				headers = []string{preflight, sendsForm}
			}
			got := record(t, h, strings.NewReader(tt.body), int64(len(tt.body)), headers...)
			if got.status != tt.status {
				t.Fatalf("status %d, want %d: %s", got.status, tt.status, got.body)
			}
			checkRefusal(t, got, "BAD_USER_INPUT", tt.message)
		})
	}
}

// record answers without a network, so that a body can be refused before its
// end without a connection that breaks.
func record(t testing.TB, h http.Handler, body io.Reader, length int64, headers ...string) reply {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", body)
	req.ContentLength = length
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Add(name, value)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	got := reply{status: rec.Code, header: rec.Header(), body: rec.Body.String()}
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		t.Fatalf("answer %q: %v", got.body, err)
	}
	return got
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// unreadable fails the test if it is read.
type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func TestFormTooLarge(t *testing.T) {
	t.Parallel()
	h := handler(t, nil)
	head := strings.TrimSuffix(form(putFile, mapFile, file("0", "")), "\r\n--xox--\r\n")
	got := record(t, h, unreadable{t}, 52<<20+1, sendsForm, preflight)
	if got.status != 413 {
		t.Errorf("told: status %d", got.status)
	}
	checkRefusal(t, got, "BAD_USER_INPUT", "the body has more than 54525952 bytes")
	got = record(t, h, io.MultiReader(strings.NewReader(head), zeros{}), -1, sendsForm, preflight)
	if got.status != 413 {
		t.Errorf("not told: status %d", got.status)
	}
	checkRefusal(t, got, "BAD_USER_INPUT", "the body has more than 54525952 bytes")
	got = record(t, h, unreadable{t}, 52<<20, sendsForm)
	checkRefusal(t, got, "BAD_USER_INPUT", "Apollo-Require-Preflight")

	const tail = "\r\n--xox--\r\n"
	most := int64(52<<20 - len(head) - len(tail))
	got = record(t, h, io.MultiReader(strings.NewReader(head), io.LimitReader(zeros{}, most), strings.NewReader(tail)), 52<<20, sendsForm, preflight)
	if got.status != 200 || !strings.Contains(got.body, fmt.Sprint(most)) {
		t.Errorf("as large as it may be: %d %.300s", got.status, got.body)
	}
}

func TestUploadsOfOtherOrigins(t *testing.T) {
	t.Parallel()
	const friend = "https://admin.example.com"
	h := handler(t, func(o *edge.Options) { o.AllowedOrigins = []string{friend} })
	body := form(putFile, mapFile, file("0", ""))
	for origin, status := range map[string]int{friend: 200, "https://evil.example.com": 403} {
		got := record(t, h, strings.NewReader(body), int64(len(body)), sendsForm, preflight, "Origin: "+origin, "Sec-Fetch-Site: cross-site")
		if got.status != status {
			t.Errorf("%s: status %d, want %d", origin, got.status, status)
		}
	}
}

// seen is an extension that is called with the variables of an operation that runs.
type seen func(variables map[string]any)

func (seen) ExtensionName() string                   { return "Seen" }
func (seen) Validate(graphql.ExecutableSchema) error { return nil }
func (s seen) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	s(graphql.GetOperationContext(ctx).Variables)
	return next(ctx)
}

// broken is a body whose connection is lost at its end.
type broken struct{ io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = errors.New("connection reset")
	}
	return n, err
}

// TestFilesEndWithTheRequest is not parallel, since it looks at the whole
// process: at the folder of temporary files and at what of it is open.
func TestFilesEndWithTheRequest(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	var kept graphql.Upload
	panics := false
	h := handler(t, func(o *edge.Options) {
		o.Extensions = append(o.Extensions, seen(func(variables map[string]any) {
			kept = variables["f"].(graphql.Upload)
			if first, err := io.ReadAll(io.LimitReader(kept.File, 3)); string(first) != "012" || err != nil {
				t.Errorf("during the request: %q, %v", first, err)
			}
			if panics {
				panic("canary")
			}
		}))
	})
	body := form(putFile, mapFile, file("0", strings.Repeat("0123456789", 200_000)))
	check := func(name string, got reply, status int) {
		if got.status != status {
			t.Errorf("%s: status %d, want %d: %s", name, got.status, status, got.body)
		}
		checkNoFiles(t, dir)
	}
	send := func(body io.Reader) reply { return record(t, h, body, -1, sendsForm, preflight) }

	check("answered", send(strings.NewReader(body)), 200)
	_, _ = kept.File.Seek(0, io.SeekStart)
	if _, err := kept.File.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after the request: %v", err)
	}
	panics, kept = true, graphql.Upload{}
	check("a panic", send(strings.NewReader(body)), 500)
	if _, err := kept.File.Read(make([]byte, 1)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after a panic: %v", err)
	}
	check("a disconnect", send(broken{strings.NewReader(body[:1_500_000])}), 400)
	check("one file missing", send(strings.NewReader(strings.Replace(body, mapFile, `{"0":["variables.f"],"1":[]}`, 1))), 400)
}

// checkNoFiles asserts that no temporary file in dir is there or open.
func checkNoFiles(t testing.TB, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files %v, %v", left, err)
	}
	// Where there is no /proc, open files are not seen, and this finds none.
	open, _ := filepath.Glob("/proc/self/fd/*")
	for _, fd := range open {
		if at, err := os.Readlink(fd); err == nil && strings.HasPrefix(at, dir+string(filepath.Separator)) {
			t.Errorf("still open: %s", at)
		}
	}
}

func TestFilesThatCannotBeKept(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	var log bytes.Buffer
	h := handler(t, func(o *edge.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	body := form(putFile, mapFile, file("0", strings.Repeat("x", 1<<20+1)))
	got := record(t, h, strings.NewReader(body), int64(len(body)), sendsForm, preflight)
	if got.status != 500 {
		t.Errorf("status %d", got.status)
	}
	checkRefusal(t, got, "INTERNAL", "log")
	if !strings.Contains(log.String(), "no such file") || strings.Contains(got.body, "none") {
		t.Errorf("log %s, answer %s", log.String(), got.body)
	}
	body = form(putFile, mapFile, file("0", "small"))
	if got := record(t, h, strings.NewReader(body), int64(len(body)), sendsForm, preflight); got.status != 200 {
		t.Errorf("a small one: %d %s", got.status, got.body)
	}
}

// FuzzForm sends raw bodies. BIG stands for more bytes than are kept in memory.
// Whatever comes, it is answered or refused, and no file outlives it.
func FuzzForm(f *testing.F) {
	putFiles := `{"query":"mutation($f: [Upload!], $g: Form, $h: JSON) { put(files: $f, form: $g, json: $h) }","variables":{"f":[null,null],"g":{"file":null,"more":[null]},"h":null}}`
	for _, body := range []string{
		form(putFile, mapFile, file("0", "abc")),
		form(putFile, mapFile, file("0", "BIG")),
		form(putFile, mapFile, file("0", "BIG"))[:310],
		form(putFiles, `{"0":["variables.f.0","variables.g.file"],"1":["variables.f.1"]}`, file("0", "BIG"), file("1", "BIG")),
		form(putFiles, `{"0":["variables.h"],"1":["variables.g.more.0"]}`, file("1", ""), file("0", "BIG")),
		form(putFile, `{"0":["variables.f"],"1":["variables.f"]}`, file("0", "BIG")),
		form("["+putFile+"]", `{"0":["0.variables.f"]}`, file("0", "")),
		form(putFile, `{"0":["variables.f.0.1.2.-1.999999999999"]}`, file("0", "")),
		form(`{"query":"query($f: String) { hello(name: $f) }","variables":{"f":null}}`, mapFile, file("0", "BIG")),
		form(putFile, mapFile, part("0", "; filename*=utf-8''%0d%0a\r\nContent-Type: ;\r\nContent-Transfer-Encoding: quoted-printable", "=3")),
		"--xox\r\nX: BIG", "--xox--", "--xox\r\n\r\n", "BIG", "",
	} {
		f.Add(body)
	}
	dir := f.TempDir()
	f.Setenv("TMPDIR", dir)
	h := handler(f, nil)
	big := strings.Repeat("0123456789", 110_000)
	f.Fuzz(func(t *testing.T, body string) {
		if strings.Count(body, "BIG") > 6 {
			t.Skip("more than six large files say nothing new")
		}
		body = strings.ReplaceAll(body, "BIG", big)
		for _, length := range []int64{int64(len(body)), math.MaxInt64} {
			got := record(t, h, strings.NewReader(body), length, sendsForm, preflight)
			switch got.status {
			case 200, 400, 413:
			default:
				t.Fatalf("status %d: %s", got.status, got.body)
			}
			if len(got.Errors) == 0 && len(got.Data) == 0 {
				t.Fatalf("neither data nor errors: %s", got.body)
			}
		}
		checkNoFiles(t, dir)
	})
}
