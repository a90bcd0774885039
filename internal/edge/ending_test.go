package edge

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// asked is a caller's Check, whose answer the test sets.
type asked struct {
	mu  sync.Mutex
	err error
}

func (e *asked) set(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = err
}

func (e *asked) check(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

func errEnded() error {
	return &gqlerror.Error{Message: "this session has ended", Extensions: map[string]any{"code": unauthenticated}}
}

func errAway() error {
	return &gqlerror.Error{Message: "come again", Extensions: map[string]any{"code": "UPSTREAM_UNAVAILABLE"}}
}

// An event stream ends with an error and complete when its caller is not one any more.
func TestEventsEndWithTheirCaller(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		known func(over *asked) Known
		then  func(s *stage, over *asked)
		want  string
	}{
		{"at its time", func(*asked) Known { return Known{Until: time.Now().Add(soon)} }, func(*stage, *asked) {}, unauthenticated},
		{"before an answer", func(o *asked) Known { return Known{Check: o.check} }, func(s *stage, o *asked) {
			o.set(errEnded())
			s.ticks <- 1
		}, "this session has ended"},
		{"between answers", func(o *asked) Known { return Known{Check: o.check} }, func(_ *stage, o *asked) { o.set(errEnded()) }, "this session has ended"},
		{"when it cannot be told", func(o *asked) Known { return Known{Check: o.check} }, func(s *stage, o *asked) {
			o.set(errAway())
			s.ticks <- 1
		}, "come again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			over := &asked{}
			s := perform(t, func(_ *Options, l *liveLimits) {
				if tt.name == "between answers" {
					l.keepAlive = 20 * time.Millisecond
				}
			}, as(tt.known(over)))
			resp := s.request(http.MethodPost, "subscription { ticks }")
			in := bufio.NewReader(resp.body)
			if _, err := in.ReadString('\n'); err != nil { // it has begun
				t.Fatal(err)
			}
			s.wantCounts(0, 1, 1)
			tt.then(s, over)
			text, err := io.ReadAll(in)
			if err != nil || strings.Contains(string(text), `"data"`) || !strings.Contains(string(text), tt.want) || !strings.HasSuffix(string(text), "event: complete\ndata:\n\n") {
				t.Errorf("the end is %q, %v", text, err)
			}
			s.wantEnded("ticks")
		})
	}
}

// What has one answer is answered, though its caller has ceased to be one meanwhile.
func TestOneEventOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	s := perform(t, nil, as(Known{Until: time.Now().Add(-time.Hour)})) // it was known when it asked
	resp := s.request(http.MethodPost, "{ hello }")
	text, err := io.ReadAll(resp.body)
	if err != nil || !strings.Contains(string(text), `"hello":"hello"`) {
		t.Errorf("%s, %v", text, err)
	}
}
