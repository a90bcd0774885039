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
// net/http reads what anybody may send: line by line, each value a string of its own. An
// ordinary head is read here from the buffer that it came in, and all its values are
// parts of one string. What is not plain by the strictest reading is net/http's, from
// the first byte of the answer on, so nothing odd is judged by two readers.

// readOrdinary reads the head of an answer whose body has a known length. It is false
// where the head is not all in the buffer, or anything about it is unusual: nothing is
// read then.
func readOrdinary(in *bufio.Reader, answer *http.Response) bool {
	buffered, _ := in.Peek(in.Buffered())
	end := bytes.Index(buffered, []byte("\r\n\r\n"))
	if end < 0 {
		return false
	}
	first, fields, _ := strings.Cut(string(buffered[:end+2]), "\r\n")
	if !answerStatus(first, answer) || !answerFields(fields, answer) {
		return false
	}
	answer.Proto, answer.ProtoMajor, answer.ProtoMinor = "HTTP/1.1", 1, 1
	_, _ = in.Discard(end + 4)
	return true
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

// answerFields reads the lines behind it.
func answerFields(lines string, answer *http.Response) bool {
	n := strings.Count(lines, "\n")
	header, values := make(http.Header, n), make([]string, 0, n)
	for lines != "" {
		var line string
		line, lines, _ = strings.Cut(lines, "\r\n")
		name, value, ok := strings.Cut(line, ": ")
		if !ok || !isFieldName(name) || !isFieldValue(value) {
			return false
		}
		name = textproto.CanonicalMIMEHeaderKey(name)
		values = append(values, value)
		if known := header[name]; known == nil {
			header[name] = values[len(values)-1 : len(values) : len(values)]
		} else {
			header[name] = append(known, value)
		}
	}
	answer.Header = header
	return isOrdinary(header, answer)
}

// isOrdinary tells whether nothing but a length says how an answer is sent, and takes
// over that.
func isOrdinary(header http.Header, answer *http.Response) (ok bool) {
	if header["Transfer-Encoding"] != nil || header["Trailer"] != nil || len(header["Content-Length"]) != 1 {
		return false
	}
	if header["Pragma"] != nil && header["Cache-Control"] == nil { // net/http takes one for the other
		return false
	}
	for _, value := range header["Connection"] {
		if !strings.EqualFold(value, "keep-alive") {
			return false
		}
	}
	answer.ContentLength, ok = digits(header["Content-Length"][0])
	return ok
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
