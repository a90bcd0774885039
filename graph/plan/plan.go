package plan

import (
	"fmt"
	"slices"
	"strings"

	"zoomgraph/client"
	"zoomgraph/graph/project"
	"zoomgraph/internal/lazy"
)

// Request is how a client asked for a tree, beside the selection.
type Request struct {
	// Option is the one view to ask; nil lets the selection decide.
	Option *string
	// Fields are Zoom's names to ask for in place of those that the selection needs; nil lets the selection decide.
	Fields []string
	// AllowUnknown lets Fields hold names that the tree does not know. They are asked of the view of Option, or of the
	// default view.
	AllowUnknown bool
}

// Need lists the names that one view has to bring.
type Need struct {
	View string
	// Names is the filter: sorted, joined by commas; "" asks for the whole view.
	Names string
}

// Plan lists the needs of a selection, one a view, the default view first.
type Plan struct {
	Needs []Need
	// Plain tells that all that is selected are sections of the one view that is needed, under their own keys.
	Plain bool
	// Only, where it is not nil, are the names that the client wants to see: what else an answer holds was asked by
	// somebody else.
	Only map[string]bool
}

// RawField is the field of a tree that holds an answer as Zoom sent it.
const RawField = "raw"

// Plan reads what a selection needs of the tree. What it derives from the selection alone it derives once.
// Errors are client errors with the code BAD_USER_INPUT.
func (t *Tree) Plan(selection *project.Selection, r Request) (*Plan, error) {
	key := t.plain
	if r.Option != nil {
		key = memoKey{t, *r.Option}
	}
	derived, _ := selection.Known(key).(*Plan)
	if derived == nil {
		derived, _ = selection.Memo(key, func() any { return t.derive(selection, r.Option) }).(*Plan)
	}
	if r.Fields == nil {
		return derived, nil
	}
	return t.override(derived, r)
}

// memoKey names a plan beside the selection; without an option that is "*".
type memoKey struct {
	tree   *Tree
	option string
}

// derive collects the names below each section that is selected.
func (t *Tree) derive(selection *project.Selection, option *string) *Plan {
	type gathered struct {
		names []string
		whole bool
	}
	views := map[string]gathered{}
	for _, field := range selection.Fields() {
		section, isSection := t.index().sections[field.Name]
		if !isSection {
			section.View = t.home
			if option != nil {
				section.View = *option
			}
		}
		g := views[section.View]
		switch {
		case option != nil && section.View != *option, !isSection && field.Name != RawField:
			continue
		case !isSection:
			g.whole = true
		default:
			names := below(field.Sub)
			g.names, g.whole = append(g.names, names...), g.whole || len(names) == 0
		}
		views[section.View] = g
	}
	plan := &Plan{}
	for view, g := range views {
		need := Need{View: view}
		if !g.whole {
			need.Names = t.Filter(view, g.names)
		}
		plan.Needs = append(plan.Needs, need)
	}
	plan.sort()
	plan.Plain = len(plan.Needs) == 1 && !slices.ContainsFunc(selection.Fields(), func(field project.Field) bool {
		section, isSection := t.index().sections[field.Name]
		return field.Zoom != "" && (!isSection || section.Root || section.View != plan.Needs[0].View)
	})
	return plan
}

// below lists the names directly under a section that a selection needs.
func below(selection *project.Selection) []string {
	var names []string
	for _, field := range selection.Fields() {
		if field.Zoom != "" { // __typename has none
			names = append(names, field.Zoom)
		}
	}
	return names
}

func (p *Plan) sort() {
	slices.SortFunc(p.Needs, func(a, b Need) int { return strings.Compare(a.View, b.View) })
}

var namePattern = lazy.Regexp(`^[a-z0-9_]{1,64}$`)

// override puts the client's own names in place of the derived ones, view by view.
func (t *Tree) override(derived *Plan, r Request) (*Plan, error) {
	if err := t.check(r); err != nil {
		return nil, err
	}
	plan := &Plan{Only: map[string]bool{}}
	placed := map[string]bool{}
	for _, need := range derived.Needs {
		var names []string
		whole := false
		for _, name := range r.Fields {
			known, ok := t.index().names[need.View][name]
			if !ok && (len(t.views(name)) > 0 || need.View != t.homeOf(r)) {
				continue
			}
			names, whole = append(names, name), whole || known.Ambiguous
			placed[name], plan.Only[name] = true, true
		}
		if len(names) == 0 {
			continue
		}
		slices.Sort(names)
		if need.Names = strings.Join(slices.Compact(names), ","); whole {
			need.Names = ""
		}
		plan.Needs = append(plan.Needs, need)
	}
	for _, name := range r.Fields {
		if !placed[name] && len(derived.Needs) > 0 {
			return nil, t.misplaced(name, r)
		}
	}
	return plan, nil
}

// homeOf is the view that names of no known view are asked of.
func (t *Tree) homeOf(r Request) string {
	if r.Option != nil {
		return *r.Option
	}
	return t.home
}

func (t *Tree) check(r Request) error {
	if len(r.Fields) == 0 {
		return refuse("fields is empty", "leave it out to let the selection decide, or name at least one setting")
	}
	if len(r.Fields) > MaxNames {
		return refuse(fmt.Sprintf("fields holds %d names, and at most %d are allowed", len(r.Fields), MaxNames),
			"leave fields out to ask for the whole view")
	}
	for _, name := range r.Fields {
		if !namePattern().MatchString(name) {
			return refuse(fmt.Sprintf("fields: %q is not a name of a setting", clip(name)),
				"names have 1 to 64 characters of a-z, 0-9 and _, one name an entry")
		}
		if r.AllowUnknown || len(t.views(name)) > 0 {
			continue
		}
		return t.unknown(name, name, "allowUnknown: true asks Zoom for names that this schema does not know")
	}
	return nil
}

// unknown says that no setting has a name, and which one is near.
func (t *Tree) unknown(text, name, hint string) error {
	message := fmt.Sprintf("fields: no setting is named %q", clip(text))
	if near := t.nearest(name); near != "" {
		message += fmt.Sprintf("; did you mean %q?", near)
	}
	return refuse(message, hint)
}

// misplaced says where a name belongs that no view of this request knows.
func (t *Tree) misplaced(name string, r Request) error {
	var homes []string
	for _, view := range t.views(name) {
		homes = append(homes, viewText(view))
	}
	if len(homes) == 0 {
		homes = []string{viewText(t.homeOf(r))}
	}
	asked := "the views that the selection needs"
	if r.Option != nil {
		asked = viewText(*r.Option)
	}
	return refuse(fmt.Sprintf("fields: %q is not in %s", name, asked),
		fmt.Sprintf("it is in %s: ask for that view, or select one of its sections", strings.Join(homes, " and in ")))
}

func viewText(view string) string {
	if view == "" {
		return "the default view"
	}
	return "the view " + strings.ToUpper(view)
}

func refuse(message, hint string) error {
	return &client.Error{Code: client.CodeBadUserInput, Message: message, Hint: hint}
}

// clip keeps what a client sent from filling an error.
func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}
