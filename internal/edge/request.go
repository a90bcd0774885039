package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/internal/edge/document"
	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/unseen"
)

const (
	maxBody   = 1 << 20   // bytes of a POST's body
	usualBody = freeBytes // bytes that are enough for nearly all
	maxQuery  = 8 << 10   // bytes of a GET's query string
)

// received is a request that was read.
type received struct {
	graphql.RawParams
	start      time.Time          // when it came
	documentID string             // in place of the query
	known      *document.Document // of the query, where it is known by its spelling
	spelling   []byte             // of the query otherwise, as a JSON string, until forget; nil: it came in another way
	attached   *attached          // the files of a form, not read yet; nil unless it came as one
	text       *[]byte            // the body, to be used again; nil: it is not
}

// bodies are buffers for requests of the usual size.
var bodies = sync.Pool{New: func() any {
	b := make([]byte, 0, 2<<10)
	return &b
}}

// forget says that the spelling of the query is not needed any more.
func (in *received) forget() {
	if in.text != nil {
		bodies.Put(in.text)
		in.text, in.spelling = nil, nil
	}
}

// readRequest reads the request's GraphQL parameters; ctx has its deadline. The files of a form are not read yet; what will
// be kept of them is in files. Its errors are refusals.
func readRequest(ctx context.Context, w http.ResponseWriter, r *http.Request, files *spool, known *spellings) (in received, err error) {
	switch r.Method {
	case http.MethodPost:
		in, err = readPost(ctx, w, r, files, known)
	case http.MethodGet:
		in, err = readGet(r)
	default:
		err = refusal{why: wrongMethod, code: badUserInput, allow: "GET, POST", message: "use GET or POST here"}
	}
	if err != nil {
		return received{}, err
	}
	in.Headers = r.Header
	return in, nil
}

func readGet(r *http.Request) (received, error) {
	if len(r.URL.RawQuery) > maxQuery {
		return received{}, refusal{why: uriTooLong, code: badUserInput, message: fmt.Sprintf("the query string has more than %d bytes; send the request by POST", maxQuery)}
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return received{}, malformedf("the query string is not correctly percent-encoded")
	}
	for _, name := range parameters {
		switch given := values[name]; {
		case len(given) > 1:
			return received{}, misshapenf("parameter %q comes twice", name)
		case !utf8.ValidString(values.Get(name)):
			return received{}, malformedf("parameter %q is not UTF-8", name)
		}
	}
	in := received{
		RawParams:  graphql.RawParams{Query: values.Get("query"), OperationName: values.Get("operationName")},
		documentID: values.Get("documentId"),
	}
	if in.Variables, err = object("variables", values.Get("variables")); err != nil {
		return received{}, err
	}
	if in.Extensions, err = object("extensions", values.Get("extensions")); err != nil {
		return received{}, err
	}
	err = in.check("the query string")
	return in, err
}

// parameters are the names that mean something in a request.
var parameters = []string{"query", "documentId", "operationName", "variables", "extensions"}

// check refuses a request that names no document, or two.
func (in *received) check(what string) error {
	switch {
	case in.Query != "" && in.documentID != "":
		return misshapenf(`%s has both a "query" and a "documentId"; send one of them`, what)
	case in.Query == "" && in.documentID == "" && in.Extensions["persistedQuery"] == nil:
		return misshapenf(`%s has no "query" and no "documentId"`, what)
	}
	return nil
}

// object decodes a parameter that is a JSON object in a string; "" and null
// are none.
func object(name, value string) (map[string]any, error) {
	text := unseen.WithoutMark([]byte(value))
	if len(text) == 0 {
		return nil, nil
	}
	what := fmt.Sprintf("parameter %q", name)
	if err := checkShape(what, text); err != nil {
		return nil, err
	}
	var m map[string]any
	if err := decode(text, &m); err != nil {
		return nil, badJSON(what, err, text, "must be a JSON object")
	}
	return m, nil
}

