package project

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zoomgraph/internal/rawjson"
)

// A leafWriter appends the GraphQL form of a JSON value to buf, or says why it cannot be written; then what it
// returns is buf as it was. What it appends is valid JSON whatever it is given.
type leafWriter func(buf, value []byte) ([]byte, fit)

type fit uint8

const (
	fits      fit = iota
	respelled     // it fits, but is spelled otherwise than the type is: as another kind of JSON, such as "100" for an Int, or a day without zeros
	differs       // a value of another type
	unknown       // an enum value that the schema does not have
)

// written tells whether the value could be written.
func (v fit) written() bool { return v == fits || v == respelled }

// scalar returns the writer of a scalar type. One without rules of its own holds any JSON value.
func scalar(name string) (write leafWriter, anyJSON bool) {
	switch name {
	case "String":
		return appendString, false
	case "Int":
		return orText(appendInt, isInteger), false
	case "Float":
		return orText(appendFloat, isNumber), false
	case "Boolean":
		return orText(appendBoolean, isBoolean), false
	case "ID":
		return appendID, false
	case "Long":
		return orText(appendLong, isInteger), false
	case "DateTime":
		return appendDateTime, false
	case "Date":
		return appendDate, false
	}
	return appendJSON, true
}

// orText reads a scalar also from a text that spells it exactly: "100", "-1.5e3" for a Float, "true". Nothing looser is
// read: neither " 100", "+5", "007" and "True", nor "100.0" and "1e2" for an Int.
func orText(write leafWriter, spells func(text []byte) bool) leafWriter {
	return func(buf, value []byte) ([]byte, fit) {
		buf, v := write(buf, value)
		if v != differs || !isString(value) {
			return buf, v
		}
		text := rawjson.Text(value)
		if !spells(text) {
			return buf, differs
		}
		if buf, v = write(buf, text); v == fits {
			v = respelled
		}
		return buf, v
	}
}

// appendString writes a number as its digits.
func appendString(buf, value []byte) ([]byte, fit) {
	switch {
	case isString(value):
		return appendUTF8(buf, value), fits
	case isNumber(value):
		return appendQuoted(buf, digits(value)), respelled
	}
	return buf, differs
}

// digits spells a number without fraction or exponent where it is a whole number of up to 64 bits.
func digits(number []byte) []byte {
	if n, ok := wholeNumber(number); ok && !isInteger(number) {
		return strconv.AppendInt(nil, n, 10)
	}
	return number
}

func appendQuoted(buf, text []byte) []byte {
	buf = append(buf, '"')
	buf = append(buf, text...)
	return append(buf, '"')
}

func appendInt(buf, value []byte) ([]byte, fit) {
	n, ok := wholeNumber(value)
	if !ok || n < math.MinInt32 || n > math.MaxInt32 {
		return buf, differs
	}
	return strconv.AppendInt(buf, n, 10), fits
}

func appendLong(buf, value []byte) ([]byte, fit) {
	n, ok := wholeNumber(value)
	if !ok {
		return buf, differs
	}
	return strconv.AppendInt(buf, n, 10), fits
}

func appendFloat(buf, value []byte) ([]byte, fit) {
	if !isNumber(value) {
		return buf, differs
	}
	if _, err := strconv.ParseFloat(string(value), 64); err != nil {
		return buf, differs // beyond what a Float can hold
	}
	return append(buf, value...), fits
}

func appendBoolean(buf, value []byte) ([]byte, fit) {
	if string(value) != "true" && string(value) != "false" {
		return buf, differs
	}
	return append(buf, value...), fits
}

func appendID(buf, value []byte) ([]byte, fit) {
	if isString(value) {
		return appendUTF8(buf, value), fits
	}
	if whole := digits(value); isInteger(whole) { // of any length
		return appendQuoted(buf, whole), fits
	}
	return buf, differs
}

// appendDateTime writes a moment, and one that Zoom writes with a space as ISO 8601 has it.
func appendDateTime(buf, value []byte) ([]byte, fit) {
	if !isString(value) {
		return buf, differs
	}
	text := rawjson.Text(value)
	if !isTime(string(text)) {
		return buf, differs
	}
	if i := bytes.IndexByte(text, ' '); i > 0 {
		return appendQuoted(buf, slices.Concat(text[:i], []byte("T"), text[i+1:])), fits
	}
	return append(buf, value...), fits
}

// appendDate writes the day of a moment, too, and one without zeros in front: 2022-04-1.
func appendDate(buf, value []byte) ([]byte, fit) {
	if !isString(value) {
		return buf, differs
	}
	day := rawjson.Text(value)
	if !isTime(string(day)) {
		at, err := time.Parse("2006-1-2", string(day))
		if err != nil {
			return buf, differs
		}
		return appendQuoted(buf, at.AppendFormat(nil, time.DateOnly)), respelled
	}
	if len(day) > len(time.DateOnly) {
		return appendQuoted(buf, day[:len(time.DateOnly)]), fits
	}
	return appendQuoted(buf, day), fits
}

