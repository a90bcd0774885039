package h1

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// This file holds the server to net/http's: both get the same bytes, and everything that a handler, or a client, or who
// follows the connections can see must be the same.

// echo answers with the body, and the path says how.
func echo(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/unread":
	case "/patient":
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Hour))
	case "/closed":
		_ = r.Body.Close()
		_, err := r.Body.Read(make([]byte, 1))
		_, _ = fmt.Fprintln(w, err)
	case "/bytewise":
		for {
			var b [1]byte
			n, err := r.Body.Read(b[:])
			_, _ = w.Write(b[:n])
			if err != nil {
				_, _ = fmt.Fprintln(w, err)
				return
			}
		}
	case "/after": // net/http reads the rest before it writes
		_, _ = r.Body.Read(make([]byte, 2))
		_ = http.NewResponseController(w).Flush()
		rest, err := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%q %v", rest, err)
	default:
		body, err := io.ReadAll(r.Body)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			w.WriteHeader(http.StatusBadRequest)
		}
		_, _ = w.Write(body)
	}
}

// ask is a request with a body for a path.
func ask(path, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: example.com\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
}

// get is one without.
func get(fields ...string) string {
	return lines(append([]string{"GET /x?q=%20 HTTP/1.1", "Host: h"}, append(fields, "")...)...)
}

