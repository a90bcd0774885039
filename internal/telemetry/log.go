package telemetry

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/trace"

	"zoomgraph/internal/redact"
	"zoomgraph/internal/reqid"
)

// The attributes that every record about a request has.
const (
	requestKey = "requestId"
	traceKey   = "traceId"
)

// Redact returns a handler that takes secrets out of records before next gets them. The given secrets are hidden in all
// their spellings, a value that is named like a secret is hidden whole, and texts are treated as [redact.Text] does. A
// [redact.Plain] is shown as it is. A value that is neither a text nor a number becomes its text. Records with a context
// get the ids of the request and of its trace.
func Redact(next slog.Handler, secrets ...string) slog.Handler {
	return &redactor{next: next, known: redact.Known(secrets...)}
}

type redactor struct {
	next  slog.Handler
	known *redact.KnownSecrets
	// within are the groups that were opened and what was put into them, outermost first. They are kept back, since the
	// ids stand outside of all groups.
	within []group
}

type group struct {
	name  string
	attrs []slog.Attr
}

// Enabled implements slog.Handler.
func (h *redactor) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (h *redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	attrs = h.redactAll(attrs)
	if len(h.within) == 0 {
		return &redactor{next: h.next.WithAttrs(attrs), known: h.known}
	}
	within := slices.Clone(h.within)
	last := &within[len(within)-1]
	last.attrs = append(slices.Clip(last.attrs), attrs...)
	return &redactor{next: h.next, known: h.known, within: within}
}

// WithGroup implements slog.Handler.
func (h *redactor) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &redactor{next: h.next, known: h.known, within: append(slices.Clip(h.within), group{name: name})}
}

// Handle implements slog.Handler.
func (h *redactor) Handle(ctx context.Context, r slog.Record) error {
	if message := h.text(r.Message); len(h.within) > 0 || message != r.Message || h.touchy(r) {
		r = h.rewritten(r, message)
	}
	return h.next.Handle(ctx, identified(ctx, r))
}

// text is a text without secrets.
func (h *redactor) text(s string) string { return redact.Text(h.known.Hide(s)) }

// touchy tells whether a record holds what must not be written as it is.
func (h *redactor) touchy(r slog.Record) bool {
	found := false
	r.Attrs(func(a slog.Attr) bool {
		_, found = h.redact(a)
		return !found
	})
	return found
}

// rewritten is the record without secrets, and with the groups around its attributes.
func (h *redactor) rewritten(r slog.Record, message string) slog.Record {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		a, _ = h.redact(a)
		attrs = append(attrs, a)
		return true
	})
	for _, g := range slices.Backward(h.within) {
		all := append(slices.Clip(g.attrs), attrs...)
		attrs = []slog.Attr{{Key: g.name, Value: slog.GroupValue(all...)}}
	}
	out := slog.NewRecord(r.Time, r.Level, message, r.PC)
	out.AddAttrs(attrs...)
	return out
}

// identified is the record with the ids that ctx knows and the record does not.
func identified(ctx context.Context, r slog.Record) slog.Record {
	request := reqid.From(ctx)
	span := trace.SpanContextFromContext(ctx)
	if request == "" && !span.HasTraceID() {
		return r
	}
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == requestKey {
			request = ""
		}
		return request != ""
	})
	r = r.Clone()
	if request != "" {
		r.AddAttrs(slog.String(requestKey, request))
	}
	if span.HasTraceID() {
		r.AddAttrs(slog.String(traceKey, span.TraceID().String()))
	}
	return r
}

// redactAll redacts attributes; it returns the same slice where there is nothing to redact.
func (h *redactor) redactAll(attrs []slog.Attr) []slog.Attr {
	for i, a := range attrs {
		if _, changed := h.redact(a); !changed {
			continue
		}
		out := slices.Clone(attrs)
		for j := range out[i:] {
			out[i+j], _ = h.redact(out[i+j])
		}
		return out
	}
	return attrs
}

// redact is the attribute as it may be written, and whether that is another one.
func (h *redactor) redact(a slog.Attr) (redacted slog.Attr, changed bool) {
	if a.Value.Kind() == slog.KindLogValuer {
		a.Value, changed = a.Value.Resolve(), true
	}
	if redact.NamesSecret(a.Key) && mayBeSecret(a.Value) {
		return slog.String(a.Key, redact.Hidden), true
	}
	switch a.Value.Kind() {
	case slog.KindString:
		if text := h.text(a.Value.String()); text != a.Value.String() {
			return slog.String(a.Key, text), true
		}
	case slog.KindGroup:
		inner := a.Value.Group()
		if out := h.redactAll(inner); len(out) > 0 && &out[0] != &inner[0] {
			return slog.Attr{Key: a.Key, Value: slog.GroupValue(out...)}, true
		}
	case slog.KindAny:
		switch v := a.Value.Any().(type) {
		case nil:
		case redact.Plain:
			return slog.String(a.Key, string(v)), true
		default:
			return slog.String(a.Key, h.text(textOf(v))), true
		}
	default: // numbers and times
	}
	return a, changed
}

func mayBeSecret(v slog.Value) bool {
	switch v.Kind() {
	case slog.KindBool, slog.KindDuration, slog.KindTime:
		return false
	case slog.KindString:
		return v.String() != ""
	default:
		return true
	}
}

// textOf is the text of a value that is no plain one.
func textOf(v any) (text string) {
	defer func() {
		if recover() != nil { // a method that was called on nil
			text = fmt.Sprintf("!PANIC in %T", v)
		}
	}()
	switch v := v.(type) {
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	case []byte:
		return string(v)
	}
	if b, err := json.Marshal(v); err == nil {
		return string(b)
	}
	return fmt.Sprintf("%+v", v)
}
