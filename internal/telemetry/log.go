package telemetry

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/trace"

	"zoomgraph/internal/reqid"
)

// The attributes that every record about a request has.
const (
	requestKey = "requestId"
	traceKey   = "traceId"
)

// Redact is a handler that frees records of secrets before next gets them: what is named like a secret is replaced, and
// in every text keys, tokens and what follows the name of a secret; of an e-mail address the first letter and the domain
// are left. A value that is no plain one becomes its text. Records with a context get the ids of the request and of its
// trace.
func Redact(next slog.Handler) slog.Handler { return &redactor{next: next} }

type redactor struct {
	next slog.Handler
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
	attrs = redactAll(attrs)
	if len(h.within) == 0 {
		return &redactor{next: h.next.WithAttrs(attrs)}
	}
	within := slices.Clone(h.within)
	last := &within[len(within)-1]
	last.attrs = append(slices.Clip(last.attrs), attrs...)
	return &redactor{next: h.next, within: within}
}

// WithGroup implements slog.Handler.
func (h *redactor) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &redactor{next: h.next, within: append(slices.Clip(h.within), group{name: name})}
}

// Handle implements slog.Handler.
func (h *redactor) Handle(ctx context.Context, r slog.Record) error {
	if message := scrub(r.Message); len(h.within) > 0 || message != r.Message || touchy(r) {
		r = h.rewritten(r, message)
	}
	return h.next.Handle(ctx, identified(ctx, r))
}

// touchy tells whether a record holds what must not be written as it is.
func touchy(r slog.Record) bool {
	found := false
	r.Attrs(func(a slog.Attr) bool {
		_, found = redact(a)
		return !found
	})
	return found
}

// rewritten is the record without secrets, and with the groups around its attributes.
func (h *redactor) rewritten(r slog.Record, message string) slog.Record {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		a, _ = redact(a)
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
func redactAll(attrs []slog.Attr) []slog.Attr {
	for i, a := range attrs {
		if _, changed := redact(a); !changed {
			continue
		}
		out := slices.Clone(attrs)
		for j := range out[i:] {
			out[i+j], _ = redact(out[i+j])
		}
		return out
	}
	return attrs
}

// redact is the attribute as it may be written, and whether that is another one.
func redact(a slog.Attr) (redacted slog.Attr, changed bool) {
	if a.Value.Kind() == slog.KindLogValuer {
		a.Value, changed = a.Value.Resolve(), true
	}
	if namesSecret(a.Key) && mayBeSecret(a.Value) {
		return slog.String(a.Key, hidden), true
	}
	switch a.Value.Kind() {
	case slog.KindString:
		if text := scrub(a.Value.String()); text != a.Value.String() {
			return slog.String(a.Key, text), true
		}
	case slog.KindGroup:
		inner := a.Value.Group()
		if out := redactAll(inner); len(out) > 0 && &out[0] != &inner[0] {
			return slog.Attr{Key: a.Key, Value: slog.GroupValue(out...)}, true
		}
	case slog.KindAny:
		if a.Value.Any() != nil {
			return slog.String(a.Key, scrub(textOf(a.Value.Any()))), true
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
