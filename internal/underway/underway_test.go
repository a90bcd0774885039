package underway_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/underway"
)

// A resource is busy from the beginning of a write to its end, and ten seconds longer if nobody knows what became of it.
func TestBusy(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	book := underway.New(func() time.Time { return now })
	busy := func(when, want string) {
		t.Helper()
		got := ""
		for _, resource := range []string{"a", "b", "c"} {
			if book.Busy("z", resource) {
				got += resource
			}
		}
		if got != want {
			t.Errorf("%s: %q is busy, want %q", when, got, want)
		}
	}
	busy("at first", "")
	one := book.Begin("a", "b")
	busy("one is under way", "ab")
	two := book.Begin("b", "c")
	busy("two are", "abc")
	if one.Token == two.Token {
		t.Errorf("two writes are %q", one.Token)
	}
	book.End(one, true)
	busy("one has ended", "bc")
	book.End(two, false)
	now = now.Add(underway.Doubt - time.Millisecond)
	busy("the other is in doubt", "bc")
	three := book.Begin("a")
	open := book.Open()
	if !slices.Equal(open, []*underway.Write{three, two}) {
		t.Errorf("open: %v", open)
	}
	for _, w := range open {
		if !strings.HasPrefix(w.Token, book.Name) || len(w.Token) != len(one.Token) {
			t.Errorf("the token %q in the book %q", w.Token, book.Name)
		}
	}
	now = now.Add(time.Millisecond)
	busy("the doubt is over", "a")
	book.End(three, true)
	busy("all have ended", "")
}

func BenchmarkBusy(b *testing.B) {
	book := underway.New(time.Now)
	b.Run("nothing is under way", func(b *testing.B) {
		for b.Loop() {
			book.Busy("*", "users/a", "lists")
		}
	})
	book.Begin("users/b")
	b.Run("another is", func(b *testing.B) {
		for b.Loop() {
			book.Busy("*", "users/a", "lists")
		}
	})
}
