package edge

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// This file says what is asked about the caller of a connection that stays: who it is, when the connection opens, and
// whether it still is, before each operation and each answer of a subscription.

// Identify finds the caller of a connection that stays, by the headers in the payload of connection_init (nil for an event
// stream) and the request that opened the connection. All operations of the connection get the context that it returns.
// An error refuses the connection; the client sees its text only if the error is a Refusal.
type Identify func(ctx context.Context, init http.Header, r *http.Request) (context.Context, Known, error)

// Known is the caller of a connection that stays.
type Known struct {
	// Caller is the name by which connections are counted; those of "" are not.
	Caller string
	// Until is when the caller ceases to be one, such as the end of a token. The connection ends then. Zero: never.
	Until time.Time
	// Check says by an error that the caller is not one any more, such as after signing out, if the error's code for the
	// client is UNAUTHENTICATED, and by any other that this cannot be told now. It is asked often, and must be cheap. Nil:
	// there is nothing to ask.
	Check func(context.Context) error
}

// Refusal is an error of Identify that says more to the client.
type Refusal interface {
	error
	// Public is its text for the client.
	Public() string
	// Again reports whether the same may be accepted later, so that the client should try again.
	Again() bool
}

// anybody is the Identify of a service without callers.
func anybody(ctx context.Context, _ http.Header, _ *http.Request) (context.Context, Known, error) {
	return ctx, Known{}, nil
}

// expiry is an error that says that a caller is not one any more, and ends the connection.
type expiry struct{ message string }

// Error implements error.
func (e expiry) Error() string { return e.message }

// public is the error for the client.
func (e expiry) public() *gqlerror.Error {
	return &gqlerror.Error{Message: e.message, Extensions: map[string]any{"code": unauthenticated}}
}

// unauthenticated is the code of an error that says that somebody is no caller.
const unauthenticated = "UNAUTHENTICATED"

// timeIsUp is the end of a caller who was known until now.
func timeIsUp() expiry {
	return expiry{"the credential of this connection has expired; connect again with a new one"}
}

// still says by an error, for the client, that a caller is not one any more (an expiry), or that this cannot be told.
func (l *live) still(ctx context.Context, known Known) error {
	if !known.Until.IsZero() && !time.Now().Before(known.Until) {
		return timeIsUp()
	}
	if known.Check == nil {
		return nil
	}
	err := known.Check(ctx)
	if err == nil {
		return nil
	}
	public := l.present(ctx, err)
	if public.Extensions["code"] == unauthenticated {
		return expiry{public.Message}
	}
	return public
}

// told is an error of still as an operation's error.
func (l *live) told(ctx context.Context, err error) gqlerror.List {
	if why := (expiry{}); errors.As(err, &why) {
		err = why.public()
	}
	return gqlerror.List{l.present(ctx, err)}
}

// endWithCaller ends a connection at the time until which its caller is known. It is a no-op after ctx has ended.
func endWithCaller(ctx context.Context, known Known, end func(expiry)) {
	if !known.Until.IsZero() {
		timer := time.AfterFunc(time.Until(known.Until), func() { end(timeIsUp()) })
		context.AfterFunc(ctx, func() { timer.Stop() })
	}
}
