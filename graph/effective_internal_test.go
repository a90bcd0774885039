package graph

import (
	"testing"

	"zoomgraph/graph/project"
)

func TestSourceOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ own, group, account, value, source string }{
		{"true", "true", "true", "true", ofAccount},
		{"true", "true", "false", "true", ofGroup},
		{"true", "false", "true", "true", ofUser},
		{"true", "false", "false", "true", ofUser},
		{"true", "", "true", "true", ofAccount},
		{"true", "", "false", "true", ofUser},
		{"true", "true", "", "true", ofGroup},
		{"true", "", "", "true", ofUser},
		{"", "true", "false", "true", ofGroup},
		{"", "", "true", "true", ofAccount},
		{"", "", "", "", ofNobody},
		{"1", "1.0", "", "1", ofGroup},
		{`{"a":1,"b":2}`, `{"b":2,"c":3}`, `{"b":2}`, `{"a":1,"b":2}`, ofAccount},
		{`{"a":1,"b":2}`, `{"b":2,"c":3}`, `{"b":4}`, `{"a":1,"b":2}`, ofGroup},
		{`{"a":{"b":[1,2]}}`, `{"a":{"b":[2,1]}}`, "", `{"a":{"b":[1,2]}}`, ofUser},
	} {
		value, source := sourceOf(project.Place{}, bytesOf(test.own), bytesOf(test.group), bytesOf(test.account))
		if string(value) != test.value || source != test.source {
			t.Errorf("own %q, group %q, account %q: %s of %s, want %s of %s", test.own, test.group, test.account, value, source, test.value, test.source)
		}
	}
}

// bytesOf is nil for what a level does not say.
func bytesOf(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}
