package history_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// zoom is the embedded Zoom with a witness in front, who writes down in which order writes are taken, and lets calls
// go wrong.
type zoom struct {
	t      testing.TB
	inner  *sandbox.Server
	server *httptest.Server
	start  time.Time
	token  string // of who changes settings without the service
	users  []string

	mu      sync.Mutex
	mood    mood
	changes []change
	arrived map[int]int
	next    int                    // version
	writes  map[int]int            // numbers of writes, by version
	taking  map[string]*sync.Mutex // by user: a write of one user is taken after the other
}

// mood is how calls go wrong at present.
type mood struct {
	slow     time.Duration // at most, before an answer leaves; what it holds is older
	late     time.Duration // before a write is taken, whether its caller still waits or not
	lost     bool          // answers to writes that were taken
	refusing bool          // 503 to everything, and nothing is taken
}

// settings are those that hold versions.
var settings = map[string]struct{ section, name, wire string }{
	"a": {"recording", "autoDeleteCmrDays", "auto_delete_cmr_days"},
	"b": {"feature", "meetingCapacity", "meeting_capacity"},
	"c": {"feature", "largeMeetingCapacity", "large_meeting_capacity"},
	"d": {"feature", "webinarCapacity", "webinar_capacity"},
}

func newZoom(t testing.TB, users int) *zoom {
	t.Helper()
	var err error
	z := &zoom{t: t, start: time.Now(), arrived: map[int]int{}, writes: map[int]int{}, taking: map[string]*sync.Mutex{}}
	if z.inner, err = sandbox.New(sandbox.Options{Program: programtest.Of(t), Users: 20}); err != nil {
		t.Fatal(err)
	}
	z.server = httptest.NewServer(z)
	t.Cleanup(z.server.Close)
	z.token = z.mint()
	for _, user := range z.inner.Users() {
		if user.Status == "active" && len(z.users) < users {
			z.users = append(z.users, user.ID)
			z.taking[user.ID] = &sync.Mutex{}
			z.change(user.ID, settingNames()...)
		}
	}
	return z
}

func settingNames() []string { return []string{"a", "b", "c", "d"} }

func (z *zoom) now() time.Duration { return time.Since(z.start) }

func (z *zoom) mint() string {
	req := httptest.NewRequestWithContext(z.t.Context(), http.MethodPost, "/oauth/token?grant_type=account_credentials&account_id=account", nil)
	req.SetBasicAuth("client", "secret")
	res := httptest.NewRecorder()
	z.inner.ServeHTTP(res, req)
	var grant struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(res.Body.Bytes(), &grant); err != nil || grant.AccessToken == "" {
		z.t.Fatalf("%s: %v", res.Body, err)
	}
	return grant.AccessToken
}

// version gives out the next one, for a write of the service or a change of Zoom's own.
func (z *zoom) version(write bool) (version int) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.next++
	if write {
		z.writes[z.next] = z.next
	}
	return z.next
}

// change changes settings of a user at Zoom, without the service.
func (z *zoom) change(user string, names ...string) {
	version := z.version(false)
	body := map[string]map[string]int{}
	for _, name := range names {
		one := settings[name]
		if body[one.section] == nil {
			body[one.section] = map[string]int{}
		}
		body[one.section][one.wire] = version
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // it is a map of maps of numbers
	}
	req := httptest.NewRequestWithContext(context.WithoutCancel(z.t.Context()), http.MethodPatch, "/v2/users/"+user+"/settings", bytes.NewReader(text))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+z.token)
	if res := z.take(req, user, text); res.Code != http.StatusNoContent {
		z.t.Errorf("a change at Zoom: %d %s", res.Code, res.Body)
	}
}

// take has a write carried out, and writes down what it changed.
func (z *zoom) take(req *http.Request, user string, body []byte) *httptest.ResponseRecorder {
	z.taking[user].Lock()
	defer z.taking[user].Unlock()
	from := z.now()
	res := httptest.NewRecorder()
	z.inner.ServeHTTP(res, req)
	to := z.now()
	var written map[string]map[string]int
	if err := json.Unmarshal(body, &written); err != nil || res.Code != http.StatusNoContent {
		return res
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	arrived := 0
	for _, name := range settingNames() {
		one := settings[name]
		if version, ok := written[one.section][one.wire]; ok {
			z.changes = append(z.changes, change{user, name, version, from, to, z.writes[version]})
			arrived = z.writes[version]
		}
	}
	z.arrived[arrived]++
	return res
}

func (z *zoom) set(m mood) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.mood = m
}

// ServeHTTP lets the embedded Zoom answer, and what is on in between.
func (z *zoom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	z.mu.Lock()
	mood := z.mood
	z.mu.Unlock()
	var res *httptest.ResponseRecorder
	switch {
	case mood.refusing:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"code":503,"message":"not now"}`)
		return
	case r.Method == http.MethodPatch:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the caller left in the middle
		}
		pause(mood.late)
		user := strings.Split(strings.TrimPrefix(r.URL.Path, "/v2/users/"), "/")[0]
		again := httptest.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, r.URL.String(), bytes.NewReader(body))
		again.Header = r.Header
		res = z.take(again, user, body)
		if mood.lost {
			panic(http.ErrAbortHandler)
		}
	default:
		res = httptest.NewRecorder()
		z.inner.ServeHTTP(res, r)
	}
	switch {
	case mood.slow > 0:
		pause(rand.N(mood.slow))
	case rand.N(6) == 0:
		pause(rand.N(250 * time.Millisecond)) // some answers are overtaken by others
	}
	for name, values := range res.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(res.Code)
	_, _ = res.Body.WriteTo(w) // who has left does not read it
}

func pause(d time.Duration) {
	if d > 0 {
		<-time.After(d)
	}
}

// readOf asks for settings of a user.
func readOf(user string, names []string) string {
	return fmt.Sprintf(`{ user(id: %q) { settings { %s } } }`, user, selection(names, func(name string) string { return name }))
}

// writeOf sets settings of a user to a version.
func writeOf(user string, names []string, version int) string {
	input := selection(names, func(name string) string { return fmt.Sprintf("%s: %d", name, version) })
	return fmt.Sprintf(`mutation { updateUserSettings(id: %q, input: {%s}) { notApplied { field } } }`, user, strings.ReplaceAll(input, " {", ": {"))
}

func selection(names []string, field func(name string) string) string {
	var sections []string
	fields := map[string]string{}
	for _, name := range names {
		one := settings[name]
		if fields[one.section] == "" {
			sections = append(sections, one.section)
		}
		fields[one.section] += " " + field(one.name)
	}
	text := ""
	for _, section := range sections {
		text += section + " {" + fields[section] + " } "
	}
	return text
}
