package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"zoomgraph/internal/rawjson"
)

// This file walks lists. Zoom says where the next page is, and nothing makes it
// stop: so [Walk] judges each page and ends a list that would not end by itself.
// Start reading at [Walk.Read].

const (
	pageToken = "next_page_token"

	// A list may take twice the pages that its total needs, and a few more: it may
	// grow while it is read, and Zoom may send pages that are not full.
	growth, sparePages = 2, 10
	maxPages           = 10_000 // of a list whose length nobody told
)

// ErrEndless is the cause of the UPSTREAM_INVALID_RESPONSE of a list that does
// not end. Asking for the same page again does not help.
var ErrEndless = errors.New("client: the list does not end")

// Page is one page of a list.
type Page struct {
	// Items are what the page brings for the first time. What an earlier page
	// held is left out: pages overlap when somebody is added meanwhile.
	Items []json.RawMessage
	// Index says for each item where it stands in Zoom's answer, from 0.
	Index    []int
	Next     string    // the token of the page after this one; empty on the last
	Total    int       // length of the whole list; -1 where Zoom does not tell
	Response *Response // of Pages: as Do gives it, beside an error too
}

// Walk reads the pages of one list, in their order, and makes sure that they end.
// It sends nothing: whoever walks a list hands it Zoom's answers. It is not safe
// for concurrent use.
type Walk struct {
	op      *Op
	list    string
	from    Start
	tokens  map[string]bool // that were asked for, or lead on
	things  map[string]bool // keys of what was read, and texts of what has none
	pages   int
	largest int // number of items in the largest page
	total   int // the largest that Zoom told; -1: none
}

// Start says where a walk begins, and how far it goes. The zero value is a walk
// over the whole list.
type Start struct {
	Token    string // of the first page to read; empty: the list's first one
	Pages    int    // that lie before it
	Want     int    // things that are needed at most; 0: all
	Numbered bool   // pages have numbers: Next is one, for page_number
	// Key returns the id of an item, or "" if it has none. Nil: ItemKey.
	Key func(item []byte) string
}

// NewWalk begins a walk over the array under the key list in op's answers.
func NewWalk(op *Op, list string, from Start) *Walk {
	if from.Key == nil {
		from.Key = ItemKey
	}
	return &Walk{op: op, list: list, from: from, tokens: map[string]bool{from.Token: true}, things: map[string]bool{}, total: -1}
}

// Read reads the answer that the last page's Next leads to. Its errors are
// UPSTREAM_INVALID_RESPONSE. One with the cause ErrEndless says that the list does
// not end; the page beside it holds what it brought, and its Next is empty.
//
// A list does not end if a page leads to one that was read already, if it brings
// nothing new and promises more, or if there are more pages than the total of the
// list, or the number of things needed, can mean.
func (w *Walk) Read(body []byte) (Page, error) {
	answer := rawjson.Parse(body)
	page := Page{Total: countOf(answer, "total_records")}
	array, ok := listIn(answer, w.list)
	if !ok {
		return page, w.invalid(fmt.Sprintf("Zoom's answer holds no list %q", w.list))
	}
	before := len(w.things)
	w.pages++
	w.total = max(w.total, page.Total)
	w.take(array, &page)
	if ok = w.next(answer, &page); !ok {
		return Page{Total: page.Total}, w.invalid("Zoom's answer has a " + pageToken + " that is neither a string nor a number")
	}
	if page.Next == "" {
		return page, nil
	}
	if fault := w.fault(page.Next, len(w.things) > before); fault != "" {
		page.Next = ""
		return page, w.endless(fault)
	}
	w.tokens[page.Next] = true
	return page, nil
}

// next finds what leads to the page after this one; ok is false where that is no token.
func (w *Walk) next(answer rawjson.Value, page *Page) (ok bool) {
	if w.from.Numbered {
		number := countOf(answer, "page_number")
		if number < 0 {
			number = w.from.Pages + w.pages
		}
		if count := countOf(answer, "page_count"); number < count || count < 0 && number*max(w.largest, 1) < page.Total {
			page.Next = strconv.Itoa(number + 1)
		}
		return true
	}
	next, there := answer.Member(pageToken)
	switch {
	case !there || string(next.Text) == "null":
		return true
	case strings.IndexByte("{[tf", next.Text[0]) >= 0:
		return false
	}
	page.Next = IDOf(next.Text) // in places it is a number
	return true
}

// take puts into the page what no earlier one held. Items without a key cannot be
// told from each other: all of them are taken, and their texts say whether the
// page brings anything new.
func (w *Walk) take(array []byte, page *Page) {
	size := 0
	for item := range rawjson.Elements(array) {
		key, text := w.from.Key(item), false
		if key == "" {
			key, text = string(item), true
		}
		if text || !w.things[key] {
			page.Items, page.Index = append(page.Items, item), append(page.Index, size)
		}
		w.things[key] = true
		size++
	}
	w.largest = max(w.largest, size)
}

