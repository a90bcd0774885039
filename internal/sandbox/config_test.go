package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/sandbox"
)

func TestConfigRefuses(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	before := string(z.control("GET", "/__config", "").want(200).body)
	for body, names := range map[string]string{
		`{"latncy":"1s","latency":"2s","rpm":1}`:            `["latncy" "rpm"]`,
		`{"RPS":{"LIGHT":1}}`:                               `"RPS"`,
		`[]`:                                                "JSON object",
		`null`:                                              "JSON object",
		`{"latency":"soon"}`:                                "latency",
		`{"latency":"-1s"}`:                                 "latency",
		`{"latency":5}`:                                     "latency",
		`{"latencyByPath":{"users":"1s"}}`:                  "latencyByPath",
		`{"latencyByPath":{"/users":"-1s"}}`:                "latencyByPath",
		`{"rps":{"MEDIUM":"60"}}`:                           "rps",
		`{"rps":{"medium":60}}`:                             "medium",
		`{"rps":{"MEDIUM":-1}}`:                             "rps",
		`{"burst":{"X":1}}`:                                 "burst",
		`{"daily":{"HEAVY":1.5}}`:                           "daily",
		`{"fieldFilter":"leaves"}`:                          "fieldFilter",
		`{"faults":[{"kind":"boom"}]}`:                      "faults[0]: unknown kind",
		`{"faults":[{"kind":"429"},{"kind":"status"}]}`:     "faults[1]: status",
		`{"faults":[{"kind":"429","often":1}]}`:             "often",
		`{"faults":[{"kind":"429","times":-1}]}`:            "times",
		`{"faults":[{"kind":"429","match":"users"}]}`:       "users",
		`{"faults":[{"kind":"429","match":"/users/["}]}`:    "/users/[",
		`{"faults":[{"kind":"error200"}]}`:                  "code",
		`{"faults":[{"kind":"absent"}]}`:                    "path",
		`{"faults":[{"kind":"wrong-type","path":"a.b"}]}`:   "value",
		`{"pageTokenTTL":"-1s"}`:                            "pageTokenTTL",
		`{"tokenTTL":"-1s"}`:                                "tokenTTL",
		`{"singleToken":"yes"}`:                             "singleToken",
		`{"groupModel":"flat"}`:                             "groupModel",
		`{"groupRanks":[{"manages":["in_meeting"]}]}`:       "groupRanks[0]: group",
		`{"groupRanks":[{"name":"Support"}]}`:               "name",
		`{"scopes":"user:read"}`:                            "scopes",
		`{"fieldFilter":"both","faults":[{"kind":"boom"}]}`: "boom",
	} {
		z.control("POST", "/__config", body).refused(400, 300, names)
	}
	z.control("GET", "/__config", "").is(before)
}

func TestConfigAmends(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3, Config: sandbox.Config{FieldFilter: sandbox.FilterBoth}})
	z.configure(`{"rps":{"LIGHT":5,"MEDIUM":1},"latencyByPath":{"GET /x":"1s"}}`)
	z.configure(`{"rps":{"MEDIUM":60},"faults":[{"kind":"429","times":1}]}`)
	z.control("GET", "/__config", "").is(`{"rps":{"MEDIUM":60},"burst":null,"daily":null,"window":"bucket","quiet":false,"dailyByTarget":null,"latency":"0s","latencyByPath":{"GET /x":"1s"},` +
		`"fieldFilter":"both","faults":[{"times":1,"kind":"429"}],"scopes":null,"tokenTTL":"1h0m0s","pageTokenTTL":"15m0s","groupModel":"legacy","groupRanks":null,"singleToken":false}`)
	if err := z.Configure(sandbox.Config{}); err != nil {
		t.Fatal(err)
	}
	z.control("GET", "/__config", "").is(`{"rps":null,"burst":null,"daily":null,"window":"bucket","quiet":false,"dailyByTarget":null,"latency":"0s","latencyByPath":null,` +
		`"fieldFilter":"leaf","faults":null,"scopes":null,"tokenTTL":"1h0m0s","pageTokenTTL":"15m0s","groupModel":"legacy","groupRanks":null,"singleToken":false}`)
	if err := z.Configure(sandbox.Config{Latency: -1}); err == nil || !strings.Contains(err.Error(), "latency") {
		t.Errorf("error %v", err)
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	z.configure(`{"latency":"1h","latencyByPath":{"/users/*":"0s","GET /users/*/settings":"40ms","PATCH /users/*/settings":"0s"}}`)
	user := "/users/" + z.user(0)
	z.get(user).want(200)
	z.call("PATCH", user+"/settings", `{}`).want(204)
	z.mint() // the token endpoint has no part in latency
	began := time.Now()
	z.get(user + "/settings").want(200)
	if took := time.Since(began); took < 40*time.Millisecond {
		t.Errorf("took %v, want 40ms", took)
	}
}

