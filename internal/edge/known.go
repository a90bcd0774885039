package edge

import (
	"context"
	"net/http"
	"time"
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
	// Check says by an error that the caller is not one any more, such as after signing out. It is asked often, and must be
	// cheap. Nil: there is nothing to ask.
	Check func(context.Context) error
}

// Refusal is an error of Identify or of Known.Check that says more to the client.
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
