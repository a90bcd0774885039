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
			Name              string   `json:"name"`
			Account           *string  `json:"account"`
			Permissions       []string `json:"permissions"`
			PermissionsReason *string  `json:"permissions_reason"`
			Method            string   `json:"method"`
		}{Name: cmp.Or(caller.Display, caller.Name), Permissions: caller.Permissions.Names(), Method: caller.Method.String()}
		if own != "" {
			viewer.Account = &own
		}
		if caller.PermissionsReason != "" {
			viewer.PermissionsReason = &caller.PermissionsReason
		}
		return json.Marshal(viewer)
	}, load.From(ctx)), nil
}
