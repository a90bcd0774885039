package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/internal/sandbox"
)

func TestFaultKinds(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 30})
	path := "/users/" + z.user(0) + "/settings"
	whole := z.get(path)
	body := string(whole.body)
	for fault, want := range map[string]struct {
		status int
		body   string
	}{
		`{"kind":"status","status":503}`:                             {503, `{"code":503,"message":"The sandbox was told to fail."}`},
		`{"kind":"status","status":400,"code":1120,"message":"No."}`: {400, `{"code":1120,"message":"No."}`},
		`{"kind":"error200","code":200,"message":"Paid."}`:           {200, `{"code":200,"message":"Paid."}`},
		`{"kind":"empty"}`:     {200, ``},
		`{"kind":"null"}`:      {200, `null`},
		`{"kind":"array"}`:     {200, `[` + body + `]`},
		`{"kind":"truncated"}`: {200, body[:len(body)/2]},
		`{"kind":"trailing"}`:  {200, body + ` {}`},
		`{"kind":"wrong-type","path":"schedule_meeting.host_video","value":[1]}`:                           {200, swapped(whole, "host_video", `[1]`)},
		`{"kind":"wrong-type","path":"schedule_meeting.host_video","value":null}`:                          {200, swapped(whole, "host_video", `null`)},
		`{"kind":"absent","path":"schedule_meeting.host_video"}`:                                           {200, strings.Replace(body, fmt.Sprintf(`"host_video":%v,`, whole.at("schedule_meeting.host_video")), "", 1)},
		`{"kind":"wrong-type","path":"schedule_meeting.nothing","value":1}`:                                {200, body},
		`{"kind":"as-text","path":"schedule_meeting.host_video"}`:                                          {200, swapped(whole, "host_video", fmt.Sprintf("%q", fmt.Sprint(whole.at("schedule_meeting.host_video"))))},
		`{"kind":"as-text","path":"schedule_meeting.nothing"}`:                                             {200, body},
		`{"kind":"absent","path":"nothing.at.all"}`:                                                        {200, body},
		`{"kind":"status","status":500,"match":"PATCH /users/*/settings"}`:                                 {200, body},
		`{"kind":"status","status":500,"match":"/users/*"}`:                                                {200, body},
		`{"kind":"status","status":500,"user":"grace.hopper@example.com"}`:                                 {200, body},
		`{"kind":"status","status":500,"user":"ADA.lovelace@example.com","match":"GET /users/*/settings"}`: {500, `{"code":500,"message":"The sandbox was told to fail."}`},
	} {
		z.configure(`{"faults":[` + fault + `]}`)
		r := z.get(path)
		if r.status != want.status || string(r.body) != want.body {
			t.Errorf("%s: got %d %.200s\nwant %d %.200s", fault, r.status, r.body, want.status, want.body)
		}
	}
	z.configure(`{"faults":[{"kind":"html"}]}`)
	if r := z.get(path).want(200); r.header.Get("Content-Type") != "text/html;charset=UTF-8" || !strings.HasPrefix(string(r.body), "<!DOCTYPE html>") {
		t.Errorf("html: %v %s", r.header, r.body)
	}
	z.configure(`{"faults":[{"kind":"foreign","status":403,"type":"text/html","body":"<h1>Blocked"}]}`)
	if r := z.get(path).want(403); r.header.Get("Content-Type") != "text/html" || string(r.body) != "<h1>Blocked" || r.header.Get("X-Zm-Trackingid") != "" {
		t.Errorf("foreign: %v %s", r.header, r.body)
	}
	z.configure(`{"faults":[{"kind":"foreign","status":204}]}`)
	if r := z.get(path).want(204); len(r.header["Content-Type"]) != 0 || len(r.body) != 0 {
		t.Errorf("foreign without anything: %v %s", r.header, r.body)
	}
	z.configure(`{"faults":[]}`)
	z.get(path).is(body)
}

