package reference

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/price"
	"zoomgraph/graph/program"
)

// This file says on the page of a chapter what there is to say of its types and fields. Start reading at page.

// chapterPage is the page of a chapter.
type chapterPage struct {
	frame
	Intro text
	Roots []typeView
	Types []typeView // what is answered, what is given, values
}

// typeView is a type, or the fields of a root type that stand in a chapter.
type typeView struct {
	Anchor, Name, Kind string
	Text               text
	Notes              []text
	Members            []link // of a union
	UsedBy             []link
	More               int // places beside those of UsedBy
	Fields             []fieldView
	Values             []valueView
}

// fieldView is a field, of what is answered or of what is given.
type fieldView struct {
	Anchor, Name string
	Type         typeRef
	Default      string
	Arguments    []argumentView
	Text         text
	Notes        []text
	Deprecated   text
	Operation    *operationView
	Example      *exampleView
}

type argumentView struct {
	Name    string
	Type    typeRef
	Default string
	Text    text
}

type valueView struct {
	Anchor, Name, Wire string
	Text               text
	Deprecated         text
}

// typeRef is a type as the schema spells it, such as [User!]!, with a link.
type typeRef struct {
	Before, After string
	link
}

// operationView is what is known of the operation that answers a field.
type operationView struct {
	*program.Operation
	Today    string   // its method and path today, where it has moved
	Pages    string   // of a list: how many rows a call brings
	Span     string   // how long a time a call answers
	MakesOld []string // by a write: what is read anew afterwards
}

// exampleView is an example with what it costs.
type exampleView struct {
	*Example
	Short bool // one line is enough
	Of    link
	Costs []cost // of each step
}

type cost struct {
	Step
	Pretty string
	Number int // of several steps, from 1
}

// usedBy is how many places are shown where a type stands.
const usedBy = 12

func (s *site) page(c *chapter, now time.Time) (*chapterPage, error) {
	page := &chapterPage{frame: s.frame(c.Title, c.File), Intro: s.text(c.Intro)}
	for _, root := range roots(s.program) {
		if c.roots[root.Name] == nil {
			continue
		}
		view := typeView{Anchor: root.Name, Name: root.Name, Kind: kindOf(root)}
		if err := s.fields(&view, root, c.roots[root.Name], now); err != nil {
			return nil, err
		}
		page.Roots = append(page.Roots, view)
	}
	order := []ast.DefinitionKind{ast.Object, ast.Union, ast.InputObject, ast.Enum, ast.Scalar}
	types := slices.Clone(c.types)
	slices.SortStableFunc(types, func(a, b *ast.Definition) int { return slices.Index(order, a.Kind) - slices.Index(order, b.Kind) })
	for _, def := range types {
		view, err := s.typeView(def, now)
		if err != nil {
			return nil, err
		}
		page.Types = append(page.Types, view)
	}
	return page, nil
}

// kindOf is the word that the schema has for a type.
func kindOf(def *ast.Definition) string {
	switch def.Kind {
	case ast.Object:
		return "type"
	case ast.InputObject:
		return "input"
	}
	return strings.ToLower(string(def.Kind))
}

func (s *site) typeView(def *ast.Definition, now time.Time) (typeView, error) {
	view := typeView{Anchor: def.Name, Name: def.Name, Kind: kindOf(def), Text: s.text(def.Description)}
	if program.IsOneOf(def) {
		view.Notes = append(view.Notes, s.text("Exactly one of its fields is given."))
	}
	for _, member := range def.Types {
		view.Members = append(view.Members, s.link(member))
	}
	if def.Kind != ast.Scalar || !def.BuiltIn {
		uses := slices.Compact(slices.Clone(s.uses[def.Name]))
		for _, anchor := range uses[:min(len(uses), usedBy)] {
			view.UsedBy = append(view.UsedBy, s.link(anchor))
		}
		view.More = max(0, len(uses)-usedBy)
	}
	for _, v := range def.EnumValues {
		view.Values = append(view.Values, valueView{def.Name + "." + v.Name, v.Name, program.Wire(v), s.text(v.Description), s.deprecated(v.Directives)})
	}
	err := s.fields(&view, def, def.Fields, now)
	return view, err
}

func (s *site) fields(view *typeView, def *ast.Definition, fields ast.FieldList, now time.Time) error {
	for _, f := range fields {
		if program.IsBuiltin(f) {
			continue
		}
		one := fieldView{
			Anchor: def.Name + "." + f.Name, Name: f.Name, Type: s.typeRef(f.Type), Default: valueText(f.DefaultValue),
			Text: s.text(f.Description), Notes: s.notes(f), Deprecated: s.deprecated(f.Directives), Operation: s.operation(f),
		}
		for _, arg := range f.Arguments {
			one.Arguments = append(one.Arguments, argumentView{arg.Name, s.typeRef(arg.Type), valueText(arg.DefaultValue), s.text(arg.Description)})
		}
		if def.Kind == ast.Object {
			var err error
			if one.Example, err = s.example(def, f, now); err != nil {
				return err
			}
		}
		view.Fields = append(view.Fields, one)
	}
	return nil
}

