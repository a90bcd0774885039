package edge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/internal/shares"

	"github.com/coder/websocket"
	"go.uber.org/goleak"
)

func TestSocket(t *testing.T) {
	t.Parallel()
	c := perform(t, nil, nil).open()
	c.send(subscribe("1", "{ hello }"))
	c.want(`{"id":"1","type":"next","payload":{"data":{"hello":"hello"}}}`, `{"id":"1","type":"complete"}`)
	c.send(subscribe("1", "mutation { set }")) // the id is free again
	c.want(`{"id":"1","type":"next","payload":{"data":{"set":"set"}}}`, `{"id":"1","type":"complete"}`)
	c.send(subscribe("<&>", "subscription { count(to: 2) }"))
	c.want(`{"id":"\u003c\u0026\u003e","type":"next","payload":{"data":{"count":1}}}`,
		`{"id":"\u003c\u0026\u003e","type":"next","payload":{"data":{"count":2}}}`,
		`{"id":"\u003c\u0026\u003e","type":"complete"}`)
	c.send(`{"type":"ping"}`, `{"type":"ping","payload":{"a":[1.0, "<"]}}`, `{"type":"pong"}`, `{"type":"pong","payload":{}}`)
	c.want(`{"type":"pong"}`, `{"type":"pong","payload":{"a":[1.0, "<"]}}`)
	c.send(`{"type":"complete","id":"nobody"}`, "\uFEFF"+subscribe("9", "{ hello }"))
	c.want(`{"id":"9","type":"next","payload":{"data":{"hello":"hello"}}}`, `{"id":"9","type":"complete"}`)
}

// What is wrong with an operation ends that operation only.
func TestSocketErrors(t *testing.T) {
	t.Parallel()
	c := perform(t, nil, nil).open()
	hasty := perform(t, func(o *Options, _ *liveLimits) { o.RequestTimeout = 20 * time.Millisecond }, nil).open()
	requests := map[string]bool{}
	for i, tt := range []struct {
		on                        *client // c unless given
		query, before, code, text string
	}{
		{query: "{", code: "GRAPHQL_PARSE_FAILED", text: "Expected Name"},
		{query: "{ nothing }", code: "GRAPHQL_VALIDATION_FAILED", text: "nothing"},
		{on: hasty, query: "{ wait }", code: "UPSTREAM_TIMEOUT", text: "20ms"},
		{query: "{ boom }", code: "INTERNAL", text: "requestId"},
		{query: "{ nan }", code: "INTERNAL", text: "requestId"},
		{query: "subscription { refused }", text: "not so"},
		{query: "subscription { burst }", code: "INTERNAL", text: "requestId"},
		{query: "subscription { slow }", before: `{"slow":1}`, text: "too slow"},
		{query: "subscription { never ticks }", code: "GRAPHQL_VALIDATION_FAILED", text: "one"},
	} {
		id, c := fmt.Sprint(i), cmp.Or(tt.on, c)
		c.send(subscribe(id, tt.query))
		if tt.before != "" {
			c.want(`{"id":"` + id + `","type":"next","payload":{"data":` + tt.before + `}}`)
		}
		code, text, request := c.wantError(id)
		if code != tt.code || !strings.Contains(text, tt.text) || strings.Contains(text, "canary") {
			t.Errorf("%s: %s %q, want %s %q", tt.query, code, text, tt.code, tt.text)
		}
		if code != "" && (request == "" || requests[request]) {
			t.Errorf("%s: the request id is %q", tt.query, request)
		}
		requests[request] = true
	}
	c.send(subscribe("a", "{ hello }"))
	c.want(`{"id":"a","type":"next","payload":{"data":{"hello":"hello"}}}`, `{"id":"a","type":"complete"}`)
}

