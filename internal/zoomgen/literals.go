package zoomgen

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// literals prints values as Go, without what is not set.
type literals struct {
	known  func(v any) (text string, ok bool) // what is printed otherwise; "": not at all
	aLine  []reflect.Type                     // of what stands in lists, each on a line of its own
	failed error                              // for a value that cannot be printed
}

// value prints a value; listed: the type of what a list holds goes without saying.
func (l *literals) value(v reflect.Value, listed bool) string {
	if l.known != nil {
		if text, ok := l.known(v.Interface()); ok {
			return text
		}
	}
	name := ""
	if !listed {
		name = v.Type().String()
	}
	switch v.Kind() {
	case reflect.String:
		return strconv.Quote(v.String())
	case reflect.Bool, reflect.Int:
		return fmt.Sprint(v.Interface())
	case reflect.Struct:
		return name + l.fields(v)
	case reflect.Pointer:
		if listed {
			return l.fields(v.Elem())
		}
		return "&" + strings.TrimPrefix(name, "*") + l.fields(v.Elem())
	case reflect.Slice:
		return name + l.list(v)
	case reflect.Map:
		return name + l.entries(v)
	}
	l.failed = fmt.Errorf("a value of the type %s cannot be printed", v.Type())
	return ""
}

func (l *literals) list(v reflect.Value) string {
	between, end := ", ", ""
	if slices.Contains(l.aLine, v.Type().Elem()) {
		between, end = ",\n", ",\n"
	}
	elements := make([]string, v.Len())
	for i := range elements {
		elements[i] = l.value(v.Index(i), true)
	}
	return "{" + strings.TrimPrefix(end, ",") + strings.Join(elements, between) + end + "}"
}

// entries prints those of a map by strings.
func (l *literals) entries(v reflect.Value) string {
	values := map[string]string{}
	for key, value := range v.Seq2() {
		values[key.String()] = l.value(value, true)
	}
	var entries []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		entries = append(entries, strconv.Quote(key)+": "+values[key])
	}
	return "{" + strings.Join(entries, ", ") + "}"
}

// fields prints the fields of a struct.
func (l *literals) fields(v reflect.Value) string {
	var set []string
	for i := range v.NumField() {
		if field := v.Field(i); !field.IsZero() {
			if text := l.value(field, false); text != "" {
				set = append(set, v.Type().Field(i).Name+": "+text)
			}
		}
	}
	return "{" + strings.Join(set, ", ") + "}"
}
