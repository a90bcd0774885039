package zoomgen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// write finds the form of a field of Mutation: the update of a settings tree, or any other write. What it answers is a
// payload: a structure whose fields are the thing touched, what Zoom answered, or what the path named; `accepted` is
// whether Zoom has only taken the request.
func (r *reader) write(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) Form {
	payload := r.schema.Types[f.Result]
	if !strings.HasSuffix(field.Type.NamedType, "Payload") || payload.Kind != ast.Object {
		r.mistake(field.Position, "%s.%s is a write, so it must answer a payload", f.Parent, f.Name)
		return byHand
	}
	f.Args = r.args(def, field, f, r.body(field, f)...)
	r.checkTagInPath(field, f)
	if !r.code.executed[payload.Name] {
		return r.writeData(field, f, payload)
	}
	form := write
	if settings := r.treeOf(f.Input); settings != nil {
		form = r.update(field, f, payload, settings)
	}
	for _, out := range payload.Fields {
		if !program.IsResolved(out) {
			f.Payload = append(f.Payload, PayloadField{templates.ToGo(out.Name), r.payloadExpr(field, f, out)})
		}
	}
	return form
}

// writeData is a write whose payload holds no thing: what the path named, what Zoom answered, and whether it was accepted.
func (r *reader) writeData(field *ast.FieldDefinition, f *ResolverField, payload *ast.Definition) Form {
	for _, out := range payload.Fields {
		i := slices.Index(f.Op.Params, out.Name)
		switch {
		case i >= 0 && i < len(f.Path):
			f.Named = append(f.Named, NamedValue{program.NameOf(out), f.Path[i]})
		case out.Name == "notApplied":
			r.mistake(field.Position, "%s.%s changes no settings tree, so nothing finds what %s.notApplied lists", f.Parent, f.Name, f.Result)
		}
	}
	return writeData
}

// body finds the argument that becomes the call's body, if any: an input or a file. It returns its declaration.
func (r *reader) body(field *ast.FieldDefinition, f *ResolverField) (declarations []string) {
	for _, arg := range field.Arguments {
		switch {
		case arg.Type.Name() == "Upload":
			if arg.Type.String() != "Upload!" {
				r.mistake(arg.Position, "%s.%s: the argument %s must be one file, and required", f.Parent, f.Name, arg.Name)
			}
			f.File = &Arg{Name: arg.Name, GoName: goArg(arg.Name), Zoom: program.Name(arg.Name, arg.Directives)}
		case arg.Name == "input":
			f.Input = arg.Type.Name()
			if r.schema.Types[f.Input].Kind != ast.InputObject || arg.Type.String() != f.Input+"!" {
				r.mistake(arg.Position, "%s.%s: the argument input must be an input object, and required", f.Parent, f.Name)
			}
		default:
			continue
		}
		declarations = append(declarations, declaration(arg))
	}
	if len(declarations) > 1 {
		r.mistake(field.Position, "%s.%s: a call has one body, so it can be an input or one file only", f.Parent, f.Name)
	}
	return declarations
}

// treeOf is the settings tree that an input type changes.
func (r *reader) treeOf(input string) *ast.Definition {
	if def := r.schema.Types[strings.TrimSuffix(input, "Input")]; input != "" && program.IsTree(def) {
		return def
	}
	return nil
}

// update is a write of a settings tree; the payload's field of that tree says how it is read back.
func (r *reader) update(field *ast.FieldDefinition, f *ResolverField, payload, settings *ast.Definition) Form {
	r.checkTarget(field, f)
	f.Tree = &Tree{Name: settings.Name}
	back := slices.IndexFunc(payload.Fields, func(out *ast.FieldDefinition) bool {
		return out.Type.Name() == settings.Name && out.Directives.ForName("zoom") != nil
	})
	if back < 0 {
		r.mistake(field.Position, "%s.%s changes %s: %s needs a field of that type with the operation that reads it",
			f.Parent, f.Name, settings.Name, payload.Name)
		return byHand
	}
	f.Read = r.op(payload, payload.Fields[back])
	return update
}

