package sandbox

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The sizes of the largest bodies read, in bytes.
const (
	maxBody   = 1 << 20
	maxUpload = maxBackground + maxBody
)

// call is one request on its way. It goes through, in this order: path and
// method, token, limits, latency, faults, scopes, query, the things that the
// path names, body, operation.
type call struct {
	request   *http.Request
	path      string // as sent, without /v2
	query     string // as sent
	route     *route // nil when misrouted
	misrouted *refusal
	vars      map[string]string // path parameters
	now       time.Time         // of arrival
	regime    *regime
	bearer    string     // the token, once found good
	granted   []string   // its scopes; nil is all
	user      string     // whose it is; "" where it is the account's
	values    url.Values // the parsed query, once found good
	body      []byte     // as sent; for an operation that takes JSON, only what it knows

	// What the path names, once found.
	account *account
	group   *group
	role    *role
	person  *person
}

// label returns the operation's rate label, "" where nothing is limited.
func (c *call) label() string {
	if c.route == nil {
		return ""
	}
	return c.route.label
}

// respond returns the answer of a call, the zero answer to break the connection.
func (s *Server) respond(c *call) answer {
	limits, err := s.admit(c)
	if err == nil {
		// Read before any waiting: net/http notices a caller that leaves only
		// once the body is in.
		c.body, err = readBody(c.request, c.route.maxBody())
	}
	if !pause(c.request.Context(), c.regime.delay(c)) {
		return answer{}
	}
	if err != nil {
		return answerTo(answer{}, err)
	}
	a := s.withFaults(c)
	if a.status == 0 {
		return a
	}
	return a.with(limits)
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
	if !found {
		return nil, refuse(http.StatusUnauthorized, 124, "Invalid access token.")
	}
	tok, err := s.tokens.check(bearer, c.now)
	if err != nil {
		return nil, err
	}
	c.bearer, c.granted, c.user = bearer, tok.scopes, tok.user
	return c.regime.limits.take(c)
}

// perform runs the operation.
func (s *Server) perform(c *call) answer {
	if !c.route.opensTo(c.granted) {
		return refuse(http.StatusBadRequest, 4711, "Invalid access token, does not contain scopes:[%s].",
			strings.Join(c.route.scopes, ", ")).answer()
	}
	values, err := c.route.parse(c.query)
	if err != nil {
		return answerTo(answer{}, err)
	}
	c.values = values
	if c.route.method == http.MethodGet {
		s.mu.RLock()
		defer s.mu.RUnlock()
	} else {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	if err := s.world.locate(c); err != nil {
		return answerTo(answer{}, err)
	}
	if c.route.body != nil {
		if c.body, err = c.checkBody(c.route.body); err != nil {
			return answerTo(answer{}, err)
		}
	}
	return answerTo(c.route.serve(s, c))
}

// object reads the body, which must be one JSON object.
func (c *call) object() ([]member, error) {
	if media, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, refuse(http.StatusUnsupportedMediaType, 300, "The request body must be application/json.")
	}
	body, isObject := members(c.body)
	if !isObject {
		return nil, refuse(http.StatusBadRequest, 300, "The request body must be one JSON object.")
	}
	return body, nil
}

// checkBody returns what an operation knows of the body.
func (c *call) checkBody(n *node) ([]byte, error) {
	if _, err := c.object(); err != nil {
		return nil, err
	}
	var change change
	body := change.canonical(n, c.body, "")
	if len(change.refused) > 0 {
		return nil, invalid(change.refused...)
	}
	return body, nil
}

// decode reads a body that has been checked.
func (c *call) decode(into any) {
	if err := json.Unmarshal(c.body, into); err != nil {
		panic("sandbox: " + c.route.name() + ": a body that was checked: " + err.Error())
	}
}

func (r *route) maxBody() int {
	if r.file != "" {
		return maxUpload
	}
	return maxBody
}

func readBody(r *http.Request, maxBody int) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(maxBody)+1))
	if err != nil {
		return nil, refuse(http.StatusBadRequest, 300, "The body could not be read.")
	}
	if len(body) > maxBody {
		return nil, refuse(http.StatusRequestEntityTooLarge, 300, "The body is larger than %d bytes.", maxBody)
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
