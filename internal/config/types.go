package config

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// FieldFilter says whether settings are asked for by name.
type FieldFilter string

// The values of FieldFilter.
const (
	FieldFilterAuto FieldFilter = "auto"
	FieldFilterOn   FieldFilter = "on"
	FieldFilterOff  FieldFilter = "off"
)

// UnmarshalText accepts auto, on and off, and true and false for the latter
// two.
func (f *FieldFilter) UnmarshalText(text []byte) error {
	switch v := FieldFilter(text); v {
	case FieldFilterAuto, FieldFilterOn, FieldFilterOff:
		*f = v
	case "true":
		*f = FieldFilterOn
	case "false":
		*f = FieldFilterOff
	default:
		return fmt.Errorf("%q is not one of auto, on and off", text)
	}
	return nil
}

// HTTPStatus is which draft of GraphQL over HTTP decides on statuses.
type HTTPStatus string

// The values of HTTPStatus.
const (
	CurrentStatus HTTPStatus = "current"
	Draft2026     HTTPStatus = "draft2026"
)

// UnmarshalText accepts the values above.
func (h *HTTPStatus) UnmarshalText(text []byte) error {
	switch v := HTTPStatus(text); v {
	case CurrentStatus, Draft2026:
		*h = v
		return nil
	}
	return fmt.Errorf("%q is neither current nor draft2026", text)
}

// Executor is what executes queries.
type Executor string

// The values of Executor.
const (
	ExecutorPlanned Executor = "planned"
	ExecutorGqlgen  Executor = "gqlgen"
)

// UnmarshalText accepts planned and gqlgen.
func (e *Executor) UnmarshalText(text []byte) error {
	return oneOf(e, text, ExecutorPlanned, ExecutorGqlgen)
}

// LogFormat is the form of the log's lines.
type LogFormat string

// The values of LogFormat.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// UnmarshalText accepts text and json.
func (f *LogFormat) UnmarshalText(text []byte) error {
	return oneOf(f, text, LogText, LogJSON)
}

// LogLevel is the least level that is logged.
type LogLevel slog.Level

// Level implements slog.Leveler.
func (l LogLevel) Level() slog.Level { return slog.Level(l) }

// UnmarshalText accepts debug, info, warn and error.
func (l *LogLevel) UnmarshalText(text []byte) error {
	switch string(text) {
	case "debug":
		*l = LogLevel(slog.LevelDebug)
	case "info":
		*l = LogLevel(slog.LevelInfo)
	case "warn":
		*l = LogLevel(slog.LevelWarn)
	case "error":
		*l = LogLevel(slog.LevelError)
	default:
		return fmt.Errorf("%q is not one of debug, info, warn and error", text)
	}
	return nil
}

// Secret is a string that formatting, JSON and logging do not show; convert it
// to string to use it.
type Secret string

const redacted = "[redacted]"

// String hides the secret.
func (Secret) String() string { return redacted }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return redacted }

// LogValue hides the secret from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the secret from encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// onOff is kong's mapper for booleans, which also takes the words that the
// help uses.
type onOff struct{}

// IsBool tells kong that the flag alone means true.
func (onOff) IsBool() bool { return true }

// Decode implements kong.Mapper.
func (onOff) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		target.SetBool(true)
		return nil
	}
	switch value := fmt.Sprint(ctx.Scan.Pop().Value); strings.ToLower(value) {
	case "on", "true", "yes", "1":
		target.SetBool(true)
	case "off", "false", "no", "0":
		target.SetBool(false)
	default:
		return fmt.Errorf("%q is not one of on and off", value)
	}
	return nil
}

// duration is kong's mapper for time.Duration, with a message for people.
func duration(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("duration", &text); err != nil {
		return err
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is not a duration, such as 30s or 1m30s", text)
	}
	target.SetInt(int64(d))
	return nil
}

// oneOf sets v to the one of the values that text spells.
func oneOf[T ~string](v *T, text []byte, values ...T) error {
	names := make([]string, len(values))
	for i, value := range values {
		if names[i] = string(value); string(text) == names[i] {
			*v = value
			return nil
		}
	}
	return fmt.Errorf("%q is not one of %s", text, join(names))
}
