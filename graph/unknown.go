package graph

import (
	"context"
	"encoding/json"

	"zoomgraph/graph/load"
	"zoomgraph/graph/project"
)

// UnknownNames answers Query.unknownNames from what was noted of the account, without a call.
func (r queryResolver) UnknownNames(ctx context.Context) (*project.Value, error) {
	return r.project.Value(func() ([]byte, error) {
		return json.Marshal(r.principal(ctx).upstream.Unnamed.State())
	}, load.From(ctx)), nil
}
