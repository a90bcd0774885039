package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/redistest"
	"zoomgraph/internal/sandbox"
)

// The tests of this file are about one account in which several act: somebody with a key, a person who signed in, a Zoom
// user with a token of their own; at one replica, and at two of them behind a Redis.

const roomKey = "zg_0123456789012345678901234567890123456789a"

// room is an account in which all of these may act.
type room struct {
	t        *testing.T
	zoom     *upstream
	replicas []*started
	user     string // Ada's id
	own      string // a token of hers
	app      string // a token of the account, of an app that the service does not know
}

// newRoom starts replicas. What is read they believe for ten minutes.
func newRoom(t *testing.T, replicas int, around func(http.Handler) http.Handler) *room {
	t.Helper()
	r := &room{t: t, zoom: newUpstreamOf(t, sandbox.Options{AccountID: "account"}, around)}
	r.user, r.own, r.app = r.zoom.zoom.Users()[0].ID, r.zoom.tokenOf(ada), r.zoom.mint()
	file := configured(t, fmt.Sprintf("callers:\n  - {name: one, key_sha256: %q, allow: [read, write]}\n", callers.DigestOf(roomKey)))
	env := r.zoom.env(nil, "ZOOMGRAPH_CONFIG="+file, "ZOOMGRAPH_PASS_THROUGH=true", "ZOOMGRAPH_CACHE_TTL=10m", "ZOOMGRAPH_SIGN_IN_ALLOW=read,write")
	if replicas > 1 {
		env["ZOOMGRAPH_REDIS_URL"] = redistest.Start(t).URL()
	}
	for range replicas {
		address := freeAddress(t)
		env["ZOOMGRAPH_PUBLIC_URL"] = "http://" + address
		r.replicas = append(r.replicas, start(t, env, append(append([]string{}, peopleMay...), "--addr", address)...))
	}
	return r
}

// other is the last replica: not the first one where there are several.
func (r *room) other() *started { return r.replicas[len(r.replicas)-1] }

// eachRoom runs a test with one replica and with two.
func eachRoom(t *testing.T, test func(t *testing.T, replicas int)) {
	t.Helper()
	for _, n := range []int{1, 2} {
		t.Run(fmt.Sprintf("replicas=%d", n), func(t *testing.T) {
			t.Parallel()
			test(t, n)
		})
	}
}

// actor asks a service as somebody.
type actor func(query string) (body string)

// writers are all who write in the room, at one replica.
func (r *room) writers(s *started) map[string]actor {
	r.t.Helper()
	all := r.actors(s)
	all["with a token of the account"] = func(query string) string {
		_, body := bearer(r.t, s, r.app, query)
		return body
	}
	return all
}

// actors are those whose account is known from the start.
func (r *room) actors(s *started) map[string]actor {
	r.t.Helper()
	person := visit(r.t, s)
	person.signIn(ada)
	by := func(token string) actor {
		return func(query string) string {
			_, body := bearer(r.t, s, token, query)
			return body
		}
	}
	return map[string]actor{"with a key": by(roomKey), "who signed in": func(query string) string { return person.query(query) }, "with a token of their own": by(r.own)}
}

// sets changes a setting of Ada's.
func (r *room) sets(who actor, on bool) {
	r.t.Helper()
	r.setsBy(r.user, who, on)
}

// setsBy also says by what name Ada is called.
func (r *room) setsBy(name string, who actor, on bool) {
	r.t.Helper()
	query := fmt.Sprintf(`mutation { updateUserSettings(id: %q, input: {scheduleMeeting: {hostVideo: %v}}) { notApplied { field } } }`, name, on)
	if body := who(query); !strings.Contains(body, `"notApplied":[]`) {
		r.t.Errorf("a write: %s", body)
	}
}

// What anybody changes, all who subscribed hear, at all replicas.
func TestEverybodyHears(t *testing.T) {
	t.Parallel()
	eachRoom(t, func(t *testing.T, replicas int) {
		t.Helper()
		r := newRoom(t, replicas, nil)
		var heard []*lines
		for _, s := range r.replicas {
			byKey, _ := visit(r.t, s).stream(`subscription { userSettingsChanged { user { id } fields } }`, "Authorization", "Bearer "+roomKey)
			person := visit(r.t, s)
			person.signIn(ada)
			signedIn, _ := person.stream(`subscription { userSettingsChanged(id: "me") { user { id } fields } }`)
			heard = append(heard, byKey, signedIn)
		}
		told := func(l *lines) int { return strings.Count(l.String(), r.user) }
		for name, who := range r.writers(r.other()) {
			before := make([]int, len(heard))
			for i, l := range heard {
				before[i] = told(l)
			}
			on := false
			waitFor(r.t, "all to hear of what somebody "+name+" changes", func() bool {
				on = !on
				r.sets(who, on)
				for i, l := range heard {
					if told(l) == before[i] {
						return false
					}
				}
				return true
			})
		}
	})
}

