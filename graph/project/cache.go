package project

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"weak"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Compiled selections are kept by the document they come from. gqlgen keeps parsed documents, so their nodes are met
// again; a node is known by its address, which cannot be another's as long as its selection is held here.

// Selection returns the compiled selection of the field that ctx is about, with that of all fields below it. It has
// no fields where the type is a leaf. Types are taken to be concrete: of an interface it holds the fields that are
// selected on the interface itself.
func (p *Projector) Selection(ctx context.Context) *Selection {
	if at := placeOf(ctx); at != nil && at.root.Sub != nil {
		return at.root.Sub
	}
	return p.selection(graphql.GetOperationContext(ctx), graphql.GetFieldContext(ctx).Field)
}

// A document holds the selections compiled for the fields of one parsed document.
type document struct {
	compiling sync.Mutex
	variants  sync.Map // *ast.Field → *variant
}

// maxVariants bounds how many variants are kept of one field.
const maxVariants = 16

// A variant is the selection of a field under certain conditions. The field node alone does not name it: which other
// nodes merged with it, and what is selected below, may hang on the values of variables.
type variant struct {
	merged     ast.SelectionSet
	conditions []condition
	selection  *Selection
	next       *variant
	rank       int // how many follow
}

// A condition is an argument of @skip or @include, and the value under which the selection was compiled.
type condition struct {
	arg *ast.Value
	is  bool
}

func (p *Projector) selection(op *graphql.OperationContext, field graphql.CollectedField) *Selection {
	key := weak.Make(op.Doc)
	doc, ok := p.documents.Get(key)
	if !ok {
		doc = new(document)
		if earlier, found, _ := p.documents.PeekOrAdd(key, doc); found {
			doc = earlier
		} else {
			// The nodes that doc holds do not hold the document they are of.
			runtime.AddCleanup(op.Doc, func(key weak.Pointer[ast.QueryDocument]) { p.documents.Remove(key) }, key)
		}
	}
	if s := doc.find(op, field); s != nil {
		return s
	}
	doc.compiling.Lock()
	defer doc.compiling.Unlock()
	if s := doc.find(op, field); s != nil {
		return s
	}
	c := compiler{projector: p, variables: op.Variables}
	s := c.selection(field.Definition.Type.Name(), field.Selections)
	doc.add(field.Field, &variant{merged: slices.Clone(field.Selections), conditions: c.conditions, selection: s})
	return s
}

func (d *document) find(op *graphql.OperationContext, field graphql.CollectedField) *Selection {
	for v := d.first(field.Field); v != nil; v = v.next {
		if v.applies(op.Variables, field.Selections) {
			return v.selection
		}
	}
	return nil
}

func (d *document) first(field *ast.Field) *variant {
	v, ok := d.variants.Load(field)
	if !ok {
		return nil
	}
	return v.(*variant)
}

// add puts the variant before the others of the field, or in their place where they are too many.
func (d *document) add(field *ast.Field, v *variant) {
	if next := d.first(field); next != nil && next.rank+1 < maxVariants {
		v.next, v.rank = next, next.rank+1
	}
	d.variants.Store(field, v)
}

func (v *variant) applies(variables map[string]any, merged ast.SelectionSet) bool {
	for _, c := range v.conditions {
		if truth(c.arg, variables) != c.is {
			return false
		}
	}
	return slices.Equal(v.merged, merged)
}

// truth returns the value of an argument of @skip or @include. Validation has seen to it that it is a Boolean; a null
// that a variable with a default let through counts as false.
func truth(arg *ast.Value, variables map[string]any) bool {
	v, err := arg.Value(variables)
	is, ok := v.(bool)
	return err == nil && ok && is
}
