package graph_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// maker makes up what a write is given.
type maker struct {
	*walker
	turn int    // of several values, which one is taken
	of   string // the type of the input that a value is for
}

// recipient names what says which chat a message is in: an argument or a field of an input, of which either this or
// another one has to be there. It is given each time: the second user.
const (
	recipient     = "toContact"
	someRecipient = `"grace.hopper@example.com"`
)

// input is one of a type, as a query spells it: the fields that it must have, and where there are none the first that a
// value is known for.
func (m maker) input(def *ast.Definition, depth int) string {
	m.of = def.Name
	var given []string
	for _, f := range def.Fields {
		if f.Type.NonNull && f.DefaultValue == nil || f.Name == recipient {
			given = append(given, f.Name+": "+m.value(f, f.Type, depth))
		}
	}
	for _, f := range def.Fields {
		if len(given) > 0 || depth > 4 {
			break
		}
		given = append(given, f.Name+": "+m.value(f, f.Type, depth))
	}
	return "{" + strings.Join(given, ", ") + "}"
}

// value is one of a type, for a field of an input.
func (m maker) value(f *ast.FieldDefinition, t *ast.Type, depth int) string {
	if t.Elem != nil {
		return "[" + m.value(f, t.Elem, depth) + "]"
	}
	def := m.schema.Types[t.Name()]
	name := strings.ToLower(f.Name)
	at := time.Now().UTC().AddDate(0, 0, 7)
	switch {
	case def.Kind == ast.InputObject:
		return m.input(def, depth+1)
	case def.Kind == ast.Enum:
		return def.EnumValues[m.turn%len(def.EnumValues)].Name
	case def.Name == "Boolean":
		return "true"
	case def.Name == "Int", def.Name == "Long", def.Name == "Float":
		return "1"
	case def.Name == "DateTime":
		return fmt.Sprintf("%q", at.Format(time.RFC3339))
	case def.Name == "Date":
		return fmt.Sprintf("%q", at.Format(time.DateOnly))
	case def.Name == "JSON":
		return "{}"
	case f.Name == recipient:
		return someRecipient
	case strings.HasSuffix(name, "email"):
		return `"mary.anning@example.com"`
	case strings.HasSuffix(name, "url"):
		return `"https://example.com/hook"`
	case name == "number", strings.HasSuffix(name, "phonenumber"), strings.HasSuffix(name, "phonenumbers"):
		return `"+14155550118"`
	case name == "macaddress":
		return `"64-16-7f-37-90-92"`
	case def.Name == "ID" && f.Name == "id" && m.keys[m.thingIn(m.of)] != nil:
		return fmt.Sprintf("%q", fromEnd(m.keys[m.thingIn(m.of)], m.turn))
	case strings.Contains(name, "password"), strings.Contains(name, "passcode"):
		return `"Strata-18"`
	case def.Name == "ID" && m.keys[m.kindOf(nil, f.Name, f.Name)] != nil:
		return fmt.Sprintf("%q", fromEnd(m.keys[m.kindOf(nil, f.Name, f.Name)], m.turn))
	case m.texts[f.Name] != nil && def.Name == "ID":
		return fmt.Sprintf("%q", fromEnd(m.texts[f.Name], m.turn))
	}
	return `"Ammonite"`
}

// fromEnd is the last of several values, or another one from there in later turns: the first things are special, such as
// the account's owner.
func fromEnd(values []string, turn int) string { return values[len(values)-1-turn%len(values)] }

// thingIn is the thing that an input's name tells of last, such as a PhoneNumber of AssignPhoneNumberInput.
func (m maker) thingIn(input string) string {
	found, end := "", 0
	for name := range m.keys {
		at := strings.LastIndex(input, name) + len(name)
		if strings.Contains(input, name) && (at > end || at == end && len(name) > len(found)) {
			found, end = name, at
		}
	}
	return found
}
