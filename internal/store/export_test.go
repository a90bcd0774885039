package store

import (
	"context"

	"zoomgraph/client"
)

// Wrote is a write that is over at once.
func (p *Principal) Wrote(ctx context.Context, op *client.Op, path []string) {
	p.Write(ctx, op, path)(ctx, true)
}
