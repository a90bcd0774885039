package graph

import (
	"context"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph/cursor"
)

// FuzzCursor starts lists from arbitrary cursors: each is refused as what a person sent, or leads to a place that Zoom can
// be asked for; and a place is the same after it was a cursor.
func FuzzCursor(f *testing.F) {
	lists := []pageOf{
		{op: &client.Op{ID: "users", Method: "GET", Path: "/users"}},
		{op: &client.Op{ID: "groupMembers", Method: "GET", Path: "/groups/{groupId}/members"}, path: []string{"g"}},
		{op: &client.Op{ID: "groups", Method: "GET", Path: "/groups"}, unpaged: true},
	}
	query := url.Values{"status": {"active"}}
	now := time.Now().Unix()
	for _, of := range lists {
		filter := filterOf(of, query)
		for _, p := range []cursor.Place{
			{Size: 30, For: filter, At: now},
			{Size: 30, With: "custom_attributes,host_key", For: filter, At: now},
			{Size: 30, With: "host_key&page_size=1", For: filter, At: now},
			{Size: 30, With: strings.Repeat("x", maxToken+1), For: filter, At: now},
			{Token: "next", Skip: 10, Size: 300, For: filter, At: now},
			{Token: "next", Size: 30, For: filter, At: now - 3600},
			{Token: "a\x00&page_size=1", Size: 30, For: filter, At: now},
			{Token: "next", Skip: 301, Size: 301, For: filter, At: now},
			{Skip: -1, For: filter},
			{Token: "next", Size: 30, For: "another", At: 1 << 62},
			{Token: strings.Repeat("x", maxToken+1), Size: 30, For: filter, At: now},
		} {
			f.Add(p.String())
		}
	}
	for _, text := range []string{"", "null", "[]", `{"t":1}`, `{"s":1e9}`, `{"p":30} {}`, "\xff"} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(text)))
	}
	f.Add("=")
	f.Fuzz(func(t *testing.T, made string) {
		for _, of := range lists {
			of.after = &made
			at, err := startOf(of, 30, query, []string{"host_key"})
			if err != nil {
				var refused *client.Error
				if !errors.As(err, &refused) || refused.Code != client.CodeBadUserInput && refused.Code != client.CodeCursorExpired {
					t.Fatalf("%q: %v", made, err)
				}
				continue
			}
			if at.For != filterOf(of, query) || at.Skip < 0 || len(at.Token) > maxToken || len(at.With) > maxToken || strings.ContainsAny(at.With, "&=%\x00") || !of.unpaged && (at.Size < 1 || at.Size > maxPageSize) {
				t.Fatalf("%q leads to %+v", made, at)
			}
			if at.Token != "" && time.Since(time.Unix(at.At, 0)) > placeLife {
				t.Fatalf("%q leads to a place of %v", made, time.Unix(at.At, 0))
			}
			if again, err := cursor.Parse(at.String()); err != nil || again != at {
				t.Fatalf("%+v becomes %+v, %v", at, again, err)
			}
		}
	})
}

// A walk looks at its context before each answer: of answers that are known, nobody else does.
func TestWalkSeesItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := newWalk(nil, pageOf{op: &opUsers, list: usersKey}, nil, cursor.Place{}, 10) // it has nobody to ask
	if err := w.run(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, client.ErrUpstreamTimeout) {
		t.Errorf("error %v", err)
	}
}
