package zoom

import (
	"net/http"

	"zoomgraph/internal/sandbox/world"
)

// tsp adds users' accounts at a telephony service provider: two at most, known
// by 1 and 2.
func (z *Zoom) tsp(q *world.Quirks) {
	q.Things["TspAccount"] = world.Thing{
		Count: 1, IDs: []string{"1", "2"}, New: map[string]any{"dial_in_numbers": []any{}},
		Drawn: map[string]func(*world.World, *world.Record) any{
			"conference_code": func(w *world.World, r *world.Record) any { return world.Digits(w.Source.At("conference", r.Place), 7) },
		},
		Missing: world.Missing{Status: http.StatusBadRequest, Code: 300, Text: "TSP account does not exist: %s."},
	}
}

// tracking adds tracking fields.
func (z *Zoom) tracking(q *world.Quirks) {
	q.Things["TrackingField"] = world.Thing{
		New:     map[string]any{"recommended_values": []string{}, "required": false, "visible": false},
		Missing: world.Missing{Status: http.StatusNotFound, Code: 5110, Text: "Tracking field does not exist: %s."},
	}
}
