package model

import "context"

// Account is what acts in an account: it gives a context to those who resolve there.
type inAccount func(context.Context) context.Context

// Query is what can be asked in an account.
type Query struct{ in inAccount }

// NewQuery makes one; in gives its fields the context of the account.
func NewQuery(in func(context.Context) context.Context) *Query { return &Query{in} }

// In is the context of the query's fields.
func (q *Query) In(ctx context.Context) context.Context { return q.in(ctx) }

// Mutation is what can be written in an account.
type Mutation struct{ in inAccount }

// NewMutation makes one; in gives its fields the context of the account.
func NewMutation(in func(context.Context) context.Context) *Mutation { return &Mutation{in} }

// In is the context of the mutation's fields.
func (m *Mutation) In(ctx context.Context) context.Context { return m.in(ctx) }
