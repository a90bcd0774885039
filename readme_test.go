package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The example that the README begins with costs the calls that it lists.
func TestReadmeCalls(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "--addr", "127.0.0.1:0")
	list := fencesOf(t, "README.md")
	at := slices.IndexFunc(list, func(f fence) bool { return f.lang == "" && strings.HasPrefix(f.code, "GET /") })
	first := slices.IndexFunc(list, func(f fence) bool { return f.lang == "graphql" })
	if at < 0 || first < 0 || first > at {
		t.Fatal("README.md has no query with its calls")
	}
	post(t, s.address, list[first].code)
	_, zoom, _ := strings.Cut(s.stdout.String(), "embedded sandbox at ")
	var log []struct{ Method, Path, Query string }
	if err := json.Unmarshal(get(t, addressPattern.FindString(zoom)+"/__log"), &log); err != nil {
		t.Fatal(err)
	}
	var calls []string
	for _, e := range log {
		if e.Path != "/oauth/token" {
			calls = append(calls, strings.TrimSuffix(e.Method+" "+e.Path+"?"+e.Query, "?"))
		}
	}
	documented := strings.Split(strings.TrimSpace(list[at].code), "\n")
	slices.Sort(calls)
	slices.Sort(documented)
	if !slices.Equal(calls, documented) {
		t.Errorf("the calls are %q", calls)
	}
}

// coverage is a place of a page that says how many of Zoom's operations can be asked, of how many.
var coverage = regexp.MustCompile(`<!-- coverage -->(.*?)<!-- end -->`)

// The README counts what can be asked.
func TestReadmeCounts(t *testing.T) {
	t.Parallel()
	operations := readPage(t, "docs/operations.yaml") // the program knows those only that can be asked
	all, covered := strings.Count(operations, "\n    - op: "), strings.Count(operations, "\n      state: covered\n")
	want := fmt.Sprintf("%d of %d documented operations", covered, all)
	if covered == all {
		want = fmt.Sprintf("all %d documented operations", all)
	}
	text := readPage(t, "README.md")
	switch found := coverage.FindAllStringSubmatch(text, -1); {
	case len(found) == 0:
		t.Error("README.md does not say how many operations there are")
	case found[0][1] == want:
	case *update:
		if err := os.WriteFile("README.md", []byte(coverage.ReplaceAllString(text, "<!-- coverage -->"+want+"<!-- end -->")), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("README.md says %q, and it is %q; go test . -run TestReadmeCounts -update mends it", found[0][1], want)
	}
}

// A newcomer is through with the README in five minutes.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	if n := strings.Count(readPage(t, "README.md"), "\n"); n > 150 {
		t.Errorf("README.md has %d lines; what is not for arriving belongs into docs", n)
	}
	setUp := slices.IndexFunc(fencesOf(t, "README.md"), func(f fence) bool { return f.lang == "sh" })
	if first := fencesOf(t, "README.md")[setUp]; first.code != "make run\nmake test\n" {
		t.Errorf("%s: to set it up takes two commands, not %q", first, first.code)
	}
}
