package program

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/window"
)

// This file says how Zoom answers lists: in pages of which size, led to by what, and of how long a time.

// What an operation has whose facts do not say otherwise.
const (
	usualPage   = 30
	largestPage = 300
)

// Page is how many rows Zoom puts in one answer, where that is not as usual.
type Page struct {
	Default int `yaml:"default,omitempty"` // where the call does not say; 0: 30, or Max if that is less
	Max     int `yaml:"max,omitempty"`     // 0: 300
}

// UsualPage is how many rows an answer has that was asked for without a page size.
func (o *Operation) UsualPage() int {
	if o.Page != nil && o.Page.Default > 0 {
		return o.Page.Default
	}
	return min(usualPage, o.LargestPage())
}

// LargestPage is how many rows an answer may be asked for.
func (o *Operation) LargestPage() int {
	if o.Page != nil && o.Page.Max > 0 {
		return o.Page.Max
	}
	return largestPage
}

// Numbered tells whether the pages of a list have numbers. All others are led to by a token, also where both would do:
// numbers shift when something is added.
func (o *Operation) Numbered() bool {
	return slices.Contains(o.Query, "page_number") && !slices.Contains(o.Query, "next_page_token")
}

// checkPage finds page sizes that say nothing, or nothing that can be.
func (o *Operation) checkPage() error {
	switch p := o.Page; {
	case p == nil:
		return nil
	case p.Default < 0 || p.Max < 0 || o.UsualPage() > o.LargestPage():
		return fmt.Errorf("%s has pages of %d rows, and of %d at most", o.Op, o.UsualPage(), o.LargestPage())
	case *p == Page{}, p.Default == usualPage, p.Max == largestPage:
		return fmt.Errorf("%s has a fact on pages that is so anyway: they have %d rows, and %d at most", o.Op, usualPage, largestPage)
	}
	return nil
}

// Node is the type of what a field lists as a connection; nil for all other fields, and where there is no such type.
func (p *Program) Node(field *ast.FieldDefinition) *ast.Definition {
	if node, ok := strings.CutSuffix(field.Type.NamedType, "Connection"); ok {
		if def := p.Schema.Types[node]; def != nil && def.Kind == ast.Object {
			return def
		}
	}
	return nil
}

// Executed tells whether gqlgen executes a type: the roots, all that have a field with an operation, things that writes
// make or change, whatever leads to one of these, and all types of a union of which one does. All others are only data.
func (p *Program) Executed(def *ast.Definition) bool { return def != nil && p.executed[def.Name] }

func executed(schema *ast.Schema, written map[string]bool) map[string]bool {
	out := maps.Clone(written)
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		if root != nil {
			out[root.Name] = true
		}
	}
	var rest, unions []*ast.Definition // of which it is not known
	for _, def := range schema.Types {
		if def.Kind == ast.Union {
			unions = append(unions, def)
		}
		if !def.BuiltIn && !out[def.Name] && (def.Kind == ast.Object || def.Kind == ast.Union) {
			rest = append(rest, def)
		}
	}
	for before := -1; before < len(out); {
		before = len(out)
		rest = slices.DeleteFunc(rest, func(def *ast.Definition) bool {
			if !out[def.Name] && !leads(def, out) {
				return false
			}
			out[def.Name] = true
			return true
		})
		for _, union := range unions {
			for _, member := range union.Types {
				if out[union.Name] {
					out[member] = true
				}
			}
		}
	}
	return out
}

// leads tells whether an object has a field with an operation, or leads to a type that is executed, or whether a union has
// a type that does.
func leads(def *ast.Definition, executed map[string]bool) bool {
	switch def.Kind {
	case ast.Object:
		return slices.ContainsFunc(def.Fields, func(field *ast.FieldDefinition) bool { return IsResolved(field) || executed[field.Type.Name()] })
	case ast.Union:
		return slices.ContainsFunc(def.Types, func(member string) bool { return executed[member] })
	}
	return false
}

// sameName tells whether two names are one but for the way in which they are written: call_id and callId, meetingUUID and
// meetingUuid.
func sameName(a, b string) bool { return letters(a) == letters(b) }

func letters(name string) string {
	return strings.Map(func(c rune) rune {
		if c == '_' || c == '-' {
			return -1
		}
		return unicode.ToLower(c)
	}, name)
}

// Cut cuts the time of a list into the pieces that Zoom answers.
func (o *Operation) Cut(span window.Piece, now time.Time) ([]window.Piece, error) {
	if o.Window == nil {
		return []window.Piece{span}, nil
	}
	return window.Cut(span.From, span.To, *o.Window, now)
}
