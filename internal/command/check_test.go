package command

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckDocuments(t *testing.T) {
	t.Parallel()
	const (
		one      = `query One($id: ID!) { user(id: $id) { email settings { inMeeting { chat } } } }`
		some     = `query Some { users(first: 20) { nodes { settings { inMeeting { chat } } } } }`
		any      = `query Any($n: Int) { users(first: $n) { nodes { settings { inMeeting { chat } } } } }`
		write    = `mutation Write { updateUser(id: "a", input: {dept: "A"}) { user { id } } }`
		mistaken = "query Mistaken {\n  user(id: 1) { emial }\n}"
		deep     = `query Deep { me { role { members { nodes { role { members { nodes { role { members { nodes { role { members { nodes { role { members { id } } } } } } } } } } } } } } } }`
	)
	for _, tt := range []struct {
		name   string
		docs   map[string]string
		table  []string // its lines, columns apart by one space
		faults []string // what the error has, each in a line of its own
	}{
		{"good ones", map[string]string{"b": some, "a": one, "c": write}, []string{
			"CALLS LIGHT MEDIUM HEAVY OPERATION DOCUMENT",
			"2 1 1 0 query One a",
			"21 0 21 0 query Some b",
			"1 1 0 0 mutation Write c",
		}, nil},
		{"none", nil, []string{"CALLS LIGHT MEDIUM HEAVY OPERATION DOCUMENT"}, nil},
		{"mistakes", map[string]string{"a": one, "b": mistaken, "c": deep, "d": "query"}, nil, []string{
			`document b, line 2: Cannot query field "emial" on type "User". Did you mean "email" or "pmi"?`,
			"document c, line 1: the document is too large: it has 16 levels, and at most 15 are allowed",
			"document d, line 1: ",
		}},
		{"dear ones", map[string]string{"a": one, "b": any}, []string{
			"CALLS LIGHT MEDIUM HEAVY OPERATION DOCUMENT",
			"2 1 1 0 query One a",
			"1004 0 1004 0 query Any b",
		}, []string{"document b, query Any: it may cost 1004 Zoom calls, and an operation is allowed 1000"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			content, err := json.Marshal(tt.docs)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "documents.json")
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			err = (Call{Stdout: &out}).checkDocuments(file, 1000)
			var table []string
			for line := range strings.Lines(out.String()) {
				table = append(table, strings.Join(strings.Fields(line), " "))
			}
			if got, want := strings.Join(table, "\n"), strings.Join(tt.table, "\n"); got != want {
				t.Errorf("printed\n%s\nwant\n%s", got, want)
			}
			if (err != nil) != (tt.faults != nil) {
				t.Fatalf("error %v", err)
			}
			if err == nil {
				return
			}
			lines := strings.Split(err.Error(), "\n")[1:]
			if len(lines) != len(tt.faults) {
				t.Fatalf("%d lines of errors, want %d: %v", len(lines), len(tt.faults), err)
			}
			for i, want := range tt.faults {
				if !strings.HasPrefix(lines[i], want) {
					t.Errorf("line %q, want %q", lines[i], want)
				}
			}
		})
	}
	if err := (Call{Stdout: io.Discard}).checkDocuments(filepath.Join(t.TempDir(), "missing.json"), 1); err == nil {
		t.Error("a file that is not there: no error")
	}
}
