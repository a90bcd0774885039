package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// got is what a subscriber hears without waiting, user by user.
func got(t *testing.T, s *Subscription) []string {
	t.Helper()
	var users []string
	for {
		select {
		case c, ok := <-s.queue:
			if !ok {
				return append(users, "end")
			}
			users = append(users, c.User)
		default:
			return users
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	const other Kind = "other"
	changes := []Change{
		{Kind: UserSettings, User: "ann"},
		{Kind: UserSettings, User: "bob"},
		{Kind: UserSettings, User: "ann@example.com"},
		{Kind: other, User: "ann"},
	}
	for _, tt := range []struct {
		name   string
		filter Filter
		want   []string
	}{
		{"everybody", Filter{Kind: UserSettings}, []string{"ann", "bob", "ann@example.com"}},
		{"one, and who may be that one", Filter{Kind: UserSettings, User: "ann"}, []string{"ann", "ann@example.com"}},
		{"nobody else", Filter{Kind: UserSettings, User: "cid"}, []string{"ann@example.com"}},
		{"another kind", Filter{Kind: other}, []string{"ann"}},
		{"no kind", Filter{}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			account := NewBroker().Account("a")
			s := account.Subscribe(tt.filter)
			defer s.Close()
			for _, c := range changes {
				account.Publish(c)
			}
			if users := got(t, s); !slices.Equal(users, tt.want) {
				t.Errorf("heard of %q, want %q", users, tt.want)
			}
		})
	}
}

func TestAccountsAreApart(t *testing.T) {
	t.Parallel()
	broker := NewBroker()
	a, b := broker.Account("a").Subscribe(Filter{Kind: UserSettings}), broker.Account("b").Subscribe(Filter{Kind: UserSettings})
	defer a.Close()
	defer b.Close()
	broker.Account("a").Publish(Change{Kind: UserSettings, User: "ann", Account: "b"})
	if users := got(t, b); users != nil {
		t.Errorf("the other account heard of %q", users)
	}
	c, err := a.Next(t.Context())
	if err != nil || c.Account != "a" || c.Heard.IsZero() {
		t.Errorf("%+v, %v", c, err)
	}
}

// Nobody waits for a subscriber that does not read, and nobody else loses anything by it.
func TestSlowSubscriber(t *testing.T) {
	t.Parallel()
	account := NewBroker().Account("a")
	slow, quick := account.Subscribe(Filter{Kind: UserSettings}), account.Subscribe(Filter{Kind: UserSettings})
	defer slow.Close()
	defer quick.Close()
	for i := range queueLength + 5 {
		account.Publish(Change{Kind: UserSettings, User: fmt.Sprint(i)})
		if c, err := quick.Next(t.Context()); err != nil || c.User != fmt.Sprint(i) {
			t.Fatalf("the quick one: %+v, %v", c, err)
		}
	}
	if n := account.Subscribers(); n != 1 {
		t.Errorf("%d subscribers are left", n)
	}
	for i := range queueLength {
		if c, err := slow.Next(t.Context()); err != nil || c.User != fmt.Sprint(i) {
			t.Fatalf("what was queued: %+v, %v", c, err)
		}
	}
	for range 2 {
		if _, err := slow.Next(t.Context()); !errors.Is(err, ErrSlow) {
			t.Errorf("in the end: %v", err)
		}
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	account := NewBroker().Account("a")
	s := account.Subscribe(Filter{Kind: UserSettings})
	s.Close()
	s.Close()
	account.Publish(Change{Kind: UserSettings})
	if n := account.Subscribers(); n != 0 {
		t.Errorf("%d subscribers are left", n)
	}
}

func TestNextWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		account := NewBroker().Account("a")
		s := account.Subscribe(Filter{Kind: UserSettings})
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nothing was published: %v", err)
		}
		time.AfterFunc(time.Hour, func() { account.Publish(Change{Kind: UserSettings, User: "ann"}) })
		before := time.Now()
		if c, err := s.Next(t.Context()); err != nil || c.User != "ann" || c.Heard.Sub(before) != time.Hour {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	broker := NewBroker()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				s := broker.Account("a").Subscribe(Filter{Kind: UserSettings})
				broker.Account("a").Publish(Change{Kind: UserSettings})
				if _, err := s.Next(t.Context()); err != nil {
					t.Error(err)
				}
				s.Close()
			}
		})
	}
	wg.Wait()
	if n := broker.Account("a").Subscribers(); n != 0 {
		t.Errorf("%d subscribers are left", n)
	}
}

// A change that another process sends is the same here, but for when it was heard.
func TestChangeIsData(t *testing.T) {
	t.Parallel()
	sent := Change{Account: "a", Kind: UserSettings, User: "ann", Names: []string{"host_video"}, At: time.Unix(1, 0).UTC(), Origin: Own, Heard: time.Now()}
	text, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	var received Change
	if err := json.Unmarshal(text, &received); err != nil {
		t.Fatal(err)
	}
	sent.Heard = time.Time{}
	if diff := cmp.Diff(sent, received); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkPublish(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("to=%d", n), func(b *testing.B) {
			account := NewBroker().Account("a")
			all := make([]*Subscription, n)
			for i := range all {
				all[i] = account.Subscribe(Filter{Kind: UserSettings})
				b.Cleanup(all[i].Close)
			}
			for b.Loop() {
				account.Publish(Change{Kind: UserSettings, User: "ann"})
				for _, s := range all {
					<-s.queue
				}
			}
		})
	}
}
