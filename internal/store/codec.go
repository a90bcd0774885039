package store

import (
	"encoding/json"
	"strings"
	"time"

	"zoomgraph/internal/rawjson"
)

// wire is an entry as replicas share it.
type wire struct {
	Stamp string               `json:"stamp"`
	Body  json.RawMessage      `json:"body"`
	Whole time.Time            `json:"whole,omitzero"`
	Names map[string]time.Time `json:"names,omitempty"`
}

func (e *entry) encode() []byte {
	text, err := json.Marshal(wire{Stamp: e.stamp, Body: e.body.Text, Whole: e.whole, Names: e.names})
	if err != nil {
		return nil // what Zoom sent is not JSON after all
	}
	return text
}

// decode reads an entry that was read under a stamp; nil where it is another one's, or unreadable.
func decode(text []byte, stamp string) *entry {
	var w wire
	if len(text) == 0 || json.Unmarshal(text, &w) != nil || w.Stamp != stamp {
		return nil
	}
	return &entry{stamp: stamp, body: rawjson.Parse(w.Body), whole: w.Whole, names: w.Names}
}

// String names the place where replicas share an entry. The account is the far store's own.
func (at place) String() string {
	parts := append([]string{at.class, at.Op.ID}, at.Path[:]...)
	return strings.Join(append(parts, at.Query), "\x00")
}
