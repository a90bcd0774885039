package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/client"
	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/store"
)

var (
	opSettings = &client.Op{ID: "userSettings", Method: "GET", Path: "/users/{userId}/settings"}
	opUpdate   = &client.Op{ID: "userSettingsUpdate", Method: "PATCH", Path: "/users/{userId}/settings"}
	opUser     = &client.Op{ID: "user", Method: "GET", Path: "/users/{userId}"}
	opUsers    = &client.Op{ID: "users", Method: "GET", Path: "/users"}
	opGroups   = &client.Op{ID: "groups", Method: "GET", Path: "/groups"}
	opGroup    = &client.Op{ID: "groupUpdate", Method: "PATCH", Path: "/groups/{groupId}"}

	opGroupSettings = &client.Op{ID: "updateGroupSettings", Method: "PATCH", Path: "/groups/{groupId}/settings"}
)

// zoom answers reads and writes them down. What it answers to a name is name@n, where n counts the writes.
type zoom struct {
	mu      sync.Mutex
	calls   []string
	version int
	took    time.Duration // how long a call takes
	fail    error
	answer  string                      // in place of settings
	before  func(ctx context.Context)   // a call leaves
	unseal  func(ctx context.Context)   // waits for its turn
	narrow  func(names []string) string // what is answered to a filter
}

func (z *zoom) fetch(key store.Key) store.Fetch {
	return func(ctx context.Context, seal store.Seal) (store.Fetched, error) {
		if z.unseal != nil {
			z.unseal(ctx)
		}
		names, needed := seal()
		if !needed {
			return store.Fetched{}, errors.New("not needed")
		}
		z.mu.Lock()
		z.calls = append(z.calls, strings.TrimSpace(key.Path[0]+" "+strings.Join(names, ",")))
		body, err, took := z.body(names), z.fail, z.took
		z.mu.Unlock()
		if z.before != nil {
			z.before(ctx)
		}
		select {
		case <-time.After(took):
		case <-ctx.Done():
			return store.Fetched{}, ctx.Err()
		}
		return store.Fetched{Body: rawjson.Parse([]byte(body))}, err
	}
}

// all are the names that settings have; odd and even ones stand in two sections, and top at the top.
var all = []string{"a1", "a2", "a3", "a4", "top"}

