package world

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
)

// Whatever the program has is answered: reads with what their types say, writes
// that are made up of their bodies' types too.
func TestEveryOperation(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*program.Program{"the product's": programtest.Of(t), "a chapter of its own": trial(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := New(Options{Program: p, Source: 4, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range w.Operations() {
				w.Reset()
				everyCall(t, w, o)
			}
		})
	}
}

// trial is the program of the sandbox's tests of this package.
func trial(t testing.TB) *program.Program {
	t.Helper()
	read := func(name string) string {
		text, err := os.ReadFile("../testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "trial.graphqls", Input: read("front.graphqls") + read("engine.graphqls")})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := program.ParseFacts([]byte(read("front.yaml") + read("engine.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	p, err := program.New(schema, facts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// now is when the calls are made.
var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// firstCall is a call about the first of whatever its path names, with a body made
// up of its type.
func firstCall(t testing.TB, w *World, o *Operation) *Call {
	t.Helper()
	c := &Call{Op: o, Now: now, TokenLife: time.Minute, Vars: map[string]string{}, ContentType: "application/json", Path: o.Path}
	place, found := o.Path, owners{}
	w.Alone(func() {
		for _, s := range o.steps {
			c.Vars[s.param] = "x"
			if s.values != nil {
				c.Vars[s.param] = s.values[0]
			}
			if s.kind != nil {
				some := w.index(s.kind).all
				if at := strings.TrimSuffix(place[:strings.IndexByte(place, '{')], "/"); s.list != nil {
					some = w.listed(s.list, at, found.last(), found)
				}
				if len(some) == 0 {
					t.Fatalf("%s: there is no %s", o.Op, s.param)
				}
				found = append(found, some[0])
				c.Vars[s.param] = escaped(some[0].ID)
				place = strings.Replace(place, "{"+s.param+"}", some[0].ID, 1)
			}
		}
		query := url.Values{}
		for _, p := range o.Query {
			switch {
			case !p.Required:
			case p.Values != nil:
				query.Set(p.Name, p.Values[0])
			case p.Max > 0:
				query.Set(p.Name, "1")
			case p.Type == "Date" && p.Name == "from": // as much as Zoom tells of at once, mostly
				query.Set(p.Name, c.Now.AddDate(0, -1, 1).Format(time.DateOnly))
			case p.Type == "Date":
				query.Set(p.Name, c.Now.Format(time.DateOnly))
			case p.Type == "DateTime":
				query.Set(p.Name, c.Now.Format(time.RFC3339))
			default:
				query.Set(p.Name, "x")
			}
		}
		c.RawQuery = query.Encode()
		c.Body = []byte("{}")
		if o.Body != nil {
			d := Drawing{Number: func(path string) uint64 { return w.Source.At(o.Op, path) }}
			c.Body = d.Append(nil, o.Body, "")
		}
	})
	return c
}

// everyCall calls an operation once.
func everyCall(t *testing.T, w *World, o *Operation) {
	t.Helper()
	c := firstCall(t, w, o)
	answer, err := w.Perform(c)
	var refused *Refusal
	switch {
	case errors.As(err, &refused) && !o.Reads():
	case err != nil:
		t.Errorf("%s: %v", o.Op, err)
	case o.Reads():
		ofItsType(t, c, answer)
	case answer.Status != http.StatusNoContent && !json.Valid(answer.Body):
		t.Errorf("%s: %s", o.Op, answer.Body)
	}
}

// escaped is an id as it is when a path was decoded once.
func escaped(id string) string {
	if unescaped(id) {
		return strings.ReplaceAll(id, "/", "%2F")
	}
	return id
}

// ofItsType checks an answer against the program.
func ofItsType(t *testing.T, c *Call, answer Answer) {
	t.Helper()
	o := c.Op
	if o.streams {
		if answer.File == "" || len(answer.Body) == 0 {
			t.Errorf("%s answers no file", o.Op)
		}
		return
	}
	rows := []json.RawMessage{answer.Body}
	if o.rows {
		members, _ := Members(answer.Body)
		raw, _ := Lookup(members, o.list)
		if json.Unmarshal(raw, &rows) != nil || len(rows) == 0 {
			t.Errorf("%s lists nothing: %s", o.Op, answer.Body)
		}
	}
	item := c.asked(o.item)
	if o.views != nil {
		views, err := o.views()
		if err != nil {
			t.Error(o.Op, err)
		}
		item = views[o.home]
	}
	if o.Within != nil {
		members, _ := Members(answer.Body)
		rows[0], _ = Lookup(members, o.Within[0])
	}
	for _, row := range rows {
		if _, wrong := Canonical(item, row, ""); wrong != nil {
			t.Errorf("%s: %v: %s", o.Op, wrong, row)
		}
	}
}
