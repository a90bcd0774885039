// Package reqid carries the id of a request through its context, so that the
// HTTP side which sets it and the resolvers which report it need not know each
// other:
//
//	r, w.Header()["X-Request-Id"] = reqid.Identify(r)
//	…
//	extensions["requestId"] = reqid.From(ctx)
package reqid

import (
	"context"
	"math/rand/v2"
	"net/http"

	"zoomgraph/internal/carried"
)

// The length of an id that a client may bring.
const (
	minLen = 8
	maxLen = 64
)

type key struct{}

// With returns a context that carries id.
func With(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, key{}, &header{id})
}

// header is an id as the value of a header.
type header [1]string

// Identify gives a request its id: the one that it brings, or a new one. It returns the request, and the id as a header of
// the answer.
func Identify(r *http.Request) (*http.Request, []string) {
	id := &header{Accept(r.Header.Get("X-Request-Id"))}
	return carried.By(r, key{}, id), id[:]
}

// From returns the id that ctx carries, or "" if it carries none.
func From(ctx context.Context) string {
	if id, ok := ctx.Value(key{}).(*header); ok {
		return id[0]
	}
	return ""
}

// Accept returns the id a client brought if it is 8 to 64 letters, digits,
// dashes or underscores, and a new random one otherwise: whatever is accepted
// ends up in headers, answers and logs.
func Accept(id string) string {
	if len(id) < minLen || len(id) > maxLen {
		return made()
	}
	for i := range len(id) {
		switch c := id[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return made()
		}
	}
	return id
}

// made returns a new id, as crypto/rand.Text would: 26 letters and digits, of 130 random bits. An id is no secret, but nobody
// is to meet one twice; math/rand/v2 is good for that, and does not ask the system each time.
func made() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	var id [26]byte
	var bits uint64
	for i := range id {
		if i%12 == 0 { // 12 letters of 5 bits each
			bits = rand.Uint64()
		}
		id[i] = alphabet[bits%32]
		bits /= 32
	}
	return string(id[:])
}
