package store_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"zoomgraph/client"
	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/store"
)

// withAllFacts knows of all of Zoom's operations, also of those that the schema does not have.
func withAllFacts(t *testing.T) store.Options {
	t.Helper()
	chapters, err := program.ReadFacts(programtest.Files(t))
	if err != nil {
		t.Fatal(err)
	}
	facts := map[string]*program.Operation{}
	for _, chapter := range chapters {
		for _, op := range chapter.Operations {
			facts[op.Op] = op
		}
	}
	opts := usual()
	opts.Fact = func(op string) *program.Operation { return facts[op] }
	return opts
}

// opOf makes an operation of "GET /users/{userId}".
func opOf(op string) *client.Op {
	method, path, _ := strings.Cut(op, " ")
	return &client.Op{ID: op, Method: method, Path: path}
}

// Each write is seen by the reads that show what it changed, and by no others.
func TestWhatWritesTouch(t *testing.T) {
	t.Parallel()
	const uuid = "4444AAAiAAAAAiAiAiiAii=="
	reads := map[string]store.Key{}
	for name, read := range map[string][]string{
		"settings of abc":      {"GET /users/{userId}/settings", "abc"},
		"settings of def":      {"GET /users/{userId}/settings", "def"},
		"settings of an email": {"GET /users/{userId}/settings", "ann@example.com"},
		"users":                {"GET /users"},
		"meetings of abc":      {"GET /users/{userId}/meetings", "abc"},
		"meetings of def":      {"GET /users/{userId}/meetings", "def"},
		"meeting 1":            {"GET /meetings/{meetingId}", "1"},
		"meeting 2":            {"GET /meetings/{meetingId}", "2"},
		"meeting by uuid":      {"GET /past_meetings/{meetingUUID}", uuid},
		"registrants of 1":     {"GET /meetings/{meetingId}/registrants", "1"},
		"polls of 1":           {"GET /meetings/{meetingId}/polls", "1"},
		"recordings of 1":      {"GET /meetings/{meetingId}/recordings", "1"},
		"recordings of uuid":   {"GET /meetings/{meetingId}/recordings", uuid},
		"recordings of def":    {"GET /users/{userId}/recordings", "def"},
		"phone user":           {"GET /phone/users/{userId}", "p"},
		"phone settings":       {"GET /phone/users/{userId}/settings", "p@example.com"},
		"blocked numbers":      {"GET /phone/blocked_list"},
		"room a":               {"GET /rooms/{roomId}", "a"},
		"settings of room b":   {"GET /rooms/{roomId}/settings", "b"},
		"rooms":                {"GET /rooms"},
		"the log":              {"GET /report/operationlogs"},
		"tracking fields":      {"GET /tracking_fields"},
	} {
		reads[name] = keyOf(opOf(read[0]), read[1:]...)
	}
	for _, test := range []struct {
		op   string
		path []string
		want string // reads that are made again, beside the log
	}{
		{"PATCH /users/{userId}/settings", []string{"abc"}, "meetings of abc,settings of abc,settings of an email"},
		{"POST /users/{userId}/meetings", []string{"abc"}, "meetings of abc,meetings of def"},
		{"PATCH /meetings/{meetingId}", []string{"1"}, "meeting 1,meeting by uuid,meetings of abc,meetings of def,polls of 1,recordings of 1,recordings of uuid,registrants of 1"},
		{"POST /meetings/{meetingId}/registrants", []string{"1"}, "registrants of 1"},
		{"PUT /meetings/{meetingId}/registrants/status", []string{"1"}, "registrants of 1"},
		{"DELETE /meetings/{meetingId}/polls/{pollId}", []string{"1", "p"}, "polls of 1"},
		{"PATCH /meetings/{meetingId}/recordings/settings", []string{"1"}, "recordings of 1,recordings of def,recordings of uuid"},
		{"DELETE /meetings/{meetingId}/recordings", []string{uuid}, "meeting 1,meeting 2,meeting by uuid,polls of 1,recordings of 1,recordings of def,recordings of uuid,registrants of 1"},
		{"PATCH /phone/users/{userId}/settings/{settingType}", []string{"x", "delegation"}, "blocked numbers,phone settings,phone user"},
		{"POST /phone/blocked_list", nil, "blocked numbers"},
		{"PATCH /phone/sites/{siteId}", []string{"s"}, "blocked numbers,phone settings,phone user"},
		{"PATCH /rooms/{roomId}/settings", []string{"b"}, "settings of room b"},
		{"POST /rooms", nil, "rooms"},
		{"PUT /rooms/{roomId}/location", []string{"a"}, "room a,rooms"},
		{"PATCH /rooms/account_settings", nil, "room a,rooms,settings of room b"},
		{"POST /tracking_fields", nil, "tracking fields"},
		{"POST /groups/{groupId}/members", []string{"g"}, "meetings of abc,meetings of def,phone settings,phone user,recordings of def,settings of abc,settings of an email,settings of def,users"},
		{"DELETE /groups/{groupId}/members/{memberId}", []string{"g", "def"}, "meetings of def,phone settings,phone user,recordings of def,settings of an email,settings of def,users"},
	} {
		t.Run(test.op, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newStore(t, withAllFacts(t)).Principal("acct", "", nil)
				called := func() []string {
					var names []string
					for name, key := range reads {
						z := &zoom{}
						get(t, p, z, "", "", func(a *store.Ask) { a.Key, a.Fetch = key, z.fetch(key) })
						if len(z.calls) > 0 {
							names = append(names, name)
						}
					}
					slices.Sort(names)
					return names
				}
				called()
				p.Wrote(t.Context(), opOf(test.op), test.path)
				again := called()
				if i := slices.Index(again, "the log"); i < 0 {
					t.Error("the log was not read again")
				} else {
					again = slices.Delete(again, i, i+1)
				}
				if got := strings.Join(again, ","); got != test.want {
					t.Errorf("read again: %s\nwant %s", got, test.want)
				}
			})
		})
	}
}