func (z *zoom) body(names []string) string {
	if z.answer != "" {
		return z.answer
	}
	if z.narrow != nil && names != nil {
		return z.narrow(names)
	}
	if names == nil {
		names = all
	}
	top, sections := map[string]any{}, map[string]map[string]string{}
	for _, name := range names {
		value := fmt.Sprintf("%s@%d", name, z.version)
		switch {
		case name == "top":
			top[name] = value
		case slices.Contains(all, name): // others are absent
			section := "s" + fmt.Sprint(name[1]%2)
			if sections[section] == nil {
				sections[section] = map[string]string{}
				top[section] = sections[section]
			}
			sections[section][name] = value
		}
	}
	text, err := json.Marshal(top)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// wantCalls compares the calls since it was last asked.
func (z *zoom) wantCalls(t *testing.T, want ...string) {
	t.Helper()
	z.mu.Lock()
	defer z.mu.Unlock()
	slices.Sort(z.calls)
	if diff := cmp.Diff(want, z.calls); diff != "" && len(want)+len(z.calls) > 0 {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	z.calls = nil
}

func newStore(t *testing.T, opts store.Options) *store.Store {
	t.Helper()
	s, err := store.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func keyOf(op *client.Op, path ...string) store.Key {
	key := store.Key{Op: op}
	copy(key.Path[:], path)
	return key
}

// get reads names of somebody's settings, and lists what came of each as "name@version".
func get(t *testing.T, p *store.Principal, z *zoom, user, names string, change ...func(*store.Ask)) (string, store.Answer) {
	t.Helper()
	key := keyOf(opSettings, user)
	ask := store.Ask{Key: key, Fetch: z.fetch(key)}
	if names != "" {
		ask.Names = strings.Split(names, ",")
	}
	for _, c := range change {
		c(&ask)
	}
	answer, err := p.Read(t.Context(), ask)
	if err != nil {
		return "error: " + err.Error(), answer
	}
	return values(answer.Body.Text, ask.Names), answer
}

func values(body []byte, names []string) string {
	if len(names) == 0 {
		names = all
	}
	found := map[string]string{}
	for key, value := range rawjson.Members(body) {
		if value[0] != '{' {
			found[key] = string(value)
		}
		for name, leaf := range rawjson.Members(value) {
			found[name] = string(leaf)
		}
	}
	var list []string
	for _, name := range names {
		if value, ok := found[name]; ok {
			list = append(list, strings.Trim(value, `"`))
		} else {
			list = append(list, name+" absent")
		}
	}
	return strings.Join(list, ",")
}

func wantValues(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

const ttl = 30 * time.Second

func usual() store.Options {
	return store.Options{TTL: ttl, UsersTTL: ttl, ServeStale: 10 * time.Minute}
}

// Only what is missing or too old is fetched, and put to what is there.
func TestNames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, s := &zoom{}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		read := func(names, want string, calls ...string) {
			t.Helper()
			got, answer := get(t, p, z, "abc", names)
			wantValues(t, got, want)
			z.wantCalls(t, calls...)
			if cached := answer.Source == store.Cached; cached != (len(calls) == 0) {
				t.Errorf("%s: source %v after %d calls", names, answer.Source, len(calls))
			}
		}
		read("a1,a2", "a1@0,a2@0", "abc a1,a2")
		read("a1,a2", "a1@0,a2@0")
		read("a2", "a2@0")
		z.version = 1 // behind our back
		read("a2,a3", "a2@0,a3@1", "abc a3")
		read("a1,x", "a1@0,x absent", "abc x")
		read("x", "x absent")
		read("top", "top@1", "abc top")
		time.Sleep(20 * time.Second)
		z.version = 2
		read("a4", "a4@2", "abc a4")
		time.Sleep(11 * time.Second)
		z.version = 3
		read("a1,a3,a4,top,x", "a1@3,a3@3,a4@2,top@3,x absent", "abc a1,a3,top,x")
		read("", "a1@3,a2@3,a3@3,a4@3,top@3", "abc")
		read("", "a1@3,a2@3,a3@3,a4@3,top@3")
		read("a2,x", "a2@3,x absent")
		time.Sleep(ttl + time.Second)
		z.version = 4
		read("a2", "a2@4", "abc a2")
		read("", "a1@4,a2@4,a3@4,a4@4,top@4", "abc")
	})
}

// An answer that turns out to be all there is counts as that.
func TestWholeAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, s := &zoom{}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		got, _ := get(t, p, z, "abc", "a1", func(a *store.Ask) {
			a.Fetch = func(_ context.Context, seal store.Seal) (store.Fetched, error) {
				seal()
				return store.Fetched{Body: rawjson.Parse([]byte(z.body(nil))), Whole: true}, nil
			}
		})
		wantValues(t, got, "a1@0")
		got, _ = get(t, p, z, "abc", "")
		wantValues(t, got, "a1@0,a2@0,a3@0,a4@0,top@0")
		z.wantCalls(t)
	})
}

