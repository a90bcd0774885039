package reference

import (
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// This file divides the schema into pages. Start reading at newSite.

// site is all that pages are made of.
type site struct {
	program  *program.Program
	examples *examples
	chapters []*chapter
	homes    map[string]string   // the file of a page, by the anchor that is on it
	uses     map[string][]string // anchors of the fields that a type stands at, by its name
}

// chapter is a page for a file of the schema.
type chapter struct {
	File  string // users.html
	Title string
	Intro string // what the schema's file says of itself behind that

	roots map[string]ast.FieldList // fields of root types, by the type's name
	types []*ast.Definition        // by name
}

func newSite(p *program.Program, price Pricer) (*site, error) {
	examples, err := newExamples(p, price)
	if err != nil {
		return nil, err
	}
	s := &site{program: p, examples: examples, homes: map[string]string{}, uses: map[string][]string{}}
	s.divide()
	for _, name := range sortedTypes(p) {
		def := p.Schema.Types[name]
		for _, f := range def.Fields {
			if program.IsBuiltin(f) {
				continue
			}
			anchor := name + "." + f.Name
			s.uses[f.Type.Name()] = append(s.uses[f.Type.Name()], anchor)
			for _, arg := range f.Arguments {
				s.uses[arg.Type.Name()] = append(s.uses[arg.Type.Name()], anchor)
			}
		}
	}
	return s, nil
}

// divide finds the page of each type and field: the one of the file in which it is written. Fields of an entity stand with it,
// also those that another file adds.
func (s *site) divide() {
	byFile := map[string]*chapter{}
	of := func(at *ast.Position) *chapter {
		if at == nil || at.Src == nil || at.Src.BuiltIn {
			at = s.program.Schema.Query.Position
		}
		known := byFile[at.Src.Name]
		if known == nil {
			title, intro := titled(at.Src.Input)
			file := strings.TrimSuffix(path.Base(at.Src.Name), ".graphqls") + ".html"
			known = &chapter{File: file, Title: title, Intro: intro, roots: map[string]ast.FieldList{}}
			byFile[at.Src.Name] = known
		}
		return known
	}
	for _, name := range sortedTypes(s.program) {
		def := s.program.Schema.Types[name]
		if isRoot(s.program, def) {
			s.homes[name] = indexPage
			for _, f := range def.Fields {
				if !program.IsBuiltin(f) {
					home := of(f.Position)
					home.roots[name] = append(home.roots[name], f)
					s.homes[name+"."+f.Name] = home.File
				}
			}
			continue
		}
		home := of(def.Position)
		home.types = append(home.types, def)
		s.homes[name] = home.File
		for _, f := range def.Fields {
			s.homes[name+"."+f.Name] = home.File
		}
		for _, v := range def.EnumValues {
			s.homes[name+"."+v.Name] = home.File
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byFile)) {
		s.chapters = append(s.chapters, byFile[name])
	}
	front := slices.IndexFunc(s.chapters, func(c *chapter) bool { return !strings.Contains(c.path(byFile), "/") })
	if front > 0 { // the front door comes first
		first := s.chapters[front]
		s.chapters = slices.Insert(slices.Delete(s.chapters, front, front+1), 0, first)
	}
}

// path is the name of the schema's file.
func (c *chapter) path(byFile map[string]*chapter) string {
	for name, one := range byFile {
		if one == c {
			return name
		}
	}
	return ""
}

// titled reads the comment at the head of a file of the schema: its first sentence, without what says which chapter of
// Zoom's documentation it is, and the rest.
func titled(text string) (title, intro string) {
	var words []string
	for line := range strings.Lines(text) {
		comment, isComment := strings.CutPrefix(line, "#")
		if !isComment {
			break
		}
		words = append(words, strings.Fields(comment)...)
	}
	all := strings.Join(words, " ")
	title, intro, _ = strings.Cut(all, ". ")
	title = strings.TrimSuffix(title, ".")
	if before, zooms, found := strings.Cut(title, ": Zoom's chapter"); found {
		title = before
		if chapter := strings.TrimPrefix(zooms, " "); chapter != "of that name" {
			intro = strings.TrimSpace("Zoom's chapter " + chapter + ". " + intro)
		}
	}
	return title, intro
}

// frame is what all pages have.
type frame struct {
	Title    string
	Chapters []*chapter
	Current  string // the page's file
	GraphiQL string // where examples can be tried; "": nowhere
}

func (f *frame) within(graphiql string) { f.GraphiQL = graphiql }

func (s *site) frame(title, current string) frame {
	return frame{Title: title, Chapters: s.chapters, Current: current}
}

// indexed is index.html.
type indexed struct {
	frame
	Roots                        []rootList
	Types, Fields, Operations, N int
}

// rootList is a root type with the names of its fields, chapter by chapter.
type rootList struct {
	Name, Description string
	Chapters          []rootChapter
}

type rootChapter struct {
	*chapter
	Fields []string
}

func (s *site) index() *indexed {
	page := &indexed{frame: s.frame("Reference", indexPage), Types: len(sortedTypes(s.program)), N: len(s.chapters)}
	for _, c := range s.program.Chapters {
		page.Operations += len(c.Operations)
	}
	for anchor := range s.homes {
		if strings.Contains(anchor, ".") {
			page.Fields++
		}
	}
	for _, def := range roots(s.program) {
		list := rootList{Name: def.Name, Description: def.Description}
		for _, c := range s.chapters {
			var names []string
			for _, f := range c.roots[def.Name] {
				names = append(names, f.Name)
			}
			if names != nil {
				list.Chapters = append(list.Chapters, rootChapter{c, names})
			}
		}
		page.Roots = append(page.Roots, list)
	}
	return page
}

// listed is operations.html.
type listed struct {
	frame
	Groups []operationChapter
	N      int
}

type operationChapter struct {
	Name       string
	Operations []operationRow
}

type operationRow struct {
	*program.Operation
	Links []link
}

func (s *site) operations() *listed {
	page := &listed{frame: s.frame("Zoom's operations", operationsPage)}
	for _, c := range s.program.Chapters {
		rows := operationChapter{Name: c.Name}
		for _, op := range c.Operations {
			row := operationRow{Operation: op}
			for _, field := range op.Fields {
				row.Links = append(row.Links, s.link(field))
			}
			rows.Operations = append(rows.Operations, row)
			page.N++
		}
		page.Groups = append(page.Groups, rows)
	}
	return page
}

// link leads to an anchor; without Href there is no page that has it.
type link struct{ Text, Href string }

func (s *site) link(anchor string) link {
	if home := s.homes[anchor]; home != "" {
		return link{anchor, home + "#" + anchor}
	}
	return link{Text: anchor}
}

// sortedTypes are the names of all types but those of introspection.
func sortedTypes(p *program.Program) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(p.Schema.Types)), func(name string) bool { return strings.HasPrefix(name, "__") })
}

// day is the day that examples are about.
func day(now time.Time) string { return now.UTC().Format(time.DateOnly) }
