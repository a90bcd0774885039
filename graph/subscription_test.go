package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/internal/events"
	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/store"
)

// newsroom is a server with its sandbox, on which operations run without HTTP.
type newsroom struct {
	t       *testing.T
	zoom    *sandbox.Server
	exec    *executor.Executor
	other   *client.Client // somebody else, who writes as well
	account *events.Stream
	users   []sandbox.User
}

func newNewsroom(t *testing.T, opts store.Options, more ...func(*graph.Options)) *newsroom {
	t.Helper()
	n := &newsroom{t: t, account: events.NewStream()}
	known, err := store.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(known.Close)
	more = append([]func(*graph.Options){func(o *graph.Options) {
		o.Events, o.Explain, o.Store = n.account, true, known.Principal("account", "", nil)
	}}, more...)
	var server *graph.Server
	server, n.other, n.zoom = exporting(t, sandbox.Config{}, nil, more...)
	n.exec = executor.New(server.Executable)
	n.exec.SetErrorPresenter(server.PresentError)
	for _, extension := range server.Extensions() {
		n.exec.Use(extension)
	}
	for _, user := range n.zoom.Users() {
		if user.Status == "active" {
			n.users = append(n.users, user)
		}
	}
	return n
}

// start runs an operation until ctx ends, with headers set to 1; ANN, BOB and their addresses in it are the first two
// users.
func (n *newsroom) start(ctx context.Context, query string, headers ...string) func() *graphql.Response {
	n.t.Helper()
	for i, name := range []string{"ANN", "BOB"} {
		query = strings.ReplaceAll(query, name+"@", n.users[i].Email)
		query = strings.ReplaceAll(query, name, n.users[i].ID)
	}
	ctx = graphql.StartOperationTrace(ctx)
	params := &graphql.RawParams{Query: query, Headers: http.Header{}}
	for _, name := range headers {
		params.Headers.Set(name, "1")
	}
	op, errs := n.exec.CreateOperationContext(ctx, params)
	if len(errs) > 0 {
		n.t.Fatal(errs)
	}
	answers, ctx := n.exec.DispatchOperation(ctx, op)
	return func() *graphql.Response { return answers(ctx) }
}

// mutate runs a mutation, and fails the test if it has errors.
func (n *newsroom) mutate(mutation string) {
	n.t.Helper()
	if resp := n.start(n.t.Context(), "mutation "+mutation)(); len(resp.Errors) > 0 {
		n.t.Fatal(resp.Errors)
	}
}

// hostVideo sets a setting of a user.
func (n *newsroom) hostVideo(user string, on bool) {
	n.t.Helper()
	n.mutate(fmt.Sprintf(`{ updateUserSettings(id: %q, input: {scheduleMeeting: {hostVideo: %v}}) { user { id } } }`, user, on))
}

// calls lists the calls since it was last asked, with names for the first two users.
func (n *newsroom) calls(seen *int) []string {
	var calls []string
	for _, e := range n.zoom.Log(*seen) {
		*seen = e.N
		if strings.HasPrefix(e.Path, "/oauth/") {
			continue
		}
		call := e.Method + " " + e.Path
		for i, name := range []string{"ANN", "BOB"} {
			call = strings.ReplaceAll(strings.ReplaceAll(call, n.users[i].ID, name), n.users[i].Email, name+"@")
		}
		calls = append(calls, strings.TrimSuffix(call+"?"+e.Query, "?"))
	}
	slices.Sort(calls)
	return calls
}

