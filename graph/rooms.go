package graph

import (
	"context"
	"strconv"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/graph/price"
	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// This file links rooms to dashboards, which know them by another id. Start reading at dashboardID.

// Metrics answers Room.metrics. Zoom wants a time for the meetings that were held there: what the room is like now is the
// same of any.
func (r roomResolver) Metrics(ctx context.Context, parent *model.Room) (*model.RoomMetrics, error) {
	id, err := r.dashboardID(ctx, parent)
	if err != nil || id == "" {
		return nil, err
	}
	today := time.Now().UTC().Format(time.DateOnly)
	return model.NewRoomMetrics(r.entity(ctx, load.From(ctx), &opDashboardZoomRoom, id, param{"from", today}, param{"to", today})), nil
}

// priceRoomMetrics prices Room.metrics.
func priceRoomMetrics(f *price.Field) {
	f.Seek("roomId", "Query.rooms")
	f.Lead(f.Things())
}

// Issues answers Room.issues.
func (r roomResolver) Issues(ctx context.Context, parent *model.Room, first *int, after *string, from, to string) (*project.Value, error) {
	id, err := r.dashboardID(ctx, parent)
	if err != nil || id == "" {
		return nil, err
	}
	return r.rows(ctx, pageOf{op: &opDashboardIssueDetailZoomRoom, path: []string{id}, list: "issue_details", first: first, after: after, span: spanOf(&from, &to)})
}

// priceRoomIssues prices Room.issues.
func priceRoomIssues(f *price.Field) {
	f.Seek("roomId", "Query.rooms")
	f.List("Room.issues", "", nil)
}

// dashboardID is the id by which dashboards know a room; "": there is none. Lists tell it, and the room itself does not:
// then it is looked for among the rooms of its location, or among those that are at none.
func (r roomResolver) dashboardID(ctx context.Context, room *model.Room) (string, error) {
	session, held := load.From(ctx), room.RawListed("room_id")
	raw, err := await(ctx, session, held)
	if id := client.IDOf(raw); err != nil || id != "" || held.Wait == nil {
		return id, err
	}
	at, err := await(ctx, session, room.RawListed("location_id"))
	if err != nil {
		return "", err
	}
	query := []param{{"page_size", strconv.Itoa(r.Program.Fact(opListZoomRooms.String()).LargestPage())}}
	switch location := client.IDOf(at); {
	case location != "":
		query = append(query, param{"location_id", location})
	case at != nil:
		query = append(query, param{"unassigned_rooms", "true"})
	}
	w, err := r.walkAll(ctx, pageOf{op: &opListZoomRooms, list: "rooms", node: &opGetZRProfile, unpaged: true}, query)
	if err != nil {
		return "", err
	}
	for _, item := range w.items {
		if client.ItemKey(item) == room.Key() {
			raw, _ := rawjson.Member(item, "room_id")
			return client.IDOf(raw), nil
		}
	}
	return "", nil
}
