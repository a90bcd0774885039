package vendor

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/internal/lazy"
	"zoomgraph/internal/openapi"
)

// This file writes the field of a new operation: a read hangs on the thing that its path names, or else on Query, a write on
// Mutation. Start reading at operation.

// newField is the field of a new operation while it is written.
type newField struct {
	op     *openapi.Operation
	fact   *program.Operation
	parent *ast.Definition
	name   string
	args   []string // as lines
	typ    string
	zoom   string // further arguments of @zoom
}

// path is one that the facts can have.
var path = lazy.Regexp(`^(?:/[A-Za-z0-9_.-]+|/\{[A-Za-z0-9_]+\})+$`)

func (w *writer) operation(o *openapi.Operation, chapter string) {
	at := strings.TrimSuffix(o.Path, "/")
	if !path().MatchString(at) {
		w.byHand = append(w.byHand, o.Op()+": a new operation, whose path the facts cannot have")
		return
	}
	f := &newField{op: o, fact: w.fact(o, at)}
	f.parent = w.holder(o)
	f.name = w.fieldNameOf(f)
	for _, param := range f.fact.Params {
		if f.parent != w.schema.Query && f.parent != w.schema.Mutation && param == f.fact.Params[0] {
			continue // the thing's key
		}
		f.args = append(f.args, "  "+described(param)+"    "+fieldName(param)+": ID!\n")
	}
	switch {
	case o.Method != "GET":
		w.write(f)
	case o.Response.Mime != "" && !strings.Contains(o.Response.Mime, "json"):
		f.typ, f.zoom = "String", ", file: true"
	default:
		w.read(f)
	}
	w.writeField(f)
	w.addFact(chapter, f.fact)
}

// fact is what is known of the operation.
func (w *writer) fact(o *openapi.Operation, at string) *program.Operation {
	fact := &program.Operation{Op: o.Method + " " + at, ID: w.operationID(o), Label: o.RateLimit, Scopes: o.Scopes, Granular: o.GranularScopes}
	for _, param := range o.QueryParams {
		fact.Query = append(fact.Query, param.Name)
		if param.Name == "page_size" && o.Method == "GET" {
			fact.Page = pageOf(param)
		}
	}
	for _, after := range strings.Split(at, "{")[1:] {
		param, _, _ := strings.Cut(after, "}")
		fact.Params = append(fact.Params, param)
	}
	return fact
}

// pageOf is a fact on pages; nil: they are as usual, or the document does not say.
func pageOf(param openapi.Shape) *program.Page {
	usual, _ := param.Default.(float64)
	most, _ := param.Maximum.(float64)
	page := &program.Page{Default: int(usual), Max: int(most)}
	if page.Max == (&program.Operation{}).LargestPage() {
		page.Max = 0
	}
	if page.Default == (&program.Operation{Page: &program.Page{Max: page.Max}}).UsualPage() {
		page.Default = 0
	}
	if *page == (program.Page{}) || page.Max > 0 && page.Default > page.Max {
		return nil
	}
	return page
}

var identifier = lazy.Regexp(`^[A-Za-z][A-Za-z0-9_]*$`)

// operationID is the operation's id, or one made of its path where metrics and code could not go by it.
func (w *writer) operationID(o *openapi.Operation) string {
	taken := func(id string) bool {
		for _, chapter := range w.program.Chapters {
			for _, known := range chapter.Operations {
				if strings.EqualFold(known.ID, id) {
					return true
				}
			}
		}
		return !w.take("operation", strings.ToLower(id))
	}
	id := o.OperationID
	if !identifier().MatchString(id) {
		id = fieldName(strings.ToLower(o.Method) + "_" + strings.NewReplacer("/", "_", "{", "", "}", "").Replace(o.Path))
	}
	return free(id, taken)
}

// holder is the type whose field the operation answers.
func (w *writer) holder(o *openapi.Operation) *ast.Definition {
	if o.Method != "GET" {
		return w.schema.Mutation
	}
	holder := w.schema.Query
	longest := 0
	for _, name := range slices.Sorted(maps.Keys(w.schema.Types)) {
		def := w.schema.Types[name]
		detail := w.program.Detail(def)
		if detail == nil || !w.program.IsView(def) || len(detail.Params) != 1 || w.program.Key(def) == nil {
			continue
		}
		_, at := detail.Today()
		if strings.HasPrefix(o.Path, at+"/") && len(at) > longest {
			holder, longest = def, len(at)
		}
	}
	return holder
}

