package client

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"zoomgraph/internal/rawjson"
)

func TestPages(t *testing.T) {
	t.Parallel()
	c := dial(t, func(w http.ResponseWriter, r *http.Request) {
		switch q := r.URL.Query(); q.Get("next_page_token") {
		case "":
			_, _ = io.WriteString(w, `{"users":[{"id":"a"},{"id":"b"}],"next_page_token":"p 2","total_records":3}`)
		case "p 2":
			if q.Get("page_size") != "2" {
				t.Errorf("query %v", q)
			}
			_, _ = io.WriteString(w, `{"users":[{"id":"c"}],"next_page_token":""}`)
		}
	})
	query := url.Values{"page_size": {"2"}}
	got := ""
	for page, err := range c.Pages(t.Context(), Request{Op: opUsers, Query: query}, "users") {
		if err != nil {
			t.Fatal(err)
		}
		got += fmt.Sprintf("%s of %d; ", page.Items, page.Total)
	}
	if want := `[{"id":"a"} {"id":"b"}] of 3; [{"id":"c"}] of -1; `; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if len(query) != 1 {
		t.Errorf("the caller's query became %v", query)
	}
	for range c.Pages(t.Context(), Request{Op: opUsers}, "users") {
		break
	}
}

func TestPagesStopAtAnError(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		second http.HandlerFunc
		want   error
	}{
		"expired": {answer(400, `{"code":300,"message":"m"}`), ErrCursorExpired},
		"limited": {answer(429, ``, "X-RateLimit-Type", "Daily-limit"), ErrRateLimited},
	} {
		c := dial(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery == "" {
				_, _ = io.WriteString(w, `{"users":[{"id":"a"}],"next_page_token":"2"}`)
				return
			}
			tc.second(w, r)
		})
		n := 0
		var last error
		for page, err := range c.Pages(t.Context(), Request{Op: opUsers}, "users") {
			n++
			last = err
			if page.Response == nil {
				t.Errorf("%s: page %d has no response", name, n)
			}
		}
		if n != 2 || !errors.Is(last, tc.want) {
			t.Errorf("%s: %d pages, %v", name, n, last)
		}
	}
}

// pagesOf answers page n, counted from 0, with what next and items say.
func pagesOf(n *int, total string, next func(n int) string, items func(n int) []string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		var list []string
		for _, id := range items(*n) {
			list = append(list, fmt.Sprintf(`{"id":%q}`, id))
		}
		_, _ = fmt.Fprintf(w, `{"users":[%s],"next_page_token":%q%s}`, strings.Join(list, ","), next(*n), total)
		*n++
	}
}

// A list that does not end by itself is ended, and what it brought until then is there, everything once.
func TestEndlessLists(t *testing.T) {
	t.Parallel()
	always := func(token string) func(int) string { return func(int) string { return token } }
	inTurn := func(tokens ...string) func(int) string { return func(n int) string { return tokens[n%len(tokens)] } }
	fresh := func(n int) string { return fmt.Sprint("token ", n) }
	nobody := func(int) []string { return nil }
	newcomers := func(n int) []string { return []string{fmt.Sprint("u", n)} }
	same := func(int) []string { return []string{"a", "b"} }
	for name, tc := range map[string]struct {
		total string
		next  func(int) string
		items func(int) []string
		pages int
		read  int
		says  string
	}{
		"nobody, same token":            {"", always("same"), nobody, 1, 0, "after 1 pages with 0 things its last page brings nothing new"},
		"nobody, fresh tokens":          {"", fresh, nobody, 1, 0, "brings nothing new"},
		"same token":                    {"", always("same"), newcomers, 2, 2, "after 2 pages with 2 things it leads back"},
		"two tokens in turn":            {"", inTurn("A", "B"), newcomers, 3, 3, "leads back"},
		"five tokens in turn":           {`,"total_records":6`, inTurn("A", "B", "C", "D", "E"), newcomers, 6, 6, "leads back"},
		"the same people":               {`,"total_records":2`, fresh, same, 2, 2, "brings nothing new"},
		"people in turn":                {"", fresh, func(n int) []string { return newcomers(n % 3) }, 4, 3, "brings nothing new"},
		"more than the total":           {`,"total_records":3`, fresh, newcomers, 16, 16, "it goes on, though its total_records is 3"},
		"more than a total of none":     {`,"total_records":0`, fresh, newcomers, 10, 10, "it goes on"},
		"a total as text":               {`,"total_records":"3"`, fresh, newcomers, 16, 16, "it goes on"},
		"people without a total":        {"", fresh, newcomers, maxPages, maxPages, "it goes on"},
		"more people than any total is": {`,"total_records":2147483647`, fresh, newcomers, maxPages, maxPages, "it goes on"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, read := 0, map[string]int{}
			var last error
			c := dial(t, pagesOf(&n, tc.total, tc.next, tc.items))
			for page, err := range c.Pages(t.Context(), Request{Op: opUsers}, "users") {
				last = err
				for _, item := range page.Items {
					read[string(item)]++
				}
			}
			if n != tc.pages || len(read) != tc.read {
				t.Errorf("%d pages with %d things, want %d with %d", n, len(read), tc.pages, tc.read)
			}
			for item, times := range read {
				if times > 1 {
					t.Errorf("%s came %d times", item, times)
				}
			}
			if e := asError(t, last); e.Code != CodeUpstreamInvalidResponse || !errors.Is(last, ErrEndless) || e.Status != 200 || !strings.Contains(e.Message, tc.says) {
				t.Errorf("error %v, want %q", last, tc.says)
			}
		})
	}
}

