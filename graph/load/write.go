package load

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"zoomgraph/client"
)

// Write sends a write at once. The store is told before it leaves and after it has ended, so that nothing is believed
// any longer that was read of what it changes. ctx is that of the field which makes it.
func (s *Session) Write(ctx context.Context, req client.Request) (*client.Response, error) {
	store, path := context.WithoutCancel(s.ctx), s.named(req)
	req.Thing = s.upstream.Store.Thing(store, req.Op, path)
	end := func(context.Context, bool) {} // a write that does not leave is not told
	req.Seal = func() (url.Values, bool) {
		end = s.upstream.Store.Write(store, req.Op, path)
		return req.Query, true
	}
	res, err := s.call(s.ctx, &req, s.trace.writes(ctx))
	known := certain(res, err)
	if end(store, known); !known {
		err = inDoubt(err)
	}
	return res, err
}

// inDoubt is the error of a write of which it is not certain what became.
func inDoubt(err error) error {
	var fail *client.Error
	if !errors.As(err, &fail) {
		return err
	}
	told, hint := *fail, "Zoom may have carried it out all the same: read what is there before you try again"
	if told.Hint != "" {
		hint = told.Hint + "; " + hint
	}
	told.Hint = hint
	return &told
}

// named is the path of a request with the caller's own id in place of "me", where that is known: others of the account
// know nobody of that name.
func (s *Session) named(req client.Request) []string {
	me := s.upstream.Client.Me()
	if me == "" || !strings.HasPrefix(req.Op.Path, "/users/{userId}") || req.Path[0] != "me" {
		return req.Path
	}
	return append([]string{me}, req.Path[1:]...)
}

// certain tells whether it is known what became of a write: it was carried out, it was not, or it never left. Only Zoom
// can say so, and not in an answer to a fault of its own; or nobody, where there was not even a connection.
func certain(res *client.Response, err error) bool {
	var fail *client.Error
	var dial *net.OpError
	switch {
	case err == nil, res == nil:
		return true
	case res.Attempts == 1 && errors.As(err, &dial) && dial.Op == "dial":
		return true
	case !errors.As(err, &fail):
		return false
	}
	return !fail.Foreign && fail.Status >= http.StatusBadRequest && fail.Status < http.StatusInternalServerError
}
