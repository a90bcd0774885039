package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/graph/project"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/sensitive"
)

var (
	_ graphql.OperationContextMutator = operations{}
	_ graphql.FieldInterceptor        = operations{}
)

// MutateOperationContext refuses an operation that its caller may not run, before anything else is done for it. Whoever
// writes must be allowed to read as well: a mutation answers what it wrote. Who one is taken for everybody may ask.
func (operations) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	wanted, kind := callers.Read, "ask for Query."
	switch op.Operation.Operation {
	case ast.Mutation:
		wanted, kind = callers.Read|callers.Write, "run Mutation."
	case ast.Subscription:
		kind = "subscribe to Subscription."
	}
	caller := callers.From(ctx)
	lacks := caller.Permissions.Missing(wanted)
	if lacks == 0 {
		return nil
	}
	fields := graphql.CollectFields(op, op.Operation.SelectionSet, nil)
	at := slices.IndexFunc(fields, func(f graphql.CollectedField) bool { return f.Name != "viewer" })
	if at < 0 && len(fields) > 0 {
		return nil
	}
	err := forbidden(lacks, "ask for anything")
	if at >= 0 {
		field := fields[at]
		err = forbidden(lacks, kind+field.Name)
		err.Path = ast.Path{ast.PathName(field.Alias)}
		err.Locations = []gqlerror.Location{{Line: field.Position.Line, Column: field.Position.Column}}
	}
	if caller.PermissionsReason != "" {
		err.Extensions["hint"] = caller.PermissionsReason + "; the operator says by oidc in the configuration what a token grants"
	}
	return err
}

// InterceptField lets nobody write who is not a caller any more. It withholds secrets that have an operation, before it is
// called, and keeps a caller from guessing others: what is compared with Zoom's values cannot be a secret. Secrets that are
// only data the projection withholds.
func (operations) InterceptField(ctx context.Context, next graphql.Resolver) (any, error) {
	field := graphql.GetFieldContext(ctx)
	def := field.Field.Definition
	if field.Object == "Mutation" { // the fields before it may have taken long
		if err := callers.From(ctx).Check(ctx); err != nil {
			return nil, err
		}
	}
	if !isSecret(def) && !namesSecret(def, field.Args) {
		return next(ctx)
	}
	if lacks := callers.From(ctx).Permissions.Missing(callers.Secrets); lacks != 0 {
		return nil, forbidden(lacks, "ask for "+field.Object+"."+def.Name)
	}
	return next(ctx)
}

// isGuarded tells of the fields of queries that may be withheld by InterceptField.
func isGuarded(def *ast.FieldDefinition) bool {
	return isSecret(def) || slices.ContainsFunc(def.Arguments, func(arg *ast.ArgumentDefinition) bool { return arg.Type.Name() == "JSON" })
}

// maySee lets those see secrets who have the permission; it is the projection's guard.
func maySee(ctx context.Context, what string) error {
	if lacks := callers.From(ctx).Permissions.Missing(callers.Secrets); lacks != 0 {
		return forbidden(lacks, what)
	}
	return nil
}

// forbidden is the error of a caller who lacks a permission, for what is named: "see User.hostKey".
func forbidden(lacks callers.Permissions, what string) *gqlerror.Error {
	return &gqlerror.Error{
		Message: "this caller may not " + what + ": the permission " + lacks.String() + " is missing",
		Extensions: map[string]any{
			"code": "FORBIDDEN", "permission": lacks.String(),
			"hint": "the operator gives permissions, by allow in the configuration of callers",
		},
	}
}

// withholds tells whether secrets are withheld from who asks.
func withholds(ctx context.Context) bool {
	return callers.From(ctx).Permissions.Missing(callers.Secrets) != 0
}

// isSecret tells whether a field is a secret wherever it stands.
func isSecret(def *ast.FieldDefinition) bool {
	d := def.Directives.ForName("sensitive")
	return d != nil && d.Arguments.ForName("where") == nil
}

// isSecretValue tells whether a value under Zoom's name is a secret, or holds one.
func isSecretValue(zoom string, value []byte) bool {
	return sensitive.Name(zoom) && sensitive.Value(value) || project.HoldsSecret(value)
}

// namesSecret tells whether an argument that is any JSON holds a value for a secret.
func namesSecret(def *ast.FieldDefinition, args map[string]any) bool {
	for _, arg := range def.Arguments {
		if arg.Type.Name() == "JSON" && holdsSecret(args[arg.Name]) {
			return true
		}
	}
	return false
}

func holdsSecret(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			if _, flag := inner.(bool); !flag && sensitive.Name(name) || holdsSecret(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(value, holdsSecret)
	case string:
		return sensitive.WithoutParameters(value) != value
	}
	return false
}
