package model

import (
	"errors"
	"io"

	"github.com/99designs/gqlgen/graphql"
)

// Root is Query or Mutation as a field has it: what was selected of it in an account, resolved.
type Root struct{ Selected graphql.Marshaler }

// MarshalGQL implements graphql.Marshaler.
func (r Root) MarshalGQL(w io.Writer) { r.Selected.MarshalGQL(w) }

// UnmarshalGQL fails: gqlgen wants the method of every scalar, but a Root is only written.
func (Root) UnmarshalGQL(any) error { return errors.New("model: a Root is never read") }
