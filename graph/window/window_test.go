package window_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/graph/window"
)

var now = time.Date(2026, 11, 29, 9, 30, 0, 0, time.UTC)

// TestCut reads and writes pieces as "from/to from/to".
func TestCut(t *testing.T) {
	t.Parallel()
	month, newest, week, year := window.Limit{Of: "month"}, window.Limit{Of: "month", Newest: true}, window.Limit{Of: "week"}, window.Limit{Of: "year"}
	for name, test := range map[string]struct {
		from, to string
		limit    window.Limit
		want     string
	}{
		"nothing said":            {"", "", month, "/"},
		"no from":                 {"", "2026-11-15", month, "/2026-11-15"},
		"one day":                 {"2026-11-15", "2026-11-15", month, "2026-11-15/2026-11-15"},
		"a month":                 {"2026-10-15", "2026-11-14", month, "2026-10-15/2026-11-14"},
		"a day more":              {"2026-10-15", "2026-11-15", month, "2026-10-15/2026-11-14 2026-11-15/2026-11-15"},
		"oldest first":            {"2026-09-01", "2026-11-15", month, "2026-09-01/2026-09-30 2026-10-01/2026-10-31 2026-11-01/2026-11-15"},
		"newest first":            {"2026-09-01", "2026-11-15", newest, "2026-10-16/2026-11-15 2026-09-16/2026-10-15 2026-09-01/2026-09-15"},
		"until now":               {"2026-11-01", "", month, "2026-11-01/2026-11-29"},
		"until now, newest first": {"2026-10-01", "", newest, "2026-10-30/2026-11-29 2026-10-01/2026-10-29"},
		"from the 31st":           {"2026-01-31", "2026-03-01", month, "2026-01-31/2026-02-27 2026-02-28/2026-03-01"},
		"to the 31st":             {"2026-02-01", "2026-03-31", newest, "2026-03-01/2026-03-31 2026-02-01/2026-02-28"},
		"a leap year":             {"2024-01-30", "2024-02-29", month, "2024-01-30/2024-02-28 2024-02-29/2024-02-29"},
		"weeks":                   {"2026-11-01", "2026-11-15", week, "2026-11-01/2026-11-07 2026-11-08/2026-11-14 2026-11-15/2026-11-15"},
		"years":                   {"2024-05-01", "2026-04-30", year, "2024-05-01/2025-04-30 2025-05-01/2026-04-30"},
		"moments":                 {"2026-11-01T08:00:00Z", "2026-11-09T09:00:00+01:00", week, "2026-11-01T08:00:00Z/2026-11-08T07:59:59Z 2026-11-08T08:00:00Z/2026-11-09T08:00:00Z"},
		"a moment until now":      {"2026-11-29T09:00:00Z", "", week, "2026-11-29T09:00:00Z/2026-11-29T09:30:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pieces, err := window.Cut(test.from, test.to, test.limit, now)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range pieces {
				got = append(got, p.From+"/"+p.To)
			}
			if diff := cmp.Diff(strings.Fields(test.want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestCutRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ from, to, want string }{
		"no date":           {"1st of May", "2026-11-15", `from is "1st of May", and must be a date such as`},
		"no date at all":    {"", "soon", `to is "soon"`},
		"no date at last":   {"2026-11-15", "soon", `to is "soon"`},
		"a day that is not": {"2026-02-30", "2026-11-15", `from is "2026-02-30"`},
		"backwards":         {"2026-11-15", "2026-11-14", "from lies behind to"},
		"the future":        {"2026-12-01", "", "from lies in the future"},
		"two kinds":         {"2026-11-15", "2026-11-15T08:00:00Z", "give two of a kind"},
		"too long":          {"2021-11-01", "2026-11-15", "further apart than 60 calls reach"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := window.Cut(test.from, test.to, window.Limit{Of: "month"}, now)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if errors.Is(err, window.ErrTooLong) != (name == "too long") {
				t.Errorf("ErrTooLong is %v", err)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	if got := window.Span([]window.Piece{{"2026-10-01", "2026-10-31"}, {"2026-09-01", "2026-09-30"}}); got != (window.Piece{From: "2026-09-01", To: "2026-10-31"}) {
		t.Errorf("got %v", got)
	}
	if got := window.Span(nil); got != (window.Piece{}) {
		t.Errorf("of nothing got %v", got)
	}
}

// The first day of the longest time is one that is not cut, and the day before it is.
func TestFirst(t *testing.T) {
	t.Parallel()
	for _, of := range []string{"week", "month", "year"} {
		limit := window.Limit{Of: of, Newest: true}
		for last := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); last.Year() < 2029; last = last.AddDate(0, 0, 1) {
			first := limit.First(last)
			for from, want := range map[time.Time]int{first: 1, first.AddDate(0, 0, -1): 2} {
				pieces, err := window.Cut(from.Format(time.DateOnly), last.Format(time.DateOnly), limit, last)
				if err != nil || len(pieces) != want {
					t.Errorf("%s: %s to %s: %v, %v, want %d", of, from.Format(time.DateOnly), last.Format(time.DateOnly), pieces, err, want)
				}
			}
		}
	}
}
