package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/internal/sandbox"
)

// smallSchema has the first operations, and one of each thing that settings are
// made of.
const smallSchema = `
directive @zoom(op: String!, list: String, file: Boolean) on FIELD_DEFINITION
directive @name(zoom: String!) on FIELD_DEFINITION | INPUT_FIELD_DEFINITION | ARGUMENT_DEFINITION
directive @wire(value: String!) on ENUM_VALUE | OBJECT | INPUT_FIELD_DEFINITION
directive @onRequest(query: String) on FIELD_DEFINITION
directive @detail on FIELD_DEFINITION
directive @made(by: String!) on FIELD_DEFINITION
directive @tagged(by: String, content: String, argument: String) on UNION | INPUT_OBJECT
directive @view(option: SettingsOption, root: Boolean = false) on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
scalar JSON
scalar Long
scalar DateTime
enum RateLabel { LIGHT MEDIUM }
enum UserStatus { ACTIVE INACTIVE PENDING }
enum LoginType { GOOGLE @wire(value: "1") SSO @wire(value: "101") }
enum SettingsOption { MEETING_AUTHENTICATION MEETING_SECURITY }
enum AudioType { BOTH THIRD_PARTY @wire(value: "thirdParty") }
enum Chat { NOBODY @wire(value: "1") ALL @wire(value: "4") }
type Query {
  user(id: ID!, loginType: LoginType): User
    @zoom(op: "GET /users/{userId}")
  users(first: Int, after: String, status: UserStatus, roleId: ID): UserConnection
    @zoom(op: "GET /users", list: "users")
}
type Mutation {
  updateUserSettings(id: ID!, input: UserSettingsInput!): Payload
    @zoom(op: "PATCH /users/{userId}/settings")
}
input UserSettingsInput { scheduleMeeting: ScheduleInput @view }
input ScheduleInput { hostVideo: Boolean }
type Payload { user: User }
type UserConnection { nodes: [User!]! }
type User {
  id: ID!
  email: String
  firstName: String
  lastName: String
  displayName: String
  type: Int
  status: UserStatus
  dept: String
  timezone: String
  roleId: ID
  groupIds: [ID!]
  createdAt: DateTime
  jobTitle: String @detail
  language: String @detail
  location: String @detail
  roleName: String @detail
  accountId: ID @detail
  phoneNumbers: [JSON!] @detail
  loginTypes: [Int!] @detail
  hostKey: String @onRequest
  customAttributes: JSON @onRequest
  settings(option: SettingsOption, fields: [String!], allowUnknown: Boolean, loginType: LoginType): UserSettings
    @zoom(op: "GET /users/{userId}/settings")
}
type UserSettings {
  scheduleMeeting: Schedule @view
  inMeeting: InMeeting @view
  feature: Feature @view
  recording: Recording @view
  telephony: Telephony @view
  tsp: Tsp @view
  audioConferencing: Audio @view
  meetingAuthentication: Authentication @view(option: MEETING_AUTHENTICATION, root: true)
  meetingSecurity: Security @view(option: MEETING_SECURITY)
  raw: JSON
}
type Schedule { hostVideo: Boolean audioType: AudioType pmiPassword: String requirement: Requirement pstnPasswordProtected: Boolean }
type Requirement { length: Int haveLetter: Boolean since: DateTime ratio: Float }
type InMeeting { e2eEncryption: Boolean waitingRoom: Boolean allow25Languages: Boolean @name(zoom: "allow_25_languages") chatWith: Chat services: [AudioType!] link: Recording @zoom(op: "GET /x") }
type Feature { inMeeting: Boolean meetingCapacity: Int }
type Recording { autoDeleteCmr: Boolean ipAddressesOrRanges: String files: [File!] days: [Int!] }
type File { id: ID name: String size: Long isDefault: Boolean }
type Telephony { showInternationalNumbersLink: Boolean }
type Tsp { showInternationalNumbersLink: Boolean callOutCountries: [JSON!] shape: JSON }
type Audio { numbers: [File!] }
type Authentication { meetingAuthentication: Boolean authenticationOptions: [Option!] }
type Option { id: ID name: String defaultOption: Boolean visible: Boolean }
type Security { meetingPassword: Boolean waitingRoom: Boolean onlyAuthenticatedCanJoinFromWebclient: Boolean pmiPassword: Boolean }
`

