package zoomgen

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"

	"golang.org/x/tools/imports"
)

// shortenAll shortens the executor's files, which gqlgen has written.
func shortenAll(dir string) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*.generated.go"))
	if err != nil {
		return err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		short, err := shorten(text)
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

// shorten writes f in place of each func(a A) B { return f(a) }: gqlgen wraps nearly every function that it passes on.
func shorten(text []byte) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	written := 0
	ast.Inspect(file, func(n ast.Node) bool {
		wrapper, ok := n.(*ast.FuncLit)
		if !ok {
			return true
		}
		wrapped := passesOn(wrapper)
		if wrapped == nil {
			return true
		}
		at := func(pos token.Pos) int { return fset.Position(pos).Offset }
		out.Write(text[written:at(wrapper.Pos())])
		out.Write(text[at(wrapped.Pos()):at(wrapped.End())])
		written = at(wrapper.End())
		return false
	})
	out.Write(text[written:])
	return imports.Process("", out.Bytes(), nil) // some are not needed any more
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
