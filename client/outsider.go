package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"zoomgraph/internal/redact"
)

// This file is about answers that are not Zoom's: those of a proxy, a firewall, a
// captive portal, or of nobody who tells. They are no verdict on what was asked.

const (
	maxBeginning = 200     // characters of a foreign text in the log
	maxLooked    = 4 << 10 // bytes of it that are looked at for that
	maxMediaType = 100     // bytes
)

const outsiderHint = "a proxy, a firewall or a login page between this service and Zoom may have answered; the log has the beginning of its text"

// outsider is the error of an answer that is not in Zoom's form. Only the status
// counts, and only for what does no harm if somebody else meant it:
//
//	429          RATE_LIMITED: to slow down is right, whoever asks for it
//	5xx          UPSTREAM_UNAVAILABLE: whoever answered, Zoom did not
//	401          UPSTREAM_INVALID_RESPONSE, and reads are tried once with another token
//	all others   UPSTREAM_INVALID_RESPONSE: a thing is not missing, and nothing is
//	             forbidden, because something on the way says so
func outsider(status int, h Header, body []byte) *Error {
	fail := &Error{
		Code: CodeUpstreamInvalidResponse, Status: status, Foreign: true, ContentType: mediaType(h), Hint: outsiderHint,
		Message: "the answer is not in Zoom's form",
	}
	switch {
	case status == http.StatusTooManyRequests:
		fail.Code, fail.Message = CodeRateLimited, "a rate limit is reached, of Zoom or of something on the way to it"
	case status >= http.StatusInternalServerError:
		fail.Code, fail.Message = CodeUpstreamUnavailable, "Zoom failed to answer"
		fail.passing, fail.outage = serverFault(status, 0)
	case status >= 300 && status < 400:
		fail.Message = "the answer is a redirect, which is not followed"
	}
	fail.Message += fmt.Sprintf(": HTTP %d %s", status, described(fail.ContentType, body))
	return fail
}

// described says the content type of an answer, or that there is none.
func described(mediaType string, body []byte) string {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return "without a body"
	case mediaType == "":
		return "without a content type"
	}
	return "with " + mediaType
}

// mediaType is the type of an answer's body, without parameters; "" where none is
// told, or none that can be shown.
func mediaType(h Header) string {
	name, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || len(name) > maxMediaType {
		return ""
	}
	return name
}

// beginning is the start of a foreign text, fit for a log. JSON may be people's
// data: of that only what says who failed and why is shown, and with a status of
// success nothing.
func beginning(body []byte, status int, secrets ...string) string {
	body = body[:min(len(body), maxLooked)]
	if first := bytes.TrimSpace(body); len(first) > 0 && strings.ContainsRune(`{["`, rune(first[0])) {
		if status < 300 {
			return ""
		}
		body = []byte(faultIn(first))
	}
	text := redact.Foreign(string(bytes.ToValidUTF8(body, nil)), secrets...)
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= maxBeginning {
		return text
	}
	return string([]rune(text)[:maxBeginning])
}

// faultNames are names under which JSON says what is wrong, in lower case.
var faultNames = []string{"code", "message", "msg", "error", "error_description", "errormessage", "reason", "title", "detail", "details", "status", "statuscode"}

// faultIn finds what JSON says of a failure: texts and numbers under those names, at
// the top or one level below. JSON that is a text is that text. It may break off.
func faultIn(body []byte) string {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var said []string
	var names []string // of the members that lead to here; "" in a list
	var isKey []bool   // of each object or list around: whether a name comes next; in a list never
	for {
		token, err := d.Token()
		if err != nil {
			return strings.Join(said, ", ")
		}
		depth := len(isKey)
		switch token {
		case json.Delim('{'), json.Delim('['):
			names, isKey = append(names, ""), append(isKey, token == json.Delim('{'))
			continue
		case json.Delim('}'), json.Delim(']'):
			names, isKey = names[:depth-1], isKey[:depth-1]
		default:
			if depth > 0 && isKey[depth-1] {
				names[depth-1], isKey[depth-1] = fmt.Sprint(token), false
				continue
			}
			named := depth > 0 && slices.Contains(faultNames, strings.ToLower(names[depth-1]))
			if depth == 0 || named && depth <= 2 {
				said = append(said, strings.TrimPrefix(strings.Join(names, " ")+": ", ": ")+fmt.Sprint(token))
			}
		}
		if depth = len(isKey); depth > 0 && names[depth-1] != "" {
			isKey[depth-1] = true // the member is read
			names[depth-1] = ""
		}
	}
}