// The whole answer spells its numbers and Booleans as texts, and is otherwise the same; errors do, too.
func TestFaultAsText(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 30})
	path := "/users/" + z.user(0) + "/settings"
	plain := z.get(path).object()
	var texts func(v any) any
	texts = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for name, value := range v {
				v[name] = texts(value)
			}
		case []any:
			for i, value := range v {
				v[i] = texts(value)
			}
		case float64, bool:
			return jsonOf(t, v)
		}
		return v
	}
	want := jsonOf(t, texts(plain))
	z.configure(`{"faults":[{"kind":"as-text"}]}`)
	if got := jsonOf(t, z.get(path).object()); got != want {
		t.Errorf("got %.300s\nwant %.300s", got, want)
	}
	if got := z.get("/users/nobody").want(404).at("code"); got != "1001" {
		t.Errorf("the code of an error is %v", got)
	}
	z.configure(`{"faults":[{"kind":"as-text","match":"GET /users","times":1}]}`)
	if got := z.get("/users").want(200).at("total_records"); got != "30" {
		t.Errorf("total_records is %v", got)
	}
	if got := z.get("/users").want(200).at("total_records"); got != 30.0 {
		t.Errorf("total_records is %v after one time", got)
	}
}

func TestEndlessLists(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 10})
	for tokens, want := range map[string][]string{`["A","B"]`: {"A", "B", "A"}, `["same"]`: {"same", "same", "same"}, `[]`: {"x", "xx", "xxx"}} {
		z.configure(`{"faults":[{"kind":"endless","match":"GET /users","tokens":` + tokens + `}]}`)
		came := ""
		for _, next := range want {
			r := z.get("/users?page_size=2&next_page_token=" + came).want(200)
			if r.at("next_page_token") != next || !strings.Contains(string(r.body), z.user(0)) || strings.Contains(string(r.body), z.user(2)) {
				t.Errorf("%s: after %q comes %.200s", tokens, came, r.body)
			}
			came = next
		}
	}
}

// swapped returns an answer with the value of one of its booleans replaced.
func swapped(r *reply, name, value string) string {
	return strings.Replace(string(r.body), fmt.Sprintf(`%q:%v`, name, r.at("schedule_meeting."+name)), fmt.Sprintf(`%q:%s`, name, value), 1)
}

func TestFaultsOfLimits(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	z.configure(`{"faults":[{"kind":"429","match":"GET /users","times":1},{"kind":"429-daily","match":"GET /users","times":1}]}`)
	r := z.get("/users")
	r.refused(429, 429, "second")
	limited(t, r, "Medium", "QPS", "1", "0")
	r = z.get("/users")
	r.refused(429, 429, "Today")
	if r.header.Get("Retry-After") != "2026-03-05T00:00:00Z" || r.header.Get("X-RateLimit-Type") != "Daily-limit" {
		t.Errorf("headers %v", r.header)
	}
	z.get("/users").want(200)
}

func TestFaultsHappenInOrder(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	faults := `{"faults":[{"kind":"absent","path":"users.0.email"},{"kind":"status","status":500,"times":2},{"kind":"status","status":502,"times":1},
		{"kind":"wrong-type","path":"users.1.type","value":"two"},{"kind":"absent","path":"users.2"}]}`
	for range 2 { // the second time armed anew
		z.configure(faults)
		for _, status := range []int{500, 500, 502, 200, 200} {
			r := z.get("/users").want(status)
			if status != 200 {
				continue
			}
			users := r.object()["users"].([]any)
			if dig(users[0], "email") != nil || dig(users[1], "type") != "two" || len(users) != 2 {
				t.Errorf("got %s", r.body)
			}
		}
	}
	z.configure(`{"latency":"0s"}`) // leaves faults and what is spent of them
	z.get("/users").want(200)
}

func TestFaultExpiresToken(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	z.configure(`{"faults":[{"kind":"expire-token","times":1}]}`)
	z.get("/users").refused(401, 124, "expired")
	z.get("/users").refused(401, 124, "access token")
	z.token = z.mint()
	z.get("/users").want(200)
}

func TestFaultsOfTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	z.configure(`{"faults":[{"match":"POST /oauth/token","kind":"status","status":500,"times":1},{"match":"/oauth/token","kind":"wrong-type","path":"expires_in","value":"3600"}]}`)
	query := "?grant_type=account_credentials&account_id=a"
	z.exchange(query, nil, "id", "secret").want(500)
	if got := z.exchange(query, nil, "id", "secret").want(200).at("expires_in"); got != "3600" {
		t.Errorf("expires_in %v", got)
	}
}

func TestFaultDrop(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	z.configure(`{"faults":[{"kind":"drop","match":"PATCH /users/*/settings","times":1}]}`)
	path := "/users/" + z.user(0) + "/settings"
	before := string(z.get(path).body)
	r := z.request(http.MethodPatch, "/v2"+path, strings.NewReader(`{"schedule_meeting":{"audio_type":"thirdParty"}}`))
	r.Header.Set("Authorization", "Bearer "+z.token)
	r.Header.Set("Content-Type", "application/json")
	if res, err := http.DefaultClient.Do(r); err == nil {
		res.Body.Close()
		t.Fatalf("answered with %s", res.Status)
	}
	z.get(path).is(before)
	if last := z.Log(0)[2]; last.Status != 0 || last.Method != http.MethodPatch {
		t.Errorf("logged as %+v", last)
	}
}

func TestFaultHangIsInFlightUntilTheCallerLeaves(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	z.configure(`{"faults":[{"kind":"hang","match":"GET /users"}]}`)
	ctx, leave := context.WithCancel(t.Context())
	var calls sync.WaitGroup
	for range 2 {
		calls.Go(func() {
			r, _ := http.NewRequestWithContext(ctx, http.MethodGet, z.url+"/v2/users", nil)
			r.Header.Set("Authorization", "Bearer "+z.token)
			if res, err := http.DefaultClient.Do(r); err == nil {
				res.Body.Close()
				t.Errorf("answered with %s", res.Status)
			}
		})
	}
	z.until(func(s map[string]any) bool { return s["inFlight"] == 2.0 })
	if log := z.Log(1); len(log) != 2 || log[0].Status != 0 {
		t.Errorf("log %+v, want two calls not answered yet", log)
	}
	z.get("/users/" + z.user(0)).want(200) // nobody waits for them
	leave()
	calls.Wait()
	z.until(func(s map[string]any) bool { return s["inFlight"] == 0.0 && s["maxInFlight"] == 3.0 })
}

// until asks for the counts until they are as they should be, for a minute at most.
func (z *zoom) until(good func(stats map[string]any) bool) {
	z.t.Helper()
	for began := time.Now(); time.Since(began) < time.Minute; {
		if good(z.control(http.MethodGet, "/__stats", "").object()) {
			return
		}
	}
	z.t.Error("the counts never came right")
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 20})
	z.configure(`{"faults":[{"kind":"status","status":500,"times":7,"match":"GET /users/*"}]}`)
	var callers sync.WaitGroup
	statuses := make([][]int, 8)
	for i := range statuses {
		callers.Go(func() {
			for n := range 20 {
				user := "/users/" + z.user(n%10)
				statuses[i] = append(statuses[i], z.get(user).status)
				z.call("PATCH", user+"/settings", fmt.Sprintf(`{"schedule_meeting":{"requirement":{"length":%d}}}`, i)).want(204)
				z.get(user + "/settings").want(200)
				z.control("POST", "/__config", `{"fieldFilter":"both"}`).want(200)
			}
		})
	}
	callers.Wait()
	all := slices.Concat(statuses...)
	failed := len(all) - len(slices.DeleteFunc(slices.Clone(all), func(s int) bool { return s == 500 }))
	if failed != 7 {
		t.Errorf("%d calls failed, want 7", failed)
	}
	if log := z.Log(0); len(log) != 1+3*8*20 || log[len(log)-1].N != len(log) {
		t.Errorf("%d calls logged", len(log))
	}
}
