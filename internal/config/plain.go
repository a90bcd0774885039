package config

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"zoomgraph/internal/lazy"
)

// This file implements how texts are read that come through shells, editors and files which add what nobody sees. What is
// certainly not meant is taken away: final line ends, and the mark at the beginning that says how a file is encoded.
// Everything else that cannot be part of an id, a secret or an address is refused here, by name and position, before Zoom
// refuses it without saying why. No message repeats the text.

// byteOrderMark begins files of some editors.
const byteOrderMark = "\ufeff"

// decoded is the text of a file: UTF-8, or UTF-16 that says so by a byte order mark.
func decoded(content []byte) (string, error) {
	for mark, order := range map[string]binary.ByteOrder{"\xff\xfe": binary.LittleEndian, "\xfe\xff": binary.BigEndian} {
		rest, found := bytes.CutPrefix(content, []byte(mark))
		if !found {
			continue
		}
		if len(rest)%2 != 0 {
			return "", errors.New("begins like UTF-16 and ends in the middle of a character; save it as UTF-8")
		}
		units := make([]uint16, len(rest)/2)
		for i := range units {
			units[i] = order.Uint16(rest[2*i:])
		}
		return string(utf16.Decode(units)), nil
	}
	text := strings.TrimPrefix(string(content), byteOrderMark)
	if !utf8.ValidString(text) {
		return "", errors.New("is not UTF-8; save it as UTF-8")
	}
	return text, nil
}

// trimmed takes away what is certainly not part of a value.
func trimmed(text string) string {
	return strings.TrimRight(strings.TrimLeft(text, byteOrderMark), "\r\n")
}

// assignment is a line of an env file.
var assignment = lazy.Regexp(`^(export\s+)?[A-Z][A-Z0-9]*_[A-Z0-9_]+=[^=]`)

// plain is the value that a text stands for: visible ASCII characters, with nothing around them. Spaces may stand within.
func plain(text string) (string, error) {
	text = trimmed(text)
	if text == "" {
		return "", nil
	}
	if assignment().MatchString(text) {
		return "", errors.New("looks like a line of an env file, NAME=value; only the value belongs here")
	}
	n, last := 0, utf8.RuneCountInString(text)
	for _, r := range text {
		n++
		switch edge := n == 1 || n == last; {
		case edge && (r == '"' || r == '\''):
			return "", fmt.Errorf("character %d of %d is a quotation mark, which would count as part of the value; leave the quotation marks out", n, last)
		case r == ' ' && !edge:
		case r <= ' ' || r > '~':
			return "", fmt.Errorf("character %d of %d is %s; remove it, or copy the value anew", n, last, nameOf(r))
		}
	}
	return text, nil
}

// plainly puts the plain value in the place of a text. at says where it is from.
func plainly[T ~string](at string, value *T) error {
	text, err := plain(string(*value))
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	*value = T(text)
	return nil
}

// odd are characters that come with copied texts.
func odd() map[rune]string {
	return map[rune]string{
		' ': "a space", '\t': "a tab", '\n': "a line feed", '\r': "a carriage return",
		0:    "a NUL, as UTF-16 without a byte order mark has them: save the file as UTF-8",
		0xa0: "a no-break space", 0xad: "a soft hyphen", 0x200b: "a zero-width space", 0x200c: "a zero-width non-joiner",
		0x200d: "a zero-width joiner", 0x200e: "a left-to-right mark", 0x200f: "a right-to-left mark", 0x2028: "a line separator",
		0x202f: "a narrow no-break space", 0x2060: "a word joiner", 0xfeff: "a byte order mark", 0xfffd: "a replacement character",
		'‘': "a typographic quotation mark", '’': "a typographic quotation mark", '‚': "a typographic quotation mark",
		'“': "a typographic quotation mark", '”': "a typographic quotation mark", '„': "a typographic quotation mark",
		'«': "a typographic quotation mark", '»': "a typographic quotation mark",
		'‐': "a typographic hyphen", '‑': "a no-break hyphen", '–': "a dash", '—': "a dash", '…': "an ellipsis",
	}
}

// nameOf names a character for people. Letters of other scripts are not told, since they may be part of a secret.
func nameOf(r rune) string {
	name, known := odd()[r]
	switch {
	case known:
	case unicode.IsControl(r):
		name = "a control character"
	case unicode.In(r, unicode.Z, unicode.Cf, unicode.Co, unicode.Variation_Selector):
		name = "an invisible character"
	default:
		return "none of ASCII, which ids, secrets and addresses are written in"
	}
	return fmt.Sprintf("%s (U+%04X)", name, r)
}
