package world

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"zoomgraph/graph/program"

	"github.com/vektah/gqlparser/v2/ast"
)

// This file implements settings that are answered in views: one tree in the
// schema, of which a parameter decides what an answer has. What a chapter knows
// better, such as settings that follow others, it answers itself.

// views are the documents that settings are answered or taken in, by the value of
// the parameter that decides; "" the default. They are made when they are asked for:
// most are not, and they are a third of all that the schema says.
type views func() (map[string]*Node, error)

// views are those of a tree, or of the input of one.
func (d *deriver) views(tree *ast.Definition) views {
	return sync.OnceValues(func() (map[string]*Node, error) {
		// Several may be made at a time, so each has a deriver of its own.
		own := deriver{Shaper{Schema: d.Schema, Loose: d.Loose, Written: d.Written, KeyOf: d.KeyOf}, d.program}
		return own.viewsOf(tree)
	})
}

func (d *deriver) viewsOf(tree *ast.Definition) (map[string]*Node, error) {
	views := map[string]*Node{}
	for _, f := range tree.Fields {
		if !program.IsSection(f) {
			continue
		}
		option := d.program.Option(f)
		if views[option] == nil {
			views[option] = &Node{Kind: Object}
		}
		name := program.NameOf(f)
		section, err := d.Node(name, name, f.Type)
		if err != nil {
			return nil, err
		}
		if _, root := program.View(f); root {
			views[option].Fields = append(views[option].Fields, section.Fields...)
		} else {
			views[option].Fields = append(views[option].Fields, section)
		}
	}
	return views, nil
}

// asView notes what decides the view of a tree, and the one without a word.
func (o *Operation) asView(p *program.Program, tree *ast.Definition) {
	o.viewParam = program.Snake(program.ViewArgument(tree))
	for _, f := range tree.Fields {
		if view, _ := program.View(f); view != "" && view == program.HomeView(tree) {
			o.home = p.Option(f)
		}
	}
}

// view is the document that a call asks for, and where its values stand among
// those of the record.
func (c *Call) view() (doc *Node, at string, err error) {
	views, err := c.Op.views()
	if err != nil {
		return nil, "", err
	}
	at = cmp.Or(c.Values.Get(c.Op.viewParam), c.Op.home)
	if doc = views[at]; doc == nil {
		known := slices.DeleteFunc(slices.Sorted(maps.Keys(views)), func(name string) bool { return name == "" })
		return nil, "", Refuse(http.StatusBadRequest, 300, "Invalid value of query parameter %s: %q; there are %s.", c.Op.viewParam, at, strings.Join(known, ", "))
	}
	return doc, at, nil
}

// changeView merges the body into a view.
func (w *World) changeView(c *Call, r *Record) (Answer, error) {
	doc, at, err := c.view()
	if err != nil {
		return Answer{}, err
	}
	if _, err := c.Object(); err != nil {
		return Answer{}, err
	}
	body, refused := Canonical(doc, c.Body, "")
	if len(refused) > 0 {
		return Answer{}, Invalid(refused...)
	}
	r.put(doc, at, body)
	return Done(), nil
}
