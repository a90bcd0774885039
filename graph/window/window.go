// Package window cuts a time into pieces that Zoom answers: many of its lists tell of a month at most, or of a week or a
// year.
//
//	pieces, err := window.Cut("2026-09-01", "2026-11-15", window.Limit{Of: "month"}, now)
//	// 2026-09-01 to 2026-09-30, 2026-10-01 to 2026-10-31, 2026-11-01 to 2026-11-15
//
// A time is two dates, of which the last day counts, or two moments in the form of RFC 3339.
package window

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Limit is how long a time Zoom tells of at once, and in which order it does.
type Limit struct {
	Of     string `yaml:"of"`               // week, month or year
	Newest bool   `yaml:"newest,omitempty"` // what is newest comes first
}

// Piece is a time that one call may ask for; "" where nobody said.
type Piece struct{ From, To string }

// Max is how many pieces a time may have.
const Max = 60

// ErrTooLong is the error of a time of more pieces than [Max].
var ErrTooLong = fmt.Errorf("from and to lie further apart than %d calls reach: ask for a part of that time", Max)

// Valid tells whether a limit is one.
func (l Limit) Valid() bool { return slices.Contains([]string{"week", "month", "year"}, l.Of) }

// Cut cuts the time between from and to, in the order in which Zoom tells of it. A from without a to lasts until now. What
// has no from stays one piece: it begins where Zoom says.
func Cut(from, to string, limit Limit, now time.Time) ([]Piece, error) {
	if from == "" {
		if to != "" {
			if _, _, err := parse(to); err != nil {
				return nil, fmt.Errorf("to %w", err)
			}
		}
		return []Piece{{from, to}}, nil
	}
	begin, form, err := parse(from)
	if err != nil {
		return nil, fmt.Errorf("from %w", err)
	}
	end := now.UTC()
	if form == time.DateOnly {
		end = end.Truncate(24 * time.Hour)
	} else {
		end = end.Truncate(time.Second)
	}
	if to != "" {
		var other string
		if end, other, err = parse(to); err != nil {
			return nil, fmt.Errorf("to %w", err)
		}
		if other != form {
			return nil, errors.New("from and to are a date and a moment: give two of a kind")
		}
	}
	if end.Before(begin) {
		if to == "" {
			return nil, errors.New("from lies in the future, and there is no to")
		}
		return nil, errors.New("from lies behind to")
	}
	return cut(begin, end, form, limit)
}

func cut(begin, end time.Time, form string, limit Limit) ([]Piece, error) {
	var pieces []Piece
	step := time.Second // between the end of a piece and the begin of the next
	if form == time.DateOnly {
		step = 24 * time.Hour
	}
	for !end.Before(begin) {
		if len(pieces) == Max {
			return nil, ErrTooLong
		}
		var piece Piece
		if limit.Newest {
			first := limit.before(end).Add(step)
			if first.Before(begin) {
				first = begin
			}
			piece, end = Piece{first.Format(form), end.Format(form)}, first.Add(-step)
		} else {
			last := limit.after(begin).Add(-step)
			if last.After(end) {
				last = end
			}
			piece, begin = Piece{begin.Format(form), last.Format(form)}, last.Add(step)
		}
		pieces = append(pieces, piece)
	}
	return pieces, nil
}

// First is the first day of the longest time that one call tells of and that ends with a day.
func (l Limit) First(last time.Time) time.Time { return l.before(last).AddDate(0, 0, 1) }

func (l Limit) after(t time.Time) time.Time  { return l.shift(t, 1) }
func (l Limit) before(t time.Time) time.Time { return l.shift(t, -1) }

// shift goes on, or back, by as much as the limit is. A month from the 31st ends where its month does.
func (l Limit) shift(t time.Time, n int) time.Time {
	switch l.Of {
	case "week":
		return t.AddDate(0, 0, 7*n)
	case "year":
		n *= 12
	}
	there := t.AddDate(0, n, 0)
	if there.Day() != t.Day() {
		there = there.AddDate(0, 0, -there.Day())
	}
	return there
}

// parse reads a date or a moment.
func parse(text string) (at time.Time, form string, err error) {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC(), form, nil
		}
	}
	return time.Time{}, "", fmt.Errorf("is %q, and must be a date such as 2026-11-15, or a moment such as 2026-11-15T08:00:00Z", text)
}

// Span is the time that pieces cover, whatever their order.
func Span(pieces []Piece) Piece {
	if len(pieces) == 0 {
		return Piece{}
	}
	span := pieces[0]
	for _, p := range pieces[1:] {
		span.From, span.To = min(span.From, p.From), max(span.To, p.To)
	}
	return span
}
