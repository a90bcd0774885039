package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"zoomgraph/graph"
	"zoomgraph/internal/rawjson"
)

// csvForm is RFC 4180: records end in CRLF, and a cell in quotes may hold anything.
type csvForm struct{ columns []graph.Column }

func (f *csvForm) titles() []string {
	titles := []string{"id", "email"}
	for _, column := range f.columns {
		titles = append(titles, column.Title)
	}
	return append(titles, "error")
}

func (f *csvForm) header() []byte { return []byte(strings.Join(f.titles(), ",") + "\r\n") }

func (f *csvForm) row(r row) []byte {
	cells := []string{quote(defuse(r.ID)), quote(defuse(r.Email))}
	for i := range f.columns {
		if i < len(r.values) {
			cells = append(cells, cell(r.values[i]))
		} else {
			cells = append(cells, "")
		}
	}
	cells = append(cells, string(r.failure))
	return []byte(strings.Join(cells, ",") + "\r\n")
}

// cell writes a value. An empty string has quotes, to be told from what is absent.
func cell(value json.RawMessage) string {
	switch {
	case len(value) == 0:
		return ""
	case value[0] == '"':
		if text := string(rawjson.Text(value)); text != "" {
			return quote(defuse(text))
		}
		return `""`
	}
	return quote(string(compact(value)))
}

// compact is a JSON value without white space between its parts.
func compact(value json.RawMessage) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, value); err != nil { // the client lets no invalid answer through
		panic(err)
	}
	return b.Bytes()
}

func quote(text string) string {
	if !strings.ContainsAny(text, "\",\r\n") && text == strings.TrimSpace(text) {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// defuse puts an apostrophe before a text that a spreadsheet may take for a formula, also behind what an import may drop
// from its beginning.
func defuse(text string) string {
	seen := strings.TrimLeftFunc(text, func(r rune) bool {
		return r == '"' || r == '\'' || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	})
	if strings.IndexAny(seen, "=+-@＝＋－＠") == 0 || strings.IndexAny(text, "\t\r\n") == 0 {
		return "'" + text
	}
	return text
}

// goesOn is true within quotes, of which an odd number opens or closes.
func (f *csvForm) goesOn(line []byte, within bool) bool {
	odd := bytes.Count(line, []byte{'"'})%2 == 1
	return within != odd
}

func (f *csvForm) recognise(record []byte, first bool) (string, error) {
	cells, err := csv.NewReader(bytes.NewReader(record)).Read()
	switch {
	case first:
		return "", f.compare(record, cells)
	case err != nil:
		return "", fmt.Errorf("a line is no CSV: %w", err)
	case len(cells) != len(f.columns)+3:
		return "", fmt.Errorf("a line has %d cells in place of %d", len(cells), len(f.columns)+3)
	}
	id := cells[0]
	if bare := strings.TrimPrefix(id, "'"); defuse(bare) == id {
		id = bare
	}
	return id, nil
}

// compare refuses the header of another export.
func (f *csvForm) compare(header []byte, titles []string) error {
	switch {
	case bytes.Equal(header, f.header()):
		return nil
	case len(titles) < 4 || titles[0] != "id" || titles[1] != "email":
		return errors.New("it does not begin as a CSV file of settings does")
	case slices.Equal(titles, f.titles()):
		return errors.New("another program has changed how its lines end")
	}
	return differs(titles, f.titles())
}

func (f *csvForm) opens(half []byte) bool { return bytes.HasPrefix(f.header(), half) }
