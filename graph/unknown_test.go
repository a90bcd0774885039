package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/unnamed"
)

// What Zoom sends beyond the schema is told by its exact names, wherever it stands: of reads, of lists, of settings and of
// writes. Telling costs no call.
func TestUnknownNames(t *testing.T) {
	t.Parallel()
	z := &graph.Stub{Unnamed: everyAnswer(t), Answers: map[string]string{
		"GET /users/u":           `{"id":"u","dept":"D","shoe_size":43,"hat":{"of_felt":true},"verified":7}`,
		"GET /users?page_size=2": `{"page_size":2,"mood":"good","users":[{"id":"a","shoe_size":1},{"id":"b","shoe_size":2}]}`,
		"GET /users/u/settings?custom_query_fields=host_video": `{"schedule_meeting":{"host_video":true,"airlock":false}}`,
		"POST /tracking_fields":                                `{"id":"f","field":"A","colour":"red"}`,
	}}
	ask := z.Before(t, programtest.Of(t), nil)
	for _, query := range []string{
		`{ user(id: "u") { dept settings { scheduleMeeting { hostVideo } } } users(first: 2) { nodes { id } } }`,
		`mutation { createTrackingField(input: {field: "A"}) { trackingField { id } } }`,
	} {
		if data, errors := ask(query); errors != "" {
			t.Fatalf("%s: %s %s", query, data, errors)
		}
	}
	z.Unnamed.Wait()
	calls := len(z.Calls())
	data, errors := ask(`{ unknownNames { keys { operation key seen } values { field value seen } } }`)
	const want = `{"unknownNames":{"keys":[` +
		`{"operation":"trackingfieldCreate","key":"colour","seen":1},` +
		`{"operation":"user","key":"hat","seen":1},` +
		`{"operation":"user","key":"shoe_size","seen":1},` +
		`{"operation":"userSettings","key":"schedule_meeting.airlock","seen":1},` +
		`{"operation":"users","key":"mood","seen":1},` +
		`{"operation":"users","key":"users.shoe_size","seen":1}],"values":[]}}`
	if diff := cmp.Diff(want, data); diff != "" || errors != "" {
		t.Errorf("(-want +got):\n%s%s", diff, errors)
	}
	if more := len(z.Calls()) - calls; more > 0 {
		t.Errorf("telling cost %d calls", more)
	}
}

// A value that a client is answered null for is noted each time, be it from memory.
func TestUnknownValuesAreNamed(t *testing.T) {
	t.Parallel()
	z := &graph.Stub{
		Unnamed: unnamed.NewSampling(nil, unnamed.Sampling{OneIn: 1 << 40}), // looks at no answer
		Answers: map[string]string{"GET /users/u": `{"id":"u","status":"asleep"}`},
	}
	ask := z.Before(t, programtest.Of(t), nil)
	for range 2 {
		ask(`{ user(id: "u") { status again: status } }`)
	}
	want := []unnamed.Value{{Field: "User.status", Value: "asleep", Seen: 4}}
	if diff := cmp.Diff(want, z.Unnamed.State().Values); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Where nothing is noted, there is nothing to tell.
func TestNothingIsNoted(t *testing.T) {
	t.Parallel()
	data, errors := (&graph.Stub{}).Before(t, programtest.Of(t), nil)(`{ unknownNames { keys { key } values { value } } }`)
	if want := `{"unknownNames":{"keys":[],"values":[]}}`; data != want || errors != "" {
		t.Errorf("%s %s", data, errors)
	}
}
