package graph

import (
	"zoomgraph/client"
	"zoomgraph/graph/exec"
	"zoomgraph/graph/program"
)

// resolvers is everything special, on one screen: the generated operations of a type, embedded, and the methods by
// hand that refine them (users.go, groups.go, effective.go, drift.go).
type resolvers struct{ *Server }

func (r *resolvers) Query() exec.QueryResolver       { return queryResolver{queryOps{r.Server}} }
func (r *resolvers) Mutation() exec.MutationResolver { return mutationOps{r.Server} }
func (r *resolvers) User() exec.UserResolver         { return userResolver{userOps{r.Server}} }
func (r *resolvers) Group() exec.GroupResolver       { return groupOps{r.Server} }
func (r *resolvers) Role() exec.RoleResolver         { return roleOps{r.Server} }
func (r *resolvers) Account() exec.AccountResolver   { return accountResolver{accountOps{r.Server}} }

func (r *resolvers) UpdateUserSettingsPayload() exec.UpdateUserSettingsPayloadResolver {
	return updateUserSettingsPayloadOps{r.Server}
}

func (r *resolvers) UpdateGroupSettingsPayload() exec.UpdateGroupSettingsPayloadResolver {
	return updateGroupSettingsPayloadOps{r.Server}
}

func (r *resolvers) UpdateGroupLockSettingsPayload() exec.UpdateGroupLockSettingsPayloadResolver {
	return updateGroupLockSettingsPayloadOps{r.Server}
}

func (r *resolvers) UpdateAccountSettingsPayload() exec.UpdateAccountSettingsPayloadResolver {
	return updateAccountSettingsPayloadOps{r.Server}
}

func (r *resolvers) UpdateAccountLockSettingsPayload() exec.UpdateAccountLockSettingsPayloadResolver {
	return updateAccountLockSettingsPayloadOps{r.Server}
}

type (
	queryResolver   struct{ queryOps }
	userResolver    struct{ userOps }
	accountResolver struct{ accountOps }
)

// as gives what was found its type in the schema, unless it failed.
func as[V, T any](wrap func(V) *T) func(V, error) (*T, error) {
	return func(found V, err error) (*T, error) {
		if err != nil {
			return nil, err
		}
		return wrap(found), nil
	}
}

// zoomOp is one of Zoom's operations, as it is known.
func zoomOp(op string) client.Op { return opOf(program.Fact(op)) }

func opOf(fact *program.Operation) client.Op {
	return client.Op{
		ID: fact.ID, Method: fact.Method, Path: fact.Path, Label: client.Label(fact.Label),
		Scopes: fact.Scopes, GranularScopes: fact.Granular,
	}
}