// smallFacts are those of the operations of the small schemas.
const smallFacts = `
- chapter: All
  operations:
    - op: GET /users/{userId}
      id: get_users_userid
      label: LIGHT
      scopes: [user:read:admin, user:read]
      granular: [user:read:user:admin]
    - op: GET /users
      id: get_users
      label: MEDIUM
      scopes: [user:read:admin]
      granular: [user:read:list_users:admin]
    - op: PATCH /users/{userId}/settings
      id: patch_users_userid_settings
      label: MEDIUM
      scopes: [user:write:admin, user:write]
      granular: [user:update:settings:admin]
    - op: GET /users/{userId}/settings
      id: get_users_userid_settings
      label: MEDIUM
      scopes: [user:read:admin, user:read]
      granular: [user:read:settings:admin]
    - op: GET /x
      id: get_x
      scopes: []
`

func parse(t *testing.T, source string) *program.Program {
	t.Helper()
	return parseWith(t, source, smallFacts)
}

func parseWith(t testing.TB, source, known string) *program.Program {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "small.graphqls", Input: source})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := program.ParseFacts([]byte(known))
	if err != nil {
		t.Fatal(err)
	}
	p, err := program.New(schema, facts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// zoom is a sandbox behind a real server, with a caller's token.
type zoom struct {
	*sandbox.Server
	t     *testing.T
	url   string
	token string
	clock *clock
}

func start(t *testing.T, o sandbox.Options) *zoom {
	t.Helper()
	z := &zoom{t: t, clock: newClock()}
	if o.Program == nil {
		o.Program = parse(t, smallSchema)
	}
	if o.Now == nil {
		o.Now = z.clock.Now
	}
	server, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	z.Server, z.url = server, web.URL
	z.token = z.mint()
	return z
}

// mint asks for a token.
func (z *zoom) mint() string {
	z.t.Helper()
	form := url.Values{"grant_type": {"account_credentials"}, "account_id": {"acct"}}
	r := z.request(http.MethodPost, "/oauth/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("id", "secret")
	got := z.do(r).want(http.StatusOK)
	return got.object()["access_token"].(string)
}

func (z *zoom) request(method, path string, body io.Reader) *http.Request {
	z.t.Helper()
	r, err := http.NewRequestWithContext(z.t.Context(), method, z.url+path, body)
	if err != nil {
		z.t.Fatal(err)
	}
	return r
}

// reply is an answer read to its end.
type reply struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

func (z *zoom) do(r *http.Request) *reply {
	z.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		z.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		z.t.Fatal(err)
	}
	return &reply{z.t, r.Method + " " + r.URL.RequestURI(), res.StatusCode, res.Header, body}
}

// call calls the API with the token.
func (z *zoom) call(method, path, body string) *reply {
	z.t.Helper()
	r := z.request(method, "/v2"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+z.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return z.do(r)
}

func (z *zoom) get(path string) *reply { z.t.Helper(); return z.call(http.MethodGet, path, "") }

// control calls the control surface.
func (z *zoom) control(method, path, body string) *reply {
	z.t.Helper()
	return z.do(z.request(method, path, strings.NewReader(body)))
}

func (z *zoom) configure(body string) {
	z.t.Helper()
	z.control(http.MethodPost, "/__config", body).want(http.StatusOK)
}

// user returns the id of the nth user.
func (z *zoom) user(n int) string { return z.Users()[n].ID }

// withStatus returns the id of a user with a status.
func (z *zoom) withStatus(status string) string {
	z.t.Helper()
	for _, u := range z.Users() {
		if u.Status == status {
			return u.ID
		}
	}
	z.t.Fatalf("no user is %s", status)
	return ""
}

func (r *reply) want(status int) *reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: status %d, want %d: %s", r.what, r.status, status, r.body)
	}
	return r
}

// refused checks status and code, and that the message names something.
func (r *reply) refused(status, code int, names string) {
	r.t.Helper()
	r.want(status)
	got := r.object()
	if got["code"] != float64(code) || !strings.Contains(got["message"].(string), names) {
		r.t.Errorf("%s: got %s, want code %d and a message with %q", r.what, r.body, code, names)
	}
}

func (r *reply) object() map[string]any {
	r.t.Helper()
	var out map[string]any
	if err := json.Unmarshal(r.body, &out); err != nil {
		r.t.Fatalf("%s: %v: %s", r.what, err, r.body)
	}
	return out
}

// at returns what stands at a dotted path, nil where nothing does.
func (r *reply) at(path string) any {
	r.t.Helper()
	return dig(r.object(), path)
}

func dig(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func (r *reply) is(body string) {
	r.t.Helper()
	if !bytes.Equal(r.body, []byte(body)) {
		r.t.Errorf("%s: got %s, want %s", r.what, r.body, body)
	}
}
