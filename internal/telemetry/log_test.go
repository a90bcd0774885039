package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"go.opentelemetry.io/otel/trace"

	"zoomgraph/client"
	"zoomgraph/internal/reqid"
	"zoomgraph/internal/telemetry"
)

// valued is a value that says itself what is logged of it.
type valued struct{ slog.Value }

func (v valued) LogValue() slog.Value { return v.Value }

type plain struct{ Name, Password string }

func TestRedact(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		log  func(log *slog.Logger)
		want string
	}{
		{
			"nothing", func(l *slog.Logger) {
				l.Info("5 calls", "operation", "user", "n", 5, "took", time.Second, "at", time.Time{})
			},
			`"msg":"5 calls","operation":"user","n":5,"took":1000000000,"at":"0001-01-01T00:00:00Z"`,
		},
		{
			"the message", func(l *slog.Logger) { l.Info("sent Bearer abc for ann@example.com", "n", 1) },
			`"msg":"sent Bearer [secret] for a***@example.com","n":1`,
		},
		{
			"names", func(l *slog.Logger) {
				l.Info("m", "client_secret", "abc", "n", 1, "pmiPassword", 123, "token", []byte("abc"))
			},
			`"msg":"m","client_secret":"[secret]","n":1,"pmiPassword":"[secret]","token":"[secret]"`,
		},
		{
			"names of what is no secret", func(l *slog.Logger) { l.Info("m", "tokenSent", true, "passwordAge", time.Second, "cookie", "") },
			`"msg":"m","tokenSent":true,"passwordAge":1000000000,"cookie":""`,
		},
		{
			"texts", func(l *slog.Logger) { l.Info("m", "url", "https://x.test?access_token=abc", "user", "ann@example.com") },
			`"msg":"m","url":"https://x.test?access_token=[secret]","user":"a***@example.com"`,
		},
		{"errors", func(l *slog.Logger) {
			l.Info("m", "error", fmt.Errorf("outer: %w", errors.New("Authorization: Bearer abc")), "nil", (*client.Error)(nil), "none", nil)
		}, `"msg":"m","error":"outer: Authorization: [secret]","nil":null,"none":null`},
		{"groups", func(l *slog.Logger) {
			l.Info("m", slog.Group("a", "n", 1, slog.Group("b", "x", "y", "password", "abc")), slog.Group("secrets", "n", 1), slog.Group("c", "n", 1))
		}, `"msg":"m","a":{"n":1,"b":{"x":"y","password":"[secret]"}},"secrets":"[secret]","c":{"n":1}`},
		{"values that say themselves", func(l *slog.Logger) {
			l.Info("m", "a", valued{slog.StringValue("Bearer abc")}, "b", valued{slog.GroupValue(slog.String("token", "abc"))}, "password", valued{slog.StringValue("abc")})
		}, `"msg":"m","a":"Bearer [secret]","b":{"token":"[secret]"},"password":"[secret]"`},
		{"others", func(l *slog.Logger) {
			l.Info("m", "a", plain{"Ann", "abc"}, "b", []string{"Bearer abc"}, "c", []byte("password=abc"), "d", func() {}, "e", json.RawMessage(`{"token":"abc"}`))
		}, `"msg":"m","a":"{\"Name\":\"Ann\",\"Password\":\"[secret]\"}","b":"[\"Bearer [secret]\"]","c":"password=[secret]","d":"0x`},
		{"what the logger has", func(l *slog.Logger) {
			l.With("token", "abc", "n", 1).WithGroup("g").With("password", "abc", "n", 2).WithGroup("h").Info("m", "cookie", "abc", "n", 3)
		}, `"msg":"m","token":"[secret]","n":1,"g":{"password":"[secret]","n":2,"h":{"cookie":"[secret]","n":3}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			test.log(slog.New(telemetry.Redact(slog.NewJSONHandler(&out, nil))))
			if !strings.Contains(out.String(), test.want) {
				t.Errorf("%swant %s", &out, test.want)
			}
		})
	}
}

// Loggers that were made from one another do not share what they were given.
func TestLoggersStandAlone(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	base := slog.New(telemetry.Redact(slog.NewJSONHandler(&out, nil))).WithGroup("g")
	for i := range 3 { // a slice that grew by ones has room for a fourth
		base = base.With("n", i)
	}
	a, b := base.With("a", 1), base.With("b", 1)
	nested := base.WithGroup("h").WithGroup("i")
	x, y := nested.WithGroup("x"), nested.WithGroup("y")
	a.WithGroup("").Info("m")
	b.Info("m")
	x.Info("m", "n", 1)
	y.Info("m", "n", 1)
	for _, want := range []string{
		`"g":{"n":0,"n":1,"n":2,"a":1}`, `"g":{"n":0,"n":1,"n":2,"b":1}`,
		`"g":{"n":0,"n":1,"n":2,"h":{"i":{"x":{"n":1}}}}`, `"g":{"n":0,"n":1,"n":2,"h":{"i":{"y":{"n":1}}}}`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%swant %s", &out, want)
		}
	}
}

// A request's records carry its id and that of its trace, outside of all groups, and each once.
func TestIDs(t *testing.T) {
	t.Parallel()
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}})
	ctx := trace.ContextWithSpanContext(reqid.With(t.Context(), "request-1"), span)
	for _, test := range []struct {
		ctx  context.Context
		args []any
		want string
	}{
		{ctx, []any{"n", 1}, `"g":{"n":1},"requestId":"request-1","traceId":"01000000000000000000000000000000"}`},
		{ctx, []any{"a", 1, "b", 2, "c", 3, "d", 4, "e", 5, "f", 6}, `"f":6},"requestId":"request-1","traceId":"01000000000000000000000000000000"}`},
		{reqid.With(t.Context(), "request-1"), []any{"n", 1}, `"g":{"n":1},"requestId":"request-1"}`},
		{t.Context(), []any{"n", 1}, `"msg":"m","g":{"n":1}}`},
	} {
		var out bytes.Buffer
		slog.New(telemetry.Redact(slog.NewJSONHandler(&out, nil))).WithGroup("g").InfoContext(test.ctx, "m", test.args...)
		if !strings.HasSuffix(strings.TrimSpace(out.String()), test.want) {
			t.Errorf("%swant %s", &out, test.want)
		}
	}
	var out bytes.Buffer
	slog.New(telemetry.Redact(slog.NewJSONHandler(&out, nil))).InfoContext(ctx, "m", "requestId", "request-1")
	if n := strings.Count(out.String(), "requestId"); n != 1 {
		t.Errorf("%d times: %s", n, &out)
	}
}

// The handler is one as slog wants them.
func TestHandlerContract(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := slogtest.TestHandler(telemetry.Redact(slog.NewJSONHandler(&out, nil)), func() []map[string]any {
		var records []map[string]any
		for line := range bytes.Lines(out.Bytes()) {
			var record map[string]any
			if err := json.Unmarshal(line, &record); err != nil {
				t.Fatal(err)
			}
			records = append(records, record)
		}
		return records
	})
	if err != nil {
		t.Error(err)
	}
}

// discard is a handler that costs nothing.
type discard struct{ slog.Handler }

func (discard) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }
func (discard) Handle(context.Context, slog.Record) error        { return nil }

// A record costs no memory where the level is off, and none where there is nothing to hide.
func TestRedactAllocatesNothing(t *testing.T) {
	log := slog.New(telemetry.Redact(discard{slog.DiscardHandler}))
	ctx := t.Context()
	attrs := []slog.Attr{slog.String("operation", "user"), slog.Int("status", 404), slog.Group("g", slog.String("label", "LIGHT"))}
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo} {
		if n := testing.AllocsPerRun(100, func() { log.LogAttrs(ctx, level, "zoom refused a call", attrs...) }); n != 0 {
			t.Errorf("%v: %v allocations", level, n)
		}
	}
}

func BenchmarkRedact(b *testing.B) {
	log := slog.New(telemetry.Redact(discard{slog.DiscardHandler}))
	attrs := []slog.Attr{slog.String("operation", "GET /users/{userId}"), slog.Int("status", 404), slog.String("text", "User does not exist: nobody.")}
	b.ReportAllocs()
	for b.Loop() {
		log.LogAttrs(b.Context(), slog.LevelInfo, "zoom refused a call", attrs...)
	}
}