// Operations of sockets and streams are requests in flight like others; a subscription is none.
func TestTooManyInFlight(t *testing.T) {
	t.Parallel()
	s := perform(t, nil, nil)
	c := s.open()
	c.send(subscribe("1", "subscription { ticks }"))
	var held []*shares.Place
	for range s.live.inFlight.Most() {
		_, place, err := s.live.inFlight.Enter(t.Context(), shares.Holder{})
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, place)
	}
	c.send(subscribe("2", "{ hello }"))
	if code, _, _ := c.wantError("2"); code != "RATE_LIMITED" {
		t.Errorf("the code is %s", code)
	}
	held[0].Leave()
	for range 3 { // each gives its place back
		c.send(subscribe("3", "{ hello }"))
		c.want(`{"id":"3","type":"next","payload":{"data":{"hello":"hello"}}}`, `{"id":"3","type":"complete"}`)
	}
	s.ticks <- 1
	c.want(`{"id":"1","type":"next","payload":{"data":{"ticks":1}}}`)
}

func TestSocketIsClosed(t *testing.T) {
	t.Parallel()
	const init = `{"type":"connection_init"}`
	quick := func(_ *Options, l *liveLimits) { l.init = 20 * time.Millisecond }
	small := func(_ *Options, l *liveLimits) { l.message = 100 }
	refusing := func(err error) Identify {
		return func(ctx context.Context, _ http.Header, _ *http.Request) (context.Context, Known, error) {
			return ctx, Known{}, err
		}
	}
	with := func(payload string) []string { return []string{`{"type":"connection_init","payload":` + payload + `}`} }
	for _, tt := range []struct {
		name     string
		change   func(*Options, *liveLimits)
		identify Identify
		protocol string // graphql-transport-ws unless given
		send     []string
		binary   bool
		code     websocket.StatusCode
		reason   string
	}{
		{name: "no JSON", send: []string{init, "canary"}, code: 4400, reason: "not valid JSON at byte 1"},
		{name: "two messages in one", send: []string{init, init + init}, code: 4400, reason: "more behind"},
		{name: "an array", send: []string{"[]"}, code: 4400, reason: "must be a JSON object"},
		{name: "empty", send: []string{""}, code: 4400, reason: "ends too early"},
		{name: "no type", send: []string{init, `{}`}, code: 4400, reason: "no message of this type"},
		{name: "an unknown type", send: []string{init, `{"type":"start","id":"1"}`}, code: 4400, reason: "no message of this type"},
		{name: "a type twice", send: []string{`{"type":"ping","type":"pong"}`}, code: 4400, reason: "twice"},
		{name: "a message of the server", send: []string{init, `{"type":"connection_ack"}`}, code: 4400, reason: "no message of this type"},
		{name: "nested too deep", send: []string{`{"type":"ping","payload":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`}, code: 4400, reason: "deep"},
		{name: "init with an array", send: []string{`{"type":"connection_init","payload":[]}`}, code: 4400, reason: "must be an object"},
		{name: "subscribe without an id", send: []string{init, `{"type":"subscribe","payload":{"query":"{ hello }"}}`}, code: 4400, reason: "has an id"},
		{name: "subscribe with a long id", send: []string{init, subscribe(strings.Repeat("x", 257), "{ hello }")}, code: 4400, reason: "has an id"},
		{name: "subscribe without a payload", send: []string{init, `{"type":"subscribe","id":"1"}`}, code: 4400, reason: "empty"},
		{name: "subscribe without a query", send: []string{init, `{"type":"subscribe","id":"1","payload":{"operationName":"A"}}`}, code: 4400, reason: `"query"`},
		{name: "subscribe with variables in an array", send: []string{init, `{"type":"subscribe","id":"1","payload":{"query":"{ hello }","variables":[]}}`}, code: 4400, reason: `"variables"`},
		{name: "subscribe before init", send: []string{subscribe("1", "{ hello }")}, code: 4401, reason: "Unauthorized"},
		{name: "refused", identify: refusing(errors.New("canary")), send: []string{init}, code: 4403, reason: "Forbidden"},
		{name: "refused, and told why", identify: refusing(&refusedCaller{"this key is not known here", false}), send: []string{init}, code: 4403, reason: "this key is not known here"},
		{name: "refused for now", identify: refusing(&refusedCaller{"try again later", true}), send: []string{init}, code: 1013, reason: "try again later"},
		{name: "two credentials", send: with(`{"Authorization":"Bearer canary","authorization":"Bearer canary2"}`), code: 4400, reason: "Authorization is twice"},
		{name: "two credentials, one deeper", send: with(`{"authorization":"Bearer canary","headers":{"AUTHORIZATION":"Bearer canary2"}}`), code: 4400, reason: "Authorization is twice"},
		{name: "a credential that is no text", send: with(`{"authorization":["Bearer canary"]}`), code: 4400, reason: "Authorization in the payload"},
		{name: "two values of a header", send: with(`{"x-zoomgraph-trace":"1","headers":{"X-Zoomgraph-Trace":0}}`), code: 4400, reason: "X-Zoomgraph-Trace is twice"},
		{name: "a header that is no text", send: with(`{"headers":{"X-Zoomgraph-Trace":true}}`), code: 4400, reason: "must be a string"},
		{name: "no subprotocol", protocol: "-", code: 4406, reason: "graphql-transport-ws"},
		{name: "the old subprotocol", protocol: "graphql-ws", code: 4406, reason: "graphql-transport-ws"},
		{name: "no init", change: quick, code: 4408, reason: "in time"},
		{name: "pings, but no init", change: quick, send: []string{`{"type":"ping"}`}, code: 4408, reason: "in time"},
		{name: "the same id twice", send: []string{init, subscribe("1", "subscription { never }"), subscribe("1", "{ hello }")}, code: 4409, reason: "this id"},
		{name: "two inits", send: []string{init, init}, code: 4429, reason: "second time"},
		{name: "binary", send: []string{init}, binary: true, code: 1003, reason: "text"},
		{name: "not UTF-8", send: []string{init, "{\"type\":\"\xff\"}"}, code: 1007, reason: "UTF-8"},
		{name: "too large", change: small, send: []string{init, `{"type":"ping","payload":{"a":"` + strings.Repeat("x", 100) + `"}}`}, code: 1009},
		{name: "as large as it may be", change: small, send: []string{init, `{"type":"ping"` + strings.Repeat(" ", 85) + `}`, init}, code: 4429},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := perform(t, tt.change, tt.identify)
			protocol := tt.protocol
			switch protocol {
			case "":
				protocol = subprotocol
			case "-":
				protocol = ""
			}
			c, answer := s.tryDial(protocol, nil)
			if c == nil {
				t.Fatal(answer)
			}
			kind := websocket.MessageText
			if tt.binary {
				kind = websocket.MessageBinary
			}
			for _, m := range tt.send {
				if err := c.conn.Write(t.Context(), kind, []byte(m)); err != nil {
					t.Fatal(err)
				}
			}
			if reason := c.wantClosed(tt.code); !strings.Contains(reason, tt.reason) || strings.Contains(reason, "canary") {
				t.Errorf("the reason is %q, want %q", reason, tt.reason)
			}
		})
	}
}

