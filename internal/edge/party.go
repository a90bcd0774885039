package edge

import (
	"context"
	"net/http"

	"zoomgraph/internal/shares"
)

// party is who is at the other end of a connection that stays.
type party struct {
	end func() // ends the connection
}

type partyKey struct{}

// withParty gives the operations of a connection that stays what is known of its caller: whose places they take, and how
// to end the connection.
func (l *live) withParty(ctx context.Context, r *http.Request, end func()) context.Context {
	ctx = shares.With(ctx, l.holder(ctx, r))
	return context.WithValue(ctx, partyKey{}, &party{end: end})
}

func partyOf(ctx context.Context) *party {
	p, _ := ctx.Value(partyKey{}).(*party)
	return p
}

// cut ends the connection.
func (p *party) cut() {
	if p != nil {
		p.end()
	}
}
