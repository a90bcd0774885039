package command

import "testing"

func TestQuoted(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"": "''", "a,b": "a,b", "a b": "'a b'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "--x=1": "--x=1"} {
		if got := quoted(word); got != want {
			t.Errorf("%q is %s, want %s", word, got, want)
		}
	}
}
