package document

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
)

// What a document may have at most. Depth, aliases, root fields and selections are those of one operation with its
// fragments written out; the rest is counted as it stands in the document.
const (
	maxBytes      = 128 << 10
	maxTokens     = 2000
	maxNesting    = 64  // braces and brackets within each other, of selections and values alike
	maxName       = 128 // bytes; what may have been meant is looked for in time with the name's length
	maxOperations = 10
	maxFragments  = 100
	maxDirectives = 50
	maxSameName   = 500 // fields with the same response name; validation compares each with each
	maxConflicts  = 50  // of those, fields with arguments or an alias, which may conflict

	maxDepth      = 15
	maxAliases    = 60
	maxRoots      = 20
	maxSelections = 10_000
	maxSchemas    = 1 // __schema fields; each answer is a megabyte
)

// bytesPerToken is about what a token takes, parsed and then compiled by those who answer it.
const bytesPerToken = 600

// limit is the refusal of a document that has too much of something.
func limit(what string, found, allowed int, at *ast.Position) *gqlerror.Error {
	err := &gqlerror.Error{
		Message:    fmt.Sprintf("the document is too large: it has %d %s, and at most %d are allowed", found, what, allowed),
		Extensions: map[string]any{"limit": what, "found": found, "allowed": allowed},
	}
	if at != nil {
		err.Locations = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
	}
	return coded(codeValidate, err)
}

// weigh looks at a document's tokens only, which is safe whatever they are, and counts them. Text that is not made of
// tokens is left to the parser, which says so.
func weigh(text string) (tokens int, refused *gqlerror.Error) {
	if len(text) > maxBytes {
		return 0, limit("bytes", len(text), maxBytes, nil)
	}
	lex := lexer.New(&ast.Source{Input: text})
	nesting, deepest := 0, 0
	for {
		token, err := lex.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			break
		}
		tokens++
		switch token.Kind {
		case lexer.BraceL, lexer.BracketL:
			nesting++
			deepest = max(deepest, nesting)
		case lexer.BraceR, lexer.BracketR:
			nesting--
		case lexer.String:
			// An escape that is half of a character becomes this one; whoever means it can write it as it is.
			if strings.ContainsRune(token.Value, utf8.RuneError) && !strings.ContainsRune(text, utf8.RuneError) {
				return tokens, coded(codeParse, &gqlerror.Error{
					Message:   "a text has an escape that is no character",
					Locations: []gqlerror.Location{{Line: token.Pos.Line, Column: token.Pos.Column}},
				})
			}
		case lexer.Name:
			if len(token.Value) > maxName {
				return tokens, limit("bytes in a name", len(token.Value), maxName, &token.Pos)
			}
		}
	}
	switch {
	case tokens > maxTokens:
		return tokens, limit("tokens", tokens, maxTokens, nil)
	case deepest > maxNesting:
		return tokens, limit("levels of braces and brackets", deepest, maxNesting, nil)
	}
	return tokens, nil
}

// checkLimits measures a document's definitions. Each is walked once, so that it takes time with the document's length,
// however its fragments nest. A fragment that contains itself counts as nothing there: validation refuses it. It reports
// whether the schema is asked for.
func checkLimits(doc *ast.QueryDocument) (introspects bool, refused *gqlerror.Error) {
	m := measurer{fragments: make(map[string]*fragment, len(doc.Fragments)), names: map[string]*sameName{}}
	for _, def := range doc.Fragments {
		if m.fragments[def.Name] == nil { // of several with one name validation takes the first, and then refuses all
			m.fragments[def.Name] = &fragment{def: def}
		}
	}
	if n := len(doc.Operations); n > maxOperations {
		return false, limit("operations", n, maxOperations, doc.Operations[maxOperations].Position)
	}
	if n := len(doc.Fragments); n > maxFragments {
		return false, limit("fragments", n, maxFragments, doc.Fragments[maxFragments].Position)
	}
	for _, def := range doc.Fragments {
		m.variables(def.VariableDefinition)
		m.directives += len(def.Directives)
		if m.fragments[def.Name].def == def {
			m.fragment(def.Name)
		} else {
			m.of(def.SelectionSet)
		}
	}
	for _, op := range doc.Operations {
		m.variables(op.VariableDefinitions)
		m.directives += len(op.Directives)
		if err := m.of(op.SelectionSet).check(op); err != nil {
			return false, err
		}
	}
	return m.introspects, m.check()
}