func (n *newsroom) wantCalls(seen *int, want ...string) {
	n.t.Helper()
	if got := n.calls(seen); !slices.Equal(got, want) {
		n.t.Errorf("calls:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// wantData compares the data of an answer without errors, in which ANN and BOB are users.
func (n *newsroom) wantData(resp *graphql.Response, want string) {
	n.t.Helper()
	if resp == nil {
		n.t.Fatal("it has ended")
	}
	got := string(resp.Data)
	for i, name := range []string{"ANN", "BOB"} {
		got = strings.ReplaceAll(got, n.users[i].ID, name)
	}
	if len(resp.Errors) > 0 || got != want {
		n.t.Errorf("%s, %v\nwant %s", got, resp.Errors, want)
	}
}

// wantFault compares the only error of an answer.
func (n *newsroom) wantFault(resp *graphql.Response, data, code, path string) {
	n.t.Helper()
	if resp == nil || string(resp.Data) != data || len(resp.Errors) != 1 || resp.Errors[0].Extensions["code"] != code || resp.Errors[0].Path.String() != path {
		n.t.Errorf("%+v, want %s at %q beside %q", resp, code, path, data)
	}
}

func TestSubscription(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, minute)
	next := n.start(t.Context(), `subscription { change: userSettingsChanged { user { id settings { scheduleMeeting { hostVideo } } } fields at } }`)
	before := time.Now()
	n.mutate(`{ updateUserSettings(id: "ANN", input: {scheduleMeeting: {hostVideo: true}, inMeeting: {waitingRoom: true, chat: false}, meetingSecurity: {waitingRoom: true}}) { user { id } } }`)
	resp := next()
	if resp == nil || len(resp.Errors) > 0 {
		t.Fatalf("%+v", resp)
	}
	var data struct {
		Change struct {
			At time.Time
		}
	}
	if err := json.Unmarshal(resp.Data, &data); err != nil || data.Change.At.Before(before.Truncate(time.Second)) || data.Change.At.After(time.Now()) {
		t.Errorf("%v in %s", err, resp.Data)
	}
	rest, _, _ := bytes.Cut(resp.Data, []byte(`,"at"`))
	n.wantData(&graphql.Response{Data: append(rest, "}}"...)},
		`{"change":{"user":{"id":"ANN","settings":{"scheduleMeeting":{"hostVideo":true}}},"fields":["chat","host_video","waiting_room"]}}`)
	if resp.Extensions["zoom"] == nil {
		t.Error("the answer is not explained")
	}
}

// Every answer is read after its change, though what was read before is kept.
func TestSubscriptionIsFresh(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, minute)
	next := n.start(t.Context(), `subscription { userSettingsChanged { user { settings { scheduleMeeting { hostVideo } } } } }`)
	for i := range 6 {
		on := i%2 == 0
		n.hostVideo("ANN", on)
		n.wantData(next(), fmt.Sprintf(`{"userSettingsChanged":{"user":{"settings":{"scheduleMeeting":{"hostVideo":%v}}}}}`, on))
	}
}

// A change that comes from elsewhere is not answered by what was read here before it, of which nobody said that it is old.
func TestForeignChange(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, minute)
	ann := n.users[0].ID
	n.hostVideo("ANN", true)
	n.wantData(n.start(t.Context(), `{ user(id: "ANN") { settings { scheduleMeeting { hostVideo } } } }`)(), `{"user":{"settings":{"scheduleMeeting":{"hostVideo":true}}}}`)
	next := n.start(t.Context(), `subscription { userSettingsChanged { user { settings { scheduleMeeting { hostVideo } } } } }`)
	if _, err := n.other.Do(t.Context(), client.Request{
		Op: &client.Op{ID: "x", Method: http.MethodPatch, Path: "/users/{userId}/settings"}, Path: []string{ann},
		Body: json.RawMessage(`{"schedule_meeting":{"host_video":false}}`),
	}); err != nil {
		t.Fatal(err)
	}
	n.account.Publish(events.Change{Kind: events.UserSettings, User: ann, Names: []string{"host_video"}})
	n.wantData(next(), `{"userSettingsChanged":{"user":{"settings":{"scheduleMeeting":{"hostVideo":false}}}}}`)
}

// Who wants to hear of all need not know who it was.
func TestChangeByAddress(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, minute)
	next := n.start(t.Context(), `subscription { userSettingsChanged { fields } }`)
	seen := 0
	n.mutate(`{ updateUserSettings(id: "ANN@", input: {scheduleMeeting: {hostVideo: true}}) { user { __typename } } }`)
	n.wantData(next(), `{"userSettingsChanged":{"fields":["host_video"]}}`)
	n.wantCalls(&seen, "PATCH /users/ANN@/settings")
}

// Many who are told of a change make few calls for it: one, where they ask for the same.
func TestSubscribersShareCalls(t *testing.T) {
	t.Parallel()
	const subscribers = 200
	n := newNewsroom(t, minute)
	var ready, done sync.WaitGroup
	ready.Add(subscribers)
	for range subscribers {
		next := n.start(t.Context(), `subscription { userSettingsChanged { user { settings { scheduleMeeting { hostVideo } } } } }`)
		done.Go(func() {
			ready.Done()
			n.wantData(next(), `{"userSettingsChanged":{"user":{"settings":{"scheduleMeeting":{"hostVideo":true}}}}}`)
		})
	}
	ready.Wait()
	seen := 0
	n.calls(&seen)
	n.hostVideo("ANN", true)
	done.Wait()
	n.wantCalls(&seen, "GET /users/ANN/settings?custom_query_fields=host_video", "PATCH /users/ANN/settings")
}

