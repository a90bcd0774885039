package reference

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// This file knows the way from a root type to each field. ways.txt has those that need ids or other values of the embedded
// Zoom, which a test of package graph finds by asking it; from them lead on those to all fields that need nothing. Start
// reading at findWays.

// Way is a path from a root type to a field: a step each, with its arguments, such as `user(id: "…")`, `meetings`, `nodes`
// and, of a union, `... on Room`.
type Way struct {
	Root  string // Query, Mutation or Subscription
	Steps []string

	person bool // it leads by a field that is about whose token is used
}

// to is the way one step further.
func (w Way) to(step string) Way { return Way{w.Root, append(slices.Clip(w.Steps), step), w.person} }

// shorter orders ways: those that anybody can go come first, then by their length.
func (w Way) shorter(other Way) bool {
	length := func(w Way) int { return len(strings.Join(w.Steps, "   ")) }
	rank := func(w Way) int {
		switch {
		case w.Root == "Mutation":
			return 3
		case w.Root == "Subscription":
			return 2
		case w.person:
			return 1
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(rank(w), rank(other)),
		cmp.Compare(len(w.Steps), len(other.Steps)),
		cmp.Compare(length(w), length(other)),
	) < 0
}

// ways are those of a program.
type ways struct {
	fields map[string]Way // of ways.txt, by Type.field
	types  map[string]Way // shortest, by the type's name
}

// parseWays reads the lines of ways.txt: Type.field, and the steps behind tabs.
func parseWays(text string) (map[string]Way, error) {
	found := map[string]Way{}
	for line := range strings.Lines(text) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(parts) < 3 {
			return nil, fmt.Errorf("ways.txt: %q is no way: want a field, its root type and steps, with tabs between them", line)
		}
		found[parts[0]] = Way{Root: parts[1], Steps: parts[2:]}
	}
	return found, nil
}

// String is a line of ways.txt without the field.
func (w Way) String() string { return w.Root + "\t" + strings.Join(w.Steps, "\t") }

// findWays finds the shortest way to each type.
func findWays(p *program.Program, fields map[string]Way) *ways {
	w := &ways{fields: fields, types: map[string]Way{}}
	for _, root := range roots(p) {
		w.types[root.Name] = Way{Root: root.Name}
	}
	names := sortedTypes(p)
	for again := true; again; {
		again = false
		for _, name := range names {
			def := p.Schema.Types[name]
			for _, f := range def.Fields {
				if way, known := w.toField(p, def, f); known && w.lead(p, f, way) {
					again = true
				}
			}
		}
	}
	return w
}

// lead notes the way to what a field answers, and tells whether it is a shorter one.
func (w *ways) lead(p *program.Program, f *ast.FieldDefinition, way Way) bool {
	def := p.Schema.Types[f.Type.Name()]
	shorter := w.offer(def, way)
	for _, member := range def.Types {
		shorter = w.offer(p.Schema.Types[member], way.to("... on "+member)) || shorter
	}
	return shorter
}

func (w *ways) offer(def *ast.Definition, way Way) bool {
	if def.IsLeafType() {
		return false
	}
	if known, found := w.types[def.Name]; found && !way.shorter(known) {
		return false
	}
	w.types[def.Name] = way
	return true
}

// toField is the way to a field; false: none is known.
func (w *ways) toField(p *program.Program, def *ast.Definition, f *ast.FieldDefinition) (Way, bool) {
	if way, found := w.fields[def.Name+"."+f.Name]; found {
		first := p.Schema.Types[way.Root].Fields.ForName(nameOf(way.Steps[0]))
		way.person = first != nil && NamesCaller(p, first)
		return way, true
	}
	way, found := w.types[def.Name]
	if !found || program.IsBuiltin(f) || NeedsWay(p, def, f) {
		return Way{}, false
	}
	return way.to(f.Name), true
}

// NeedsWay tells fields of which ways.txt has to say how they are asked for: those that Zoom is asked for, and all that
// take arguments which must be given.
func NeedsWay(p *program.Program, def *ast.Definition, f *ast.FieldDefinition) bool {
	if program.IsBuiltin(f) || def.Kind != ast.Object {
		return false
	}
	payload := strings.HasSuffix(def.Name, "Payload") // read by the write that it is the answer of
	return !payload && (p.Operation(f) != nil || program.Has(f.Directives, "derived")) || isRoot(p, def) ||
		slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull && a.DefaultValue == nil })
}

// NamesCaller tells fields that are about whoever's token is used: an account's credentials are nobody's.
func NamesCaller(p *program.Program, f *ast.FieldDefinition) bool {
	op := p.Operation(f)
	return op != nil && (strings.Contains(op.Path, "/me/") || strings.HasSuffix(op.Path, "/me") || f.Name == "me")
}

