package callers

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"
)

// What is kept for callers with tokens of their own.
const (
	maxPrincipals = 1000
	idlePrincipal = 10 * time.Minute
)

// Principals keep what serves each class of callers with a token of their own, such as a client with that token, and of a
// class whose account has become known that one beside: at most a thousand, each until ten minutes after it was last needed. One that is dropped serves those to the end who have it.
type Principals[T any] struct {
	kept *otter.Cache[string, T]
	make func(Caller) (T, error)
}

// NewPrincipals makes one that is empty. An error of make is not kept.
func NewPrincipals[T any](make func(Caller) (T, error)) (*Principals[T], error) {
	kept, err := otter.New(&otter.Options[string, T]{
		MaximumSize: maxPrincipals, ExpiryCalculator: otter.ExpiryAccessing[string, T](idlePrincipal),
	})
	return &Principals[T]{kept, make}, err
}

// Of is what serves a caller: made once for all of its class and account.
func (p *Principals[T]) Of(ctx context.Context, c Caller) (T, error) {
	return p.kept.Get(ctx, c.Class+" "+c.ZoomAccount, otter.LoaderFunc[string, T](func(context.Context, string) (T, error) { return p.make(c) }))
}