func (s *site) example(def *ast.Definition, f *ast.FieldDefinition, now time.Time) (*exampleView, error) {
	example, err := s.examples.of(def, f, now)
	if example == nil || err != nil {
		return nil, err
	}
	view := &exampleView{Example: example, Short: len(example.Steps) == 1 && !NeedsWay(s.program, def, f)}
	if example.Of != "" {
		view.Of = s.link(example.Of)
	}
	for i, step := range example.Steps {
		one := cost{Step: step, Pretty: step.Query}
		if !view.Short {
			one.Pretty = step.Pretty()
		}
		if len(example.Steps) > 1 {
			one.Number = i + 1
		}
		view.Costs = append(view.Costs, one)
	}
	return view, nil
}

// Calls says what a step costs at worst.
func (c cost) Calls() string {
	switch c.Price.Calls {
	case 0:
		return "no call"
	case 1:
		return "1 call"
	}
	return fmt.Sprintf("%d calls", c.Price.Calls)
}

// Uses are the operations that a step may call.
func (c cost) Uses() []price.Use { return c.Price.Operations }

func (s *site) typeRef(t *ast.Type) typeRef {
	before, after, _ := strings.Cut(t.String(), t.Name())
	return typeRef{before, after, s.link(t.Name())}
}

func valueText(v *ast.Value) string {
	if v == nil {
		return ""
	}
	return v.String()
}

func (s *site) deprecated(directives ast.DirectiveList) text {
	d := directives.ForName("deprecated")
	if d == nil {
		return nil
	}
	reason := program.Text(d, "reason")
	if reason == "" {
		reason = "Ask for something else."
	}
	return s.text(reason)
}

// notes say what directives mean for who asks.
func (s *site) notes(f *ast.FieldDefinition) []text {
	var notes []text
	say := func(format string, args ...any) { notes = append(notes, s.text(fmt.Sprintf(format, args...))) }
	if d := f.Directives.ForName("sensitive"); d != nil {
		if where := program.Text(d, "where"); where != "" {
			say("A secret where `%s` beside it names one: only callers with the permission `secrets` are answered then, others get null and the error `FORBIDDEN`.", where)
		} else {
			say("A secret: only callers with the permission `secrets` are answered, others get null and the error `FORBIDDEN`.")
		}
	}
	if program.Has(f.Directives, "detail") {
		say("A list does not bring it: where it is selected each thing of the list is read, one call each.")
	}
	if program.Has(f.Directives, "onRequest") {
		say("A list brings it where it is selected, at no cost; Zoom is asked for it by name.")
	}
	if program.IsFile(f) || program.IsAddress(f) {
		say("A URL of this service, which streams the file for some minutes to who asked.")
	}
	if d := f.Directives.ForName("derived"); d != nil {
		say("No single operation answers it: this service does, by `%s`.", strings.Join(program.Texts(d, "from"), "`, `"))
	}
	if program.IsSection(f) {
		if view, _ := program.View(f); view != "" {
			say("Zoom answers it in the view `%s`, which is a call of its own.", view)
		}
	}
	return notes
}

func (s *site) operation(f *ast.FieldDefinition) *operationView {
	op := s.program.Operation(f)
	if op == nil {
		return nil
	}
	view := &operationView{Operation: op}
	if op.Now != "" {
		view.Today = op.Now
	}
	if s.program.Node(f) != nil {
		view.Pages = fmt.Sprintf("Zoom answers up to %d rows a call, and %d where a call does not say.", op.LargestPage(), op.UsualPage())
		if program.Unpaged(f) {
			view.Pages = "Zoom answers the list whole, in one call."
		}
	}
	if !op.Reads() {
		view.MakesOld = op.Resources
	}
	if op.Window != nil {
		view.Span = fmt.Sprintf("Zoom answers at most a %s a call: a longer time is read %s by %s.", op.Window.Of, op.Window.Of, op.Window.Of)
	}
	return view
}

// text is a description: paragraphs of words, of which some are code or links.
type text [][]word

type word struct {
	link
	Code bool
}

// text reads a description. What stands between backquotes is code, and leads to the type or field of that name.
func (s *site) text(description string) text {
	var all text
	for paragraph := range strings.SplitSeq(description, "\n\n") {
		if strings.TrimSpace(paragraph) == "" {
			continue
		}
		var words []word
		for i, part := range strings.Split(strings.ReplaceAll(paragraph, "\n", " "), "`") {
			switch {
			case part == "":
			case i%2 == 1:
				words = append(words, word{s.linkTo(part), true})
			default:
				words = append(words, word{link{Text: part}, false})
			}
		}
		all = append(all, words)
	}
	return all
}

// linkTo leads from a name in a text to a type, a field of one, or a field of Query or Mutation.
func (s *site) linkTo(name string) link {
	for _, anchor := range []string{name, "Query." + name, "Mutation." + name} {
		if home := s.homes[anchor]; home != "" && (anchor == name || strings.ToLower(name[:1]) == name[:1]) {
			return link{name, home + "#" + anchor}
		}
	}
	return link{Text: name}
}
