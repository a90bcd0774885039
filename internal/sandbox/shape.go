package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zoomgraph/graph/program"

	"github.com/vektah/gqlparser/v2/ast"
)

// The schema's types that the settings documents come from. Only the first has
// to be there.
const (
	userSettings    = "UserSettings"
	groupSettings   = "GroupSettings"
	groupLocks      = "GroupLockSettings"
	accountSettings = "AccountSettings"
	accountLocks    = "AccountLockSettings"
)

// maxDepth bounds how deep settings may nest; beyond it a type holds itself.
const maxDepth = 8

// kind is what a value is as JSON.
type kind int

const (
	boolean kind = iota
	integer      // of 32 bits
	long         // of 64 bits
	number
	text
	ident // a text; as input a number will do
	moment
	choice
	anything
	list
	object
)

// node is one place of a settings document.
type node struct {
	name        string // Zoom's
	path        string // names from the section down, with dots; without the section's where it has none
	key         string // names the setting in every tree: the view, a colon and the path, as users' settings have them
	kind        kind
	wire        []json.RawMessage // of a choice: the values
	made        []json.RawMessage // what a value that nobody has written is one of; nil: the kind and the name say
	fields      []*node           // of an object
	elem        *node             // of a list
	restrictive string            // of a setting: the value that restricts most, in Zoom's spelling; "" where that is open
	required    bool              // in a body
}

// section is a top-level part of a view's document.
type section struct {
	name   string // "" where its fields stand at the document's top
	path   string
	leaves []*node // the second level: what custom_query_fields can name
}

// tree is the settings of a type: the documents that they are answered in, by
// the value of the parameter option, "" the default.
type tree map[string]*view

// view is one of the documents that settings are answered in.
type view struct {
	locks    bool // it tells what is locked, not what is set
	sections []*section
	leaves   []*node          // of all sections, in order
	bounds   []int            // bounds[i] is the index of the first leaf of section i; one more closes the last
	byName   map[string][]int // the leaves of a name
}

