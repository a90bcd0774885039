package zoomgen

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// Tree is a settings tree: a type whose fields are sections, each with the view it comes from.
type Tree struct {
	Name     string
	Sections []Section
	Names    []SettingName
	// Param is the query parameter that decides the view, where it is not `option`.
	Param string
	// Whole: the operations that read the tree take no filter.
	Whole bool
}

// Special are the names of which there is more to know.
func (t *Tree) Special() (special []SettingName) {
	for _, name := range t.Names {
		if name.Ambiguous || name.Policy != "" || name.Restrictive != "" {
			special = append(special, name)
		}
	}
	return special
}

// Var is the name of the tree's Go variable.
func (t *Tree) Var() string { return lowerFirst(t.Name) + "Tree" }

// Section is one section of a tree. View is Zoom's value of `option`, "" for the default view.
type Section struct {
	Field, Zoom, View string
	Root              bool
	Names             []string
}

// SettingName is a name that can be asked for by custom_query_fields: one directly under a section.
type SettingName struct {
	Section, Name, View string
	// Ambiguous: in this view the name stands in another place as well.
	Ambiguous bool
	// Policy is the name of the same setting in groups and accounts, where it is another.
	Policy string
	// Restrictive is the value that restricts most; "" where that is not known.
	Restrictive string
}

func (r *reader) trees() {
	for _, def := range r.types(ast.Object) {
		tree := &Tree{Name: def.Name}
		for _, field := range def.Fields {
			if d := field.Directives.ForName("view"); d != nil {
				r.section(tree, field, d)
			}
		}
		if len(tree.Sections) == 0 {
			continue
		}
		if r.code.executed[def.Name] {
			r.mistake(def.Position, "%s is a settings tree, so nothing in it can have an operation", def.Name)
		}
		for _, field := range def.Fields {
			if field.Directives.ForName("view") == nil && field.Name != "raw" {
				r.mistake(field.Position, "%s.%s stands beside sections: say which view it comes from, with @view", def.Name, field.Name)
			}
		}
		r.viewsOf(tree, def)
		r.markAmbiguous(tree)
		r.code.Trees = append(r.code.Trees, tree)
	}
	r.treeInputs()
	r.checkNotes()
}

// viewsOf finds out how the views of a tree are asked for.
func (r *reader) viewsOf(tree *Tree, def *ast.Definition) {
	argument := program.ViewArgument(def)
	if argument != "option" {
		tree.Param = program.Snake(argument)
	}
	filtered := false
	for _, parent := range r.types(ast.Object) {
		for _, field := range parent.Fields {
			if op := r.source.Operation(field); op != nil && field.Type.Name() == def.Name {
				filter := slices.Contains(op.Query, "custom_query_fields")
				filtered, tree.Whole = filtered || filter, tree.Whole || !filter
			}
		}
	}
	if filtered && tree.Whole {
		r.mistake(def.Position, "%s is read by operations of which some take custom_query_fields and some do not: use two types", def.Name)
	}
	for _, field := range def.Fields {
		d := field.Directives.ForName("view")
		if d == nil {
			continue
		}
		for _, arg := range d.Arguments {
			if arg.Name != "root" && arg.Name != argument {
				r.mistake(arg.Position, "%s.%s: the views of a tree are named by one argument of @view, here by %s and %s", def.Name, field.Name, argument, arg.Name)
			}
		}
		if view, _ := program.View(field); view == "" && argument != "option" {
			r.mistake(d.Position, "%s.%s: without `option` there is no default view: say which view it comes from, with @view(%s: …)", def.Name, field.Name, argument)
		}
	}
}

// checkNotes finds @policy and @restrictive where nothing looks for them, and where what they say is idle or wrong.
func (r *reader) checkNotes() {
	sections := map[string]bool{} // their types
	for _, tree := range r.code.Trees {
		for _, section := range tree.Sections {
			sections[r.schema.Types[tree.Name].Fields.ForName(section.Field).Type.Name()] = true
		}
	}
	for _, def := range r.types(ast.Object, ast.InputObject) {
		for _, field := range def.Fields {
			for _, name := range []string{"policy", "restrictive"} {
				if d := field.Directives.ForName(name); d != nil && !sections[def.Name] {
					r.mistake(d.Position, "%s.%s has @%s, but does not stand directly under a section of a settings tree", def.Name, field.Name, name)
				}
			}
			if d := field.Directives.ForName("policy"); d != nil && program.Text(d, "zoom") == program.Name(field.Name, field.Directives) {
				r.mistake(d.Position, "%s.%s has @policy(zoom: %q), which its name says already", def.Name, field.Name, program.Text(d, "zoom"))
			}
			if d := field.Directives.ForName("restrictive"); d != nil && !slices.Contains(r.spellings(field.Type), program.Text(d, "value")) {
				r.mistake(d.Position, "%s.%s has @restrictive(value: %q), which is no value of %s", def.Name, field.Name, program.Text(d, "value"), field.Type)
			}
		}
	}
}

