package openapi

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"zoomgraph/internal/lazy"
)

// This file finds labels and scopes, which stand in fields of Zoom's own, in `security`, or in an operation's description.

var (
	labelText    = lazy.Regexp(`(?i)rate\s*limit\s*label[\]*\s]*(?:\([^)]*\))?[\s:*]*\x60?([a-z][a-z _-]*[a-z])`)
	granularText = lazy.Regexp(`(?i)granular\s+scopes?[\s:*]*((?:\x60[^\x60]+\x60[\s,]*)+)`)
	scopesText   = lazy.Regexp(`(?i)scopes?[\s:*]*((?:\x60[^\x60]+\x60[\s,]*)+)`)
	quotedText   = lazy.Regexp(`\x60([^\x60]+)\x60`)
	scopePattern = lazy.Regexp(`^[a-z0-9_]+(:[a-z0-9_]+)*$`)
)

// labelOf is the label of an operation's rate limit; "" where none is printed.
func labelOf(object map[string]any) string {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-") && strings.Contains(lower, "rate") {
			if label := label(text(object[name])); label != "" {
				return label
			}
		}
	}
	if found := labelText().FindStringSubmatch(text(object["description"])); found != nil {
		return label(found[1])
	}
	return ""
}

// label is a label in the spelling of the facts; "" where it is none that is known.
func label(printed string) string {
	name := strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToUpper(strings.TrimSpace(printed)))
	for _, known := range []string{"LIGHT", "MEDIUM", "HEAVY", "RESOURCE_INTENSIVE"} {
		if name == known || strings.HasPrefix(name, known+"_") {
			return known
		}
	}
	return ""
}

// scopesOf are the classic and the granular scopes of which a token needs one.
func scopesOf(object map[string]any) (classic, granular []string) {
	add := func(names []string) {
		for _, name := range names {
			into := &classic
			if isGranular(name) {
				into = &granular
			}
			if scopePattern().MatchString(name) && !slices.Contains(*into, name) {
				*into = append(*into, name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-") && strings.Contains(lower, "scope") {
			add(words(object[name]))
		}
	}
	description := text(object["description"])
	for _, pattern := range []*regexp.Regexp{granularText(), scopesText()} {
		for _, list := range pattern.FindAllStringSubmatch(description, -1) {
			for _, name := range quotedText().FindAllStringSubmatch(list[1], -1) {
				add(words(name[1]))
			}
		}
	}
	if classic == nil && granular == nil {
		security, _ := object["security"].([]any)
		for _, scheme := range security {
			add(words(scheme))
		}
	}
	return classic, granular
}

// isGranular tells a granular scope (user:read:settings:admin) from a classic one (user:read:admin).
func isGranular(scope string) bool {
	parts := strings.Split(scope, ":")
	return len(parts) > 3 || len(parts) == 3 && parts[2] != "admin" && parts[2] != "master"
}

// words are all the names that stand in a text, in a list, or in the values of an object.
func words(value any) (names []string) {
	switch v := value.(type) {
	case string:
		return strings.FieldsFunc(v, func(c rune) bool { return c == ',' || c == ' ' || c == '\n' })
	case []any:
		for _, below := range v {
			names = append(names, words(below)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			names = append(names, words(v[key])...)
		}
	}
	return names
}
