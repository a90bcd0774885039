// Package trial_test asks a service that was generated with the trial chapter, over HTTP, and a Zoom that knows it.
package trial_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/program"
	"zoomgraph/internal/edge"
)

// zoom is a Zoom that answers what it is told to, by method-less path and query, and writes down what it was asked.
type zoom struct {
	mu      sync.Mutex
	asked   []string
	answers map[string]string
}

func (z *zoom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/oauth/token" {
		_, _ = io.WriteString(w, `{"access_token": "t", "token_type": "bearer", "expires_in": 3600, "scope": ""}`)
		return
	}
	asked := strings.TrimPrefix(r.RequestURI, "/v2")
	z.mu.Lock()
	defer z.mu.Unlock()
	z.asked = append(z.asked, asked)
	answer, ok := z.answers[asked]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		answer = `{"code": 404, "message": "nothing here"}`
	}
	_, _ = io.WriteString(w, answer)
}

type service struct {
	t    *testing.T
	zoom *zoom
	url  string
}

func setup(t *testing.T, answers map[string]string) *service {
	t.Helper()
	z := &zoom{answers: answers}
	upstream := httptest.NewServer(z)
	t.Cleanup(upstream.Close)
	p, err := program.Read(os.DirFS(os.Getenv("TRIAL")))
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Config{APIURL: upstream.URL + "/v2", OAuthURL: upstream.URL + "/oauth", AccountID: "a", ClientID: "c", ClientSecret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	server, err := graph.NewServer(graph.Options{Program: p, PrincipalOptions: graph.PrincipalOptions{Client: c}, Explain: true})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := edge.New(edge.Options{Schema: server.Executable, SDL: p.SDL, Extensions: server.Extensions(), ErrorPresenter: server.PresentError})
	if err != nil {
		t.Fatal(err)
	}
	facade := httptest.NewServer(handler)
	t.Cleanup(facade.Close)
	return &service{t, z, facade.URL + "/graphql"}
}

type answer struct {
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Path       []any
		Extensions struct{ Code string }
	}
	Extensions struct {
		Zoom struct {
			Cost struct{ Requested, Calls int }
		}
	}
}

