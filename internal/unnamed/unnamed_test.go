package unnamed_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/client"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/unnamed"
)

// every looks at all answers.
func every(t testing.TB, known ...string) *unnamed.Names {
	t.Helper()
	shapes := unnamed.NewShapes(programtest.Of(t), func() []string { return known })
	return unnamed.NewSampling(shapes, unnamed.Sampling{OneIn: 1})
}

func op(method, path string) *client.Op { return &client.Op{ID: "op", Method: method, Path: path} }

// What answers have that the schema does not name is noted by its exact name, wherever it stands; what the schema names is
// not, whatever it names it as.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		op           *client.Op
		body         string
		known        []string
		keys, values []string
	}{
		"a list":                      {op: op("GET", "/users"), body: `{"page_size":1,"next_page_token":"","novel":1,"users":[{"id":"1","dept":"","shoe_size":43},{"id":"2","shoe_size":44,"hat":{"of_felt":true}}]}`, keys: []string{"novel", "users.hat", "users.shoe_size"}},
		"a thing":                     {op: op("GET", "/users/{userId}"), body: `{"id":"1","status":"asleep","type":77,"custom_attributes":[{"key":"a","odd":1}]}`, keys: []string{"custom_attributes.odd"}, values: []string{"User.status asleep", "User.type 77"}},
		"another name of it":          {op: op("GET", "/users/{user_id}"), body: `{"shoe_size":1}`},
		"no value":                    {op: op("GET", "/users/{userId}"), body: `{"status":"","type":null,"dept":null}`},
		"settings":                    {op: op("GET", "/users/{userId}/settings"), body: `{"schedule_meeting":{"host_video":true,"start_on_moon":true},"holograms":{"enable":true},"meeting_security":{"waiting_room":true}}`, keys: []string{"holograms", "schedule_meeting.start_on_moon"}},
		"a section at the top":        {op: op("GET", "/users/{userId}/settings"), body: `{"meeting_authentication":true,"authentication_options":[{"id":"1","odd_one":1}]}`, keys: []string{"authentication_options.odd_one"}},
		"such a section below a name": {op: op("GET", "/users/{userId}/settings"), body: `{"meeting_authentication":true,"authentication_options":{"meeting_authentication":{"meeting_authentication":true,"authentication_options":[{"id":"1","odd_one":1}]},"novel":1}}`, keys: []string{"authentication_options.meeting_authentication.authentication_options.odd_one", "authentication_options.novel"}},
		"within other objects":        {op: op("GET", "/rooms/{roomId}"), body: `{"basic":{"name":"A","fragrance":"x"},"setup":{"checkin_and_checkout":{}},"novel":1}`, keys: []string{"basic.fragrance", "novel"}},
		"one of several types":        {op: op("GET", "/phone/numbers/{numberId}"), body: `{"id":"1","assignee":{"id":"2","name":"A","type":"user","extension_number":1,"moods":[]}}`, keys: []string{"assignee.moods"}},
		"what a write answers":        {op: op("POST", "/tracking_fields"), body: `{"id":"1","field":"A","colour":"red"}`, keys: []string{"colour"}},
		"a list of texts":             {op: op("GET", "/users/{userId}"), body: `{"group_ids":["1","2"]}`},
		"on purpose":                  {op: op("GET", "/users/{userId}"), body: `{"shoe_size":1}`, known: []string{"GET /users/{userId} answer.shoe_size", "User.dept"}},
		"below a sub account":         {op: op("GET", "/accounts/{accountId}/users"), body: `{"users":[{"id":"1","shoe_size":1}]}`, keys: []string{"users.shoe_size"}},
		"there on purpose":            {op: op("GET", "/accounts/{accountId}/users"), body: `{"users":[{"id":"1","shoe_size":1}]}`, known: []string{"GET /users answer.users.shoe_size"}},
		"an operation nobody knows":   {op: op("GET", "/moon"), body: `{"novel":1}`},
		"a file":                      {op: op("DELETE", "/tracking_fields/{fieldId}"), body: ``},
		"not what a name looks like":  {op: op("GET", "/users/{userId}"), body: `{"ada@example.com":1,"+41445556677":1,"KDcuGIm1QgePTO8WbOqwIQ==":1,"Ada":1,"a b":1,"abc123456":1,"` + strings.Repeat("a", 49) + `":1,"status":"Ada Lovelace"}`, keys: []string{"other"}, values: []string{"User.status other"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := every(t, tt.known...)
			n.Answered(tt.op, []byte(tt.body))
			n.Wait()
			var keys, values []string
			for _, key := range n.State().Keys {
				keys = append(keys, key.Key)
			}
			for _, value := range n.State().Values {
				values = append(values, value.Field+" "+value.Value)
			}
			if diff := cmp.Diff([][]string{tt.keys, tt.values}, [][]string{keys, values}); diff != "" {
				t.Errorf("keys and values (-want +got):\n%s", diff)
			}
		})
	}
}

