package sandbox_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

func TestSameSeedSameBytes(t *testing.T) {
	t.Parallel()
	a := start(t, sandbox.Options{Seed: 1})
	b := start(t, sandbox.Options{Seed: 1})
	c := start(t, sandbox.Options{Seed: 2})
	paths := []string{"/users?page_size=300", "/users?status=pending", "/users?page_size=2&include_fields=host_key,custom_attributes"}
	for _, n := range []int{0, 1, 7, 499} {
		user := "/users/" + a.user(n)
		paths = append(paths, user, user+"/settings", user+"/settings?option=meeting_security", user+"/settings?option=meeting_authentication")
	}
	for _, path := range paths {
		x, y := a.get(path).want(200), b.get(path).want(200)
		if !bytes.Equal(x.body, y.body) {
			t.Errorf("%s differs:\n%s\n%s", path, x.body, y.body)
		}
		if x.header.Get("x-zm-trackingid") != y.header.Get("x-zm-trackingid") || x.header.Get("x-zm-trackingid") == "" {
			t.Errorf("%s: tracking ids %q and %q", path, x.header.Get("x-zm-trackingid"), y.header.Get("x-zm-trackingid"))
		}
	}
	if a.user(0) == c.user(0) {
		t.Error("another seed gives the same ids")
	}
	ada := "/users/ada.lovelace@example.com/settings"
	if bytes.Equal(a.get(ada).body, c.get(ada).body) {
		t.Error("another seed gives the same settings")
	}
}

func TestSameSeedSameAccount(t *testing.T) {
	t.Parallel()
	a, b := product(t, 30), product(t, 30)
	sales := "/groups/" + a.groupNamed("Sales")
	for _, path := range []string{
		"/groups", sales + "/members", sales + "/settings", sales + "/settings?option=meeting_security", sales + "/lock_settings",
		"/roles", "/roles/1", "/accounts", "/accounts/me", "/accounts/me/settings", "/accounts/me/lock_settings",
		"/users/" + a.user(3) + "/token", "/users/" + a.user(8) + "/assistants",
	} {
		a.get(path).want(200).is(string(b.get(path).want(200).body))
	}
	body := `{"action":"ssoCreate","user_info":{"email":"new@example.com","type":1}}`
	a.call("POST", "/users", body).want(201).is(string(b.call("POST", "/users", body).body))
	a.get("/users/new@example.com").is(string(b.get("/users/new@example.com").want(200).body))
}

func TestStrict(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 30})
	ada := "/users/" + z.user(0)
	tests := []struct {
		method, path string
		status, code int
		names        string
	}{
		{"GET", "/people", 404, 2300, "/people"},
		{"GET", "/users/", 404, 2300, "/users/"},
		{"GET", "/users//settings", 404, 2300, "/users//settings"},
		{"GET", ada + "/settings/", 404, 2300, "/settings/"},
		{"GET", ada + "/meetings", 404, 2300, "/meetings"},
		{"PUT", ada + "/settings", 405, 2300, "PUT"},
		{"POST", "/users", 405, 2300, "POST"},
		{"GET", "/users?pagesize=3", 400, 300, "pagesize"},
		{"GET", "/users?page_size=301", 400, 300, "page_size"},
		{"GET", "/users?page_size=0", 400, 300, "page_size"},
		{"GET", "/users?page_size=many", 400, 300, "page_size"},
		{"GET", "/users?page_number=0", 400, 300, "page_number"},
		{"GET", "/users?status=ACTIVE", 400, 300, "status"},
		{"GET", "/users?include_fields=host_key,pmi", 400, 300, "include_fields"},
		{"GET", "/users?status=active&status=pending", 400, 300, "status"},
		{"GET", "/users?status=%zz", 400, 300, "query"},
		{"GET", ada + "?option=meeting_security", 400, 300, "option"},
		{"GET", ada + "?login_type=2", 400, 300, "login_type"},
		{"GET", ada + "/settings?option=meeting_safety", 400, 300, "meeting_safety"},
		{"GET", ada + "/settings?fields=a", 400, 300, "fields"},
		{"PATCH", ada + "/settings?custom_query_fields=a", 400, 300, "custom_query_fields"},
		{"GET", "/users/nobody", 404, 1001, "User does not exist: nobody."},
		{"GET", "/users/no%40body/settings", 404, 1001, "User does not exist: no@body."},
		{"GET", "/users/me", 400, 4700, "does not support"},
		{"GET", "/users/me/settings", 400, 4700, "does not support"},
		{"GET", "/users/" + z.withStatus("pending"), 400, 1120, "invitation"},
		{"GET", "/users/" + z.withStatus("pending") + "/settings", 400, 1120, "invitation"},
	}
	for _, tt := range tests {
		r := z.call(tt.method, tt.path, "")
		r.refused(tt.status, tt.code, tt.names)
		if got := r.header.Get("Content-Type"); got != "application/json;charset=UTF-8" {
			t.Errorf("%s: content type %q", r.what, got)
		}
	}
	if got := z.call("DELETE", ada+"/settings", "").header.Get("Allow"); got != "GET, PATCH" {
		t.Errorf("Allow: %q", got)
	}
	z.control("GET", "/v3/users", "").refused(404, 2300, "/v3/users")
}

func TestUserNames(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	id := z.user(0)
	for _, name := range []string{id, "ada.lovelace@example.com", "Ada.Lovelace@Example.COM", "ada.lovelace%40example.com"} {
		if got := z.get("/users/" + name).want(200).at("id"); got != id {
			t.Errorf("%s is %v, want %s", name, got, id)
		}
	}
	if swapped := strings.Map(swapCase, id); swapped != id {
		z.get("/users/"+swapped).refused(404, 1001, swapped) // ids have case
	}
	z.get("/users/" + id + "?login_type=101").want(200)
}

