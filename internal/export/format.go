package export

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"zoomgraph/client"
	"zoomgraph/graph"
)

// Format is the form of an export's rows.
type Format string

// The formats.
const (
	CSV    Format = "csv"
	NDJSON Format = "ndjson"
)

// Style is how an export is written. Its zero value is a CSV file with commas.
type Style struct {
	// Format is CSV if not given.
	Format Format
	// Separator stands between the cells of a CSV file: a comma if not given.
	Separator rune
	// BOM begins a CSV file with a byte order mark, by which spreadsheets know it for UTF-8.
	BOM bool
}

// row is what is written of a user.
type row struct {
	graph.ExportedUser
	values  []json.RawMessage // a column each; nil is absent
	failure client.Code       // in place of values
}

// form writes records, which are the header and the rows, and recognises its own.
type form interface {
	// header is the record before the first row; empty where there is none.
	header() []byte
	row(r row) []byte
	// goesOn tells whether a record goes on behind a line of it; within tells whether it began in quotes.
	goesOn(line []byte, within bool) bool
	// recognise reads a record, the first one or a later one: the id in a row, "" in the header. The error says why it is
	// not one of this export.
	recognise(record []byte, first bool) (id string, err error)
	// opens tells whether a first record that is not whole may be one of an export.
	opens(half []byte) bool
}

// maxRecord bounds a row, in bytes: an answer of Zoom's is smaller, also with its quotes doubled.
const maxRecord = 16 << 20

// next reads a record. Its error is io.EOF at the end, and io.ErrUnexpectedEOF beside a record that is not whole.
func next(f form, in *bufio.Reader) (record []byte, err error) {
	for within := false; ; {
		line, err := in.ReadBytes('\n')
		record = append(record, line...)
		within = f.goesOn(line, within)
		switch {
		case errors.Is(err, io.EOF) && len(record) > 0:
			return record, io.ErrUnexpectedEOF
		case err != nil || !within:
			return record, err
		case len(record) > maxRecord:
			return nil, errors.New("it has a line that is too long to be a row")
		}
	}
}

func newForm(style Style, columns []graph.Column) form {
	if style.Format == NDJSON {
		return &ndjsonForm{columns: columns}
	}
	return &csvForm{separator: cmp.Or(style.Separator, ','), bom: style.BOM, columns: columns}
}

// differs says in which columns two exports differ.
func differs(has, wants []string) error {
	only := func(a, b []string) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(a), func(name string) bool { return slices.Contains(b, name) }), ", ")
	}
	more, less := only(has, wants), only(wants, has)
	switch {
	case more != "" && less != "":
		return fmt.Errorf("it has %s and lacks %s", more, less)
	case more != "":
		return fmt.Errorf("it has %s as well", more)
	case less != "":
		return fmt.Errorf("it lacks %s", less)
	}
	return errors.New("its columns are in another order")
}
