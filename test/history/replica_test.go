package history_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/account"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/fleet"
	"zoomgraph/internal/redistest"
	"zoomgraph/internal/store"
)

const (
	ttl            = 4 * time.Second
	requestTimeout = 5 * time.Second // longer than a write may wait for one whose replica died
)

// replica is one of the services that share a Redis, put together as the program does it. It can end and begin anew.
type replica struct {
	t    testing.TB
	name string
	skew time.Duration // how much its clock is ahead of the others'
	zoom *zoom
	link *redistest.Proxy

	mu   sync.Mutex
	life *life
	born int
}

// life is a replica from its start to its end.
type life struct {
	name   string
	fleet  *fleet.Fleet
	known  *store.Store
	server *httptest.Server
	http   *http.Client
}

func newReplica(t testing.TB, name string, skew time.Duration, z *zoom, redis *redistest.Server) *replica {
	t.Helper()
	r := &replica{t: t, name: name, skew: skew, zoom: z, link: redis.Proxy(t)}
	r.begin()
	t.Cleanup(func() { r.life.end() })
	return r
}

// now is the replica's clock.
func (r *replica) now() time.Time { return time.Now().Add(r.skew) }

// begin starts a life.
func (r *replica) begin() {
	r.t.Helper()
	if err := r.open(); err != nil {
		r.t.Fatal(err)
	}
}

func (r *replica) open() (err error) {
	l := &life{}
	if l.fleet, err = fleet.Open(fleet.Options{URL: r.link.URL(), Now: r.now}); err != nil {
		return err
	}
	far, err := l.fleet.Shared("account", []byte("secret"))
	if err != nil {
		return err
	}
	if l.known, err = store.New(store.Options{TTL: ttl, UsersTTL: ttl, Now: r.now}); err != nil {
		return err
	}
	a, err := account.New(account.Options{ID: "account", Store: l.known, Shared: far, Zoom: client.Config{
		APIURL: r.zoom.server.URL + "/v2", OAuthURL: r.zoom.server.URL + "/oauth", AccountID: "account", ClientID: "client", ClientSecret: "secret",
		Now: r.now,
	}})
	if err != nil {
		return err
	}
	app, err := a.Principal(account.Actor{})
	if err != nil {
		return err
	}
	facade, err := graph.NewServer(graph.Options{Program: programtest.Of(r.zoom.t), PrincipalOptions: graph.ActingAs(app)})
	if err != nil {
		return err
	}
	handler, err := edge.New(edge.Options{
		Schema: facade.Executable, SDL: facade.Program.SDL, Extensions: facade.Extensions(), ErrorPresenter: facade.PresentError,
		RequestTimeout: requestTimeout, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	l.server = httptest.NewServer(handler)
	l.http = l.server.Client()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.born++
	l.name = fmt.Sprint(r.name, ".", r.born)
	r.life = l
	return nil
}

// current is the life that the replica is in.
func (r *replica) current() *life {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.life
}

// end breaks what is under way.
func (l *life) end() {
	l.server.CloseClientConnections()
	l.server.Close()
	l.fleet.Close()
	l.known.Close()
}

// ask sends a document, and returns the data and the first error's code.
func (l *life) ask(ctx context.Context, document string, fresh bool) (data []byte, trouble string) {
	body, err := json.Marshal(map[string]string{"query": document})
	if err != nil {
		return nil, err.Error()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.server.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		return nil, err.Error()
	}
	req.Header.Set("Content-Type", "application/json")
	if fresh {
		req.Header.Set("Cache-Control", "no-cache")
	}
	res, err := l.http.Do(req)
	if err != nil {
		return nil, err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	var answer struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	switch {
	case err != nil:
		return nil, err.Error()
	case json.Unmarshal(text, &answer) != nil:
		return nil, fmt.Sprintf("HTTP %d %s", res.StatusCode, text)
	case len(answer.Errors) > 0:
		return nil, answer.Errors[0].Extensions.Code + ": " + answer.Errors[0].Message
	}
	return answer.Data, ""
}

// read reads settings of a user.
func (l *life) read(ctx context.Context, user string, names []string, fresh bool) (map[string]int, string) {
	data, trouble := l.ask(ctx, readOf(user, names), fresh)
	if trouble != "" {
		return nil, trouble
	}
	var answer struct {
		User struct {
			Settings map[string]map[string]int
		}
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, fmt.Sprintf("%v in %s", err, data)
	}
	values := map[string]int{}
	for _, name := range names {
		values[name] = answer.User.Settings[settings[name].section][settings[name].name]
	}
	return values, ""
}

// write sets settings of a user to a version.
func (l *life) write(ctx context.Context, user string, names []string, version int) string {
	_, trouble := l.ask(ctx, writeOf(user, names, version), false)
	return trouble // what was not applied was overwritten by others before it was read back
}