// isTime knows the forms in which Zoom writes times: with a zone, local beside a time zone, and a date alone. Answers
// in polls have a space between day and time.
func isTime(s string) bool {
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

func appendJSON(buf, value []byte) ([]byte, fit) {
	if !json.Valid(value) {
		return buf, differs
	}
	return appendUTF8(buf, value), fits
}

// enum returns the writer of an enum type with Zoom's spelling of each of its values.
func enum(wires map[string]string) leafWriter {
	names := make(map[string]string, len(wires))
	for name, wire := range wires {
		names[wire] = `"` + name + `"`
	}
	return func(buf, value []byte) ([]byte, fit) {
		text, quoted := value, isString(value)
		switch {
		case quoted:
			text = rawjson.Text(value)
		case !isNumber(value):
			return buf, differs
		}
		name, ok := names[string(text)]
		if !ok && isNumber(text) {
			text = digits(text)
			name, ok = names[string(text)]
		}
		switch {
		case !ok:
			return buf, unknown
		case isInteger(text) == quoted: // Zoom sends those of whole numbers as numbers
			return append(buf, name...), respelled
		}
		return append(buf, name...), fits
	}
}

// appendUTF8 appends valid JSON with U+FFFD for each byte that is not UTF-8, as encoding/json reads it. Such bytes
// can only stand inside of strings.
func appendUTF8(buf, value []byte) []byte {
	if utf8.Valid(value) {
		return append(buf, value...)
	}
	return append(buf, string([]rune(string(value)))...)
}

// isString tells whether the value is a string by JSON's grammar; its bytes need not be UTF-8.
func isString(value []byte) bool {
	if len(value) < 2 || value[0] != '"' {
		return false
	}
	for i, c := range value[1:] {
		switch {
		case c == '"':
			return i == len(value)-2
		case c == '\\':
			return json.Valid(value)
		case c < ' ':
			return false
		}
	}
	return false
}

// isNumber tells whether the value is a number by JSON's grammar, with nothing around it.
func isNumber(value []byte) bool {
	if isInteger(value) {
		return true
	}
	end := len(value) - 1
	return end >= 0 && (value[0] == '-' || isDigit(value[0])) && isDigit(value[end]) && json.Valid(value)
}

// isInteger tells whether the value is a number by JSON's grammar without fraction and exponent.
func isInteger(value []byte) bool {
	if len(value) > 0 && value[0] == '-' {
		value = value[1:]
	}
	if len(value) == 0 || (value[0] == '0' && len(value) > 1) {
		return false
	}
	for _, c := range value {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// wholeNumber returns the number that a JSON number stands for; 6.0 and 1e2 count. ok is false for anything that is
// not a number, has a fraction, or needs more than 64 bits.
func wholeNumber(value []byte) (n int64, ok bool) {
	if isInteger(value) {
		n, err := strconv.ParseInt(string(value), 10, 64)
		return n, err == nil
	}
	if !isNumber(value) {
		return 0, false
	}
	d := decimalOf(value)
	if d.unreadable != "" || d.exponent < 0 || len(d.significant)+d.exponent > len("9223372036854775807") {
		return 0, false
	}
	n, err := strconv.ParseInt(d.sign+d.significant+strings.Repeat("0", d.exponent), 10, 64)
	return n, err == nil
}

// A decimal is the value of a JSON number: equal ones are one number, however they are spelled.
type decimal struct {
	sign        string // "-" or ""
	significant string // digits without zeros at either end; "0" for zero
	exponent    int    // how many zeros follow the digits
	unreadable  string // the number, where its exponent is beyond all reason
}

func decimalOf(number []byte) decimal {
	text, sign := string(number), ""
	if text[0] == '-' {
		text, sign = text[1:], "-"
	}
	text, power, scientific := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(text, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	significant := strings.TrimRight(digits, "0")
	if significant == "" {
		return decimal{significant: "0"}
	}
	exponent := 0
	if scientific {
		n, err := strconv.ParseInt(power, 10, 32)
		if err != nil {
			return decimal{unreadable: string(number)} // no text is long enough to make up for it
		}
		exponent = int(n)
	}
	return decimal{sign: sign, significant: significant, exponent: exponent + len(digits) - len(significant) - len(fraction)}
}

func isBoolean(value []byte) bool { return string(value) == "true" || string(value) == "false" }

func isNull(value []byte) bool { return string(value) == "null" }

// kindOf names the kind of a JSON value, for messages.
func kindOf(value []byte) string {
	switch {
	case len(value) == 0:
		return "nothing"
	case value[0] == '{':
		return "object"
	case value[0] == '[':
		return "list"
	case value[0] == '"':
		return "string"
	case isNull(value):
		return "null"
	case string(value) == "true", string(value) == "false":
		return "boolean"
	case isNumber(value):
		return "number"
	}
	return "malformed JSON"
}
