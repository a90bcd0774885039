package client

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"zoomgraph/internal/rawjson"
)

// Label is Zoom's rate-limit class of an operation. Calls are limited per
// account and label, all operations of one label together.
type Label string

// The labels Zoom prints; an operation without one has the empty Label. Those of
// Zoom Phone are printed the same, and have limits of their own.
const (
	Light             Label = "LIGHT"
	Medium            Label = "MEDIUM"
	Heavy             Label = "HEAVY"
	ResourceIntensive Label = "RESOURCE_INTENSIVE"

	PhoneLight             Label = "PHONE_LIGHT"
	PhoneMedium            Label = "PHONE_MEDIUM"
	PhoneHeavy             Label = "PHONE_HEAVY"
	PhoneResourceIntensive Label = "PHONE_RESOURCE_INTENSIVE"
)

// Labels lists all of them, in the order in which they are told of.
func Labels() []Label {
	return []Label{Light, Medium, Heavy, ResourceIntensive, PhoneLight, PhoneMedium, PhoneHeavy, PhoneResourceIntensive}
}

// printed is the label as Zoom prints it.
func (l Label) printed() Label { return Label(strings.TrimPrefix(string(l), "PHONE_")) }

// Op describes one operation of Zoom's API. It is shared and never changed.
type Op struct {
	ID             string            // Zoom's operationId
	Method         string            // "GET"
	Path           string            // "/users/{userId}/settings", below the API's base
	Label          Label             // empty where Zoom prints none
	Scopes         []string          // classic scopes, any of which suffices
	GranularScopes []string          // granular scopes
	OfApp          bool              // it takes a token of the app itself: Config.AppTokens
	Subs           bool              // the account in its path must be a sub account
	Renamed        map[string]string // as Old.Keys, of an operation that has not moved: its answers may have these names any time
	Old            *Old              // where it was before Zoom moved it; nil: it has not moved
	Below          *Op               // the same operation in a sub account, which its first value names; nil: there is none
}

// String is the method and the path template: "GET /users/{userId}/settings".
func (o *Op) String() string { return o.Method + " " + o.Path }

// Request is one call of an operation.
type Request struct {
	Op    *Op
	Path  []string   // a value for each {parameter} of Op.Path, in order, unescaped
	Thing string     // the id of what is written, where the first value of Path is another name of it, such as "me"; empty: that value
	Query url.Values // not changed by the client
	Body  any        // sent as JSON, a *File as a form; nil sends no body, and a GET has none

	// Seal, if set, is called once, when the call has had its turn and is about
	// to leave; what it returns is sent in place of Query. A call that waits may
	// so take on more until then. If it returns false the call is not needed any
	// more: its turn is given back, and the error is ErrNotNeeded.
	Seal func() (url.Values, bool)

	// Shapes, if set, are the shapes of earlier answers to such requests. An answer of
	// one of these shapes costs less to read, and [Response.Parsed] is set.
	Shapes *rawjson.Shapes

	// Into, if set, takes an answer that is no JSON, while it comes and once: the
	// call is not sent again then. Conditions are headers that ask for a part of it,
	// or for one that is new, as HTTP has them: Range, If-None-Match and the like.
	Into       func(Stream) error
	Conditions http.Header

	// Address, if set, is that of a file, which stands in an answer of Zoom's; Op is
	// then [Download], and Into is needed.
	Address string

	// Of calls that wait, those of each Caller get their turns alternately with the
	// others', of a Caller's those of each Session, and Bulk ones when no others wait. A
	// call that is First goes before the others of its Session.
	Caller  string
	Session string
	Lane    Lane
	First   bool
}

// Response tells what a call brought and what it took.
type Response struct {
	Status     int             // of the last attempt; 0 where no answer came
	Body       json.RawMessage // a JSON object; nil for an answer without a body, and beside an error
	Parsed     rawjson.Value   // Body, where it looked like an earlier answer; else none
	TrackingID string          // Zoom's name for the call, for its support
	Waited     time.Duration   // for writes before it on the same resource, for turns of the Budget, for a free place among the calls in flight, and between tries
	Took       time.Duration   // from sending to the last byte of the answer, all attempts together
	Bytes      int             // length of the last answer's body, decompressed
	Attempts   int             // how often the request was handed to the network: a read 1 to 3 times, a write once or twice, and once more for each 429 of the second
	Header     Header          // of the last answer; nil where none came
}
