package redact

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// This file hides secrets whose values are known. A secret reaches a log in many spellings: as a URL, JSON, Go or an
// Authorization header writes it. All of them are looked for.

const (
	// shortest is how many bytes a secret must have to be looked for: less stands in every text.
	shortest = 4
	// distinct is how many bytes a spelling must have to be hidden also within a word.
	distinct = 8
)

// KnownSecrets are secrets whose values are known. The zero value knows none.
type KnownSecrets struct {
	anywhere []string // spellings that are hidden wherever they stand, the longest first
	words    []string // short ones, hidden where they are a word of their own
}

// Known prepares to hide secrets. Those of less than four bytes are left out.
func Known(secrets ...string) *KnownSecrets {
	k := new(KnownSecrets)
	for _, secret := range secrets {
		if len(secret) < shortest {
			continue
		}
		for _, spelling := range spellings(secret) {
			if len(spelling) >= distinct {
				k.anywhere = append(k.anywhere, spelling)
			} else if len(spelling) >= shortest {
				k.words = append(k.words, spelling)
			}
		}
	}
	slices.SortFunc(k.anywhere, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	k.anywhere = slices.Compact(k.anywhere)
	return k
}

// Hide returns text without the secrets. It is the same string where there are none.
func (k *KnownSecrets) Hide(text string) string {
	for _, secret := range k.anywhere {
		if strings.Contains(text, secret) {
			text = strings.ReplaceAll(text, secret, Hidden)
		}
	}
	for _, secret := range k.words {
		text = hideWord(text, secret)
	}
	return text
}

// hideWord hides a secret that is a word of its own, and no part of a longer one.
func hideWord(text, secret string) string {
	for at := 0; ; {
		i := strings.Index(text[at:], secret)
		if i < 0 {
			return text
		}
		start, end := at+i, at+i+len(secret)
		at = end
		if (start == 0 || !isLetterOrDigit(text[start-1])) && (end == len(text) || !isLetterOrDigit(text[end])) &&
			!strings.HasPrefix(text[max(0, start-1):], Hidden) {
			text = text[:start] + Hidden + text[end:]
			at = start + len(Hidden)
		}
	}
}

func isLetterOrDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// spellings are the ways to write a secret: itself, its lines, and these as base64, hexadecimal digits, JSON, Go and URLs
// have them, the latter also one within the other.
func spellings(secret string) []string {
	all := []string{secret}
	for line := range strings.Lines(secret) {
		if line = strings.TrimSpace(line); line != secret && len(line) >= distinct {
			all = append(all, line)
		}
	}
	for _, text := range slices.Clone(all) {
		digits := hex.EncodeToString([]byte(text))
		all = append(append(all, digits, strings.ToUpper(digits)), inBase64(text)...)
	}
	const depth = 2
	for range depth {
		for _, text := range slices.Clone(all) {
			all = append(all, escapes(text)...)
		}
		slices.Sort(all)
		all = slices.Compact(all)
	}
	return all
}

// escapes are a text as JSON, Go and URLs write it.
func escapes(text string) []string {
	asJSON, _ := json.Marshal(text) // a text always encodes
	query, path := url.QueryEscape(text), url.PathEscape(text)
	return []string{unquoted(string(asJSON)), unquoted(strconv.Quote(text)), query, path, lowerEscapes(query), lowerEscapes(path)}
}

func unquoted(s string) string { return s[1 : len(s)-1] }

// inBase64 are the texts that base64 has for a secret somewhere in what is encoded, such as id:secret. They depend on
// how many bytes stand before it; what belongs to its neighbours as well is left out.
func inBase64(secret string) []string {
	var all []string
	for before := range 3 {
		padded := append(make([]byte, before), secret...)
		whole := len(padded) / 3 * 4 // digits that nothing behind the secret has a part in
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			digits := encoding.EncodeToString(padded)
			first := []int{0, 2, 3}[before]
			if part := digits[first:max(first, whole)]; len(part) >= distinct {
				all = append(all, part)
			}
			if before == 0 {
				all = append(all, digits, encoding.WithPadding(base64.StdPadding).EncodeToString(padded))
			}
		}
	}
	return all
}

// lowerEscapes writes the escapes of a URL with small letters.
func lowerEscapes(escaped string) string {
	var out strings.Builder
	for i := 0; i < len(escaped); i++ {
		if escaped[i] == '%' && i+2 < len(escaped) {
			out.WriteString(strings.ToLower(escaped[i : i+3]))
			i += 2
			continue
		}
		out.WriteByte(escaped[i])
	}
	return out.String()
}