// A list may grow while it is read, have pages that are not full, and overlap.
func TestListsThatEnd(t *testing.T) {
	t.Parallel()
	upTo := func(last int) func(int) string {
		return func(n int) string {
			if n == last {
				return ""
			}
			return fmt.Sprint("token ", n)
		}
	}
	for name, tc := range map[string]struct {
		total string
		last  int
		items func(int) []string
		read  int
	}{
		"overlapping":         {`,"total_records":20`, 19, func(n int) []string { return []string{fmt.Sprint(n), fmt.Sprint(n + 1)} }, 21},
		"twice on a page":     {"", 0, func(int) []string { return []string{"a", "b", "a"} }, 2},
		"grown to twice":      {`,"total_records":20`, 39, func(n int) []string { return []string{fmt.Sprint(n)} }, 40},
		"half full":           {`,"total_records":100`, 29, func(n int) []string { return strings.Split("a b c d e f g h i j", " ")[:1+9*(n%2)] }, 10},
		"an empty last page":  {"", 1, func(n int) []string { return []string{"a", "b"}[:2-2*n] }, 2},
		"an old last page":    {"", 1, func(int) []string { return []string{"a", "b"} }, 2},
		"without any total":   {"", 99, func(n int) []string { return []string{fmt.Sprint(n)} }, 100},
		"a total that is off": {`,"total_records":1`, 9, func(n int) []string { return []string{fmt.Sprint(n)} }, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, read := 0, 0
			items := tc.items
			if name == "half full" {
				items = func(n int) []string {
					var own []string
					for _, id := range tc.items(n) {
						own = append(own, fmt.Sprint(id, n))
					}
					return own
				}
				tc.read = 15 + 150
			}
			for page, err := range dial(t, pagesOf(&n, tc.total, upTo(tc.last), items)).Pages(t.Context(), Request{Op: opUsers}, "users") {
				if err != nil {
					t.Fatal(err)
				}
				read += len(page.Items)
			}
			if n != tc.last+1 || read != tc.read {
				t.Errorf("%d pages with %d things, want %d with %d", n, read, tc.last+1, tc.read)
			}
		})
	}
}

// Rows without ids may be alike, and stay; pages of nothing but rows that were there are the end.
func TestRowsWithoutIDs(t *testing.T) {
	t.Parallel()
	w := NewWalk(opUsers, "rows", Start{})
	page, err := w.Read([]byte(`{"rows":[{"n":1},{"n":1},{"n":2}],"next_page_token":"2"}`))
	if err != nil || len(page.Items) != 3 {
		t.Fatalf("%s, %v", page.Items, err)
	}
	if page, err = w.Read([]byte(`{"rows":[{"n":1},{"n":3}],"next_page_token":"3"}`)); err != nil || len(page.Items) != 2 {
		t.Fatalf("%s, %v", page.Items, err)
	}
	if page, err = w.Read([]byte(`{"rows":[{"n":1},{"n":2}],"next_page_token":"4"}`)); !errors.Is(err, ErrEndless) || len(page.Items) != 2 || page.Next != "" {
		t.Fatalf("%+v, %v", page, err)
	}
}

func TestWalkOfAPart(t *testing.T) {
	t.Parallel()
	w, pages := NewWalk(opUsers, "users", Start{Token: "start", Want: 4}), 0
	for {
		pages++
		_, err := w.Read(fmt.Appendf(nil, `{"users":[{"id":"%d"}],"next_page_token":"%d","total_records":100000}`, pages, pages))
		if err != nil {
			break
		}
	}
	if pages != 2*4+10 {
		t.Errorf("four things took %d pages", pages)
	}
	if _, err := NewWalk(opUsers, "users", Start{Token: "start", Want: 4}).Read([]byte(`{"users":[{"id":"a"}],"next_page_token":"start"}`)); !errors.Is(err, ErrEndless) {
		t.Errorf("back at the start: %v", err)
	}
}

