package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"zoomgraph/internal/sensitive"
)

// Hidden stands where a secret stood.
const Hidden = "[secret]"

// Text hides the secrets that can be told by what stands around them: a value behind the name of a secret and a colon
// or an equals sign, a value behind Bearer or Basic, a JSON Web Token, the user of a URL, and the secret parameters of
// one. E-mail addresses are shortened. Text returns the same string where there is nothing to hide.
func Text(text string) string {
	text = sensitive.HideParameters(text, Hidden)
	s := scrubber{text: text}
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case isWord(c):
			i = s.word(i)
		case c == ':' && strings.HasPrefix(text[i:], "://"):
			i = s.authority(i + len("://"))
		default:
			i++
		}
	}
	if s.kept == 0 && s.out.Len() == 0 {
		return text
	}
	s.out.WriteString(text[s.kept:])
	return s.out.String()
}

// scrubber copies a text with parts replaced. Its methods take where a part begins and return where the next one does.
type scrubber struct {
	text string
	out  strings.Builder
	kept int // up to here the text is copied or replaced
}

func (s *scrubber) replace(from, to int, with string) {
	s.out.WriteString(s.text[s.kept:from])
	s.out.WriteString(with)
	s.kept = to
}

// word looks at a word and at what belongs to it.
func (s *scrubber) word(start int) (next int) {
	end := start
	for end < len(s.text) && isWord(s.text[end]) {
		end++
	}
	word := s.text[start:end]
	if jwt := strings.Index(word, "eyJ"); jwt >= 0 && strings.Contains(word[jwt:], ".") {
		s.replace(start+jwt, end, Hidden)
		return end
	}
	if isScheme(word) {
		return s.credentials(word, end)
	}
	if from, ok := s.assigned(end); ok && NamesSecret(word) && !s.inPath(start, end) {
		return s.secret(word, from)
	}
	s.address(start, end)
	return end
}

// inPath tells whether a word is a part of a path, such as that of .../oauth/token": or of client/token.go:12. What ends
// in an equals sign is a name all the same.
func (s *scrubber) inPath(start, end int) bool {
	return start > 0 && s.text[start-1] == '/' && !strings.HasPrefix(s.text[end:], "=")
}

// credentials hides what stands behind Bearer or Basic. The latter is a word of English too, with others behind it.
func (s *scrubber) credentials(scheme string, at int) (next int) {
	start := at
	for start < len(s.text) && (s.text[start] == ' ' || s.text[start] == '\t') {
		start++
	}
	end := s.run(start)
	prose := strings.EqualFold(scheme, "basic") && strings.Trim(s.text[start:end], "abcdefghijklmnopqrstuvwxyz.:") == ""
	if start == at || end == start || prose {
		return at
	}
	return s.hide(start, end)
}

// hide replaces a value, and what belongs to it where it was a name itself.
func (s *scrubber) hide(start, end int) (next int) {
	value := s.text[start:end]
	s.replace(start, end, Hidden)
	if isScheme(value) {
		return s.credentials(value, end)
	}
	if from, ok := s.assigned(end); ok || strings.HasSuffix(value, ":") || strings.HasSuffix(value, "=") && NamesSecret(value) {
		return s.secret("", from)
	}
	return end
}

// assigned tells whether what precedes at is given a value, and where that begins: behind a colon or an equals sign.
// The name may be in quotes.
func (s *scrubber) assigned(at int) (value int, ok bool) {
	for at < len(s.text) && strings.IndexByte("\"'`\\ ", s.text[at]) >= 0 {
		at++
	}
	if at == len(s.text) || s.text[at] != ':' && s.text[at] != '=' {
		return at, false
	}
	for at < len(s.text) && strings.IndexByte(":=> [({", s.text[at]) >= 0 && !strings.HasPrefix(s.text[at:], Hidden) {
		at++
	}
	return at, true
}

// secret hides the value of something that is named like a secret, to the closing quote if it is in quotes.
func (s *scrubber) secret(name string, start int) (next int) {
	open := start
	for open < len(s.text) && s.text[open] == '\\' {
		open++
	}
	var end int
	switch {
	case open < len(s.text) && strings.IndexByte("\"'`", s.text[open]) >= 0:
		start, end = open+1, s.quoted(open)
	case isHeader(name):
		end = s.line(start)
	case strings.HasPrefix(s.text[start:], Hidden): // by somebody else
		return start + len(Hidden)
	default:
		end = s.run(start)
	}
	if end == start {
		return end
	}
	return s.hide(start, end)
}

