package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"zoomgraph/client"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/redact"
	"zoomgraph/internal/telemetry"
)

// words are the texts that the source has for people, by how they come into the log.
type words struct {
	messages []string // of records
	errors   []string // of errors.New and fmt.Errorf, with something in the place of each verb
	ours     []string // Message and Hint of errors that are logged part by part
}

var (
	logs = regexp.MustCompile(`^(Debug|Info|Warn|Error)(Context)?$|^LogAttrs$`)
	verb = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)
)

// something stands for what is not known until the program runs: the kind of text that most often does.
const something = `Post "https://us06.zoom.test:8443/oauth/token": dial tcp 127.0.0.1:19301: connect: connection refused`

// read collects the texts of a file.
func (w *words) read(file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			w.call(n)
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && (key.Name == "Message" || key.Name == "Hint") {
				w.add(&w.ours, n.Value)
			}
		}
		return true
	})
}

func (w *words) call(call *ast.CallExpr) {
	name, of := "", ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
		if x, ok := f.X.(*ast.Ident); ok {
			of = x.Name
		}
	}
	switch {
	case of == "errors" && name == "New", of == "fmt" && name == "Errorf":
		w.add(&w.errors, call.Args[0])
	case strings.EqualFold(name, "invalid") || name == "unauthenticated" || name == "internal":
		for _, arg := range call.Args {
			w.add(&w.ours, arg)
		}
	case logs.MatchString(name):
		for _, arg := range call.Args[:min(3, len(call.Args))] {
			if w.add(&w.messages, arg) {
				break
			}
		}
	}
}

// add adds a text, with something in the place of what is not constant.
func (w *words) add(to *[]string, e ast.Expr) bool {
	text, ok := literal(e)
	if ok && text != "" {
		*to = append(*to, verb.ReplaceAllString(strings.ReplaceAll(text, "%%", "%"), something))
	}
	return ok
}

func literal(e ast.Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		left, inLeft := literal(e.X)
		right, inRight := literal(e.Y)
		if !inLeft {
			left = something
		}
		if !inRight {
			right = something
		}
		return left + right, inLeft || inRight
	}
	return "", false
}

func sourceWords(t *testing.T) *words {
	t.Helper()
	w, root := &words{}, "../.."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != root):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go"), strings.HasSuffix(path, "_test.go"), strings.HasSuffix(path, ".generated.go"), strings.HasSuffix(path, ".gen.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err == nil {
			w.read(file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Every message, error and hint of the source comes out of the log as it was written.
func TestOurWordsComeOutWhole(t *testing.T) {
	t.Parallel()
	w := sourceWords(t)
	if len(w.messages) < 30 || len(w.errors) < 150 || len(w.ours) < 50 {
		t.Fatalf("the source has only %d messages, %d errors and %d texts of ours", len(w.messages), len(w.errors), len(w.ours))
	}
	logged := func(log func(*slog.Logger)) (record map[string]any) {
		t.Helper()
		var out bytes.Buffer
		log(slog.New(telemetry.Redact(slog.NewJSONHandler(&out, nil), "s3cret-of-the-configuration")))
		if err := json.Unmarshal(out.Bytes(), &record); err != nil {
			t.Fatal(err)
		}
		return record
	}
	for _, text := range w.messages {
		if got := logged(func(l *slog.Logger) { l.Info(text) }); got["msg"] != text { //nolint:sloglint // a constant elsewhere
			t.Errorf("%q\nis logged as %q", text, got["msg"])
		}
	}
	for _, text := range w.errors {
		if got := logged(func(l *slog.Logger) { l.Info("m", "error", errors.New(text)) }); got["error"] != text {
			t.Errorf("%q\nis logged as %q", text, got["error"])
		}
	}
	for _, text := range w.ours {
		record := logged(func(l *slog.Logger) {
			l.Info("m", "zoom", &client.Error{Message: text, Hint: text}, "caller", &callers.Error{Message: text}, "plain", redact.Plain(text))
		})
		zoom, _ := record["zoom"].(map[string]any)
		if zoom["message"] != text || zoom["hint"] != text || record["caller"] != text || record["plain"] != text {
			t.Errorf("%q\nis logged as %v", text, record)
		}
	}
}

// What stands beside our words is another matter: the cause of an error, and a text around it.
func TestCausesAreRedacted(t *testing.T) {
	t.Parallel()
	const ours = "send Authorization: Bearer and a key, password=none"
	fail := &client.Error{Code: client.CodeInternal, Message: ours, Hint: ours, Err: errors.New("Authorization: Bearer c4n4ry")}
	var out bytes.Buffer
	log := slog.New(telemetry.Redact(slog.NewJSONHandler(&out, nil)))
	log.Info("m", "error", fail, "joined", errors.Join(fail, errors.New("token=c4n4ry")), slog.Group("g", "error", fail, "password", redact.Plain("c4n4ry")))
	if got := out.String(); strings.Contains(got, "c4n4ry") || strings.Count(got, ours) != 4 {
		t.Error(got)
	}
}