// fieldNameOf makes a name of the path's words: the last one first, and more of them where that is taken.
func (w *writer) fieldNameOf(f *newField) string {
	words, one := literals(f.fact.Op), strings.HasSuffix(f.fact.Op, "}")
	if len(words) == 0 {
		words = []string{f.fact.ID}
	}
	verb := map[string]string{"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}[f.op.Method]
	if verb != "" {
		one = true
	}
	taken := func(name string) bool {
		return f.parent.Fields.ForName(name) != nil || w.taken[f.parent.Name+"."+name]
	}
	name := ""
	for i := len(words) - 1; i >= 0; i-- {
		word := words[i]
		if one || i < len(words)-1 {
			word = singular(word)
		}
		name = strings.Trim(word+"_"+name, "_")
		if full := fieldName(strings.Trim(verb+"_"+name, "_")); !taken(full) {
			w.taken[f.parent.Name+"."+full] = true
			return full
		}
	}
	full := free(fieldName(strings.Trim(verb+"_"+name, "_")), taken)
	w.taken[f.parent.Name+"."+full] = true
	return full
}

// literals are the words of an operation's path that are no parameters.
func literals(op string) (words []string) {
	_, path, _ := strings.Cut(op, " ")
	for word := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if !strings.HasPrefix(word, "{") {
			words = append(words, word)
		}
	}
	return words
}

// read finds the form of a read: a connection of what comes in pages, a list, an object, or JSON.
func (w *writer) read(f *newField) {
	answer := f.op.Response.Schema.Merged()
	key, rows := rowsOf(answer)
	paged := slices.Contains(f.fact.Query, "next_page_token") || slices.Contains(f.fact.Query, "page_number")
	base := capitalized(f.name)
	if prefix := strings.TrimPrefix(f.parent.Name, w.schema.Query.Name); !strings.HasPrefix(base, prefix) {
		base = prefix + base
	}
	switch {
	case paged && key != "" && len(rows.Items.Merged().Properties) > 0:
		f.args = append(f.args, "    \"How many.\"\n    first: Int = 30\n", "    \"The `endCursor` of the page before.\"\n    after: String\n")
		w.parameters(f, plumbing)
		f.typ, f.zoom = w.connection(singular(base), key, answer)+"Connection", ", list: "+strconv.Quote(key)
		return
	case paged:
		w.byHand = append(w.byHand, f.op.Op()+": it comes in pages, but its answer does not say of which objects")
		f.typ = "JSON"
	case key != "" && len(answer.Properties) == 1:
		f.typ, f.zoom = w.typeOf(owner{singular(base), false}, "", rows), ", list: "+strconv.Quote(key)
	case len(answer.Properties) > 0:
		f.typ = w.newType(base, false)
		w.fields(f.typ, false, f.op.Op(), answer)
	default:
		f.typ = "JSON"
	}
	w.parameters(f, nil)
}

// rowsOf finds the list in an answer: one of objects, if there is one; key is "" where there are several, or none.
func rowsOf(answer openapi.Shape) (key string, rows openapi.Shape) {
	var lists, ofObjects []string
	for _, name := range slices.Sorted(maps.Keys(answer.Properties)) {
		if below := answer.Properties[name].Merged(); below.Type == "array" && below.Items != nil {
			lists = append(lists, name)
			if len(below.Items.Merged().Properties) > 0 {
				ofObjects = append(ofObjects, name)
			}
		}
	}
	switch {
	case len(ofObjects) == 1:
		key = ofObjects[0]
	case len(lists) == 1:
		key = lists[0]
	default:
		return "", openapi.Shape{}
	}
	return key, answer.Properties[key].Merged()
}

