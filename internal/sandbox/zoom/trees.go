package zoom

import (
	"fmt"
	"slices"
	"strings"

	"zoomgraph/graph/program"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/internal/sandbox/world"
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

// section is a top-level part of a view's document.
type section struct {
	name   string // "" where its fields stand at the document's top
	path   string
	leaves []*world.Node // the second level: what custom_query_fields can name
}

// tree is the settings of a type: the documents that they are answered in, by
// the value of the parameter option, "" the default.
type tree map[string]*view

// view is one of the documents that settings are answered in.
type view struct {
	locks    bool // it tells what is locked, not what is set
	sections []*section
	leaves   []*world.Node    // of all sections, in order
	bounds   []int            // bounds[i] is the index of the first leaf of section i; one more closes the last
	byName   map[string][]int // the leaves of a name
}

// settingsTrees keeps the trees of a program.
var settingsTrees program.Lasting[map[string]tree]

// deriveTrees reads the settings trees out of the schema, by their types' names.
func deriveTrees(source *program.Program) (map[string]tree, error) {
	d := newTreeDeriver(source)
	trees := map[string]tree{}
	for _, name := range []string{userSettings, groupSettings, accountSettings, groupLocks, accountLocks} {
		root := d.Schema.Types[name]
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
			v.byName[leaf.Name] = append(v.byName[leaf.Name], len(v.leaves))
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
func (t tree) find(option, path string) *world.Node {
	if v := t[option]; v != nil {
		return v.find(path)
	}
	return nil
}

// find returns the leaf or what lies deeper at a path, nil where nothing does.
func (v *view) find(path string) *world.Node {
	nodes := v.leaves
	for {
		i := slices.IndexFunc(nodes, func(n *world.Node) bool {
			return n.Path == path || n.Kind == world.Object && strings.HasPrefix(path, n.Path+".")
		})
		switch {
		case i < 0:
			return nil
		case nodes[i].Path == path:
			return nodes[i]
		}
		nodes = nodes[i].Fields
	}
}

// treeDeriver turns settings types of the schema into trees.
type treeDeriver struct {
	world.Shaper
	program *program.Program
	option  string            // the view being derived
	keys    map[string]string // users' keys of what groups and accounts name otherwise
	hoisted map[string]string // users' keys of what stands at the top of a view, by name: locks have it in a section
	locks   bool
}

func newTreeDeriver(source *program.Program) *treeDeriver {
	d := &treeDeriver{Shaper: world.Shaper{Schema: source.Schema}, program: source, keys: map[string]string{}, hoisted: map[string]string{}}
	d.Key, d.Named = d.key, d.named
	return d
}

func (d *treeDeriver) tree(root *ast.Definition) (tree, error) {
	t := tree{"": {locks: d.locks}}
	for _, f := range root.Fields {
		if f.Type.Name() == "JSON" || !world.IsData(f) {
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

func (d *treeDeriver) section(f *ast.FieldDefinition, hoisted bool) (*section, error) {
	path := ""
	if !hoisted {
		path = program.NameOf(f)
	}
	n, err := d.Node(program.NameOf(f), path, f.Type)
	if err != nil {
		return nil, err
	}
	if n.Kind != world.Object {
		return &section{leaves: []*world.Node{n}}, nil
	}
	for _, leaf := range n.Fields {
		if hoisted && !d.locks {
			d.hoisted[leaf.Name] = leaf.Key
		}
	}
	return &section{name: path, path: path, leaves: n.Fields}, nil
}

// key returns users' key of the setting at a path: the view, a colon and the path.
func (d *treeDeriver) key(name, path string) string {
	key := d.option + ":" + path
	if own := d.keys[key]; own != "" {
		return own
	}
	if own := d.hoisted[name]; d.locks && own != "" {
		return own
	}
	return key
}

// named notes what groups and accounts name otherwise.
func (d *treeDeriver) named(parent *world.Node, def *ast.Definition, f *ast.FieldDefinition) {
	if p := program.Text(f.Directives.ForName("policy"), "zoom"); p != "" && def.Kind == ast.Object {
		d.keys[d.option+":"+world.Below(parent.Path, p)] = d.option + ":" + world.Below(parent.Path, program.NameOf(f))
	}
}