// refusedCaller is a Refusal.
type refusedCaller struct {
	text  string
	again bool
}

func (*refusedCaller) Error() string    { return "canary" }
func (r *refusedCaller) Public() string { return r.text }
func (r *refusedCaller) Again() bool    { return r.again }

// Headers in the payload of connection_init are read in whatever letters they are written, at the top and in "headers".
func TestInitHeaders(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]string{
		`{"Authorization":"Bearer a"}`:                                                 "Authorization: Bearer a",
		`{"authorization":"Bearer a"}`:                                                 "Authorization: Bearer a",
		`{"AUTHORIZATION":" Bearer a\t"}`:                                              "Authorization: Bearer a",
		`{"headers":{"authorization":"Bearer a"}}`:                                     "Authorization: Bearer a",
		`{"Headers":{"aUTHORIZATION":"Bearer a"},"headers":7}`:                         "Authorization: Bearer a",
		`{"Authorization":"Bearer a","headers":{"authorization":"Bearer a"}}`:          "Authorization: Bearer a",
		`{"Authorization":null,"headers":null,"lang":{"Authorization":"Bearer a"}}`:    "",
		`{"x-zoomgraph-trace":"1","headers":{"X-ZOOMGRAPH-PLAN":1,"X-Other":["x"]}}`:   "X-Zoomgraph-Plan: 1|X-Zoomgraph-Trace: 1",
		`{"headers":{"headers":{"authorization":"Bearer a"}},"cookie":"a=b","host":1}`: "",
	} {
		var init map[string]any
		if err := decode([]byte(payload), &init); err != nil {
			t.Fatal(err)
		}
		headers, err := initHeaders(init)
		var lines []string
		for name, values := range headers {
			lines = append(lines, name+": "+strings.Join(values, ","))
		}
		slices.Sort(lines)
		if got := strings.Join(lines, "|"); err != nil || got != want {
			t.Errorf("%s has %q, %v; want %q", payload, got, err, want)
		}
	}
}