// However many names come, so many are kept: the first of each operation and field, and the rest is one.
func TestBounds(t *testing.T) {
	t.Parallel()
	n := every(t)
	word := func(i int) string { return "w" + strings.Repeat("x", i/26) + string(rune('a'+i%26)) }
	for field := range 30 {
		for i := range 50 {
			n.Value(fmt.Sprintf("T.f%d", field), word(i))
		}
	}
	byField, total, others := map[string]int{}, 0, 0
	for _, value := range n.State().Values {
		if value.Value == unnamed.Other {
			others += value.Seen
			continue
		}
		byField[value.Field]++
		total++
	}
	if total != 200 || others != 30*50-200 {
		t.Errorf("%d names were kept, and %d were others", total, others)
	}
	for field, names := range byField {
		if names != 20 {
			t.Errorf("%s has %d names", field, names)
		}
	}
	var body strings.Builder
	body.WriteString(`{"id":"1"`)
	for i := range 40 {
		fmt.Fprintf(&body, `,"%s":1`, word(i))
	}
	body.WriteString("}")
	n.Answered(op("GET", "/users/{userId}"), []byte(body.String()))
	n.Wait()
	if keys := n.State().Keys; len(keys) != 21 {
		t.Errorf("%d keys of one operation were kept, and the rest", len(keys))
	}
}

// The first answers of each operation are looked at, and then one in so many.
func TestSampling(t *testing.T) {
	t.Parallel()
	n := unnamed.NewSampling(unnamed.NewShapes(programtest.Of(t), func() []string { return nil }), unnamed.Sampling{First: 3, OneIn: 10})
	for range 40 {
		n.Answered(op("GET", "/users/{userId}"), []byte(`{"shoe_size":1}`))
		n.Wait()
	}
	want := unnamed.State{Keys: []unnamed.Key{{Operation: "op", Key: "shoe_size", Seen: 3 + 4}}, Values: []unnamed.Value{}}
	if diff := cmp.Diff(want, n.State()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	both := unnamed.Together([]*unnamed.Names{n, nil, n})
	if want.Keys[0].Seen = 14; !cmp.Equal(want, both) {
		t.Errorf("of two accounts: %+v", both)
	}
}

// What somebody waits for: the answer of an operation that is not looked at, and one that is.
func BenchmarkAnswered(b *testing.B) {
	users := []byte(`{"users":[` + strings.TrimSuffix(strings.Repeat(`{"id":"1","dept":"a","email":"a@example.com","first_name":"A","type":1,"status":"active"},`, 300), ",") + `]}`)
	list := op("GET", "/users")
	for name, sampling := range map[string]unnamed.Sampling{"usual": unnamed.Usual, "every": {OneIn: 1}} {
		b.Run(name, func(b *testing.B) {
			n := unnamed.NewSampling(unnamed.NewShapes(programtest.Of(b), func() []string { return nil }), sampling)
			b.ReportAllocs()
			for b.Loop() {
				n.Answered(list, users)
			}
			n.Wait()
		})
	}
	b.Run("look", func(b *testing.B) { // one answer of 300 users, where it is looked at
		n := unnamed.NewSampling(unnamed.NewShapes(programtest.Of(b), func() []string { return nil }), unnamed.Sampling{OneIn: 1})
		b.ReportAllocs()
		for b.Loop() {
			n.Answered(list, users)
			n.Wait()
		}
	})
}
