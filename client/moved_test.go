package client

import (
	"net/http"
	"strings"
	"testing"
)

// An operation that has moved is called where it is today, or where it was if the client is told so: then its answer has
// today's names. One that has not moved is called as ever.
func TestMovedOperations(t *testing.T) {
	t.Parallel()
	moved := &Op{Method: "PUT", Path: "/phones/{phoneId}", Old: &Old{Method: "PATCH", Path: "/old/{phoneId}/x", Keys: map[string]string{
		"old_phones": "phones", "old_phones.id": "phone_id", "id": "phone_id", "server.host": "address",
	}}}
	for name, test := range map[string]struct {
		op                   *Op
		old                  bool
		answer, asked, given string
	}{
		"today":        {moved, false, `{"old_phones":[]}`, "PUT /v2/phones/a%2Fb", `{"old_phones":[]}`},
		"a list":       {moved, true, `{"a":1,"old_phones":[{"id":"x","n":1},{"id":"y"}]}`, "PATCH /v2/old/a%2Fb/x", `{"a":1,"phones":[{"phone_id":"x","n":1},{"phone_id":"y"}]}`},
		"an object":    {moved, true, `{"id":"x","server":{"host":"h","id":"s"}}`, "PATCH /v2/old/a%2Fb/x", `{"phone_id":"x","server":{"address":"h","id":"s"}}`},
		"both names":   {moved, true, `{"id":"x","phone_id":"y"}`, "PATCH /v2/old/a%2Fb/x", `{"phone_id":"y"}`},
		"other shapes": {moved, true, `{"old_phones":"none","server":[[{"host":"h"}],null]}`, "PATCH /v2/old/a%2Fb/x", `{"phones":"none","server":[[{"address":"h"}],null]}`},
		"other names":  {&Op{Method: "PUT", Path: "/users/{userId}", Renamed: map[string]string{"old": "id"}}, false, `{"old":"x"}`, "PUT /v2/users/a%2Fb", `{"id":"x"}`},
		"not moved":    {&Op{Method: "PUT", Path: "/users/{userId}"}, true, `{"id":"x"}`, "PUT /v2/users/a%2Fb", `{"id":"x"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked string
			c, err := New(Config{APIURL: "https://zoom.test/v2", Tokens: &tokens{}, OldPaths: test.old, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				asked = r.Method + " " + r.URL.EscapedPath()
				return reply(200, test.answer), nil
			})})
			if err != nil {
				t.Fatal(err)
			}
			res, err := c.Do(t.Context(), Request{Op: test.op, Path: []string{"a/b"}, Body: map[string]any{}})
			if err != nil {
				t.Fatal(err)
			}
			if asked != test.asked || string(res.Body) != test.given {
				t.Errorf("%s: %s; want %s: %s", asked, res.Body, test.asked, test.given)
			}
			if called := test.op.String(); !strings.HasPrefix(called, "PUT ") {
				t.Errorf("the operation is called %s", called)
			}
		})
	}
}
