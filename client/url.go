package client

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"zoomgraph/internal/unseen"
)

// This file is the only place where the URL of a call is made. A path value may
// come from anybody, so it is escaped as one segment, and a value that some
// server or proxy on the way could read as more than one is refused.

const maxPathValue = 254 // bytes, unescaped

// target is where a call goes: the path twice, as its meaning and as its bytes,
// because net/http would otherwise choose an escaping of its own.
type target struct {
	path, rawPath, query string
}

// locate fills the values into the template of the operation's path, below base. They
// were examined.
func locate(base *url.URL, template string, req *Request) target {
	var space [128]byte
	path, raw := append(space[:0], base.Path...), []byte(nil) // raw: nil while it is the same as path
	if escaped := base.EscapedPath(); escaped != base.Path {
		raw = []byte(escaped)
	}
	for _, value := range req.Path {
		fixed, rest, _ := strings.Cut(template, "{")
		name, after, _ := strings.Cut(rest, "}")
		if encodedTwice(name, value) {
			value = url.PathEscape(value)
		}
		path, raw = extend(path, raw, fixed, fixed)
		path, raw = extend(path, raw, value, url.PathEscape(value))
		template = after
	}
	path, raw = extend(path, raw, template, template)
	to := target{path: string(path)}
	if to.rawPath = to.path; raw != nil {
		to.rawPath = string(raw)
	}
	if req.Seal == nil {
		to.query = encodeQuery(req.Query)
	}
	return to
}

// examine refuses values that cannot stand in the template of an operation's path, or
// in its query.
func examine(template string, req *Request, actsAsUser bool) *Error {
	if !actsAsUser && namesCaller(template) {
		return &Error{
			Code: CodeBadUserInput, Op: req.Op, Message: `this is about the user whose token is used, and an account's credentials belong to no user`,
			Hint: "ask with a user's own token: signed in with Zoom, or with --pass-through",
		}
	}
	values := req.Path
	for {
		_, rest, found := strings.Cut(template, "{")
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || len(values) == 0 {
			return internal(req.Op, fmt.Sprintf("%s was given %d path values", req.Op, len(req.Path)), nil)
		}
		fault := checkPathValue(name, values[0], actsAsUser)
		if fault == "" && req.Op.Subs && name == "accountId" && strings.EqualFold(values[0], "me") {
			fault = `must be the id of a sub account: Zoom does not do this for "me", the account that the token is of`
		}
		if fault != "" {
			return &Error{Code: CodeBadUserInput, Op: req.Op, Message: name + " " + fault, Fields: []string{name}}
		}
		template, values = after, values[1:]
	}
	if len(values) > 0 {
		return internal(req.Op, fmt.Sprintf("%s was given %d path values", req.Op, len(req.Path)), nil)
	}
	if name := blankIn(req.Query); name != "" {
		return &Error{Code: CodeBadUserInput, Op: req.Op, Message: name + " must not be only white space, nor hold such an entry", Fields: []string{name}}
	}
	return nil
}

// extend adds a part to a path and to its escaped form, which is nil while it is the
// same.
func extend(path, raw []byte, part, escaped string) (longer, longerRaw []byte) {
	if raw == nil && part != escaped {
		raw = slices.Clone(path)
	}
	if raw != nil {
		raw = append(raw, escaped...)
	}
	return append(path, part...), raw
}

// namesCaller tells whether an operation is about the user whose token is used,
// and nobody else: its path has "me" where others have a user's id.
func namesCaller(template string) bool {
	return strings.Contains(template, "/me/") || strings.HasSuffix(template, "/me")
}

// blankIn names a query parameter that has a blank value, or a blank entry in a list with commas; "" if none has.
func blankIn(query url.Values) string {
	for name, values := range query {
		if name != pageToken && isBlankIn(values) {
			return name
		}
	}
	return ""
}

func isBlankIn(values []string) bool {
	for _, value := range values {
		for entry := range strings.SplitSeq(value, ",") {
			if entry != "" && !isPrinted(entry[0]) && unseen.Blank(entry) {
				return true
			}
		}
	}
	return false
}

