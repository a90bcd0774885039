package genqlient_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/events"
	"zoomgraph/internal/sandbox"
	"zoomgraph/test/genqlient"
	"zoomgraph/test/genqlient/optional"
)

// service is the facade before a sandbox, and what its clients call.
type service struct {
	url     string
	zoom    *sandbox.Server
	account *events.Stream
	users   []sandbox.User

	mu      sync.Mutex
	patches []string // the bodies that Zoom was sent
}

func setup(t *testing.T) *service {
	t.Helper()
	var err error
	s := &service{account: events.NewStream()}
	if s.zoom, err = sandbox.New(sandbox.Options{Program: programtest.Of(t)}); err != nil {
		t.Fatal(err)
	}
	s.users = s.zoom.Users()
	upstream := httptest.NewServer(s.reading(s.zoom))
	t.Cleanup(upstream.Close)
	api, err := client.New(client.Config{
		APIURL: upstream.URL + "/v2", OAuthURL: upstream.URL + "/oauth", AccountID: "account", ClientID: "client", ClientSecret: "secret",
	})
	if err != nil {
		t.Fatal(err)
	}
	facade, err := graph.NewServer(graph.Options{Program: programtest.Of(t), PrincipalOptions: graph.PrincipalOptions{Client: api, Events: s.account}, Explain: true})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := edge.New(edge.Options{
		Schema: facade.Executable, SDL: facade.Program.SDL, Extensions: facade.Extensions(), ErrorPresenter: facade.PresentError,
	})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(handler)
	t.Cleanup(web.Close)
	s.url = web.URL + "/graphql"
	return s
}

// reading keeps what is sent to be changed.
func (s *service) reading(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			s.mu.Lock()
			s.patches = append(s.patches, string(body))
			s.mu.Unlock()
		}
		next.ServeHTTP(w, r)
	})
}

// inMeeting is a change of one section.
func inMeeting(change genqlient.UserInMeetingSettingsInput) *genqlient.UserSettingsInput {
	return &genqlient.UserSettingsInput{InMeeting: &change}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for name, ask := range map[string]graphql.Client{
		"POST": graphql.NewClient(s.url, nil), "GET": graphql.NewClientUsingGet(s.url, nil),
	} {
		t.Run(name, func(t *testing.T) {
			want := s.users[1]
			got, extensions, err := genqlient.GetUser(t.Context(), ask, want.Email, true)
			if err != nil {
				t.Fatal(err)
			}
			user := got.User
			if email, _ := user.Email.Get(); email != want.Email || user.Id != want.ID {
				t.Errorf("got %s %s, want %s %s", user.Id, email, want.ID, want.Email)
			}
			if kind, ok := user.Type.Get(); !ok || !slices.Contains(genqlient.AllUserType, kind) {
				t.Errorf("the type of the user is %q, which is no UserType", kind)
			}
			if _, ok := user.Settings.InMeeting.WaitingRoom.Get(); !ok {
				t.Error("waitingRoom, which a fragment in a fragment asks for, has no value")
			}
			zoom, _ := extensions["zoom"].(map[string]any)
			if cost, _ := zoom["cost"].(map[string]any); cost["calls"] != 2.0 {
				t.Errorf("extensions %v, want a cost of 2 calls", extensions)
			}
		})
	}
}

// TestPages walks a list to its end.
func TestPages(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ask := graphql.NewClient(s.url, nil)
	seen := map[string]bool{}
	total := 0
	var after optional.Value[string]
	for pages := 0; ; pages++ {
		got, _, err := genqlient.ListUsers(t.Context(), ask, 100, after)
		if err != nil {
			t.Fatal(err)
		}
		total, _ = got.Users.TotalCount.Get()
		for _, user := range got.Users.Nodes {
			if user.Settings == nil {
				t.Errorf("user %s has no settings", user.Id)
			}
			seen[user.Id] = true
		}
		if after = got.Users.PageInfo.EndCursor; !got.Users.PageInfo.HasNextPage || pages > 10 {
			break
		}
	}
	if len(seen) != total || total <= 100 {
		t.Errorf("%d users on the pages, and totalCount says %d", len(seen), total)
	}
}

