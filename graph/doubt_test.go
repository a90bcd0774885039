package graph_test

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

// lost is a way to Zoom on which writes get no answer.
type lost struct {
	http.RoundTripper
	how error
}

func (l lost) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPatch {
		return nil, l.how
	}
	return l.RoundTripper.RoundTrip(r)
}

// A write that got no answer may have been carried out, and its error says so; where there was no connection it was not.
func TestDoubtIsTold(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		how   error
		doubt bool
	}{
		"nobody listens":      {&net.OpError{Op: "dial", Err: errors.New("connection refused")}, false},
		"the connection ends": {&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, sandbox.Config{}, withTransport(lost{http.DefaultTransport, test.how}))
			for _, write := range []string{
				`updateUser(id: "USER", input: {dept: "Fossils"}) { user { id } }`,
				`updateUserSettings(id: "USER", input: {tsp: {callOut: true}}) { user { id } }`,
			} {
				a := s.ask("mutation { "+write+" }", nil)
				if len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "UPSTREAM_UNAVAILABLE" || strings.Contains(string(a.raw), "may have carried it out") != test.doubt {
					t.Errorf("%s: %s", write, a.raw)
				}
			}
		})
	}
}
