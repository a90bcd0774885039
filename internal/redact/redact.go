// Package redact takes secrets out of texts that go to a log. There are three degrees, by where a text comes from:
//
//	redact.Plain("send Authorization: Bearer and a key") // this program wrote it, nothing was put in: shown whole
//	redact.Text(text)                                    // anything: what is named like a secret is hidden
//	redact.Foreign(answer, token)                        // another program wrote it: what looks like a key as well
//
// Secrets that the program knows are hidden wherever they stand, in all their usual spellings:
//
//	known := redact.Known(clientSecret, password)
//	text = redact.Text(known.Hide(text))
package redact

import (
	"strings"
	"unicode"
)

// Plain is a text of this program's own into which nothing from outside was put. The log shows it as it is.
type Plain string

// maxForeign is how many bytes of a foreign text go into a log.
const maxForeign = 300

// Foreign makes the text of another program fit for a log: it hides the given secrets, what Text hides, and every word
// that looks like a key or is a telephone number; it is one valid text of 300 bytes at most.
func Foreign(text string, secrets ...string) string {
	text = withoutKeys(Text(Known(secrets...).Hide(text)))
	if len(text) > maxForeign {
		text = text[:maxForeign]
	}
	return strings.ToValidUTF8(text, "")
}

// withoutKeys hides words that look like keys, and telephone numbers.
func withoutKeys(text string) string {
	var out strings.Builder
	for text != "" {
		end := strings.IndexFunc(text, breaksWord)
		if end < 0 {
			end = len(text)
		}
		if word := text[:end]; isKey(word) || isTelephone(word) {
			out.WriteString(Hidden)
		} else {
			out.WriteString(word)
		}
		text = text[end:]
		if end = strings.IndexFunc(text, func(r rune) bool { return !breaksWord(r) }); end < 0 {
			end = len(text)
		}
		out.WriteString(text[:end])
		text = text[end:]
	}
	return out.String()
}

// breaksWord tells what neither keys nor the names of hosts are made of. A path is many words: a part of it may be a key.
func breaksWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".+-_~%", r)
}

// isKey tells whether a word is long, mixes letters with digits, and is no name of a host.
func isKey(word string) bool {
	const long = 16
	return len(word) >= long && strings.ContainsAny(word, "0123456789") && strings.ContainsFunc(word, unicode.IsLetter) && !isHost(word)
}

// isTelephone tells whether a word is a telephone number with its country, such as +14155550199. The plus may be escaped
// as in a URL.
func isTelephone(word string) bool {
	const short = 7
	digits, plus := strings.CutPrefix(word, "+")
	if !plus {
		digits, plus = strings.CutPrefix(word, "%2B")
	}
	digits = strings.TrimRight(digits, ".")
	return plus && len(digits) >= short && strings.Trim(digits, "0123456789-.") == ""
}

// isHost tells whether a word is the name of a host, such as us06.api.example.com: labels in lower case, of which the
// last has letters only and none is as long as a key.
func isHost(word string) bool {
	const longLabel = 32
	labels := strings.Split(strings.TrimSuffix(word, "."), ".")
	for _, label := range labels {
		if label == "" || len(label) >= longLabel || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return len(labels) > 1 && strings.Trim(labels[len(labels)-1], "abcdefghijklmnopqrstuvwxyz") == ""
}
