package edge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/internal/unseen"
)

// This file reads uploads, which come by the GraphQL multipart request
// convention: a form whose field "operations" is a request as JSON with null
// where a file belongs, whose field "map" names for each file the places of
// those nulls, and whose other fields are the files. readForm reads the first
// two; the files are read by intake, once nothing refuses the operation. A page
// of any site can make a browser send a form, with no question asked first; so
// a form needs a header that no form has.

const (
	maxForm       = 52 << 20 // bytes of a form
	maxFiles      = 5
	maxFormText   = 128 << 10 // bytes of "operations" and "map" together
	maxPartHeader = 8 << 10   // bytes of the header of a field, about
	maxBoundary   = 70        // bytes, as MIME has it
	maxFilename   = 255       // bytes
)

// preflightHeaders: an upload must send one of these headers.
func preflightHeaders() []string {
	return []string{"Apollo-Require-Preflight", "GraphQL-Require-Preflight", "X-Zoomgraph-Preflight"}
}

// checkPreflight refuses a form that a browser may have sent unasked.
func checkPreflight(header http.Header) error {
	names := preflightHeaders()
	if slices.ContainsFunc(names, func(name string) bool { return header.Get(name) != "" }) {
		return nil
	}
	return malformedf("multipart/form-data needs one of the headers %s, with any value, so that no other site's page can send it", strings.Join(names, ", "))
}

// readForm reads a form up to its files, which it leaves to received.attached. What of them is kept is in files.
func readForm(ctx context.Context, w http.ResponseWriter, r *http.Request, boundary string, files *spool) (received, error) {
	if files.who != nil {
		files.caller = files.who(ctx)
	}
	most := files.room.largest()
	if r.ContentLength > most {
		return received{}, tooLarge("the body", most)
	}
	body := files.counted(http.MaxBytesReader(w, r.Body, most))
	f := newForm(body, boundary)
	text, err := f.text("operations")
	if err != nil {
		return received{}, err
	}
	in, err := parseRequest(`"operations"`, text)
	if err != nil {
		return received{}, err
	}
	if text, err = f.text("map"); err != nil {
		return received{}, err
	}
	places, err := parseMap(text)
	if err != nil {
		return received{}, err
	}
	if err := reserve(in.Variables, places); err != nil {
		return received{}, err
	}
	in.attached = &attached{form: f, places: places, files: files, missing: func() int64 { return r.ContentLength - body.n }, unhurried: func() {
		if until, ok := ctx.Deadline(); ok {
			// Files take longer than the server grants a body; a writer that has no deadlines needs no more time.
			_ = http.NewResponseController(w).SetReadDeadline(until)
		}
	}}
	return in, nil
}

// form is a multipart body, read in its order.
type form struct {
	parts *multipart.Reader
	body  *bounded
	room  int // bytes that texts may still have
}

func newForm(body io.Reader, boundary string) *form {
	b := &bounded{r: body}
	return &form{parts: multipart.NewReader(b, boundary), body: b, room: maxFormText}
}

// next is the field that follows, or nil behind the last one. The field before
// must have been read to its end.
func (f *form) next() (*multipart.Part, error) {
	f.body.left = maxPartHeader
	part, err := f.parts.NextRawPart()
	f.body.left = maxForm
	switch {
	case err == io.EOF: // this very one: wrapped, it is the body's
		return nil, nil
	case err != nil && f.body.err != nil: // a header cut short may have been taken for a bad one
		return nil, formFault(f.body.err)
	case err != nil:
		return nil, formFault(err)
	}
	return part, nil
}

// text is the value of the next field, which must be the one called name.
func (f *form) text(name string) ([]byte, error) {
	part, err := f.next()
	if err != nil {
		return nil, err
	}
	if part == nil || part.FormName() != name {
		return nil, malformedf(`the form must have the fields "operations" and "map" and then the files, in this order, but has no %q in its place`, name)
	}
	text, err := io.ReadAll(io.LimitReader(part, int64(f.room)+1))
	if err != nil {
		return nil, formFault(err)
	}
	if f.room -= len(text); f.room < 0 {
		return nil, tooLarge(`"operations" and "map" together`, maxFormText)
	}
	return text, nil
}

// fill reads the rest of the form: one file for each name of slots. What is kept of them is in files.
func (f *form) fill(slots map[string][]slot, files *spool) error {
	for {
		part, err := f.next()
		if err != nil {
			return err
		}
		if part == nil {
			break
		}
		name := part.FormName()
		waiting, ok := slots[name]
		if !ok {
			return malformedf(`the file %s is not in "map", or comes twice`, shown(name))
		}
		delete(slots, name)
		upload, err := describeFile(part)
		if err != nil {
			return err
		}
		content, size, err := files.keep(part)
		if err != nil {
			return formFault(err)
		}
		upload.Size = size
		for _, fill := range waiting {
			upload.File = io.NewSectionReader(content, 0, size)
			fill(upload)
		}
	}
	if len(slots) > 0 {
		return malformedf(`the file %s is in "map", but does not come`, shown(slices.Min(slices.Collect(maps.Keys(slots)))))
	}
	return nil
}