// Nothing is kept where that is turned off, for all or for users; and nothing too old for who asks.
func TestTTL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name            string
		opts            store.Options
		settings, users int // calls for two reads
	}{
		{"off", store.Options{ServeStale: time.Hour}, 2, 2},
		{"on", usual(), 1, 1},
		{"users off", store.Options{TTL: ttl}, 1, 2},
		{"users only", store.Options{UsersTTL: ttl}, 2, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStore(t, test.opts)
				p := s.Principal("acct", "", nil)
				for op, want := range map[*client.Op]int{opSettings: test.settings, opUsers: test.users, opUser: test.users, opGroups: test.settings} {
					z := &zoom{}
					for range 2 {
						get(t, p, z, "", "", func(a *store.Ask) { a.Key = keyOf(op, "abc"); a.Fetch = z.fetch(a.Key) })
					}
					if len(z.calls) != want {
						t.Errorf("%s: %d calls, want %d", op, len(z.calls), want)
					}
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		z, s := &zoom{}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		get(t, p, z, "abc", "a1")
		time.Sleep(time.Second)
		since := func(d time.Duration) func(*store.Ask) {
			return func(a *store.Ask) { a.Since = time.Now().Add(-d) }
		}
		get(t, p, z, "abc", "a1", since(2*time.Second))
		z.wantCalls(t, "abc a1")
		get(t, p, z, "abc", "a1", since(0))
		z.wantCalls(t, "abc a1")
		time.Sleep(ttl + time.Second)
		get(t, p, z, "abc", "a1", since(time.Hour))
		z.wantCalls(t, "abc a1")
	})
}

// Errors are not kept; that there is no such user is, for five seconds and until somebody is created.
func TestErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, s := &zoom{}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		unknown := &client.Error{Code: client.CodeNotFound, ZoomCode: 1001}
		for _, test := range []struct {
			fail  error
			after time.Duration
			calls int
		}{
			{&client.Error{Code: client.CodeUpstreamUnavailable}, 0, 2},
			{&client.Error{Code: client.CodeNotFound, ZoomCode: 3001}, 0, 2},
			{unknown, 0, 1},
			{unknown, 4 * time.Second, 1},
			{unknown, 6 * time.Second, 2},
		} {
			z.fail = test.fail
			for range 2 {
				if got, _ := get(t, p, z, "ann@example.com", "a1"); !strings.HasPrefix(got, "error") {
					t.Error(got)
				}
				time.Sleep(test.after)
			}
			if len(z.calls) != test.calls {
				t.Errorf("%v, %v apart: %d calls, want %d", test.fail, test.after, len(z.calls), test.calls)
			}
			z.calls = nil
			time.Sleep(time.Minute)
		}
		get(t, p, z, "ann@example.com", "a1")
		p.Wrote(t.Context(), &client.Op{Method: "POST", Path: "/users"}, nil)
		z.fail = nil
		got, _ := get(t, p, z, "ann@example.com", "a1")
		wantValues(t, got, "a1@0")
	})
}

// A write is seen by every read that begins after it, also where other reads were under way.
func TestWrites(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		op   *client.Op
		path []string
		want string // calls of the reads of abc, def, their details, and the groups
	}{
		{"one's settings", opUpdate, []string{"abc"}, "abc;abc user"},
		{"one's settings, by address", opUpdate, []string{"ann@example.com"}, "abc;abc user;def;def user"},
		{"one's type", &client.Op{Method: "PATCH", Path: "/users/{userId}"}, []string{"abc"}, "abc;abc user;groups"},
		{"one's type, as oneself", &client.Op{Method: "PATCH", Path: "/users/{userId}"}, []string{"me"}, "abc;abc user;def;def user;groups"},
		{"a new user", &client.Op{Method: "POST", Path: "/users"}, nil, "groups"},
		{"a user less", &client.Op{Method: "DELETE", Path: "/users/{userId}"}, []string{"abc"}, "abc;abc user;def;def user;groups"},
		{"a group's name", opGroup, []string{"g"}, "groups"},
		{"a group's settings", opGroupSettings, []string{"g"}, "abc;abc user;def;def user"},
		{"a group's member", &client.Op{Method: "DELETE", Path: "/groups/{groupId}/members/{memberId}"}, []string{"g", "abc"}, "abc;abc user;groups"},
		{"the account's settings", &client.Op{Method: "PATCH", Path: "/accounts/{accountId}/settings"}, []string{"me"}, "abc;abc user;def;def user;groups"},
		{"nothing that is known", &client.Op{Method: "PATCH", Path: "/stars/{starId}"}, []string{"sun"}, "abc;abc user;def;def user;groups"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStore(t, usual())
				p := s.Principal("acct", "", nil)
				reads := func() []string {
					var called []string
					for name, key := range map[string]store.Key{
						"abc": keyOf(opSettings, "abc"), "def": keyOf(opSettings, "def"), "abc user": keyOf(opUser, "abc"),
						"def user": keyOf(opUser, "def"), "groups": keyOf(opGroups),
					} {
						z := &zoom{}
						get(t, p, z, "", "", func(a *store.Ask) { a.Key, a.Fetch = key, z.fetch(key) })
						if len(z.calls) > 0 {
							called = append(called, name)
						}
					}
					slices.Sort(called)
					return called
				}
				reads()
				p.Wrote(t.Context(), test.op, test.path)
				if got := strings.Join(reads(), ";"); got != test.want {
					t.Errorf("read again: %s, want %s", got, test.want)
				}
				if got := reads(); len(got) > 0 {
					t.Errorf("read once more: %s", got)
				}
			})
		})
	}
}

func TestWriteDuringRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, s := &zoom{took: time.Second}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		var wg sync.WaitGroup
		wg.Go(func() {
			got, _ := get(t, p, z, "abc", "a1")
			wantValues(t, got, "a1@0")
		})
		time.Sleep(500 * time.Millisecond)
		z.mu.Lock()
		z.version = 1
		z.mu.Unlock()
		p.Wrote(t.Context(), opUpdate, []string{"abc"})
		for range 2 { // neither the call under way nor what it brought counts
			got, _ := get(t, p, z, "abc", "a1")
			wantValues(t, got, "a1@1")
		}
		wg.Wait()
		z.wantCalls(t, "abc a1", "abc a1")
	})
}

// An address, an id and "me" are one user as soon as Zoom has said so.
func TestNamesOfUsers(t *testing.T) {
	t.Parallel()
	const ann = `{"id":"abc","email":"Ann@Example.com","type":2}`
	for _, test := range []struct {
		name         string
		key          store.Key
		answer       string
		first, later []string // who is asked for before and after that answer
		calls        int
	}{
		{"a detail by address", keyOf(opUser, "ann@example.com"), ann, nil, []string{"ann@example.com", "abc", "ANN@example.com"}, 1},
		{"a detail by id", keyOf(opUser, "abc"), ann, nil, []string{"abc", "ann@example.com"}, 1},
		{"me", keyOf(opUser, "me"), ann, nil, []string{"me", "abc", "ann@example.com"}, 1},
		{"a list", keyOf(opUsers), `{"users":[{"id":"x","email":"x@example.com"},` + ann + `]}`, nil, []string{"ann@example.com", "abc"}, 1},
		{"settings before", keyOf(opUsers), `{"users":[` + ann + `]}`, []string{"ann@example.com"}, []string{"abc", "ann@example.com"}, 1},
		{"not known", keyOf(opGroups), `{"groups":[]}`, nil, []string{"abc", "ann@example.com"}, 2},
		{
			"a way to sign in",
			store.Key{Op: opUser, Path: [4]string{"ann@example.com"}, Query: "login_type=1"},
			ann, nil,
			[]string{"abc", "ann@example.com"},
			2,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z, s := &zoom{}, newStore(t, usual())
				p := s.Principal("acct", "", nil)
				for _, user := range test.first {
					get(t, p, z, user, "a1")
				}
				told := &zoom{answer: test.answer}
				get(t, p, told, "", "", func(a *store.Ask) { a.Key, a.Fetch = test.key, told.fetch(test.key) })
				synctest.Wait()
				for _, user := range test.later {
					get(t, p, z, user, "a1")
				}
				if len(z.calls) != test.calls {
					t.Errorf("calls %q, want %d", z.calls, test.calls)
				}
				p.Wrote(t.Context(), &client.Op{Method: "PUT", Path: "/users/{userId}/email"}, []string{"abc"})
				z.calls = nil
				get(t, p, z, "ann@example.com", "a1")
				z.wantCalls(t, "ann@example.com a1")
			})
		})
	}
}

