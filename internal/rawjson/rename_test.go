package rawjson

import "testing"

func TestRename(t *testing.T) {
	t.Parallel()
	names := map[string]string{"old": "new", "old.id": "key", "id": "key", "a.b.c": "d"}
	for value, want := range map[string]string{
		`{"old":[{"id":1,"n":2},{"id":3}],"x":{"id":4}}`: `{"new":[{"key":1,"n":2},{"key":3}],"x":{"id":4}}`,
		`{"id":"x"}`:                       `{"key":"x"}`,
		`{"id":"x","key":"y"}`:             `{"key":"y"}`,
		`{"a":{"b":[[{"c":1}],null,"c"]}}`: `{"a":{"b":[[{"d":1}],null,"c"]}}`,
		`{"a":{"b":{"c":{"c":1}}},"c":1}`:  `{"a":{"b":{"d":{"c":1}}},"c":1}`,
		`[{"id":1}]`:                       `[{"key":1}]`,
		`{}`:                               `{}`, `[]`: `[]`, `"old"`: `"old"`, ``: ``,
	} {
		if got := string(Rename([]byte(value), names)); got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
}

func TestRenameLooselyWritten(t *testing.T) {
	t.Parallel()
	loose := []byte(` { "old" : "none" , "e\u0061": [ ] } `)
	if got, want := string(Rename(loose, map[string]string{"old": "new"})), `{"new":"none","ea":[]}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
