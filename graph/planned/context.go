package planned

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/graph/project"
	"zoomgraph/internal/ctxkey"
)

// fieldKey is gqlgen's key of the field in a context, which it keeps to itself: it is what [graphql.GetFieldContext] asks for.
var fieldKey = ctxkey.Of(func(ctx context.Context) { graphql.GetFieldContext(ctx) })

// place is the context of a field, or of an element of a list, while it is resolved and written. gqlgen's own context of the
// field, which knows more, is made when somebody asks for it; where no list lies around the field the plan has it.
type place struct {
	base   context.Context //nolint:containedctx // it is one
	node   *node           // of the field; nil: it is an element, or the root
	parent *place
	index  int
	made   atomic.Pointer[graphql.FieldContext]
}

var _ context.Context = (*place)(nil)

// set says which field the place is of, unless it was said when its list was begun.
func (p *place) set(n *node, parent *place) {
	if p.node == nil {
		p.base, p.node, p.parent = parent.base, n, parent
	}
}

// Deadline implements context.Context.
func (p *place) Deadline() (time.Time, bool) { return p.base.Deadline() }

// Done implements context.Context.
func (p *place) Done() <-chan struct{} { return p.base.Done() }

// Err implements context.Context.
func (p *place) Err() error { return p.base.Err() }

// Value implements context.Context.
func (p *place) Value(key any) any {
	if key == fieldKey {
		return p.field()
	}
	return p.base.Value(key)
}

// Place implements project.Placed.
func (p *place) Place() *project.Place {
	if p.node == nil {
		return nil
	}
	return p.node.value
}

// field is gqlgen's context of the field.
func (p *place) field() *graphql.FieldContext {
	if p.node != nil && p.node.fixed != nil {
		return p.node.fixed
	}
	if known := p.made.Load(); known != nil {
		return known
	}
	made := &graphql.FieldContext{Parent: p.parent.field(), Index: &p.index}
	if p.node != nil {
		made = p.node.context(made.Parent, nil)
	}
	if !p.made.CompareAndSwap(nil, made) {
		return p.made.Load() // somebody else asked as well
	}
	return made
}

// context makes gqlgen's context of the field.
func (n *node) context(parent *graphql.FieldContext, args map[string]any) *graphql.FieldContext {
	return &graphql.FieldContext{Parent: parent, Object: n.field.ObjectDefinition.Name, Args: args, Field: n.field, IsMethod: true, IsResolver: true}
}
