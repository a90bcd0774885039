package project

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/internal/rawjson"
)

// This file compares values of Zoom's by the schema's type, not by their spelling. Start reading at Same.

// A Type is the schema's type of a value in Zoom's JSON. The zero Type is one that the schema does not know: its values
// are compared as JSON.
type Type struct {
	projector *Projector
	at        *ast.Type
}

// Root is an object or input type; the zero Type where the schema has no such type. Fields
// below it are found by Zoom's names:
//
//	p.Root("UserSettings").Field("schedule_meeting").Field("host_video")
func (p *Projector) Root(typeName string) Type {
	if p.types[typeName] == nil {
		return Type{}
	}
	return Type{p, ast.NonNullNamedType(typeName, nil)}
}

// Field is the type of a field by Zoom's name; the zero Type where the schema has none. Of a list it is that of the
// field in each element.
func (t Type) Field(zoom string) Type {
	if facts := t.facts(); facts != nil {
		if def := facts.fields()[zoom]; def != nil {
			return Type{t.projector, def.Type}
		}
	}
	return Type{}
}

func (t Type) facts() *typeFacts {
	if t.at == nil {
		return nil
	}
	return t.projector.types[t.at.Name()]()
}

// Known tells whether the schema has the type.
func (t Type) Known() bool { return t.at != nil }

// IsList tells whether the values are lists.
func (t Type) IsList() bool { return t.at != nil && t.at.Elem != nil }

// Same tells whether two values of Zoom's are one for the schema: 100 and "100" are for an Int, 3 and 3.0, true and
// "true", 2 and "2" for an enum, two spellings of one time, objects with their members in another order. No bytes are
// null, and so are a member that an object lacks and an empty text where it stands for nothing. Lists are compared in
// order. Values that are not of the type are compared as JSON.
func (t Type) Same(a, b []byte) bool {
	switch x, y := t.isNone(a), t.isNone(b); {
	case x || y:
		return x && y
	case t.at == nil:
		return sameJSON(a, b)
	case t.at.Elem != nil && isComposite(a) && isComposite(b):
		return slices.EqualFunc(listed(a), listed(b), Type{t.projector, t.at.Elem}.Same)
	case t.at.Elem != nil:
		return sameJSON(a, b)
	}
	facts := t.facts()
	if facts.leaf != nil {
		return facts.same(a, b)
	}
	return t.sameObject(a, b)
}

// isNone tells whether a value is null for who asks.
func (t Type) isNone(value []byte) bool {
	return len(value) == 0 || isNull(value) || t.at != nil && t.facts().isNothing(t.at, value)
}

func (t Type) sameObject(a, b []byte) bool {
	if a[0] != '{' || b[0] != '{' {
		return sameJSON(a, b)
	}
	x, y := membersOf(a), membersOf(b)
	for name, value := range x {
		if !t.Field(name).Same(value, y[name]) {
			return false
		}
	}
	for name, value := range y {
		if _, both := x[name]; !both && !isNull(value) {
			return false
		}
	}
	return true
}

// Agree tells whether two levels say the same of a setting. Of an object they say what both of them know: some have
// fields at one level that another does not have.
func (t Type) Agree(a, b []byte) bool {
	if t.IsList() || len(a) == 0 || len(b) == 0 || a[0] != '{' || b[0] != '{' {
		return t.Same(a, b)
	}
	other := membersOf(b)
	for name, value := range membersOf(a) {
		if theirs, both := other[name]; both && !t.Field(name).Agree(value, theirs) {
			return false
		}
	}
	return true
}

// Typed is a value of Zoom's with each leaf spelled as the schema's type has it: 100 in place of "100" for an Int.
// Names and values of enums stay Zoom's. What fits its type, or does not at all, stays as it was sent.
func (t Type) Typed(value []byte) []byte {
	switch {
	case t.at == nil || len(value) == 0 || isNull(value):
		return value
	case t.at.Elem != nil:
		if !isComposite(value) {
			return value
		}
		of := Type{t.projector, t.at.Elem}
		elements := listed(value)
		for i := range elements {
			elements[i] = of.Typed(elements[i])
		}
		return slices.Concat([]byte("["), bytes.Join(elements, []byte(",")), []byte("]"))
	}
	facts := t.facts()
	if facts.leaf != nil {
		return facts.typed(value)
	}
	if value[0] != '{' {
		return value
	}
	out := []byte{'{'}
	for name, member := range rawjson.Members(value) {
		out = rawjson.Append(out, name, t.Field(name).Typed(member))
	}
	return append(out, '}')
}

