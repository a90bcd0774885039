package rawjson

// This file judges texts, which all others of the package take to be valid.

// deepest is how many levels of objects and arrays a text may have, as in encoding/json.
const deepest = 10_000

// Valid tells whether a text is one JSON value, as [encoding/json.Valid] does, in a third of the time: every answer of
// Zoom's is judged once.
func Valid(text []byte) bool {
	end := validValue(text, skipSpace(text, 0), 1)
	return end > 0 && skipSpace(text, end) == len(text)
}

// validValue returns the index behind the value that begins at i; 0: there is none.
func validValue(text []byte, i, level int) (end int) {
	if i == len(text) {
		return 0
	}
	switch c := text[i]; {
	case c == '"':
		return validString(text, i)
	case c == '{' && level <= deepest:
		return validObject(text, i, level)
	case c == '[' && level <= deepest:
		return validArray(text, i, level)
	case c == 't':
		return validWord(text, i, "true")
	case c == 'f':
		return validWord(text, i, "false")
	case c == 'n':
		return validWord(text, i, "null")
	case c == '-' || isDigit(c):
		return validNumber(text, i)
	}
	return 0
}

func validWord(text []byte, i int, word string) (end int) {
	if end = i + len(word); end <= len(text) && string(text[i:end]) == word {
		return end
	}
	return 0
}

func validObject(text []byte, i, level int) (end int) {
	if i = skipSpace(text, i+1); i < len(text) && text[i] == '}' {
		return i + 1
	}
	for i < len(text) && text[i] == '"' {
		if i = validString(text, i); i == 0 {
			return 0
		}
		if i = skipSpace(text, i); i == len(text) || text[i] != ':' {
			return 0
		}
		if i = validValue(text, skipSpace(text, i+1), level+1); i == 0 {
			return 0
		}
		var more bool
		if i, more = validNext(text, i, '}'); !more {
			return i
		}
	}
	return 0
}

func validArray(text []byte, i, level int) (end int) {
	if i = skipSpace(text, i+1); i < len(text) && text[i] == ']' {
		return i + 1
	}
	for {
		if i = validValue(text, i, level+1); i == 0 {
			return 0
		}
		var more bool
		if i, more = validNext(text, i, ']'); !more {
			return i
		}
	}
}

// validNext goes on behind a member or an element: to the next one if there are more, or else behind the mark that closes
// all; 0: neither stands there.
func validNext(text []byte, i int, closes byte) (next int, more bool) {
	switch i = skipSpace(text, i); {
	case i == len(text):
		return 0, false
	case text[i] == ',':
		return skipSpace(text, i+1), true
	case text[i] == closes:
		return i + 1, false
	}
	return 0, false
}

// plainly tells of each byte whether it stands for itself in a string.
var plainly = func() (is [256]bool) {
	for c := range is {
		is[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return is
}()

// validString returns the index behind the string whose opening quote is at i; 0: it is none.
func validString(text []byte, i int) (end int) {
	for i++; i < len(text); {
		switch c := text[i]; {
		case plainly[c]:
			i++
		case c == '"':
			return i + 1
		case c != '\\' || i+1 == len(text):
			return 0
		default:
			if i = validEscape(text, i+1); i == 0 {
				return 0
			}
		}
	}
	return 0
}

// validEscape returns the index behind what follows a backslash; 0: that is no escape.
func validEscape(text []byte, i int) (end int) {
	switch text[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1
	case 'u':
		if i+5 > len(text) {
			return 0
		}
		for _, c := range text[i+1 : i+5] {
			if !isDigit(c) && (c|' ' < 'a' || c|' ' > 'f') {
				return 0
			}
		}
		return i + 5
	}
	return 0
}

// validNumber returns the index behind the number that begins at i; 0: it is none.
func validNumber(text []byte, i int) (end int) {
	if text[i] == '-' {
		i++
	}
	whole := i
	if i = skipDigits(text, i); i == whole || text[whole] == '0' && i > whole+1 {
		return 0
	}
	if i < len(text) && text[i] == '.' {
		fraction := i + 1
		if i = skipDigits(text, fraction); i == fraction {
			return 0
		}
	}
	if i < len(text) && text[i]|' ' == 'e' {
		if i++; i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		exponent := i
		if i = skipDigits(text, i); i == exponent {
			return 0
		}
	}
	return i
}

func skipDigits(text []byte, i int) int {
	for i < len(text) && isDigit(text[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
