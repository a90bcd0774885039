package unnamed

import (
	"strings"
	"unicode"
)

// This file tells names of Zoom's from what somebody has typed, and from ids and numbers: those are nowhere to be shown.

// What a name is at most.
const (
	maxName   = 48
	maxDigits = 3
)

// isName tells whether a text may be a name that Zoom gave: one word of letters, digits, "_" and "-", in lower case,
// camelCase or capitals, short and with few digits; or a small number. What begins as people's names do (Ada) is none, nor
// what may be an id.
func isName(text string) bool {
	if text == "" || len(text) > maxName {
		return false
	}
	digits, capitals, changes := 0, 0, 0
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
			digits++
			if i > 0 && isLetter(rune(text[i-1])) {
				changes++
			}
		case unicode.IsUpper(c):
			capitals++
			if i > 0 && !isCapital(text[i-1]) {
				changes++
			}
		case !isLetter(c) && c != '_' && c != '-':
			return false
		}
	}
	switch {
	case digits > maxDigits:
		return false
	case digits == len(text):
		return true
	case isCapital(text[0]) && strings.ToUpper(text) != text: // Ada
		return false
	}
	words := 1 + strings.Count(text, "_") + strings.Count(text, "-") + capitals
	return digits <= words && (strings.ToUpper(text) == text || changes <= 1+len(text)/4)
}

func isLetter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }
