package price

import (
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// This file prices what leads to many things: links, lists, and the pieces of a time.

// link leads to the things whose ids the parent holds.
func (w *walker) link(s *site, def *ast.Definition, field *ast.Field) {
	result, n, holder := w.result(field), s.n, w.program.Holder(def, field.Definition)
	w.need(s, def, holder)
	if field.Definition.Type.Elem != nil {
		n = times(n, linksOfThing)
	}
	if w.program.Listing(result) != nil {
		n = min(n, thingsOfList)
	}
	s.below(w, field, child{site: site{def: result, n: n, reach: reach{id: holder.Type.Name() == "ID", detail: w.program.Operation(field.Definition)}}}) // not by an e-mail address
}

// part leads to what stands within the site's things.
func (w *walker) part(s *site, def *ast.Definition, field *ast.Field) {
	w.need(s, def, field.Definition)
	n := s.n
	if field.Definition.Type.Elem != nil {
		n = times(n, linksOfThing)
	}
	result := w.result(field)
	if !w.program.IsUnion(result) {
		s.below(w, field, child{site: site{def: result, n: n, reach: reach{listed: true, brings: program.Brings(field.Definition), id: true}}})
		return
	}
	for _, name := range result.Types { // each of them may be of that type, and more than its key need not stand there
		member, brings := w.schema.Types[name], []string{}
		if key := w.program.Key(member); key != nil {
			brings = append(brings, program.NameOf(key))
		}
		s.below(w, field, child{site: site{def: member, n: n, reach: reach{listed: true, brings: brings, id: true}}})
	}
}

// items leads to things that Zoom lists whole.
func (w *walker) items(s *site, field *ast.Field) {
	pieces := w.pieces(field, field.Definition)
	s.below(w, field, child{
		site: site{
			def: w.result(field), n: times(s.n, times(pieces, wholeList)),
			reach: reach{listed: true, brings: program.Brings(field.Definition), id: true},
		},
		op: w.op(w.program.Operation(field.Definition)), pages: times(pieces, s.n),
	})
}

// list leads to as many things as it is asked for, which Zoom lists as the field by has it. each are calls of each of them,
// around is what a rule says of the list.
func (w *walker) list(s *site, field *ast.Field, by *ast.FieldDefinition, each calls, around any) {
	first, op := w.vars.first(field), w.program.Operation(by)
	pages := (first + op.LargestPage() - 1) / op.LargestPage()
	if program.Unpaged(by) {
		pages = 1
	}
	pages += w.pieces(field, by) - 1 // the last page of a piece may hold little
	s.below(w, field, child{
		site: site{
			def: w.result(field), n: times(s.n, first), each: each, around: around,
			reach: reach{listed: true, brings: program.Brings(by), id: true, by: op, connection: field},
		},
		op: w.op(op), pages: times(pages, s.n),
	})
}

// pieces is in how many the time of a list is asked for, which the field by describes.
func (w *walker) pieces(field *ast.Field, by *ast.FieldDefinition) int {
	op := w.program.Operation(by)
	if op.Window == nil || program.ListKey(by) == "" || field.Definition.Arguments.ForName("from") == nil {
		return 1
	}
	return w.vars.pieces(field, *op.Window)
}