// TestMutation holds the three things apart that a field of an input can be: with a value, null, and left out.
func TestMutation(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ask := graphql.NewClient(s.url, nil)
	id := s.users[0].ID
	before, _, err := genqlient.GetUser(t.Context(), ask, id, false)
	if err != nil {
		t.Fatal(err)
	}
	was, _ := before.User.Settings.InMeeting.WaitingRoom.Get()
	got, _, err := genqlient.UpdateSettings(t.Context(), ask, id, inMeeting(genqlient.UserInMeetingSettingsInput{WaitingRoom: optional.Of(!was)}))
	if err != nil {
		t.Fatal(err)
	}
	if now, _ := got.UpdateUserSettings.Settings.InMeeting.WaitingRoom.Get(); now == was || len(got.UpdateUserSettings.NotApplied) != 0 {
		t.Errorf("waitingRoom is %t as before; not applied: %v", now, got.UpdateUserSettings.NotApplied)
	}
	// What Zoom thinks of null is Zoom's: it is to hear of it.
	_, _, err = genqlient.UpdateSettings(t.Context(), ask, id, inMeeting(genqlient.UserInMeetingSettingsInput{
		WaitingRoom: optional.Of(was), EntryExitChime: optional.Null[genqlient.EntryExitChime](),
	}))
	var refused gqlerror.List
	if err != nil && !errors.As(err, &refused) {
		t.Fatal(err)
	}
	want := []any{
		map[string]any{"in_meeting": map[string]any{"waiting_room": !was}},
		map[string]any{"in_meeting": map[string]any{"waiting_room": was, "entry_exit_chime": nil}},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sent := make([]any, len(s.patches))
	for i, patch := range s.patches {
		if err := json.Unmarshal([]byte(patch), &sent[i]); err != nil {
			t.Fatalf("Zoom was sent %q: %v", patch, err)
		}
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("what Zoom was sent (-want +got):\n%s", diff)
	}
}

// TestErrors wants each error as the type that people match, with the code by which they tell what to do.
func TestErrors(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ask := graphql.NewClient(s.url, nil)

	got, _, err := genqlient.GetUser(t.Context(), ask, "nobody@example.com", false)
	var list gqlerror.List
	if !errors.As(err, &list) || list[0].Extensions["code"] != "NOT_FOUND" || !strings.HasPrefix(list[0].Path.String(), "user") {
		t.Errorf("nobody: %#v, want NOT_FOUND at user", err)
	}
	if got.User != nil && !got.User.Email.IsNull() {
		t.Errorf("nobody: beside the error there is %+v", got.User)
	}

	_, _, err = genqlient.ListUsers(t.Context(), ask, 0, nil)
	if list = nil; !errors.As(err, &list) || list[0].Extensions["code"] != "BAD_USER_INPUT" || !strings.Contains(list[0].Message, "first") {
		t.Errorf("a page of none: %v, want BAD_USER_INPUT about first", err)
	}

	err = ask.MakeRequest(t.Context(), &graphql.Request{Query: "{ nothing }"}, &graphql.Response{})
	if list = nil; !errors.As(err, &list) || list[0].Extensions["code"] != "GRAPHQL_VALIDATION_FAILED" {
		t.Errorf("an unknown field: %v, want GRAPHQL_VALIDATION_FAILED", err)
	}

	err = graphql.NewClient(s.url, jsonp{}).MakeRequest(t.Context(), &graphql.Request{Query: "{ __typename }"}, &graphql.Response{})
	var status *graphql.HTTPError
	if !errors.As(err, &status) || status.StatusCode != http.StatusNotAcceptable || status.Response.Errors[0].Extensions["requestId"] == nil {
		t.Errorf("an Accept that cannot be met: %v, want 406 with a requestId", err)
	}
}

// jsonp wants answers that the service does not give.
type jsonp struct{}

func (jsonp) Do(r *http.Request) (*http.Response, error) {
	r.Header.Set("Accept", "application/javascript")
	return http.DefaultClient.Do(r)
}

func TestSubscription(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ask := graphql.NewClient(s.url, nil)
	socket := graphql.NewClientUsingWebSocket("ws"+strings.TrimPrefix(s.url, "http"), dialer{})
	broken, err := socket.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	id := s.users[0].ID
	changes, subscription, err := genqlient.SettingsChanged(ctx, socket, id)
	if err != nil {
		t.Fatal(err)
	}
	s.subscribed(ctx, t, 1)
	for _, want := range []bool{true, false} {
		change := inMeeting(genqlient.UserInMeetingSettingsInput{WaitingRoom: optional.Of(want)})
		if _, _, err := genqlient.UpdateSettings(ctx, ask, id, change); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-changes:
			if len(got.Errors) > 0 {
				t.Fatal(got.Errors)
			}
			event := got.Data.UserSettingsChanged
			if now, _ := event.User.Settings.InMeeting.WaitingRoom.Get(); now != want || event.User.Id != id || !slices.Equal(event.Fields, []string{"waiting_room"}) || time.Since(event.At) > time.Minute {
				t.Errorf("told %+v with waitingRoom %t, want waiting_room of %s to be %t, now", event, now, id, want)
			}
		case err := <-broken:
			t.Fatal(err)
		case <-ctx.Done():
			t.Fatal("nobody tells of the change")
		}
	}
	if err := socket.Unsubscribe(subscription); err != nil {
		t.Fatal(err)
	}
	s.subscribed(ctx, t, 0)
	// genqlient's own Close would panic after Unsubscribe, and races with its reader. The end of the context ends the socket.
	cancel()
	if err := <-broken; !errors.Is(err, context.Canceled) {
		t.Errorf("the socket ended with %v", err)
	}
}

// subscribed waits until there are so many subscriptions.
func (s *service) subscribed(ctx context.Context, t *testing.T, want int) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for s.account.Subscribers() != want {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("%d subscriptions, want %d", s.account.Subscribers(), want)
		}
	}
}

// dialer gives genqlient its sockets.
type dialer struct{}

func (dialer) DialContext(ctx context.Context, url string, header http.Header) (graphql.WSConn, error) {
	protocol := header.Get("Sec-WebSocket-Protocol")
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{protocol}}) //nolint:bodyclose // the library closes it
	return socket{ctx, conn}, err
}

// socket is a connection as genqlient wants it, which ends with its context.
type socket struct {
	ctx  context.Context //nolint:containedctx // genqlient's methods have none
	conn *websocket.Conn
}

// closes is the type of the message by which genqlient says goodbye.
const closes = 8

func (s socket) ReadMessage() (kind int, message []byte, err error) {
	of, message, err := s.conn.Read(s.ctx)
	return int(of), message, err
}

func (s socket) WriteMessage(kind int, message []byte) error {
	if kind == closes {
		return nil // Close says it
	}
	return s.conn.Write(s.ctx, websocket.MessageType(kind), message)
}

func (s socket) Close() error { return s.conn.Close(websocket.StatusNormalClosure, "") }