// A subscriber to one user hears of that user, by whatever name the one and the other call them.
func TestSubscriptionToOne(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		subscribed, changed, other string
		begin, read                []string // calls
	}{
		{"ANN", "ANN", "BOB", nil, nil},
		{"ANN@", "ANN", "BOB", []string{"GET /users/ANN@"}, nil},
		{"ANN", "ANN@", "BOB", nil, []string{"GET /users/ANN@"}},
		{"ANN@", "ANN@", "BOB", []string{"GET /users/ANN@"}, []string{"GET /users/ANN@"}},
		{"ANN", "ANN", "BOB@", nil, []string{"GET /users/BOB@"}},
	} {
		t.Run(tt.subscribed+" "+tt.changed+" "+tt.other, func(t *testing.T) {
			t.Parallel()
			n := newNewsroom(t, minute)
			seen := 0
			next := n.start(t.Context(), `subscription { userSettingsChanged(id: "`+tt.subscribed+`") { user { id } fields } }`)
			n.wantCalls(&seen, tt.begin...)
			n.mutate(`{ updateUserSettings(id: "` + tt.other + `", input: {inMeeting: {chat: true}}) { notApplied { field } } }`)
			n.mutate(`{ updateUserSettings(id: "` + tt.changed + `", input: {scheduleMeeting: {hostVideo: true}}) { notApplied { field } } }`)
			n.calls(&seen)
			n.wantData(next(), `{"userSettingsChanged":{"user":{"id":"ANN"},"fields":["host_video"]}}`)
			n.wantCalls(&seen, tt.read...)
		})
	}
}

// Whose change it was must be known; where it cannot be, that is said, and the next one is told again.
func TestNobodyKnowsWho(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, minute)
	next := n.start(t.Context(), `subscription { userSettingsChanged(id: "ANN") { fields } }`)
	if err := n.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users/*", Kind: sandbox.FaultStatus, Status: 400, Code: 300, Times: 1}}}); err != nil {
		t.Fatal(err)
	}
	n.mutate(`{ updateUserSettings(id: "ANN@", input: {inMeeting: {chat: true}}) { notApplied { field } } }`)
	resp := next()
	if resp == nil || string(resp.Data) != "null" || len(resp.Errors) != 1 || resp.Errors[0].Path.String() != "userSettingsChanged" {
		t.Errorf("%+v", resp)
	}
	n.mutate(`{ updateUserSettings(id: "ANN@", input: {inMeeting: {chat: true}}) { notApplied { field } } }`)
	n.wantData(next(), `{"userSettingsChanged":{"fields":["chat"]}}`)
}

// Of what was not written nothing is told, and of a mutation that broke off what it did.
func TestOnlyWhatWasWritten(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, minute)
	next := n.start(t.Context(), `subscription { userSettingsChanged { fields } }`)
	if err := n.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{
		{Match: "PATCH /users/*/settings", User: n.users[1].ID, Kind: sandbox.FaultStatus, Status: 400, Code: 300},
	}}); err != nil {
		t.Fatal(err)
	}
	if resp := n.start(t.Context(), `mutation { updateUserSettings(id: "BOB", input: {inMeeting: {chat: true}}) { user { id } } }`)(); len(resp.Errors) == 0 {
		t.Error("the write did not fail")
	}
	if err := n.zoom.Configure(sandbox.Config{}); err != nil {
		t.Fatal(err)
	}
	n.hostVideo("ANN", true)
	n.wantData(next(), `{"userSettingsChanged":{"fields":["host_video"]}}`)

	second := &secondWrite{next: n.zoom}
	n2 := newNewsroom(t, minute, func(o *graph.Options) {
		upstream, err := client.New(client.Config{Transport: second, AccountID: "a", ClientID: "b", ClientSecret: "c"})
		if err != nil {
			t.Fatal(err)
		}
		o.Client = upstream
	})
	n2.users = n.users
	next = n2.start(t.Context(), `subscription { userSettingsChanged { fields } }`)
	resp := n2.start(t.Context(), `mutation { updateUserSettings(id: "ANN", input: {scheduleMeeting: {hostVideo: true}, meetingSecurity: {waitingRoom: true}}) { user { id } } }`)()
	if len(resp.Errors) != 1 {
		t.Errorf("%+v", resp)
	}
	n2.wantData(next(), `{"userSettingsChanged":{"fields":["host_video"]}}`)
}

