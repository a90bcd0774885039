// Package sdl reads GraphQL's schema language in a quarter of the time and half of the memory that gqlparser takes: it is
// what a service does first at each start.
//
//	schema, ok := sdl.Read(sources) // !ok: ask gqlparser.LoadSchema, which says what is wrong, or reads it
//
// It reads the files of a schema side by side. It judges nothing, so it is for text that gqlparser has accepted before, as the schema that a program embeds. Such text
// becomes what gqlparser would make of it, but for comments, and for positions, which say the file and no line: nobody asks
// for more once a schema was accepted. Types that are written alike are one, as far as one reader reads them, definitions lie side by side, and names and descriptions are pieces of
// the text.
package sdl

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/validator"
)

// Read reads the sources of a schema, which need not hold what every schema has; false where one is not understood.
func Read(sources []*ast.Source) (*ast.Schema, bool) {
	documents := make([]document, len(sources))
	readers := make([]reader, min(len(sources), runtime.GOMAXPROCS(0)))
	var next atomic.Int64
	var wg sync.WaitGroup
	for i := range readers {
		wg.Go(func() {
			r := &readers[i]
			r.types = map[string]*ast.Type{}
			for n := next.Add(1) - 1; n < int64(len(sources)); n = next.Add(1) - 1 {
				r.read(sources[n], &documents[n])
			}
		})
	}
	wg.Wait()
	b := newBuilder()
	for _, d := range documents {
		b.addAll(d)
	}
	for i := range readers {
		if readers[i].failed || !b.define(&readers[i].directives) {
			return nil, false
		}
	}
	return b.schema()
}

// document is what one source defines, in the order of its text.
type document struct {
	definitions, extensions []*ast.Definition
	directives              []*ast.DirectiveDefinition
}

// reader reads a text from its position on. What it does not understand ends it: failed is set, and nothing is left.
type reader struct {
	text   string
	at     int
	here   *ast.Position // of all that stands in the text
	failed bool
	into   *document

	types map[string]*ast.Type // by how they are written

	fields        slab[ast.FieldDefinition]
	arguments     slab[ast.ArgumentDefinition]
	enumValues    slab[ast.EnumValueDefinition]
	directives    slab[ast.Directive]
	values        slab[ast.Value]
	fieldLists    lists[*ast.FieldDefinition]
	argumentLists lists[*ast.ArgumentDefinition]
	enumLists     lists[*ast.EnumValueDefinition]
}

// read reads all definitions of a source.
func (r *reader) read(source *ast.Source, into *document) {
	if r.failed {
		return
	}
	r.text, r.at, r.here, r.into = source.Input, 0, &ast.Position{Src: source}, into
	for r.blank(); r.at < len(r.text); r.blank() {
		description := r.description()
		keyword := r.name()
		extends := keyword == "extend"
		if extends {
			keyword = r.name()
		}
		switch {
		case keyword == "directive" && !extends:
			r.directive(description)
		case kinds[keyword] != "":
			r.definition(&ast.Definition{Kind: kinds[keyword], Description: description, Position: r.here}, extends)
		default: // a schema definition too: the roots have their usual names
			r.fail()
		}
	}
}

// kinds are those of definitions, by the word that they begin with. There are no interfaces: nothing here has some.
var kinds = map[string]ast.DefinitionKind{
	"scalar": ast.Scalar, "type": ast.Object, "input": ast.InputObject, "enum": ast.Enum, "union": ast.Union,
}

// definition reads a type from its name on.
func (r *reader) definition(def *ast.Definition, extends bool) {
	def.Name = r.name()
	def.Directives = r.directiveList()
	switch def.Kind {
	case ast.Object, ast.InputObject:
		def.Fields = r.fieldLists.of(r, '{', '}', r.field)
	case ast.Enum:
		def.EnumValues = r.enumLists.of(r, '{', '}', r.enumValue)
	case ast.Union:
		for sep := byte('='); r.skip(sep); sep = '|' {
			def.Types = append(def.Types, r.name())
		}
	}
	if extends {
		r.into.extensions = append(r.into.extensions, def)
		return
	}
	r.into.definitions = append(r.into.definitions, def)
}

