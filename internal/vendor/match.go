package vendor

import (
	"strings"

	"zoomgraph/graph/program"
	"zoomgraph/internal/lazy"
	"zoomgraph/internal/openapi"
)

// This file finds which operation of the documents is which of the program, what is new and what is gone. Start reading at
// match.

// matched is what became of the operations of documents.
type matched struct {
	forms map[*program.Operation]*openapi.Operation
	fresh []*openapi.Operation
	gone  []goneOperation
}

type goneOperation struct {
	Difference
	chapter string
}

// belowAccount is the path of a master account's variant of an operation: it takes and answers the same.
const belowAccount = "/accounts/{}"

// match finds an operation by its method and path, of today or of 2021, and one that stands elsewhere by its id.
func match(p *program.Program, docs []*openapi.Document) matched {
	m := matched{forms: map[*program.Operation]*openapi.Operation{}}
	byPath, byID := map[string]*program.Operation{}, map[string]*program.Operation{}
	for _, chapter := range p.Chapters {
		for _, o := range chapter.Operations {
			byPath[pattern(o.Op)], byID[o.Method+" "+strings.ToLower(o.ID)] = o, o
			if o.Now != "" {
				byPath[pattern(o.Now)] = o
			}
		}
	}
	var others []*openapi.Operation
	for _, doc := range docs {
		for _, f := range doc.Operations {
			o := byPath[pattern(f.Op())]
			switch method, path := f.Method, pattern(f.Path); {
			case o == nil && strings.HasPrefix(path, belowAccount+"/") && byPath[method+" "+strings.TrimPrefix(path, belowAccount)] != nil:
			case o == nil:
				others = append(others, f)
			case m.forms[o] == nil, isToday(o, f) && !isToday(o, m.forms[o]):
				m.forms[o] = f
			}
		}
	}
	for _, f := range others {
		o := byID[f.Method+" "+strings.ToLower(f.OperationID)]
		if o != nil && m.forms[o] == nil {
			m.forms[o] = f
			continue
		}
		m.fresh = append(m.fresh, f)
	}
	m.findGone(p)
	return m
}

// isToday tells whether a document has an operation where Zoom has it today.
func isToday(o *program.Operation, f *openapi.Operation) bool {
	method, path := o.Today()
	return f.Method == method && pattern(f.Path) == pattern(path)
}

var parameter = lazy.Regexp(`\{[^}]*\}`)

// pattern is a path without the names of its parameters, which differ from document to document.
func pattern(path string) string {
	return strings.TrimSuffix(parameter().ReplaceAllString(path, "{}"), "/")
}

// covers is how much of a chapter's operations below one first word of their paths documents must have, so that those
// which they lack are gone: two thirds.
func covers(has, all int) bool { return 3*has >= 2*all }

// findGone finds the operations that documents lack although they have most of the others of the same chapter and area. One
// that was in no document of 2026 is no news.
func (m *matched) findGone(p *program.Program) {
	for _, chapter := range p.Chapters {
		has, all := map[string]int{}, map[string]int{}
		for _, o := range chapter.Operations {
			all[area(o)]++
			if m.forms[o] != nil {
				has[area(o)]++
			}
		}
		for _, o := range chapter.Operations {
			if at := area(o); m.forms[o] == nil && has[at] > 0 && covers(has[at], all[at]) {
				gone := Difference{Kind: Gone, Op: o.Op, What: "the documents have most of its chapter, but not this operation"}
				if o.Form == "" {
					gone.Reason = "No document of 2026 had it either."
				}
				m.gone = append(m.gone, goneOperation{gone, chapter.Name})
			}
		}
	}
}

// area is the first word of an operation's path today.
func area(o *program.Operation) string {
	_, path := o.Today()
	word, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return word
}
