package graph

import (
	"cmp"
	"context"
	"encoding/json"

	"zoomgraph/graph/load"
	"zoomgraph/graph/project"
	"zoomgraph/internal/callers"
)

// Viewer answers Query.viewer from who asks, without a call.
func (r queryResolver) Viewer(ctx context.Context) (*project.Value, error) {
	return r.project.Value(func() ([]byte, error) {
		caller, own := callers.From(ctx), r.principal(ctx).account
		viewer := struct {
			Name        string   `json:"name"`
			Account     *string  `json:"account"`
			Permissions []string `json:"permissions"`
			Method      string   `json:"method"`
		}{cmp.Or(caller.Display, caller.Name), nil, caller.Permissions.Names(), caller.Method.String()}
		if own != "" {
			viewer.Account = &own
		}
		return json.Marshal(viewer)
	}, load.From(ctx)), nil
}