// spellings are Zoom's spellings of all values of a type; none where they are too many to list.
func (r *reader) spellings(t *ast.Type) []string {
	if t.NamedType == "Boolean" {
		return []string{"true", "false"}
	}
	var all []string
	if def := r.schema.Types[t.NamedType]; def != nil {
		for _, value := range def.EnumValues {
			all = append(all, program.Wire(value))
		}
	}
	return all
}

// treeInputs checks that the input of a tree, the type of its name and Input, has the same sections: a change is
// written to the view that its section is read from.
func (r *reader) treeInputs() {
	for _, def := range r.types(ast.InputObject) {
		name := strings.TrimSuffix(def.Name, "Input")
		i := slices.IndexFunc(r.code.Trees, func(t *Tree) bool { return t.Name == name })
		for _, field := range def.Fields {
			d := field.Directives.ForName("view")
			switch {
			case i < 0 && d == nil:
			case i < 0:
				r.mistake(field.Position, "%s.%s has a view, but there is no settings tree %s", def.Name, field.Name, name)
			case d == nil || !r.code.Trees[i].has(r.sectionOf(field, d)):
				r.mistake(field.Position, "%s.%s must be a section of %s as well, with the same @view", def.Name, field.Name, name)
			}
		}
	}
}

// sectionOf reads @view of a field.
func (r *reader) sectionOf(field *ast.FieldDefinition, d *ast.Directive) Section {
	section := Section{Field: field.Name, Zoom: program.Name(field.Name, field.Directives), Root: program.Text(d, "root") == "true"}
	section.View = r.source.Option(field)
	return section
}

func (r *reader) section(tree *Tree, field *ast.FieldDefinition, d *ast.Directive) {
	section := r.sectionOf(field, d)
	if section.Root && section.View == "" {
		r.mistake(d.Position, "%s.%s: the default view has sections, so none of them can be its root", tree.Name, field.Name)
	}
	content := r.schema.Types[field.Type.NamedType]
	if content == nil || content.Kind != ast.Object {
		r.mistake(d.Position, "%s.%s is a section, so it must be an object", tree.Name, field.Name)
		return
	}
	for _, leaf := range content.Fields {
		name := SettingName{Section: section.Zoom, Name: program.Name(leaf.Name, leaf.Directives), View: section.View}
		if section.Root {
			name.Section = ""
		}
		if d := leaf.Directives.ForName("policy"); d != nil {
			name.Policy = program.Text(d, "zoom")
		}
		if d := leaf.Directives.ForName("restrictive"); d != nil {
			name.Restrictive = program.Text(d, "value")
		}
		section.Names = append(section.Names, name.Name)
		tree.Names = append(tree.Names, name)
	}
	tree.Sections = append(tree.Sections, section)
}

// has tells whether the tree has the section.
func (t *Tree) has(section Section) bool {
	return slices.ContainsFunc(t.Sections, func(s Section) bool {
		return s.Field == section.Field && s.Zoom == section.Zoom && s.View == section.View && s.Root == section.Root
	})
}

// markAmbiguous marks the names that occur more than once in their view: directly under two sections, deeper down, or
// as the name of a section. Zoom does not say which of them a filter means, so the planner asks for the full view.
func (r *reader) markAmbiguous(tree *Tree) {
	type place struct{ view, name string }
	count := map[place]int{}
	for _, section := range tree.Sections {
		if !section.Root {
			count[place{section.View, section.Zoom}]++
		}
		content := r.schema.Types[r.schema.Types[tree.Name].Fields.ForName(section.Field).Type.Name()]
		r.walk(content, map[string]bool{}, func(name string) { count[place{section.View, name}]++ })
	}
	for i, n := range tree.Names {
		tree.Names[i].Ambiguous = count[place{n.View, n.Name}] > 1
	}
}

// walk calls visit with Zoom's name of every field of def and below it.
func (r *reader) walk(def *ast.Definition, above map[string]bool, visit func(name string)) {
	if def == nil || def.Kind != ast.Object || above[def.Name] {
		return
	}
	above[def.Name] = true
	defer delete(above, def.Name)
	for _, field := range def.Fields {
		visit(program.Name(field.Name, field.Directives))
		r.walk(r.schema.Types[field.Type.Name()], above, visit)
	}
}
