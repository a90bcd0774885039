//go:build linux

package siege_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"zoomgraph/test/siege"
)

// listeners are sockets of the attacker that subscribe.
type listeners struct {
	t   *testing.T
	svc *siege.Service

	heard sync.WaitGroup // those that read, until they have heard of every subscription of theirs
}

// listen opens so many sockets with so many subscriptions each, which select 50 times the whole settings. They are the same
// for all, or another for each. Who does not read has a small window, so that next to nothing is on its way.
func (l *listeners) listen(sockets, each int, different, read bool) {
	l.t.Helper()
	for range sockets {
		conn, _, err := websocket.Dial(l.t.Context(), "ws"+strings.TrimPrefix(l.svc.URL, "http")+"/graphql", &websocket.DialOptions{ //nolint:bodyclose // there is nothing to close
			Subprotocols: []string{"graphql-transport-ws"},
			HTTPHeader:   http.Header{"Authorization": {"Bearer " + l.svc.Key(siege.Attacker)}},
		})
		if err != nil {
			l.t.Fatal(err)
		}
		l.t.Cleanup(func() { _ = conn.CloseNow() })
		conn.SetReadLimit(-1)
		l.say(conn, `{"type":"connection_init"}`)
		for id := range each {
			prefix := "a"
			if different {
				prefix = fmt.Sprintf("x%d", id)
			}
			payload, _ := json.Marshal(map[string]string{"query": rawFifty(prefix)}) // a map of strings always encodes
			l.say(conn, fmt.Sprintf(`{"id":"%d","type":"subscribe","payload":%s}`, id, payload))
		}
		l.say(conn, `{"id":"q","type":"subscribe","payload":{"query":"{ viewer { name } }"}}`)
		for !strings.Contains(l.hear(conn), `"id":"q"`) {
		}
		if read {
			l.heard.Go(func() {
				for ids := map[string]bool{}; len(ids) < each; {
					if text := l.hear(conn); strings.Contains(text, `"type":"next"`) {
						ids[idOf(text)] = true
					} else if strings.Contains(text, `"type":"error"`) || text == "" {
						l.t.Errorf("%.300s", text)
						return
					}
				}
			})
		}
	}
}

// idOf is the id of a message, which is that of its subscription.
func idOf(text string) string {
	_, after, _ := strings.Cut(text, `"id":"`)
	id, _, _ := strings.Cut(after, `"`)
	return id
}

func rawFifty(prefix string) string {
	var b strings.Builder
	b.WriteString("subscription { userSettingsChanged { user { settings {")
	for i := range 50 {
		fmt.Fprintf(&b, " %s_%d: raw", prefix, i)
	}
	b.WriteString(" } } } }")
	return b.String()
}

func (l *listeners) say(conn *websocket.Conn, text string) {
	l.t.Helper()
	if err := conn.Write(l.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		l.t.Fatal(err)
	}
}

// hear is the beginning of the next message; "" where there is none.
func (l *listeners) hear(conn *websocket.Conn) string {
	ctx, cancel := context.WithTimeout(l.t.Context(), time.Minute)
	defer cancel()
	_, r, err := conn.Reader(ctx)
	if err != nil {
		return ""
	}
	start := make([]byte, 1000)
	n, _ := io.ReadFull(r, start)
	_, _ = io.Copy(io.Discard, r)
	return string(start[:n])
}

// write changes a setting of a user, so many times.
func (l *listeners) write(times int) {
	l.t.Helper()
	for i := range times {
		resp, err := l.svc.Post(l.t.Context(), http.DefaultClient, siege.Attacker,
			fmt.Sprintf(`mutation { updateUserSettings(id: %q, input: {scheduleMeeting: {hostVideo: %v}}) { user { id } } }`, l.user(), i%2 == 0), nil)
		if err != nil {
			l.t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK || strings.Contains(string(body), `"errors"`) {
			l.t.Fatalf("%s: %s", resp.Status, body)
		}
	}
}

// untilHeard waits until all who read have heard of each subscription of theirs. Nothing tells when the service has begun a
// subscription, so one may have begun behind the write: from time to time there is another.
func (l *listeners) untilHeard() {
	l.t.Helper()
	all := make(chan struct{})
	go func() {
		l.heard.Wait()
		close(all)
	}()
	again := time.NewTicker(10 * time.Second)
	defer again.Stop()
	for {
		select {
		case <-all:
			return
		case <-again.C:
			l.write(1)
		}
	}
}

// user is an active user of the account.
func (l *listeners) user() string {
	l.t.Helper()
	resp, err := l.svc.Post(l.t.Context(), http.DefaultClient, siege.Attacker, `{ users(first: 1) { nodes { id } } }`, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var found struct {
		Data struct {
			Users struct{ Nodes []struct{ ID string } }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&found); err != nil || len(found.Data.Users.Nodes) == 0 {
		l.t.Fatalf("no user: %v", err)
	}
	return found.Data.Users.Nodes[0].ID
}

// TestMemorySubscriptions: subscriptions whose answers are megabytes, by the hundred, stay within the bounds, whether they
// are equal or not, and whether their clients read or not; another account is answered meanwhile.
func TestMemorySubscriptions(t *testing.T) {
	for name, tt := range map[string]struct {
		sockets, each   int
		different, read bool
		writes          int
	}{
		"equal":               {20, 20, false, true, 1},
		"equal, nobody reads": {20, 100, false, false, 10},
		"other ones":          {1, 100, true, true, 1},
		"other, nobody reads": {20, 100, true, false, 10},
	} {
		t.Run(name, func(t *testing.T) {
			svc := siege.Start(t, siege.Options{
				Accounts: []string{"acct-a", "acct-b"}, Callers: []siege.Caller{{Name: siege.Attacker, Allow: "read, write"}, {Name: siege.Bystander}},
				Args: []string{"--max-subscriptions=2000", "--max-subscriptions-per-caller=2000"},
			})
			l := &listeners{t: t, svc: svc}
			slowest := svc.Watch(siege.Bystander)
			l.listen(tt.sockets, tt.each, tt.different, tt.read)
			l.write(tt.writes)
			l.untilHeard()
			svc.WithinLimits(slowest())
		})
	}
}