// payloadExpr is how a field of a payload is made, in terms of w, the write that was done.
func (r *reader) payloadExpr(field *ast.FieldDefinition, f *ResolverField, out *ast.FieldDefinition) string {
	name := out.Type.Name()
	switch i := slices.Index(f.Op.Params, out.Name); {
	case r.source.IsThing(r.schema.Types[name]) && (out.Type.Elem == nil || program.Has(out.Directives, "made")):
		return r.payloadThing(field, f, out)
	case r.code.executed[name]:
		r.mistake(out.Position, "%s.%s: a payload holds things themselves, not %s; of a list say where the answer has the ids, with @made", f.Result, out.Name, out.Type)
		return "nil"
	case i >= 0 && i < len(f.Path):
		return "w.text(" + f.Path[i] + ")"
	case out.Name == "accepted":
		return "w.accepted()"
	case out.Name != "notApplied":
		return "w.field(" + strconv.Quote(program.Name(out.Name, out.Directives)) + ")"
	case f.Tree == nil:
		r.mistake(field.Position, "%s.%s changes no settings tree, so nothing finds what %s.notApplied lists", f.Parent, f.Name, f.Result)
	}
	return "w.notApplied"
}

// payloadThing is the thing that the path names, or the one that was made.
func (r *reader) payloadThing(field *ast.FieldDefinition, f *ResolverField, out *ast.FieldDefinition) string {
	name := out.Type.Name()
	op := r.detailOp(out, f, name)
	if op == nil {
		return "nil"
	}
	by := program.MadeBy(out)
	if out.Type.Elem != nil {
		return "madeAll(w, " + strconv.Quote(by) + ", &" + op.Var() + ", model.New" + name + ")"
	}
	if i := named(f.Op, op, lowerFirst(name)+"Id"); !program.Has(out.Directives, "made") && i >= 0 && i < len(f.Path) {
		return "model.New" + name + "(w.thing(&" + op.Var() + ", " + f.Path[i] + "))"
	}
	if !program.Has(out.Directives, "made") && (f.Op.Method == "PATCH" || f.Op.Method == "DELETE") {
		r.mistake(field.Position, "%s.%s: %s.%s is nothing that %s %s names, and nothing that it makes", f.Parent, f.Name, f.Result, out.Name, f.Op.Method, f.Op.Path)
	}
	payload := r.schema.Types[f.Result]
	for _, beside := range payload.Fields {
		if op := r.source.Operation(beside); op != nil && op.Below(out.Name+"Id") && !r.overrides[method(payload, beside)] {
			r.mistake(field.Position, "%s.%s: %s.%s is read by %s, which is missing where Zoom's answer has no id", f.Parent, f.Name, f.Result, beside.Name, out.Name)
		}
	}
	return "made(w, " + strconv.Quote(by) + ", &" + op.Var() + ", model.New" + name + ")"
}

// named finds the parameter of a write's path that names a thing: the one of that name, or else the one that stands where
// the operation which reads the thing has its own. It is -1 where none does.
func named(write, detail *Op, param string) int {
	if i := slices.Index(write.Params, param); i >= 0 {
		return i
	}
	if last := len(detail.Params) - 1; last > 0 { // the things before it tell nothing of this one
		return slices.Index(write.Params, detail.Params[last])
	}
	if kind, _, _ := strings.Cut(detail.Path, "{"); strings.HasPrefix(write.Path, kind+"{") {
		return 0
	}
	return -1
}

// checkMade finds @made where no write makes anything by it.
func (r *reader) checkMade() {
	for _, def := range r.types(ast.Object) {
		for _, field := range def.Fields {
			d := field.Directives.ForName("made")
			switch {
			case d == nil:
			case !strings.HasSuffix(def.Name, "Payload") || !r.source.IsThing(r.schema.Types[field.Type.Name()]) || program.IsResolved(field):
				r.mistake(d.Position, "%s.%s has @made, but it is no thing in a payload, which a write could make", def.Name, field.Name)
			case field.Type.Elem == nil && program.Text(d, "by") == "id":
				r.mistake(d.Position, "%s.%s has @made(by: \"id\"), where the id is looked for anyway", def.Name, field.Name)
			}
		}
	}
}