func TestSocketBeforeTheUpgrade(t *testing.T) {
	t.Parallel()
	s := perform(t, func(o *Options, _ *liveLimits) {
		o.AllowedOrigins, o.PublicURL = []string{"https://Console.example.com:443"}, "https://public.example.com/graph"
	}, nil)
	host := strings.TrimPrefix(s.url, "http://")
	for _, tt := range []struct {
		name    string
		headers []string
		status  int
	}{
		{"no origin", nil, 101},
		{"its own", []string{"Origin: http://" + host}, 101},
		{"an allowed one", []string{"Origin: https://console.example.com"}, 101},
		{"an allowed one with its port", []string{"Origin: HTTPS://Console.example.com:443"}, 101},
		{"the public one", []string{"Origin: https://public.example.com"}, 101},
		{"the public one with its port", []string{"Origin: https://public.example.com:443"}, 101},
		{"the public one with another port", []string{"Origin: https://public.example.com:8443"}, 403},
		{"the public one without TLS", []string{"Origin: http://public.example.com"}, 403},
		{"the host with the usual port", []string{"Origin: https://other.example.com", "Host: Other.example.com:443"}, 101},
		{"the host with another port", []string{"Origin: https://other.example.com", "Host: other.example.com:80"}, 403},
		{"another scheme of an allowed one", []string{"Origin: http://console.example.com"}, 403},
		{"another one", []string{"Origin: https://evil.example.com"}, 403},
		{"one that begins alike", []string{"Origin: https://console.example.com.evil.example.com"}, 403},
		{"null", []string{"Origin: null"}, 403},
		{"two", []string{"Origin: http://" + host, "Origin: https://evil.example.com"}, 403},
		{"no host", []string{"Origin: file:///etc"}, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, answer := s.with(t).tryDial(subprotocol, nil, tt.headers...); answer.status != tt.status {
				t.Errorf("%+v", answer)
			}
		})
	}
}

func TestOperationsOfASocket(t *testing.T) {
	t.Parallel()
	s := perform(t, func(_ *Options, l *liveLimits) { l.operations = 2 }, nil)
	c := s.open()
	c.send(subscribe("1", "subscription { never }"), subscribe("2", "subscription { never }"), subscribe("3", "{ hello }"))
	if code, text, request := c.wantError("3"); code != "RATE_LIMITED" || !strings.Contains(text, "2 operations") || request == "" {
		t.Errorf("%s %q, request %q", code, text, request)
	}
	c.send(`{"id":"1","type":"complete"}`)
	s.wantEnded("never")
	c.send(subscribe("3", "{ hello }")) // what is completed counts no longer, and nothing more is said of it
	c.want(`{"id":"3","type":"next","payload":{"data":{"hello":"hello"}}}`, `{"id":"3","type":"complete"}`)
}

