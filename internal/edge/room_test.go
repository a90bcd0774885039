package edge

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/internal/answering"
)

// writing answers { bytes(n: …) } by so many bytes, written as the executor writes: into the answer's writer.
func writing() graphql.ExecutableSchema {
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "bytes.graphqls", Input: "type Query { bytes(n: Int!): String } type Mutation { bytes(n: Int!): String } type Subscription { bytes(n: Int!): String }"})
	return &graphql.ExecutableSchemaMock{
		SchemaFunc: func() *ast.Schema { return schema },
		ExecFunc: func(ctx context.Context) graphql.ResponseHandler {
			op := graphql.GetOperationContext(ctx)
			n, _ := graphql.CollectFields(op, op.Operation.SelectionSet, nil)[0].ArgumentMap(op.Variables)["n"].(int64)
			left := 1
			if op.Operation.Operation == ast.Subscription {
				left = 3
			}
			return func(ctx context.Context) *graphql.Response {
				if left--; left < 0 {
					return nil
				}
				w := answering.From(ctx)
				err := answering.Try(func() {
					_, _ = w.WriteString(`{"bytes":"`)
					for range n / 1000 {
						_, _ = w.WriteString(strings.Repeat("x", 1000))
					}
					_, _ = w.WriteString(`"}`)
				})
				if err != nil {
					return &graphql.Response{}
				}
				return &graphql.Response{Data: w.Parts()[0]}
			}
		},
	}
}

// onStage performs the schema above, with room for answers of a megabyte each, and for four of them.
func onStage(t *testing.T) (*stage, *answering.Budget) {
	room := answering.NewBudget(4<<20, 1<<20)
	return perform(t, func(o *Options, _ *liveLimits) { o.Schema, o.Answers = writing(), room }, nil), room
}

// answersBy sends an operation, and returns the answers' data or codes, one after the other, whatever the transport.
func (s *stage) answersBy(transport, query string) []string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	request, _ := json.Marshal(map[string]string{"query": query})
	var texts [][]byte
	if transport == "socket" {
		conn, _, err := websocket.Dial(ctx, s.url, &websocket.DialOptions{Subprotocols: []string{subprotocol}}) //nolint:bodyclose // the library closes it
		if err != nil {
			s.t.Fatal(err)
		}
		defer func() { _ = conn.CloseNow() }()
		conn.SetReadLimit(-1)
		for _, m := range []string{`{"type":"connection_init"}`, `{"type":"subscribe","id":"1","payload":` + string(request) + `}`} {
			if err := conn.Write(ctx, websocket.MessageText, []byte(m)); err != nil {
				s.t.Fatal(err)
			}
		}
		for {
			_, text, err := conn.Read(ctx)
			if err != nil {
				s.t.Fatal(err)
			}
			m, err := parseMessage(text)
			if err != nil {
				s.t.Fatalf("%v: %.100s", err, text)
			}
			switch m.Type {
			case typeNext:
				texts = append(texts, m.Payload)
				continue
			case typeError:
				texts = append(texts, []byte(`{"errors":`+string(m.Payload)+`}`))
			case typeAck:
				continue
			}
			break
		}
	} else {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(request))
		if err != nil {
			s.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", transport)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			s.t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if transport == eventStream {
			lines := bufio.NewScanner(resp.Body)
			lines.Buffer(nil, 4<<20)
			for lines.Scan() {
				if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && data != "" {
					texts = append(texts, []byte(data))
				}
			}
		} else {
			text, err := io.ReadAll(resp.Body)
			if err != nil {
				s.t.Fatal(err)
			}
			if busy := resp.StatusCode == http.StatusServiceUnavailable; busy != bytes.Contains(text, []byte("RATE_LIMITED")) || busy != (resp.Header.Get("Retry-After") != "") {
				s.t.Errorf("%s, Retry-After %q: %.200s", resp.Status, resp.Header.Get("Retry-After"), text)
			}
			texts = [][]byte{text}
		}
	}
	var out []string
	for _, text := range texts {
		var got struct {
			Data   *struct{ Bytes string }
			Errors []struct {
				Message    string
				Extensions struct{ Code string }
			}
		}
		if err := json.Unmarshal(text, &got); err != nil {
			s.t.Fatalf("%v in %.100s", err, text)
		}
		switch {
		case len(got.Errors) == 1 && got.Data == nil:
			out = append(out, got.Errors[0].Extensions.Code)
		case len(got.Errors) == 0 && strings.Count(got.Data.Bytes, "x") == len(got.Data.Bytes):
			out = append(out, fmt.Sprint(len(got.Data.Bytes)))
		default:
			out = append(out, fmt.Sprintf("%.200s", text))
		}
	}
	return out
}

// Answers of every size arrive whole over every transport; those that are too large, or find no room, are one error. All
// leave the room that they took.
func TestRoomForAnswers(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"application/json", graphqlResponseJSON.name(), eventStream, "socket"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			s, room := onStage(t)
			for _, test := range []struct{ query, want string }{
				{"{ bytes(n: 0) }", "[0]"},
				{"{ bytes(n: 10000) }", "[10000]"},
				{"{ bytes(n: 20000) }", "[20000]"},
				{"{ bytes(n: 500000) }", "[500000]"},
				{"{ bytes(n: 1000000) }", "[1000000]"},
				{"mutation { bytes(n: 300000) }", "[300000]"},
				{"{ bytes(n: 2000000) }", "[ANSWER_TOO_LARGE]"},
				{"mutation { bytes(n: 2000000) }", "[ANSWER_TOO_LARGE]"},
			} {
				if got := fmt.Sprint(s.answersBy(transport, test.query)); got != test.want {
					t.Errorf("%s: %s, want %s", test.query, got, test.want)
				}
			}
			if transport == eventStream || transport == "socket" {
				if got := fmt.Sprint(s.answersBy(transport, "subscription { bytes(n: 200000) }")); got != "[200000 200000 200000]" {
					t.Errorf("a subscription: %s", got)
				}
			}
			other := room.Open(t.Context())
			if !other.Reserve(3 << 20) {
				t.Fatal("the answers have left no room")
			}
			for _, test := range []struct{ query, want string }{{"{ bytes(n: 10000) }", "[10000]"}, {"{ bytes(n: 1000000) }", "[1000000]"}} {
				if got := fmt.Sprint(s.answersBy(transport, test.query)); transport != "socket" && transport != eventStream && got != test.want {
					t.Errorf("%s beside a large answer: %s, want %s", test.query, got, test.want)
				}
			}
			more := room.Open(t.Context())
			if !more.Reserve(answering.Modest) {
				t.Fatal("no room")
			}
			for _, test := range []struct{ query, want string }{{"{ bytes(n: 10000) }", "[10000]"}, {"{ bytes(n: 500000) }", "[RATE_LIMITED]"}} {
				if got := fmt.Sprint(s.answersBy(transport, test.query)); got != test.want {
					t.Errorf("%s without room: %s, want %s", test.query, got, test.want)
				}
			}
			more.Close()
			other.Close()
			for deadline := time.Now().Add(patience); room.Used() != 0; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("%d bytes are left taken", room.Used())
				}
			}
		})
	}
}
