package callers

import (
	"log/slog"
	"net/http"
	"time"

	"zoomgraph/internal/redact"
)

// Error is why a caller is refused. Its text is for the client: it says what is wrong and repeats nothing.
type Error struct {
	Status     int    // HTTP's
	Code       string // of GraphQL's error
	Message    string
	RetryAfter time.Duration // 0: trying again is of no use
	// Detail is for the log: what was expected and what was found. It holds no credential.
	Detail string

	failure bool // it counts against the credential and its address
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// LogValue is the message, which holds nothing of a request and is therefore shown whole.
func (e *Error) LogValue() slog.Value { return slog.AnyValue(redact.Plain(e.Message)) }

// Public is the text for the client.
func (e *Error) Public() string { return e.Message }

// Again reports whether the same may be accepted later.
func (e *Error) Again() bool { return e.RetryAfter > 0 }

// challenge is WWW-Authenticate, which tells a wrong credential from none.
func (e *Error) challenge(given bool) string {
	switch {
	case e.Status != http.StatusUnauthorized:
		return ""
	case given:
		return `Bearer realm="zoomgraph", error="invalid_token"`
	default:
		return `Bearer realm="zoomgraph"`
	}
}

func unauthenticated(message string) *Error {
	return &Error{Status: http.StatusUnauthorized, Code: "UNAUTHENTICATED", Message: message}
}

func missing() *Error {
	return unauthenticated("who calls? send Authorization: Bearer and a key or a token; over a WebSocket the same in the payload of connection_init, as Authorization")
}

// invalid is the error of a wrong credential.
func invalid(message string) *Error {
	e := unauthenticated(message)
	e.failure = true
	return e
}

// Invalid is the error of a token that an Issuer refuses. Why is for the client; detail is for the log, and may be empty.
func Invalid(why, detail string) error {
	e := invalid("the token is refused: " + why)
	e.Detail = detail
	return e
}

// UnknownKey is the error of a token that is signed by a key which its issuer did not have when it was last asked, until
// it may be asked again.
func UnknownKey(wait time.Duration, detail string) error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: "UPSTREAM_UNAVAILABLE", RetryAfter: wait, Detail: detail, failure: true,
		Message: "the token is signed by a key that its issuer did not have when it was last asked; the issuer can be asked again soon",
	}
}

// Unavailable is the error of an Issuer that cannot judge a token now.
func Unavailable() error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: "UPSTREAM_UNAVAILABLE", RetryAfter: 5 * time.Second,
		Message: "the issuer of tokens cannot be asked for its keys, so this token cannot be checked now",
	}
}

// Expired is the error of a caller whose token was good when the connection began, and is not any more.
func Expired() error {
	return unauthenticated("the token of this caller has expired; send a new one, over a WebSocket in the connection_init of a new socket")
}

// Ended is the error of a session that is over.
func Ended() error {
	return unauthenticated("this session has ended; sign in again")
}

// Foreign is the error of a cookie that a page sends which is not one of the service's own at that origin.
func Foreign(origin string) error {
	return unauthenticated("the cookie of a session counts only in requests of pages at " + origin + "; others send an Authorization header")
}

// Unknown is the error of a session of which it cannot be told now whether it is there.
func Unknown() error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: "UPSTREAM_UNAVAILABLE", RetryAfter: 5 * time.Second,
		Message: "it cannot be told now who is signed in, because what keeps sessions cannot be asked",
	}
}

// tooMany is the error of a wrong credential if its address, or the credential itself, has failed too often.
func tooMany(e exhausted) *Error {
	message := "too many wrong credentials came from this address; send one that is good, or try again later"
	if e.what == "credential" {
		message = "this credential was refused too often; send one that is good, or try again later"
	}
	return &Error{Status: http.StatusTooManyRequests, Code: "RATE_LIMITED", RetryAfter: e.wait, Message: message}
}
