package program_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// allOperations are Zoom's, also those that the schema does not have.
func allOperations(t *testing.T) (all []*program.Operation) {
	t.Helper()
	facts, err := program.ReadFacts(programtest.Files(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, chapter := range facts {
		all = append(all, chapter.Operations...)
	}
	return all
}

// What each operation tells of or touches is written down, for people to judge.
func TestResources(t *testing.T) {
	t.Parallel()
	const golden = "testdata/resources.txt"
	var b strings.Builder
	for _, op := range allOperations(t) {
		fmt.Fprintf(&b, "%-60s %s\n", op.Op, strings.Join(op.Resources, " "))
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("resources changed; go test ./graph/program -update writes them anew:\n%s", diff)
	}
}

// After a write of which nothing is known all that is kept is read again, so that has to stay the exception. Whoever adds
// an operation to the list says why.
func TestWritesThatTouchEverything(t *testing.T) {
	t.Parallel()
	want := []string{
		"PATCH /accounts/{accountId}/lock_settings", // holds for all people, groups and rooms
		"PATCH /accounts/{accountId}/settings",
		"PUT /accounts/{accountId}/users/{userId}/account", // takes a person with all that is theirs
		"DELETE /users/{userId}",
		"PUT /users/{userId}/email", // an address stands in meetings, recordings, queues and channels
	}
	var got []string
	writes := 0
	for _, op := range allOperations(t) {
		if op.Reads() {
			continue
		}
		writes++
		if slices.Contains(op.Resources, program.Everything) {
			got = append(got, op.Op)
			if op.Touches == nil {
				t.Errorf("nothing says what %s touches: give it `touches` in docs/operations.yaml", op.Op)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || writes != 200 {
		t.Errorf("of %d writes (-want +got):\n%s", writes, diff)
	}
}

// Whoever writes something reads it afterwards as it is: the same path, the thing that it names and the list of those.
func TestWritesAreReadBack(t *testing.T) {
	t.Parallel()
	param := regexp.MustCompile(`\{\w+\}`)
	plain := func(text string) string { return param.ReplaceAllString(text, "{}") }
	all, compared := allOperations(t), 0
	reads := map[string]*program.Operation{}
	for _, op := range all {
		if op.Reads() {
			reads[plain(op.Path)] = op
		}
	}
	shared := func(read, write *program.Operation) bool {
		return slices.ContainsFunc(write.Resources, func(resource string) bool {
			return resource == program.Everything ||
				slices.ContainsFunc(read.Resources, func(told string) bool { return plain(told) == plain(resource) })
		})
	}
	for _, op := range all {
		if op.Reads() {
			continue
		}
		path := plain(op.Path)
		list := strings.TrimSuffix(path, "/{}")
		for _, path := range slices.Compact([]string{path, list}) {
			if read := reads[path]; read != nil {
				compared++
				if !shared(read, op) {
					t.Errorf("%s touches %q, and %s tells of %q", op.Op, op.Resources, read.Op, read.Resources)
				}
			}
		}
	}
	if compared < 120 {
		t.Errorf("only %d writes have a read of their path", compared)
	}
}

// A slip in a fact about resources would leave old answers believed, so it is a mistake.
func TestRefusedResources(t *testing.T) {
	t.Parallel()
	const facts = `- {chapter: A, operations: [{op: GET /rooms, id: a}, {op: "GET /rooms/{id}", id: b%s}, {op: "PATCH /rooms/{id}", id: c%s}]}`
	for name, test := range map[string]struct{ read, write, want string }{
		"none":                  {"", "", ""},
		"of both":               {`, tells: [rooms]`, `, touches: ["rooms/{id}", "rooms"]`, ""},
		"a read that touches":   {`, touches: [rooms]`, ``, "GET /rooms/{id} is a read"},
		"a write that tells":    {``, `, tells: [rooms]`, "PATCH /rooms/{id} is a write"},
		"of what nobody reads":  {``, `, touches: [room]`, `touches "room", of which no read tells`},
		"of what nobody writes": {`, tells: [room]`, ``, `tells of "room", which no write touches`},
		"no such parameter":     {``, `, touches: ["rooms/{roomId}"]`, `the path has no {roomId}`},
	} {
		_, err := program.ParseFacts(fmt.Appendf(nil, facts, test.read, test.write))
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
