package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
)

// Fault is something that goes wrong with the calls it matches. Of several the
// first that is not spent happens; faults of the kinds FaultWrongType and
// FaultAbsent alter the answer and let the next one have its turn.
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
	// FaultError200 as well.
	Status  int    `json:"status,omitempty"`
	Code    int    `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// Path is where FaultWrongType and FaultAbsent alter the answer: names, and
	// indexes of lists, with dots.
	Path string `json:"path,omitempty"`
	// Value is what FaultWrongType puts there.
	Value json.RawMessage `json:"value,omitempty"`
}

// FaultKind is a way to go wrong.
type FaultKind string

// The ways to go wrong. Except for the last five, the operation is not carried out.
const (
	FaultStatus      FaultKind = "status"       // this status, code and message
	Fault429         FaultKind = "429"          // too many calls this second
	Fault429Daily    FaultKind = "429-daily"    // too many calls today
	FaultDrop        FaultKind = "drop"         // the connection closes without an answer
	FaultHang        FaultKind = "hang"         // nothing, until the caller leaves
	FaultHTML        FaultKind = "html"         // 200 with a web page
	FaultEmpty       FaultKind = "empty"        // 200 with no body
	FaultNull        FaultKind = "null"         // 200 with null
	FaultError200    FaultKind = "error200"     // 200 with {code, message}
	FaultExpireToken FaultKind = "expire-token" // 401 with code 124, and the token is dead
	FaultTruncated   FaultKind = "truncated"    // the first half of the answer
	FaultTrailing    FaultKind = "trailing"     // the answer, and something after it
	FaultArray       FaultKind = "array"        // the answer in a list
	FaultWrongType   FaultKind = "wrong-type"   // another value at a path, where the answer has one
	FaultAbsent      FaultKind = "absent"       // nothing at a path
)

func (f Fault) validate() error {
	kinds := []FaultKind{
		FaultStatus, Fault429, Fault429Daily, FaultDrop, FaultHang, FaultHTML, FaultEmpty, FaultNull,
		FaultError200, FaultExpireToken, FaultTruncated, FaultTrailing, FaultArray, FaultWrongType, FaultAbsent,
	}
	switch {
	case !slices.Contains(kinds, f.Kind):
		return fmt.Errorf("unknown kind %q; there are %q", f.Kind, kinds)
	case f.Times < 0:
		return fmt.Errorf("times is negative")
	case f.Kind == FaultStatus && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status must be 200 to 599, not %d", f.Status)
	case f.Kind == FaultError200 && f.Code == 0:
		return fmt.Errorf("error200 needs a code")
	case f.alters() && f.Path == "":
		return fmt.Errorf("%s needs a path", f.Kind)
	case f.Kind == FaultWrongType && f.Value == nil:
		return fmt.Errorf("wrong-type needs a value")
	}
	return validatePattern(f.Match)
}

func (f Fault) alters() bool { return f.Kind == FaultWrongType || f.Kind == FaultAbsent }

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
	s.mu.RLock()
	defer s.mu.RUnlock()
	about := s.world.people.find(c.vars["userId"])
	return about != nil && about == s.world.people.find(user)
}

// withFaults performs the operation as far as the faults let it.
func (s *Server) withFaults(c *call) answer {
	var alterations []Fault
	a, struck := answer{}, false
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
		value := f.Value
		if f.Kind == FaultAbsent {
			value = nil
		}
		a.body = edit(a.body, strings.Split(f.Path, "."), value)
	}
	return a
}

// strike answers a call as a fault says.
func (s *Server) strike(c *call, f Fault) answer {
	label := c.label()
	switch f.Kind {
	case FaultStatus:
		return f.refusal(f.Status).answer()
	case FaultError200:
		return f.refusal(http.StatusOK).answer()
	case Fault429:
		return overPerSecond(label, max(1, perSecond(c.regime.RPS[label]))).without(c.regime.Quiet).answer()
	case Fault429Daily:
		return overDaily(label, max(1, c.regime.Daily[label]), c.now).answer()
	case FaultExpireToken:
		s.tokens.end(c.bearer)
		return refuse(http.StatusUnauthorized, 124, "Access token is expired.").answer()
	case FaultHang:
		<-c.request.Context().Done()
		return answer{}
	case FaultHTML:
		page := ok([]byte("<!DOCTYPE html><title>Sandbox</title><p>This is a web page, not an API.\n"))
		return page.with(http.Header{"Content-Type": {"text/html;charset=UTF-8"}})
	case FaultEmpty:
		return ok(nil)
	case FaultNull:
		return ok([]byte("null"))
	case FaultTruncated, FaultTrailing, FaultArray:
		return f.mangle(s.perform(c))
	default: // FaultDrop
		return answer{}
	}
}

func (f Fault) refusal(status int) *refusal {
	r := refuse(status, f.Code, "%s", f.Message)
	if r.Code == 0 {
		r.Code = status
	}
	if r.Message == "" {
		r.Message = "The sandbox was told to fail."
	}
	return r
}

// mangle breaks the body of an answer.
func (f Fault) mangle(a answer) answer {
	switch f.Kind {
	case FaultTruncated:
		a.body = a.body[:len(a.body)/2]
	case FaultTrailing:
		a.body = append(slices.Clip(a.body), " {}"...)
	case FaultArray:
		a.body = slices.Concat([]byte("["), a.body, []byte("]"))
	}
	return a
}
