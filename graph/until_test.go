package graph_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/sandbox"
)

// issued is an issuer whose tokens are all good for an hour of a clock, which the test moves.
type issued struct {
	mu  sync.Mutex
	now time.Time
	end time.Time
}

func newIssued() *issued {
	now := time.Now()
	return &issued{now: now, end: now.Add(time.Hour)}
}

func (i *issued) Now() time.Time {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.now
}

func (i *issued) expire() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.now = i.end
}

func (*issued) Issued(string) error { return nil }

func (i *issued) Verify(context.Context, string) (callers.Caller, time.Time, error) {
	return callers.Caller{Name: "jwt:ada", Permissions: callers.All}, i.end, nil
}

// expiring starts a service for callers with a token of an issuer, and for those with a key.
func expiring(t *testing.T, options ...option) (*service, *issued) {
	t.Helper()
	i := newIssued()
	who, err := callers.New(callers.Options{Issuer: i, Now: i.Now, Keys: []callers.Key{
		{Digest: callers.DigestOf(someKey), Caller: callers.Caller{Name: "key", Permissions: callers.All}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	options = append(options, func(p *parts) { p.edge.Callers, p.edge.Identify = who.Middleware, who.Identify })
	return setup(t, sandbox.Config{}, options...), i
}

const (
	someKey   = "zg_0123456789012345678901234567890123456789"
	someToken = "0123456789.0123456789.0123456789.0123456789"
)

// dial opens a socket of a caller with someToken.
func (s *service) dial() *websocket.Conn {
	s.t.Helper()
	c, res, err := websocket.Dial(s.t.Context(), s.url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if res != nil && res.Body != nil {
		defer res.Body.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.CloseNow() })
	s.say(c, `{"type":"connection_init","payload":{"Authorization":"Bearer `+someToken+`"}}`)
	if got := s.hear(c); got != `{"type":"connection_ack"}` {
		s.t.Fatal(got)
	}
	return c
}

func (s *service) say(c *websocket.Conn, message string) {
	s.t.Helper()
	if err := c.Write(s.t.Context(), websocket.MessageText, []byte(message)); err != nil {
		s.t.Log(err) // what is heard says whether that is right
	}
}

// hear is the next message, or how the socket was closed.
func (s *service) hear(c *websocket.Conn) string {
	_, message, err := c.Read(s.t.Context())
	if err != nil {
		return err.Error()
	}
	return string(message)
}

// refusedAsExpired tells whether a message says that the token has expired, or the socket was closed for that.
func refusedAsExpired(message string) bool {
	return strings.Contains(message, `"type":"error"`) && strings.Contains(message, "token of this caller has expired") &&
		strings.Contains(message, `"code":"UNAUTHENTICATED"`) || strings.Contains(message, "4403")
}

// TestExpiredOnASocket: whose token has expired reads and writes nothing any more, on a socket that was opened before.
func TestExpiredOnASocket(t *testing.T) {
	t.Parallel()
	for name, operation := range map[string]string{
		"a query":        `{ user(id: \"USER\") { email } }`,
		"the viewer":     `{ viewer { name } }`,
		"the schema":     `{ __schema { queryType { name } } }`,
		"a mutation":     `mutation { updateUserSettings(id: \"USER\", input: {inMeeting: {chat: true}}) { user { id } } }`,
		"a subscription": `subscription { userSettingsChanged { fields } }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, clock := expiring(t)
			c := s.dial()
			s.say(c, `{"id":"1","type":"subscribe","payload":{"query":"{ viewer { name } }"}}`)
			if got, end := s.hear(c), s.hear(c); !strings.Contains(got, "jwt:ada") || end != `{"id":"1","type":"complete"}` {
				t.Fatalf("%s, %s", got, end)
			}
			clock.expire()
			s.say(c, `{"id":"2","type":"subscribe","payload":{"query":"`+s.fill(operation)+`"}}`)
			if got := s.hear(c); !refusedAsExpired(got) {
				t.Errorf("answered %s", got)
			}
			s.wantCalls()
		})
	}
}

// TestExpiredListener: a subscription tells nothing of a change to whose token has expired, and reads nothing for them.
func TestExpiredListener(t *testing.T) {
	t.Parallel()
	s, clock := expiring(t)
	c := s.dial()
	const change = `mutation { updateUserSettings(id: "USER", input: {inMeeting: {chat: true}}) { notApplied { field } } }`
	s.say(c, s.fill(`{"id":"1","type":"subscribe","payload":{"query":"subscription { userSettingsChanged(id: \"USER\") { fields user { email } } }"}}`))
	heard := make(chan string, 1000)
	go func() {
		defer close(heard)
		for more := true; more; {
			message := s.hear(c)
			heard <- message
			more = strings.Contains(message, `"type":"next"`)
		}
	}()
	for len(heard) == 0 { // when it has begun is not said
		s.askAs(someKey, change)
	}
	if got := <-heard; !strings.Contains(got, `"fields":["in_meeting.chat"]`) {
		t.Fatal(got)
	}
	clock.expire()
	s.askAs(someKey, change)
	last := ""
	for last = range heard { // what was written before may be told
	}
	if !refusedAsExpired(last) {
		t.Errorf("told %s", last)
	}
}

// askAs sends an operation with a credential.
func (s *service) askAs(credential, query string) *answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url, strings.NewReader(fmt.Sprintf(`{"query": %q}`, s.fill(query))))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+credential)
	return s.send(req)
}

// expiringWrites expires a token once a write was sent.
type expiringWrites struct{ clock *issued }

func (e expiringWrites) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPatch {
		e.clock.expire()
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestExpiredBetweenWrites: what a mutation has not begun when the token expires is not written.
func TestExpiredBetweenWrites(t *testing.T) {
	t.Parallel()
	upstream := &expiringWrites{}
	s, clock := expiring(t, withTransport(upstream))
	upstream.clock = clock
	a := s.askAs(someToken, `mutation {
		one: updateUserSettings(id: "USER", input: {inMeeting: {chat: true}}) { user { email } }
		two: updateUserSettings(id: "USER", input: {inMeeting: {chat: false}}) { user { email } }
	}`)
	s.wantErrors(a, "UNAUTHENTICATED at two")
	if a.at("one", "user", "email") != s.users[0].Email {
		t.Errorf("what had begun is not answered: %s", a.Data)
	}
	writes := 0
	for _, call := range s.calls() {
		if strings.HasPrefix(call, "PATCH ") {
			writes++
		}
	}
	if writes != 1 {
		t.Errorf("%d writes, want 1", writes)
	}
}
