package ctxkey_test

import (
	"context"
	"testing"

	"zoomgraph/internal/ctxkey"
)

type first struct{}

type second struct{}

func TestOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ask  func(ctx context.Context)
		want any
	}{
		"nothing":         {func(context.Context) {}, nil},
		"its end":         {func(ctx context.Context) { _, _ = ctx.Done(), ctx.Err() }, nil},
		"one":             {func(ctx context.Context) { ctx.Value(first{}) }, first{}},
		"one, from below": {func(ctx context.Context) { context.WithValue(ctx, second{}, 1).Value(first{}) }, first{}},
		"two":             {func(ctx context.Context) { ctx.Value(first{}); ctx.Value(second{}) }, second{}},
	} {
		if got := ctxkey.Of(test.ask); got != test.want {
			t.Errorf("%s: the key is %v, want %v", name, got, test.want)
		}
	}
	if ctxkey.Of(func(ctx context.Context) { _ = context.Cause(ctx) }) == nil {
		t.Error("package context does not ask for what ends a context")
	}
}