func (s *service) ask(query string) *answer {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := http.Post(s.url, "application/json", bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := new(answer)
	if err := json.Unmarshal(text, a); err != nil {
		s.t.Fatalf("%v in %s", err, text)
	}
	if cost := a.Extensions.Zoom.Cost; cost.Calls > cost.Requested {
		s.t.Errorf("it cost %d calls, and was priced at %d", cost.Calls, cost.Requested)
	}
	return a
}

// expect compares an answer's data, its errors as CODE at path, and what Zoom was asked, in any order.
func (s *service) expect(query, data string, errors []string, asked ...string) {
	s.t.Helper()
	before := len(s.zoom.asked)
	a := s.ask(query)
	var got, want any
	if err := json.Unmarshal([]byte(data), &want); err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(a.Data, &got); err != nil {
		s.t.Fatalf("%v: %+v", err, a)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("data (-want +got):\n%s", diff)
	}
	var failed []string
	for _, e := range a.Errors {
		failed = append(failed, fmt.Sprintf("%s at %v", e.Extensions.Code, e.Path))
	}
	if diff := cmp.Diff(errors, failed); diff != "" {
		s.t.Errorf("errors (-want +got):\n%s\n%+v", diff, a.Errors)
	}
	calls := slices.Clone(s.zoom.asked[before:])
	slices.Sort(calls)
	slices.Sort(asked)
	if diff := cmp.Diff(asked, calls, cmpopts.EquateEmpty()); diff != "" {
		s.t.Errorf("asked (-want +got):\n%s", diff)
	}
}

// numbers lists rows {"name": "1"} and so on.
func rows(from, to int) string {
	var all []string
	for i := from; i <= to; i++ {
		all = append(all, `{"name": "`+strconv.Itoa(i)+`"}`)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// Things whose list has small pages, a number for an id, and a value beside it.
func TestThings(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{
		"/ships?page_size=6":                   `{"ships": [{"id": 90000000001, "name": "A"}, {"id": 90000000002, "name": "B"}, {"id": 3}, {"id": 4}, {"id": 5}, {"id": 6}], "next_page_token": "n", "total_records": "12", "total_tons": 7}`,
		"/ships?next_page_token=n&page_size=6": `{"ships": [{"id": 7}, {"id": 8}, {"id": 9}, {"id": 10}, {"id": 11}, {"id": 12}], "next_page_token": "", "total_records": "12"}`,
		"/ships?page_size=1":                   `{"ships": [{"id": 90000000001, "captain_id": "", "name": "A"}], "next_page_token": "m", "total_tons": 7}`,
		"/ships/90000000001":                   `{"id": 90000000001, "flag": "blue"}`,
	})
	s.expect(`{ ships(first: 12) { totalCount totalTons nodes { id } } }`,
		`{"ships": {"totalCount": 12, "totalTons": null, "nodes": [{"id": "90000000001"}, {"id": "90000000002"}, {"id": "3"}, {"id": "4"}, {"id": "5"}, {"id": "6"}, {"id": "7"}, {"id": "8"}, {"id": "9"}, {"id": "10"}, {"id": "11"}, {"id": "12"}]}}`,
		nil, "/ships?page_size=6", "/ships?next_page_token=n&page_size=6")
	s.expect(`{ ships(first: 1) { totalTons pageInfo { hasNextPage } nodes { name flag captain { email } } } }`,
		`{"ships": {"totalTons": 7, "pageInfo": {"hasNextPage": true}, "nodes": [{"name": "A", "flag": "blue", "captain": null}]}}`,
		nil, "/ships?page_size=1", "/ships/90000000001")
}

// Instances are known by their uuid, which is encoded twice where it has to be; rows lead to users, and guests to none.
func TestInstances(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{
		"/ships/7/voyages":                                   `{"voyages": [{"uuid": "/a//b==", "id": 7, "destination": "X"}, {"uuid": "c/d==", "id": 7, "destination": "Y"}]}`,
		"/past_voyages/%252Fa%252F%252Fb==":                  `{"cargo": "tea"}`,
		"/past_voyages/c%2Fd==":                              `{"cargo": "salt"}`,
		"/past_voyages/%252Fa%252F%252Fb==/crew?page_size=3": `{"crew": [{"id": "u", "name": "U"}, {"id": "", "name": "Guest"}, {"id": "u", "name": "U again"}]}`,
		"/past_voyages/c%2Fd==/crew?page_size=3":             `{"crew": []}`,
		"/users/u":                                           `{"id": "u", "email": "u@example.com"}`,
		"/ships/7":                                           `{"id": 7, "name": "G"}`,
	})
	s.expect(`{ ship(id: "7") { voyages { uuid id destination cargo ship { name } crew(first: 3) { nodes { id name user { email } } } } } }`,
		`{"ship": {"voyages": [
			{"uuid": "/a//b==", "id": "7", "destination": "X", "cargo": "tea", "ship": {"name": "G"}, "crew": {"nodes": [{"id": "u", "name": "U", "user": {"email": "u@example.com"}}, {"id": null, "name": "Guest", "user": null}, {"id": "u", "name": "U again", "user": {"email": "u@example.com"}}]}},
			{"uuid": "c/d==", "id": "7", "destination": "Y", "cargo": "salt", "ship": {"name": "G"}, "crew": {"nodes": []}}]}}`,
		nil, "/ships/7/voyages", "/past_voyages/%252Fa%252F%252Fb==", "/past_voyages/c%2Fd==", "/past_voyages/%252Fa%252F%252Fb==/crew?page_size=3",
		"/past_voyages/c%2Fd==/crew?page_size=3", "/users/u", "/ships/7")
	s.expect(`{ voyage(uuid: "c/d==") { uuid cargo } }`, `{"voyage": {"uuid": "c/d==", "cargo": "salt"}}`, nil, "/past_voyages/c%2Fd==")
	s.expect(`{ voyage(uuid: "123") { cargo } }`, `{"voyage": null}`, []string{"BAD_USER_INPUT at [voyage]"})
}

// Rows that are only data, in pages with numbers, with a value beside them.
func TestNumberedRows(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{
		"/past_voyages/v/log?page_size=2":               `{"page_count": 2, "page_number": 1, "page_size": 2, "total_records": 3, "author": "me", "entries": [{"text": "1"}, {"text": "1"}]}`,
		"/past_voyages/v/log?page_number=2&page_size=2": `{"page_count": 2, "page_number": 2, "page_size": 2, "total_records": 3, "author": "me", "entries": [{"text": "3"}]}`,
	})
	s.expect(`{ voyage(uuid: "v") { log(first: 3) { author totalCount pageInfo { hasNextPage } nodes { text } } } }`,
		`{"voyage": {"log": {"author": "me", "totalCount": 3, "pageInfo": {"hasNextPage": false}, "nodes": [{"text": "1"}, {"text": "1"}, {"text": "3"}]}}}`,
		nil, "/past_voyages/v/log?page_size=2", "/past_voyages/v/log?page_number=2&page_size=2")

	page := s.ask(`{ voyage(uuid: "v") { log(first: 2) { edges { node { text } cursor } pageInfo { endCursor hasNextPage } } } }`)
	var got struct {
		Voyage struct {
			Log struct {
				Edges    []struct{ Cursor string }
				PageInfo struct{ EndCursor string }
			}
		}
	}
	if err := json.Unmarshal(page.Data, &got); err != nil || len(got.Voyage.Log.Edges) != 2 {
		t.Fatalf("%v: %s", err, page.Data)
	}
	if got.Voyage.Log.PageInfo.EndCursor != got.Voyage.Log.Edges[1].Cursor {
		t.Error("the page does not end at its last edge")
	}
	s.expect(fmt.Sprintf(`{ voyage(uuid: "v") { log(first: 1, after: %q) { nodes { text } } } }`, got.Voyage.Log.PageInfo.EndCursor),
		`{"voyage": {"log": {"nodes": [{"text": "3"}]}}}`, nil, "/past_voyages/v/log?page_number=2&page_size=2")
}