// Where the account's limits allow no call, an older value is better than none; but none from before a write, and no
// value for other errors.
func TestStale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, s := &zoom{}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		read := time.Now()
		get(t, p, z, "abc", "a1")
		time.Sleep(time.Minute)
		z.fail = &client.Error{Code: client.CodeRateLimited}
		got, answer := get(t, p, z, "abc", "a1")
		wantValues(t, got, "a1@0")
		if d := answer.Stale.Sub(read); d < 0 || d > time.Second {
			t.Errorf("stale as of %v after it was read", d)
		}
		z.fail = nil
		get(t, p, z, "old", "a2")
		time.Sleep(time.Minute)
		get(t, p, z, "old", "a1")
		time.Sleep(time.Minute)
		z.fail = &client.Error{Code: client.CodeRateLimited}
		if _, answer := get(t, p, z, "old", "a1,a2"); time.Since(answer.Stale) < 2*time.Minute {
			t.Errorf("as of %v ago, which is not the older one", time.Since(answer.Stale))
		}
		for name, got := range map[string]func() (string, store.Answer){
			"a name never read": func() (string, store.Answer) { return get(t, p, z, "abc", "a1,a2") },
			"the whole":         func() (string, store.Answer) { return get(t, p, z, "abc", "") },
		} {
			if got, _ := got(); !strings.HasPrefix(got, "error") {
				t.Errorf("%s: %s", name, got)
			}
		}
		z.fail = &client.Error{Code: client.CodeUpstreamUnavailable}
		if got, _ := get(t, p, z, "abc", "a1"); !strings.HasPrefix(got, "error") {
			t.Error(got)
		}
		z.fail = &client.Error{Code: client.CodeRateLimited}
		time.Sleep(6 * time.Minute)
		got, _ = get(t, p, z, "abc", "a1")
		wantValues(t, got, "a1@0")
		p.Wrote(t.Context(), opUpdate, []string{"abc"})
		if got, _ = get(t, p, z, "abc", "a1"); !strings.HasPrefix(got, "error") {
			t.Error(got)
		}
		if c := s.Counts(); c.Stale != 3 || c.Called != 7 {
			t.Errorf("%+v", c)
		}
		z.fail = nil
		get(t, p, z, "def", "a1")
		time.Sleep(11 * time.Minute)
		z.fail = &client.Error{Code: client.CodeRateLimited}
		if got, _ = get(t, p, z, "def", "a1"); !strings.HasPrefix(got, "error") {
			t.Errorf("after more than the allowed time: %s", got)
		}
	})
}

// What is kept of one account, or for those who see more of it, is nobody else's.
func TestPrincipals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t, usual())
		for i, p := range []*store.Principal{s.Principal("a", "", nil), s.Principal("b", "", nil), s.Principal("a", "admin", nil)} {
			z := &zoom{version: i}
			got, _ := get(t, p, z, "abc", "a1")
			wantValues(t, got, fmt.Sprintf("a1@%d", i))
			got, _ = get(t, p, z, "abc", "a1")
			wantValues(t, got, fmt.Sprintf("a1@%d", i))
			z.wantCalls(t, "abc a1")
		}
		// What one of them writes concerns all who see the account.
		s.Principal("a", "admin", nil).Wrote(t.Context(), opUpdate, []string{"abc"})
		z := &zoom{version: 7}
		got, _ := get(t, s.Principal("a", "", nil), z, "abc", "a1")
		wantValues(t, got, "a1@7")
		get(t, s.Principal("b", "", nil), z, "abc", "a1")
		z.wantCalls(t, "abc a1")
	})
}

// Two accounts with the same users, a thousand reads and writes in any order at once: nothing crosses.
func TestNothingCrosses(t *testing.T) {
	t.Parallel()
	s := newStore(t, usual())
	nothingCrosses(t, s.Principal("a", "", nil), s.Principal("b", "", nil))
}

