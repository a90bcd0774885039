package scopes_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/scopes"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestReport(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		golden string
		files  []string
		write  func(*scopes.Report, io.Writer) error
	}{
		{"dashboard.txt", []string{"dashboard.graphql"}, (*scopes.Report).WriteText},
		{"write.txt", []string{"write.graphql"}, (*scopes.Report).WriteText},
		{"write.json", []string{"write.graphql"}, (*scopes.Report).WriteJSON},
		{"master.txt", []string{"master.graphql"}, (*scopes.Report).WriteText},
		{"chatbot.txt", []string{"chatbot.graphql"}, (*scopes.Report).WriteText},
		{"chatbot.json", []string{"chatbot.graphql"}, (*scopes.Report).WriteJSON},
		{"all.txt", []string{"dashboard.graphql", "write.graphql", "nothing.graphql"}, (*scopes.Report).WriteText},
		{"all.json", []string{"dashboard.graphql", "write.graphql", "nothing.graphql"}, (*scopes.Report).WriteJSON},
	} {
		t.Run(test.golden, func(t *testing.T) {
			t.Parallel()
			var files []string
			for _, file := range test.files {
				files = append(files, "testdata/"+file)
			}
			report, err := scopes.Read(programtest.Of(t), files...)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := test.write(report, &got); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", test.golden)
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("(-want +got), -update writes it anew:\n%s", diff)
			}
		})
	}
}

// Mistakes of all documents are told at once, each with its place.
func TestMistakes(t *testing.T) {
	t.Parallel()
	report, err := scopes.Read(programtest.Of(t), "testdata/write.graphql", "testdata/invalid.graphql", "testdata/unfinished.graphql", "testdata/fragment.graphql", "testdata/missing.graphql")
	if err == nil || report != nil {
		t.Fatalf("report %v, error %v", report, err)
	}
	want := []string{
		`testdata/invalid.graphql:3: Cannot query field "nickname"`,
		`testdata/invalid.graphql:4: Field "inMeeting" of type "UserInMeetingSettings" must have a selection of subfields`,
		`testdata/unfinished.graphql:3: Expected Name, found <EOF>`,
		`testdata/fragment.graphql:1: Fragment "F" is never used`,
		`open testdata/missing.graphql:`,
	}
	got := strings.Split(err.Error(), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d mistakes, want %d:\n%v", len(got), len(want), err)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("%s\nwant %s", got[i], want[i])
		}
	}
}