// A thing of two keys, and fields that give a path.
func TestKeys(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{
		"/ships/7/cabins?page_size=30": `{"cabins": [{"number": 1, "steward_id": "w"}, {"number": "2"}]}`,
		"/ships/7/cabins/1":            `{"number": 1, "beds": 2, "view": "sea", "steward_id": "w"}`,
		"/ships/7/cabins/2":            `{"number": 2, "view": "none"}`,
		"/ships/7/cabins/1/guests":     `{"guests": [{"height": 1}]}`,
		"/ships/7/cabins/2/guests":     `{"guests": []}`,
		"/stewards/w/notes":            `{"notes": [{"height": 9}]}`,
		"/sailors/u":                   `{"id": "u", "rank": "mate"}`,
		"/sailors/u/kit":               `{"kit": [{"height": 3}]}`,
	})
	s.expect(`{ ship(id: "7") { cabins { nodes { number view guests { height } notes { height } } } } }`,
		`{"ship": {"cabins": {"nodes": [{"number": "1", "view": "sea", "guests": [{"height": 1}], "notes": [{"height": 9}]}, {"number": "2", "view": "none", "guests": [], "notes": null}]}}}`,
		nil, "/ships/7/cabins?page_size=30", "/ships/7/cabins/1", "/ships/7/cabins/2", "/ships/7/cabins/1/guests", "/ships/7/cabins/2/guests", "/stewards/w/notes")
	s.expect(`{ ship(id: "7") { cabin(number: "1") { number beds guests { height } notes { height } } } }`,
		`{"ship": {"cabin": {"number": "1", "beds": 2, "guests": [{"height": 1}], "notes": [{"height": 9}]}}}`,
		nil, "/ships/7/cabins/1", "/ships/7/cabins/1/guests", "/stewards/w/notes")
	s.expect(`{ user(id: "u") { sailor { id rank kit { height } } } }`, `{"user": {"sailor": {"id": "u", "rank": "mate", "kit": [{"height": 3}]}}}`,
		nil, "/sailors/u", "/sailors/u/kit")
	s.expect(`{ user(id: "u") { sailor { id } } }`, `{"user": {"sailor": {"id": "u"}}}`, nil)
}

