package world

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
)

// Answer is what a call gets. The zero answer is none: the connection breaks.
type Answer struct {
	Status int
	Header http.Header // beyond what every answer carries; may be nil
	Body   []byte
	File   string // the media type of a file, of which a caller may ask for ranges; "" for JSON
}

// OK answers a read.
func OK(body []byte) Answer { return Answer{Status: http.StatusOK, Body: body} }

// Created answers a write that made something.
func Created(body []byte) Answer { return Answer{Status: http.StatusCreated, Body: body} }

// Done answers any other write.
func Done() Answer { return Answer{Status: http.StatusNoContent} }

// With returns the answer with more headers; those it has already win.
func (a Answer) With(more http.Header) Answer {
	header := http.Header{}
	maps.Copy(header, more)
	maps.Copy(header, a.Header)
	a.Header = header
	return a
}

// Refusal is an error of the API: Zoom's code and message in its JSON shape.
type Refusal struct {
	Status int         `json:"-"`
	Header http.Header `json:"-"`

	Code    int            `json:"code"`
	Message string         `json:"message"`
	Errors  []FieldRefusal `json:"errors,omitempty"`
}

// FieldRefusal says what is wrong with one field of a body.
type FieldRefusal struct {
	Field   string `json:"field"` // a dotted path into the body
	Message string `json:"message"`
}

func (r *Refusal) Error() string { return fmt.Sprintf("%d %d %s", r.Status, r.Code, r.Message) }

// Answer is the refusal as Zoom sends it.
func (r *Refusal) Answer() Answer {
	return Answer{Status: r.Status, Header: r.Header, Body: Encode(r)}
}

// Refuse makes a refusal.
func Refuse(status, code int, format string, args ...any) *Refusal {
	return &Refusal{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Invalid refuses a body, field by field.
func Invalid(fields ...FieldRefusal) *Refusal {
	r := Refuse(http.StatusBadRequest, 300, "Validation Failed.")
	r.Errors = fields
	return r
}

// Encode renders a value of the sandbox's own types, which always can be.
func Encode(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sandbox: %T cannot be JSON: %v", v, err))
	}
	return body
}
