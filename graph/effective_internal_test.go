package graph

import "testing"

func TestComesDown(t *testing.T) {
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
		s := said{own: bytesOf(test.own), account: bytesOf(test.account), groups: []groupSays{{value: bytesOf(test.group)}}}
		o := s.comesDown(0)
		if string(o.value) != test.value || o.source != test.source || (o.group == 0) != (test.source == ofGroup) || o.locked {
			t.Errorf("own %q, group %q, account %q: %s of %s, group %d, want %s of %s", test.own, test.group, test.account, o.value, o.source, o.group, test.value, test.source)
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
