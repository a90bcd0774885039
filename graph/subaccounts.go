package graph

import (
	"context"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph/exec"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
)

// This file asks and writes in sub accounts. Whoever resolves below Account.graph and Mutation.inAccount finds another
// principal and another session in the context, so no other code knows of sub accounts.

// Graph answers Account.graph.
func (r accountResolver) Graph(ctx context.Context, account *model.Account) (*model.Root, error) {
	return r.inAccount(ctx, account.Key(), ast.Query), nil
}

// InAccount answers Mutation.inAccount.
func (r mutationResolver) InAccount(ctx context.Context, id string) (*model.Root, error) {
	if err := r.principal(ctx).client.Check(client.Request{Op: &opAccount, Path: []string{id}}); err != nil {
		return nil, err
	}
	return r.inAccount(ctx, id, ast.Mutation), nil
}

// inAccount resolves what the current field selects of a root, in an account by its id or "me".
func (s *Server) inAccount(ctx context.Context, id string, root ast.Operation) *model.Root {
	if p := s.principal(ctx); !p.isOwn(id) {
		p = p.in(id)
		ctx = load.With(context.WithValue(ctx, principalKey{}, p), load.From(ctx).In(p.upstream))
	}
	return &model.Root{Selected: exec.Below(ctx, s.Executable, root)}
}

// isOwn tells whether an account's id, or "me", is that of the account in which the principal acts.
func (p *Principal) isOwn(id string) bool {
	return id == ownAccount || id == p.sub || p.sub == "" && id == p.zoomAccount
}
