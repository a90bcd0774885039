// Package claim finds a claim of a token by its path:
//
//	path, err := claim.Parse(`realm_access.roles`)
//	value, ok := path.In(claims)
//	names, ok := claim.Names(value)
package claim

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Path names a claim: the claim's own name, or before that the names of the objects that it stands in. The empty path
// names none.
type Path []string

// Parse reads a path, whose names are joined by dots. A dot within a name is written \. and a backslash \\.
func Parse(text string) (Path, error) {
	var (
		path Path
		name strings.Builder
	)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && (text[i+1] == '.' || text[i+1] == '\\'):
			i++
			name.WriteByte(text[i])
		case c == '\\':
			return nil, fmt.Errorf(`%q has a backslash that stands before neither a dot nor a backslash; write \. for a dot in a name`, text)
		case c == '.':
			path = append(path, name.String())
			name.Reset()
		default:
			name.WriteByte(c)
		}
	}
	path = append(path, name.String())
	for _, name := range path {
		if name == "" {
			return nil, fmt.Errorf(`%q has an empty name; write the names of a claim with one dot between them, such as realm_access.roles, and \. for a dot in a name`, text)
		}
	}
	return path, nil
}

// UnmarshalText is Parse.
func (p *Path) UnmarshalText(text []byte) (err error) {
	*p, err = Parse(string(text))
	return err
}

// String is the path as Parse reads it.
func (p Path) String() string {
	names := make([]string, len(p))
	for i, name := range p {
		names[i] = strings.NewReplacer(`\`, `\\`, `.`, `\.`).Replace(name)
	}
	return strings.Join(names, ".")
}

// Claims are the claims of a token, by name.
type Claims map[string]json.RawMessage

// In finds the value in a token's claims. It reports false where there is none, or null.
func (p Path) In(claims Claims) (value json.RawMessage, ok bool) {
	for i, name := range p {
		if i > 0 {
			claims = nil
			if json.Unmarshal(value, &claims) != nil {
				return nil, false
			}
		}
		if value, ok = claims[name]; !ok || string(value) == "null" {
			return nil, false
		}
	}
	return value, len(p) > 0
}

// Text is a value that is a string.
func Text(value json.RawMessage) (text string, ok bool) {
	return text, len(value) > 0 && value[0] == '"' && json.Unmarshal(value, &text) == nil
}

// Names are the strings in a value: those of a list, what is no string left out; or a single string as it is, and beside
// that its parts between spaces, as scope has them. It reports false where the value is neither.
func Names(value json.RawMessage) (names []string, ok bool) {
	if text, ok := Text(value); ok {
		parts := strings.Fields(text)
		if len(parts) > 1 {
			parts = append(parts, text)
		}
		return parts, true
	}
	var list []json.RawMessage
	if json.Unmarshal(value, &list) != nil {
		return nil, false
	}
	for _, item := range list {
		if text, ok := Text(item); ok {
			names = append(names, text)
		}
	}
	return names, true
}
