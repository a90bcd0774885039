package load_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/internal/rawjson"
)

// What one operation asks is merged, and sent together when somebody waits.
func TestGathered(t *testing.T) {
	t.Parallel()
	type read = func() (rawjson.Value, error)
	users := make([]load.SettingsKey, 20)
	every := make([]string, len(users))
	for i := range users {
		users[i] = settingsOf(fmt.Sprintf("u%02d", i), "a")
		every[i] = fmt.Sprintf("/users/u%02d/settings?custom_query_fields=a", i)
	}
	view := settingsOf("u", "a")
	view.View.Option = "meeting_security"
	for _, test := range []struct {
		name                  string
		first, then           []load.SettingsKey
		calls                 []string
		issued, coalesced, in int
	}{
		{"one", []load.SettingsKey{settingsOf("u", "a,b")}, nil, []string{"/users/u/settings?custom_query_fields=a,b"}, 1, 0, 1},
		{"the same", []load.SettingsKey{settingsOf("u", "a"), settingsOf("u", "a")}, nil, []string{"/users/u/settings?custom_query_fields=a"}, 1, 1, 2},
		{
			"other names",
			[]load.SettingsKey{settingsOf("u", "c"), settingsOf("u", "a,b"), settingsOf("u", "b,c")},
			nil,
			[]string{"/users/u/settings?custom_query_fields=a,b,c"},
			1, 2, 3,
		},
		{"the whole", []load.SettingsKey{settingsOf("u", "c"), settingsOf("u", "")}, nil, []string{"/users/u/settings"}, 1, 1, 2},
		{
			"another view",
			[]load.SettingsKey{settingsOf("u", "a"), view},
			nil,
			[]string{"/users/u/settings?custom_query_fields=a", "/users/u/settings?custom_query_fields=a&option=meeting_security"},
			2, 0, 2,
		},
		{"many users twice", users, users, every, 20, 20, 40},
		{
			"others later",
			[]load.SettingsKey{settingsOf("u", "a")},
			[]load.SettingsKey{settingsOf("u", "b"), settingsOf("u", "a")},
			[]string{"/users/u/settings?custom_query_fields=a", "/users/u/settings?custom_query_fields=b"},
			2, 1, 3,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			z := &zoom{}
			s := load.NewSession(t.Context(), upstream(t, z, 0), 1)
			defer s.Close()
			for _, keys := range [][]load.SettingsKey{test.first, test.then} {
				var reads []read
				for _, key := range keys {
					reads = append(reads, s.Settings(t.Context(), key))
				}
				for _, read := range reads {
					if body, err := read(); err != nil || len(body.Text) == 0 {
						t.Error(string(body.Text), err)
					}
				}
			}
			z.wantCalls(t, test.calls...)
			cost := s.Tally()
			if cost.Calls != test.issued || cost.Cached != 0 || cost.Coalesced != test.coalesced {
				t.Errorf("%d calls, %d cached and %d coalesced of %d", cost.Calls, cost.Cached, cost.Coalesced, test.in)
			}
		})
	}
}

// Nothing leaves before somebody waits or all root fields are settled; after a write everything is read again.
func TestSent(t *testing.T) {
	t.Parallel()
	z := &zoom{}
	s := load.NewSession(t.Context(), upstream(t, z, 0), 2)
	defer s.Close()
	read := s.Gather(t.Context(), &opUser, []string{"u"}, nil)
	answered := make(chan error, 1)
	go func() {
		_, err := read()
		answered <- err
	}()
	s.Settle()
	z.wantCalls(t)
	s.Settle()
	if err := <-answered; err != nil {
		t.Error(err)
	}
	s.Forget()
	again := s.Read(t.Context(), &opUser, []string{"u"}, nil)
	if _, err := again(); err != nil {
		t.Error(err)
	}
	if _, err := read(); err != nil { // who asked before the write has what was read then
		t.Error(err)
	}
	z.wantCalls(t, "/users/u", "/users/u")
}

// What nobody has waited for ends with the session; who waits leaves with its context.
func TestLeft(t *testing.T) {
	t.Parallel()
	z := &zoom{hold: make(chan struct{})}
	defer close(z.hold)
	ctx, cancel := context.WithCancel(t.Context())
	s := load.NewSession(ctx, upstream(t, z, 0), 1)
	waits := s.Read(t.Context(), &opUser, []string{"u"}, nil)
	s.Settings(t.Context(), settingsOf("u", "a"))
	s.Settle()
	until(t, func() bool { return len(z.calls) == 2 }, z)
	failed := make(chan error, 1)
	go func() {
		_, err := waits()
		failed <- err
	}()
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	s.Close()
	until(t, func() bool { return z.ended == 2 }, z)
	cost := s.Tally()
	if cost.Calls > 2 || cost.Coalesced != 0 {
		t.Errorf("%d calls, %d coalesced", cost.Calls, cost.Coalesced)
	}
	if _, err := s.Gather(t.Context(), &opUser, []string{"another"}, nil)(); !errors.Is(err, client.ErrUpstreamTimeout) && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// until waits for something that is so soon.
func until(t *testing.T, is func() bool, z *zoom) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		z.mu.Lock()
		now := is()
		z.mu.Unlock()
		if now {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("it has not come to that")
		}
	}
}

// What is known takes no call, and counts as cached.
func TestKnown(t *testing.T) {
	t.Parallel()
	z := &zoom{}
	up := upstream(t, z, time.Hour)
	for i, want := range []int{0, 1} {
		s := load.NewSession(t.Context(), up, 1)
		if _, err := s.Settings(t.Context(), settingsOf("u", "a,b"))(); err != nil {
			t.Error(err)
		}
		if cost := s.Tally(); cost.Calls != 1-want || cost.Cached != want || cost.Coalesced != 0 {
			t.Errorf("time %d: %d calls, %d cached and %d coalesced", i, cost.Calls, cost.Cached, cost.Coalesced)
		}
		s.Close()
	}
}

// A trace tells of each read which fields asked for it, of several names in the order in which they came.
func TestTraced(t *testing.T) {
	t.Parallel()
	z := &zoom{}
	s := load.NewSession(t.Context(), upstream(t, z, 0), 1)
	defer s.Close()
	s.Trace(time.Now())
	first, second := s.Settings(t.Context(), settingsOf("u", "b")), s.Settings(t.Context(), settingsOf("u", "a"))
	if _, err := first(); err != nil {
		t.Error(err)
	}
	if _, err := second(); err != nil {
		t.Error(err)
	}
	told := s.Explain(true)
	if len(told.Calls) != 1 || !slices.Equal(told.Calls[0].Fields, []string{"a", "b"}) || len(told.Calls[0].For) != 2 || len(told.Saved) != 0 {
		t.Errorf("%+v", told)
	}
}
