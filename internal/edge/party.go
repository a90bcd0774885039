package edge

import (
	"context"
	"net/http"

	"zoomgraph/internal/shares"
)

// party is who is at the other end of a connection that stays.
type party struct {
	check func(context.Context) error // says that the caller is not one any more; nil: there is nothing to ask
	end   func()                      // ends the connection
}

type partyKey struct{}

// withParty gives the operations of a connection that stays what is known of its caller: whose places they take, whether the
// caller still is one, and how to end the connection.
func (l *live) withParty(ctx context.Context, r *http.Request, known Known, end func()) context.Context {
	ctx = shares.With(ctx, l.holder(ctx, r))
	return context.WithValue(ctx, partyKey{}, &party{check: known.Check, end: end})
}

func partyOf(ctx context.Context) *party {
	p, _ := ctx.Value(partyKey{}).(*party)
	return p
}

// stillKnown says by an error that the caller is not one any more.
func (p *party) stillKnown(ctx context.Context) error {
	if p == nil || p.check == nil {
		return nil
	}
	return p.check(ctx)
}

// cut ends the connection.
func (p *party) cut() {
	if p != nil {
		p.end()
	}
}
