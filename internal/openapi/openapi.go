// Package openapi reads OpenAPI documents (3.0 and 3.1, JSON or YAML) as Zoom writes them.
//
//	doc, err := openapi.Parse("users.json", text)
//	for _, op := range doc.Operations { … }
//
// References inside a document are followed and everything is inlined; where one leads back to itself, the shape ends as an
// object whose fields are not known. Rate-limit labels and scopes, for which OpenAPI has no place, are found where Zoom has
// them: in fields of its own (x-…), in `security`, and in the text of a description. Start reading at Parse.
package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// MaxBytes is how long a document may be. Zoom's longest has some 5 MiB.
const MaxBytes = 64 << 20

// Document is what was read of one file.
type Document struct {
	Name       string
	Operations []*Operation // by path, and then by method
}

// Operation is an operation as a document has it.
type Operation struct {
	Group, Method, Path    string // a document's tag is the group
	OperationID, RateLimit string // the label as LIGHT, MEDIUM, …; "" where none is printed
	Scopes, GranularScopes []string
	Deprecated             bool
	PathParams             []Shape
	QueryParams            []Shape
	Body                   Shape
	BodyMime               string
	Response               Response
}

// Op is the operation's method and path: "GET /users/{userId}".
func (o *Operation) Op() string { return o.Method + " " + o.Path }

// Response is what an operation answers where all goes well.
type Response struct {
	Schema Shape
	Mime   string // "" where it has no content
}

// Parse reads a document. Its error says in which file and where in it the mistake is.
func Parse(name string, text []byte) (*Document, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("%s is longer than %d MiB, so it is no document of Zoom's API", name, MaxBytes>>20)
	}
	root, err := decode(name, text)
	if err != nil {
		return nil, err
	}
	r := &reader{name: name, root: root}
	if err := r.version(); err != nil {
		return nil, err
	}
	doc := &Document{Name: name}
	if doc.Operations, err = r.operations(); err != nil {
		return nil, err
	}
	return doc, nil
}

// decode reads JSON or YAML as plain values; the numbers are float64.
func decode(name string, text []byte) (map[string]any, error) {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	if trimmed := bytes.TrimSpace(text); len(trimmed) == 0 {
		return nil, fmt.Errorf("%s is empty", name)
	} else if trimmed[0] != '{' {
		return decodeYAML(name, text)
	}
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		line, column := 1, 1
		if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
			before := text[:min(max(int(wrong.Offset)-1, 0), len(text))]
			line, column = bytes.Count(before, []byte("\n"))+1, len(before)-bytes.LastIndexByte(before, '\n')
		}
		return nil, fmt.Errorf("%s:%d:%d: it is not JSON: %w", name, line, column, err)
	}
	return root, nil
}

// aliases finds the first alias of a YAML document: each is a copy of what it names, so a small file could be a huge one.
type aliases struct{ first ast.Node }

func (a *aliases) Visit(node ast.Node) ast.Visitor {
	if node.Type() == ast.AliasType && a.first == nil {
		a.first = node
	}
	return a
}

func decodeYAML(name string, text []byte) (map[string]any, error) {
	wrong := func(err error) error {
		return fmt.Errorf("%s: it is not YAML: %s", name, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, wrong(err)
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil, fmt.Errorf("%s is empty", name)
	}
	found := &aliases{}
	ast.Walk(found, file.Docs[0].Body)
	if found.first != nil {
		at := found.first.GetToken().Position
		return nil, fmt.Errorf("%s:%d:%d: it has a YAML alias, which is not followed; write out what it stands for", name, at.Line, at.Column)
	}
	var root any
	if err := yaml.NodeToValue(file.Docs[0].Body, &root); err != nil {
		return nil, wrong(err)
	}
	object, ok := plain(root).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is no OpenAPI document: at its top there is no object", name)
	}
	return object, nil
}

// plain gives the values of YAML the types that those of JSON have.
func plain(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, below := range v {
			v[key] = plain(below)
		}
		return v
	case map[any]any:
		object := map[string]any{}
		for key, below := range v {
			object[fmt.Sprint(key)] = plain(below)
		}
		return object
	case []any:
		for i, below := range v {
			v[i] = plain(below)
		}
		return v
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	}
	return value
}

// reader reads the plain values of a document.
type reader struct {
	name   string
	root   map[string]any
	shapes int // made so far
}

// fail is a mistake at a place, which is what leads there from the document's top.
func (r *reader) fail(place, format string, args ...any) error {
	return fmt.Errorf("%s: %s: %s", r.name, place, fmt.Sprintf(format, args...))
}

func (r *reader) version() error {
	switch version, given := r.root["openapi"]; {
	case r.root["swagger"] != nil:
		return r.fail("swagger", "it is a document of version %v; OpenAPI 3 is needed", r.root["swagger"])
	case !given:
		return fmt.Errorf("%s is no OpenAPI document: it has no field openapi", r.name)
	case !strings.HasPrefix(fmt.Sprint(version), "3"):
		return r.fail("openapi", "version %v is not known; OpenAPI 3 is needed", version)
	}
	return nil
}

// methods are those of operations, in the order in which they are read.
var methods = []string{"get", "post", "put", "patch", "delete"}

