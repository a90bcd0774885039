package callers

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"zoomgraph/internal/carried"
	"zoomgraph/internal/reqid"
)

// Middleware hands requests of known callers to next, with the caller in the context and without the headers that named
// it, and refuses all others. It does not read the body. A request to become a WebSocket passes with a caller who may do
// nothing, until Identify is asked.
func (a *Authenticator) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var caller *Caller
		if r.Header.Get("Upgrade") != "" {
			caller = new(Caller)
		} else {
			var err error
			if caller, err = a.whose(r.Context(), r.Header, r); err != nil {
				a.refuse(w, r, err)
				return
			}
			delete(r.Header, "Authorization")
			delete(r.Header, "Cookie")
		}
		next.ServeHTTP(w, carried.By(r, key{}, caller))
	})
}

// Identify finds the caller of a connection that stays: the one that Middleware found, or else by the headers in the
// payload of connection_init, or else by those of the request. Connections are counted by name; those of Anyone are not.
func (a *Authenticator) Identify(ctx context.Context, init http.Header, r *http.Request) (_ context.Context, name string, _ error) {
	if known, ok := ctx.Value(key{}).(*Caller); ok && known.Name != "" {
		return ctx, a.counted(*known), nil
	}
	headers := r.Header
	if len(init.Values("Authorization")) > 0 {
		headers = init
	}
	caller, err := a.whose(ctx, headers, r)
	if err != nil {
		return ctx, "", err
	}
	return with(ctx, caller), a.counted(*caller), nil
}

// whose finds the caller by the Authorization of headers, or else by the session that the request names.
func (a *Authenticator) whose(ctx context.Context, headers http.Header, r *http.Request) (*Caller, error) {
	all := headers.Values("Authorization")
	if a.anyone != nil && len(all) <= 1 {
		return a.anyone, nil
	}
	from := a.proxies.Address(r)
	if len(all) > 1 {
		err := invalid("there is more than one Authorization header")
		return nil, a.fail(ctx, err, DigestOf(strings.Join(all, "\n")), from)
	}
	authorization := headers.Get("Authorization")
	if authorization == "" && a.sessions != nil {
		if caller, given, err := a.sessions.Session(ctx, r); given {
			return &caller, err
		}
	}
	caller, err := a.Authenticate(ctx, authorization, from)
	return &caller, err
}

func (a *Authenticator) counted(c Caller) string {
	if a.anyone != nil {
		return ""
	}
	return c.Name
}

const graphqlJSON = "application/graphql-response+json"

// refuse answers as GraphQL does, by an error without data.
func (a *Authenticator) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Status: http.StatusInternalServerError, Code: "INTERNAL", Message: "something went wrong in this service"}
	}
	extensions := map[string]any{"code": e.Code}
	if a.sessions != nil && e.Status == http.StatusUnauthorized {
		extensions["signIn"] = a.sessions.SignIn()
	}
	if id := reqid.From(r.Context()); id != "" {
		extensions["requestId"] = id
	}
	body, _ := json.Marshal(map[string]any{ // texts only
		"errors": []any{map[string]any{"message": e.Message, "extensions": extensions}},
	})
	h := w.Header()
	media := "application/json"
	if strings.Contains(strings.Join(r.Header.Values("Accept"), ","), graphqlJSON) {
		media = graphqlJSON
	}
	h.Set("Content-Type", media+"; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	if challenge := e.challenge(r.Header.Get("Authorization") != ""); challenge != "" {
		h.Set("WWW-Authenticate", challenge)
	}
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	w.WriteHeader(e.Status)
	_, _ = w.Write(body) // the client may be gone
}
