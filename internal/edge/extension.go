package edge

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// introspection is the gqlgen extension that refuses an operation which asks for the schema, or lets such operations have
// their turn: one at a time, since each takes as much memory as hundreds of others.
type introspection struct {
	on   bool
	turn chan struct{} // has room for one
}

// aboutSchema is the name under which it stands beside an operation that it asks for the schema.
const aboutSchema = "aboutSchema"

func newIntrospection(on bool) introspection {
	return introspection{on: on, turn: make(chan struct{}, 1)}
}

var (
	_ graphql.OperationContextMutator = introspection{}
	_ graphql.ResponseInterceptor     = introspection{}
)

// ExtensionName implements graphql.HandlerExtension.
func (introspection) ExtensionName() string { return "Introspection" }

// Validate implements graphql.HandlerExtension.
func (introspection) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements graphql.OperationContextMutator.
func (in introspection) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	op.DisableIntrospection = !in.on
	if x := executionOf(ctx); x != nil && !x.document.Introspects {
		return nil
	}
	if field := introspectsBelow(op.Doc, op.Operation.SelectionSet, true, map[visit]bool{}); field != nil {
		err := gqlerror.ErrorPosf(field.Position, "%s is asked for within a sub account: it is the same everywhere, so ask for it at the top", field.Name)
		err.Extensions = map[string]any{"code": badUserInput}
		return err
	}
	field, asks := introspects(op)
	if !asks {
		return nil
	}
	if in.on {
		op.Stats.SetExtension(aboutSchema, true)
		return nil
	}
	err := gqlerror.ErrorPosf(field.Position, "introspection is off here, so %s cannot be asked for", field.Name)
	err.Extensions = map[string]any{"code": forbidden}
	return err
}

// visit is a selection set that was looked at, and whether it is one of the operation's own root.
type visit struct {
	fragment *ast.FragmentDefinition
	root     bool
}

// introspectsBelow returns a field about the schema that is not a root field of the operation: below a field that leads to
// Query in another account, each account would have a megabyte of it. nil: there is none.
func introspectsBelow(doc *ast.QueryDocument, selection ast.SelectionSet, root bool, seen map[visit]bool) *ast.Field {
	for _, s := range selection {
		var found *ast.Field
		switch s := s.(type) {
		case *ast.Field:
			switch {
			case s.Name != "__schema" && s.Name != "__type":
				found = introspectsBelow(doc, s.SelectionSet, false, seen)
			case !root:
				found = s
			}
		case *ast.InlineFragment:
			found = introspectsBelow(doc, s.SelectionSet, root, seen)
		case *ast.FragmentSpread:
			at := visit{doc.Fragments.ForName(s.Name), root}
			if at.fragment != nil && !seen[at] {
				seen[at] = true
				found = introspectsBelow(doc, at.fragment.SelectionSet, root, seen)
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

// InterceptResponse implements graphql.ResponseInterceptor.
func (in introspection) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	if graphql.GetOperationContext(ctx).Stats.GetExtension(aboutSchema) == nil {
		return next(ctx)
	}
	select {
	case in.turn <- struct{}{}:
		defer func() { <-in.turn }()
		return next(ctx)
	case <-ctx.Done():
		return nil
	}
}

// introspects returns the first root field that is about the schema.
func introspects(op *graphql.OperationContext) (graphql.CollectedField, bool) {
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, nil) {
		if field.Name == "__schema" || field.Name == "__type" {
			return field, true
		}
	}
	return graphql.CollectedField{}, false
}