// Check finds out whether a value could ever be one of this type; null always can. Where it cannot, at is the place
// within the value by Zoom's names, with dots before it, and want what would be one; want is "" where it can. An
// object may lack fields, and may not have others than the schema knows.
func (t Type) Check(value []byte) (at, want string) {
	switch {
	case t.at == nil || len(value) == 0 || isNull(value):
		return "", ""
	case t.at.Elem != nil:
		if !isComposite(value) {
			return "", "a list"
		}
		of := Type{t.projector, t.at.Elem}
		for i, element := range listed(value) {
			if at, want := of.Check(element); want != "" {
				return fmt.Sprintf("[%d]%s", i, at), want
			}
		}
		return "", ""
	}
	facts := t.facts()
	if facts.leaf != nil {
		if _, v := facts.leaf(nil, value); !v.written() {
			return "", facts.expects()
		}
		return "", ""
	}
	return t.checkObject(facts, value)
}

func (t Type) checkObject(facts *typeFacts, value []byte) (at, want string) {
	if value[0] != '{' {
		return "", "an object of " + strings.Join(slices.Sorted(maps.Keys(facts.fields())), ", ")
	}
	for name, member := range rawjson.Members(value) {
		if facts.fields()[name] == nil {
			return "", "an object of " + strings.Join(slices.Sorted(maps.Keys(facts.fields())), ", ") +
				" (" + strconv.Quote(name) + " is none)"
		}
		if at, want := t.Field(name).Check(member); want != "" {
			return "." + name + at, want
		}
	}
	return "", ""
}

// IsTrue reads a Boolean of Zoom's, also where it is spelled as a text. Anything else is false.
func IsTrue(value []byte) bool {
	written, v := orText(appendBoolean, isBoolean)(nil, value)
	return v.written() && string(written) == "true"
}

// isComposite tells whether a value is a list, or the one object of a list of one.
func isComposite(value []byte) bool { return value[0] == '[' || value[0] == '{' }

func listed(value []byte) [][]byte {
	var all [][]byte
	for element := range elements(rawjson.Value{Text: value}) {
		all = append(all, element.Text)
	}
	return all
}

// membersOf returns the members of an object. Of a name that stands there twice the last one counts.
func membersOf(object []byte) map[string][]byte { return maps.Collect(rawjson.Members(object)) }

// same compares two leaves that are not null.
func (t *typeFacts) same(a, b []byte) bool {
	x, vx := t.leaf(nil, a)
	y, vy := t.leaf(nil, b)
	if t.any || !vx.written() || !vy.written() {
		return sameJSON(a, b)
	}
	switch t.def.Name {
	case "Float":
		return decimalOf(x) == decimalOf(y)
	case "DateTime":
		return sameTime(rawjson.Text(x), rawjson.Text(y))
	case "String", "ID":
		return bytes.Equal(rawjson.Text(x), rawjson.Text(y))
	}
	return bytes.Equal(x, y)
}

// typed spells a leaf as its type has it, in Zoom's terms.
func (t *typeFacts) typed(value []byte) []byte {
	written, v := t.leaf(nil, value)
	switch {
	case v != respelled:
		return value
	case t.wires == nil:
		return written
	case isString(value): // what is respelled of an enum is the other kind
		return digits(rawjson.Text(value))
	}
	return appendQuoted(nil, value)
}

// expects says what a leaf of the type would be, for messages.
func (t *typeFacts) expects() string {
	switch t.def.Name {
	case "Boolean":
		return "true or false"
	case "Int":
		return "a whole number of at most 32 bits"
	case "Long":
		return "a whole number of at most 64 bits"
	case "Float":
		return "a number"
	case "DateTime":
		return "a time such as 2026-01-02T03:04:05Z"
	}
	if t.wires == nil {
		return "a text"
	}
	var values []string
	for _, v := range t.def.EnumValues {
		values = append(values, t.wires[v.Name])
	}
	return "one of " + strings.Join(values, ", ")
}

// sameTime compares two times: as moments where both have a zone, else as they are written.
func sameTime(a, b []byte) bool {
	x, errX := time.Parse(time.RFC3339, string(a))
	y, errY := time.Parse(time.RFC3339, string(b))
	if errX != nil || errY != nil {
		return bytes.Equal(a, b)
	}
	return x.Equal(y)
}

// sameJSON compares values without a known type: numbers by value, members of objects in any order.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, errX := decoded(a)
	y, errY := decoded(b)
	return errX == nil && errY == nil && sameValue(x, y)
}

func decoded(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

func sameValue(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, sameValue)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, sameValue)
	case json.Number:
		b, ok := b.(json.Number)
		return ok && decimalOf([]byte(a)) == decimalOf([]byte(b))
	}
	return a == b
}
