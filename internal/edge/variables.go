package edge

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
)

// This file coerces variables as GraphQL has it, before the executor does, which takes texts for numbers and refuses 3.0
// for an Int. Custom scalars are left to whoever reads them.

// maxNumber is how many characters a number may have that is looked at.
const maxNumber = 400

// What variables may come to, in bytes of the JSON that they are.
const (
	maxVariables = 256 << 10 // all of a request
	maxJSON      = 64 << 10  // one value of the type JSON
)

// weigh is about how many bytes a value has as JSON.
func weigh(v any) int {
	switch v := v.(type) {
	case string:
		return len(v) + len(`"",`)
	case json.Number:
		return len(v) + len(",")
	case []any:
		n := len("[],")
		for _, element := range v {
			n += weigh(element)
		}
		return n
	case map[string]any:
		n := len("{},")
		for name, value := range v {
			n += len(name) + len(`"":`) + weigh(value)
		}
		return n
	default:
		return len("false,")
	}
}

// variablesOf are the variables of an operation, of the values that were sent for them, which it takes over: each as its
// type has it, and the defaults of those that are missing. The error is a refusal that names the place within the variable.
func variablesOf(schema *ast.Schema, op *ast.OperationDefinition, values map[string]any) (map[string]any, error) {
	if err := coerceVariables(schema, op, values); err != nil {
		return nil, err
	}
	if complete(op, values) {
		return values, nil
	}
	all, err := validator.VariableValues(schema, op, values)
	if bad := (*gqlerror.Error)(nil); errors.As(err, &bad) {
		return nil, refusal{why: notExecuted, errs: gqlerror.List{badVariable(op, bad)}}
	}
	return all, nil
}

// complete tells whether values have each variable and nothing else, and only such as coerceVariables leaves nothing to do
// about: of the scalars that every schema has.
func complete(op *ast.OperationDefinition, values map[string]any) bool {
	if values == nil || len(values) != len(op.VariableDefinitions) {
		return false
	}
	for _, def := range op.VariableDefinitions {
		if values[def.Variable] == nil {
			return false
		}
		switch def.Type.NamedType {
		case "Int", "Float", "String", "Boolean", "ID":
		default:
			return false
		}
	}
	return true
}

// coerceVariables puts in place of each variable's value what its type makes of it. What is missing, null or unknown is
// left to the executor. The error is a refusal that names the place within the variable.
func coerceVariables(schema *ast.Schema, op *ast.OperationDefinition, values map[string]any) error {
	if n := weigh(values); n > maxVariables {
		return refused(badUserInput, fmt.Sprintf("the variables have about %d bytes, and all of a request may have %d", n, maxVariables))
	}
	c := coercion{schema: schema}
	for _, def := range op.VariableDefinitions {
		value, given := values[def.Variable]
		if _, isText := value.(string); isText && (def.Type.NamedType == "ID" || def.Type.NamedType == "String") {
			continue // as most are
		}
		if !given || schema.Types[def.Type.Name()] == nil {
			continue
		}
		coerced, fault := c.value(def.Type, value)
		if fault != "" {
			c.within(ast.PathName(def.Variable))
			slices.Reverse(c.path)
			return refusal{why: notExecuted, errs: gqlerror.List{unfit(def, c.path.String(), fault)}}
		}
		values[def.Variable] = coerced
	}
	return nil
}

// unfit is the error of a value. A path of an answer's error means a field, so this one's stands in the message.
func unfit(def *ast.VariableDefinition, path, fault string) *gqlerror.Error {
	err := &gqlerror.Error{Message: fmt.Sprintf("variable $%s: %s", path, fault), Extensions: map[string]any{"code": badUserInput}}
	if def.Position != nil {
		err.Locations = []gqlerror.Location{{Line: def.Position.Line, Column: def.Position.Column}}
	}
	return err
}

// coercion is that of one operation's variables.
type coercion struct {
	schema *ast.Schema
	path   ast.Path // to the value that does not fit, from its end
}

// within says in what the value that does not fit is.
func (c *coercion) within(at ast.PathElement) { c.path = append(c.path, at) }