// deriveTrees reads the settings trees out of the schema, by their types' names.
func deriveTrees(source *program.Program) (map[string]tree, error) {
	d := deriver{program: source, schema: source.Schema, keys: map[string]string{}, hoisted: map[string]string{}}
	trees := map[string]tree{}
	for _, name := range []string{userSettings, groupSettings, accountSettings, groupLocks, accountLocks} {
		root := d.schema.Types[name]
		if root == nil && name != userSettings {
			continue
		}
		if root == nil || root.Kind != ast.Object {
			return nil, fmt.Errorf("sandbox: the schema has no object type %s", name)
		}
		d.locks = name == groupLocks || name == accountLocks
		t, err := d.tree(root)
		if err != nil {
			return nil, err
		}
		trees[name] = t
	}
	return trees, nil
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

// find returns what lies at a path of a view, nil where nothing does.
func (t tree) find(option, path string) *node {
	if v := t[option]; v != nil {
		return v.find(path)
	}
	return nil
}

// find returns the leaf or what lies deeper at a path, nil where nothing does.
func (v *view) find(path string) *node {
	nodes := v.leaves
	for {
		i := slices.IndexFunc(nodes, func(n *node) bool {
			return n.path == path || n.kind == object && strings.HasPrefix(path, n.path+".")
		})
		switch {
		case i < 0:
			return nil
		case nodes[i].path == path:
			return nodes[i]
		}
		nodes = nodes[i].fields
	}
}

// isData tells a plain field from a link, which operations of its own answer.
func isData(f *ast.FieldDefinition) bool {
	return !program.IsResolved(f) && !program.IsBuiltin(f)
}

// deriver turns fields of the schema into nodes.
type deriver struct {
	program *program.Program
	schema  *ast.Schema       // of program
	option  string            // the view being derived
	keys    map[string]string // users' keys of what groups and accounts name otherwise
	hoisted map[string]string // users' keys of what stands at the top of a view, by name: locks have it in a section
	locks   bool
	loose   bool // leaves out things, and what nests too deep
}

func (d *deriver) tree(root *ast.Definition) (tree, error) {
	t := tree{"": {locks: d.locks}}
	for _, f := range root.Fields {
		if f.Type.Name() == "JSON" || !isData(f) {
			continue
		}
		option := d.program.Option(f)
		_, hoisted := program.View(f)
		v := t[option]
		if v == nil {
			v = &view{locks: d.locks}
			t[option] = v
		}
		d.option = option
		s, err := d.section(f, hoisted)
		if err != nil {
			return nil, fmt.Errorf("sandbox: %s.%s: %w", root.Name, f.Name, err)
		}
		v.sections = append(v.sections, s)
	}
	for _, v := range t {
		v.index()
	}
	return t, nil
}

func (d *deriver) section(f *ast.FieldDefinition, hoisted bool) (*section, error) {
	path := ""
	if !hoisted {
		path = program.NameOf(f)
	}
	n, err := d.node(program.NameOf(f), path, f.Type, 0)
	if err != nil {
		return nil, err
	}
	if n.kind != object {
		return &section{leaves: []*node{n}}, nil
	}
	for _, leaf := range n.fields {
		if hoisted && !d.locks {
			d.hoisted[leaf.name] = leaf.key
		}
	}
	return &section{name: path, path: path, leaves: n.fields}, nil
}

// key returns users' key of the setting at a path.
func (d *deriver) key(name, path string) string {
	key := d.option + ":" + path
	if own := d.keys[key]; own != "" {
		return own
	}
	if own := d.hoisted[name]; d.locks && own != "" {
		return own
	}
	return key
}

func (d *deriver) node(name, path string, t *ast.Type, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s nests too deep", t.Name())
	}
	n := &node{name: name, path: path, key: d.key(name, path)}
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
	case ast.Object, ast.InputObject:
		n.kind = object
		return n, d.fields(n, def, depth+1)
	default:
		if !d.loose {
			return nil, fmt.Errorf("settings cannot hold the %s %s", strings.ToLower(string(def.Kind)), def.Name)
		}
		n.kind = anything
	}
	n.made = rangeOf(n)
	return n, nil
}

func (d *deriver) fields(n *node, def *ast.Definition, depth int) error {
	for _, f := range def.Fields {
		if !isData(f) || d.loose && (depth >= maxDepth || d.isThing(f.Type.Name())) {
			continue
		}
		name := program.NameOf(f)
		if p := program.Text(f.Directives.ForName("policy"), "zoom"); p != "" && def.Kind == ast.Object {
			d.keys[d.option+":"+below(n.path, p)] = d.option + ":" + below(n.path, name)
		}
		field, err := d.node(name, below(n.path, name), f.Type, depth)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", def.Name, f.Name, err)
		}
		field.restrictive = program.Text(f.Directives.ForName("restrictive"), "value")
		field.required = def.Kind == ast.InputObject && f.Type.NonNull
		n.fields = append(n.fields, field)
	}
	return nil
}

// isThing tells whether operations hang on a type, so that it is read by them
// and not as part of something else.
func (d *deriver) isThing(name string) bool {
	def := d.schema.Types[name]
	return def != nil && slices.ContainsFunc(def.Fields, func(f *ast.FieldDefinition) bool { return program.Has(f.Directives, "zoom") })
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
	case "Int":
		return integer
	case "Long":
		return long
	case "Float":
		return number
	case "DateTime":
		return moment
	case "ID":
		return ident
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
		_, err := strconv.ParseInt(program.Wire(v), 10, 64)
		numeric = numeric && err == nil
	}
	out := make([]json.RawMessage, len(def.EnumValues))
	for i, v := range def.EnumValues {
		if numeric {
			out[i] = json.RawMessage(program.Wire(v))
		} else {
			out[i] = encode(program.Wire(v))
		}
	}
	return out
}
