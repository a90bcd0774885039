package reference_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/reference"
	"zoomgraph/internal/sandbox"
)

// service is the facade before an embedded Zoom of its own, all over real HTTP.
type service struct {
	t        *testing.T
	url      string
	upstream string
	zoom     *sandbox.Server
	seen     int // calls of the log that were looked at
}

// setup starts a facade and its embedded Zoom, whose world is that of a day. It acts for an account, or as a person.
func setup(t *testing.T, day func() time.Time, asPerson bool) *service {
	t.Helper()
	p := programtest.Of(t)
	zoom, err := sandbox.New(sandbox.Options{Program: p, Now: day})
	if err != nil {
		t.Fatal(err)
	}
	upstream := httptest.NewServer(zoom)
	t.Cleanup(upstream.Close)
	s := &service{t: t, upstream: upstream.URL, zoom: zoom}
	cfg := client.Config{APIURL: upstream.URL + "/v2", OAuthURL: upstream.URL + "/oauth", AccountID: "account", ClientID: "client", ClientSecret: "secret", Now: day}
	if asPerson {
		cfg.Tokens = client.StaticToken(s.tokenOf("ada.lovelace@example.com"))
	}
	app := cfg
	app.ClientID = "chatbot"
	cfg.AppTokens = client.AppCredentials(app)
	to, err := client.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server, err := graph.NewServer(graph.Options{Program: p, PrincipalOptions: graph.PrincipalOptions{Client: to, ZoomAccount: "account"}})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := edge.New(edge.Options{Schema: server.Executable, Extensions: server.Extensions(), ErrorPresenter: server.PresentError, Files: server.Files()})
	if err != nil {
		t.Fatal(err)
	}
	facade := httptest.NewServer(handler)
	t.Cleanup(facade.Close)
	s.url = facade.URL + "/graphql"
	return s
}

// untilThe31st is how long it is until one that is not today.
func untilThe31st(now time.Time) time.Duration {
	ahead := 24 * time.Hour
	for now.Add(ahead).UTC().Day() != 31 {
		ahead += 24 * time.Hour
	}
	return ahead
}

// tokenOf is a token of a user, by the authorization code flow.
func (s *service) tokenOf(email string) string {
	s.t.Helper()
	const back = "http://app.example"
	query := url.Values{"response_type": {"code"}, "client_id": {"client"}, "redirect_uri": {back}, "user": {email}}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.upstream+"/oauth/authorize?"+query.Encode(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req) // which follows nothing
	if err != nil {
		s.t.Fatal(err)
	}
	_ = res.Body.Close()
	to, err := res.Location()
	if err != nil {
		s.t.Fatal(err)
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {to.Query().Get("code")}, "redirect_uri": {back}}
	req, err = http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.upstream+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth("client", "secret")
	var granted struct {
		Token string `json:"access_token"`
	}
	s.read(req, &granted)
	return granted.Token
}

func (s *service) read(req *http.Request, into any) []byte {
	s.t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		s.t.Fatalf("%s: %v in %s", req.URL, err, body)
	}
	return body
}

// reset takes back what was written.
func (s *service) reset() {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.upstream+"/__reset", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = res.Body.Close()
	s.seen = 0
}

// calls counts the calls of the API since it was last asked.
func (s *service) calls() (n int) {
	for _, e := range s.zoom.Log(s.seen) {
		s.seen = e.N
		if !strings.HasPrefix(e.Path, "/oauth/") {
			n++
		}
	}
	return n
}

// run sends the steps of an example one after the other, each with what those before it answered, and tells what is wrong.
func (s *service) run(example *reference.Example) error {
	s.t.Helper()
	answered := map[string]any{}
	for _, step := range example.Steps {
		variables := map[string]any{}
		if step.Variables != "" {
			if err := json.Unmarshal([]byte(step.Variables), &variables); err != nil {
				return err
			}
		}
		for _, name := range step.Takes {
			value := valueOf(answered, name)
			if value == nil {
				return fmt.Errorf("nothing before it answers %s", name)
			}
			variables[name] = value
		}
		s.calls()
		if strings.HasPrefix(step.Query, "subscription") {
			return s.subscribe(step.Query)
		}
		var answer struct {
			Data   map[string]any
			Errors []any
		}
		body := s.read(s.request(step.Query, variables, example.Upload), &answer)
		if len(answer.Errors) > 0 || answer.Data == nil {
			return fmt.Errorf("%s\n%s\n%s", step.Query, step.Variables, body)
		}
		if n := s.calls(); n > step.Price.Calls {
			return fmt.Errorf("%s\ncosts %d calls, and %d are its price", step.Query, n, step.Price.Calls)
		}
		answered[fmt.Sprint(len(answered))] = answer.Data
	}
	return nil
}

