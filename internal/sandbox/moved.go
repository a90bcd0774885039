package sandbox

import (
	"maps"
	"slices"
	"strings"

	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/sandbox/world"
)

// This file answers operations that Zoom has moved as they were answered before.

// asThen is an answer with the names that it had where the operation was.
func (r *route) asThen(a world.Answer) world.Answer {
	if r.Operation == nil || r.Operation.Operation == nil || r.moved || r.below != nil || r.Now == "" || len(r.Renamed) == 0 || len(a.Body) == 0 || a.Body[0] != '{' {
		return a
	}
	then := map[string]string{} // what today's name was, behind today's names that lead to it
	for _, path := range slices.Sorted(maps.Keys(r.Renamed)) {
		before, name := "", path
		if at := strings.LastIndexByte(path, '.'); at >= 0 {
			before, name = path[:at+1], path[at+1:]
		}
		then[before+r.Renamed[path]] = name
	}
	a.Body = rawjson.Rename(a.Body, then)
	return a
}
