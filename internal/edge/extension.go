package edge

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const (
	maxDocuments   = 1000     // parsed documents that are kept
	maxDocumentLen = 32 << 10 // bytes of a document's text that is still kept
)

// documents keeps the documents that passed validation. Long ones are parsed
// each time, so that what is kept stays small whatever is sent.
type documents struct {
	*lru.LRU[*ast.QueryDocument]
}

func newDocuments() documents {
	return documents{lru.New[*ast.QueryDocument](maxDocuments)}
}

// Add implements graphql.Cache.
func (d documents) Add(ctx context.Context, text string, doc *ast.QueryDocument) {
	if len(text) <= maxDocumentLen {
		d.LRU.Add(ctx, text, doc)
	}
}

// introspection is the gqlgen extension that allows introspection if true, and
// refuses an operation that asks for it if false.
type introspection bool

var _ graphql.OperationContextMutator = introspection(false)

// ExtensionName implements graphql.HandlerExtension.
func (introspection) ExtensionName() string { return "Introspection" }

// Validate implements graphql.HandlerExtension.
func (introspection) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements graphql.OperationContextMutator.
func (on introspection) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if on {
		op.DisableIntrospection = false
		return nil
	}
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, nil) {
		if field.Name == "__schema" || field.Name == "__type" {
			err := gqlerror.ErrorPosf(field.Position, "introspection is off here, so %s cannot be asked for", field.Name)
			err.Extensions = map[string]any{"code": "FORBIDDEN"}
			return err
		}
	}
	return nil
}
