package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"unicode/utf8"

	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/redact"
	"zoomgraph/internal/unseen"
)

// This file tells an answer from a failure. A 200 is an answer only if its body
// is one whole JSON object that is not an error in disguise. Any other status is
// Zoom's verdict only if the body is Zoom's error (problem.go); otherwise
// something on the way may have answered, and the error says so.

var errTooLarge = fmt.Errorf("the body is longer than %d bytes", maxAnswer)

// read makes the answer's body the Response's, or an error of it. broken is the
// error of reading it.
func (c *Client) read(ctx context.Context, out *call, tok Token, res *Response, body []byte, broken error) *Error {
	body = unseen.WithoutMark(body)
	invalid := func(message string) *Error {
		return &Error{Code: CodeUpstreamInvalidResponse, Op: out.Op, Status: res.Status, TrackingID: res.TrackingID, Message: message, Err: broken}
	}
	empty := len(bytes.TrimSpace(body)) == 0
	failed := res.Status < 200 || res.Status > 299
	switch {
	case failed:
	case errors.Is(broken, errTooLarge):
		return invalid("Zoom's answer is too large")
	case broken != nil:
		fail := invalid("Zoom's answer ends too early")
		fail.passing, fail.outage = true, true
		return fail
	case empty && out.Op.Method != http.MethodGet:
		return nil
	case empty:
		return invalid(fmt.Sprintf("Zoom answered HTTP %d without a body, where it has to send one", res.Status))
	}
	if !failed && c.oldNames(out.Op) == nil && res.known(out.Shapes, body) {
		return nil
	}
	if p, ok := problemIn(body, failed); ok {
		return c.refusal(ctx, out, tok, res, p)
	}
	if failed || !isObject(body) {
		return c.foreign(ctx, out, tok, res, body)
	}
	if !utf8.Valid(body) {
		body = bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	res.Body = c.today(out.Op, body)
	return nil
}

// known takes a body that looks like an earlier answer: it is JSON as that was, and
// no error, since it has none's code.
func (r *Response) known(shapes *rawjson.Shapes, body []byte) bool {
	parsed, known := shapes.Known(body)
	if _, hasCode := parsed.Member("code"); !known || hasCode || !utf8.Valid(body) {
		return false
	}
	r.Body, r.Parsed = body, parsed
	return true
}

// isObject tells whether body is one JSON object and nothing behind it.
func isObject(body []byte) bool {
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	return len(trimmed) > 0 && trimmed[0] == '{' && rawjson.Valid(trimmed)
}

// foreign is the error of an answer that is neither what was asked for nor Zoom's
// error. The beginning of its text goes to the log, since it may say who answered.
func (c *Client) foreign(ctx context.Context, out *call, tok Token, res *Response, body []byte) *Error {
	fail := outsider(res.Status, res.Header, body)
	fail.Op, fail.TrackingID = out.Op, res.TrackingID
	fail.RetryAfter = parseRetryAfter(res.Header.Get("Retry-After"), c.now())
	fail.Daily = fail.Code == CodeRateLimited && isDaily(res.Header)
	c.log.LogAttrs(ctx, slog.LevelWarn, "an answer is not in Zoom's form",
		slog.String("operation", out.Op.String()), slog.Int("status", res.Status), slog.String("contentType", fail.ContentType),
		slog.String("trackingId", res.TrackingID), slog.String("text", beginning(body, res.Status, tok.Value)))
	return fail
}

// refusal turns Zoom's error into ours. Zoom's text goes to the log and no
// further.
func (c *Client) refusal(ctx context.Context, out *call, tok Token, res *Response, p problem) *Error {
	zoomCode := p.code
	c.log.LogAttrs(ctx, slog.LevelInfo, "zoom refused a call",
		slog.String("operation", out.Op.String()), slog.Int("status", res.Status), slog.Int("code", zoomCode),
		slog.String("trackingId", res.TrackingID), slog.String("text", redact.Foreign(p.message, tok.Value)))

	scopes := missingScopes(p.message)
	meaning := zoomCode
	if meaning == 4700 && len(scopes) > 0 { // 4700 is the token's too; only the names tell
		meaning = 4711
	}
	v := judge(res.Status, meaning)
	fail := &Error{
		Code: v.code, Message: v.message, Hint: v.hint, Op: out.Op,
		ZoomCode: zoomCode, Status: res.Status, TrackingID: res.TrackingID,
		RetryAfter: parseRetryAfter(res.Header.Get("Retry-After"), c.now()),
		Fields:     p.fields,
	}
	switch {
	case res.Status >= http.StatusInternalServerError:
		fail.passing, fail.outage = serverFault(res.Status, zoomCode)
	case fail.Code == CodeScopeMissing:
		fail.MissingScopes = scopes
		if len(scopes) == 0 {
			fail.Hint = scopeHint(out.Op)
		}
	case fail.Code == CodeRateLimited:
		fail.Daily = isDaily(res.Header)
	case fail.expiredCursor(out.Request):
		fail.Code, fail.Message, fail.Hint = CodeCursorExpired, "the list's cursor is no longer valid", "start the list again"
	case fail.Code == CodeBadUserInput && len(fail.Fields) > 0:
		fail.Message += ": " + strings.Join(fail.Fields, ", ")
	}
	if out.Op.OfApp {
		fail.aboutApp()
	}
	return fail
}

// isDaily tells whether a limit is one of the day.
func isDaily(h Header) bool {
	return strings.Contains(strings.ToLower(h.Get("X-RateLimit-Type")), "daily")
}

// missingScopes reads the names in "… does not contain scopes:[a, b]", the one
// thing that Zoom says in a text only.
func missingScopes(text string) []string {
	_, after, found := strings.Cut(text, "scopes")
	list, _, closed := strings.Cut(strings.TrimLeft(after, ": "), "]")
	list, opened := strings.CutPrefix(list, "[")
	if !found || !closed || !opened {
		return nil
	}
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); isName(name) {
			names = append(names, name)
		}
	}
	return names
}

// scopeHint says which scopes an operation needs, where Zoom does not name those
// that are missing.
func scopeHint(op *Op) string {
	const last = "; activate the app again after that"
	classic, granular := strings.Join(op.Scopes, " or "), strings.Join(op.GranularScopes, " or ")
	switch {
	case classic == "" && granular == "":
		return "see in Zoom's documentation which scope " + op.String() + " needs, and add it to the app in Zoom's Marketplace" + last
	case granular == "":
		return "add the scope " + classic + " to the app in Zoom's Marketplace" + last
	case classic == "":
		return "add the granular scope " + granular + " to the app in Zoom's Marketplace" + last
	}
	return "add the scope " + classic + ", or the granular scope " + granular + ", to the app in Zoom's Marketplace" + last
}

// isName lets a name of Zoom's through to whoever reads our errors; free text,
// addresses and keys do not pass as one.
func isName(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-[]"
	return s != "" && len(s) <= 100 && strings.Trim(s, letters) == ""
}

// trackingID is Zoom's name for a call, where it sent one that can be shown.
func trackingID(h Header) string {
	id := h.Get("X-Zm-Trackingid")
	if len(id) > 128 || strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return id
}
