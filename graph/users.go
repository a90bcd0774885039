package graph

import (
	"context"

	"zoomgraph/client"
	"zoomgraph/graph/model"
)

// Me is the user whose own token the service acts with.
func (r queryResolver) Me(ctx context.Context) (*model.User, error) {
	if !r.principal(ctx).client.ActsAsUser() {
		return nil, &client.Error{
			Code: client.CodeForbidden, Op: &opUser,
			Message: "there is no me: the service acts with an account's credentials, not with a user's own token",
			Hint:    "ask for user(id: …) with an id or an e-mail address",
		}
	}
	return r.User(ctx, "me", nil)
}
