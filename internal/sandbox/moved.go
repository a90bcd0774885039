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
	if r.Operation == nil || r.Operation.Operation == nil || r.moved || len(r.Renamed) == 0 || len(a.Body) == 0 || a.Body[0] != '{' {
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
	a.Body = rename(a.Body, "", then)
	return a
}

func rename(value []byte, at string, then map[string]string) []byte {
	switch {
	case len(value) > 0 && value[0] == '[':
		out := []byte{'['}
		for element := range rawjson.Elements(value) {
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = append(out, rename(element, at, then)...)
		}
		return append(out, ']')
	case len(value) > 0 && value[0] == '{':
		out := []byte{'{'}
		for name, below := range rawjson.Members(value) {
			below = rename(below, world.Below(at, name), then)
			if was := then[world.Below(at, name)]; was != "" {
				name = was
			}
			out = rawjson.Append(out, name, below)
		}
		return append(out, '}')
	}
	return value
}
