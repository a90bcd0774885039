package store

import (
	"encoding/json"
	"strings"
	"time"

	"zoomgraph/internal/rawjson"
)

// wire is an entry as replicas share it. Its times are the far store's.
type wire struct {
	Stamp string              `json:"stamp"`
	Body  json.RawMessage     `json:"body"`
	Whole wireSpan            `json:"at,omitzero"`
	Lack  wireSpan            `json:"lack,omitzero"`
	Names map[string]wireSpan `json:"spans,omitempty"`
}

// wireSpan is a begin and how much later the end is, in microseconds.
type wireSpan [2]int64

func toWire(s span) wireSpan {
	from := int64(s.from / grain)
	return wireSpan{from, int64((s.to+grain-1)/grain) - from}
}

func (w wireSpan) span() span { return span{moment(w[0]) * grain, moment(w[0]+w[1]) * grain} }

func (e *entry) encode() []byte {
	w := wire{Stamp: e.stamp, Body: e.body.Text, Whole: toWire(e.whole), Lack: toWire(e.lack), Names: make(map[string]wireSpan, len(e.names.names))}
	for name, read := range e.names.pairs() {
		w.Names[name] = toWire(read)
	}
	text, err := json.Marshal(w)
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
	e := &entry{stamp: stamp, body: rawjson.Parse(w.Body), whole: w.Whole.span(), lack: w.Lack.span()}
	times := make(map[string]span, len(w.Names))
	for name, read := range w.Names {
		times[name] = read.span()
	}
	e.names = readingsOf(times)
	return e
}

// plausible is e, which another replica read, without what is older than anything that is kept. It is nil where a
// reading has not begun yet: then the far store's clock was set back, and of none of its times it is known how old it is.
func (e *entry) plausible(now moment, life time.Duration) *entry {
	if e == nil || e.has(func(read span) bool { return read.from > now }) {
		return nil
	}
	oldest := now.add(-life)
	kept := e.keeping(func(read span) bool { return read.to >= oldest })
	if kept.empty() {
		return nil
	}
	return kept
}

// String names the key where replicas share an entry. The account is the far store's own.
func (key entryKey) String() string {
	parts := append([]string{key.class, key.Op.ID}, key.Path[:]...)
	return strings.Join(append(parts, key.Query), "\x00")
}