// What an operation had to say when it was completed is not taken for an answer of the next one with its id.
func TestCompletedIDIsFree(t *testing.T) {
	t.Parallel()
	s := perform(t, nil, nil)
	c := s.open()
	for range 50 {
		c.send(subscribe("1", "subscription { flood }"), `{"id":"1","type":"complete"}`, subscribe("1", "{ hello }"))
		for {
			got, err := c.read()
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got, "flood") {
				if want := `{"id":"1","type":"next","payload":{"data":{"hello":"hello"}}}`; got != want {
					t.Fatalf("got %s", got)
				}
				break
			}
		}
		c.want(`{"id":"1","type":"complete"}`)
	}
}

func TestConnections(t *testing.T) {
	t.Parallel()
	s := perform(t, func(_ *Options, l *liveLimits) { l.connections, l.perCaller = 4, 2 }, byName)
	init := func(name string) string {
		return fmt.Sprintf(`{"type":"connection_init","payload":{"Authorization":%q}}`, name)
	}
	var ann []*client
	for range 2 {
		c := s.dial()
		c.send(init("ann"))
		c.want(`{"type":"connection_ack"}`)
		ann = append(ann, c)
	}
	ann[0].send(subscribe("1", "{ caller }"))
	ann[0].want(`{"id":"1","type":"next","payload":{"data":{"caller":"ann"}}}`, `{"id":"1","type":"complete"}`)

	third := s.dial()
	third.send(init("ann"))
	if reason := third.wantClosed(websocket.StatusTryAgainLater); !strings.Contains(reason, "this caller has 2") {
		t.Errorf("the reason is %q", reason)
	}
	s.wantOpen(2)
	for range 2 { // nobody in particular may have more
		s.open()
	}
	one := s.dial()
	one.send(init("eve"))
	if reason := one.wantClosed(websocket.StatusTryAgainLater); !strings.Contains(reason, "the service has 4") {
		t.Errorf("the reason is %q", reason)
	}
	s.wantOpen(4)
	if err := ann[1].conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	s.wantOpen(3)
	c := s.dial()
	c.send(init("ann"))
	c.want(`{"type":"connection_ack"}`)
}

// byName takes everybody's word for who they are.
func byName(ctx context.Context, init http.Header, r *http.Request) (context.Context, Known, error) {
	name := init.Get("Authorization")
	if init == nil {
		name = r.Header.Get("Authorization")
	}
	if name == "nobody" {
		return ctx, Known{}, errors.New("canary")
	}
	return context.WithValue(ctx, callerKey{}, name), Known{Caller: name}, nil
}

// wantOpen waits until so many connections are open.
func (s *stage) wantOpen(n int) {
	s.t.Helper()
	var open int
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		s.live.mu.Lock()
		open = len(s.live.seats)
		s.live.mu.Unlock()
		if open == n {
			return
		}
	}
	s.t.Fatalf("%d connections are open, want %d", open, n)
}

// A browser asks for an upgrade that comes from no cache; its operations do not.
func TestSocketHeaders(t *testing.T) {
	t.Parallel()
	c := perform(t, nil, nil).open("Cache-Control: no-cache")
	c.send(subscribe("1", "{ cache }"))
	c.want(`{"id":"1","type":"next","payload":{"data":{"cache":""}}}`, `{"id":"1","type":"complete"}`)
}

// What tells who opens a socket is for nobody else.
func TestSocketCredentials(t *testing.T) {
	t.Parallel()
	sent := http.Header{"Authorization": {"Bearer canary"}, "Cookie": {"canary"}, "X-Zoomgraph-Trace": {"1"}}
	if got := operationHeaders(sent, http.Header{"Authorization": {"Bearer canary"}}); len(got) != 1 || got.Get("X-Zoomgraph-Trace") != "1" {
		t.Errorf("operations see %v", got)
	}
}

