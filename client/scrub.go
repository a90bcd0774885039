package client

import (
	"strings"
	"unicode"
)

const maxLogged = 300 // bytes of foreign text in one log entry

// scrub makes a foreign text fit for a log: the given secrets, e-mail addresses,
// anything that looks like a key, and what follows the name of a secret are
// replaced, and a long text is cut.
func scrub(text string, secrets ...string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[secret]")
		}
	}
	var out strings.Builder
	named := false // the words before name a secret and a colon or the like follows
	previous := ""
	for text != "" && out.Len() < maxLogged {
		end := strings.IndexFunc(text, isWordBreak)
		if end < 0 {
			end = len(text)
		}
		if word := text[:end]; word != "" {
			out.WriteString(scrubWord(word, named))
			previous = word
		}
		text = text[end:]
		end = strings.IndexFunc(text, func(r rune) bool { return !isWordBreak(r) })
		if end < 0 {
			end = len(text)
		}
		named = isScheme(previous) || namesSecret(previous) && strings.ContainsAny(text[:end], ":=")
		out.WriteString(text[:end])
		text = text[end:]
	}
	s := out.String()
	if len(s) > maxLogged {
		s = s[:maxLogged]
	}
	return strings.ToValidUTF8(s, "")
}

func scrubWord(word string, named bool) string {
	switch {
	case word == "secret", word == "e-mail", isScheme(word):
		return word
	case strings.Contains(word, "@"), strings.Contains(word, "%40"):
		return "[e-mail]"
	case named, len(word) >= 16 && strings.ContainsAny(word, "0123456789") && strings.ContainsFunc(word, unicode.IsLetter):
		return "[secret]"
	}
	return word
}

// isScheme tells whether a word stands before a token, without a colon.
func isScheme(word string) bool {
	return strings.EqualFold(word, "bearer") || strings.EqualFold(word, "basic")
}

// namesSecret tells whether what follows a word and a colon is a secret. The end
// of a URL names none.
func namesSecret(word string) bool {
	word = strings.ToLower(word)
	if strings.Contains(word, "/") {
		return false
	}
	for _, name := range []string{"password", "passcode", "secret", "token", "pwd", "authorization"} {
		if strings.Contains(word, name) {
			return true
		}
	}
	return false
}

// isWordBreak keeps together what keys and addresses are made of.
func isWordBreak(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("@.+-_/%~", r)
}
