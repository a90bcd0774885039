package client

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// zoomsHead is the head of one of Zoom's answers. A gateway of Zoom's writes some names in lower case.
const zoomsHead = "HTTP/1.1 200 OK\r\nDate: Mon, 30 Nov 2026 10:00:00 GMT\r\nContent-Type: application/json;charset=UTF-8\r\n" +
	"Content-Length: 2\r\nConnection: keep-alive\r\nx-zm-trackingid: v=2.0;clid=aw1;rid=WEB_1\r\nCache-Control: no-cache\r\n" +
	"Pragma: no-cache\r\nX-RateLimit-Type: QPS\r\nX-RateLimit-Limit: 60\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\n\r\n"

// An ordinary answer is read here; one byte that is unusual makes it net/http's, to which
// nothing is lost.
func TestOrdinaryHeads(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		old, changed string
		ordinary     bool
	}{
		"as it is":             {"", "", true},
		"another status":       {"200 OK", "429 Too Many Requests", true},
		"names in capitals":    {"Content-Length", "CONTENT-LENGTH", true},
		"a length of nothing":  {"Content-Length: 2", "Content-Length: 0", true},
		"a value with a colon": {"a=1", "a: 1", true},
		"without text":         {"200 OK", "200", false},
		"HTTP/1.0":             {"HTTP/1.1", "HTTP/1.0", false},
		"no content":           {"200 OK", "204 No Content", false},
		"not modified":         {"200 OK", "304 Not Modified", false},
		"early":                {"200 OK", "103 Early Hints", false},
		"odd status":           {"200 OK", "999 Odd", false},
		"status no number":     {"200 OK", "2x0 OK", false},
		"two blanks":           {"200 OK", "200  OK", false},
		"closes":               {"keep-alive", "close", false},
		"closes too":           {"keep-alive", "keep-alive, close", false},
		"no length":            {"Content-Length: 2\r\n", "", false},
		"two lengths":          {"Content-Length: 2\r\n", "Content-Length: 2\r\nContent-Length: 2\r\n", false},
		"negative length":      {"Content-Length: 2", "Content-Length: -2", false},
		"signed length":        {"Content-Length: 2", "Content-Length: +2", false},
		"long length":          {"Content-Length: 2", "Content-Length: 0000000000000002", false},
		"two codings":          {"Date", "Transfer-Encoding: chunked\r\nDate", false},
		"trailer":              {"Date", "Trailer: X-Sum\r\nDate", false},
		"only pragma":          {"Cache-Control", "X-Control", false},
		"a blank name":         {"Date", "Da te", false},
		"a blank behind":       {"Date:", "Date :", false},
		"a blank before":       {"Date:", " Date:", false},
		"no blank":             {"Date: ", "Date:", false},
		"two blanks in front":  {"Date: ", "Date:  ", false},
		"a blank at the end":   {"b=2\r\n", "b=2 \r\n", false},
		"no value":             {"b=2\r\n", "\r\n", false},
		"no name":              {"Date:", ":", false},
		"no colon":             {"Date:", "Date", false},
		"folded":               {"a=1; ", "a=1;\r\n ", false},
		"bare newline":         {"a=1; ", "a=1;\n", false},
		"bare return":          {"a=1; ", "a=1;\r", false},
		"NUL":                  {"a=1; ", "a=1;\x00", false},
		"no ASCII":             {"a=1; ", "a=ü; ", false},
		"tab":                  {"a=1; ", "a=1;\t", false},
		"cut off":              {"\r\n\r\n", "\r\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			head := strings.Replace(zoomsHead, tt.old, tt.changed, 1)
			if tt.old == "\r\n\r\n" {
				head = strings.TrimSuffix(zoomsHead, "\r\n")
			}
			if got := compareHeads(t, []byte(head+"{}")); got != tt.ordinary {
				t.Errorf("read here: %v", got)
			}
		})
	}
}

// An answer whose head comes in parts is net/http's.
func TestHeadsInParts(t *testing.T) {
	t.Parallel()
	in := bufio.NewReader(io.MultiReader(strings.NewReader(zoomsHead[:40]), strings.NewReader(zoomsHead[40:]+"{}")))
	_, _ = in.Peek(1)
	if _, ok := readOrdinary(in, new(http.Response)); ok || in.Buffered() != 40 {
		t.Error("it was read here, or lost")
	}
}

