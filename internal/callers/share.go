package callers

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"zoomgraph/internal/peer"
	"zoomgraph/internal/shares"
)

// This file says who shares what with whom.

// Holder tells whose share of the places in flight a request takes: the caller's, by account and name. Where no callers
// are configured, and before a socket has said whose it is, it is that of the client's address. Everybody whose account is
// not known is of one account: by making up tokens nobody gets more.
func (a *Authenticator) Holder(ctx context.Context, r *http.Request) shares.Holder {
	c := From(ctx)
	if a.anyone != nil || c.Name == "" {
		return shares.Holder{Account: c.Account, Network: peer.Client(a.proxies.Address(r))}
	}
	return shares.Holder{Account: c.Account, Caller: c.Name}
}

// Sharing tells who may be sent one answer: callers of one account or class with the same permissions, and of those who
// signed in each session for itself, since Zoom is called with its token. A shared answer is asked for under the context
// that it returns, which does not end with the token of one of them; whether each still is a caller is asked where the
// answer is sent.
func Sharing(ctx context.Context) (class string, _ context.Context) {
	c := From(ctx)
	session := ""
	if c.Session != nil {
		session = c.Session.Key()
	}
	c.Until = time.Time{}
	return fmt.Sprintf("%q %q %d %q", c.Account, c.Class, c.Permissions, session), With(ctx, c)
}
