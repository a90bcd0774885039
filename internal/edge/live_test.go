package edge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zoomgraph/internal/reqid"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const (
	patience = time.Minute     // how long a test waits for what must come: only what never comes takes so long
	soon     = 2 * time.Second // a limit that a test waits for, and that others keep to on a busy machine too
)

const liveSDL = `
type Query {
	hello: String
	id: String    # the request id
	cache: String # the Cache-Control that the operation sees
	trace: String # our own header and another one
	caller: String
	wait: String  # until the deadline
	boom: String  # panics
	nan: String   # an extension that no encoder takes
	spaced: String # JSON with a line break in it
}
type Mutation { set: String }
type Subscription {
	count(to: Int!): Int # from 1
	ticks(a: Int, b: Int): Int # what the test sends
	never: Int           # nothing
	flood: String        # as fast as it goes
	refused: Int         # does not begin
	slow: Int            # one, and an error
	burst: Int           # panics
}
`

type callerKey struct{}

// stage is a service of the schema above, over real HTTP.
type stage struct {
	t       testing.TB
	live    *live
	handler http.Handler
	url     string
	ticks   chan int
	ended   chan string // the subscriptions that ended, by name
}

// perform sets the stage.
func perform(t testing.TB, change func(*Options, *liveLimits), identify Identify) *stage {
	t.Helper()
	s := &stage{t: t, ticks: make(chan int), ended: make(chan string, 1000)}
	o := Options{Schema: s.schema(), ErrorPresenter: graphql.DefaultErrorPresenter, RequestTimeout: patience, Introspection: true}
	limits := defaultLiveLimits()
	if change != nil {
		change(&o, &limits)
	}
	o.Logger = slog.New(slog.DiscardHandler)
	if o.Sharing == nil { // each subscription runs for itself, from its own beginning
		var n atomic.Int64
		o.Sharing = func(ctx context.Context) (string, context.Context) { return strconv.FormatInt(n.Add(1), 10), ctx }
	}
	if o.Subscriptions == (SubscriptionLimits{}) {
		o.Subscriptions = SubscriptionLimits{All: 10_000, PerCaller: 10_000}
	}
	o.share()
	e, err := newEndpoint(o)
	if err != nil {
		t.Fatal(err)
	}
	o.Identify = identify
	trusted, _, err := trustedOrigins(o)
	if err != nil {
		t.Fatal(err)
	}
	s.live = newLive(e, o, trusted, limits)
	s.handler = identified(s.live.over(e))
	server := httptest.NewServer(s.handler)
	t.Cleanup(func() {
		server.CloseClientConnections()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		s.live.drain(ctx)
		server.Close()
		l := s.live
		if len(l.seats) != 0 || len(l.callers) != 0 || len(l.strangers) != 0 || l.settled != 0 {
			t.Errorf("%d connections are left, of %v", len(l.seats), l.callers)
		}
		if b := l.incoming; b.held != 0 || len(b.callers) != 0 || b.waiting.Len() != 0 {
			t.Errorf("%d bytes are left, of %v", b.held, b.callers)
		}
	})
	s.url = server.URL
	return s
}

func (s *stage) schema() graphql.ExecutableSchema {
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "live.graphqls", Input: liveSDL})
	return &graphql.ExecutableSchemaMock{
		SchemaFunc: func() *ast.Schema { return schema },
		ExecFunc: func(ctx context.Context) graphql.ResponseHandler {
			op := graphql.GetOperationContext(ctx)
			field := graphql.CollectFields(op, op.Operation.SelectionSet, nil)[0]
			if op.Operation.Operation == ast.Subscription {
				return s.subscription(ctx, field)
			}
			return func(ctx context.Context) *graphql.Response { return once(ctx, op, field.Name) }
		},
	}
}

func dataOf(name string, value any) *graphql.Response {
	text, err := json.Marshal(map[string]any{name: value})
	if err != nil {
		panic(err)
	}
	return &graphql.Response{Data: text}
}

func once(ctx context.Context, op *graphql.OperationContext, name string) *graphql.Response {
	switch name {
	case "id":
		return dataOf(name, reqid.From(ctx))
	case "cache":
		return dataOf(name, op.Headers.Get("Cache-Control"))
	case "trace":
		return dataOf(name, op.Headers.Get("X-Zoomgraph-Trace")+op.Headers.Get("X-Other"))
	case "caller":
		return dataOf(name, ctx.Value(callerKey{}))
	case "wait":
		<-ctx.Done()
		return nil
	case "boom":
		panic("canary")
	case "nan":
		graphql.RegisterExtension(ctx, "nan", func() {})
	case "spaced":
		return &graphql.Response{Data: []byte("{\"spaced\":\n\r\"so\"}")}
	}
	return dataOf(name, name)
}

