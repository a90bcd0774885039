package callers

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"zoomgraph/internal/reqid"
)

// Middleware lets through to next who is known, with the caller in the context and without the headers that told, and
// answers everybody else. It reads nothing of the body. A request to become a socket passes as nobody's, who may do
// nothing: Identify is for that.
func (a *Authenticator) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var caller Caller
		if r.Header.Get("Upgrade") == "" {
			var err error
			if caller, err = a.whose(r.Context(), r.Header, r); err != nil {
				a.refuse(w, r, err)
				return
			}
			r.Header.Del("Authorization")
			r.Header.Del("Cookie")
		}
		next.ServeHTTP(w, r.WithContext(With(r.Context(), caller)))
	})
}

// Identify finds who opens a connection that stays: who the Middleware knows already, or who the headers in the payload of
// connection_init say, or else those of the request. The name is what connections are counted by; Anyone's are not.
func (a *Authenticator) Identify(ctx context.Context, init http.Header, r *http.Request) (_ context.Context, name string, _ error) {
	if known, ok := ctx.Value(key{}).(Caller); ok && known.Name != "" {
		return ctx, a.counted(known), nil
	}
	headers := r.Header
	if len(init.Values("Authorization")) > 0 {
		headers = init
	}
	caller, err := a.whose(ctx, headers, r)
	if err != nil {
		return ctx, "", err
	}
	return With(ctx, caller), a.counted(caller), nil
}

// whose finds who sends these headers with a request: who their Authorization says, or else whose session the request
// belongs to.
func (a *Authenticator) whose(ctx context.Context, headers http.Header, r *http.Request) (Caller, error) {
	from := a.proxies.Address(r)
	if all := headers.Values("Authorization"); len(all) > 1 {
		err := invalid("there is more than one Authorization header")
		return Caller{}, a.fail(ctx, err, DigestOf(strings.Join(all, "\n")), from)
	}
	authorization := headers.Get("Authorization")
	if authorization == "" && a.sessions != nil {
		if caller, given, err := a.sessions.Session(ctx, r); given {
			return caller, err
		}
	}
	return a.Authenticate(ctx, authorization, from)
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
