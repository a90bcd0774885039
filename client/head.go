package client

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/textproto"
	"strings"
)

// This file reads the heads of ordinary answers. Start reading at readOrdinary.
//
// net/http reads what anybody may send: line by line, each value a string of its own, all
// in a map. Of an ordinary head one string is made here, in which a header is looked up
// when somebody asks for it. What is not plain by the strictest reading is net/http's,
// from the first byte of the answer on, so nothing odd is judged by two readers.

// Header has the headers of an answer. Names are in any case.
type Header interface {
	// Get is the first value of a header, or empty.
	Get(name string) string
}

// fields are the lines of an ordinary head behind its first, each with its end.
type fields string

// Get implements [Header].
func (f fields) Get(name string) string {
	for lines := string(f); lines != ""; {
		var line string
		line, lines, _ = strings.Cut(lines, "\r\n")
		if len(line) > len(name) && line[len(name)] == ':' && strings.EqualFold(line[:len(name)], name) {
			return line[len(name)+len(": "):]
		}
	}
	return ""
}

// all has them as net/http does.
func (f fields) all() http.Header {
	n := strings.Count(string(f), "\n")
	header, values := make(http.Header, n), make([]string, 0, n)
	for lines := string(f); lines != ""; {
		var line string
		line, lines, _ = strings.Cut(lines, "\r\n")
		name, value, _ := strings.Cut(line, ": ")
		name = textproto.CanonicalMIMEHeaderKey(name)
		values = append(values, value)
		if known := header[name]; known == nil {
			header[name] = values[len(values)-1 : len(values) : len(values)]
		} else {
			header[name] = append(known, value)
		}
	}
	return header
}

// headerOf is the header of an answer that a carrier brought.
func headerOf(answer *http.Response) Header {
	if b, ok := answer.Body.(*received); ok && answer.Header == nil {
		return b.fields
	}
	return answer.Header
}

// readOrdinary reads the head of an answer whose body has a known length. It is false
// where the head is not all in the buffer, or anything about it is unusual: nothing is
// read then. The header of the answer is left to be made.
func readOrdinary(in *bufio.Reader, answer *http.Response) (f fields, ok bool) {
	buffered, _ := in.Peek(in.Buffered())
	end := bytes.Index(buffered, []byte("\r\n\r\n"))
	if end < 0 {
		return "", false
	}
	first, rest, _ := strings.Cut(string(buffered[:end+2]), "\r\n")
	f = fields(rest)
	if !answerStatus(first, answer) || !f.areOrdinary() {
		return "", false
	}
	if answer.ContentLength, ok = digits(f.Get("Content-Length")); !ok {
		return "", false
	}
	answer.Proto, answer.ProtoMajor, answer.ProtoMinor = "HTTP/1.1", 1, 1
	_, _ = in.Discard(end + 4)
	return f, true
}

// answerStatus reads the first line of an answer that has a body.
func answerStatus(line string, answer *http.Response) bool {
	status, ok := strings.CutPrefix(line, "HTTP/1.1 ")
	if !ok || len(status) < len("200 O") || status[3] != ' ' || !isFieldValue(status[4:]) {
		return false
	}
	code, ok := digits(status[:3])
	answer.Status, answer.StatusCode = status, int(code)
	return ok && code >= http.StatusOK && code < 600 && code != http.StatusNoContent && code != http.StatusNotModified
}

// areOrdinary tells whether the lines are plain, and nothing but one length says how the
// answer is sent.
func (f fields) areOrdinary() bool {
	var lengths, pragmas, controls int
	for lines := string(f); lines != ""; {
		var line string
		line, lines, _ = strings.Cut(lines, "\r\n")
		name, value, ok := strings.Cut(line, ": ")
		if !ok || !isFieldName(name) || !isFieldValue(value) {
			return false
		}
		switch {
		case strings.EqualFold(name, "Content-Length"):
			lengths++
		case strings.EqualFold(name, "Connection") && !strings.EqualFold(value, "keep-alive"),
			strings.EqualFold(name, "Transfer-Encoding"), strings.EqualFold(name, "Trailer"):
			return false
		case strings.EqualFold(name, "Pragma"):
			pragmas++
		case strings.EqualFold(name, "Cache-Control"):
			controls++
		}
	}
	return lengths == 1 && (pragmas == 0 || controls > 0) // net/http takes one for the other
}

// digits reads a whole number that is nothing but digits, and not too many.
func digits(s string) (n int64, ok bool) {
	const most = 15
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' || i == most {
			return 0, false
		}
		n = 10*n + int64(s[i]-'0')
	}
	return n, s != ""
}

// isFieldName knows names of letters, digits and hyphens.
func isFieldName(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-':
		default:
			return false
		}
	}
	return s != ""
}

// isFieldValue knows values of characters that can be seen, with blanks between them.
func isFieldValue(s string) bool {
	for i := range len(s) {
		if s[i] != ' ' && !isPrinted(s[i]) {
			return false
		}
	}
	return s != "" && s[0] != ' ' && s[len(s)-1] != ' '
}

// measuredBody is a body of known length.
type measuredBody struct {
	from *bufio.Reader
	left int64
}

// Read implements io.Reader. The end is told with the last bytes, as net/http does.
func (b *measuredBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	switch {
	case b.left == 0:
		err = io.EOF
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