// value coerces a value to a type. If that fails, it says why, and path leads to the place.
func (c *coercion) value(t *ast.Type, v any) (coerced any, fault string) {
	if v == nil {
		return nil, ""
	}
	if t.Elem != nil {
		return c.list(t.Elem, v)
	}
	switch def := c.schema.Types[t.NamedType]; def.Kind {
	case ast.InputObject:
		return c.object(def, v)
	case ast.Enum:
		return v, c.enum(def, v)
	default:
		if n := weigh(v); t.NamedType == "JSON" && n > maxJSON {
			return nil, fmt.Sprintf("a value of about %d bytes cannot be used as JSON, which may have %d", n, maxJSON)
		}
		coerced, ok := scalar(t.NamedType, v)
		if !ok {
			return nil, fmt.Sprintf("%s cannot be used as %s", kindOf(v), t)
		}
		return coerced, ""
	}
}

// list takes a value that is no list for a list of it.
func (c *coercion) list(t *ast.Type, v any) (any, string) {
	elements, isList := v.([]any)
	if !isList {
		one, fault := c.value(t, v)
		return []any{one}, fault
	}
	for i, element := range elements {
		coerced, fault := c.value(t, element)
		if fault != "" {
			c.within(ast.PathIndex(i))
			return nil, fault
		}
		elements[i] = coerced
	}
	return elements, ""
}

func (c *coercion) object(def *ast.Definition, v any) (any, string) {
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Sprintf("%s cannot be used as %s", kindOf(v), def.Name)
	}
	for name, value := range fields {
		field := def.Fields.ForName(name)
		if field == nil {
			continue
		}
		coerced, fault := c.value(field.Type, value)
		if fault != "" {
			c.within(ast.PathName(name))
			return nil, fault
		}
		fields[name] = coerced
	}
	return fields, ""
}

// enum says what is wrong with an enum's value: GraphQL's names differ by case.
func (c *coercion) enum(def *ast.Definition, v any) string {
	name, ok := v.(string)
	switch {
	case !ok:
		return fmt.Sprintf("%s cannot be used as %s", kindOf(v), def.Name)
	case def.EnumValues.ForName(name) == nil && isName(name):
		return fmt.Sprintf("%s is not a valid %s", name, def.Name)
	case def.EnumValues.ForName(name) == nil:
		return "a string cannot be used as " + def.Name
	}
	return ""
}

// isName tells whether a text can be a name of GraphQL's, and so be repeated.
func isName(text string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
	return text != "" && len(text) <= 64 && strings.Trim(text, letters) == ""
}

// scalar coerces a value to a scalar type.
func scalar(name string, v any) (any, bool) {
	switch name {
	case "Int":
		n, ok := whole(v)
		if !ok || !n.IsInt64() || n.Int64() < math.MinInt32 || n.Int64() > math.MaxInt32 {
			return nil, false
		}
		return n.Int64(), true
	case "Float":
		number, ok := v.(json.Number)
		if !ok {
			return nil, false
		}
		f, err := number.Float64()
		return f, err == nil
	case "String":
		_, ok := v.(string)
		return v, ok
	case "Boolean":
		_, ok := v.(bool)
		return v, ok
	case "ID":
		if _, ok := v.(string); ok {
			return v, true
		}
		n, ok := whole(v)
		if !ok {
			return nil, false
		}
		return n.String(), true
	}
	return v, true
}

// whole is a number without a fraction, however it is written: 3, 3.0 and 3e0 are one.
func whole(v any) (*big.Int, bool) {
	number, ok := v.(json.Number)
	if !ok || len(number) > maxNumber {
		return nil, false
	}
	if n, ok := new(big.Int).SetString(number.String(), 10); ok {
		return n, true
	}
	_, exponent, _ := strings.Cut(strings.ToLower(number.String()), "e")
	if n, err := strconv.Atoi(exponent); exponent != "" && (err != nil || n > maxNumber || n < -maxNumber) {
		return nil, false // which would take much memory to write out
	}
	r, ok := new(big.Rat).SetString(number.String())
	if !ok || !r.IsInt() {
		return nil, false
	}
	return r.Num(), true
}

// kindOf is a value as a message may name it. Texts are not repeated: they may be secrets.
func kindOf(v any) string {
	switch v := v.(type) {
	case json.Number:
		return short(v)
	case string:
		return "a string"
	case bool:
		return "a Boolean"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "a file"
}