func nothingCrosses(t *testing.T, a, b *store.Principal) {
	t.Helper()
	var wg sync.WaitGroup
	gate := make(chan struct{}, 16)
	for i := range 1000 {
		p, z := a, &zoom{narrow: func([]string) string { return `{"s":{"a1":"a"}}` }}
		if i%2 == 1 {
			p, z = b, &zoom{narrow: func([]string) string { return `{"s":{"a1":"b"}}` }}
		}
		gate <- struct{}{}
		wg.Go(func() {
			defer func() { <-gate }()
			user := fmt.Sprint("user", i%7)
			if i%50 == 0 {
				p.Wrote(t.Context(), opUpdate, []string{user})
			}
			got, _ := get(t, p, z, user, "a1")
			if want := string("ab"[i%2]); got != want {
				t.Errorf("account %s is answered %s", want, got)
			}
		})
	}
	wg.Wait()
}

// What is known is told without a call and without asking anybody, where Read would answer it so.
func TestKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, far, s := &zoom{}, newShared(), newStore(t, usual())
		far.asks = true
		alone, replica := s.Principal("acct", "", nil), s.Principal("shared", "", far)
		known := func(p *store.Principal, user, names, want string, change ...func(*store.Ask)) {
			t.Helper()
			ask := store.Ask{Key: keyOf(opSettings, user)}
			if names != "" {
				ask.Names = strings.Split(names, ",")
			}
			for _, c := range change {
				c(&ask)
			}
			answer, ok, err := p.Known(ask)
			got := "nothing"
			switch {
			case err != nil:
				got = "error"
			case ok:
				got = values(answer.Body.Text, ask.Names)
			}
			wantValues(t, got, want)
			if ok && answer.Source != store.Cached {
				t.Errorf("the source of what is known is %v", answer.Source)
			}
		}
		known(alone, "abc", "a1", "nothing")
		get(t, alone, z, "abc", "a1,x")
		known(alone, "abc", "a1,x", "a1@0,x absent")
		known(alone, "abc", "a1,a2", "nothing")
		known(alone, "abc", "", "nothing")
		known(alone, "abd", "a1", "nothing")
		known(s.Principal("acct", "other class", nil), "abc", "a1", "nothing")
		known(alone, "abc", "a1", "nothing", func(a *store.Ask) { a.Since = time.Now().Add(time.Second) })
		if c := s.Counts(); c.Near != 1 {
			t.Errorf("%+v", c)
		}
		get(t, alone, z, "abc", "")
		known(alone, "abc", "", "a1@0,a2@0,a3@0,a4@0,top@0")
		alone.Wrote(t.Context(), opUpdate, []string{"abc"})
		known(alone, "abc", "a1", "nothing")
		get(t, alone, z, "abc", "a1")
		time.Sleep(ttl + time.Second)
		known(alone, "abc", "a1", "nothing")

		z.fail = &client.Error{Code: client.CodeNotFound, ZoomCode: 1001}
		get(t, alone, z, "gone", "a1")
		known(alone, "gone", "a1", "error")
		z.fail = nil

		get(t, replica, z, "abc", "a1")
		known(replica, "abc", "a1", "nothing")
		far.asks = false
		known(replica, "abc", "a1", "a1@0")
		far.down = true
		known(replica, "abc", "a1", "nothing")

		forgetful := newStore(t, store.Options{}).Principal("acct", "", nil)
		get(t, forgetful, z, "abc", "a1")
		known(forgetful, "abc", "a1", "nothing")
	})
}

// A person is known by address as by id.
func TestKnownByAnotherName(t *testing.T) {
	t.Parallel()
	z, s := &zoom{answer: `{"users":[{"id":"abc","email":"Ada@Example.com"}]}`}, newStore(t, usual())
	p := s.Principal("acct", "", nil)
	key := keyOf(opUsers)
	if _, err := p.Read(t.Context(), store.Ask{Key: key, Fetch: z.fetch(key)}); err != nil {
		t.Fatal(err)
	}
	z.answer = ""
	get(t, p, z, "abc", "a1")
	if _, ok, err := p.Known(store.Ask{Key: keyOf(opSettings, "ada@example.COM"), Names: []string{"a1"}}); !ok || err != nil {
		t.Errorf("not known by the address: %v", err)
	}
}
