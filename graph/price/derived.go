package price

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// derived prices the fields that code of package graph answers by several operations.
func (w *walker) derived(p *place, def *ast.Definition, field *ast.Field) {
	switch name := def.Name + "." + field.Name; name {
	case "User.effectiveSettings":
		asked := w.namedSettings(w.vars.argument(field, "fields"))
		w.own(p, asked)
		w.need(p, def, def.Fields.ForName("groupIds"))
		w.ranks(len(asked) > 0)
		w.groupsBelow(p, field)
		maps.Copy(p.above, asked)
	case "Account.groupModel": // is declared
	case "Query.settingsDrift":
		w.list(p, field, w.schema.Query.Fields.ForName("users"), w.baseline(w.vars.argument(field, "baseline")))
	default:
		w.err = fmt.Errorf("%s is derived, and has no price", name)
	}
}

// settings are some of a user's settings.
type settings map[setting]bool

// setting is a field of a section of UserSettings.
type setting struct {
	view string
	leaf *ast.FieldDefinition
}

// own notes the calls that bring settings of the place's users.
func (w *walker) own(p *place, asked settings) {
	for s := range asked {
		p.calls.add(w.op(w.operation("User", "settings")), "()"+s.view)
	}
}

// ranks notes the list of groups, in which the ranks of groups are looked up where they are declared by names.
func (w *walker) ranks(needed bool) {
	if list := w.program.Listing(w.schema.Types["Group"]); needed && list != nil {
		w.once.add(w.op(list), "names")
	}
}

// groupsBelow finds where an answer leads to groups of the place's users.
func (w *walker) groupsBelow(p *place, field *ast.Field) {
	for _, below := range w.fields(field.SelectionSet, fragments{}) {
		if w.result(below).Name == "Group" {
			w.groups(p, below)
		} else {
			w.groupsBelow(p, below)
		}
	}
}

// groups leads to the groups of the place's users.
func (w *walker) groups(p *place, field *ast.Field) {
	group := w.result(field)
	reach := reach{id: true}
	if list := w.program.Listing(group); list != nil {
		reach.list = w.op(list)
	}
	p.below(field, child{place: place{def: group, n: w.groupsOf(p), reach: reach}})
}

// groupsOf is how many groups the users of a place are in.
func (w *walker) groupsOf(p *place) int { return min(times(p.n, groupsOfUser), groupsOfAccount) }

// compare counts what it takes to look up settings in those of each user's groups and of the account, and in the locks
// of both. What groups say is read once a group, what the account says once an operation.
func (w *walker) compare(p *place) tally {
	total := tally{}
	if len(p.above) == 0 {
		return total
	}
	for _, field := range []string{"settings", "lockSettings"} {
		total.add(tally{w.op(w.operation("Group", field)): times(w.groupsOf(p), len(w.viewsAbove("Group", field, p.above)))})
		for view := range w.viewsAbove("Account", field, p.above) {
			w.once.add(w.op(w.operation("Account", field)), view)
		}
	}
	return total
}

// viewsAbove are the views of a tree of groups or accounts in which users' settings are looked up: the setting's own,
// or else the default view, if it is there.
func (w *walker) viewsAbove(def, field string, asked settings) views {
	tree := w.schema.Types[w.schema.Types[def].Fields.ForName(field).Type.Name()]
	found := views{}
	for s := range asked {
		for _, view := range []string{s.view, ""} {
			if w.holds(tree, view, s.leaf) {
				found[view] = true
				break
			}
		}
	}
	return found
}

// holds tells whether a view of a tree of groups or accounts has a user's setting.
func (w *walker) holds(tree *ast.Definition, view string, leaf *ast.FieldDefinition) bool {
	name := leaf.Name
	for _, directive := range []string{"name", "policy"} {
		if d := leaf.Directives.ForName(directive); d != nil {
			name = program.Text(d, "zoom")
		}
	}
	for _, section := range tree.Fields {
		if program.IsSection(section) && viewOf(section) == view && w.leaf(section, name) != nil {
			return true
		}
	}
	return false
}

// leaf is the field of a section that Zoom calls by a name.
func (w *walker) leaf(section *ast.FieldDefinition, name string) *ast.FieldDefinition {
	fields := w.schema.Types[section.Type.Name()].Fields
	if at := slices.IndexFunc(fields, func(f *ast.FieldDefinition) bool { return named(f, name) }); at >= 0 {
		return fields[at]
	}
	return nil
}

// operation is that of a field that the schema is known to have.
func (w *walker) operation(def, field string) *program.Operation {
	return w.program.Operation(w.schema.Types[def].Fields.ForName(field))
}

// namedSettings are the settings that a list of Zoom's names means, such as host_video or in_meeting.waiting_room. Names
// that are no setting's are refused before any call.
func (w *walker) namedSettings(names any) settings {
	if name, ok := names.(string); ok {
		names = []any{name} // a list of one, as GraphQL coerces it
	}
	list, known := names.([]any)
	found := settings{}
	for _, name := range list {
		text, isText := name.(string)
		known = known && isText
		section, leaf, dotted := strings.Cut(text, ".")
		if !dotted {
			section, leaf = "", section
		}
		maps.Copy(found, w.settingsWith(section, leaf))
	}
	if !known {
		return w.settingsWith("", "")
	}
	return found
}

// baseline are the settings of a policy: an object of sections.
func (w *walker) baseline(policy any) settings {
	sections, known := policy.(map[string]any)
	if !known {
		return w.settingsWith("", "")
	}
	found := settings{}
	for section, content := range sections {
		names, known := content.(map[string]any)
		if !known {
			maps.Copy(found, w.settingsWith(section, ""))
		}
		for name := range names {
			maps.Copy(found, w.settingsWith(section, name))
		}
	}
	return found
}

// settingsWith finds settings by Zoom's names; "" stands for every section, or every setting of it.
func (w *walker) settingsWith(section, name string) settings {
	found := settings{}
	for _, field := range w.schema.Types["UserSettings"].Fields {
		if !program.IsSection(field) || section != "" && !named(field, section) {
			continue
		}
		for _, leaf := range w.schema.Types[field.Type.Name()].Fields {
			if name == "" || named(leaf, name) {
				found[setting{viewOf(field), leaf}] = true
			}
		}
	}
	return found
}
