// Package unseen knows characters that cannot be seen.
package unseen

import (
	"bytes"
	"strings"
	"unicode"
)

// WithoutMark is a text without the byte order mark that some programs put before UTF-8.
func WithoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\uFEFF")) }

// Blank tells whether a text is not empty and shows nothing: it is made of white space and of characters of no width.
func Blank(text string) bool { return text != "" && !strings.ContainsFunc(text, isVisible) }

func isVisible(r rune) bool {
	const emptyBraille = '\u2800' // a symbol by its category, and without a dot
	return r != emptyBraille && !unicode.IsControl(r) &&
		!unicode.In(r, unicode.Z, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
