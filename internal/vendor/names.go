package vendor

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// This file makes names for the schema of Zoom's. Where a name's way back fails, @name or @wire says what Zoom has.

// capitalized writes a name of Zoom's as a part of a type's name: in_meeting becomes InMeeting.
func capitalized(zoom string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(zoom, func(c rune) bool { return !isWord(c) }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

func isWord(c rune) bool { return c < unicode.MaxASCII && (unicode.IsLetter(c) || unicode.IsDigit(c)) }

// fieldName is the name of a field or an argument: camelCase of Zoom's.
func fieldName(zoom string) string {
	name := capitalized(zoom)
	upper := 0
	for upper < len(name) && unicode.IsUpper(rune(name[upper])) {
		upper++
	}
	if upper > 1 && upper < len(name) { // URLPath
		upper--
	}
	name = strings.ToLower(name[:upper]) + name[upper:]
	switch {
	case name == "":
		return "unnamed"
	case unicode.IsDigit(rune(name[0])):
		return "v" + name
	}
	return name
}

// valueName is the name of an enum's value: SCREAMING_CASE of Zoom's.
func valueName(wire string) string {
	var b strings.Builder
	before := '_'
	for _, c := range wire {
		switch {
		case !isWord(c):
			c = '_'
			if before == '_' {
				continue
			}
		case unicode.IsUpper(c) && unicode.IsLower(before):
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(c))
		before = c
	}
	name := strings.TrimRight(b.String(), "_")
	if name == "" || unicode.IsDigit(rune(name[0])) {
		return strings.TrimRight("VALUE_"+name, "_")
	}
	return name
}

// needsName tells whether a value's name says no more than a number does.
func needsName(wire string) bool {
	_, err := strconv.ParseFloat(wire, 64)
	return err == nil
}

// singular is what a list's name says of one of it.
func singular(name string) string {
	for _, end := range []struct{ many, one string }{{"ies", "y"}, {"sses", "ss"}, {"xes", "x"}, {"ches", "ch"}, {"shes", "sh"}, {"ss", "ss"}, {"us", "us"}, {"is", "is"}, {"s", ""}} {
		if stem, ok := strings.CutSuffix(name, end.many); ok && stem != "" {
			return stem + end.one
		}
	}
	return name
}

// free is a name that is not taken yet, and takes it: with a number, if need be.
func free(name string, taken func(string) bool) string {
	if !taken(name) {
		return name
	}
	for n := 2; ; n++ {
		if numbered := fmt.Sprint(name, n); !taken(numbered) {
			return numbered
		}
	}
}