func (r *reader) operations() (list []*Operation, err error) {
	paths, err := r.object("paths", r.root["paths"])
	if err != nil {
		return nil, err
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if strings.HasPrefix(path, "x-") {
			continue
		}
		place := "paths." + path
		if !strings.HasPrefix(path, "/") {
			return nil, r.fail(place, "a path begins with a slash")
		}
		item, err := r.object(place, paths[path])
		if err != nil {
			return nil, err
		}
		for _, method := range methods {
			if item[method] == nil {
				continue
			}
			o, err := r.operation(place+"."+method, strings.ToUpper(method), path, item)
			if err != nil {
				return nil, err
			}
			list = append(list, o)
		}
	}
	if len(list) == 0 {
		return nil, r.fail("paths", "it has no operations")
	}
	return list, nil
}

func (r *reader) operation(place, method, path string, item map[string]any) (*Operation, error) {
	object, err := r.object(place, item[strings.ToLower(method)])
	if err != nil {
		return nil, err
	}
	o := &Operation{Method: method, Path: path, OperationID: text(object["operationId"]), Deprecated: object["deprecated"] == true}
	if tags, _ := object["tags"].([]any); len(tags) > 0 {
		o.Group = text(tags[0])
	}
	o.RateLimit = labelOf(object)
	o.Scopes, o.GranularScopes = scopesOf(object)
	for _, of := range []struct {
		place string
		list  any
	}{{"paths." + path, item["parameters"]}, {place, object["parameters"]}} {
		if err := r.parameters(of.place+".parameters", of.list, o); err != nil {
			return nil, err
		}
	}
	if err := r.body(place+".requestBody", object["requestBody"], o); err != nil {
		return nil, err
	}
	return o, r.response(place+".responses", object["responses"], o)
}

// parameters reads those of a path, or of an operation, which say more of the same ones.
func (r *reader) parameters(place string, value any, o *Operation) error {
	if value == nil {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		return r.fail(place, "a list is needed, not %s", kindOf(value))
	}
	for i, value := range list {
		place := fmt.Sprintf("%s.%d", place, i)
		object, err := r.object(place, value)
		if err != nil {
			return err
		}
		var into *[]Shape
		switch text(object["in"]) {
		case "query":
			into = &o.QueryParams
		case "path":
			into = &o.PathParams
		default: // of headers and cookies the client sees to itself
			continue
		}
		schema := object["schema"]
		if content, _ := object["content"].(map[string]any); schema == nil && len(content) > 0 {
			_, schema = preferred(content)
		}
		shape, err := r.shape(place+".schema", schema, nil)
		if err != nil {
			return err
		}
		if shape.Name = text(object["name"]); shape.Name == "" {
			return r.fail(place, "the parameter has no name")
		}
		shape.Required, shape.Deprecated = object["required"] == true, shape.Deprecated || object["deprecated"] == true
		*into = append(slices.DeleteFunc(*into, func(s Shape) bool { return s.Name == shape.Name }), shape)
	}
	return nil
}

func (r *reader) body(place string, value any, o *Operation) error {
	if value == nil {
		return nil
	}
	object, err := r.object(place, value)
	if err != nil {
		return err
	}
	o.Body, o.BodyMime, err = r.content(place+".content", object["content"])
	return err
}

// response reads the first answer of success that says what it holds.
func (r *reader) response(place string, value any, o *Operation) error {
	if value == nil {
		return nil
	}
	responses, err := r.object(place, value)
	if err != nil {
		return err
	}
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		object, err := r.object(place+"."+status, responses[status])
		if err != nil {
			return err
		}
		schema, mime, err := r.content(place+"."+status+".content", object["content"])
		if err != nil {
			return err
		}
		if mime != "" {
			o.Response = Response{schema, mime}
			return nil
		}
	}
	return nil
}

// content reads what a body or an answer holds: as JSON, if it may be that.
func (r *reader) content(place string, value any) (Shape, string, error) {
	if value == nil {
		return Shape{}, "", nil
	}
	content, err := r.object(place, value)
	if err != nil || len(content) == 0 {
		return Shape{}, "", err
	}
	mime, schema := preferred(content)
	shape, err := r.shape(place+"."+mime+".schema", schema, nil)
	return shape, mime, err
}

// preferred is the schema of JSON among the content of several kinds, or else the first one.
func preferred(content map[string]any) (mime string, schema any) {
	names := slices.Sorted(maps.Keys(content))
	i := slices.IndexFunc(names, func(name string) bool { return strings.Contains(name, "json") })
	mime = names[max(i, 0)]
	media, _ := content[mime].(map[string]any)
	return mime, media["schema"]
}

// object is a value that has to be an object, with a reference followed.
func (r *reader) object(place string, value any) (map[string]any, error) {
	for range maxReferences {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, r.fail(place, "an object is needed, not %s", kindOf(value))
		}
		ref, refers := object["$ref"].(string)
		if !refers {
			return object, nil
		}
		var err error
		if value, err = r.at(place, ref); err != nil {
			return nil, err
		}
	}
	return nil, r.fail(place, "its references lead round in a circle")
}

// maxReferences is how many references may follow each other where none may lead back.
const maxReferences = 100

// at finds what a reference leads to.
func (r *reader) at(place, ref string) (any, error) {
	path, inside := strings.CutPrefix(ref, "#/")
	if !inside {
		return nil, r.fail(place, "$ref %q leads out of the document; give one that holds everything", ref)
	}
	var value any = r.root
	for step := range strings.SplitSeq(path, "/") {
		object, _ := value.(map[string]any)
		below, ok := object[unescape(step)]
		if !ok {
			return nil, r.fail(place, "$ref %q leads nowhere", ref)
		}
		value = below
	}
	return value, nil
}

// kindOf is what a value is, in the words of JSON.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "nothing"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return "a text"
	case bool:
		return "a Boolean"
	}
	return "a number"
}

func text(value any) string {
	s, _ := value.(string)
	return s
}
