package events

import (
	"context"
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
			stream := NewStream()
			s := stream.Subscribe(tt.filter)
			defer s.Close()
			for _, c := range changes {
				stream.Publish(c)
			}
			if users := got(t, s); !slices.Equal(users, tt.want) {
				t.Errorf("heard of %q, want %q", users, tt.want)
			}
		})
	}
}

// line is a link between the streams of two processes.
type line struct {
	other  *line
	hear   func([]byte)
	missed func()
}

func (l *line) Tell(message []byte)                           { l.other.hear(message) }
func (l *line) Hear(hear func(message []byte), missed func()) { l.hear, l.missed = hear, missed }

// What one process publishes, the subscribers of the other one hear as well, once.
func TestLink(t *testing.T) {
	t.Parallel()
	left, right := &line{}, &line{}
	left.other, right.other = right, left
	here, there := NewStream(), NewStream()
	here.Join(left)
	there.Join(right)
	near, far := here.Subscribe(Filter{Kind: UserSettings}), there.Subscribe(Filter{Kind: UserSettings})
	defer near.Close()
	defer far.Close()
	sent := Change{Kind: UserSettings, User: "ann", Names: []string{"host_video"}, At: time.Unix(1, 0).UTC(), Origin: Own}
	here.Publish(sent)
	for name, s := range map[string]*Subscription{"here": near, "there": far} {
		c, err := s.Next(t.Context())
		if err != nil || c.Heard.IsZero() {
			t.Fatalf("%s: %+v, %v", name, c, err)
		}
		c.Heard = time.Time{}
		if diff := cmp.Diff(sent, c); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if more := got(t, s); more != nil {
			t.Errorf("%s it is heard of again: %q", name, more)
		}
	}
}

// Who may have missed a change is told so, after what was heard before.
func TestMissed(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*line){
		"the link says so":                  func(l *line) { l.missed() },
		"a message that nobody understands": func(l *line) { l.hear([]byte("canary")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stream, link := NewStream(), &line{}
			stream.Join(link)
			s := stream.Subscribe(Filter{Kind: UserSettings})
			defer s.Close()
			link.hear([]byte(`{"kind":"user.settings","user":"ann"}`))
			lose(link)
			if c, err := s.Next(t.Context()); err != nil || c.User != "ann" {
				t.Errorf("what was heard before: %+v, %v", c, err)
			}
			if _, err := s.Next(t.Context()); !errors.Is(err, ErrMissed) {
				t.Errorf("then: %v", err)
			}
			if n := stream.Subscribers(); n != 0 {
				t.Errorf("%d subscribers are left", n)
			}
		})
	}
}

// Nobody waits for a subscriber that does not read, and nobody else loses anything by it.
func TestSlowSubscriber(t *testing.T) {
	t.Parallel()
	stream := NewStream()
	slow, quick := stream.Subscribe(Filter{Kind: UserSettings}), stream.Subscribe(Filter{Kind: UserSettings})
	defer slow.Close()
	defer quick.Close()
	for i := range queueLength + 5 {
		stream.Publish(Change{Kind: UserSettings, User: fmt.Sprint(i)})
		if c, err := quick.Next(t.Context()); err != nil || c.User != fmt.Sprint(i) {
			t.Fatalf("the quick one: %+v, %v", c, err)
		}
	}
	if n := stream.Subscribers(); n != 1 {
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
	stream := NewStream()
	s := stream.Subscribe(Filter{Kind: UserSettings})
	s.Close()
	s.Close()
	stream.Publish(Change{Kind: UserSettings})
	if n := stream.Subscribers(); n != 0 {
		t.Errorf("%d subscribers are left", n)
	}
}

func TestNextWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stream := NewStream()
		s := stream.Subscribe(Filter{Kind: UserSettings})
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nothing was published: %v", err)
		}
		time.AfterFunc(time.Hour, func() { stream.Publish(Change{Kind: UserSettings, User: "ann"}) })
		before := time.Now()
		if c, err := s.Next(t.Context()); err != nil || c.User != "ann" || c.Heard.Sub(before) != time.Hour {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	stream := NewStream()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				s := stream.Subscribe(Filter{Kind: UserSettings})
				stream.Publish(Change{Kind: UserSettings})
				if _, err := s.Next(t.Context()); err != nil {
					t.Error(err)
				}
				s.Close()
			}
		})
	}
	wg.Wait()
	if n := stream.Subscribers(); n != 0 {
		t.Errorf("%d subscribers are left", n)
	}
}

func BenchmarkPublish(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("to=%d", n), func(b *testing.B) {
			stream := NewStream()
			all := make([]*Subscription, n)
			for i := range all {
				all[i] = stream.Subscribe(Filter{Kind: UserSettings})
				b.Cleanup(all[i].Close)
			}
			for b.Loop() {
				stream.Publish(Change{Kind: UserSettings, User: "ann"})
				for _, s := range all {
					<-s.queue
				}
			}
		})
	}
}
