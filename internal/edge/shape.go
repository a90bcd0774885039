package edge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// What a request's JSON may be: a request has 1 MiB, in which there is room for half a million values.
const (
	maxJSONDepth  = 64
	maxJSONValues = 20_000
)

// checkShape looks at JSON before it is decoded, and refuses what a decoder would take in some way or other: more values
// than anybody sends, halves of a character, and one of the given keys twice, or in another spelling, in the object that
// the text is. What is not JSON is left to the decoder.
func checkShape(what string, text []byte, keys ...string) error {
	s := shape{text: text, keys: keys}
	s.scan()
	switch {
	case s.fault != "":
		return malformedf("%s %s", what, s.fault)
	case s.key != "":
		return misshapenf("%s has %q twice, or in another spelling", what, s.key)
	case s.deepest > maxJSONDepth:
		return refusal{why: bodyTooLarge, code: badUserInput, message: fmt.Sprintf("%s nests objects and arrays %d deep, and at most %d are allowed", what, s.deepest, maxJSONDepth)}
	case s.values > maxJSONValues:
		return refusal{why: bodyTooLarge, code: badUserInput, message: fmt.Sprintf("%s has %d values, and at most %d are allowed", what, s.values, maxJSONValues)}
	}
	return nil
}

// shape is a rough look at JSON: its kind and depth.
type shape struct {
	text []byte
	keys []string

	depth, deepest, values int
	seen                   uint64 // a bit for each of keys
	key                    string // one of them that is not as it should be
	fault                  string
}

func (s *shape) scan() {
	begins := false // a member of an object or array
	for i := 0; i < len(s.text); i++ {
		switch s.text[i] {
		case '{', '[':
			s.depth++
			s.deepest = max(s.deepest, s.depth)
			s.values++
			begins = true
		case ',':
			s.values++
			begins = true
		case '}', ']':
			if s.depth--; s.depth == 0 {
				s.keys = nil // what follows is not the value any more
			}
		case '"':
			end := s.skip(i)
			if begins && s.depth == 1 && len(s.keys) > 0 {
				s.member(s.text[i:end])
			}
			i = end - 1
		case ' ', '\t', '\r', '\n':
		default:
			begins = false
		}
	}
}

// skip returns where the string ends that begins at i: with the text, where that breaks off in it.
func (s *shape) skip(i int) int {
	for i++; i < len(s.text); i++ {
		switch s.text[i] {
		case '"':
			return i + 1
		case '\\':
			if n := s.escape(i); n > 0 {
				i += n - 1
			}
		}
	}
	return len(s.text) // and not i, which an escape that broke off may have taken further
}

// escape returns the length of the escape at i: two of them where they are a surrogate pair.
func (s *shape) escape(i int) int {
	switch first := s.unit(i); {
	case first < 0:
		return 2
	case first < 0xD800 || first > 0xDFFF:
		return 6
	case first < 0xDC00:
		if second := s.unit(i + 6); second >= 0xDC00 && second <= 0xDFFF {
			return 12
		}
	}
	if s.fault == "" {
		s.fault = fmt.Sprintf("has half of a character at byte %d", i+1)
	}
	return 6
}

// unit is the UTF-16 code unit that is escaped at i, or less than zero.
func (s *shape) unit(i int) int64 {
	if i+6 > len(s.text) || s.text[i] != '\\' || s.text[i+1] != 'u' {
		return -1
	}
	unit, err := strconv.ParseUint(string(s.text[i+2:i+6]), 16, 16)
	if err != nil {
		return -1
	}
	return int64(unit)
}

// member looks at a key of the outermost object.
func (s *shape) member(quoted []byte) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		s.named(string(bytes.Trim(quoted, `"`)))
		return
	}
	var name string
	if json.Unmarshal(quoted, &name) == nil {
		s.named(name)
	}
}

func (s *shape) named(name string) {
	for i, key := range s.keys {
		if strings.EqualFold(key, name) {
			if key != name || s.seen&(1<<i) != 0 {
				s.key = key
			}
			s.seen |= 1 << i
		}
	}
}
