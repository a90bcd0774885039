package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var opInvoice = &Op{ID: "invoice", Method: http.MethodGet, Path: "/invoices/{invoiceId}", Label: Light}

// A file goes to who asked while it comes, whole or in part; Zoom's errors are errors, and nothing is sent twice that was
// begun.
func TestStream(t *testing.T) {
	t.Parallel()
	const pdf = "%PDF-1.7 an invoice"
	for name, test := range map[string]struct {
		serve func(w http.ResponseWriter, r *http.Request)
		part  string
		into  func(Stream) error
		got   string // status and body; "" where there was none
		fails Code
		calls int64
	}{
		"whole": {
			serve: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/pdf")
				_, _ = io.WriteString(w, pdf)
			},
			got: "200 " + pdf, calls: 1,
		},
		"a part": {
			serve: func(w http.ResponseWriter, r *http.Request) {
				http.ServeContent(w, r, "a.pdf", time.Time{}, strings.NewReader(pdf))
			},
			part: "bytes=0-3", got: "206 %PDF", calls: 1,
		},
		"no such part": {
			serve: func(w http.ResponseWriter, r *http.Request) {
				http.ServeContent(w, r, "a.pdf", time.Time{}, strings.NewReader(pdf))
			},
			part: "bytes=99-", got: "416 ", calls: 1,
		},
		"an error of Zoom's": {
			serve: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusNotFound)
				_, _ = io.WriteString(w, `{"code":1001,"message":"none"}`)
			},
			fails: CodeNotFound, calls: 1,
		},
		"an error in disguise": {
			serve: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json;charset=UTF-8")
				_, _ = io.WriteString(w, `{"code":200,"message":"no permission"}`)
			},
			fails: CodeForbidden, calls: 1,
		},
		"broken off": {
			serve: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/pdf")
				w.Header().Set("Content-Length", "1000")
				_, _ = io.WriteString(w, pdf)
			},
			got: "200 " + pdf, fails: CodeUpstreamInvalidResponse, calls: 1,
		},
		"not taken": {
			serve: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, pdf) },
			into:  func(Stream) error { return errors.New("the client left") },
			fails: CodeUpstreamInvalidResponse, calls: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int64
			c := dial(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				if r.Header.Get("Authorization") == "" || r.Header.Get("Accept") != "*/*" {
					t.Errorf("headers %v", r.Header)
				}
				test.serve(w, r)
			})
			got := ""
			into := test.into
			if into == nil {
				into = func(s Stream) error {
					body, err := io.ReadAll(s.Body)
					got = fmt.Sprint(s.Status, " ", string(body))
					return err
				}
			}
			asked := http.Header{}
			if test.part != "" {
				asked.Set("Range", test.part)
			}
			_, err := c.Do(context.Background(), Request{Op: opInvoice, Path: []string{"i"}, Into: into, Conditions: asked})
			var fail *Error
			if errors.As(err, &fail); (fail == nil) != (test.fails == "") || fail != nil && fail.Code != test.fails {
				t.Errorf("error %v, want %q", err, test.fails)
			}
			if got != test.got || calls.Load() != test.calls {
				t.Errorf("%q in %d calls, want %q in %d", got, calls.Load(), test.got, test.calls)
			}
		})
	}
}