// secondWrite refuses the second PATCH.
type secondWrite struct {
	next    http.Handler
	mu      sync.Mutex
	patches int
}

func (s *secondWrite) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	if r.Method == http.MethodPatch {
		s.patches++
	}
	refuse := r.Method == http.MethodPatch && s.patches == 2
	s.mu.Unlock()
	if refuse {
		r.Body.Close()
		return &http.Response{StatusCode: 400, Header: http.Header{"Content-Type": {"application/json"}}, Body: http.NoBody, Request: r}, nil
	}
	return direct{s.next}.RoundTrip(r)
}

// Writes of other things are no changes of users' settings.
func TestOtherWrites(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, minute)
	next := n.start(t.Context(), `subscription { userSettingsChanged { fields } }`)
	n.mutate(`{ updateAccountSettings(id: "me", input: {inMeeting: {chat: true}}) { notApplied { field } } }`)
	n.mutate(`{ updateUser(id: "ANN", input: {dept: "x"}) { user { id } } }`)
	var groups struct {
		Groups struct{ Nodes []struct{ ID string } }
	}
	if err := json.Unmarshal(n.start(t.Context(), `{ groups { nodes { id } } }`)().Data, &groups); err != nil {
		t.Fatal(err)
	}
	n.mutate(`{ updateGroupSettings(id: "` + groups.Groups.Nodes[0].ID + `", input: {inMeeting: {chat: true}}) { notApplied { field } } }`)
	n.hostVideo("ANN", true)
	n.wantData(next(), `{"userSettingsChanged":{"fields":["host_video"]}}`)
}

// A subscriber that does not keep up gets what was queued, the reason, and no more.
func TestSlowSubscription(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, minute)
	next := n.start(t.Context(), `subscription { userSettingsChanged { fields } }`)
	for n.account.Subscribers() == 1 {
		n.account.Publish(events.Change{Kind: events.UserSettings, User: n.users[0].ID, Names: []string{"x"}})
	}
	for {
		resp := next()
		if len(resp.Errors) > 0 {
			n.wantFault(resp, "", "RATE_LIMITED", "userSettingsChanged")
			break
		}
		n.wantData(resp, `{"userSettingsChanged":{"fields":["x"]}}`)
	}
	if resp := next(); resp != nil {
		t.Errorf("afterwards: %+v", resp)
	}
}

// lossy is a link to other processes on which changes get lost.
type lossy struct{ missed func() }

func (*lossy) Tell([]byte)                          {}
func (l *lossy) Hear(_ func([]byte), missed func()) { l.missed = missed }

// Where changes of another replica may have been missed, a subscription ends after what was heard, and says so.
func TestMissedChanges(t *testing.T) {
	t.Parallel()
	n, link := newNewsroom(t, minute), &lossy{}
	n.account.Join(link)
	next := n.start(t.Context(), `subscription { userSettingsChanged { fields } }`)
	n.hostVideo("ANN", true)
	link.missed()
	n.wantData(next(), `{"userSettingsChanged":{"fields":["host_video"]}}`)
	n.wantFault(next(), "", "UPSTREAM_UNAVAILABLE", "userSettingsChanged")
	if resp := next(); resp != nil {
		t.Errorf("afterwards: %+v", resp)
	}
}

// What cannot begin says why, sends nothing that it need not, and leaves no subscription.
func TestRefusedSubscriptions(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, minute, func(o *graph.Options) { o.MaxCalls = 2 })
	for _, tt := range []struct{ query, code, path string }{
		{`userSettingsChanged(id: "nobody@example.com") { fields }`, "NOT_FOUND", "userSettingsChanged"},
		{`x: userSettingsChanged(id: "..") { fields }`, "BAD_USER_INPUT", "x"},
		{`userSettingsChanged(id: "me") { fields }`, "BAD_USER_INPUT", "userSettingsChanged"},
		{`userSettingsChanged { user { settings { scheduleMeeting { hostVideo } meetingSecurity { waitingRoom } recordingAuthentication { raw } } } }`, "COST_LIMIT_EXCEEDED", ""},
	} {
		next := n.start(t.Context(), "subscription { "+strings.ReplaceAll(tt.query, "{ raw }", "{ recordingAuthentication }")+" }")
		n.wantFault(next(), "", tt.code, tt.path)
	}
	if got := n.account.Subscribers(); got != 0 {
		t.Errorf("%d subscriptions are left", got)
	}
}

