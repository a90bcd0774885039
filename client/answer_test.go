package client

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"zoomgraph/internal/rawjson"
)

func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"empty":          "",
		"HTML":           "<html>maintenance</html>",
		"array":          `[{"id":"a"}]`,
		"null":           "null",
		"text":           `"ok"`,
		"truncated":      `{"schedule_meeting":{"host_video":tr`,
		"trailing bytes": `{"a":1}{"b":2}`,
		"unknown code":   `{"code":77,"message":"odd"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, err := dial(t, answer(200, body)).Do(t.Context(), settingsOf("u"))
			if !errors.Is(err, ErrUpstreamInvalidResponse) || res.Body != nil || res.Status != 200 || res.Attempts != 1 || res.Bytes != len(body) {
				t.Errorf("%+v, %v", res, err)
			}
		})
	}
}

func TestErrorsDisguisedAsAnswers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		body string
		want error
	}{
		{`{"code":1001,"message":"User does not exist"}`, ErrNotFound},
		{`{"code":300,"message":"Validation Failed.","errors":[{"field":"a","message":"b"}]}`, ErrBadUserInput},
		{`{"code":200,"message":"No permission."}`, ErrForbidden},
		{`{"errors":[],"message":"m","code":1001}`, ErrNotFound},
		{`{"\u006dessage":"m","code":1001}`, ErrNotFound},
		{`{"code":1001,"message":"m","id":"x"}`, nil},
		{`{"id":"x","code":1001,"message":"m"}`, nil},
		{`{"code":"1001","message":"m"}`, nil},
		{`{"code":1.5,"message":"m"}`, nil},
		{`{"code":1001,"message":null}`, nil},
		{`{"data":{"code":1001,"message":"m"}}`, nil},
		{`{"code":1001}`, nil},
	} {
		res, err := dial(t, answer(200, tc.body)).Do(t.Context(), settingsOf("u"))
		if !errors.Is(err, tc.want) || (err == nil) != (string(res.Body) == tc.body) {
			t.Errorf("%s: %s, %v", tc.body, res.Body, err)
		}
	}
}

// An answer that looks like an earlier one is read as any other.
func TestAnswersLikeEarlierOnes(t *testing.T) {
	t.Parallel()
	renamed := &Op{Method: "GET", Path: "/users/{userId}/settings", Renamed: map[string]string{"old": "new"}}
	for name, tc := range map[string]struct {
		op           *Op
		status       int
		before, body string
		known        bool
		want         string
		err          error
	}{
		"alike":            {nil, 200, `{"a":1,"b":{"c":"x"}}`, `{"a":[2],"b":{"c":null}}` + "\n", true, `{"a":[2],"b":{"c":null}}` + "\n", nil},
		"unlike":           {nil, 200, `{"a":1}`, `{"b":1}`, false, `{"b":1}`, nil},
		"not JSON":         {nil, 200, `{"a":1}`, `{"a":01}`, false, "", ErrUpstreamInvalidResponse},
		"not UTF-8":        {nil, 200, `{"a":"x"}`, "{\"a\":\"\xff\"}", false, `{"a":"` + "\uFFFD" + `"}`, nil},
		"an error":         {nil, 200, `{"code":"1001","message":"m"}`, `{"code":1001,"message":"m"}`, false, "", ErrNotFound},
		"a failure":        {nil, 400, `{"a":1}`, `{"a":1}`, false, "", ErrUpstreamInvalidResponse},
		"with other names": {renamed, 200, `{"old":1,"new":1}`, `{"old":1,"new":1}`, false, `{"new":1}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := settingsOf("u")
			if tc.op != nil {
				req.Op = tc.op
			}
			req.Shapes = new(rawjson.Shapes)
			req.Shapes.Parse([]byte(tc.before))
			res, err := dial(t, answer(tc.status, tc.body)).Do(t.Context(), req)
			if !errors.Is(err, tc.err) || string(res.Body) != tc.want || (res.Parsed.Text != nil) != tc.known {
				t.Errorf("%s, parsed %s, %v", res.Body, res.Parsed.Text, err)
			}
		})
	}
}

func TestBodyCutOff(t *testing.T) {
	t.Parallel()
	c := dial(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"a":1}`)
	})
	res, err := c.Do(t.Context(), updateOf("u"))
	if !errors.Is(err, ErrUpstreamInvalidResponse) || !errors.Is(err, io.ErrUnexpectedEOF) || res.Attempts != 1 {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestInvalidUTF8IsRepaired(t *testing.T) {
	t.Parallel()
	res, err := dial(t, answer(200, "{\"a\":\"x\xffy\"}")).Do(t.Context(), settingsOf("u"))
	if err != nil || string(res.Body) != "{\"a\":\"x\uFFFDy\"}" {
		t.Errorf("%s, %v", res.Body, err)
	}
}

func TestEmptyAnswerOfAWrite(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 202} {
		res, err := dial(t, answer(status, "")).Do(t.Context(), Request{Op: opUpdate, Path: []string{"u"}})
		if err != nil || res.Body != nil {
			t.Errorf("%d: %+v, %v", status, res, err)
		}
	}
}

func TestSizeLimits(t *testing.T) {
	t.Parallel()
	object := func(size int) string { return `{"a":"` + strings.Repeat("x", size-len(`{"a":""}`)) + `"}` }
	zipped := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "gzip" {
				t.Error("compression was not asked for")
			}
			var buf bytes.Buffer
			z := gzip.NewWriter(&buf)
			_, _ = io.WriteString(z, body)
			_ = z.Close()
			answer(200, buf.String(), "Content-Encoding", "gzip")(w, r)
		}
	}
	for name, tc := range map[string]struct {
		h    http.HandlerFunc
		want error
	}{
		"full":            {answer(200, object(maxAnswer)), nil},
		"one over":        {answer(200, object(maxAnswer+1)), ErrUpstreamInvalidResponse},
		"announced":       {answer(200, `{}`, "Content-Length", "1099511627776"), ErrUpstreamInvalidResponse},
		"zipped full":     {zipped(object(maxAnswer)), nil},
		"zipped one over": {zipped(object(maxAnswer + 1)), ErrUpstreamInvalidResponse},
		"header":          {answer(200, `{}`, "X-Large", strings.Repeat("x", maxHeader-1000)), nil},
		"header over":     {answer(200, `{}`, "X-Large", strings.Repeat("x", maxHeader+1000)), ErrUpstreamUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := dial(t, tc.h).Do(t.Context(), updateOf("u")); !errors.Is(err, tc.want) {
				t.Errorf("error %v, want %v", err, tc.want)
			}
		})
	}
}

func TestTrackingIDIsShowable(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{"WEB_1": "WEB_1", "a\tb": "", strings.Repeat("x", 129): ""} {
		if got := trackingID(http.Header{"X-Zm-Trackingid": {id}}); got != want {
			t.Errorf("%q: %q", id, got)
		}
	}
}

func TestLogIsScrubbed(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	c := dial(t, answer(400, `{"code":300,"message":"token-1 of ann@example.com, password: hunter2, key eyJhbGciOiJIUzUxMiJ9abc is odd"}`),
		func(cfg *Config) { cfg.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	_, err := c.Do(t.Context(), settingsOf("u"))
	for _, secret := range []string{"token-1", "ann@", "hunter2", "eyJhb"} {
		if strings.Contains(log.String(), secret) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s shows in %s or %v", secret, log.String(), err)
		}
	}
	if !strings.Contains(log.String(), "is odd") || strings.Contains(err.Error(), "is odd") {
		t.Errorf("Zoom's text belongs into the log only: %s, %v", log.String(), err)
	}
}