// This service's own headers may stand in connection_init, and no others.
func TestSocketHeadersOfOurOwn(t *testing.T) {
	t.Parallel()
	c := perform(t, nil, nil).dial()
	c.send(`{"type":"connection_init","payload":{"x-zoomgraph-trace":"1","X-Other":"no","X-Zoomgraph-Plan":1}}`, subscribe("1", "{ trace }"))
	c.want(`{"type":"connection_ack"}`, `{"id":"1","type":"next","payload":{"data":{"trace":"1"}}}`, `{"id":"1","type":"complete"}`)
}

// A client that is gone without a word is noticed, and so is one that does not read.
func TestDeadClients(t *testing.T) {
	t.Parallel()
	t.Run("no pong", func(t *testing.T) {
		t.Parallel()
		s := perform(t, func(_ *Options, l *liveLimits) { l.ping = soon / 2 }, nil)
		c := s.open()
		c.send(subscribe("1", "subscription { never }"))
		s.wantEnded("never") // nobody reads, so nobody answers pings
		s.wantOpen(0)
	})
	t.Run("answers pings", func(t *testing.T) {
		t.Parallel()
		s := perform(t, func(_ *Options, l *liveLimits) { l.ping = soon }, nil)
		pings := make(chan struct{}, 100)
		c, answer := s.tryDial(subprotocol, func() { pings <- struct{}{} })
		if c == nil {
			t.Fatal(answer)
		}
		c.send(`{"type":"connection_init"}`, subscribe("1", "subscription { ticks }"))
		c.want(`{"type":"connection_ack"}`)
		go func() {
			for range 2 { // the first was answered in time
				<-pings
			}
			s.ticks <- 7
		}()
		c.want(`{"id":"1","type":"next","payload":{"data":{"ticks":7}}}`)
	})
	t.Run("slow", func(t *testing.T) {
		t.Parallel()
		s := perform(t, func(_ *Options, l *liveLimits) { l.write = soon }, nil)
		c := s.open()
		c.send(subscribe("1", "subscription { flood }"))
		s.wantEnded("flood")
		s.wantOpen(0)
	})
	t.Run("gone", func(t *testing.T) {
		t.Parallel()
		s := perform(t, nil, nil)
		c := s.open()
		c.send(subscribe("1", "subscription { never }"))
		c.send(subscribe("2", "{ hello }"))
		c.want(`{"id":"2","type":"next","payload":{"data":{"hello":"hello"}}}`)
		_ = c.conn.CloseNow()
		s.wantEnded("never")
		s.wantOpen(0)
	})
	t.Run("does not answer the end", func(t *testing.T) {
		t.Parallel()
		s := perform(t, func(_ *Options, l *liveLimits) { l.farewell = 50 * time.Millisecond }, nil)
		s.open()
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second) // the library itself would wait for five
		defer cancel()
		s.live.drain(ctx)
		if ctx.Err() != nil {
			t.Error("it is waited for")
		}
	})
}

func TestDrain(t *testing.T) {
	t.Parallel()
	s := perform(t, nil, nil)
	waiting, running := s.dial(), s.open()
	running.send(subscribe("1", "subscription { never }"), subscribe("2", "{ hello }"))
	running.want(`{"id":"2","type":"next","payload":{"data":{"hello":"hello"}}}`, `{"id":"2","type":"complete"}`)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		s.live.drain(t.Context())
	}()
	var wg sync.WaitGroup
	for _, c := range []*client{waiting, running} {
		wg.Go(func() { c.wantClosed(websocket.StatusGoingAway) })
	}
	wg.Wait()
	<-drained
	s.wantEnded("never")
	if _, answer := s.tryDial(subprotocol, nil); answer.status != http.StatusServiceUnavailable {
		t.Errorf("afterwards: %+v", answer)
	}
}