// inputs are what clients send, and how many of its requests are answered here.
var inputs = []struct {
	name string
	text string
	ours int
}{
	{"one", ask("/", "hello"), 1},
	{"none", "", 0},
	{"GET", get(), 1},
	{"several", ask("/", "a") + get() + ask("/", "") + ask("/unread", "abc") + get(), 5},
	{"names in any case", get("x-a: 1", "X-A: 2", "X-a:3", "content-TYPE: text/plain", "authorization:\tBearer x \t"), 1},
	{"values of any length", get("X-Empty:", "X-Blank: \t ", "X-Long: "+strings.Repeat("v", 3000)), 1},
	{"a target of many kinds", get() + "GET //a/../b;c=d?x=%41&&y HTTP/1.1\r\nHost: h\r\n\r\nGET /a%2Fb#c HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 3},
	{"a target that is none", get() + "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 1},
	{"a target with a control byte", "GET /\x7f HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"an absolute target", "GET http://a/b HTTP/1.1\r\nHost: h\r\n\r\n" + get(), 0},
	{"keep-alive", get("Connection: Keep-Alive") + get(), 2},
	{"close", get() + get("Connection: close") + get(), 1},
	{"close among others", get("Connection: x, close") + get(), 0},
	{"HTTP/1.0", "GET / HTTP/1.0\r\nHost: h\r\n\r\n" + get(), 0},
	{"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n" + get(), 0},
	{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0},
	{"http/1.1", "GET / http/1.1\r\nHost: h\r\n\r\n", 0},
	{"another method", get() + strings.Replace(get(), "GET", "HEAD", 1) + get(), 1},
	{"no method", "get / HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"two spaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"a space in the target", "GET / x HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 0},
	{"no host", "GET / HTTP/1.1\r\n\r\n" + get(), 0},
	{"an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n" + get(), 0},
	{"two hosts", get("Host: h") + get(), 0},
	{"a host that is none", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 0},
	{"a host that is odd", "GET / HTTP/1.1\r\nHost: a%b\r\n\r\n", 0},
	{"bare LF", "GET / HTTP/1.1\nHost: h\n\n" + get(), 0},
	{"bare LF inside", get("A: b\nC: d") + get(), 0},
	{"bare LF at the end", "GET / HTTP/1.1\r\nHost: h\r\n\n" + get(), 0},
	{"bare CR", get("A: b\rC: d") + get(), 0},
	{"CR CR LF", get("A: b\r") + get(), 0},
	{"NUL", get("A: \x00") + get(), 0},
	{"not ASCII", get("A: \xc3\xa4") + get(), 0},
	{"folded", get("A: b", " c") + get(), 0},
	{"folded at once", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 0},
	{"a space before the colon", get("A : b"), 0},
	{"a space in a name", get("A b: c"), 0},
	{"no name", get(": b"), 0},
	{"no colon", get("A"), 0},
	{"a name that is none", get("A(: b"), 0},
	{"length twice", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na" + get(), 0},
	{"two lengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab" + get(), 0},
	{"a list of lengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\na" + get(), 0},
	{"length +1", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na" + get(), 0},
	{"length 01", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 01\r\n\r\na" + get(), 0},
	{"length -1", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n" + get(), 0},
	{"length 0x1", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\na" + get(), 0},
	{"empty length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n" + get(), 0},
	{"huge length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551617\r\n\r\na", 0},
	{"no length", "POST / HTTP/1.1\r\nHost: h\r\n\r\n" + get(), 2},
	{"GET with a length", get("Content-Length: 0") + get("Content-Length: 1") + "a" + get(), 1},
	{"chunks", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n" + get(), 0},
	{"chunks behind", ask("/", "a") + "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n" + get(), 1},
	{"chunks and length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + get(), 0},
	{"another coding", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 0},
	{"a trailer", get("Trailer: a") + get(), 0},
	{"Pragma", get("Pragma: no-cache") + get(), 0},
	{"Upgrade", get("Connection: upgrade", "Upgrade: websocket") + get(), 0},
	{"Upgrade alone", get("Upgrade: h2c") + get(), 0},
	{"Expect", "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na" + get(), 0},
	{"Expect what nobody knows", get("Expect: x") + get(), 0},
	{"an event stream", get("Accept: text/Event-Stream") + get(), 0},
	{"a form", "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: Multipart/form-data; boundary=x\r\nContent-Length: 1\r\n\r\na" + get(), 0},
	{"a long head", get() + get("A: "+strings.Repeat("a", 5000)) + get(), 1},
	{"a head that is too long", get() + get("A: "+strings.Repeat("a", 50000)) + get(), 1},
	{"many fields", get(strings.Split(strings.Repeat("A: b,", maxFields-1), ",")[:maxFields-1]...), 1},
	{"too many fields", get(strings.Split(strings.Repeat("A: b,", maxFields+1), ",")[:maxFields+1]...), 0},
	{"a body of many pieces", ask("/", strings.Repeat("0123456789abcdef", 4000)) + get(), 2},
	{"a large body", ask("/", strings.Repeat("x", 300<<10)) + get(), 0},
	{"a body as large as may be", ask("/", strings.Repeat("x", maxBody)) + ask("/", strings.Repeat("x", maxBody+1)) + get(), 1},
	{"an unread body", ask("/unread", strings.Repeat("x", 50000)) + get(), 2},
	{"a body read byte by byte", ask("/bytewise", strings.Repeat("x", 9000)) + get(), 2},
	{"a closed body", ask("/closed", strings.Repeat("x", 9000)) + get(), 2},
	{"a body read behind the answer", ask("/after", strings.Repeat("x", 9000)) + get(), 2},
	{"a body cut off", ask("/", "hello")[:60], 1},
	{"a body cut off, read bytewise", ask("/bytewise", "hello")[:70], 1},
	{"a body cut off, unread", ask("/unread", "hello")[:66], 1},
	{"ends of lines behind a body", ask("/", "a") + "\r\n" + ask("/", "b") + "\r\n\r\n" + get() + "\r\n", 3},
	{"too many of them", ask("/", "a") + "\r\n\r\n\r\n" + get(), 1},
	{"ends of lines behind no body", get() + "\r\n" + get(), 1},
	{"ends of lines before all", "\r\n" + get(), 0},
	{"a head cut off", get()[:20], 0},
	{"a first line cut off", "GET /", 0},
	{"a method cut off", "G", 0},
	{"a head cut off behind a request", get() + get()[:20], 1},
	{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 0},
	{"nonsense", "hello\r\nworld\r\n", 0},
	{"nonsense behind a request", ask("/", "a") + "hello\r\nworld\r\n", 1},
}

// both talks to both servers and compares.
func both(t testing.TB, std, ours *observed, pieces ...string) record {
	t.Helper()
	want, got := std.talk(t, pieces...), ours.talk(t, pieces...)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(record{})); diff != "" {
		t.Errorf("of %.1000q (-net/http +here):\n%.3000s", strings.Join(pieces, "|"), diff)
	}
	return got
}

// TestSame sends each input as a whole, with another request behind it, and in pieces.
func TestSame(t *testing.T) {
	t.Parallel()
	for _, in := range inputs {
		t.Run(in.name, func(t *testing.T) {
			t.Parallel()
			std, ours := observe(t, false, echo), observe(t, true, echo)
			if got := both(t, std, ours, in.text).ours; got != in.ours {
				t.Errorf("%d requests are answered here, and %d should be", got, in.ours)
			}
			both(t, std, ours, in.text, get())
			both(t, std, ours, in.text, in.text, in.text)
			for _, size := range []int{1, 2, 3, 7, 50, 4096, 4097} {
				if len(in.text) > 50*size {
					continue
				}
				var pieces []string
				for rest := in.text; rest != ""; {
					n := min(size, len(rest))
					pieces, rest = append(pieces, rest[:n]), rest[n:]
				}
				both(t, std, ours, pieces...)
			}
		})
	}
}

// spoil changes whatever a handler may change of its request.
func spoil(w http.ResponseWriter, r *http.Request) {
	echo(w, r)
	for name, values := range r.Header {
		for i := range values {
			values[i] = "spoiled"
		}
		r.Header[name] = append(values, "more")
	}
	r.Header["Added"] = []string{"x"}
	delete(r.Header, "A")
	*r.URL = url.URL{Path: "/spoiled"}
	r.Method, r.Host, r.RequestURI = "SPOILED", "spoiled", "spoiled"
}

// TestSameAgain: what a handler changes of a request changes nothing of the next one with the same head, and a head that only
// begins like the one before is another one.
func TestSameAgain(t *testing.T) {
	t.Parallel()
	first := get("A: 1", "B: 2", "A: 3", "Connection: keep-alive")
	std, ours := observe(t, false, spoil), observe(t, true, spoil)
	all := []string{
		first, first, first,
		strings.Replace(first, "A: 3", "A: 4", 1), first,
		strings.TrimSuffix(first, "\r\n") + "C: 5\r\n\r\n", first,
		ask("/", "one"), ask("/", "two"), ask("/unread", "two"), ask("/", "three"), first,
		get(strings.Split(strings.Repeat("A: 1,B: 2,C: 3,", 6)+"D: 4", ",")...), get("A: 1", "B: 2", "C: 3", "D: 4", "E: 5", "F: 6", "G: 7", "H: 8", "I: 9"), first,
		strings.Replace(first, "A: 1", "a: 1", 1), strings.Replace(first, "q=%20", "q=%21", 1),
	}
	if got := both(t, std, ours, all...).ours; got != len(all) {
		t.Errorf("%d of %d requests are answered here", got, len(all))
	}
	both(t, std, ours, strings.Join(all, ""))
	odd := []string{first, strings.Replace(first, "A: 3", "Expect: 100-continue", 1), first}
	if got := both(t, std, ours, odd...).ours; got != 1 {
		t.Errorf("%d requests are answered here, and one is ordinary before the odd one", got)
	}
}

// FuzzSame sends anything, in two pieces, and once more.
func FuzzSame(f *testing.F) {
	for _, in := range inputs {
		f.Add(in.text, uint16(len(in.text)/2))
	}
	std, ours := observe(f, false, echo), observe(f, true, echo)
	f.Fuzz(func(t *testing.T, text string, cut uint16) {
		at := min(int(cut), len(text))
		both(t, std, ours, text[:at], text[at:], text)
	})
}
