// Package rawjson finds the parts of a JSON text without decoding it. It takes the text to be valid and only tells its
// parts from each other; on anything else it ends early, and never runs past the end. What is written to a client is
// checked where it is written.
package rawjson

import (
	"bytes"
	"encoding/json"
	"iter"
)

// Member returns the value of the key in a JSON object, of the last one where a key stands there twice. A text that
// is not an object has no members.
func Member(object []byte, key string) (value []byte, ok bool) {
	for name, v := range Pairs(object) {
		if string(name) == key {
			value, ok = v, true
		}
	}
	return value, ok
}

// Members yields the keys of a JSON object, unescaped, with their values, in the text's order and with repetitions.
func Members(object []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for name, v := range Pairs(object) {
			if !yield(string(name), v) {
				return
			}
		}
	}
}

// Pairs is Members with keys that hold only as long as the text does, which costs no allocations.
func Pairs(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		c := enter(object, '{')
		for name, v, more := c.member(); more; name, v, more = c.member() {
			if !yield(Text(name), v) {
				return
			}
		}
	}
}

// Elements yields the elements of a JSON array.
func Elements(array []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		c := enter(array, '[')
		for v, more := c.element(); more; v, more = c.element() {
			if !yield(v) {
				return
			}
		}
	}
}

// Append appends a member to an object that is not closed yet: one that begins with a bracket and lacks the last one.
func Append(object []byte, key string, value []byte) []byte {
	if object[len(object)-1] != '{' {
		object = append(object, ',')
	}
	name, err := json.Marshal(key)
	if err != nil { // a string
		panic(err)
	}
	object = append(append(object, name...), ':')
	return append(object, value...)
}

// A cursor walks over the members of an object or the elements of an array.
type cursor struct {
	text []byte
	at   int
}

// enter returns a cursor behind the opening bracket, or one at the end where the text begins otherwise.
func enter(text []byte, bracket byte) cursor {
	i := skipSpace(text, 0)
	if i == len(text) || text[i] != bracket {
		return cursor{text, len(text)}
	}
	return cursor{text, i + 1}
}

// member returns the next key, as it is quoted in the text, and its value.
func (c *cursor) member() (key, value []byte, ok bool) {
	i := c.next()
	if i == len(c.text) || c.text[i] != '"' {
		return nil, nil, false
	}
	end := skipString(c.text, i)
	key = c.text[i:end]
	i = skipSpace(c.text, end)
	if i == len(c.text) || c.text[i] != ':' {
		return nil, nil, false
	}
	i = skipSpace(c.text, i+1)
	c.at = skipValue(c.text, i)
	return key, c.text[i:c.at], i < c.at
}

func (c *cursor) element() (value []byte, ok bool) {
	i := c.next()
	c.at = skipValue(c.text, i)
	return c.text[i:c.at], i < c.at
}

// next returns where the next member or element begins, if there is one.
func (c *cursor) next() int {
	i := skipSpace(c.text, c.at)
	if i < len(c.text) && c.text[i] == ',' {
		i = skipSpace(c.text, i+1)
	}
	return i
}

// Trim returns the first JSON value of the text without the white space around it.
func Trim(text []byte) []byte {
	i := skipSpace(text, 0)
	return text[i:skipValue(text, i)]
}

func skipSpace(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t') {
		i++
	}
	return i
}

// skipString returns the index behind the string whose opening quote is at i.
func skipString(text []byte, i int) int {
	for i++; i < len(text); i++ {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			break
		}
		i += n
		if !escaped(text, i) {
			return i + 1
		}
	}
	return len(text)
}

// escaped tells whether an odd number of backslashes stands before i. The opening quote ends the run.
func escaped(text []byte, i int) bool {
	n := i
	for n > 0 && text[n-1] == '\\' {
		n--
	}
	return (i-n)%2 == 1
}

// skipValue returns the index behind the value that begins at i, or i itself where no value begins.
func skipValue(text []byte, i int) int {
	if i == len(text) {
		return i
	}
	switch text[i] {
	case '"':
		return skipString(text, i)
	case '{', '[':
		return skipNested(text, i)
	}
	for i < len(text) && !endsToken(text[i]) {
		i++
	}
	return i
}

func endsToken(c byte) bool {
	switch c {
	case ',', ':', ']', '}', ' ', '\n', '\r', '\t':
		return true
	}
	return false
}

func skipNested(text []byte, i int) int {
	depth := 0
	for i < len(text) {
		switch text[i] {
		case '"':
			i = skipString(text, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return i
}

func escapes(quoted []byte) bool { return bytes.IndexByte(quoted, '\\') >= 0 }

// Text returns what a quoted string says. One that says nothing valid is returned without its quotes.
func Text(quoted []byte) []byte {
	text := quoted[1 : len(quoted)-1]
	if !escapes(text) {
		return text
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return text
	}
	return []byte(s)
}