func readPost(ctx context.Context, w http.ResponseWriter, r *http.Request, files *spool, known *spellings) (received, error) {
	boundary, err := checkContent(r.Header)
	if err != nil {
		return received{}, err
	}
	if boundary != "" {
		return readForm(ctx, w, r, boundary, files)
	}
	text, err := readBody(w, r)
	if err != nil {
		return received{}, err
	}
	in, err := parseKnown("the body", *text, known)
	if cap(*text) <= usualBody {
		in.text = text
	}
	return in, err
}

// parseKnown is parseRequest for requests of which most are known by the spelling of their query. The spelling that it
// returns is a part of text.
func parseKnown(what string, text []byte, known *spellings) (received, error) {
	at, quoted := queryIn(text)
	if doc := known.find(quoted); doc != nil {
		rest := withoutQuery(text[len(text):], text, at, quoted) // mostly in the same buffer, behind the request
		if in, err := parseParameters(what, rest); err == nil {
			in.Query, in.known = doc.Text, doc
			err = in.check(what)
			return in, err
		} // what is wrong is told of the whole text
	}
	in, err := parseRequest(what, text)
	in.spelling = quoted
	return in, err
}

// parseRequest reads a request written as JSON; what is how errors call it.
func parseRequest(what string, text []byte) (received, error) {
	in, err := parseParameters(what, text)
	if err != nil {
		return received{}, err
	}
	err = in.check(what)
	return in, err
}

func parseParameters(what string, text []byte) (received, error) {
	text = unseen.WithoutMark(text)
	if !utf8.Valid(text) {
		return received{}, malformedf("%s is not UTF-8", what)
	}
	switch first := bytes.TrimLeft(text, " \t\r\n"); {
	case len(first) == 0:
		return received{}, malformedf("%s is empty; it must be a JSON object with a query", what)
	case first[0] == '[':
		return received{}, misshapenf("%s is an array, but requests are not taken in batches; send one JSON object", what)
	case first[0] != '{':
		return received{}, misshapenf("%s must be a JSON object", what)
	}
	if err := checkShape(what, text, parameters...); err != nil {
		return received{}, err
	}
	sent, ok := take(text)
	if !ok {
		if err := decode(text, &sent); err != nil {
			return received{}, badJSON(what, err, text, "must be a JSON object")
		}
	}
	return received{
		RawParams: graphql.RawParams{
			Query: sent.Query, OperationName: sent.OperationName, Variables: sent.Variables, Extensions: sent.Extensions,
		},
		documentID: sent.DocumentID,
	}, nil
}

