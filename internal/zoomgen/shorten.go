package zoomgen

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/tools/imports"
)

// shortenAll shortens the executor's files, which gqlgen has written. leaves names the types of which gqlgen does not know
// all fields.
func shortenAll(dir string, leaves map[string]bool) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*.generated.go"))
	if err != nil {
		return err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		short, err := shorten(text, leaves)
		if err != nil {
			return err
		}
		if !bytes.Equal(short, text) {
			if err := os.WriteFile(path, short, 0o644); err != nil { //nolint:gosec // source code, for all to read
				return err
			}
		}
	}
	return nil
}

// shorten leaves out of an executor's file what says the same for each field, and has package exec do it once (leaf.go):
//
//   - a field that gqlgen does not know is answered where it would panic, of the types in leaves;
//   - the functions that make the context of a field, of which only the arguments differ;
//   - the functions that find the context of a field's field, which nothing asks for;
//   - f is written in place of each func(a A) B { return f(a) }: gqlgen wraps nearly every function that it passes on.
func shorten(text []byte, leaves map[string]bool) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	written := 0
	replace := func(n ast.Node, by string) {
		out.Write(text[written:fset.Position(n.Pos()).Offset])
		out.WriteString(by)
		written = fset.Position(n.End()).Offset
	}
	withArguments := argumentsOf(file)
	answering := false // the function that is looked at answers the fields of a type in leaves
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			name := n.Name.Name
			if strings.HasPrefix(name, contextPrefix) || strings.HasPrefix(name, "childFields_") {
				replace(n, "")
				return false
			}
			answering = leaves[strings.TrimPrefix(name, "_")]
		case *ast.ExprStmt:
			if answering && isPanic(n.X) {
				replace(n, "out.Values[i] = ec.leaf(ctx, field, obj)")
				return false
			}
		case *ast.FuncLit:
			wrapped := passesOn(n)
			if wrapped == nil {
				return true
			}
			short := string(text[fset.Position(wrapped.Pos()).Offset:fset.Position(wrapped.End()).Offset])
			if field, ok := strings.CutPrefix(short, "ec."+contextPrefix); ok {
				short = contextOf(field, withArguments[field])
			}
			replace(n, short)
			return false
		}
		return true
	})
	out.Write(text[written:])
	short := childFields.ReplaceAll(out.Bytes(), nil)
	return imports.Process("", short, nil) // some are not needed any more
}

// childFields is the comment above the functions of that name.
var childFields = regexp.MustCompile(`(?m)^// childFields_\*.*\n(?://.*\n)*`)

// contextPrefix is that of the functions which make the context of a field: fieldContext_User_email.
const contextPrefix = "fieldContext_"

// contextOf is what takes the place of such a function.
func contextOf(field string, withArguments bool) string {
	if withArguments {
		return "ec.withArguments(ec.field_" + field + "_args)"
	}
	return "contextOf"
}

// argumentsOf tells of which fields a file reads the arguments.
func argumentsOf(file *ast.File) map[string]bool {
	with := map[string]bool{}
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok {
			if field, ok := strings.CutPrefix(f.Name.Name, "field_"); ok {
				with[strings.TrimSuffix(field, "_args")] = true
			}
		}
	}
	return with
}

func isPanic(expr ast.Expr) bool {
	call, ok := expr.(*ast.CallExpr)
	if !ok {
		return false
	}
	fun, ok := call.Fun.(*ast.Ident)
	return ok && fun.Name == "panic"
}

// passesOn is the method or function that a function calls with its own parameters, all of them in their order, and does
// nothing else; nil for any other function.
func passesOn(wrapper *ast.FuncLit) ast.Expr {
	if len(wrapper.Body.List) != 1 {
		return nil
	}
	result, ok := wrapper.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(result.Results) != 1 {
		return nil
	}
	call, ok := result.Results[0].(*ast.CallExpr)
	if !ok || call.Ellipsis.IsValid() {
		return nil
	}
	var params []string
	for _, field := range wrapper.Type.Params.List {
		for _, name := range field.Names {
			params = append(params, name.Name)
		}
	}
	if len(params) == 0 || len(params) != len(call.Args) {
		return nil
	}
	for i, arg := range call.Args {
		if id, ok := arg.(*ast.Ident); !ok || id.Name != params[i] {
			return nil
		}
	}
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return fun
	case *ast.SelectorExpr:
		if _, ok := fun.X.(*ast.Ident); ok { // what is looked up anew at each call is left alone
			return fun
		}
	}
	return nil
}
