package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"zoomgraph/graph"
	"zoomgraph/internal/rawjson"
)

// csvForm is RFC 4180: records end in CRLF, and a cell in quotes may hold anything.
type csvForm struct {
	separator rune
	bom       bool
	columns   []graph.Column
}

const byteOrderMark = "\ufeff"

func (f *csvForm) titles() []string {
	titles := []string{"id", "email"}
	for _, column := range f.columns {
		titles = append(titles, column.Title)
	}
	return append(titles, "error")
}

func (f *csvForm) header() []byte {
	header := strings.Join(f.titles(), string(f.separator)) + "\r\n"
	if f.bom {
		header = byteOrderMark + header
	}
	return []byte(header)
}

func (f *csvForm) row(r row) []byte {
	cells := []string{f.quote(r.ID), f.quote(f.defuse(r.Email))} // others find a row by the id, so it stays as it is
	for i, column := range f.columns {
		if i < len(r.values) {
			cells = append(cells, f.cell(r.values[i], column.Prose))
		} else {
			cells = append(cells, "")
		}
	}
	cells = append(cells, string(r.failure))
	return []byte(strings.Join(cells, string(f.separator)) + "\r\n")
}

// cell writes a value; prose is what people write. An empty string has quotes, to be told from what is absent.
func (f *csvForm) cell(value json.RawMessage, prose bool) string {
	if len(value) == 0 {
		return ""
	}
	if value[0] != '"' {
		return f.quote(f.defuseJSON(compact(value)))
	}
	text := string(rawjson.Text(value))
	if prose {
		text = f.defuse(text)
	}
	if text == "" {
		return `""`
	}
	return f.quote(text)
}

// compact is a JSON value without white space between its parts.
func compact(value json.RawMessage) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, value); err != nil { // the client lets no invalid answer through
		panic(err)
	}
	return b.Bytes()
}

func (f *csvForm) quote(text string) string {
	if !strings.ContainsAny(text, "\"\r\n"+string(f.separator)) && text == strings.TrimSpace(text) {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// goesOn is true within quotes, of which an odd number opens or closes.
func (f *csvForm) goesOn(line []byte, within bool) bool {
	odd := bytes.Count(line, []byte{'"'})%2 == 1
	return within != odd
}

func (f *csvForm) recognise(record []byte, first bool) (string, error) {
	in := csv.NewReader(bytes.NewReader(record))
	in.Comma = f.separator
	cells, err := in.Read()
	switch {
	case first:
		return "", f.compare(record)
	case err != nil:
		return "", fmt.Errorf("a line is no CSV: %w", err)
	case len(cells) != len(f.columns)+3:
		return "", fmt.Errorf("a line has %d cells in place of %d", len(cells), len(f.columns)+3)
	}
	return cells[0], nil
}

// compare refuses the header of another export.
func (f *csvForm) compare(header []byte) error {
	if bytes.Equal(header, f.header()) {
		return nil
	}
	text, bom := strings.CutPrefix(string(header), byteOrderMark)
	behind, found := strings.CutPrefix(text, "id")
	is := csvForm{separator: ',', bom: bom}
	for _, separator := range separators() {
		if strings.HasPrefix(behind, string(separator)+"email"+string(separator)) {
			is.separator = separator
		}
	}
	titles := strings.Split(strings.TrimRight(text, "\r\n"), string(is.separator))
	switch {
	case !found || len(titles) < 4 || titles[1] != "email":
		return errors.New("it does not begin as a CSV file of settings does")
	case is.separator != f.separator || is.bom != f.bom:
		return fmt.Errorf("it was written with %s, and not with %s; give what it was written with, or another file", is.options(), f.options())
	case slices.Equal(titles, f.titles()):
		return errors.New("another program has changed how its lines end")
	}
	return differs(titles, f.titles())
}

// options are the flags that a file is written with.
func (f *csvForm) options() string {
	names := map[rune]string{',': "comma", ';': "semicolon", '\t': "tab", '|': "pipe"}
	options := "--separator " + names[f.separator]
	if f.bom {
		return "--bom and " + options
	}
	return options + " alone"
}

func (f *csvForm) opens(half []byte) bool { return bytes.HasPrefix(f.header(), half) }