// What was asked for in one way is read on in that way; a link that takes an argument; a list that stands deeper.
func TestInherited(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{
		"/ships?fleet=red&page_size=1":               `{"ships": [{"id": 7, "captain_id": "u"}]}`,
		"/ships?page_size=1":                         `{"ships": [{"id": 8, "captain_id": ""}]}`,
		"/ships/7?fleet=red":                         `{"id": 7, "flag": "red"}`,
		"/ships/7/freight?fleet=red":                 `{"freight": [{"height": 2}]}`,
		"/ships/8/freight":                           `{"freight": []}`,
		"/users/u?login_type=1":                      `{"id": "u", "email": "u@example.com"}`,
		"/ships/7/log?page_size=2":                   `{"id": 7, "past": {"author": "me", "entries": [{"text": "1"}, {"text": "2"}], "next_page_token": "n", "total_records": 3}}`,
		"/ships/7/log?next_page_token=n&page_size=2": `{"id": 7, "past": {"author": "me", "entries": [{"text": "3"}], "next_page_token": "", "total_records": 3}}`,
	})
	s.expect(`{ ships(first: 1, fleet: "red") { nodes { flag freight { height } signedIn(loginType: GOOGLE) { email } } } }`,
		`{"ships": {"nodes": [{"flag": "red", "freight": [{"height": 2}], "signedIn": {"email": "u@example.com"}}]}}`,
		nil, "/ships?fleet=red&page_size=1", "/ships/7?fleet=red", "/ships/7/freight?fleet=red", "/users/u?login_type=1")
	s.expect(`{ ships(first: 1) { nodes { freight { height } signedIn(loginType: GOOGLE) { email } } } }`,
		`{"ships": {"nodes": [{"freight": [], "signedIn": null}]}}`, nil, "/ships?page_size=1", "/ships/8/freight")
	s.expect(`{ ship(id: "7") { log(first: 3) { totalCount author nodes { text } } } }`,
		`{"ship": {"log": {"totalCount": 3, "author": "me", "nodes": [{"text": "1"}, {"text": "2"}, {"text": "3"}]}}}`,
		nil, "/ships/7/log?page_size=2", "/ships/7/log?next_page_token=n&page_size=2")
}

// Writes read back what they made or changed: a thing of two keys, of which the write's path has the first, and one that
// leads nowhere.
func TestWrites(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{
		"/ships/7/cabins":          `{"number": 3}`,
		"/ships/7/cabins/3":        `{"number": 3, "beds": 2, "view": "sea"}`,
		"/ships/7/cabins/3/guests": `{"guests": [{"height": 1}]}`,
		"/buoys":                   `{"id": "b", "colour": "sent"}`,
		"/buoys/b":                 `{"id": "b", "colour": "stored"}`,
	})
	s.expect(`mutation { createCabin(shipId: "7", input: {beds: 2}) { cabin { number beds guests { height } } } }`,
		`{"createCabin": {"cabin": {"number": "3", "beds": 2, "guests": [{"height": 1}]}}}`,
		nil, "/ships/7/cabins", "/ships/7/cabins/3", "/ships/7/cabins/3/guests")
	s.expect(`mutation { updateCabin(shipId: "7", number: "3", input: {beds: 2}) { cabin { view guests { height } } } }`,
		`{"updateCabin": {"cabin": {"view": "sea", "guests": [{"height": 1}]}}}`,
		nil, "/ships/7/cabins/3", "/ships/7/cabins/3", "/ships/7/cabins/3/guests")
	s.expect(`mutation { createBuoy(input: {colour: "sent"}) { buoy { id colour } } }`,
		`{"createBuoy": {"buoy": {"id": "b", "colour": "stored"}}}`, nil, "/buoys", "/buoys/b")
	s.expect(`mutation { updateBuoy(id: "b", input: {colour: "sent"}) { buoy { id } } }`,
		`{"updateBuoy": {"buoy": {"id": "b"}}}`, nil, "/buoys/b")
}

