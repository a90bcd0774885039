// Package ctxkey finds the keys of values in contexts that other packages keep to themselves: what stands in place of one of
// their contexts has to know them.
package ctxkey

import "context"

// Of is the key that a function asks a context for, the last one of several; nil if it asks for none. The context has no
// values, and an error: package context asks for the cause of an end only then.
func Of(ask func(ctx context.Context)) any {
	l := listener{Context: context.Background()}
	ask(&l)
	return l.key
}

// listener is a context that notes what it is asked for.
type listener struct {
	context.Context //nolint:containedctx // it is one

	key any
}

// Err implements context.Context.
func (*listener) Err() error { return context.Canceled }

// Value implements context.Context.
func (l *listener) Value(key any) any {
	l.key = key
	return nil
}
