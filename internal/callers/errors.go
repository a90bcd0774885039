package callers

import (
	"log/slog"
	"net/http"
	"time"

	"zoomgraph/internal/redact"
)

// Error is why nobody is let in. Its text is for the client: it says what is wrong and repeats nothing.
type Error struct {
	Status     int    // HTTP's
	Code       string // of GraphQL's error
	Message    string
	RetryAfter time.Duration // 0: trying again is of no use
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// LogValue is the message, which holds nothing of a request and is therefore shown whole.
func (e *Error) LogValue() slog.Value { return slog.AnyValue(redact.Plain(e.Message)) }

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

func invalid(message string) *Error { return unauthenticated(message) }

// Invalid is the error of a token that an Issuer refuses, and says why.
func Invalid(why string) error { return invalid("the token is refused: " + why) }

// Unavailable is the error of an Issuer that cannot judge a token now.
func Unavailable() error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: "UPSTREAM_UNAVAILABLE", RetryAfter: 5 * time.Second,
		Message: "the issuer of tokens cannot be asked for its keys, so this token cannot be checked now",
	}
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

func tooMany(wait time.Duration) *Error {
	return &Error{
		Status: http.StatusTooManyRequests, Code: "RATE_LIMITED", RetryAfter: wait,
		Message: "too many wrong credentials came from this address; try again later",
	}
}
