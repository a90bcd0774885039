package client

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"zoomgraph/internal/redact"
)

// This file reads why a mint failed. Only a JSON error of the token endpoint
// refuses the credentials; a page of a proxy, a redirect or a fault do not.

// grantHints says what to do about an error of the token endpoint, by its OAuth
// name. Other names are not repeated: they are foreign text. The hint without a
// name is for them.
type grantHints map[string]string

func accountHints() grantHints {
	const app = "check that the app is a server-to-server OAuth app and that it is activated"
	return grantHints{
		"":                       "check the account id, the client id and the client secret, and that the app is activated",
		"invalid_client":         "check the client id and the client secret, and that the app is activated",
		"invalid_request":        "check the account id, and that the app is activated",
		"invalid_grant":          "check the account id, and that the app is activated",
		"unauthorized_client":    app,
		"unsupported_grant_type": app,
		"access_denied":          app,
		"invalid_scope":          app,
	}
}

func appHints() grantHints {
	const app = "check that the app of --zoom-chatbot-client-id has a chatbot, and that it is activated"
	return grantHints{
		"":                       "check the client id and the client secret of the chatbot's app, and that the app is activated",
		"invalid_client":         "check the client id and the client secret of the chatbot's app, and that the app is activated",
		"unauthorized_client":    app,
		"unsupported_grant_type": app,
		"access_denied":          app,
		"invalid_scope":          app,
	}
}

// refusal is the error of a mint that failed. What the token endpoint wrote goes
// to the log only, once until it changes.
func (s *mintedTokens) refusal(ctx context.Context, seen *glimpse, err error) *Error {
	if seen.status != 0 {
		return s.answered(ctx, seen)
	}
	fail := &Error{
		Code: CodeUpstreamAuthFailed, Message: "Zoom's token endpoint gave no answer that can be read", Err: err,
		Hint: "check --zoom-oauth-url, and what stands between this service and Zoom's token endpoint",
	}
	if request := (*url.Error)(nil); errors.As(err, &request) {
		fail.Err = request.Err // without the address, which is known
		fail.Message = "Zoom's token endpoint cannot be reached"
		if request.Timeout() {
			fail.Message = "Zoom's token endpoint did not answer in time"
		}
	}
	s.tell(ctx, fail, slog.String("reason", redact.Foreign(fail.Err.Error(), s.grant.ClientSecret)))
	return fail
}

// answered is the error of an answer that brought no token.
func (s *mintedTokens) answered(ctx context.Context, seen *glimpse) *Error {
	status := seen.status
	fail := &Error{Code: CodeUpstreamAuthFailed, Status: status}
	var told struct {
		Reason, Error, Message string
		Code                   json.Number
	}
	refused := Denies(seen.body) && json.Unmarshal(seen.body, &told) == nil
	text := ""
	if !refused {
		fail.Foreign, fail.ContentType = true, mediaType(seen.header)
		text = beginning(seen.body, status, s.grant.ClientSecret)
	}
	switch {
	case status >= http.StatusInternalServerError || status == http.StatusTooManyRequests:
		fail.Message = "Zoom's token endpoint failed"
		fail.Hint = "Zoom's token endpoint is asked again with the next request, and once a minute"
	case !refused:
		fail.Message = "Zoom's token endpoint gave no answer that can be read: " + answerKind(fail.ContentType)
		fail.Hint = "check --zoom-oauth-url, and what stands between this service and Zoom's token endpoint"
	default:
		fail.refused = true
		fail.Message, fail.Hint = "Zoom refuses "+s.kind.whose, s.kind.hints()[""]
		if hint, ok := s.kind.hints()[told.Error]; ok && told.Error != "" {
			fail.Message, fail.Hint = fail.Message+": "+told.Error, hint
		}
	}
	secret := s.grant.ClientSecret
	s.tell(ctx, fail, slog.Int("status", status), slog.String("oauthError", redact.Foreign(told.Error, secret)),
		slog.String("reason", redact.Foreign(told.Reason+told.Message, secret)), slog.String("text", text))
	return fail
}

// answerKind says the content type of an answer, such as text/html.
func answerKind(kind string) string {
	if kind == "" {
		return "it has no content type"
	}
	return "it is " + kind
}

// tell writes a trouble to the log unless it was the last one told.
func (s *mintedTokens) tell(ctx context.Context, fail *Error, more ...slog.Attr) {
	if was, _ := s.told.Swap(fail.Message).(string); was == fail.Message {
		return
	}
	attrs := append([]slog.Attr{slog.Any("error", redact.Plain(fail.Message)), slog.Any("hint", redact.Plain(fail.Hint))}, more...)
	s.log.LogAttrs(ctx, slog.LevelWarn, "there is no access token", attrs...)
}

// recovered writes to the log that mints work again, where it was told that they did not.
func (s *mintedTokens) recovered(ctx context.Context) {
	if was, _ := s.told.Swap("").(string); was != "" {
		s.log.LogAttrs(ctx, slog.LevelInfo, "zoom gives access tokens again")
	}
}
