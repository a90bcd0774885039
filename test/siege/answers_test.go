//go:build linux

package siege_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"zoomgraph/test/siege"
)

// aliased repeats a field under so many aliases, each with a long name if long says so.
func aliased(field string, n, long int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " a%d%s: %s", i, strings.Repeat("_", long), field)
	}
	return b.String()
}

// policy is a baseline from which everybody deviates.
func policy(bytes int) map[string]any {
	return map[string]any{"in_meeting": map[string]any{"custom_service_instructions": strings.Repeat("x", bytes)}}
}

// attack is an operation, and what it may be answered with: "" is data.
type attack struct {
	name, query string
	variables   map[string]any
	codes       string
}

const (
	tooDear  = "COST_LIMIT_EXCEEDED"
	badInput = "BAD_USER_INPUT"
	crowded  = "RATE_LIMITED"
	tooLarge = "ANSWER_TOO_LARGE"
)

func attacks() []attack {
	drift := func(selected string) string {
		return "query ($b: JSON!) { settingsDrift(baseline: $b, first: 499) { nodes { deviations { " + selected + " } } } }"
	}
	inline := func(n int) string {
		return fmt.Sprintf(`{ settingsDrift(baseline: {in_meeting: {custom_service_instructions: %q}}, first: 499) { nodes { deviations { name %s } } } }`, strings.Repeat("x", n), aliased("wanted", 58, 0))
	}
	return []attack{
		{"a wanted text of a megabyte", drift("name wanted"), map[string]any{"b": policy(1<<20 - 4096)}, badInput},
		{"58 times a wanted text of 16 kB", inline(16_000), nil, tooDear + " " + badInput},
		{"58 times a wanted text of 4 kB", inline(4000), nil, tooDear + " " + badInput},
		{"58 times raw", "{ users(first: 499) { nodes { settings {" + aliased("raw", 58, 0) + " } } } }", nil, tooDear},
		{"raw in edges and nodes", "{ users(first: 499) { nodes { settings {" + aliased("raw", 28, 0) + " } } edges { node { settings {" + aliased("raw", 28, 0) + " } } } } }", nil, tooDear},
		{"raw under aliases of a list", "{" + aliased("users(first: 49) { nodes { settings { raw } } }", 18, 0) + " }", nil, " " + crowded},
		{"raw twice", "{ users(first: 499) { nodes { settings {" + aliased("raw", 2, 0) + " } } } }", nil, " " + crowded + " " + tooLarge},
		{"raw once", "{ users(first: 499) { nodes { settings { raw } } } }", nil, " " + crowded},
		{"long names", "{ users(first: 1000) { nodes {" + aliased("__typename", 58, 120) + " } } }", nil, " " + crowded},
		{"long names twice", "{ users(first: 1000) { nodes {" + aliased("__typename", 28, 120) + " } edges { node {" + aliased("__typename", 28, 120) + " } } } }", nil, " " + crowded},
		{"deep lists", "{ groups(first: 50) { nodes { members(first: 300) { nodes { groups { members(first: 300) { nodes { id email groups { id name } } } } } } } } }", nil, tooDear},
		{"lists in lists", "{ groups(first: 900) { nodes { members(first: 300) { nodes { id" + aliased("__typename", 50, 100) + " } } } } }", nil, tooDear},
		{"effective settings", "{ users(first: 400) { nodes { effectiveSettings(fields: [\"audio_type\", \"chat\", \"host_video\"]) {" + aliased("value", 25, 100) + " because {" + aliased("value", 25, 100) + " } } } } }", nil, " " + tooDear + " " + crowded},
		{"an error in each", "{ users(first: 499) { nodes {" + aliased("token { token }", 2, 100) + " } } }", nil, "FORBIDDEN"},
	}
}

// TestMemoryOfAnswers sends everything that could make a large answer, several at a time, and wants each answered or
// refused for what it is, within the memory that the service may take.
func TestMemoryOfAnswers(t *testing.T) {
	svc := siege.Start(t, siege.Options{Users: 1000})
	slowest := svc.Watch(siege.Bystander)
	for _, parallel := range []int{1, 4} {
		for _, a := range attacks() {
			var all sync.WaitGroup
			for range parallel {
				all.Go(func() { a.send(t, svc, map[string]string{}) })
			}
			all.Wait()
			t.Logf("%d × %s: peak %d MiB", parallel, a.name, svc.Peak()>>20)
		}
	}
	var all sync.WaitGroup
	for _, a := range attacks() { // all of them, explained
		all.Go(func() { a.send(t, svc, map[string]string{"X-Zoomgraph-Trace": "1", "Cache-Control": "no-cache"}) })
	}
	all.Wait()
	svc.WithinLimits(slowest())
}

