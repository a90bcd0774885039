// Package carried puts values into the context of a request. A context of package net/http takes a new context and a copy of
// the request for each; one that has room takes them as they are.
package carried

import (
	"context"
	"net/http"
)

// Room is a context with room for values.
type Room interface {
	// Carry makes value the context's of key. It is false where there is no room. It is called before anybody else has the
	// context.
	Carry(key, value any) bool
}

// By is a request like r with a value in its context: r itself where that has room. The caller passes on what it gets.
func By(r *http.Request, key, value any) *http.Request {
	ctx := r.Context()
	if room, ok := ctx.(Room); ok && room.Carry(key, value) {
		return r
	}
	return r.WithContext(context.WithValue(ctx, key, value))
}
