package project

import (
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// A compiler compiles one selection with all below it, and notes each condition that it met on the way.
type compiler struct {
	projector  *Projector
	variables  map[string]any
	conditions []condition
}

func (c *compiler) selection(typeName string, set ast.SelectionSet) *Selection {
	if union := c.choosing(typeName, set); union != nil {
		return &Selection{union: union}
	}
	g := group{typeName: typeName, places: map[string]int{}, spread: map[string]bool{}}
	c.collect(&g, set)
	s := &Selection{fields: make([]Field, len(g.fields))}
	names := map[string]int{}
	for i, m := range g.fields {
		f := &s.fields[i]
		*f = c.field(typeName, m)
		if f.facts == nil {
			continue
		}
		place, ok := names[f.Zoom]
		if !ok {
			place = len(s.names)
			names[f.Zoom] = place
			s.names = append(s.names, f.Zoom)
		}
		f.name = place
	}
	if len(s.names) > fewNames {
		s.index = names
	}
	return s
}

func (c *compiler) field(typeName string, m mergedField) Field {
	node := m.node
	f := Field{
		Key:    node.Alias,
		Name:   node.Name,
		Def:    node.Definition,
		of:     typeName,
		prefix: strconv.Quote(node.Alias) + ":",
		step:   ast.PathName(node.Alias),
		at:     node.Position,
	}
	if node.Name == "__typename" {
		f.prefix += strconv.Quote(typeName)
		return f
	}
	f.Zoom = c.projector.ZoomName(node.Definition)
	f.secret = c.projector.secrecyOf(typeName, node.Definition)
	f.file = program.IsAddress(node.Definition)
	f.facts = c.projector.types[node.Definition.Type.Name()]()
	if f.facts.leaf == nil {
		f.Sub = c.selection(f.facts.def.Name, m.set)
	}
	return f
}

// A group gathers the fields of one object by response key.
type group struct {
	typeName string
	fields   []mergedField
	places   map[string]int
	spread   map[string]bool
}

// A mergedField is the first node of a response key, with what all nodes of that key select.
type mergedField struct {
	node *ast.Field
	set  ast.SelectionSet
}

func (c *compiler) collect(g *group, set ast.SelectionSet) {
	for _, node := range set {
		switch node := node.(type) {
		case *ast.Field:
			if c.includes(node.Directives) {
				g.add(node)
			}
		case *ast.InlineFragment:
			if c.includes(node.Directives) && c.applies(node.TypeCondition, g.typeName) {
				c.collect(g, node.SelectionSet)
			}
		case *ast.FragmentSpread:
			if g.spread[node.Name] || !c.includes(node.Directives) {
				continue
			}
			g.spread[node.Name] = true
			if c.applies(node.Definition.TypeCondition, g.typeName) {
				c.collect(g, node.Definition.SelectionSet)
			}
		}
	}
}

func (g *group) add(node *ast.Field) {
	i, ok := g.places[node.Alias]
	if !ok {
		i = len(g.fields)
		g.places[node.Alias] = i
		g.fields = append(g.fields, mergedField{node: node})
	}
	g.fields[i].set = append(g.fields[i].set, node.SelectionSet...)
}

func (c *compiler) includes(directives ast.DirectiveList) bool {
	for _, d := range directives {
		switch d.Name {
		case "skip":
			if c.truth(d) {
				return false
			}
		case "include":
			if !c.truth(d) {
				return false
			}
		}
	}
	return true
}

func (c *compiler) truth(d *ast.Directive) bool {
	arg := d.Arguments.ForName("if").Value
	is := truth(arg, c.variables)
	met := func(c condition) bool { return c.arg.Raw == arg.Raw }
	if arg.Kind == ast.Variable && !slices.ContainsFunc(c.conditions, met) {
		c.conditions = append(c.conditions, condition{arg, is})
	}
	return is
}

// applies tells whether an object of the type satisfies a fragment's type condition.
func (c *compiler) applies(condition, typeName string) bool {
	return condition == "" || condition == typeName || slices.ContainsFunc(
		c.projector.schema.PossibleTypes[condition],
		func(def *ast.Definition) bool { return def.Name == typeName },
	)
}
