package client

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var (
	opCreate      = &Op{ID: "userCreate", Method: "POST", Path: "/users"}
	opCreateGroup = &Op{ID: "groupCreate", Method: "POST", Path: "/groups"}
	opAddMember   = &Op{ID: "groupMembersCreate", Method: "POST", Path: "/groups/{groupId}/members"}
)

// queued waits until n writes of a segment are under way or waiting.
func queued(c *Client, segment string, n int) {
	for {
		c.order.mu.Lock()
		have := len(c.order.queues[segment])
		c.order.mu.Unlock()
		if have == n {
			return
		}
		runtime.Gosched()
	}
}

func wantNoQueues(t *testing.T, c *Client) {
	t.Helper()
	c.order.mu.Lock()
	defer c.order.mu.Unlock()
	if len(c.order.queues) > 0 {
		t.Errorf("queues are left: %v", c.order.queues)
	}
}

// overlaps counts at the server how many writes run at once.
type overlaps struct {
	mu      sync.Mutex
	running int
	most    int
	order   []string // method and path, as they arrived
}

func (o *overlaps) enter(r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.running++
	o.most = max(o.most, o.running)
	o.order = append(o.order, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/v2"))
}

func (o *overlaps) leave() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.running--
}

// goDo sends a request once n writes are in its queue together with it.
func goDo(t *testing.T, wg *sync.WaitGroup, c *Client, n int, req Request) {
	t.Helper()
	wg.Go(func() {
		if _, err := c.Do(t.Context(), req); err != nil {
			t.Errorf("%s: %v", req.Op, err)
		}
	})
	queued(c, orderOf(&req).segment, n)
}

func TestWritesOnOneResource(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reqs []Request
		want []string
	}{
		"of several operations": {
			[]Request{{Op: opUpdate, Path: []string{"a"}}, {Op: opDelete, Path: []string{"a"}}, {Op: opUpdate, Path: []string{"a"}}, {Op: opDelete, Path: []string{"a"}}},
			[]string{"PATCH /users/a/settings", "DELETE /users/a", "PATCH /users/a/settings", "DELETE /users/a"},
		},
		"of the whole segment": {
			[]Request{{Op: opDelete, Path: []string{"a"}}, {Op: opCreate}, {Op: opDelete, Path: []string{"b"}}, {Op: opCreate}},
			[]string{"DELETE /users/a", "POST /users", "DELETE /users/b", "POST /users"},
		},
		"of the whole segment only": {
			[]Request{{Op: opCreate}, {Op: opCreate}, {Op: opCreate}},
			[]string{"POST /users", "POST /users", "POST /users"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen overlaps
			all := make(chan struct{}) // closed once all wait for their turn
			c := dial(t, func(w http.ResponseWriter, r *http.Request) {
				seen.enter(r)
				<-all
				seen.leave()
				w.WriteHeader(http.StatusNoContent)
			})
			var wg sync.WaitGroup
			for i, req := range tc.reqs {
				goDo(t, &wg, c, i+1, req)
			}
			close(all)
			wg.Wait()
			if seen.most != 1 || !slices.Equal(seen.order, tc.want) {
				t.Errorf("%d at once, in the order %v", seen.most, seen.order)
			}
			wantNoQueues(t, c)
		})
	}
}

// Writes on different resources, and reads, wait for nobody: the server answers
// only when all are there.
func TestOthersOverlap(t *testing.T) {
	t.Parallel()
	reqs := []Request{
		{Op: opUpdate, Path: []string{"a"}},
		{Op: opUpdate, Path: []string{"b"}},
		{Op: opUpdate, Path: []string{"a@example.com"}},
		{Op: opAddMember, Path: []string{"a"}},
		{Op: opSettings, Path: []string{"a"}},
		{Op: opUsers},
	}
	var here sync.WaitGroup
	here.Add(len(reqs))
	c := dial(t, func(w http.ResponseWriter, r *http.Request) {
		here.Done()
		here.Wait()
		answer(200, `{}`)(w, r)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for _, req := range reqs {
		wg.Go(func() {
			if res, err := c.Do(ctx, req); err != nil || res.Waited != 0 {
				t.Errorf("%s: %+v, %v", req.Op, res, err)
			}
		})
	}
	wg.Wait()
	wantNoQueues(t, c)
}

// A write that leaves while it waits holds up nobody, neither do those of other
// segments.
func TestLeavingTheQueue(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan string, 3), make(chan struct{})
	c := dial(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.Method + " " + r.URL.Path
		if r.Method == http.MethodPatch {
			<-release
		}
		w.WriteHeader(http.StatusNoContent)
	})
	var wg sync.WaitGroup
	goDo(t, &wg, c, 1, Request{Op: opUpdate, Path: []string{"a"}})
	<-arrived

	ctx, leave := context.WithCancel(t.Context())
	left := make(chan struct{})
	go func() {
		defer close(left)
		res, err := c.Do(ctx, Request{Op: opCreate})
		if !errors.Is(err, ErrUpstreamTimeout) || !errors.Is(err, context.Canceled) || res != nil {
			t.Errorf("a write that left: %+v, %v", res, err)
		}
	}()
	queued(c, "users", 2)
	goDo(t, &wg, c, 3, Request{Op: opDelete, Path: []string{"b"}})
	if _, err := c.Do(t.Context(), Request{Op: opCreateGroup}); err != nil {
		t.Error(err)
	}
	if got := <-arrived; got != "POST /v2/groups" {
		t.Errorf("%s arrived, want the other segment's", got)
	}
	leave()
	<-left
	if got := <-arrived; got != "DELETE /v2/users/b" {
		t.Errorf("%s arrived, want the one behind who left", got)
	}
	close(release)
	wg.Wait()
	wantNoQueues(t, c)
}

func TestWaitingForTurnsIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Config{Tokens: &tokens{}, Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return reply(200, `{}`), nil
		})})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				res, err := c.Do(t.Context(), Request{Op: opDelete, Path: []string{"a"}})
				if err != nil || res.Waited != time.Duration(i)*time.Second || res.Took != time.Second {
					t.Errorf("write %d: %+v, %v", i, res, err)
				}
			})
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		if res, err := c.Do(ctx, Request{Op: opDelete, Path: []string{"a"}}); !errors.Is(err, context.DeadlineExceeded) || res != nil {
			t.Errorf("a write whose time ended: %+v, %v", res, err)
		}
		wg.Wait()
		wantNoQueues(t, c)
	})
}
