package export

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"zoomgraph/graph"
)

// The table is the console's as well.
func TestCell(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/cells.json")
	if err != nil {
		t.Fatal(err)
	}
	var table []struct {
		Value json.RawMessage
		Cell  string
	}
	if err := json.Unmarshal(text, &table); err != nil || len(table) < 40 {
		t.Fatalf("%d cells, %v", len(table), err)
	}
	f := &csvForm{separator: ','}
	for _, line := range table {
		if got := f.cell(line.Value, true); got != line.Cell {
			t.Errorf("%s is %q, want %q", line.Value, got, line.Cell)
		}
	}
	if got := f.cell(nil, true); got != "" {
		t.Errorf("what is absent is %q", got)
	}
	if got := f.cell(json.RawMessage("1.5e+3"), true); got != "1.5e+3" {
		t.Errorf("a number is %q", got)
	}
	if got := f.cell(json.RawMessage(`"-a;=b"`), false); got != "-a;=b" {
		t.Errorf("an id is %q", got)
	}
}

// What separates cells is in quotes, and a comma splits too where the file has another separator.
func TestSeparators(t *testing.T) {
	t.Parallel()
	for separator, want := range map[rune][]string{
		',':  {`"a,=b"`, "a;'=b", "a\t'=b", "a|'=b"},
		';':  {"a,'=b", `"a;'=b"`, "a\t'=b", "a|'=b"},
		'\t': {"a,'=b", "a;'=b", "\"a\t'=b\"", "a|'=b"},
		'|':  {"a,'=b", "a;'=b", "a\t'=b", `"a|'=b"`},
	} {
		f := &csvForm{separator: separator}
		for i, value := range []string{"a,=b", "a;=b", "a\t=b", "a|=b"} {
			encoded, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.cell(encoded, true); got != want[i] {
				t.Errorf("with %q %q is %q, want %q", separator, value, got, want[i])
			}
		}
	}
}

// Ids stay as they are, so that others find the row; addresses are texts.
func TestRowsOfOddUsers(t *testing.T) {
	t.Parallel()
	columns := []graph.Column{{Title: "a", Section: "s", Name: "a"}}
	for _, separator := range separators() {
		for _, id := range []string{"abc", "-GHFnf5", "=1", "'x", "a,b", "a;b|c\td", "'-x", `"q"`, "\n"} {
			r := row{ExportedUser: graph.ExportedUser{ID: id, Email: "+tag@example.com"}, values: []json.RawMessage{[]byte("1")}}
			f := newForm(Style{Separator: separator}, columns)
			record := f.row(r)
			in := csv.NewReader(bytes.NewReader(record))
			in.Comma = separator
			cells, err := in.Read()
			if err != nil || cells[0] != id || cells[1] != "'+tag@example.com" || cells[2] != "1" || len(cells) != 4 {
				t.Errorf("%q is %q, %v", id, cells, err)
			}
			for _, f := range []form{f, newForm(Style{Format: NDJSON}, columns)} {
				if got, err := f.recognise(f.row(r), false); got != id || err != nil {
					t.Errorf("%q is recognised as %q, %v", id, got, err)
				}
			}
		}
	}
}

// A file that cannot be read on does not look like one that ends.
func TestBrokenFile(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is broken")
	for _, format := range []Format{CSV, NDJSON} {
		in := bufio.NewReader(io.MultiReader(strings.NewReader(`{"id":"x`), iotest.ErrReader(broken)))
		if _, err := next(newForm(Style{Format: format}, nil), in); !errors.Is(err, broken) {
			t.Errorf("%s: error %v", format, err)
		}
	}
	endless := bufio.NewReader(strings.NewReader(`"` + strings.Repeat(strings.Repeat("x", 1023)+"\n", maxRecord/1024+1)))
	if _, err := next(newForm(Style{}, nil), endless); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a row of %d bytes: %v", maxRecord, err)
	}
}