// What stands within a thing: parts that lead to users, and a thing of which some fields are there already.
func TestParts(t *testing.T) {
	t.Parallel()
	const watches = `[{"place": "bridge", "people": {"leader": {"id": "u", "first_name": "U"}, "others": [{"id": "v", "name": "V"}, {"id": "", "name": "Guest"}]}}, {"place": "mast", "people": null}, {"place": "keel", "people": {"leader": {"id": ""}, "others": []}}]`
	s := setup(t, map[string]string{
		"/ships?page_size=1": `{"ships": [{"id": 7, "port": {"id": "p", "name": "P"}}]}`,
		"/ships/7":           `{"id": 7, "watches": ` + watches + `, "port": {"id": "p", "name": "P"}}`,
		"/ships/8":           `{"id": 8, "port": null}`,
		"/ports/p":           `{"id": "p", "name": "P", "city": "C"}`,
		"/ports/p/cranes":    `{"cranes": [{"height": 1}]}`,
		"/users/u":           `{"id": "u", "email": "u@example.com"}`,
		"/users/v":           `{"id": "v", "email": "v@example.com"}`,
	})
	s.expect(`{ ships(first: 1) { nodes { port { id name cranes { height } } } } }`,
		`{"ships": {"nodes": [{"port": {"id": "p", "name": "P", "cranes": [{"height": 1}]}}]}}`, nil, "/ships?page_size=1", "/ports/p/cranes")
	s.expect(`{ ship(id: "7") { port { name city } } other: ship(id: "8") { port { name } watches { place } } }`,
		`{"ship": {"port": {"name": "P", "city": "C"}}, "other": {"port": null, "watches": null}}`, nil, "/ships/7", "/ships/8", "/ports/p")
	s.expect(`{ ship(id: "7") { watches { place people { leader { id firstName email } others { name user { email } } } } } }`,
		`{"ship": {"watches": [
			{"place": "bridge", "people": {"leader": {"id": "u", "firstName": "U", "email": "u@example.com"}, "others": [{"name": "V", "user": {"email": "v@example.com"}}, {"name": "Guest", "user": null}]}},
			{"place": "mast", "people": null}, {"place": "keel", "people": {"leader": null, "others": []}}]}}`,
		nil, "/ships/7", "/users/u", "/users/v")
}

