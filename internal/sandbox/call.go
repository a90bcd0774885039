package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// The sizes of the largest bodies read, in bytes.
const (
	maxBody   = 1 << 20
	maxUpload = world.LargestFile + maxBody
)

// call is one request on its way. It goes through, in this order: path and
// method, token, limits, latency, faults, scopes, query, the things that the
// path names, body, operation.
type call struct {
	request   *http.Request
	path      string // as sent, without /v2
	query     string // as sent
	route     *route // nil when misrouted
	misrouted *world.Refusal
	vars      map[string]string // path parameters
	now       time.Time         // of arrival
	regime    *regime
	bearer    string     // the token, once found good
	granted   []string   // its scopes; nil is all
	user      string     // whose it is; "" where it is the account's
	app       bool       // it is an app's own
	values    url.Values // of the OAuth service: the parsed query, once found good
	body      []byte     // as sent
}

// label returns the operation's rate label, "" where nothing is limited.
func (c *call) label() string {
	if c.route == nil {
		return ""
	}
	return c.route.Limit
}

// respond returns the answer of a call, the zero answer to break the connection.
func (s *Server) respond(c *call) world.Answer {
	limits, err := s.admit(c)
	if err == nil {
		// Read before any waiting: net/http notices a caller that leaves only
		// once the body is in.
		c.body, err = readBody(c.request, c.route.maxBody())
	}
	if !pause(c.request.Context(), c.regime.delay(c)) {
		return world.Answer{}
	}
	if err != nil {
		return answerTo(world.Answer{}, err)
	}
	a := s.withFaults(c)
	if a.Status == 0 {
		return a
	}
	return ranged(c.request, a).With(limits)
}

// admit checks what does not depend on the operation, and returns the headers
// that tell what is left of the limit.
func (s *Server) admit(c *call) (http.Header, error) {
	if c.misrouted != nil {
		return nil, c.misrouted
	}
	if c.route.open {
		return http.Header{}, nil
	}
	bearer, found := strings.CutPrefix(c.request.Header.Get("Authorization"), "Bearer ")
	if token := c.request.URL.Query().Get("access_token"); !found && c.route.file {
		bearer, found = token, token != ""
	}
	if !found {
		return nil, world.Refuse(http.StatusUnauthorized, 124, "Invalid access token.")
	}
	tok, err := s.tokens.check(bearer, c.now)
	if err != nil {
		return nil, err
	}
	c.bearer, c.granted, c.user, c.app = bearer, tok.scopes, tok.user, tok.app
	return c.regime.limits.take(c)
}

// perform runs the operation.
func (s *Server) perform(c *call) world.Answer {
	if c.route.serve != nil {
		values, err := c.route.Parse(c.query)
		if err != nil {
			return answerTo(world.Answer{}, err)
		}
		c.values = values
		return answerTo(c.route.serve(s, c))
	}
	if c.route.ofApp() && !c.app {
		return world.Refuse(http.StatusUnauthorized, 7010, "Invalid authorization token: it is not the app's own.").Answer()
	}
	if !c.route.opensTo(c.granted) {
		return world.Refuse(http.StatusBadRequest, 4711, "Invalid access token, does not contain scopes:[%s].",
			strings.Join(c.route.named().Scopes, ", ")).Answer()
	}
	zoom, err := s.zoomOf(c)
	if err != nil {
		return answerTo(world.Answer{}, err)
	}
	return here(c.request, c.route.asThen(answerTo(zoom.Perform(c.regime.mode, &world.Call{
		Op: c.route.Operation, Path: c.route.home(c.path), Vars: c.vars, RawQuery: c.query, ContentType: c.request.Header.Get("Content-Type"),
		Body: c.body, Now: c.now, User: c.user, TokenLife: time.Duration(c.regime.PageTokenTTL),
	}))))
}

// answerTo turns the outcome of an operation into its answer.
func answerTo(a world.Answer, err error) world.Answer {
	if r := (*world.Refusal)(nil); errors.As(err, &r) {
		return r.Answer()
	}
	if err != nil {
		return world.Refuse(http.StatusInternalServerError, 500, "%v", err).Answer()
	}
	return a
}

func (r *route) maxBody() int {
	if r.File != "" {
		return maxUpload
	}
	return maxBody
}

func readBody(r *http.Request, maxBody int) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(maxBody)+1))
	if err != nil {
		return nil, world.Refuse(http.StatusBadRequest, 300, "The body could not be read.")
	}
	if len(body) > maxBody {
		return nil, world.Refuse(http.StatusRequestEntityTooLarge, 300, "The body is larger than %d bytes.", maxBody)
	}
	return body, nil
}

// pause waits, and tells whether the caller is still there.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
