package price

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/graph/window"
)

// values knows what arguments are, as far as that can be known.
type values struct {
	given   map[string]any // nil: none is known
	defined ast.VariableDefinitionList
	counted *[]condition // what of them had a say
}

type (
	// unknown is the value of a variable that was not given yet.
	unknown struct{}
	// absent is the value of a variable that will not be given.
	absent struct{}
)

// argument is the value of a field's argument: the given one, the default, or absent.
func (v values) argument(field *ast.Field, name string) any {
	if arg := field.Arguments.ForName(name); arg != nil {
		if value := v.of(arg.Value); !isAbsent(value) {
			return value
		}
	}
	if arg := field.Definition.Arguments.ForName(name); arg != nil && arg.DefaultValue != nil {
		return v.of(arg.DefaultValue)
	}
	return absent{}
}

// view is the one view of a settings tree that a field asks for, as its enum has it; false: it asks for none.
func (v values) view(field *ast.Field, tree *ast.Definition) (view string, asked bool) {
	arg := program.AsksView(field.Definition, tree)
	if arg == nil {
		return "", false
	}
	view, asked = v.argument(field, arg.Name).(string)
	return view, asked
}

// of is the value of an expression: objects are maps without what is absent, lists are []any.
func (v values) of(value *ast.Value) any {
	switch value.Kind {
	case ast.Variable:
		return v.variable(value.Raw)
	case ast.ListValue:
		list := []any{}
		for _, child := range value.Children {
			list = append(list, v.of(child.Value))
		}
		return list
	case ast.ObjectValue:
		object := map[string]any{}
		for _, child := range value.Children {
			if of := v.of(child.Value); !isAbsent(of) {
				object[child.Name] = of
			}
		}
		return object
	}
	plain, err := value.Value(nil)
	if err != nil { // a number of more than 64 bits
		return unknown{}
	}
	return plain
}

func (v values) variable(name string) any {
	value, given := v.given[name]
	v.note(condition{name: name, value: value, given: given})
	if value, ok := v.given[name]; ok {
		return value
	}
	if def := v.defined.ForName(name); def != nil && def.DefaultValue != nil {
		return v.of(def.DefaultValue)
	}
	if v.given == nil {
		return unknown{}
	}
	return absent{}
}

func isAbsent(value any) bool { _, ok := value.(absent); return ok }

// included tells whether @skip and @include may leave a selection in.
func (v values) included(directives ast.DirectiveList) bool {
	for name, out := range map[string]bool{"skip": true, "include": false} {
		if d := directives.ForName(name); d != nil {
			if is, known := v.of(d.Arguments.ForName("if").Value).(bool); known && is == out {
				return false
			}
		}
	}
	return true
}

const (
	maxFirst     = 1000 // of one page of a connection
	defaultFirst = 30
	maxMade      = 30 // by one write
)

// first is how many items a connection is asked for.
func (v values) first(field *ast.Field) int {
	n := maxFirst
	switch value := v.argument(field, "first").(type) {
	case nil, absent:
		n = defaultFirst
	case int:
		n = value
	case int64:
		n = int(value)
	case float64:
		n = int(value)
	case json.Number:
		if i, err := value.Int64(); err == nil {
			n = int(i)
		}
	}
	return min(max(n, 1), maxFirst)
}

// pieces is in how many calls the time between a field's arguments from and to is asked for.
func (v values) pieces(field *ast.Field, limit window.Limit) int {
	var span window.Piece
	for name, to := range map[string]*string{"from": &span.From, "to": &span.To} {
		switch value := v.argument(field, name).(type) {
		case unknown:
			return window.Max
		case string:
			*to = value
		}
	}
	if span.From != "" && span.To == "" {
		v.note(condition{name: "", never: true}) // it grows with time
	}
	pieces, err := window.Cut(span.From, span.To, limit, time.Now())
	if err != nil {
		return 1 // it is refused before any call
	}
	return len(pieces)
}

// knowsIDs tells whether the ids among a field's arguments are ids, and not what Zoom's paths take in their place.
func (v values) knowsIDs(field *ast.Field) bool {
	for _, arg := range field.Definition.Arguments {
		if arg.Type.Name() != "ID" {
			continue
		}
		if name, value, is := v.plainVariable(field.Arguments.ForName(arg.Name)); is {
			v.note(condition{name: name, id: true, value: isID(value)})
			if !isID(value) {
				return false
			}
		} else if !isID(v.argument(field, arg.Name)) {
			return false
		}
	}
	return true
}

// plainVariable is the variable that an argument is, where it has a value.
func (v values) plainVariable(arg *ast.Argument) (name string, value any, is bool) {
	if arg == nil || arg.Value.Kind != ast.Variable {
		return "", nil, false
	}
	value, is = v.given[arg.Value.Raw]
	return arg.Value.Raw, value, is
}

func isID(value any) bool {
	switch value := value.(type) {
	case unknown:
		return false
	case string:
		return value != "me" && !strings.Contains(value, "@")
	}
	return true
}

// condition is a variable that had a say in a price: by its value, or only by whether that is an id.
type condition struct {
	name  string
	id    bool
	value any
	given bool
	never bool
}

// note keeps no lists and objects, which may be large: a price that hangs on one holds for nothing else.
func (v values) note(c condition) {
	switch c.value.(type) {
	case map[string]any, []any:
		c.value, c.never = nil, true
	}
	if !slices.ContainsFunc(*v.counted, func(known condition) bool { return known.name == c.name && known.id == c.id }) {
		*v.counted = append(*v.counted, c)
	}
}

func (c condition) holds(variables map[string]any) bool {
	value, given := variables[c.name]
	if c.id {
		return isID(value) == c.value
	}
	return !c.never && given == c.given && value == c.value
}

// arguments is a field's arguments, or those of some names, as the document has them: what reads alike is alike.
func arguments(field *ast.Field, names ...string) string {
	var args []string
	for _, arg := range field.Arguments {
		if len(names) == 0 || slices.Contains(names, arg.Name) {
			args = append(args, arg.Name+":"+arg.Value.String())
		}
	}
	slices.Sort(args)
	return "(" + strings.Join(args, ",") + ")"
}