// roots are the schema's root types.
func roots(p *program.Program) []*ast.Definition {
	return slices.DeleteFunc([]*ast.Definition{p.Schema.Query, p.Schema.Mutation, p.Schema.Subscription},
		func(def *ast.Definition) bool { return def == nil })
}

func isRoot(p *program.Program, def *ast.Definition) bool { return slices.Contains(roots(p), def) }

// Document is the text of an operation that asks for what a way leads to, in one line.
func (w Way) Document(p *program.Program) (string, error) {
	def := p.Schema.Types[w.Root]
	var last *ast.FieldDefinition
	for _, step := range w.Steps {
		name, _, _ := strings.Cut(step, "(")
		if member, isMember := strings.CutPrefix(name, "... on "); isMember {
			def, last = p.Schema.Types[member], nil
			continue
		}
		if last = def.Fields.ForName(name); last == nil {
			return "", fmt.Errorf("the schema has no %s.%s: find the examples anew", def.Name, name)
		}
		def = p.Schema.Types[last.Type.Name()]
	}
	text := selector{p}.of(def, 0)
	for _, step := range slices.Backward(w.Steps) {
		text = strings.TrimSuffix(step+" "+text, " ")
		text = "{ " + text + " }"
	}
	switch w.Root {
	case "Mutation":
		text = "mutation " + text
	case "Subscription":
		text = "subscription " + text
	}
	return text, nil
}

// Fill puts times in place of their marks: {day -27} is the day 27 days before now, {time 7} the same time of day a week
// later, {year -7} and {month -7} those of a week ago. So an example is about today whenever somebody reads it.
func Fill(text string, now time.Time) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		mark, behind, _ := strings.Cut(rest, "}")
		if value, isMark := timeOf(mark, now.UTC()); isMark {
			b.WriteString(value)
			text = behind
			continue
		}
		b.WriteByte('{')
		text = rest
	}
}

func timeOf(mark string, now time.Time) (string, bool) {
	form, count, _ := strings.Cut(mark, " ")
	days, err := strconv.Atoi(count)
	if err != nil {
		return "", false
	}
	at := now.AddDate(0, 0, days)
	switch form {
	case "day":
		return at.Format(time.DateOnly), true
	case "time":
		return at.Truncate(time.Hour).Format(time.RFC3339), true
	case "year":
		return strconv.Itoa(at.Year()), true
	case "month":
		return strconv.Itoa(int(at.Month())), true
	}
	return "", false
}

// selector chooses what an example selects.
type selector struct{ *program.Program }

// How much an example selects.
const (
	fewLeaves = 4
	deepest   = 5
)

// of is a selection of a type in braces: its key and a few leaves, of a list those of its things, and "" where a type has
// no selection. Where there are no leaves it goes one deeper.
func (s selector) of(def *ast.Definition, depth int) string {
	switch {
	case def.Kind == ast.Union:
		return "{ __typename }"
	case def.Kind != ast.Object:
		return ""
	}
	if nodes := def.Fields.ForName("nodes"); nodes != nil && strings.HasSuffix(def.Name, "Connection") {
		return "{ nodes " + s.of(s.Schema.Types[nodes.Type.Name()], depth+1) + " }"
	}
	if chosen := s.leaves(def); len(chosen) > 0 {
		return "{ " + strings.Join(chosen, " ") + " }"
	}
	for _, f := range def.Fields {
		if depth < deepest && s.free(f) && s.Schema.Types[f.Type.Name()].Kind == ast.Object {
			return "{ " + f.Name + " " + s.of(s.Schema.Types[f.Type.Name()], depth+1) + " }"
		}
	}
	return "{ __typename }"
}

// leaves are a few fields of a type that have no selection, its key first. What a write answers is also the thing that it
// was about, by its key alone, which takes no call.
func (s selector) leaves(def *ast.Definition) []string {
	key := s.KeyName(def)
	var chosen []string
	if key != "" {
		chosen = append(chosen, key)
	}
	for _, f := range def.Fields {
		below := s.Schema.Types[f.Type.Name()]
		switch {
		case len(chosen) == fewLeaves || !s.free(f) || f.Name == key:
		case below.IsLeafType() && below.Name != "JSON" && !program.Has(f.Directives, "file"):
			chosen = append(chosen, f.Name)
		case strings.HasSuffix(def.Name, "Payload") && s.KeyName(below) != "" && f.Type.Elem == nil:
			chosen = append(chosen, f.Name+" { "+s.KeyName(below)+" }")
		}
	}
	return chosen
}

// free tells fields that an example selects by the way: they cost nothing of their own and are no secrets.
func (s selector) free(f *ast.FieldDefinition) bool {
	return !program.IsBuiltin(f) && len(f.Arguments) == 0 && s.Operation(f) == nil &&
		!slices.ContainsFunc([]string{"derived", "deprecated", "sensitive", "onRequest"}, func(name string) bool { return program.Has(f.Directives, name) })
}