// sentParameters are a request's, as JSON has them.
type sentParameters struct {
	Query         string         `json:"query"`
	DocumentID    string         `json:"documentId"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
	Extensions    map[string]any `json:"extensions"`
}

// take is decode for requests in which nothing is wrong, for a part of the price: the document, which is nearly all of them,
// is copied once. What it does not take decode explains.
func take(text []byte) (sent sentParameters, ok bool) {
	if !json.Valid(text) {
		return sentParameters{}, false
	}
	for key, value := range rawjson.Pairs(text) {
		switch string(key) {
		case "query":
			ok = takeText(value, &sent.Query)
		case "documentId":
			ok = takeText(value, &sent.DocumentID)
		case "operationName":
			ok = takeText(value, &sent.OperationName)
		case "variables":
			sent.Variables, ok = takeObject(value)
		case "extensions":
			sent.Extensions, ok = takeObject(value)
		default:
			continue
		}
		if !ok {
			return sentParameters{}, false
		}
	}
	return sent, true
}

// takeText reads a string, or null, which says nothing.
func takeText(value []byte, into *string) bool {
	if value[0] == '"' {
		*into = string(rawjson.Text(value))
	}
	return value[0] == '"' || value[0] == 'n'
}

// checkContent accepts JSON in UTF-8, and a form behind a preflight header,
// neither of them compressed. It returns the boundary of a form's fields, empty
// for JSON.
func checkContent(header http.Header) (boundary string, err error) {
	unsupported := func(message string) (string, error) {
		return "", refusal{why: unsupportedMedia, code: badUserInput, message: message}
	}
	if encoding := header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return unsupported("the body is compressed; send it as it is, without Content-Encoding")
	}
	contentType := header.Get("Content-Type")
	switch contentType {
	case "application/json":
		return "", nil
	case "":
		return unsupported("there is no Content-Type; send application/json")
	}
	name, params, err := mime.ParseMediaType(contentType)
	switch boundary, charset := params["boundary"], params["charset"]; {
	case err == nil && name == "multipart/form-data":
		if boundary == "" || len(boundary) > maxBoundary {
			return "", malformedf("the Content-Type multipart/form-data must have a boundary of 1 to %d bytes", maxBoundary)
		}
		return boundary, checkPreflight(header)
	case err != nil || name != "application/json":
		return unsupported("the Content-Type is neither application/json nor, for uploads, multipart/form-data")
	case charset != "" && !strings.EqualFold(charset, "utf-8"):
		return unsupported("the body's charset must be utf-8")
	}
	return "", nil
}

// readBody reads a body into one of the buffers.
func readBody(w http.ResponseWriter, r *http.Request) (*[]byte, error) {
	if r.ContentLength > maxBody {
		return nil, tooLarge("the body", maxBody)
	}
	body := io.Reader(r.Body)
	if r.ContentLength < 0 { // otherwise no more comes
		body = http.MaxBytesReader(w, r.Body, maxBody)
	}
	text, _ := bodies.Get().(*[]byte)
	// No more is set aside than a usual request needs: what a header promises may never come.
	*text = slices.Grow((*text)[:0], int(min(max(r.ContentLength, 0), usualBody))+1)
	for {
		n, err := body.Read((*text)[len(*text):cap(*text)])
		*text = (*text)[:len(*text)+n]
		switch {
		case errors.Is(err, io.EOF):
			return text, nil
		case err != nil:
			return nil, bodyFault(err, "the body broke off")
		case len(*text) == cap(*text):
			*text = slices.Grow(*text, len(*text))
		}
	}
}

// bodyFault is the refusal of a body that could not be read; otherwise is what
// to say if it is neither its length nor its time.
func bodyFault(err error, otherwise string) error {
	var limit *http.MaxBytesError
	var full refusal
	switch {
	case errors.As(err, &full): // there is no room for it
		return full
	case errors.As(err, &limit):
		return tooLarge("the body", limit.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return refusal{why: bodyTooSlow, code: badUserInput, message: "the body did not arrive in time"}
	}
	return malformedf("%s", otherwise)
}

// errTrailing is what follows a complete JSON value.
var errTrailing = errors.New("trailing bytes")

// decode reads exactly one JSON value; numbers keep their digits.
func decode(text []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if rest := text[dec.InputOffset():]; len(bytes.TrimLeft(rest, " \t\r\n")) > 0 {
		return fmt.Errorf("%w from byte %d", errTrailing, dec.InputOffset())
	}
	return nil
}

// badJSON is the refusal of JSON that decode could not read. Whole is what to say
// if the value as a whole is of a wrong type.
func badJSON(what string, err error, text []byte, whole string) error {
	message := what + " " + describe(err, text, whole)
	if errors.As(err, new(*json.UnmarshalTypeError)) {
		return misshapenf("%s", message)
	}
	return malformedf("%s", message)
}

// describe says where and how text is not the JSON it should be, as the end of
// a sentence.
func describe(err error, text []byte, whole string) string {
	var (
		syntax *json.SyntaxError
		typ    *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &syntax):
		line, column := position(text, syntax.Offset)
		return fmt.Sprintf("is not valid JSON at byte %d (line %d, column %d)", syntax.Offset, line, column)
	case errors.As(err, &typ) && typ.Field != "":
		kind, _, _ := strings.Cut(typ.Value, " ")
		return fmt.Sprintf("must have %s as %q, not %s", wanted(typ), typ.Field, kind)
	case errors.As(err, &typ):
		return whole
	case errors.Is(err, errTrailing):
		return "has more behind the JSON object: " + err.Error()
	default:
		return fmt.Sprintf("is not valid JSON: it ends too early, after %d bytes", len(text))
	}
}

func wanted(typ *json.UnmarshalTypeError) string {
	if typ.Type.Kind().String() == "map" {
		return "an object or null"
	}
	return "a string"
}

// position is the line and column, from 1, of the byte that offset counts.
func position(text []byte, offset int64) (line, column int) {
	before := text[:max(0, min(int(offset), len(text))-1)]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')
}
