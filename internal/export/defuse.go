package export

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// This file implements that a spreadsheet runs nothing of what people write. The console has the same rules
// (web/src/dashboard/model/csv.ts), and testdata/cells.json tests both.
//
// A cell is a formula if it begins with one of a few characters, perhaps behind others that an import drops. Programs do
// not agree on where a cell begins: many split at other separators than the file's, and then do not honour its quotes.
// So a formula is looked for at the beginning and behind each character that anybody may split at.

// separators are the characters that a file may have between its cells.
func separators() []rune { return []rune{',', ';', '\t', '|'} }

// splits tells whether some program may begin a cell behind a character. Behind the comma of a file with commas none does
// that does not know the file's quotes.
func (f *csvForm) splits(r rune) bool {
	return r == '\r' || r == '\n' || slices.Contains(separators(), r) && (r != ',' || f.separator != ',')
}

// dropped tells whether an import may leave out a character at the beginning of a cell.
func dropped(r rune) bool {
	return r == '"' || r == '\'' || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

func begins(r rune) bool { return strings.ContainsRune("=+-@＝＋－＠", r) }

// defuse puts an apostrophe before what may be taken for a formula in a text, wherever a cell may begin. It also stands
// before line ends and tabs at the beginning.
func (f *csvForm) defuse(text string) string {
	var b strings.Builder
	if strings.IndexAny(text, "\t\r\n") == 0 {
		b.WriteByte('\'')
	}
	for text != "" {
		end := strings.IndexFunc(text, f.splits)
		if end < 0 {
			end = len(text)
		}
		if inner := strings.TrimLeftFunc(text[:end], dropped); strings.IndexFunc(inner, begins) == 0 {
			b.WriteByte('\'')
		}
		b.WriteString(text[:end])
		if text = text[end:]; text != "" { // all that splits is one byte
			b.WriteByte(text[0])
			text = text[1:]
		}
	}
	return b.String()
}

// defuseJSON writes such a character within a string of a JSON value as its escape, which means the same.
func (f *csvForm) defuseJSON(value []byte) string {
	var b strings.Builder
	within, escaped, fresh := false, false, false
	for _, r := range string(value) {
		if within && fresh && begins(r) {
			_, _ = fmt.Fprintf(&b, `\u%04x`, r)
			fresh = false
			continue
		}
		b.WriteRune(r)
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case r == '"':
			within = !within
		}
		fresh = f.splits(r) || fresh && dropped(r)
	}
	return b.String()
}
