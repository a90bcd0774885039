package zoomgen

import (
	"bytes"
	"testing"
)

func TestShorten(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ expr, want string }{
		"a method":                      {`func(a int, b string) error { return ec.f(a, b) }`, `ec.f`},
		"a function":                    {`func(a int) error { return f(a) }`, `f`},
		"another order":                 {`func(a, b int) error { return f(b, a) }`, ``},
		"fewer":                         {`func(a, b int) error { return f(a) }`, ``},
		"more":                          {`func(a int) error { return f(a, 1) }`, ``},
		"none":                          {`func() error { return f() }`, ``},
		"a constant":                    {`func(a int) error { return f(1) }`, ``},
		"something before":              {`func(a int) error { g(); return f(a) }`, ``},
		"two results":                   {`func(a int) (int, error) { return f(a), nil }`, ``},
		"the rest of arguments":         {`func(a ...int) error { return f(a...) }`, ``},
		"a function that is found anew": {`func(a int) error { return x().f(a) }`, ``},
		"a conversion of a part":        {`func(a int) error { return f(int64(a)) }`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.want == "" {
				test.want = test.expr
			}
			source := func(expr string) []byte { return []byte("package p\n\nvar v = g(" + expr + ", 1)\n") }
			got, err := shorten(source(test.expr))
			if err != nil {
				t.Fatal(err)
			}
			want, err := shorten(source(test.want))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}
