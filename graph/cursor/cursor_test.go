package cursor_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"zoomgraph/graph/cursor"
)

func box(t testing.TB, secret, owner string) *cursor.Box {
	t.Helper()
	b, err := cursor.NewBox([]byte(secret), owner)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func places() []cursor.Position {
	return []cursor.Position{
		{},
		{Size: 30, For: "AbCdEfGh", At: 1 << 31},
		{Token: "token-of-Zoom-with-32-characters", Skip: 300, Size: 300, For: "AbCdEfGh", Pages: 1000, At: 1_900_000_000},
		{Token: "\x00\xff", Skip: -1, With: "custom_attributes,host_key", For: "x", At: -1},
		{Token: "t", For: "AbCdEfGh", From: "2026-09-01", To: "2026-11-15", Piece: 2, Pages: 1, Size: 100, At: 1_900_000_000},
		{From: "2026-09-01"},
		{To: "2026-09-01"}, // not one position
		{With: strings.Repeat("x", 300), Token: strings.Repeat("y", 300)},
	}
}

// A position is the same after it was a cursor, and has one cursor only, whichever box of the secret and the owner made it.
func TestCursor(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range places() {
		text := box(t, "secret", "owner").Seal(p)
		if got, err := box(t, "secret", "owner").Open(text); err != nil || got != p {
			t.Errorf("%+v becomes %+v, %v", p, got, err)
		}
		if again := box(t, "secret", "owner").Seal(p); again != text || seen[text] {
			t.Errorf("%+v has the cursors %s and %s", p, text, again)
		}
		seen[text] = true
		if plain, _ := base64.RawURLEncoding.DecodeString(text); p.Token != "" && strings.Contains(string(plain), p.Token) {
			t.Errorf("the token of %+v is shown", p)
		}
		if included, ok := cursor.Included(text); !ok || strings.Join(included, ",") != p.With {
			t.Errorf("%+v includes %q, %v", p, included, ok)
		}
	}
	if got := len(box(t, "secret", "owner").Seal(places()[2])); got > 120 {
		t.Errorf("a usual cursor has %d characters", got)
	}
}

// What a box did not seal itself, for the same owner, it does not open.
func TestForeignCursors(t *testing.T) {
	t.Parallel()
	mine := box(t, "secret", "owner")
	for _, p := range places() {
		text := mine.Seal(p)
		foreign := map[string]string{
			"of another owner": box(t, "secret", "owne").Seal(p), "of another secret": box(t, "secre", "owner").Seal(p), "of no secret": box(t, "", "owner").Seal(p),
			"of a line too many": text + "\n", "of a line in between": text[:4] + "\r\n" + text[4:], "padded": text + "=", "cut": text[:len(text)-1], "empty": "",
			"spelled otherwise": strings.NewReplacer("-", "+", "_", "/").Replace(text) + "x",
			"of before":         base64.RawURLEncoding.EncodeToString([]byte(`{"s":1,"p":30,"f":"AbCdEfGh","a":1900000000}`)),
			"long":              strings.Repeat("A", 1<<20),
		}
		for i := range text {
			for _, c := range "A_9" {
				if changed := text[:i] + string(c) + text[i+1:]; changed != text {
					foreign["changed at "+text[:i]+string(c)] = changed
				}
			}
		}
		for name, text := range foreign {
			if got, err := mine.Open(text); err == nil {
				t.Errorf("a cursor %s leads to %+v", name, got)
			}
		}
	}
	mine, other := box(t, "", "owner"), box(t, "", "owner")
	if _, err := mine.Open(mine.Seal(cursor.Position{})); err != nil {
		t.Errorf("without a secret a box opens nothing: %v", err)
	}
	if _, err := other.Open(mine.Seal(cursor.Position{})); err == nil {
		t.Error("boxes without a secret open each other's cursors")
	}
}

func BenchmarkSeal(b *testing.B) {
	one, p := box(b, "secret", "owner"), places()[2]
	b.ReportAllocs()
	for b.Loop() {
		one.Seal(p)
	}
}