// directive reads what defines one, from its "@" on.
func (r *reader) directive(description string) {
	r.expect('@')
	def := &ast.DirectiveDefinition{Description: description, Name: r.name(), Position: r.here}
	def.Arguments = r.argumentLists.of(r, '(', ')', r.argument)
	on := r.name()
	if def.IsRepeatable = on == "repeatable"; def.IsRepeatable {
		on = r.name()
	}
	if on != "on" {
		r.fail()
	}
	for more := true; more; more = r.skip('|') {
		def.Locations = append(def.Locations, ast.DirectiveLocation(r.name()))
	}
	r.into.directives = append(r.into.directives, def)
}

func (r *reader) field() *ast.FieldDefinition {
	f := r.fields.next()
	f.Position = r.here
	f.Description = r.description()
	f.Name = r.name()
	f.Arguments = r.argumentLists.of(r, '(', ')', r.argument)
	r.expect(':')
	f.Type = r.typ()
	if r.skip('=') {
		f.DefaultValue = r.value()
	}
	f.Directives = r.directiveList()
	return f
}

func (r *reader) argument() *ast.ArgumentDefinition {
	a := r.arguments.next()
	a.Description = r.description()
	a.Name = r.name()
	r.expect(':')
	a.Type = r.typ()
	if r.skip('=') {
		a.DefaultValue = r.value()
	}
	a.Directives = r.directiveList()
	return a
}

func (r *reader) enumValue() *ast.EnumValueDefinition {
	v := r.enumValues.next()
	v.Description = r.description()
	v.Name = r.name()
	v.Directives = r.directiveList()
	return v
}

// directiveList reads those that stand behind a definition; nil where none do.
func (r *reader) directiveList() ast.DirectiveList {
	var list ast.DirectiveList
	for r.skip('@') {
		d := r.directives.next()
		d.Name = r.name()
		if r.skip('(') {
			for !r.skip(')') && !r.failed {
				arg := &ast.Argument{Name: r.name()}
				r.expect(':')
				arg.Value = r.value()
				d.Arguments = append(d.Arguments, arg)
			}
		}
		list = append(list, d)
	}
	return list
}

// value reads a constant.
func (r *reader) value() *ast.Value {
	v := r.values.next()
	r.blank()
	switch c := r.peek(); {
	case c == '"':
		v.Kind = ast.StringValue
		if strings.HasPrefix(r.text[r.at:], `"""`) {
			v.Kind = ast.BlockValue
		}
		v.Raw = r.quoted()
	case c == '[':
		v.Kind = ast.ListValue
		r.at++
		for !r.skip(']') && !r.failed {
			v.Children = append(v.Children, &ast.ChildValue{Value: r.value()})
		}
	case c == '{':
		v.Kind = ast.ObjectValue
		r.at++
		for !r.skip('}') && !r.failed {
			child := &ast.ChildValue{Name: r.name()}
			r.expect(':')
			child.Value = r.value()
			v.Children = append(v.Children, child)
		}
	case isLetter[c]:
		v.Raw = r.name()
		switch v.Raw {
		case "true", "false":
			v.Kind = ast.BooleanValue
		case "null":
			v.Kind = ast.NullValue
		default:
			v.Kind = ast.EnumValue
		}
	default:
		v.Kind, v.Raw = ast.IntValue, r.integer()
	}
	return v
}

// integer reads a number without a fraction.
func (r *reader) integer() string {
	rest := r.text[r.at:]
	sign := len(rest) - len(strings.TrimPrefix(rest, "-"))
	end := sign
	for end < len(rest) && isDigit(rest[end]) {
		end++
	}
	if end == sign || end < len(rest) && (rest[end] == '.' || isLetter[rest[end]]) {
		r.fail()
		return ""
	}
	r.at += end
	return rest[:end]
}