func TestPerSecondLimit(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	user := "/users/" + z.user(0)
	if h := z.get(user).header; h.Get("X-RateLimit-Limit") != "" {
		t.Errorf("headers without a limit: %v", h)
	}
	z.configure(`{"rps":{"MEDIUM":2,"LIGHT":10},"burst":{"MEDIUM":3}}`)
	for _, left := range []string{"2", "1", "0"} {
		limited(t, z.get(user+"/settings").want(200), "Medium", "QPS", "2", left)
	}
	r := z.get("/users") // the label is one for all its operations
	r.refused(429, 429, "")
	limited(t, r, "Medium", "QPS", "2", "0")
	if r.header.Get("Retry-After") != "" {
		t.Error("a per-second refusal has Retry-After")
	}
	limited(t, z.get(user).want(200), "Light", "QPS", "10", "9")
	z.clock.Add(500 * time.Millisecond)
	z.get(user + "/settings").want(200)
	z.get(user + "/settings").want(429)
	z.configure(`{"latency":"0s"}`)
	z.get(user + "/settings").want(429) // the bucket stays as it is
	z.clock.Add(10 * time.Minute)
	for range 3 { // full again, and no fuller
		z.get(user + "/settings").want(200)
	}
	z.get(user + "/settings").want(429)
	z.configure(`{"rps":{}}`)
	z.get(user + "/settings").want(200)
	z.token = "wrong"
	z.configure(`{"rps":{"MEDIUM":1}}`)
	for range 3 {
		z.get(user + "/settings").want(401) // costs nothing
	}
}

func limited(t *testing.T, r *reply, category, kind, limit, left string) {
	t.Helper()
	for name, want := range map[string]string{"Category": category, "Type": kind, "Limit": limit, "Remaining": left} {
		if got := r.header.Get("X-RateLimit-" + name); got != want {
			t.Errorf("%s: X-RateLimit-%s is %q, want %q", r.what, name, got, want)
		}
	}
}

func TestDailyLimit(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	z.configure(`{"daily":{"MEDIUM":2}}`)
	limited(t, z.get("/users").want(200), "Medium", "Daily-limit", "2", "1")
	limited(t, z.get("/users").want(200), "Medium", "Daily-limit", "2", "0")
	r := z.get("/users")
	r.refused(429, 429, "")
	limited(t, r, "Medium", "Daily-limit", "2", "0")
	if got := r.header.Get("Retry-After"); got != "2026-03-05T00:00:00Z" {
		t.Errorf("Retry-After %q", got)
	}
	z.get("/users/" + z.user(0)).want(200)
	z.configure(`{"tokenTTL":"48h"}`)
	z.token = z.mint()
	z.clock.Add(24 * time.Hour)
	z.get("/users").want(200)
	z.configure(`{"daily":{"MEDIUM":5},"rps":{"MEDIUM":1}}`)
	limited(t, z.get("/users").want(200), "Medium", "QPS", "1", "0")
	z.get("/users").want(429)
	z.clock.Add(time.Second)
	z.get("/users").want(http.StatusOK)
}

// A second's calls are counted as configured; without headers nothing tells it.
func TestWindows(t *testing.T) {
	t.Parallel()
	for window, after := range map[string][3]int{ // taken of 9 at once, half a second later, and once more
		"bucket":  {4, 2, 2},
		"sliding": {4, 0, 4},
		"fixed":   {4, 4, 0},
	} {
		z := start(t, sandbox.Options{Users: 3})
		z.clock.Add(600 * time.Millisecond)
		z.configure(`{"rps":{"MEDIUM":4},"quiet":true,"window":"` + window + `"}`)
		for i, want := range after {
			taken := 0
			for range 9 {
				r := z.get("/users")
				if r.header.Get("X-RateLimit-Type") != "" || r.status != 200 && r.status != 429 {
					t.Errorf("%s: %d %v", window, r.status, r.header)
				}
				if r.status == 200 {
					taken++
				}
			}
			if taken != want {
				t.Errorf("%s: %d taken at %d half seconds, want %d", window, taken, i, want)
			}
			z.clock.Add(500 * time.Millisecond)
		}
	}
}

// Each target has a day of its own, and a refusal says so only if it is to.
func TestDailyByTarget(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	z.configure(`{"dailyByTarget":[{"match":"GET /users/*","limit":2},{"match":"GET /users/*/settings","limit":1,"headers":true}]}`)
	one, two := "/users/"+z.user(0), "/users/"+z.user(1)
	for range 2 {
		z.get(one).want(200)
	}
	if r := z.get(one).want(429); r.header.Get("X-RateLimit-Type") != "" || r.header.Get("Retry-After") != "" {
		t.Errorf("headers %v", r.header)
	}
	z.get(two).want(200)
	z.get(one + "/settings").want(200)
	r := z.get(one + "/settings").want(429)
	if r.header.Get("X-RateLimit-Type") != "Daily-limit" || r.header.Get("X-RateLimit-Category") != "" || r.header.Get("Retry-After") != "2026-03-05T00:00:00Z" {
		t.Errorf("headers %v", r.header)
	}
	z.configure(`{"tokenTTL":"48h"}`)
	z.token = z.mint()
	z.clock.Add(24 * time.Hour)
	z.get(one).want(200)
}
