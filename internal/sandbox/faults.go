package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"zoomgraph/internal/sandbox/world"
)

// Fault is something that goes wrong with the calls it matches. Of several the
// first that is not spent happens; faults of the kinds FaultWrongType,
// FaultAbsent and FaultAsText alter the answer and let the next one have its turn.
type Fault struct {
	// Match is a pattern such as "GET /users/*/settings": the method is
	// optional, "*" stays within a segment, paths are without /v2. The token
	// endpoint is "/oauth/token". Empty matches every call.
	Match string `json:"match,omitempty"`
	// User narrows it to calls about one user, by id or e-mail address.
	User string `json:"user,omitempty"`
	// Times is how often it happens; 0: always.
	Times int `json:"times,omitempty"`
	// Kind is what happens.
	Kind FaultKind `json:"kind"`
	// Status, Code and Message belong to FaultStatus; the latter two to
	// FaultError200 as well, and Status to FaultForeign.
	Status  int    `json:"status,omitempty"`
	Code    int    `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// Path is where the answer is altered: names, and indexes of lists, with dots.
	// FaultAsText needs none: without it the whole answer is altered.
	Path string `json:"path,omitempty"`
	// Value is what FaultWrongType puts there.
	Value json.RawMessage `json:"value,omitempty"`
	// Type and Body are the content type and the text of FaultForeign; either
	// may be empty.
	Type string `json:"type,omitempty"`
	Body string `json:"body,omitempty"`
	// Tokens are the page tokens of FaultEndless, which come in turn; none:
	// always another one.
	Tokens []string `json:"tokens,omitempty"`
}

// FaultKind is a way to go wrong.
type FaultKind string

// The ways to go wrong. Except for the last six, the operation is not carried out.
const (
	FaultStatus      FaultKind = "status"       // this status, code and message
	Fault429         FaultKind = "429"          // too many calls this second
	Fault429Daily    FaultKind = "429-daily"    // too many calls today
	FaultDrop        FaultKind = "drop"         // the connection closes without an answer
	FaultHang        FaultKind = "hang"         // nothing, until the caller leaves
	FaultHTML        FaultKind = "html"         // 200 with a web page
	FaultForeign     FaultKind = "foreign"      // any status, type and body, as of a proxy; no tracking id
	FaultEmpty       FaultKind = "empty"        // 200 with no body
	FaultNull        FaultKind = "null"         // 200 with null
	FaultError200    FaultKind = "error200"     // 200 with {code, message}
	FaultExpireToken FaultKind = "expire-token" // 401 with code 124, and the token is dead
	FaultEndless     FaultKind = "endless"      // a list: its first page whatever token comes, and a token that leads on
	FaultTruncated   FaultKind = "truncated"    // the first half of the answer
	FaultTrailing    FaultKind = "trailing"     // the answer, and something after it
	FaultArray       FaultKind = "array"        // the answer in a list
	FaultWrongType   FaultKind = "wrong-type"   // another value at a path, where the answer has one
	FaultAbsent      FaultKind = "absent"       // nothing at a path
	FaultAsText      FaultKind = "as-text"      // numbers and Booleans spelled as texts, "30" and "true", at a path and below it
)

func (f Fault) validate() error {
	kinds := []FaultKind{
		FaultStatus, Fault429, Fault429Daily, FaultDrop, FaultHang, FaultHTML, FaultForeign, FaultEmpty, FaultNull,
		FaultEndless, FaultError200, FaultExpireToken, FaultTruncated, FaultTrailing, FaultArray, FaultWrongType, FaultAbsent, FaultAsText,
	}
	switch {
	case !slices.Contains(kinds, f.Kind):
		return fmt.Errorf("unknown kind %q; there are %q", f.Kind, kinds)
	case f.Times < 0:
		return fmt.Errorf("times is negative")
	case (f.Kind == FaultStatus || f.Kind == FaultForeign) && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status must be 200 to 599, not %d", f.Status)
	case f.Kind == FaultError200 && f.Code == 0:
		return fmt.Errorf("error200 needs a code")
	case f.alters() && f.Path == "" && f.Kind != FaultAsText:
		return fmt.Errorf("%s needs a path", f.Kind)
	case f.Kind == FaultWrongType && f.Value == nil:
		return fmt.Errorf("wrong-type needs a value")
	}
	return validatePattern(f.Match)
}

func (f Fault) alters() bool {
	return f.Kind == FaultWrongType || f.Kind == FaultAbsent || f.Kind == FaultAsText
}

// alter changes the body of an answer.
func (f Fault) alter(body []byte) []byte {
	if len(body) == 0 {
		return body
	}
	var path []string
	if f.Path != "" {
		path = strings.Split(f.Path, ".")
	}
	return world.Alter(body, path, func(value json.RawMessage) json.RawMessage {
		switch f.Kind {
		case FaultAsText:
			return world.AsText(value)
		case FaultAbsent:
			return nil
		default:
			return f.Value
		}
	})
}

// armedFault counts how often a fault has happened.
type armedFault struct {
	Fault
	spent atomic.Int64
}

func arm(faults []Fault) []*armedFault {
	armed := make([]*armedFault, len(faults))
	for i, f := range faults {
		armed[i] = &armedFault{Fault: f}
	}
	return armed
}

// strikes tells whether the fault happens to a call, and counts it.
func (f *armedFault) strikes(s *Server, c *call) bool {
	if !matchesCall(f.Match, c) || f.User != "" && !s.concerns(c, f.User) {
		return false
	}
	return f.Times == 0 || f.spent.Add(1) <= int64(f.Times)
}

// concerns tells whether a call is about a user.
func (s *Server) concerns(c *call, user string) bool {
	zoom, err := s.zoomOf(c)
	if err != nil {
		return false
	}
	about := zoom.User(c.vars["userId"])
	return about != "" && about == zoom.User(user)
}

// withFaults performs the operation as far as the faults let it.
func (s *Server) withFaults(c *call) world.Answer {
	var alterations []Fault
	a, struck := world.Answer{}, false
	for _, f := range c.regime.faults {
		if !f.strikes(s, c) {
			continue
		}
		if !f.alters() {
			a, struck = s.strike(c, f.Fault), true
			break
		}
		alterations = append(alterations, f.Fault)
	}
	if !struck {
		a = s.perform(c)
	}
	for _, f := range alterations {
		a.Body = f.alter(a.Body)
	}
	return a
}

// strike answers a call as a fault says.
func (s *Server) strike(c *call, f Fault) world.Answer {
	label := c.label()
	switch f.Kind {
	case FaultStatus:
		return f.refusal(f.Status).Answer()
	case FaultError200:
		return f.refusal(http.StatusOK).Answer()
	case Fault429:
		return without(c.regime.Quiet, overPerSecond(label, max(1, perSecond(c.regime.RPS[label])))).Answer()
	case Fault429Daily:
		return overDaily(label, max(1, c.regime.Daily[label]), c.now).Answer()
	case FaultExpireToken:
		s.tokens.end(c.bearer)
		return world.Refuse(http.StatusUnauthorized, 124, "Access token is expired.").Answer()
	case FaultHang:
		<-c.request.Context().Done()
		return world.Answer{}
	case FaultHTML:
		page := world.OK([]byte("<!DOCTYPE html><title>Sandbox</title><p>This is a web page, not an API.\n"))
		return page.With(http.Header{"Content-Type": {"text/html;charset=UTF-8"}})
	case FaultForeign:
		return f.foreign()
	case FaultEndless:
		return f.endless(s, *c)
	case FaultEmpty:
		return world.OK(nil)
	case FaultNull:
		return world.OK([]byte("null"))
	case FaultTruncated, FaultTrailing, FaultArray:
		return f.mangle(s.perform(c))
	default: // FaultDrop
		return world.Answer{}
	}
}

func (f Fault) refusal(status int) *world.Refusal {
	r := world.Refuse(status, f.Code, "%s", f.Message)
	if r.Code == 0 {
		r.Code = status
	}
	if r.Message == "" {
		r.Message = "The sandbox was told to fail."
	}
	return r
}

func (f Fault) foreign() world.Answer {
	header := http.Header{"X-Zm-Trackingid": nil, "Content-Type": nil}
	if f.Type != "" {
		header.Set("Content-Type", f.Type)
	}
	return world.Answer{Status: f.Status, Header: header, Body: []byte(f.Body)}
}

// endless answers a list with its first page, and with a token that leads on.
func (f Fault) endless(s *Server, c call) world.Answer {
	query, err := url.ParseQuery(c.query)
	if err != nil {
		return s.perform(&c)
	}
	came := query.Get("next_page_token")
	query.Del("next_page_token")
	c.query = query.Encode()
	a := s.perform(&c)
	next := came + "x"
	if len(f.Tokens) > 0 {
		next = f.Tokens[(slices.Index(f.Tokens, came)+1)%len(f.Tokens)]
	}
	a.Body = world.Edit(a.Body, []string{"next_page_token"}, world.Encode(next))
	return a
}

// mangle breaks the body of an answer.
func (f Fault) mangle(a world.Answer) world.Answer {
	switch f.Kind {
	case FaultTruncated:
		a.Body = a.Body[:len(a.Body)/2]
	case FaultTrailing:
		a.Body = append(slices.Clip(a.Body), " {}"...)
	case FaultArray:
		a.Body = slices.Concat([]byte("["), a.Body, []byte("]"))
	}
	return a
}