// checkPathValue says what is wrong with a parameter's value, in words that
// follow its name; empty if nothing is. Only a user's "me" needs that user's
// token: an account's "me" is the one whose credentials are used.
func checkPathValue(name, v string, actsAsUser bool) string {
	plain := isPlainText(v)
	switch {
	case v == "":
		return "must not be empty"
	case !plain && unseen.Blank(v):
		return "must not be only white space"
	case len(v) > maxPathValue:
		return fmt.Sprintf("must not be longer than %d bytes", maxPathValue)
	case !plain && !utf8.ValidString(v):
		return "must be valid UTF-8"
	case !plain && strings.ContainsFunc(v, unicode.IsControl):
		return "must not hold control characters"
	case hasDotSegment(v):
		return `must not be "." or "..", nor hold one as a path segment`
	case !actsAsUser && name == "userId" && strings.EqualFold(v, "me"):
		return `must be an id: "me" needs a user's own token`
	}
	return ""
}

// isPrinted tells whether a byte is a character that can be seen, by itself.
func isPrinted(b byte) bool { return '!' <= b && b <= '~' }

func isPlainText(s string) bool {
	for i := range len(s) {
		if !isPrinted(s[i]) {
			return false
		}
	}
	return true
}

// hasDotSegment looks for "." and ".." between slashes, also where they or the
// slashes are percent-encoded, however often.
func hasDotSegment(v string) bool {
	if !strings.ContainsAny(v, `/\%`) {
		return v == "." || v == ".."
	}
	v = strings.ToLower(v)
	for strings.Contains(v, "%25") {
		v = strings.ReplaceAll(v, "%25", "%")
	}
	v = strings.NewReplacer("%2e", ".", "%2f", "/", "%5c", "/", `\`, "/").Replace(v)
	for segment := range strings.SplitSeq(v, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// encodedTwice tells whether value is a meeting's or webinar's UUID that Zoom
// reads only when it is escaped twice. The parameters for ids take UUIDs too;
// an id is all digits, so a slash tells them apart.
func encodedTwice(name, value string) bool {
	switch name {
	case "meetingUUID", "WebinarUUID", "meetingId", "webinarId":
		return strings.HasPrefix(value, "/") || strings.Contains(value, "//")
	}
	return false
}

// encodeQuery leaves commas bare, as Zoom documents its lists of names.
func encodeQuery(q url.Values) string {
	for name, values := range q {
		if len(q) == 1 && len(values) == 1 && isBare(name) && isBare(values[0]) {
			return name + "=" + values[0]
		}
		return strings.ReplaceAll(q.Encode(), "%2C", ",")
	}
	return ""
}

// isBare tells whether a text stands in a query as it is.
func isBare(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '_', c == ',', c == '-', c == '.', c == '~':
		default:
			return false
		}
	}
	return true
}

// apply writes the target into a request's URL.
func (t target) apply(u *url.URL, scheme, host string) {
	u.Scheme, u.Host = scheme, host
	u.Path, u.RawPath, u.RawQuery = t.path, t.rawPath, t.query
}

// parseBase checks a configured URL: absolute, http or https, nothing behind its
// path. A slash at its end is dropped.
func parseBase(name, raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(raw, "/"))
	switch {
	case err != nil:
		return nil, fmt.Errorf("client: %s is not a URL", name)
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("client: %s must begin with https:// or http://", name)
	case u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("client: %s must be a host and a path only", name)
	}
	return u, nil
}

// hostFor is the host to call with tok: the configured one, or the regional one
// the token names, which counts only between hosts of the same domain of Zoom.
func hostFor(base *url.URL, tok Token) string {
	domain, own := strings.CutPrefix(base.Host, "api")
	if tok.APIURL == "" || base.Scheme != "https" || !own || domain != ".zoom.us" && domain != ".zoomgov.com" {
		return base.Host
	}
	u, err := url.Parse(tok.APIURL)
	if err != nil || u.Scheme != "https" || u.User != nil {
		return base.Host
	}
	host := strings.ToLower(u.Host)
	if !strings.HasSuffix(host, domain) || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
		return base.Host
	}
	return host
}
