package answering

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// fill writes n bytes in pieces of so many, and returns why that ended.
func fill(w *Writer, n, at int) error {
	return Try(func() {
		for ; n > 0; n -= at {
			_, _ = w.WriteString(strings.Repeat("x", min(n, at)))
		}
	})
}

// An answer is what was written, however that was done, up to the most that one may have; and leaves nothing taken.
func TestWriterBounds(t *testing.T) {
	t.Parallel()
	const each = 1 << 20
	for _, test := range []struct {
		size, at int
		want     error
	}{
		{0, 1, nil},
		{1, 1, nil},
		{small, 7, nil},
		{small + 1, small + 1, nil},
		{small + piece, 1000, nil},
		{each, 4096, nil},
		{each, each, nil},
		{each + 1, 4096, ErrTooLarge},
		{each + 1, each, ErrTooLarge},
		{10 * each, 10 * each, ErrTooLarge},
	} {
		b := NewBudget(8*each, each)
		w := b.Open(t.Context())
		err := fill(w, test.size, test.at)
		if !errors.Is(err, test.want) || !errors.Is(w.Err(), test.want) {
			t.Errorf("%d bytes by %d: %v, %v, want %v", test.size, test.at, err, w.Err(), test.want)
		}
		if got := bytes.Join(w.Parts(), nil); test.want == nil && (len(got) != test.size || w.Len() != test.size || bytes.Count(got, []byte("x")) != test.size) {
			t.Errorf("%d bytes by %d: %d were written", test.size, test.at, len(got))
		}
		if used := b.Used(); used > each+piece || test.size > small && test.want == nil && used < test.size-small {
			t.Errorf("%d bytes by %d take %d", test.size, test.at, used)
		}
		w.Close()
		w.Close()
		if used := b.Used(); used != 0 {
			t.Errorf("%d bytes by %d leave %d taken", test.size, test.at, used)
		}
	}
}

// What finds no room waits for it, as long as its deadline and patience allow; small answers need none, and a quarter is
// kept free of large ones.
func TestBudget(t *testing.T) {
	t.Parallel()
	const limit = 16 << 20
	for _, test := range []struct {
		name     string
		size     int
		frees    time.Duration // when the other answer is sent; 0: never
		deadline time.Duration
		want     error
		waits    time.Duration
	}{
		{"small", small, 0, time.Hour, nil, 0},
		{"no room", small + 1, 0, time.Hour, ErrBusy, patience},
		{"no time", small + 1, 0, time.Second, ErrBusy, time.Second},
		{"room in time", 4 << 20, time.Second, time.Hour, nil, time.Second},
		{"room too late", 4 << 20, 3 * time.Second, time.Hour, ErrBusy, patience},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := NewBudget(limit, limit)
				other := b.Open(t.Context())
				if !other.Reserve(limit/4*3) || b.take(t.Context(), limit/4, 0) != nil {
					t.Fatal("no room in an empty budget")
				}
				if test.frees > 0 {
					time.AfterFunc(test.frees, other.Close)
				}
				ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
				defer cancel()
				start := time.Now()
				w := b.Open(ctx)
				defer w.Close()
				if err := fill(w, test.size, 4096); !errors.Is(err, test.want) || time.Since(start) != test.waits {
					t.Errorf("%v after %v, want %v after %v", err, time.Since(start), test.want, test.waits)
				}
			})
		})
	}
}

func TestLargeAnswersLeaveRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(16<<20, 16<<20)
		large := b.Open(t.Context())
		if err := fill(large, 13<<20, 4096); !errors.Is(err, ErrBusy) {
			t.Errorf("a large answer ends with %v", err)
		}
		modest := b.Open(t.Context())
		if err := fill(modest, Modest, 4096); err != nil {
			t.Errorf("beside it a modest one ends with %v", err)
		}
		for i := range large.Parts() {
			before := b.Used()
			if large.Sent(i); i > 0 && b.Used() >= before {
				t.Errorf("part %d is sent, and %d bytes are taken as before", i, b.Used())
			}
		}
		modest.Close()
		large.Close()
		if b.Used() != 0 {
			t.Errorf("%d bytes are left taken", b.Used())
		}
	})
}

