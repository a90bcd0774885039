package graph

import (
	"strings"
	"testing"
)

// Zoom's answers have the ids of what was made in four forms, depending on their age.
func TestIDsMade(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`"a,b"`:                           "a b",
		`" a , b,"`:                       "a b",
		`""`:                              "",
		`"a"`:                             "a",
		`17`:                              "17",
		`["a","b"]`:                       "a b",
		`[1,"b",""]`:                      "1 b",
		`[{"id":"a","name":"b"}]`:         "a",
		`[{"id":123456789012},{"id":""}]`: "123456789012",
		`[]`:                              "",
	} {
		if got := strings.Join(idsMade([]byte(answer)), " "); got != want {
			t.Errorf("%s: %q, want %q", answer, got, want)
		}
	}
}
