package export

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"zoomgraph/graph"
)

func TestCell(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":                         "",
		"null":                     "null",
		"true":                     "true",
		"-5":                       "-5",
		"1.5e+3":                   "1.5e+3",
		`"both"`:                   "both",
		`""`:                       `""`,
		`"a,b"`:                    `"a,b"`,
		`"a\"b"`:                   `"a""b"`,
		`"a\nb"`:                   "\"a\nb\"",
		`"a\rb"`:                   "\"a\rb\"",
		`" a "`:                    `" a "`,
		`"\u00e4\ud834\udd1e"`:     "ä𝄞",
		`[ 1, "a" ]`:               `"[1,""a""]"`,
		`{ "a" : { "b" : null } }`: `"{""a"":{""b"":null}}"`,
		`"=1+1"`:                   "'=1+1",
		`"+1"`:                     "'+1",
		`"-1"`:                     "'-1",
		`"@SUM(A1)"`:               "'@SUM(A1)",
		`"\t1"`:                    "'\t1",
		`"\r1"`:                    "\"'\r1\"",
		`"\n1"`:                    "\"'\n1\"",
		`" =1"`:                    `' =1`,
		`"\u00a0=1"`:               "'\u00a0=1",
		`"\ufeff\u200b=1"`:         "'\ufeff\u200b=1",
		`"\u0000=1"`:               "'\x00=1",
		`"\"=1"`:                   `"'""=1"`,
		`"' =1"`:                   "'' =1",
		`"\uff1d1"`:                "'＝1",
		`"a=1"`:                    "a=1",
		`"'a"`:                     "'a",
		`"="`:                      "'=",
	} {
		if got := cell(json.RawMessage(value)); got != want {
			t.Errorf("%s is %q, want %q", value, got, want)
		}
	}
}

// Ids and addresses are texts as well, and a row is found again by its id.
func TestRowsOfOddUsers(t *testing.T) {
	t.Parallel()
	columns := []graph.Column{{Title: "a", Section: "s", Name: "a"}}
	for id, want := range map[string]string{
		"abc": "abc", "-abc": "'-abc", "=1": "'=1", "'x": "'x", "a,b": "a,b", "'-x": "''-x", `"q"`: `"q"`, "\n": "'\n",
	} {
		r := row{ExportedUser: graph.ExportedUser{ID: id, Email: "+tag@example.com"}, values: []json.RawMessage{[]byte("1")}}
		f := newForm(CSV, columns)
		record := f.row(r)
		cells, err := csv.NewReader(bytes.NewReader(record)).Read()
		if err != nil || cells[0] != want || cells[1] != "'+tag@example.com" || cells[2] != "1" || len(cells) != 4 {
			t.Errorf("%q is %q, %v", id, cells, err)
		}
		for _, f := range []form{f, newForm(NDJSON, columns)} {
			if got, err := f.recognise(f.row(r), false); got != id || err != nil {
				t.Errorf("%q is recognised as %q, %v", id, got, err)
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
		if _, err := next(newForm(format, nil), in); !errors.Is(err, broken) {
			t.Errorf("%s: error %v", format, err)
		}
	}
	endless := bufio.NewReader(strings.NewReader(`"` + strings.Repeat("\n", maxRecord+1)))
	if _, err := next(newForm(CSV, nil), endless); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a row of %d bytes: %v", maxRecord, err)
	}
}
