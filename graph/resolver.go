package graph

import "zoomgraph/graph/exec"

// resolvers is everything special, on one screen: the generated operations of a type, embedded, and the methods by
// hand that refine them (settings.go, update.go, users.go).
type resolvers struct{ *Server }

func (r *resolvers) Query() exec.QueryResolver       { return queryResolver{queryOps{r.Server}} }
func (r *resolvers) Mutation() exec.MutationResolver { return mutationResolver{r.Server} }
func (r *resolvers) User() exec.UserResolver         { return userResolver{r.Server} }
func (r *resolvers) UpdateUserSettingsPayload() exec.UpdateUserSettingsPayloadResolver {
	return updateUserSettingsPayloadResolver{r.Server}
}

type (
	queryResolver                     struct{ queryOps }
	mutationResolver                  struct{ *Server }
	userResolver                      struct{ *Server }
	updateUserSettingsPayloadResolver struct{ *Server }
)