// describeFile reads what a field says of its file: its name, and its type if
// it tells one.
func describeFile(part *multipart.Part) (graphql.Upload, error) {
	field, name := shown(part.FormName()), part.FileName()
	switch {
	case name == "":
		return graphql.Upload{}, malformedf("the field %s is not a file: it has no filename", field)
	case len(name) > maxFilename || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return graphql.Upload{}, malformedf("the filename of the file %s must be UTF-8 of at most %d bytes, without control characters", field, maxFilename)
	}
	upload := graphql.Upload{Filename: name}
	if given := part.Header.Get("Content-Type"); given != "" {
		kind, params, err := mime.ParseMediaType(given)
		if err != nil {
			return graphql.Upload{}, malformedf("the Content-Type of the file %s is not a media type", field)
		}
		upload.ContentType = mime.FormatMediaType(kind, params)
	}
	return upload, nil
}

// parseMap reads "map": the places of each file by the file's name.
func parseMap(text []byte) (map[string][]string, error) {
	text = unseen.WithoutMark(text)
	var places map[string][]string
	if err := checkShape(`"map"`, text); err != nil {
		return nil, err
	}
	if err := decode(text, &places); err != nil {
		return nil, badJSON(`"map"`, err, text, "must be a JSON object of arrays of strings")
	}
	if len(places) == 0 {
		return nil, malformedf(`"map" has no file; without one, send the request as application/json`)
	}
	if len(places) > maxFiles {
		return nil, refusal{why: bodyTooLarge, code: badUserInput, message: fmt.Sprintf(`"map" has more than %d files`, maxFiles)}
	}
	return places, nil
}

// slot puts a file into its place among the variables.
type slot func(graphql.Upload)

// reserve puts an empty file into each of the places, which must hold null. No two may be the same.
func reserve(variables map[string]any, places map[string][]string) error {
	for name, paths := range places {
		if len(paths) == 0 {
			return malformedf(`"map" names no variable for the file %s`, shown(name))
		}
		for _, path := range paths {
			at, fill := walk(variables, path)
			switch {
			case fill == nil:
				return malformedf(`"map" has the path %s, but "operations" has no such variable`, shown(path))
			case at != nil:
				return malformedf(`"map" has the path %s, where "operations" must have a null for one file`, shown(path))
			}
			fill(graphql.Upload{}) // no longer null: the next reader sees the value
		}
	}
	return nil
}

// slotsOf are the places that were reserved, among variables that were coerced since.
func slotsOf(variables map[string]any, places map[string][]string) map[string][]slot {
	slots := make(map[string][]slot, len(places))
	for name, paths := range places {
		for _, path := range paths {
			if _, fill := walk(variables, path); fill != nil {
				slots[name] = append(slots[name], fill)
			}
		}
	}
	return slots
}

// walk is what stands at a path such as variables.file or variables.files.0, and what replaces it; nil: there is no such
// place.
func walk(variables map[string]any, path string) (at any, fill slot) {
	at = map[string]any{"variables": variables}
	for name := range strings.SplitSeq(path, ".") {
		found := false
		switch holder := at.(type) {
		case map[string]any:
			at, found = holder[name]
			fill = func(u graphql.Upload) { holder[name] = u }
		case []any:
			i, err := strconv.ParseUint(name, 10, 31)
			if found = err == nil && i < uint64(len(holder)); found {
				at = holder[i]
				fill = func(u graphql.Upload) { holder[i] = u }
			}
		}
		if !found {
			return nil, nil
		}
	}
	return at, fill
}

// checkUploads refuses files that came with another operation than a mutation,
// or in place of a value that is not an Upload: scalars without a shape of
// their own would take anything.
func checkUploads(schema *ast.Schema, op *ast.OperationDefinition, places map[string][]string) error {
	if op.Operation != ast.Mutation {
		return malformedf("a %s cannot be sent as multipart/form-data; send it as application/json", op.Operation)
	}
	for _, path := range slices.Concat(slices.Collect(maps.Values(places))...) {
		segments := strings.Split(path, ".")[1:]
		def := op.VariableDefinitions.ForName(segments[0])
		if def == nil || !takesUpload(schema, def.Type, segments[1:]) {
			return malformedf(`"map" has the path %s, where the operation takes no Upload`, shown(path))
		}
	}
	return nil
}

// takesUpload follows path, of fields and indexes, into t.
func takesUpload(schema *ast.Schema, t *ast.Type, path []string) bool {
	for _, name := range path {
		if t.Elem != nil {
			t = t.Elem
			continue
		}
		field := schema.Types[t.NamedType].Fields.ForName(name)
		if field == nil {
			return false
		}
		t = field.Type
	}
	return t.NamedType == "Upload"
}

// formFault is the refusal of a form that could not be read, or the error of
// keeping its files.
func formFault(err error) error {
	var (
		disk *fs.PathError
		full refusal
	)
	switch {
	case errors.As(err, &full):
		return full
	case errors.Is(err, errHeader):
		return tooLarge("the header of a field of the form", maxPartHeader)
	case errors.As(err, &disk):
		return err
	}
	return bodyFault(err, "the body is not multipart/form-data, or it broke off")
}

// shown is a name of the client's as a message may repeat it.
func shown(name string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
	if name == "" || len(name) > 64 || strings.Trim(name, plain) != "" {
		return fmt.Sprintf("(a name of %d bytes)", len(name))
	}
	return strconv.Quote(name)
}

// errHeader is the error of a bounded reader past its bound.
var errHeader = errors.New("the header is too long")

// bounded gives out so much of a reader as left allows.
type bounded struct {
	r    io.Reader
	left int
	err  error // the one it ended with
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (n int, err error) {
	if b.left <= 0 {
		b.err = errHeader
		return 0, b.err
	}
	n, b.err = b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, b.err
}