// No goroutine is left of connections, however they end. This test runs alone.
func TestNothingIsLeft(t *testing.T) { //nolint:paralleltest // others would be taken for its own
	before := goleak.IgnoreCurrent()
	t.Run("connections", func(t *testing.T) {
		hasty := perform(t, func(_ *Options, l *liveLimits) { l.init = 50 * time.Millisecond }, nil)
		s := perform(t, nil, nil)
		silent, wrong, gone, good := hasty.dial(), s.open(), s.open(), s.open()
		for _, c := range []*client{wrong, gone, good} {
			for i := range 10 {
				c.send(subscribe(fmt.Sprint(i), "subscription { never }"))
			}
		}
		wrong.send("wrong")
		wrong.wantClosed(4400)
		silent.wantClosed(4408)
		_ = gone.conn.CloseNow()
		_ = good.conn.Close(websocket.StatusNormalClosure, "")
		s.wantOpen(0)
		hasty.wantOpen(0)
		for range 30 {
			s.wantEnded("never")
		}
	})
	goleak.VerifyNone(t, before)
}

// Many at once, with all the noise that clients can make.
func TestSocketsAtOnce(t *testing.T) {
	t.Parallel()
	s := perform(t, nil, nil)
	var wg sync.WaitGroup
	for i := range 40 {
		c := s.open()
		wg.Go(func() {
			for j := range 10 {
				id := fmt.Sprint(j)
				c.send(subscribe(id, "subscription { count(to: 3) }"), subscribe("x"+id, "subscription { never }"), `{"type":"ping"}`)
				if i%2 == 0 {
					c.send(`{"type":"complete","id":"x` + id + `"}`)
				}
			}
			for range 10 * (3 + 1 + 1) {
				if _, err := c.read(); err != nil {
					t.Error(err)
					return
				}
			}
			if i%3 == 0 {
				_ = c.conn.CloseNow()
			}
		})
	}
	wg.Wait()
}

// Two hundred listen to the same, and one of them does not take it.
func TestFanOut(t *testing.T) {
	t.Parallel()
	const listeners, rounds = 200, 20
	s := perform(t, func(_ *Options, l *liveLimits) { l.write = time.Hour }, nil)
	slow := s.open()
	slow.send(subscribe("1", "subscription { flood }"))
	var wg sync.WaitGroup
	for i := range listeners / 20 {
		c := s.open()
		for j := range 20 {
			c.send(subscribe(fmt.Sprint(i*20+j), fmt.Sprintf("subscription { count(to: %d) }", rounds)))
		}
		wg.Go(func() {
			for range 20 * (rounds + 1) {
				if _, err := c.read(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	_ = slow.conn.CloseNow()
	for {
		name := <-s.ended
		if name == "flood" {
			return
		}
	}
}

// A message that comes in many frames, slowly, is one message.
func TestFrames(t *testing.T) {
	t.Parallel()
	c := perform(t, nil, nil).dial()
	w, err := c.conn.Writer(t.Context(), websocket.MessageText)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.SplitAfter(`{"type":"connection_init"}`, "n") {
		if _, err := w.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c.want(`{"type":"connection_ack"}`)
}

// An upgrade to something else, or one that breaks off, holds no place.
func TestNoUpgrade(t *testing.T) {
	t.Parallel()
	s := perform(t, nil, nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://")) //nolint:noctx // of a test
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 12)
	if _, err := conn.Read(answer); err != nil || string(answer) != "HTTP/1.1 426" {
		t.Errorf("%q, %v", answer, err)
	}
	s.wantOpen(0)
}

func TestShorten(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{{"", ""}, {"abcd", "abcd"}, {"abcde", "abcd"}, {"abc\u00e9", "abc"}, {"\u20ac\u20ac", "\u20ac"}} {
		if got := shorten(tt.text, 4); got != tt.want {
			t.Errorf("shorten(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func BenchmarkFanOut(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("operations=%d", n), func(b *testing.B) {
			s := perform(b, nil, nil)
			c := s.open()
			for i := range n {
				c.send(subscribe(fmt.Sprint(i), "subscription { ticks }"))
			}
			b.ReportAllocs()
			for b.Loop() {
				go func() {
					for range n {
						s.ticks <- 1
					}
				}()
				for range n {
					if _, err := c.read(); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(n), "messages/op")
		})
	}
}