// Pages with numbers lead on by page_count, or else by the total; the number that an answer gives itself counts.
func TestNumberedPages(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		before int
		body   string
		next   string
	}{
		"the first":             {0, `{"rows":[{"n":1}],"page_number":1,"page_count":3}`, "2"},
		"the last":              {2, `{"rows":[{"n":1}],"page_number":3,"page_count":3}`, ""},
		"counts in texts":       {0, `{"rows":[{"n":1}],"page_number":"2","page_count":"3"}`, "3"},
		"no number":             {1, `{"rows":[{"n":1}],"page_count":3}`, "3"},
		"a total":               {0, `{"rows":[{"n":1},{"n":2}],"total_records":3}`, "2"},
		"the end of the total":  {1, `{"rows":[{"n":1},{"n":2}],"page_number":2,"total_records":4}`, ""},
		"nothing to go by":      {0, `{"rows":[{"n":1},{"n":2}]}`, ""},
		"nothing there":         {0, `{"rows":[],"page_count":0,"page_number":1,"total_records":0}`, ""},
		"a token is none to it": {0, `{"rows":[{"n":1}],"next_page_token":"t"}`, ""},
	} {
		page, err := NewWalk(opUsers, "rows", Start{Pages: tc.before, Numbered: true}).Read([]byte(tc.body))
		if err != nil || page.Next != tc.next {
			t.Errorf("%s leads to %q, %v; want %q", name, page.Next, err, tc.next)
		}
	}
	w := NewWalk(opUsers, "rows", Start{Numbered: true})
	body := []byte(`{"rows":[{"n":1}],"page_number":1,"page_count":3}`)
	if _, err := w.Read(body); err != nil {
		t.Fatal(err)
	}
	if page, err := w.Read(body); !errors.Is(err, ErrEndless) || page.Next != "" {
		t.Errorf("the first page again leads to %q, %v", page.Next, err)
	}
}

// A list says what tells its items apart: rows that share an id stay, and instances of one meeting are told by their uuid.
func TestKeysOfItems(t *testing.T) {
	t.Parallel()
	body := []byte(`{"rows":[{"id":1,"uuid":"a"},{"id":1,"uuid":"b"},{"id":1,"uuid":"a"}]}`)
	uuid := func(item []byte) string {
		raw, _ := rawjson.Member(item, "uuid")
		return IDOf(raw)
	}
	for name, tc := range map[string]struct {
		key  func([]byte) string
		want int
	}{"the id": {nil, 1}, "the uuid": {uuid, 2}, "nothing": {func([]byte) string { return "" }, 3}} {
		page, err := NewWalk(opUsers, "rows", Start{Key: tc.key}).Read(body)
		if err != nil || len(page.Items) != tc.want {
			t.Errorf("by %s there are %d, %v; want %d", name, len(page.Items), err, tc.want)
		}
	}
}

// Pages that lie before the walk count for the total, and not for what is needed.
func TestWalkFromTheMiddle(t *testing.T) {
	t.Parallel()
	body := []byte(`{"users":[{"id":"a"},{"id":"b"}],"next_page_token":"n","total_records":10}`)
	for before, endless := range map[int]bool{0: false, 18: false, 19: true, maxPages: true} {
		_, err := NewWalk(opUsers, "users", Start{Token: "t", Pages: before, Want: 2}).Read(body)
		if errors.Is(err, ErrEndless) != endless {
			t.Errorf("%d pages before: %v", before, err)
		}
	}
}

func TestPageShapes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		body  string
		items int
		total int
		bad   bool
	}{
		{`{"users":[{},{}],"total_records":2}`, 2, 2, false},
		{`{"users":[],"total_records":null}`, 0, -1, false},
		{`{"users":[],"total_records":"7"}`, 0, 7, false},
		{`{"users":[],"total_records":"7 "}`, 0, -1, false},
		{`{"users":[],"total_records":-3,"next_page_token":null}`, 0, -1, false},
		{`{"total_records":0}`, 0, 0, false},
		{`{"total_records":"0"}`, 0, 0, false},
		{`{"page_size":0,"total_records":0,"next_page_token":""}`, 0, 0, false},
		{`{"page_size":0}`, 0, -1, false},
		{`{"users":null,"total_records":0}`, 0, 0, false},
		{`{"users":null,"total_records":"0"}`, 0, 0, false},
		{`{}`, 0, -1, true},
		{`{"users":null}`, 0, -1, true},
		{`{"page_size":30}`, 0, -1, true},
		{`{"page_size":0,"total_records":5}`, 0, 5, true},
		{`{"total_records":5}`, 0, 5, true},
		{`{"total_records":"none"}`, 0, -1, true},
		{`{"total_records":-0}`, 0, -1, true},
		{`{"users":{"id":"a"}}`, 0, -1, true},
		{`{"users":{},"total_records":0}`, 0, 0, true},
		{`{"users":"","total_records":0}`, 0, 0, true},
		{`{"users":[],"next_page_token":{}}`, 0, -1, true},
		{`{"users":[],"next_page_token":true}`, 0, -1, true},
	} {
		for page, err := range dial(t, answer(200, tc.body)).Pages(t.Context(), Request{Op: opUsers}, "users") {
			if errors.Is(err, ErrUpstreamInvalidResponse) != tc.bad || len(page.Items) != tc.items || page.Total != tc.total || page.Response == nil {
				t.Errorf("%s: %+v, %v", tc.body, page, err)
			}
		}
	}
}