// However an answer is sent, a Response tells its headers, by names in any case.
func TestHeadersOfResponses(t *testing.T) {
	t.Parallel()
	answers := rawAnswers()
	for _, name := range []string{"length", "chunks", "names in small", "empty", "zipped", "zipped chunks", "no content"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := strings.Replace(answers[name], "\r\n", "\r\nX-RateLimit-Limit: 60\r\n", 1)
			c, err := New(Config{APIURL: "http://" + hosting(t, raw, false), Tokens: &tokens{}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.freshConnections)
			for range 3 {
				res, _ := c.Do(t.Context(), settingsOf("u")) // some are none for a client
				if res == nil || res.Header.Get("x-ratelimit-limit") != "60" || res.Header.Get("X-Absent") != "" {
					t.Errorf("%+v", res)
				}
			}
		})
	}
}

// compareHeads reads an answer, and the one behind it, here and by net/http. It tells whether the
// first one is ordinary; then both readers have to agree on all of it.
func compareHeads(t *testing.T, raw []byte) (ordinary bool) {
	t.Helper()
	ours, theirs := bufio.NewReader(bytes.NewReader(raw)), bufio.NewReader(bytes.NewReader(raw))
	_, _ = ours.Peek(1)
	var answer http.Response
	f, ordinary := readOrdinary(ours, &answer)
	if !ordinary {
		if rest, _ := io.ReadAll(ours); !bytes.Equal(rest, raw) {
			t.Errorf("%q is left of %q", rest, raw)
		}
		return false
	}
	answer.Header = f.all()
	answer.Body = io.NopCloser(&measuredBody{ours, answer.ContentLength})
	want, err := http.ReadResponse(theirs, nil) //nolint:bodyclose // allOf closes it
	if err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
	for name := range want.Header {
		if got, want := f.Get(strings.ToLower(name)), want.Header.Get(name); got != want {
			t.Errorf("%q: %s is %q\nnet/http: %q", raw, name, got, want)
		}
	}
	if got := f.Get("X-Absent") + f.Get(""); got != want.Header.Get("X-Absent") {
		t.Errorf("%q: what is not there is %q", raw, got)
	}
	if got, want := allOf(&answer, ours), allOf(want, theirs); got != want {
		t.Errorf("%q\n%s\nnet/http: %s", raw, got, want)
	}
	return true
}

// allOf is all there is to an answer, and what is left behind it.
func allOf(answer *http.Response, in io.Reader) string {
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	behind, _ := io.ReadAll(in)
	return fmt.Sprintf("%s %d.%d %q %d %q %d %v %v %v %v, %q %v, %q", answer.Proto, answer.ProtoMajor, answer.ProtoMinor, answer.Status,
		answer.StatusCode, answer.Header, answer.ContentLength, answer.Close, answer.TransferEncoding, answer.Uncompressed, answer.Trailer,
		body, err, behind)
}

func FuzzHead(f *testing.F) {
	for _, raw := range rawAnswers() {
		if len(raw) <= 1<<10 { // long ones teach it nothing
			f.Add([]byte(raw))
		}
	}
	f.Add([]byte(zoomsHead + "{}"))
	f.Add([]byte(zoomsHead + "{}" + zoomsHead))
	f.Fuzz(func(t *testing.T, raw []byte) { compareHeads(t, raw) })
}

func BenchmarkHead(b *testing.B) {
	raw := strings.NewReader(zoomsHead)
	in := bufio.NewReader(raw)
	for name, read := range map[string]func() bool{
		"ordinary": func() bool {
			f, ok := readOrdinary(in, new(http.Response))
			return ok && f.Get("X-Zm-Trackingid") != "" && f.Get("X-Ratelimit-Type") != ""
		},
		"net/http": func() bool {
			answer, err := http.ReadResponse(in, nil) //nolint:bodyclose // nothing is behind it
			return err == nil && answer.ContentLength == 2
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				raw.Reset(zoomsHead)
				in.Reset(raw)
				_, _ = in.Peek(1)
				if !read() {
					b.Fatal("not read")
				}
			}
		})
	}
}
