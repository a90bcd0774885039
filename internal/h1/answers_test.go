package h1

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// handlers answer in all ways, as the path says.
var handlers = map[string]http.HandlerFunc{
	"/nothing": func(http.ResponseWriter, *http.Request) {},
	"/small":   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") },
	"/html":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
	"/pieces": func(w http.ResponseWriter, _ *http.Request) {
		for range 10 {
			_, _ = w.Write(bytes.Repeat([]byte("x"), 100))
		}
	},
	"/held":           func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, heldBack)) },
	"/more than held": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, heldBack+1)) },
	"/chunks": func(w http.ResponseWriter, _ *http.Request) {
		for i := range 40 {
			_, _ = w.Write(bytes.Repeat([]byte("x"), 173*i))
			_, _ = io.WriteString(w, "y")
		}
	},
	"/text": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 100_000)) },
	"/texts": func(w http.ResponseWriter, _ *http.Request) {
		for i := range 20 {
			_, _ = io.WriteString(w, strings.Repeat("x", 1000*i))
			_, _ = w.Write(bytes.Repeat([]byte("y"), 100*i))
		}
	},
	"/text of a told length": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
	},
	"/text behind a flush": func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
	},
	"/copied": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.Copy(w, strings.NewReader(strings.Repeat("x", 100_000)))
	},
	"/told": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		w.Header().Set("Content-Type", "text/x")
		for range 100 {
			_, _ = w.Write(make([]byte, 1000))
		}
	},
	"/told too much": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = w.Write(make([]byte, 3))
	},
	"/told too little": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "3")
		_, first := io.WriteString(w, "abc")
		_, second := w.Write([]byte("d"))
		note(first, second)
	},
	"/told nonsense": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "x")
		_, _ = w.Write([]byte("d"))
	},
	"/told 0": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "0") },
	"/flushed": func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, "a")
		note(http.NewResponseController(w).Flush())
		_, _ = io.WriteString(w, "b")
	},
	"/flushed and empty": func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() },
	"/header": func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h["X-B"] = []string{"2", " 1 ", "a\r\nb: c"}
		h["x-lower"] = []string{"v"}
		h["no name"] = []string{"v"}
		h["X-Empty"] = []string{""}
		h["X-None"] = nil
		h.Set("A", "v")
		h.Set("Zzz", "v")
		h.Set("Connection", "close ")
		h.Del("Connection")
		w.WriteHeader(http.StatusTeapot)
		h.Set("X-Late", "v")
		h.Del("A")
	},
	"/much header": func(w http.ResponseWriter, _ *http.Request) {
		for i := range 100 {
			w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("v", i))
		}
		_, _ = io.WriteString(w, "hello")
	},
	"/date":    func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Date", "today") },
	"/no date": func(w http.ResponseWriter, _ *http.Request) { w.Header()["Date"] = nil },
	"/no type": func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		_, _ = io.WriteString(w, "x")
	},
	"/encoded": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, "x")
	},
	"/close": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		_, _ = io.WriteString(w, "x")
	},
	"/294":            status(294),
	"/999":            status(999),
	"/204":            status(http.StatusNoContent),
	"/304":            status(http.StatusNotModified),
	"/413":            status(http.StatusRequestEntityTooLarge),
	"/500":            status(http.StatusInternalServerError),
	"/no such status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(99) },
	"/hints": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "x")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusProcessing)
		_, _ = io.WriteString(w, "x")
	},
	"/twice":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); w.WriteHeader(500) },
	"/panic":      func(http.ResponseWriter, *http.Request) { panic("oh") },
	"/abort":      func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	"/late panic": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 100)); panic("oh") },
	"/later panic": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 3000))
		_, _ = w.Write(make([]byte, 100))
		panic("oh")
	},
	"/deadlines": func(w http.ResponseWriter, _ *http.Request) {
		c := http.NewResponseController(w)
		note(c.SetReadDeadline(time.Now().Add(time.Hour)), c.SetWriteDeadline(time.Now().Add(time.Hour)))
		_, _ = io.WriteString(w, "x")
	},
	"/too late": func(w http.ResponseWriter, _ *http.Request) {
		note(http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0)))
		_, _ = io.WriteString(w, "x")
		if err := http.NewResponseController(w).Flush(); err == nil {
			panic("it was sent")
		}
	},
	"/its own deadline of reading": func(w http.ResponseWriter, _ *http.Request) {
		note(http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0)))
		_, _ = io.WriteString(w, "x")
	},
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/x")
		w.Header().Set("Content-Length", "1")
		w.WriteHeader(code)
		if n, err := io.WriteString(w, "x"); n == 0 {
			w.Header().Set("X-Error", err.Error())
		}
	}
}

// note keeps a handler honest: what fails here fails with net/http, or not at all.
func note(errs ...error) {
	for _, err := range errs {
		if err != nil && err != http.ErrContentLength { //nolint:errorlint // that very one
			panic(err)
		}
	}
}

// TestAnswers has all handlers answer by both servers, with another request behind.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for path, h := range handlers {
		t.Run(path[1:], func(t *testing.T) {
			t.Parallel()
			handler := func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/x" {
					return
				}
				h(w, r)
			}
			std, ours := observe(t, false, handler), observe(t, true, handler)
			for _, body := range []string{"", "abc", strings.Repeat("x", 20000)} {
				if got := both(t, std, ours, ask("/", body), get()); got.ours < 1 {
					t.Errorf("the request is not ordinary")
				}
			}
			both(t, std, ours, ask("/", "abc")[:55]) // a body that is not there
		})
	}
}