// Who takes a large answer slowly is cut off when somebody waits for room, and not before; who is brisk is not.
func TestSlowClientsGiveWay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		bytes int
		since time.Duration // that it is on its way
		cut   bool
	}{
		{"slow", 8 << 20, 10 * time.Second, true},
		{"soon slow", 8 << 20, 2 * time.Second, true},
		{"brisk", 28 << 20, 2 * time.Second, false},
		{"small", Modest - 1, time.Hour, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := NewBudget(32<<20, 32<<20)
				slow := b.Open(t.Context())
				if !slow.Reserve(24 << 20) {
					t.Fatal("no room in an empty budget")
				}
				cut := false
				done := b.Sending(test.bytes, func() {
					cut = true
					go slow.Close()
				})
				time.Sleep(test.since)
				if cut {
					t.Error("it is cut off though nobody waits")
				}
				w := b.Open(t.Context())
				err := fill(w, 4<<20, 4096)
				if cut != test.cut || errors.Is(err, ErrBusy) == test.cut {
					t.Errorf("cut off: %v, want %v; the other answer: %v", cut, test.cut, err)
				}
				synctest.Wait()
				done()
				w.Close()
				slow.Close()
			})
		})
	}
}

// Drafts are as large together as an answer may be, and are given back with it.
func TestDrafts(t *testing.T) {
	t.Parallel()
	b := NewBudget(16<<20, 4<<20)
	w := b.Open(t.Context())
	var errs []string
	for range 4 {
		errs = append(errs, fmt.Sprint(fill(w.Draft(), 1<<20+1, 4096)))
	}
	if got := strings.Join(errs, "; "); got != "<nil>; <nil>; <nil>; "+ErrTooLarge.Error() {
		t.Errorf("four drafts end with %s", got)
	}
	w.Close()
	if b.Used() != 0 {
		t.Errorf("%d bytes are left taken", b.Used())
	}
}

// What Join returns stays as it is when the pieces are used again, and counts until Close.
func TestJoin(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, small, small + 1, piece, 1 << 20} {
		b := NewBudget(8<<20, 4<<20)
		w := b.Open(t.Context())
		if err := fill(w, size, 1000); err != nil {
			t.Fatal(err)
		}
		whole := w.Join()
		if len(whole) != size || w.Len() != 0 {
			t.Errorf("%d bytes: %d and %d", size, len(whole), w.Len())
		}
		if used := b.Used(); size > small && used != size || size <= small && used != 0 {
			t.Errorf("%d bytes take %d", size, used)
		}
		w.Close()
		other := b.Open(t.Context())
		_, _ = other.Write(bytes.Repeat([]byte("y"), size))
		if bytes.Count(whole, []byte("x")) != size || b.Used() > size+piece {
			t.Errorf("%d bytes have changed, or still count: %d", size, b.Used())
		}
		other.Close()
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	b := NewBudget(4<<20, 2<<20)
	var none *Writer
	w := b.Open(t.Context())
	defer w.Close()
	if none.Refusal(ast.Query) != nil || w.Refusal(ast.Query) != nil {
		t.Error("an answer that was written is refused")
	}
	w.Fail(ErrTooLarge)
	if r := w.Refusal(ast.Mutation); r.Extensions["code"] != CodeTooLarge || r.Extensions["limit"] != 2<<20 || !strings.Contains(r.Message, "2097152") || !strings.Contains(r.Message, "carried out") {
		t.Errorf("%v", r)
	}
	w.Fail(ErrBusy)
	if r := w.Refusal(ast.Query); r.Extensions["code"] != "RATE_LIMITED" || strings.Contains(r.Message, "carried out") {
		t.Errorf("%v", r)
	}
}