// With a user's rights one hears of nobody whom Zoom does not let one read.
func TestNobodyHearsOfWhomTheyMayNotRead(t *testing.T) {
	t.Parallel()
	r := newRoom(t, 1, nil)
	s, bob := r.replicas[0], r.zoom.zoom.Users()[1].ID
	if err := r.zoom.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users/*", User: bob, Kind: sandbox.FaultStatus, Status: 400, Code: 200}}}); err != nil {
		t.Fatal(err)
	}
	person := visit(t, s)
	person.signIn(ada)
	all := `subscription { userSettingsChanged { user { id } fields } }`
	theirs, _ := person.stream(all)
	ours, _ := visit(t, s).stream(all, "Authorization", "Bearer "+roomKey)
	write := func(user string) {
		_, body := bearer(t, s, roomKey, fmt.Sprintf(`mutation { updateUserSettings(id: %q, input: {inMeeting: {chat: true}}) { notApplied { field } } }`, user))
		if strings.Contains(body, "errors") {
			t.Fatal(body)
		}
	}
	waitFor(t, "both to hear of Ada", func() bool {
		write(r.user)
		return strings.Contains(theirs.String(), r.user) && strings.Contains(ours.String(), r.user)
	})
	write(bob)
	r.sets(func(query string) string { _, body := bearer(t, s, roomKey, query); return body }, true)
	waitFor(t, "who may read Bob to hear of him, and the other one of what came later", func() bool {
		return strings.Contains(ours.String(), bob) && strings.Contains(theirs.String(), "host_video")
	})
	if text := theirs.String(); strings.Contains(text, bob) || strings.Contains(text, "errors") {
		t.Errorf("who may not read Bob hears\n%s", text)
	}
}

// overlap is a Zoom in which a write takes a while. It notes how many are under way at most.
type overlap struct {
	mu            sync.Mutex
	running, most int
	writes        int
}

func (o *overlap) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPatch {
			next.ServeHTTP(w, r)
			return
		}
		o.mu.Lock()
		o.writes++
		o.running++
		o.most = max(o.most, o.running)
		o.mu.Unlock()
		wait(r.Context(), 200*time.Millisecond)
		next.ServeHTTP(w, r)
		o.mu.Lock()
		o.running--
		o.mu.Unlock()
	})
}

// Writes on one user follow one another, whoever makes them, at whatever replica and by whatever name that is known.
func TestWritesFollowOneAnother(t *testing.T) {
	t.Parallel()
	eachRoom(t, func(t *testing.T, replicas int) {
		t.Helper()
		var zoom overlap
		r := newRoom(t, replicas, zoom.around)
		var writes sync.WaitGroup
		for i, s := range r.replicas {
			all := r.writers(s)
			// Whose an address is each replica learns from its own calls.
			if body := all["with a key"](fmt.Sprintf(`{ users(first: %d) { nodes { id email } } }`, 30+i)); !strings.Contains(body, ada) {
				t.Fatal(body)
			}
			for _, who := range all {
				writes.Go(func() { r.sets(who, true) })
			}
			writes.Go(func() { r.setsBy("me", all["who signed in"], true) })
			writes.Go(func() { r.setsBy(ada, all["with a key"], true) })
		}
		writes.Wait()
		if zoom.most != 1 || zoom.writes != 6*replicas {
			t.Errorf("%d writes, %d of them at once", zoom.writes, zoom.most)
		}
	})
}

// What anybody has written, nobody reads as it was before.
func TestNobodyReadsWhatWasBefore(t *testing.T) {
	t.Parallel()
	eachRoom(t, func(t *testing.T, replicas int) {
		t.Helper()
		r := newRoom(t, replicas, nil)
		query := fmt.Sprintf(`{ user(id: %q) { settings { scheduleMeeting { hostVideo } } } }`, r.user)
		on := false
		for name, writer := range r.writers(r.other()) {
			on = !on
			readers := map[string]actor{}
			for i, s := range r.replicas {
				for name, who := range r.actors(s) {
					readers[fmt.Sprintf("%s at replica %d", name, i)] = who
				}
			}
			for _, reader := range readers {
				waitFor(r.t, "a value to be known", func() bool {
					var a answered
					return json.Unmarshal([]byte(reader(query)), &a) == nil && a.Extensions.Zoom.Cost.Calls == 0
				})
			}
			r.sets(writer, on)
			for of, reader := range readers {
				waitFor(r.t, fmt.Sprintf("somebody %s to read what somebody %s wrote", of, name), func() bool {
					return strings.Contains(reader(query), fmt.Sprintf(`"hostVideo":%v`, on))
				})
			}
		}
	})
}

// Who writes as "me" changes nothing of what is known of others.
func TestWhoIsMe(t *testing.T) {
	t.Parallel()
	eachRoom(t, func(t *testing.T, replicas int) {
		t.Helper()
		r := newRoom(t, replicas, nil)
		key := r.actors(r.replicas[0])["with a key"]
		known := func(user string) func() bool {
			return func() bool {
				var a answered
				body := key(fmt.Sprintf(`{ user(id: %q) { settings { scheduleMeeting { hostVideo } } } }`, user))
				return json.Unmarshal([]byte(body), &a) == nil && a.Extensions.Zoom.Cost.Calls == 0
			}
		}
		bob := known(r.zoom.zoom.Users()[1].ID)
		waitFor(t, "Bob to be known", bob)
		waitFor(t, "Ada to be known", known(r.user))
		for name, who := range r.actors(r.other()) {
			if name == "with a key" {
				continue // which is nobody
			}
			r.setsBy("me", who, true)
			waitFor(t, "Ada to be read anew after a write of somebody "+name, func() bool { return !known(r.user)() })
			waitFor(t, "Ada to be known", known(r.user))
			if !bob() {
				t.Errorf("of Bob nothing is known after a write of somebody %s", name)
			}
		}
	})
}

// elsewhere is another Zoom account behind the same address. Its people have the same ids, its tokens a sign of their own.
type elsewhere struct{ *upstream }

const theirSign = "elsewhere."

func (e elsewhere) token() string { return theirSign + e.mintFor("elsewhere") }

func (e elsewhere) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, theirs := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "+theirSign)
		if !theirs {
			next.ServeHTTP(w, r)
			return
		}
		r.Header.Set("Authorization", "Bearer "+token)
		e.zoom.ServeHTTP(w, r)
	})
}

// A token of another account touches nothing of this one: not what is known of it, not its changes, not its budget, not
// the order of its writes. Among itself the other account is one as well.
func TestATokenOfAnotherAccount(t *testing.T) {
	t.Parallel()
	eachRoom(t, func(t *testing.T, replicas int) {
		t.Helper()
		other := elsewhere{newUpstreamOf(t, sandbox.Options{AccountID: "elsewhere"}, nil)}
		r := newRoom(t, replicas, other.around)
		heard, _ := visit(t, r.replicas[0]).stream(`subscription { userSettingsChanged { user { id } fields } }`, "Authorization", "Bearer "+roomKey)
		by := func(token, query string) (answered, string) {
			a, body := bearer(t, r.replicas[0], token, query)
			if len(a.Errors) > 0 {
				t.Errorf("%s is answered %s", query, body)
			}
			return a, body
		}
		query := fmt.Sprintf(`{ user(id: %q) { settings { scheduleMeeting { hostVideo } } } }`, r.user)
		ours, theirs, alsoTheirs := func(q string) string { _, body := by(roomKey, q); return body }, other.token(), other.token()
		waitFor(t, "the subscription", func() bool {
			r.sets(ours, false)
			return strings.Contains(heard.String(), "host_video")
		})
		waitFor(t, "a value to be known", func() bool {
			a, _ := by(roomKey, query)
			return a.Extensions.Zoom.Cost.Calls == 0
		})
		before, _, _ := r.zoom.calls()
		for _, token := range []string{theirs, alsoTheirs} {
			for _, on := range []bool{true, false, true} {
				r.sets(func(q string) string { _, body := by(token, q); return body }, on)
			}
			_, body := by(theirs, query)
			if !strings.Contains(body, `"hostVideo":true`) {
				t.Errorf("their own write is answered %s", body)
			}
		}
		if a, body := by(roomKey, query); a.Extensions.Zoom.Cost.Calls != 0 || !strings.Contains(body, `"hostVideo":false`) {
			t.Errorf("what is known of this account: %s", body)
		}
		told := strings.Count(heard.String(), "host_video")
		r.sets(ours, true)
		waitFor(t, "the subscription to hear of this account", func() bool { return strings.Count(heard.String(), "host_video") > told })
		if n := strings.Count(heard.String(), "host_video"); n != told+1 {
			t.Errorf("it heard of %d changes of another account", n-told-1)
		}
		if after, _, _ := r.zoom.calls(); after > before+8 {
			t.Errorf("%d calls of this account", after-before)
		}
	})
}

// A token whose account Zoom does not tell may read; it may not write, nor subscribe.
func TestATokenOfNobodyKnowsWhom(t *testing.T) {
	t.Parallel()
	r := newRoom(t, 1, nil)
	if err := r.zoom.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users/*", Kind: sandbox.FaultStatus, Status: 400, Code: 4711, Message: "scopes"}}}); err != nil {
		t.Fatal(err)
	}
	if a, body := bearer(t, r.replicas[0], r.app, `{ users(first: 1) { nodes { id } } }`); len(a.Errors) > 0 {
		t.Errorf("a read: %s", body)
	}
	for _, operation := range []string{
		fmt.Sprintf(`mutation { updateUserSettings(id: %q, input: {inMeeting: {chat: true}}) { user { id } } }`, r.user),
		`subscription { userSettingsChanged { fields } }`,
	} {
		heard, gone := visit(t, r.replicas[0]).stream(operation, "Authorization", "Bearer "+r.app)
		<-gone
		if body := heard.String(); !strings.Contains(body, `"code":"FORBIDDEN"`) || !strings.Contains(body, "user:read") {
			t.Errorf("%s is answered %s", operation, body)
		}
	}
	for _, e := range r.zoom.zoom.Log(0) {
		if e.Method == http.MethodPatch {
			t.Errorf("%s %s left", e.Method, e.Path)
		}
	}
}