func swapCase(r rune) rune {
	switch {
	case 'a' <= r && r <= 'z':
		return r - 'a' + 'A'
	case 'A' <= r && r <= 'Z':
		return r - 'A' + 'a'
	}
	return r
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		schema string
		change func(*sandbox.Options)
		names  string
	}{
		"no program":     {change: func(o *sandbox.Options) { o.Program = nil }, names: "program"},
		"no settings":    {schema: "type Query { a: Int }", names: "UserSettings"},
		"recursive":      {schema: "type Query { a: Int } type UserSettings { a: A } type A { b: A }", names: "UserSettings.a"},
		"a union":        {schema: "type Query { a: Int } type UserSettings { a: A } type A { b: U } union U = A", names: "A.b"},
		"no operation":   {schema: smallSchema + `extend type Query { a: Int @zoom(op: "nonsense") }`, names: `Query.a: "nonsense"`},
		"negative users": {change: func(o *sandbox.Options) { o.Users = -1 }, names: "users"},
		"unknown label":  {change: func(o *sandbox.Options) { o.Config.RPS = map[string]float64{"MEDIUMS": 1} }, names: "MEDIUMS"},
		"unknown fault":  {change: func(o *sandbox.Options) { o.Config.Faults = []sandbox.Fault{{Kind: "boom"}} }, names: "boom"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.schema == "" {
				tt.schema = smallSchema
			}
			o := sandbox.Options{Program: parse(t, tt.schema)}
			if tt.change != nil {
				tt.change(&o)
			}
			if _, err := sandbox.New(o); err == nil || !strings.Contains(err.Error(), tt.names) {
				t.Errorf("error %v, want one that names %q", err, tt.names)
			}
		})
	}
}

func TestLogAndStats(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 30})
	id := z.user(0)
	z.get("/users/" + id + "/settings?custom_query_fields=host_video%2Cwaiting_room").want(200)
	z.get("/users/nobody").want(404)
	z.get("/nowhere").want(404)
	log := z.Log(0)
	want := []sandbox.Entry{
		{N: 1, Method: "POST", Path: "/oauth/token", Status: 200},
		{N: 2, Method: "GET", Path: "/users/" + id + "/settings", Query: "custom_query_fields=host_video,waiting_room", Status: 200, Label: "MEDIUM"},
		{N: 3, Method: "GET", Path: "/users/nobody", Status: 404, Label: "LIGHT"},
		{N: 4, Method: "GET", Path: "/nowhere", Status: 404},
	}
	for i := range want {
		want[i].At = z.clock.Now()
	}
	if !slices.Equal(log, want) {
		t.Errorf("log %+v\nwant %+v", log, want)
	}
	if got := z.Log(2); !slices.Equal(got, want[2:]) {
		t.Errorf("since 2: %+v", got)
	}
	if got := z.Log(1 << 62); len(got) != 0 {
		t.Errorf("since the end: %+v", got)
	}
	z.control("GET", "/__log?since=3", "").is(`[{"n":4,"method":"GET","path":"/nowhere","query":"","status":404,"label":"","at":"2026-03-04T05:06:07Z"}]`)
	z.control("GET", "/__log?since=4", "").is(`[]`)
	z.control("GET", "/__stats", "").is(`{"calls":4,"byOperation":{"GET /users/{userId}":1,"GET /users/{userId}/settings":1,"POST /oauth/token":1,"unknown":1},` +
		`"byStatus":{"200":2,"404":2},"byLabel":{"LIGHT":1,"MEDIUM":1},"tokensMinted":1,"inFlight":0,"maxInFlight":1,"connections":{"opened":0,"open":0,"maxBusy":0}}`)
	z.control("GET", "/__log?since=x", "").refused(400, 300, "x")
	z.control("POST", "/__log", "").refused(405, 2300, "POST")
	z.control("GET", "/__nothing", "").refused(404, 2300, "/__nothing")
}

func TestReset(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 30})
	path := "/users/" + z.user(0) + "/settings"
	before := z.get(path).body
	on := z.get(path).at("schedule_meeting.host_video").(bool)
	z.call("PATCH", path, `{"schedule_meeting":{"host_video":`+map[bool]string{true: "false", false: "true"}[on]+`}}`).want(204)
	if bytes.Equal(z.get(path).body, before) {
		t.Fatal("the write did nothing")
	}
	z.control("POST", "/__reset", "").want(204)
	if got := z.Log(0); len(got) != 0 {
		t.Errorf("log %+v", got)
	}
	z.control("GET", "/__stats", "").is(`{"calls":0,"byOperation":{},"byStatus":{},"byLabel":{},"tokensMinted":0,"inFlight":0,"maxInFlight":0,"connections":{"opened":0,"open":0,"maxBusy":0}}`)
	z.get(path).is(string(before))
	if got := z.Log(0); len(got) != 1 || got[0].N <= 3 {
		t.Errorf("log %+v, want one call with a number not used before", got)
	}
}

func TestControlUsers(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	r := z.control(http.MethodGet, "/__users", "").want(200)
	if !strings.HasPrefix(string(r.body), `[{"id":"`+z.user(0)+`","email":"ada.lovelace@example.com","status":"active"},`) {
		t.Errorf("got %.200s", r.body)
	}
	if got := strings.Count(string(r.body), `"id"`); got != 530 {
		t.Errorf("%d users, want 530", got)
	}
}
