package zoomgen

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/gqlerror"
	"golang.org/x/tools/txtar"
)

// TestMistakes compares what is said of the schemas of testdata/mistakes, one kind of mistake each.
func TestMistakes(t *testing.T) {
	t.Parallel()
	eachCase(t, "mistakes", func(t *testing.T, c *testCase) {
		code, err := c.read(t)
		var list gqlerror.List
		if !errors.As(err, &list) || code != nil {
			t.Fatalf("got %v and the error %v, want a list of mistakes only", code, err)
		}
		c.expect(t, []string{"error"}, map[string]string{"error": err.Error()})
	})
}

// TestEveryMistakeHasItsCase makes sure that no mistake is reported of which testdata/mistakes has no example.
func TestEveryMistakeHasItsCase(t *testing.T) {
	t.Parallel()
	if *refresh {
		t.Skip("the cases are being written")
	}
	var lines []string
	paths, err := filepath.Glob("testdata/mistakes/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split((&testCase{path, archive}).section("error"), "\n")...)
	}
	for place, format := range mistakeFormats(t) {
		pattern := regexp.MustCompile(`^[a-z]+\.graphqls:\d+:\d+: ` + asPattern(format) + `$`)
		if !matchesAny(pattern, lines) {
			t.Errorf("%s: no case in testdata/mistakes shows %q", place, format)
		}
	}
}

// mistakeFormats are the formats of all calls of reader.mistake in the package, by place.
func mistakeFormats(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	formats := map[string]string{}
	fset := token.NewFileSet()
	for _, path := range paths {
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if fn, ok := call.Fun.(*ast.SelectorExpr); ok && fn.Sel.Name == "mistake" {
				place := fset.Position(call.Pos()).String()
				literal, ok := call.Args[1].(*ast.BasicLit)
				if !ok {
					t.Errorf("%s: the format is no literal, so it cannot be looked for", place)
					return true
				}
				if formats[place], err = strconv.Unquote(literal.Value); err != nil {
					t.Error(err)
				}
			}
			return true
		})
	}
	if len(formats) == 0 {
		t.Fatal("found no call of mistake")
	}
	return formats
}

// asPattern makes a regular expression of a format of %s and %q.
func asPattern(format string) string {
	return strings.NewReplacer("%s", `.+`, "%q", `".*"`).Replace(regexp.QuoteMeta(format))
}

func matchesAny(pattern *regexp.Regexp, lines []string) bool {
	for _, line := range lines {
		if pattern.MatchString(line) {
			return true
		}
	}
	return false
}
