package reqid_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"zoomgraph/internal/reqid"
)

func TestAccept(t *testing.T) {
	t.Parallel()
	allowed := regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)
	for _, tt := range []struct {
		in   string
		kept bool
	}{
		{"abcdefgh", true},
		{"ABC-xyz_0129", true},
		{strings.Repeat("a", 64), true},
		{"", false},
		{"short", false},
		{strings.Repeat("a", 65), false},
		{"has space", false},
		{"line\nbreak", false},
		{"quote\"quote", false},
		{"umlautüüü", false},
	} {
		got := reqid.Accept(tt.in)
		if kept := got == tt.in; kept != tt.kept {
			t.Errorf("Accept(%q) = %q, kept %v, want %v", tt.in, got, kept, tt.kept)
		}
		if !allowed.MatchString(got) {
			t.Errorf("Accept(%q) = %q, which it would not accept itself", tt.in, got)
		}
	}
	made, seen := regexp.MustCompile(`^[A-Z2-7]{26}$`), map[string]bool{}
	for range 1000 {
		id := reqid.Accept("")
		if !made.MatchString(id) || seen[id] {
			t.Fatalf("a new id is %q; it came before: %v", id, seen[id])
		}
		seen[id] = true
	}
}

func TestFrom(t *testing.T) {
	t.Parallel()
	if got := reqid.From(context.Background()); got != "" {
		t.Errorf("From an empty context = %q", got)
	}
	if got := reqid.From(reqid.With(context.Background(), "abcdefgh")); got != "abcdefgh" {
		t.Errorf("From = %q", got)
	}
}
