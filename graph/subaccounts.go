package graph

import (
	"context"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
)

// This file asks and writes in sub accounts. Below Account.graph and Mutation.inAccount whoever resolves finds another
// principal and another session in the context, so no other code knows of sub accounts.

// Graph answers Account.graph.
func (r accountResolver) Graph(ctx context.Context, account *model.Account) (*model.Query, error) {
	return model.NewQuery(r.inAccount(ctx, account.Key())), nil
}

// InAccount answers Mutation.inAccount.
func (r mutationResolver) InAccount(ctx context.Context, id string) (*model.Mutation, error) {
	if err := r.principal(ctx).client.Check(client.Request{Op: &opAccount, Path: []string{id}}); err != nil {
		return nil, err
	}
	return model.NewMutation(r.inAccount(ctx, id)), nil
}

// inAccount gives contexts of a sub account, by its id or "me".
func (s *Server) inAccount(ctx context.Context, id string) func(context.Context) context.Context {
	p := s.principal(ctx)
	if id == ownAccount || id == p.sub {
		return func(ctx context.Context) context.Context { return ctx }
	}
	p = p.in(id)
	session := load.From(ctx).In(p.upstream)
	return func(ctx context.Context) context.Context {
		return load.With(context.WithValue(ctx, principalKey{}, p), session)
	}
}