// connection writes the types of a list in pages, and returns the name of what it lists. What stands beside the rows are
// fields of the connection.
func (w *writer) connection(base, key string, answer openapi.Shape) (node string) {
	node = w.newType(base, false)
	for w.schema.Types[node+"Connection"] != nil || w.schema.Types[node+"Edge"] != nil {
		node = w.newType(base, false)
	}
	w.fields(node, false, "one of "+key, *answer.Properties[key].Merged().Items)
	list := w.in(fmt.Sprintf("\"A page of the list.\"\ntype %sConnection", node))
	for _, line := range []string{"nodes: [" + node + "!]!", "edges: [" + node + "Edge!]!", "pageInfo: PageInfo!", "\"How many there are, where Zoom says it.\"\n  totalCount: Int"} {
		list.lines = append(list.lines, "  "+line+"\n")
	}
	for _, name := range []string{"nodes", "edges", "pageInfo", "totalCount"} {
		w.take(node+"Connection", name)
	}
	for _, name := range slices.Sorted(maps.Keys(answer.Properties)) {
		if name != key && !slices.Contains(plumbing, name) {
			below := answer.Properties[name]
			list.lines = append(list.lines, w.line(node+"Connection", name, w.typeOf(owner{node, false}, name, below), "", below, nil))
		}
	}
	edge := w.in(fmt.Sprintf("\"One of the list, with its cursor.\"\ntype %sEdge", node))
	edge.lines = []string{"  node: " + node + "!\n", "  cursor: String!\n"}
	return node
}

// parameters are the arguments that become query parameters, but for some.
func (w *writer) parameters(f *newField, but []string) {
	for _, param := range f.op.QueryParams {
		if !slices.Contains(but, param.Name) {
			f.args = append(f.args, w.parameter(capitalized(f.name), f.parent.Name+"."+f.name, param, nil))
		}
	}
}

// write finds the body and the payload of a write.
func (w *writer) write(f *newField) {
	base := capitalized(f.name)
	body := f.op.Body.Merged()
	file := slices.IndexFunc(slices.Sorted(maps.Keys(body.Properties)), func(name string) bool { return body.Properties[name].Format == "binary" })
	switch {
	case file >= 0 && strings.HasPrefix(f.op.BodyMime, "multipart/"):
		name := slices.Sorted(maps.Keys(body.Properties))[file]
		arg := fieldName(name)
		line := "  " + described(name) + "    " + arg + ": Upload!"
		if program.Snake(arg) != name {
			line += " @name(zoom: " + strconv.Quote(name) + ")"
		}
		f.args = append(f.args, line+"\n")
	case len(body.Properties) > 0:
		input := w.newType(base, true)
		w.fields(input, true, "the body of "+f.op.Op(), body)
		f.args = append(f.args, "  "+described("what is sent")+"    input: "+input+"!\n")
	case f.op.BodyMime != "":
		w.byHand = append(w.byHand, f.op.Op()+": its body has no fields that the document names")
	}
	w.parameters(f, nil)
	f.typ = w.payload(f, base)
}

// payload writes what a write answers: Zoom's answer, or else what the path named, or whether it was taken.
func (w *writer) payload(f *newField, base string) string {
	name := free(base+"Payload", func(name string) bool { return w.schema.Types[name] != nil || w.taken[name] })
	w.taken[name] = true
	answer := f.op.Response.Schema.Merged()
	if len(answer.Properties) > 0 {
		w.fields(name, false, "what became of "+f.op.Op(), answer)
		return name
	}
	b := w.in(strconv.Quote(program.ToDescribe+" what became of "+f.op.Op()+".") + "\ntype " + name)
	for _, param := range f.fact.Params {
		b.lines = append(b.lines, "  \"As it was asked for.\"\n  "+param+": ID!\n")
	}
	if len(b.lines) == 0 {
		b.lines = append(b.lines, "  \"Whether Zoom has taken it, and does it later.\"\n  accepted: Boolean\n")
	}
	return name
}

// writeField writes the field itself.
func (w *writer) writeField(f *newField) {
	text := described(f.op.Op()) + "  " + f.name
	if len(f.args) > 0 {
		text += "(\n" + strings.Join(f.args, "") + "  )"
	}
	text += ": " + f.typ + "\n    @zoom(op: " + strconv.Quote(f.fact.Op) + f.zoom + ")"
	if f.op.Deprecated {
		text += " @deprecated(reason: " + strconv.Quote(program.ToDescribe+" what to ask instead.") + ")"
	}
	b := w.in("extend type " + f.parent.Name)
	b.lines = append(b.lines, text+"\n")
}

// addFact puts a fact into its chapter.
func (w *writer) addFact(chapter string, fact *program.Operation) {
	for _, known := range w.facts {
		if known.Name == chapter {
			known.Operations = append(known.Operations, fact)
			return
		}
	}
	w.facts = append(w.facts, &program.Chapter{Name: chapter, Operations: []*program.Operation{fact}})
}