func (s *stage) subscription(ctx context.Context, field graphql.CollectedField) graphql.ResponseHandler {
	context.AfterFunc(ctx, func() { s.ended <- field.Name })
	n := 0
	switch field.Name {
	case "refused":
		return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{gqlerror.Errorf("not so")}})
	case "count":
		to, _ := strconv.Atoi(field.Arguments.ForName("to").Value.Raw)
		return func(context.Context) *graphql.Response {
			if n++; n > to {
				return nil
			}
			return dataOf("count", n)
		}
	case "ticks":
		return func(ctx context.Context) *graphql.Response {
			select {
			case n := <-s.ticks:
				return dataOf("ticks", n)
			case <-ctx.Done():
				return nil
			}
		}
	case "flood":
		return func(ctx context.Context) *graphql.Response {
			if ctx.Err() != nil {
				return nil
			}
			return dataOf("flood", strings.Repeat("x", 1<<16))
		}
	case "slow":
		return func(context.Context) *graphql.Response {
			if n++; n > 1 {
				return &graphql.Response{Errors: gqlerror.List{gqlerror.Errorf("too slow")}}
			}
			return dataOf("slow", n)
		}
	case "burst":
		return func(context.Context) *graphql.Response { panic("canary") }
	}
	return func(ctx context.Context) *graphql.Response {
		<-ctx.Done()
		return nil
	}
}

// with is the stage of a subtest.
func (s *stage) with(t *testing.T) *stage {
	sub := *s
	sub.t = t
	return &sub
}

// wantEnded waits until a subscription has ended.
func (s *stage) wantEnded(name string) {
	s.t.Helper()
	select {
	case got := <-s.ended:
		if got != name {
			s.t.Errorf("%s has ended, not %s", got, name)
		}
	case <-time.After(patience):
		s.t.Errorf("%s goes on", name)
	}
}

// client is a client's end of a socket.
type client struct {
	t    testing.TB
	conn *websocket.Conn
}

// dial opens a socket.
func (s *stage) dial(headers ...string) *client {
	s.t.Helper()
	c, answer := s.tryDial(subprotocol, nil, headers...)
	if c == nil {
		s.t.Fatal(answer)
	}
	return c
}

// reply is the head of an answer.
type reply struct {
	status int
	header http.Header
	body   io.Reader
	err    error
}

// tryDial asks for a socket; pinged, which may be nil, is called for each ping.
func (s *stage) tryDial(protocol string, pinged func(), headers ...string) (*client, reply) {
	h := http.Header{}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		h.Add(name, value)
	}
	o := &websocket.DialOptions{HTTPHeader: h, Host: h.Get("Host"), HTTPClient: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	if protocol != "" {
		o.Subprotocols = []string{protocol}
	}
	if pinged != nil {
		o.OnPingReceived = func(context.Context, []byte) bool {
			pinged()
			return true
		}
	}
	conn, resp, err := websocket.Dial(s.t.Context(), s.url, o) //nolint:bodyclose // there is nothing to close
	answer := reply{err: err}
	if resp != nil {
		answer.status, answer.header = resp.StatusCode, resp.Header
	}
	if err != nil {
		return nil, answer
	}
	conn.SetReadLimit(1 << 20)
	s.t.Cleanup(func() { _ = conn.CloseNow() })
	return &client{s.t, conn}, answer
}

// open is dial, and the beginning of the protocol.
func (s *stage) open(headers ...string) *client {
	s.t.Helper()
	c := s.dial(headers...)
	c.send(`{"type":"connection_init"}`)
	c.want(`{"type":"connection_ack"}`)
	return c
}

func (c *client) send(messages ...string) {
	c.t.Helper()
	for _, m := range messages {
		if err := c.conn.Write(c.t.Context(), websocket.MessageText, []byte(m)); err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *client) read() (string, error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	_, text, err := c.conn.Read(ctx)
	return string(text), err
}

func (c *client) want(messages ...string) {
	c.t.Helper()
	for _, want := range messages {
		if got, err := c.read(); err != nil || got != want {
			c.t.Fatalf("got %s, %v\nwant %s", got, err, want)
		}
	}
}

// wantError reads an error of an operation, and returns its code, its message and its request id.
func (c *client) wantError(id string) (code, text, request string) {
	c.t.Helper()
	got, err := c.read()
	if err != nil {
		c.t.Fatal(err)
	}
	var m struct {
		ID, Type string
		Payload  []struct {
			Message    string
			Extensions map[string]any
		}
	}
	if err := json.Unmarshal([]byte(got), &m); err != nil || m.Type != "error" || m.ID != id || len(m.Payload) == 0 {
		c.t.Fatalf("%v in %s", err, got)
	}
	code, _ = m.Payload[0].Extensions["code"].(string)
	request, _ = m.Payload[0].Extensions["requestId"].(string)
	return code, m.Payload[0].Message, request
}

// wantClosed reads to the end, which must be a close with this code.
func (c *client) wantClosed(code websocket.StatusCode) string {
	c.t.Helper()
	for {
		_, err := c.read()
		if err == nil {
			continue
		}
		var closed websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != code {
			c.t.Fatalf("the end is %v, want a close with %d", err, code)
		}
		return closed.Reason
	}
}

func subscribe(id, query string) string {
	return fmt.Sprintf(`{"id":%q,"type":"subscribe","payload":{"query":%q}}`, id, query)
}