// fault says why a list cannot be followed to its next page; "" if it can.
func (w *Walk) fault(next string, anythingNew bool) string {
	switch {
	case w.tokens[next]:
		return "it leads back to a page that was read already"
	case !anythingNew:
		return "its last page brings nothing new and promises more"
	case w.total >= 0 && w.from.Pages+w.pages >= w.mostPages(w.total):
		return fmt.Sprintf("it goes on, though its total_records is %d", w.total)
	case w.from.Want > 0 && w.pages >= w.mostPages(w.from.Want), w.from.Pages+w.pages >= maxPages:
		return "it goes on"
	}
	return ""
}

// mostPages is how many pages so many things may take.
func (w *Walk) mostPages(things int) int {
	size := max(w.largest, 1)
	return growth*((things+size-1)/size) + sparePages
}

func (w *Walk) invalid(message string) *Error {
	return &Error{Code: CodeUpstreamInvalidResponse, Op: w.op, Message: message}
}

func (w *Walk) endless(fault string) *Error {
	fail := w.invalid(fmt.Sprintf("Zoom's list %q does not end: after %d pages with %d things %s", w.list, w.from.Pages+w.pages, len(w.things), fault))
	fail.Hint = "what was read until then is kept; ask again later"
	fail.Err = ErrEndless
	return fail
}

// List finds the array under a key in an answer, a JSON object. Zoom leaves out an
// empty one: where the array is missing or null, and total_records, or else
// page_size, is 0, the list is empty. Anything else that is no array is no list.
func List(body []byte, key string) (array []byte, ok bool) {
	return listIn(rawjson.Value{Text: body}, key)
}

func listIn(answer rawjson.Value, key string) (array []byte, ok bool) {
	value, there := answer.Member(key)
	if there && string(value.Text) != "null" {
		return value.Text, value.Text[0] == '['
	}
	count := countOf(answer, "total_records")
	if count < 0 {
		count = countOf(answer, "page_size")
	}
	return []byte("[]"), count == 0
}

// countOf reads a count: a whole number, or the text of one. It is -1 where there
// is none.
func countOf(answer rawjson.Value, key string) int {
	value, ok := answer.Member(key)
	if !ok {
		return -1
	}
	return Count(value.Text)
}

// Count reads a count of Zoom's, a JSON value, likewise.
func Count(value []byte) int {
	if len(value) > 0 && value[0] == '"' {
		value = rawjson.Text(value)
	}
	n, err := strconv.ParseUint(string(value), 10, 31)
	if err != nil {
		return -1
	}
	return int(n)
}

// ItemKey is the path value for an item of a list: its id, or the e-mail address
// of a user who has not accepted the invitation, since Zoom gives that user no id.
// It is "" if the item has neither.
func ItemKey(item []byte) string {
	for _, name := range [...]string{"id", "email"} {
		if raw, ok := rawjson.Member(item, name); ok {
			if key := IDOf(raw); key != "" && key != "null" {
				return key
			}
		}
	}
	return ""
}

// IDOf reads an id as Zoom sends it: a string, or a number.
func IDOf(raw []byte) string {
	if saysItself(raw) {
		return string(raw[1 : len(raw)-1])
	}
	var id string
	if json.Unmarshal(raw, &id) != nil {
		return string(raw)
	}
	return id
}

// saysItself tells whether a value is a string that says what stands between its quotes, as those of ids do.
func saysItself(raw []byte) bool {
	last := len(raw) - 1
	if last < 1 || raw[0] != '"' || raw[last] != '"' {
		return false
	}
	for _, c := range raw[1:last] {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// Pages walks a list from the page that req names, or the first one, to its end.
// The page is named by req.Query's next_page_token, which Zoom forgets after 15
// minutes and which belongs to the same other parameters: CURSOR_EXPIRED says
// that it is no longer good. The walk stops at the first error, which comes with
// what its page brought, as [Walk.Read] has it.
func (c *Client) Pages(ctx context.Context, req Request, list string) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		query := maps.Clone(req.Query)
		if query == nil {
			query = url.Values{}
		}
		req.Query = query
		walk := NewWalk(req.Op, list, Start{Token: query.Get(pageToken)})
		for {
			page, err := c.page(ctx, req, walk)
			if !yield(page, err) || err != nil || page.Next == "" {
				return
			}
			query.Set(pageToken, page.Next)
		}
	}
}

func (c *Client) page(ctx context.Context, req Request, walk *Walk) (Page, error) {
	res, err := c.Do(ctx, req)
	if err != nil {
		return Page{Total: -1, Response: res}, err
	}
	page, err := walk.Read(res.Body)
	page.Response = res
	var fail *Error
	if errors.As(err, &fail) {
		fail.Status, fail.TrackingID = res.Status, res.TrackingID
	}
	return page, err
}
