package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
)

const jsonType = "application/json;charset=UTF-8"

// answer is what a call gets. The zero answer is none: the connection breaks.
type answer struct {
	status int
	header http.Header // beyond what every answer carries; may be nil
	body   []byte
}

func ok(body []byte) answer { return answer{status: http.StatusOK, body: body} }

func created(body []byte) answer { return answer{status: http.StatusCreated, body: body} }

func done() answer { return answer{status: http.StatusNoContent} }

// with returns the answer with more headers; those it has already win.
func (a answer) with(more http.Header) answer {
	header := http.Header{}
	maps.Copy(header, more)
	maps.Copy(header, a.header)
	a.header = header
	return a
}

func (a answer) write(w http.ResponseWriter, trackingID string) {
	h := w.Header()
	if a.status != http.StatusNoContent {
		h.Set("Content-Type", jsonType)
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	if trackingID != "" {
		h.Set("X-Zm-Trackingid", trackingID)
	}
	maps.Copy(h, a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // an error means that the caller has left
}

// refusal is an error of the API: Zoom's code and message in its JSON shape.
type refusal struct {
	status int
	header http.Header

	Code    int            `json:"code"`
	Message string         `json:"message"`
	Errors  []fieldRefusal `json:"errors,omitempty"`
}

type fieldRefusal struct {
	Field   string `json:"field"` // a dotted path into the body
	Message string `json:"message"`
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %d %s", r.status, r.Code, r.Message) }

func (r *refusal) answer() answer {
	return answer{status: r.status, header: r.header, body: encode(r)}
}

func refuse(status, code int, format string, args ...any) *refusal {
	return &refusal{status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// invalid refuses a body, field by field.
func invalid(fields ...fieldRefusal) *refusal {
	r := refuse(http.StatusBadRequest, 300, "Validation Failed.")
	r.Errors = fields
	return r
}

func unknownPath(path string) *refusal {
	return refuse(http.StatusNotFound, 2300, "Nothing answers at %s.", path)
}

func wrongMethod(path, method, allowed string) *refusal {
	r := refuse(http.StatusMethodNotAllowed, 2300, "%s does not answer to %s.", path, method)
	r.header = http.Header{"Allow": {allowed}}
	return r
}

// answerTo turns the outcome of an operation into its answer.
func answerTo(a answer, err error) answer {
	if r := (*refusal)(nil); errors.As(err, &r) {
		return r.answer()
	}
	if err != nil {
		return refuse(http.StatusInternalServerError, 500, "%v", err).answer()
	}
	return a
}

// encode renders a value of this package's own types, which always can be.
func encode(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sandbox: %T cannot be JSON: %v", v, err))
	}
	return body
}
