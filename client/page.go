package client

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"net/url"
)

const pageToken = "next_page_token"

// Page is one page of a list.
type Page struct {
	Items    []json.RawMessage
	Next     string    // the token of the page after this one; empty on the last
	Total    int       // length of the whole list; -1 where Zoom does not tell
	Response *Response // as Do gives it, beside an error too
}

// Page reads one page; list is the key of the answer's array. The page is chosen
// by req.Query's next_page_token, which Zoom forgets after 15 minutes and which
// belongs to the same other parameters: CURSOR_EXPIRED says that it is no longer
// good. An answer without the array is an error, unless it says that the list
// is empty.
func (c *Client) Page(ctx context.Context, req Request, list string) (Page, error) {
	page := Page{Total: -1}
	res, err := c.Do(ctx, req)
	page.Response = res
	if err != nil {
		return page, err
	}
	invalid := func(message string) (Page, error) {
		return page, &Error{Code: CodeUpstreamInvalidResponse, Op: req.Op, Status: res.Status, TrackingID: res.TrackingID, Message: message}
	}
	var answer map[string]json.RawMessage
	if res.Body == nil || json.Unmarshal(res.Body, &answer) != nil {
		return invalid("Zoom's answer is not a JSON object")
	}
	if json.Unmarshal(answer["total_records"], &page.Total) != nil || page.Total < 0 {
		page.Total = -1
	}
	if next, ok := answer[pageToken]; ok && json.Unmarshal(next, &page.Next) != nil {
		return invalid("Zoom's answer has a " + pageToken + " that is not a string")
	}
	items, ok := answer[list]
	if ok && json.Unmarshal(items, &page.Items) != nil {
		return invalid("Zoom's answer has no array under " + list)
	}
	if page.Items == nil && page.Total != 0 {
		return invalid("Zoom's answer has no array under " + list)
	}
	return page, nil
}

// Pages walks a list from the page that req names, or the first one, to its end.
// It stops at the first error, which comes with that page's Response.
func (c *Client) Pages(ctx context.Context, req Request, list string) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		query := maps.Clone(req.Query)
		if query == nil {
			query = url.Values{}
		}
		req.Query = query
		for {
			page, err := c.Page(ctx, req, list)
			if err == nil && page.Next != "" && page.Next == query.Get(pageToken) {
				err = &Error{Code: CodeUpstreamInvalidResponse, Op: req.Op, Message: "Zoom's list leads back to the same page"}
			}
			if !yield(page, err) || err != nil || page.Next == "" {
				return
			}
			query.Set(pageToken, page.Next)
		}
	}
}