// typ reads a type, which is one with all that are written alike.
func (r *reader) typ() *ast.Type {
	r.blank()
	rest := r.text[r.at:]
	end := 0
	for end < len(rest) && (isLetter[rest[end]] || isDigit(rest[end]) || rest[end] == '[' || rest[end] == ']' || rest[end] == '!') {
		end++
	}
	r.at += end
	return r.typeOf(rest[:end])
}

func (r *reader) typeOf(written string) *ast.Type {
	if known := r.types[written]; known != nil {
		return known
	}
	t := &ast.Type{}
	inner, nonNull := strings.CutSuffix(written, "!")
	t.NonNull = nonNull
	switch {
	case strings.HasPrefix(inner, "[") && strings.HasSuffix(inner, "]"):
		t.Elem = r.typeOf(inner[1 : len(inner)-1])
	case inner == "" || strings.ContainsAny(inner, "[]!"):
		r.fail()
	default:
		t.NamedType = inner
	}
	r.types[written] = t
	return t
}

// description reads one, "" where none stands.
func (r *reader) description() string {
	r.blank()
	if r.peek() != '"' {
		return ""
	}
	return r.quoted()
}

// quoted reads a text in quotes. What is not simply a piece of the source, gqlparser reads.
func (r *reader) quoted() string {
	rest, quotes := r.text[r.at:], `"`
	if strings.HasPrefix(rest, `"""`) {
		quotes = `"""`
	}
	end := strings.Index(rest[len(quotes):], quotes)
	if end < 0 {
		r.fail()
		return ""
	}
	inside, whole := rest[len(quotes):len(quotes)+end], rest[:end+2*len(quotes)]
	if quotes == `"` {
		if strings.IndexByte(inside, '\\') >= 0 || strings.IndexByte(inside, '\n') >= 0 {
			r.fail()
			return ""
		}
		r.at += len(whole)
		return inside
	}
	if strings.HasSuffix(inside, `\`) { // it does not end here
		r.fail()
		return ""
	}
	r.at += len(whole)
	block := lexer.New(&ast.Source{Input: whole})
	token, err := block.ReadToken()
	if err != nil {
		r.fail()
	}
	return token.Value
}

// name reads one.
func (r *reader) name() string {
	r.blank()
	rest := r.text[r.at:]
	end := 0
	for end < len(rest) && (isLetter[rest[end]] || end > 0 && isDigit(rest[end])) {
		end++
	}
	if end == 0 {
		r.fail()
		return ""
	}
	r.at += end
	return rest[:end]
}

// expect reads a mark that has to stand here.
func (r *reader) expect(mark byte) {
	if !r.skip(mark) {
		r.fail()
	}
}

// skip reads a mark if it stands here.
func (r *reader) skip(mark byte) bool {
	r.blank()
	if r.peek() != mark {
		return false
	}
	r.at++
	return true
}

// blank passes what means nothing.
func (r *reader) blank() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\n', ',', '\t', '\r':
			r.at++
		case '#':
			end := strings.IndexByte(r.text[r.at:], '\n')
			if end < 0 {
				end = len(r.text) - r.at
			}
			r.at += end
		default:
			return
		}
	}
}

// peek is the byte that comes next, 0 at the end.
func (r *reader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

func (r *reader) fail() { r.failed, r.at = true, len(r.text) }

var isLetter = func() (is [256]bool) {
	for _, c := range "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		is[c] = true
	}
	return is
}()

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// builder puts a schema together from its definitions, as gqlparser does.
type builder struct {
	schemaOf    ast.Schema
	definitions []*ast.Definition // in the order of the text
	extensions  []*ast.Definition
}

func newBuilder() *builder {
	b := &builder{schemaOf: ast.Schema{Types: make(map[string]*ast.Definition, typesAtFirst), Directives: map[string]*ast.DirectiveDefinition{}}}
	prelude := validator.PreludeDocument()
	b.addAll(document{definitions: prelude.Definitions, directives: prelude.Directives})
	return b
}

// typesAtFirst is for how many types there is room from the beginning.
const typesAtFirst = 2048

func (b *builder) addAll(d document) {
	b.definitions = append(b.definitions, d.definitions...)
	for _, def := range d.definitions {
		b.schemaOf.Types[def.Name] = def
	}
	b.extensions = append(b.extensions, d.extensions...)
	for _, def := range d.directives {
		b.schemaOf.Directives[def.Name] = def
	}
}

// define gives directives their definitions; false where one has none.
func (b *builder) define(directives *slab[ast.Directive]) bool {
	for d := range directives.all() {
		if d.Definition = b.schemaOf.Directives[d.Name]; d.Definition == nil {
			return false
		}
	}
	return true
}

// schema is what all definitions make; false where one extends nothing, or something of another kind.
func (b *builder) schema() (*ast.Schema, bool) {
	s := &b.schemaOf
	for _, more := range b.extensions {
		def := s.Types[more.Name]
		if def == nil || def.Kind != more.Kind {
			return nil, false
		}
		def.Directives = append(def.Directives, more.Directives...)
		def.Fields = append(def.Fields, more.Fields...)
		def.Types = append(def.Types, more.Types...)
		def.EnumValues = append(def.EnumValues, more.EnumValues...)
	}
	s.PossibleTypes, s.Implements = make(map[string][]*ast.Definition, len(b.definitions)), map[string][]*ast.Definition{}
	for i, def := range b.definitions {
		switch def.Kind {
		case ast.Union:
			for _, member := range def.Types {
				s.AddPossibleType(def.Name, s.Types[member])
				s.AddImplements(member, def)
			}
		case ast.Object, ast.InputObject:
			s.PossibleTypes[def.Name] = b.definitions[i : i+1 : i+1]
		}
	}
	s.Query, s.Mutation, s.Subscription = s.Types["Query"], s.Types["Mutation"], s.Types["Subscription"]
	if s.Query == nil {
		return nil, false
	}
	s.Query.Fields = append(s.Query.Fields, validator.QueryIntrospectionFields()...)
	return s, true
}

// slab gives out values that lie side by side.
type slab[T any] struct {
	full [][]T
	now  []T
}

const slabSize = 256

func (s *slab[T]) next() *T {
	if len(s.now) == cap(s.now) {
		if s.now != nil {
			s.full = append(s.full, s.now)
		}
		s.now = make([]T, 0, slabSize)
	}
	s.now = s.now[:len(s.now)+1]
	return &s.now[len(s.now)-1]
}

// all are the values that were given out.
func (s *slab[T]) all() func(func(*T) bool) {
	return func(yield func(*T) bool) {
		for _, values := range append(slices.Clip(s.full), s.now) {
			for i := range values {
				if !yield(&values[i]) {
					return
				}
			}
		}
	}
}

// lists makes lists of a kind, which have no room to grow.
type lists[T any] struct{ scratch, room []T }

// of reads a list between two marks; nil where the first one does not stand.
func (l *lists[T]) of(r *reader, opens, closes byte, element func() T) []T {
	if !r.skip(opens) {
		return nil
	}
	l.scratch = l.scratch[:0]
	for !r.skip(closes) && !r.failed {
		l.scratch = append(l.scratch, element())
	}
	n := len(l.scratch)
	if n == 0 { // gqlparser takes no empty list
		r.fail()
		return nil
	}
	if len(l.room) < n {
		l.room = make([]T, max(n, slabSize))
	}
	list := l.room[:n:n]
	copy(list, l.scratch)
	l.room = l.room[n:]
	return list
}