func TestSubscriptionEnds(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, minute)
	ctx, cancel := context.WithCancel(t.Context())
	unread, leave := context.WithCancel(t.Context())
	n.start(unread, `subscription { userSettingsChanged { fields } }`)
	leave()
	for n.account.Subscribers() > 0 { // though nobody asks for its answers
		runtime.Gosched()
	}
	next := n.start(ctx, `subscription { userSettingsChanged { fields } }`)
	ended := make(chan *graphql.Response)
	go func() { ended <- next() }()
	cancel()
	if resp := <-ended; resp != nil {
		t.Errorf("%+v", resp)
	}
	if got := n.account.Subscribers(); got != 0 {
		t.Errorf("%d subscriptions are left", got)
	}
}

// One change that cannot be answered is an error at its place, in its time; the next one is answered.
func TestFaultsOfAnswers(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, minute, func(o *graph.Options) { o.EventTimeout = 2 * time.Second })
	next := n.start(t.Context(), `subscription { x: userSettingsChanged { user { email settings { scheduleMeeting { hostVideo } } } } }`)
	if err := n.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{
		{Match: "GET /users/*/settings", Kind: sandbox.FaultHang, Times: 1},
	}}); err != nil {
		t.Fatal(err)
	}
	n.hostVideo("ANN", true)
	resp := next()
	n.wantFault(resp, fmt.Sprintf(`{"x":{"user":{"email":%q,"settings":null}}}`, n.users[0].Email), "UPSTREAM_TIMEOUT", "x.user.settings")
	n.hostVideo("ANN", false)
	n.wantData(next(), fmt.Sprintf(`{"x":{"user":{"email":%q,"settings":{"scheduleMeeting":{"hostVideo":false}}}}}`, n.users[0].Email))
}

// Nothing is deferred here, so nobody is told that it could be.
func TestDeferIsUnknown(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, minute)
	_, errs := n.exec.CreateOperationContext(graphql.StartOperationTrace(t.Context()), &graphql.RawParams{Query: `{ user(id: "x") { id ... @defer { email } } }`})
	want := gqlerror.List{{Message: `Unknown directive "@defer".`}}
	if len(errs) != 1 || errs[0].Message != want[0].Message {
		t.Error(cmp.Diff(want.Error(), errs.Error()))
	}
	resp := n.start(t.Context(), `{ __schema { directives { name } } }`)()
	if strings.Contains(string(resp.Data), `"defer"`) {
		t.Errorf("%s", resp.Data)
	}
}

// A change is answered when there is a place for the answer, which is given back; where there is none in time, that is
// said, and the next change is answered again.
func TestEventsTakePlaces(t *testing.T) {
	t.Parallel()
	var taken, left int
	full := true
	n := newNewsroom(t, minute, func(o *graph.Options) {
		o.EventPlace = func(ctx context.Context) (func(), error) {
			if _, bounded := ctx.Deadline(); !bounded {
				t.Error("nothing bounds how long a place is waited for")
			}
			if full {
				return nil, &client.Error{Code: client.CodeRateLimited, Message: "no place"}
			}
			taken++
			return func() { left++ }, nil
		}
	})
	next := n.start(t.Context(), `subscription { userSettingsChanged { user { settings { scheduleMeeting { hostVideo } } } } }`)
	n.hostVideo("ANN", true)
	n.wantFault(next(), "null", "RATE_LIMITED", "userSettingsChanged")
	full = false
	for i, on := range []bool{false, true} {
		n.hostVideo("ANN", on)
		n.wantData(next(), fmt.Sprintf(`{"userSettingsChanged":{"user":{"settings":{"scheduleMeeting":{"hostVideo":%v}}}}}`, on))
		if taken != i+1 || left != i+1 {
			t.Errorf("%d places are taken, %d given back", taken, left)
		}
	}
}
