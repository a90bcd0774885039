package planned

import (
	"context"
)

// Fields say how the fields of a schema are answered, by "Type.field". One that leads nowhere and is not among them is read
// by [Leaves]. zoomgen prints them.
type Fields map[string]Field

// Field says how one field is answered.
type Field struct {
	Args []Arg
	Runs Runs
	// Resolve answers the field of a thing; args are those of Args, in their order. Its result is that of [One], [Many] or
	// [Either].
	Resolve func(ctx context.Context, of any, args []any) (any, error)
}

// Runs says how a field comes to its answer.
type Runs int

// How a field may come to its answer.
const (
	Plainly  Runs = iota // it is there
	Promptly             // a resolver makes it, and waits for nothing
	Waiting              // a resolver makes it, and may wait
)

// Arg is an argument of a field.
type Arg struct {
	name string
	read func(ctx context.Context, value any) (any, error)
	zero any  // where it is left out
	text bool // a text is read as it is
}

// Read makes the argument that one of gqlgen's functions reads.
func Read[T any](name string, read func(ctx context.Context, value any) (T, error)) Arg {
	var zero T
	_, text := any(zero).(string)
	return Arg{name: name, zero: zero, text: text, read: func(ctx context.Context, value any) (any, error) { return read(ctx, value) }}
}

// One is a thing, or a value; nil where there is none.
func One[T any](v *T, err error) (any, error) {
	if err != nil || v == nil {
		return nil, err
	}
	return v, nil
}

// Either is one of several things, or nil.
func Either(v any, err error) (any, error) { return v, err }

// Many is a list of things; nil where there is none.
func Many[T any](v []T, err error) (any, error) {
	if err != nil || v == nil {
		return nil, err
	}
	return elements[T](v), nil
}

// listed is a list of things.
type listed interface {
	count() int
	at(i int) any
}

type elements[T any] []T

func (e elements[T]) count() int   { return len(e) }
func (e elements[T]) at(i int) any { return e[i] }