// send sends the attack, and checks what it is answered with.
func (a attack) send(t *testing.T, svc *siege.Service, headers map[string]string) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	body, _ := json.Marshal(map[string]any{"query": a.query, "variables": a.variables})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, svc.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+svc.Key(siege.Attacker))
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Errorf("%s: %v", a.name, err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	start, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
	rest, err := io.Copy(io.Discard, resp.Body)
	if err != nil {
		t.Errorf("%s: after %d bytes: %v", a.name, len(start)+int(rest), err)
	}
	code := ""
	if !bytes.Contains(start, []byte(`"data":{`)) {
		_, after, _ := strings.Cut(string(start), `"code":"`)
		code, _, _ = strings.Cut(after, `"`)
	}
	for _, allowed := range strings.Split(a.codes, " ") {
		if code == allowed {
			return
		}
	}
	t.Errorf("%s: %s %.300s, and %q is expected", a.name, resp.Status, start, a.codes)
}

// TestMemoryOfSlowReaders lets clients ask for large answers and hardly read them, over each transport. Others are answered
// all the while, and the slow ones are cut off.
func TestMemoryOfSlowReaders(t *testing.T) {
	svc := siege.Start(t, siege.Options{Users: 1000, Args: []string{"--min-answer-rate=8388608"}}) // for a short test
	slowest := svc.Watch(siege.Bystander)
	const query = "{ users(first: 990) { nodes { settings { a: raw b: raw } } } }"
	attack{"the first", query, nil, ""}.send(t, svc, nil)
	var all sync.WaitGroup
	for _, accept := range []string{"application/json", "text/event-stream"} {
		for range 4 {
			all.Go(func() { readSlowly(t, svc, accept, query) })
		}
	}
	for range 4 {
		all.Go(func() { hearSlowly(t, svc, query) })
	}
	all.Wait()
	svc.WithinLimits(slowest())
}

// What a slow client reads a second, for how long, and what it would have were it not cut off.
const (
	slowly = 30_000
	longer = 14 * time.Second
	whole  = 15 << 20
)

// readSlowly asks over HTTP, and reads until it is cut off.
func readSlowly(t *testing.T, svc *siege.Service, accept, query string) {
	conn := reach(t, svc)
	if conn == nil {
		return
	}
	defer func() { _ = conn.Close() }()
	body, _ := json.Marshal(map[string]string{"query": query})
	_, _ = fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nAccept: %s\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s",
		accept, svc.Key(siege.Attacker), len(body), body)
	status, err := bufio.NewReaderSize(conn, 16).ReadString('\n')
	switch {
	case err != nil:
		t.Errorf("%s: %v", accept, err)
	case strings.Contains(status, " 503 "):
	default:
		drip(t, accept, conn)
	}
}

// hearSlowly asks over a socket.
func hearSlowly(t *testing.T, svc *siege.Service, query string) {
	var raw net.Conn
	c := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		raw = reach(t, svc)
		return raw, nil
	}}}
	conn, _, err := websocket.Dial(t.Context(), svc.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPClient: c}) //nolint:bodyclose // the library closes it
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = conn.CloseNow() }()
	id, _ := json.Marshal(map[string]any{"id": "1", "type": "subscribe", "payload": map[string]string{"query": query}})
	for _, message := range []string{`{"type":"connection_init","payload":{"Authorization":"Bearer ` + svc.Key(siege.Attacker) + `"}}`, string(id)} {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(message)); err != nil {
			t.Error(err)
			return
		}
	}
	drip(t, "a socket", raw)
}

func reach(t *testing.T, svc *siege.Service) net.Conn {
	u, _ := url.Parse(svc.URL)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Error(err)
		return nil
	}
	_ = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
	return conn
}

// drip reads slowly for longer than the service bears, from the moment on that the answer comes, and then what is still
// there: what the system has taken of the answer, but not all of it.
func drip(t *testing.T, what string, conn net.Conn) {
	buf := make([]byte, slowly/10)
	tick := time.NewTicker(time.Second / 10)
	defer tick.Stop()
	read := 0
	_ = conn.SetReadDeadline(time.Now().Add(4 * longer))
	for end := (time.Time{}); end.IsZero() || time.Now().Before(end); {
		<-tick.C
		n, err := conn.Read(buf)
		if read += n; err != nil {
			return // refused, or cut off
		}
		if end.IsZero() && read > 1000 {
			end = time.Now().Add(longer)
		}
	}
	rest, _ := io.Copy(io.Discard, conn)
	if read += int(rest); read >= whole {
		t.Errorf("%s: a client that reads %d bytes a second gets all of its answer, %d bytes", what, slowly, read)
	}
}
