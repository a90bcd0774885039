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
			got, err := shorten(source(test.expr), nil)
			if err != nil {
				t.Fatal(err)
			}
			want, err := shorten(source(test.want), nil)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// What is the same for each field is done once: its context, and what answers fields of which gqlgen does not know.
func TestShortenFields(t *testing.T) {
	t.Parallel()
	const source = `package p

func (ec *e) field_Ship_log_args(a int) int { return a }

func (ec *e) _Ship_log(a int) int {
	return resolve(func(a int, b string) int { return ec.fieldContext_Ship_log(a, b) }, ec.rest)
}

func (ec *e) fieldContext_Ship_log(a int, b string) int { return a }

func (ec *e) _Ship_port(a int) int {
	return resolve(func(a int, b string) int { return ec.fieldContext_Ship_port(a, b) }, ec.rest)
}

func (ec *e) fieldContext_Ship_port(a int, b string) int { return a }

func (ec *e) _Ship(field string) {
	switch field {
	default:
		panic("unknown field " + field)
	}
}

func (ec *e) _Query(field string) {
	switch field {
	default:
		panic("unknown field " + field)
	}
}

// childFields_* functions are shared.
// By all.

func (ec *e) childFields_Ship(a int) int { return ec.fieldContext_Ship_log(a, "") }
`
	const want = `package p

func (ec *e) field_Ship_log_args(a int) int { return a }

func (ec *e) _Ship_log(a int) int {
	return resolve(ec.withArguments(ec.field_Ship_log_args), ec.rest)
}

func (ec *e) _Ship_port(a int) int {
	return resolve(contextOf, ec.rest)
}

func (ec *e) _Ship(field string) {
	switch field {
	default:
		out.Values[i] = ec.leaf(ctx, field, obj)
	}
}

func (ec *e) _Query(field string) {
	switch field {
	default:
		panic("unknown field " + field)
	}
}
`
	got, err := shorten([]byte(source), map[string]bool{"Ship": true})
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
