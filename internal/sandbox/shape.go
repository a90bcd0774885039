package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// settingsType is the schema's type that the settings documents come from.
const settingsType = "UserSettings"

// maxDepth bounds how deep settings may nest; beyond it a type holds itself.
const maxDepth = 8

// kind is what a value is as JSON.
type kind int

const (
	boolean kind = iota
	integer
	number
	text
	moment
	choice
	anything
	list
	object
)

// node is one place of a settings document.
type node struct {
	name   string // Zoom's
	path   string // names from the section down, with dots; without the section's where it has none
	kind   kind
	wire   []json.RawMessage // of a choice: the values
	fields []*node           // of an object
	elem   *node             // of a list
	locked bool
}

// section is a top-level part of a view's document.
type section struct {
	name   string // "" where its fields stand at the document's top
	path   string
	leaves []*node // the second level: what custom_query_fields can name
}

// view is one of the documents that settings are answered in.
type view struct {
	option   string // its value of the parameter option, "" for the default
	sections []*section
	leaves   []*node          // of all sections, in order
	bounds   []int            // bounds[i] is the index of the first leaf of section i; one more closes the last
	byName   map[string][]int // the leaves of a name
}

// deriveViews reads the settings documents out of the schema, keyed by option.
func deriveViews(schema *ast.Schema) (map[string]*view, error) {
	root := schema.Types[settingsType]
	if root == nil || root.Kind != ast.Object {
		return nil, fmt.Errorf("sandbox: the schema has no object type %s", settingsType)
	}
	d := deriver{schema: schema}
	views := map[string]*view{"": {}}
	for _, f := range root.Fields {
		if f.Type.Name() == "JSON" || !isData(f) {
			continue
		}
		option, hoisted := placeOf(schema, f)
		v := views[option]
		if v == nil {
			v = &view{option: option}
			views[option] = v
		}
		s, err := d.section(f, hoisted)
		if err != nil {
			return nil, fmt.Errorf("sandbox: %s.%s: %w", settingsType, f.Name, err)
		}
		v.sections = append(v.sections, s)
	}
	for _, v := range views {
		v.index()
	}
	return views, nil
}

func (v *view) index() {
	v.byName = map[string][]int{}
	for _, s := range v.sections {
		v.bounds = append(v.bounds, len(v.leaves))
		for _, leaf := range s.leaves {
			v.byName[leaf.name] = append(v.byName[leaf.name], len(v.leaves))
			v.leaves = append(v.leaves, leaf)
		}
	}
	v.bounds = append(v.bounds, len(v.leaves))
}

// section returns the index of the section a leaf stands in.
func (v *view) section(leaf int) int {
	i, exact := slices.BinarySearch(v.bounds, leaf)
	if !exact {
		return i - 1
	}
	for v.bounds[i+1] == leaf { // step over sections without leaves
		i++
	}
	return i
}

// isData tells a plain field from a link, which an operation of its own answers.
func isData(f *ast.FieldDefinition) bool {
	return f.Directives.ForName("zoom") == nil && !strings.HasPrefix(f.Name, "__")
}

// placeOf returns the view a section stands in, and whether its fields stand at
// the top of it.
func placeOf(schema *ast.Schema, f *ast.FieldDefinition) (option string, hoisted bool) {
	d := f.Directives.ForName("view")
	if d == nil {
		return "", false
	}
	if a := d.Arguments.ForName("option"); a != nil && a.Value.Kind == ast.EnumValue {
		enum := schema.Types["SettingsOption"]
		option = wireName(enum.EnumValues.ForName(a.Value.Raw))
	}
	if a := d.Arguments.ForName("root"); a != nil {
		hoisted = a.Value.Raw == "true"
	}
	return option, hoisted
}

// deriver turns fields of the schema into nodes.
type deriver struct{ schema *ast.Schema }

func (d deriver) section(f *ast.FieldDefinition, hoisted bool) (*section, error) {
	path := ""
	if !hoisted {
		path = zoomName(f)
	}
	n, err := d.node(zoomName(f), path, f.Type, 0)
	if err != nil {
		return nil, err
	}
	if n.kind != object {
		return &section{leaves: []*node{n}}, nil
	}
	return &section{name: path, path: path, leaves: n.fields}, nil
}

func (d deriver) node(name, path string, t *ast.Type, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s nests too deep", t.Name())
	}
	n := &node{name: name, path: path, locked: slices.Contains(LockedSettings(), path)}
	if t.Elem != nil {
		elem, err := d.node(name, path, t.Elem, depth+1)
		n.kind, n.elem = list, elem
		return n, err
	}
	def := d.schema.Types[t.NamedType]
	if def == nil {
		return nil, fmt.Errorf("unknown type %s", t.NamedType)
	}
	switch def.Kind {
	case ast.Scalar:
		n.kind = scalarKind(def.Name)
	case ast.Enum:
		n.kind, n.wire = choice, wireValues(def)
	case ast.Object:
		n.kind = object
		for _, f := range def.Fields {
			if !isData(f) {
				continue
			}
			field, err := d.node(zoomName(f), below(path, zoomName(f)), f.Type, depth+1)
			if err != nil {
				return nil, fmt.Errorf("%s.%s: %w", def.Name, f.Name, err)
			}
			n.fields = append(n.fields, field)
		}
	default:
		return nil, fmt.Errorf("settings cannot hold the %s %s", strings.ToLower(string(def.Kind)), def.Name)
	}
	return n, nil
}

func below(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func scalarKind(name string) kind {
	switch name {
	case "Boolean":
		return boolean
	case "Int", "Long":
		return integer
	case "Float":
		return number
	case "DateTime":
		return moment
	case "JSON":
		return anything
	default:
		return text
	}
}

// wireValues returns an enum's values as JSON: numbers where all of them are.
func wireValues(def *ast.Definition) []json.RawMessage {
	numeric := true
	for _, v := range def.EnumValues {
		_, err := strconv.ParseInt(wireName(v), 10, 64)
		numeric = numeric && err == nil
	}
	out := make([]json.RawMessage, len(def.EnumValues))
	for i, v := range def.EnumValues {
		if numeric {
			out[i] = json.RawMessage(wireName(v))
		} else {
			out[i] = encode(wireName(v))
		}
	}
	return out
}

// wireName returns Zoom's spelling of an enum value.
func wireName(v *ast.EnumValueDefinition) string {
	if d := v.Directives.ForName("wire"); d != nil {
		return d.Arguments.ForName("value").Value.Raw
	}
	return strings.ToLower(v.Name)
}

// zoomName returns Zoom's name of a field.
func zoomName(f *ast.FieldDefinition) string {
	if d := f.Directives.ForName("name"); d != nil {
		return d.Arguments.ForName("zoom").Value.Raw
	}
	var b strings.Builder
	for _, r := range f.Name {
		if 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
