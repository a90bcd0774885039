package graph

import (
	"context"
	"encoding/base64"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/client"
	"zoomgraph/graph/cursor"
	"zoomgraph/graph/program"
	"zoomgraph/graph/window"
)

// FuzzCursor starts lists from arbitrary cursors: each is refused as what a person sent, or is one that was sealed for the
// list, in time.
func FuzzCursor(f *testing.F) {
	lists := []pageOf{
		{op: &client.Op{ID: "users", Method: "GET", Path: "/users"}},
		{op: &client.Op{ID: "groupMembers", Method: "GET", Path: "/groups/{groupId}/members"}, path: []string{"g"}},
		{op: &client.Op{ID: "groups", Method: "GET", Path: "/groups"}, unpaged: true},
	}
	query := url.Values{"status": {"active"}}
	box, err := cursor.NewBox([]byte("secret"), "owner")
	if err != nil {
		f.Fatal(err)
	}
	sealed := map[string]bool{}
	now := time.Now().Unix()
	for _, of := range lists {
		filter := filterOf("", of, query)
		for _, p := range []cursor.Position{
			{Size: 30, For: filter, At: now},
			{Size: 30, With: "custom_attributes,host_key", For: filter, At: now},
			{Token: "next", Skip: 10, Size: 300, For: filter, At: now},
			{Token: "next", Size: 30, For: filter, At: now - 3600},
			{Token: "next", Size: 30, For: "another", At: 1 << 62},
		} {
			sealed[box.Seal(p)] = true
			f.Add(box.Seal(p))
		}
	}
	for _, text := range []string{"", "null", "[]", `{"t":1}`, `{"s":1e9}`, `{"p":30} {}`, "\xff"} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(text)))
	}
	f.Add("=")
	f.Fuzz(func(t *testing.T, made string) {
		for _, of := range lists {
			of.after = &made
			at, err := startOf(of, &program.Operation{}, &Principal{cursors: box}, 30, query, []string{"host_key"})
			if err != nil {
				var refused *client.Error
				if !errors.As(err, &refused) || refused.Code != client.CodeBadUserInput && refused.Code != client.CodeCursorExpired {
					t.Fatalf("%q: %v", made, err)
				}
				continue
			}
			if at.For != filterOf("", of, query) || !sealed[made] {
				t.Fatalf("%q leads to %+v", made, at)
			}
			if at.Token != "" && time.Since(time.Unix(at.At, 0)) > positionLife {
				t.Fatalf("%q leads to a place of %v", made, time.Unix(at.At, 0))
			}
		}
	})
}

// A walk looks at its context before each answer: of answers that are known, nobody else does.
func TestWalkSeesItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := newWalk(nil, pageOf{op: &opUsers, list: usersKey}, &program.Operation{}, nil, cursor.Position{}, 10) // it has nobody to ask
	if err := w.run(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, client.ErrUpstreamTimeout) {
		t.Errorf("error %v", err)
	}
}

// TestPlaceKeepsItsTime goes on in a list that lasts until now: its pieces are those of its first page, whenever that was.
func TestPlaceKeepsItsTime(t *testing.T) {
	t.Parallel()
	fact, after := &program.Operation{Window: &window.Limit{Of: "month", Newest: true}}, "cursor"
	began := newWalk(nil, pageOf{op: &opUsers, span: &window.Piece{From: "2020-09-01", To: "2020-10-15"}}, fact, nil, cursor.Position{}, 10)
	if err := began.cut(); err != nil {
		t.Fatal(err)
	}
	w := newWalk(nil, pageOf{op: &opUsers, span: &window.Piece{From: "2020-09-01"}, after: &after}, fact, nil, began.position, 10)
	if err := w.cut(); err != nil {
		t.Fatal(err)
	}
	want := []window.Piece{{From: "2020-09-16", To: "2020-10-15"}, {From: "2020-09-01", To: "2020-09-15"}}
	if diff := cmp.Diff(want, w.pieces); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
