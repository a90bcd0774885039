package sensitive

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file finds secrets in the addresses of a text, such as the passcode in https://zoom.us/j/123?pwd=…. A text may
// hold several addresses, and an address another one, escaped: so what counts is a parameter's name between a separator
// and an equals sign, each as it is or escaped. Start reading at WithoutParameters.

// WithoutParameters is a text without the parameters of its addresses that are secrets. It is the same string where there
// are none.
func WithoutParameters(text string) string {
	return eachSecret(text, func(out *strings.Builder, separator, _, end int) int {
		first := separatorAt(text, separator)
		for {
			next := separatorAt(text, end)
			if !next.joins || next.escapes != first.escapes {
				return end
			}
			behind, escapes, secret := nameAt(text, end+next.length)
			if !secret { // the first separator is its own now
				out.WriteString(text[separator : separator+first.length])
				return end + next.length
			}
			end = endOf(text, behind, max(next.escapes, escapes))
		}
	})
}

// HideParameters is a text in which the values of such parameters are replaced.
func HideParameters(text, with string) string {
	return eachSecret(text, func(out *strings.Builder, separator, value, end int) int {
		out.WriteString(text[separator:value])
		out.WriteString(with)
		return end
	})
}

// Parameter tells whether the parameter of an address is a secret, by its name, which may be escaped.
func Parameter(name string) bool {
	for range maxEscapes {
		plain, err := url.QueryUnescape(name)
		if err != nil || plain == name {
			break
		}
		name = plain
	}
	name = strings.ToLower(strings.Map(joinsWords, name))
	switch name {
	case "tk", "zak", "pw", "pass", "pin", "otp":
		return true
	}
	return strings.Contains(name, "pwd") || strings.Contains(name, "jwt") || Looks(name)
}

// joinsWords drops the signs between the words of a name.
func joinsWords(r rune) rune {
	if strings.ContainsRune("_-.[] ", r) {
		return -1
	}
	return r
}

const (
	// maxEscapes is how many times what is looked at may have been escaped: an address in an address in an address.
	maxEscapes = 4
	// maxParameter is how many bytes the name of a parameter may have, escaped.
	maxParameter = 128
)

// eachSecret copies a text. Where it finds a secret parameter, replace is told where its separator and its value begin and
// where it ends, writes what is to stand in its place, and returns where the text goes on.
func eachSecret(text string, replace func(out *strings.Builder, separator, value, end int) (next int)) string {
	if strings.IndexByte(text, '=') < 0 && strings.IndexByte(text, '%') < 0 && strings.IndexByte(text, '\\') < 0 {
		return text
	}
	var out strings.Builder
	kept, found := 0, false
	for i := 0; i < len(text); {
		s := separatorAt(text, i)
		if s.length == 0 {
			i++
			continue
		}
		value, escapes, secret := nameAt(text, i+s.length)
		if !secret {
			i += s.length
			continue
		}
		out.WriteString(text[kept:i])
		i = replace(&out, i, value, endOf(text, value, max(s.escapes, escapes)))
		kept, found = i, true
	}
	if !found {
		return text
	}
	out.WriteString(text[kept:])
	return out.String()
}

// nameAt tells where the value of the parameter begins whose name begins here, and whether it is a secret.
func nameAt(text string, start int) (value, escapes int, secret bool) {
	for i := start; i < len(text) && i < start+maxParameter; {
		if s := equalsAt(text, i); s.length > 0 {
			return i + s.length, s.escapes, Parameter(text[start:i])
		}
		c := text[i]
		if c <= ' ' || strings.IndexByte("&?#/;\"<>", c) >= 0 {
			break
		}
		i++
	}
	return 0, 0, false
}

// endOf is where the value of a parameter ends that stands in an address which was escaped so many times. What may belong
// to the value does: too much is taken rather than too little.
func endOf(text string, start, escapes int) int {
	for i := start; i < len(text); {
		if s := separatorAt(text, i); s.length > 0 && s.ends && s.escapes <= escapes {
			return i
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == '"' || r == '<' || r == '>' {
			return i
		}
		i += size
	}
	return len(text)
}

// sign is a separator or an equals sign, as it is, as JSON or HTML escapes it, or as addresses do.
type sign struct {
	length  int  // in the text; 0: there is none
	escapes int  // how many times it was escaped for an address
	joins   bool // parameters of one address
	ends    bool // the value in front of it
}

// separatorAt reads what may stand in front of a parameter.
func separatorAt(text string, at int) sign {
	switch c := text[min(at, len(text)):]; {
	case c == "":
		return sign{}
	case c[0] == '&':
		if len(c) >= len("&amp;") && strings.EqualFold(c[:len("&amp;")], "&amp;") {
			return sign{len("&amp;"), 0, true, true}
		}
		return sign{1, 0, true, true}
	case c[0] == '#':
		return sign{1, 0, false, true}
	case c[0] == '?', c[0] == ';':
		return sign{1, 0, false, false}
	case c[0] == '%' || c[0] == '\\':
		code, length, escapes := escapedAt(c)
		switch code {
		case '&':
			return sign{length, escapes, true, true}
		case '#':
			return sign{length, escapes, false, true}
		case '?', ';':
			return sign{length, escapes, false, false}
		}
	}
	return sign{}
}

// equalsAt reads an equals sign.
func equalsAt(text string, at int) sign {
	if text[at] == '=' {
		return sign{length: 1}
	}
	if code, length, escapes := escapedAt(text[at:]); code == '=' {
		return sign{length: length, escapes: escapes}
	}
	return sign{}
}

// escapedAt reads an escaped ASCII character: %3D, %253D where it was escaped twice, or \u003d.
func escapedAt(text string) (code byte, length, escapes int) {
	if len(text) >= 6 && strings.EqualFold(text[:4], `\u00`) {
		return fromHex(text[4], text[5]), 6, 0
	}
	if text[0] != '%' {
		return 0, 0, 0
	}
	at := 1
	for escapes = 1; strings.HasPrefix(text[at:], "25") && escapes < maxEscapes; escapes++ {
		at += 2
	}
	if len(text) < at+2 {
		return 0, 0, 0
	}
	return fromHex(text[at], text[at+1]), at + 2, escapes
}

// fromHex is the byte of two hexadecimal digits; 0: they are none.
func fromHex(high, low byte) byte {
	h, l := digit(high), digit(low)
	if h > 15 || l > 15 {
		return 0
	}
	return h<<4 | l
}

func digit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}