// A time of more than a month is walked month by month, newest first, and cursors go on where it ended.
func TestWindows(t *testing.T) {
	t.Parallel()
	const november, october, september = "from=2026-10-16&%sto=2026-11-15", "from=2026-09-16&%sto=2026-10-15", "from=2026-09-01&%sto=2026-09-15"
	at := func(window, page string) string { return "/users/u/sailings?" + fmt.Sprintf(window, page) }
	s := setup(t, map[string]string{
		at(november, "page_size=2&"):                                  `{"sailings": ` + rows(1, 2) + `, "next_page_token": "n", "total_records": 3, "total_miles": 30}`,
		at(november, "next_page_token=n&page_size=2&"):                `{"sailings": ` + rows(3, 3) + `, "total_records": 3, "total_miles": 30}`,
		at(october, "page_size=2&"):                                   `{"sailings": [], "total_records": 0, "total_miles": 0}`,
		at(september, "page_size=2&"):                                 `{"sailings": ` + rows(4, 4) + `, "from": "2026-09-10", "total_records": 1, "total_miles": 5}`,
		at(november, "page_size=1&"):                                  `{"sailings": ` + rows(1, 1) + `, "next_page_token": "n", "total_miles": 30}`,
		"/users/u/sailings?from=2026-11-01&page_size=1&to=2026-11-15": `{"sailings": ` + rows(1, 1) + `, "from": "2026-11-01", "total_records": 1, "total_miles": 30}`,
		"/users/u/sailings?page_size=1":                               `{"sailings": ` + rows(1, 1) + `, "from": "2026-11-28", "to": "2026-11-29"}`,
	})
	const head = `{ user(id: "u") { sailings(from: "2026-09-01", to: "2026-11-15", first: `
	s.expect(head+`4) { from to totalCount totalMiles pageInfo { hasNextPage } nodes { name } } } }`,
		`{"user": {"sailings": {"from": "2026-09-10", "to": "2026-11-15", "totalCount": 4, "totalMiles": null, "pageInfo": {"hasNextPage": false}, "nodes": [{"name": "1"}, {"name": "2"}, {"name": "3"}, {"name": "4"}]}}}`,
		nil, at(november, "page_size=2&"), at(november, "next_page_token=n&page_size=2&"), at(october, "page_size=2&"), at(september, "page_size=2&"))

	page := s.ask(head + `3) { from totalCount pageInfo { endCursor hasNextPage } } } }`)
	var got struct {
		User struct {
			Sailings struct {
				From       string
				TotalCount *int
				PageInfo   struct {
					EndCursor   string
					HasNextPage bool
				}
			}
		}
	}
	if err := json.Unmarshal(page.Data, &got); err != nil {
		t.Fatal(err)
	}
	if list := got.User.Sailings; list.From != "2026-10-16" || list.TotalCount != nil || !list.PageInfo.HasNextPage {
		t.Errorf("a page of the first month is %s", page.Data)
	}
	s.expect(head+`2, after: "`+got.User.Sailings.PageInfo.EndCursor+`") { from to nodes { name } } } }`,
		`{"user": {"sailings": {"from": "2026-09-10", "to": "2026-10-15", "nodes": [{"name": "4"}]}}}`,
		nil, at(october, "page_size=2&"), at(september, "page_size=2&"))

	s.expect(`{ user(id: "u") { sailings(from: "2026-11-01", to: "2026-11-15", first: 1) { from to totalCount totalMiles } } }`,
		`{"user": {"sailings": {"from": "2026-11-01", "to": "2026-11-15", "totalCount": 1, "totalMiles": 30}}}`,
		nil, "/users/u/sailings?from=2026-11-01&page_size=1&to=2026-11-15")
	s.expect(`{ user(id: "u") { sailings(first: 1) { from to } } }`,
		`{"user": {"sailings": {"from": "2026-11-28", "to": "2026-11-29"}}}`, nil, "/users/u/sailings?page_size=1")
	s.expect(`{ user(id: "u") { sailings(from: "2026-11-31", first: 1) { from } } }`, `{"user": null}`, []string{"BAD_USER_INPUT at [user sailings]"})

	if asked := s.ask(head + `4) { from } } }`).Extensions.Zoom.Cost.Requested; asked != 4 {
		t.Errorf("three months of four rows in pages of two are priced at %d calls, want 4", asked)
	}
}

// A list that Zoom answers whole, of a time that takes several calls.
func TestWhole(t *testing.T) {
	t.Parallel()
	s := setup(t, map[string]string{
		"/tides?from=2026-11-01T00%3A00%3A00Z&to=2026-11-07T23%3A59%3A59Z": `{"tides": [{"height": 1}, {"height": 1}]}`,
		"/tides?from=2026-11-08T00%3A00%3A00Z&to=2026-11-09T00%3A00%3A00Z": `{"tides": [{"height": 3}]}`,
	})
	s.expect(`{ tides(from: "2026-11-01T00:00:00Z", to: "2026-11-09T00:00:00Z") { height } }`,
		`{"tides": [{"height": 1}, {"height": 1}, {"height": 3}]}`, nil,
		"/tides?from=2026-11-01T00%3A00%3A00Z&to=2026-11-07T23%3A59%3A59Z", "/tides?from=2026-11-08T00%3A00%3A00Z&to=2026-11-09T00%3A00%3A00Z")
	s.expect(`{ tides(from: "2026-11-01T00:00:00Z", to: "2026-11-20T00:00:00Z") { height } }`, `{"tides": [{"height": 1}, {"height": 1}]}`, []string{"NOT_FOUND at [tides]"},
		"/tides?from=2026-11-01T00%3A00%3A00Z&to=2026-11-07T23%3A59%3A59Z", "/tides?from=2026-11-08T00%3A00%3A00Z&to=2026-11-14T23%3A59%3A59Z")
}