// quoted is where the quotation that opens at ends. Within a quotation the quotes may be escaped, and then the closing
// one is as the opening one.
func (s *scrubber) quoted(open int) (end int) {
	quote := s.text[open]
	escaped := open > 0 && s.text[open-1] == '\\'
	for i := open + 1; i < len(s.text); i++ {
		switch {
		case s.text[i] == '\\' && escaped && strings.HasPrefix(s.text[i+1:], string(quote)):
			return i
		case s.text[i] == '\\':
			i++
		case s.text[i] == quote:
			return i
		}
	}
	return len(s.text)
}

// line is where the value of a header ends, which may stand in brackets as Go prints lists.
func (s *scrubber) line(start int) (end int) {
	stops := "\r\n"
	if s.text[start-1] == '[' {
		stops = "\r\n]"
	}
	if i := strings.IndexAny(s.text[start:], stops); i >= 0 {
		return start + i
	}
	return len(s.text)
}

// run is where a value ends that is not in quotes.
func (s *scrubber) run(start int) (end int) {
	if i := strings.IndexAny(s.text[start:], " \t\r\n\"'`&,;)]}<>"); i >= 0 {
		return start + i
	}
	return len(s.text)
}

// authority hides the user of a URL, who may have a password.
func (s *scrubber) authority(start int) (next int) {
	end := len(s.text)
	if i := strings.IndexAny(s.text[start:], "/?# \t\r\n\"'<>"); i >= 0 {
		end = start + i
	}
	if at := strings.LastIndexByte(s.text[start:end], '@'); at >= 0 {
		s.replace(start, start+at, Hidden)
		return start + at
	}
	return start
}

// address shortens an e-mail address, which may be escaped as in a URL.
func (s *scrubber) address(start, end int) {
	word := s.text[start:end]
	at := max(strings.LastIndexByte(word, '@'), strings.LastIndex(word, "%40"))
	if at <= 0 || isModule(word[at:]) {
		return
	}
	_, first := utf8.DecodeRuneInString(word)
	s.replace(start+first, start+at, "***")
}

// isModule tells the version of a Go module, as it stands in the paths of a stack, from the domain of an address.
func isModule(domain string) bool {
	return len(domain) > 2 && strings.HasPrefix(domain, "@v") && '0' <= domain[2] && domain[2] <= '9'
}

// isWord tells what names, keys and addresses are made of; of other scripts, every letter.
func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= utf8.RuneSelf || strings.IndexByte("._-+%~@", c) >= 0
}

func isScheme(word string) bool {
	return strings.EqualFold(word, "bearer") || strings.EqualFold(word, "basic")
}

// isHeader tells of which names the value goes on to the end of the line.
func isHeader(name string) bool {
	return containsName(name, "authorization") || containsName(name, "cookie")
}

// NamesSecret tells whether a name is that of a secret, in whatever way its words are joined.
func NamesSecret(name string) bool {
	for _, part := range [...]string{
		"password", "passcode", "passwd", "passphrase", "pwd", "secret", "token", "authorization", "bearer", "credential",
		"cookie", "apikey", "hostkey", "privatekey", "accesskey", "jwt", "starturl", "transfercode", "downloadurl", "streamkey", "leaderpin", "conferencecode", "pincode", "lockpin", "activationcode",
	} {
		if containsName(name, part) {
			return true
		}
	}
	return false
}

// containsName tells whether name contains part, which is in lower case, without regard to case and to the signs that
// join words.
func containsName(name, part string) bool {
	for i := range len(name) {
		if startsName(name[i:], part) {
			return true
		}
	}
	return false
}

func startsName(name, part string) bool {
	n := 0
	for i := 0; i < len(name) && n < len(part); i++ {
		switch c := name[i]; {
		case unicode.ToLower(rune(c)) == rune(part[n]):
			n++
		case strings.IndexByte("_-. ", c) < 0:
			return false
		}
	}
	return n == len(part)
}
