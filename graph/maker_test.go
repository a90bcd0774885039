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
	turn int // of several values, which one is taken
}

// input is one of a type, as a query spells it: the fields that it must have, and where there are none the first that a
// value is known for.
func (m maker) input(def *ast.Definition, depth int) string {
	var given []string
	for _, f := range def.Fields {
		if f.Type.NonNull && f.DefaultValue == nil {
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
	case strings.HasSuffix(name, "email"):
		return `"mary.anning@example.com"`
	case strings.HasSuffix(name, "url"):
		return `"https://example.com/hook"`
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