// subscribe opens a stream and changes settings until it tells of one.
func (s *service) subscribe(query string) error {
	s.t.Helper()
	req := s.request(query, nil, "")
	req.Header.Set("Accept", "text/event-stream")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	told := make(chan error, 1)
	go func() {
		lines := bufio.NewScanner(res.Body)
		for lines.Scan() {
			data, isData := strings.CutPrefix(lines.Text(), "data:")
			switch {
			case isData && strings.Contains(data, `"errors"`):
				told <- errors.New(data)
				return
			case isData && strings.Contains(data, `"data"`):
				told <- nil
				return
			}
		}
		told <- fmt.Errorf("%s ended before it told of anything", query)
	}()
	for on := false; ; on = !on {
		change := fmt.Sprintf(`mutation { updateUserSettings(id: "ada.lovelace@example.com", input: {scheduleMeeting: {hostVideo: %v}}) { notApplied { field } } }`, on)
		s.read(s.request(change, nil, ""), &struct{}{})
		select {
		case err := <-told:
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (s *service) request(query string, variables map[string]any, upload string) *http.Request {
	s.t.Helper()
	var body bytes.Buffer
	kind := "application/json"
	if upload == "" {
		if err := json.NewEncoder(&body).Encode(map[string]any{"query": query, "variables": variables}); err != nil {
			s.t.Fatal(err)
		}
	} else {
		form := multipart.NewWriter(&body)
		operations, err := json.Marshal(map[string]any{"query": query, "variables": variables})
		if err != nil {
			s.t.Fatal(err)
		}
		_ = form.WriteField("operations", string(operations))
		_ = form.WriteField("map", `{"0":["variables.`+upload+`"]}`)
		part, err := form.CreateFormFile("0", "picture.png")
		if err != nil {
			s.t.Fatal(err)
		}
		_, _ = io.WriteString(part, "\x89PNG\r\n\x1a\n"+strings.Repeat("x", 2000))
		_ = form.Close()
		kind = form.FormDataContentType()
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url, &body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("GraphQL-Require-Preflight", "1")
	return req
}

// valueOf is the first value of a name in an answer.
func valueOf(v any, name string) any {
	switch v := v.(type) {
	case map[string]any:
		if value := v[name]; value != nil {
			return value
		}
		for _, value := range v {
			if found := valueOf(value, name); found != nil {
				return found
			}
		}
	case []any:
		for _, value := range v {
			if found := valueOf(value, name); found != nil {
				return found
			}
		}
	}
	return nil
}

// Each example is answered without errors and costs no more calls than its price says. Those that have ids in them are so in
// the world of another day as well: the ids are the embedded Zoom's whenever it is started.
func TestExamplesRun(t *testing.T) {
	t.Parallel()
	p := programtest.Of(t)
	for name, ahead := range map[string]time.Duration{"today": 0, "in 100 days": 100 * 24 * time.Hour, "on a 31st": untilThe31st(time.Now())} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			day := func() time.Time { return time.Now().Add(ahead) }
			r := newReference(t, day)
			reads, writes, person := setup(t, day, false), setup(t, day, false), setup(t, day, true)
			ran := 0
			for _, def := range p.Schema.Types {
				for i, f := range def.Fields {
					if def.Kind != ast.Object || def.BuiltIn || program.IsBuiltin(f) || ahead > 0 && i > 0 && !reference.NeedsWay(p, def, f) {
						continue // what has no way of its own goes by that to its type
					}
					example, err := r.Example(def.Name, f.Name)
					if err != nil || example == nil || example.Of != "" {
						continue // TestEveryFieldHasAnExample tells of it, or it is another one's
					}
					s := reads
					switch last := example.Steps[len(example.Steps)-1]; {
					case example.Person:
						s = person
					case len(example.Steps) > 1 || strings.HasPrefix(last.Query, "mutation"):
						s = writes
						s.reset()
					}
					ran++
					if err := s.run(example); err != nil {
						t.Errorf("%s.%s: %v", def.Name, f.Name, err)
					}
				}
			}
			if ran < 400 {
				t.Errorf("only %d examples ran", ran)
			}
			t.Logf("%d examples ran", ran)
		})
	}
}

func newReference(t *testing.T, now func() time.Time) *reference.Reference {
	t.Helper()
	return reference.New(programtest.Of(t), graph.Price, now)
}