// size counts the fields of a selection with its fragments written out.
type size struct {
	depth, aliases, roots, selections, schemas int
	// introspected is how many aliases stand within an introspection.
	introspected int
}

// enormous is where counts stop, long behind all limits and long before they overflow.
const enormous = 1 << 20

func (s *size) add(other size) {
	s.depth = max(s.depth, other.depth)
	s.aliases = min(s.aliases+other.aliases, enormous)
	s.roots = min(s.roots+other.roots, enormous)
	s.selections = min(s.selections+other.selections, enormous)
	s.schemas = min(s.schemas+other.schemas, enormous)
	s.introspected = min(s.introspected+other.introspected, enormous)
}

func (s size) check(op *ast.OperationDefinition) *gqlerror.Error {
	for _, l := range []struct {
		what           string
		found, allowed int
	}{
		{"levels", s.depth, maxDepth},
		{"root fields", s.roots, maxRoots},
		{"aliases", s.aliases, maxAliases},
		{"selections", s.selections, maxSelections},
		{"uses of __schema", s.schemas, maxSchemas},
		{"aliases in an introspection", s.introspected, 0},
	} {
		if l.found > l.allowed {
			return limit(l.what, l.found, l.allowed, op.Position)
		}
	}
	return nil
}

// measurer measures the definitions of a document.
type measurer struct {
	fragments  map[string]*fragment
	directives int
	names      map[string]*sameName

	introspects bool
}

// sameName counts the fields of one response name.
type sameName struct{ all, distinct int }

// fragment is a fragment of the document, and its size once it was measured.
type fragment struct {
	def     *ast.FragmentDefinition
	started bool
	size    size
}

func (m *measurer) check() *gqlerror.Error {
	if m.directives > maxDirectives {
		return limit("directives", m.directives, maxDirectives, nil)
	}
	var most sameName
	for _, n := range m.names {
		most.all, most.distinct = max(most.all, n.all), max(most.distinct, n.distinct)
	}
	switch {
	case most.all > maxSameName:
		return limit("fields of one name", most.all, maxSameName, nil)
	case most.distinct > maxConflicts:
		return limit("fields of one name with arguments or an alias", most.distinct, maxConflicts, nil)
	}
	return nil
}

func (m *measurer) variables(defs ast.VariableDefinitionList) {
	for _, def := range defs {
		m.directives += len(def.Directives)
	}
}

func (m *measurer) of(selections ast.SelectionSet) size {
	var total size
	for _, selection := range selections {
		switch s := selection.(type) {
		case *ast.Field:
			total.add(m.field(s))
		case *ast.InlineFragment:
			m.directives += len(s.Directives)
			total.selections++
			total.add(m.of(s.SelectionSet))
		case *ast.FragmentSpread:
			m.directives += len(s.Directives)
			total.selections++
			total.add(m.fragment(s.Name))
		}
	}
	return total
}

func (m *measurer) field(f *ast.Field) size {
	m.directives += len(f.Directives)
	aliased := f.Alias != f.Name
	m.count(f.Alias, aliased || len(f.Arguments) > 0)
	s := m.of(f.SelectionSet)
	switch f.Name {
	case "__schema":
		s.schemas++
		fallthrough
	case "__type":
		s.introspected = s.aliases
		m.introspects = true
	}
	if aliased {
		s.aliases++
	}
	s.depth++
	s.selections++
	s.roots = 1
	return s
}

func (m *measurer) count(name string, distinct bool) {
	n := m.names[name]
	if n == nil {
		n = &sameName{}
		m.names[name] = n
	}
	n.all++
	if distinct {
		n.distinct++
	}
}

func (m *measurer) fragment(name string) size {
	f := m.fragments[name]
	if f == nil {
		return size{}
	}
	if !f.started {
		f.started = true
		f.size = m.of(f.def.SelectionSet)
	}
	return f.size
}
