package zoom

import (
	"strconv"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// writer renders values as JSON: those that hold for the first of its levels.
type writer struct {
	source world.Source
	ladder ladder
	locks  bool // what the level locks, in place of its settings
	out    []byte
}

// value appends the value of a node that is not part of a list.
func (w *writer) value(n *world.Node) {
	if n.Kind == world.Object {
		w.object(n, func(f *world.Node) { w.value(f) })
		return
	}
	if w.locks {
		w.out = strconv.AppendBool(w.out, w.ladder.own.locked[n.Key])
		return
	}
	if isPersonal(n) {
		w.say(n, w.ladder.own, false)
		return
	}
	voice, opposite := w.ladder.decide(w.source, n)
	w.say(n, voice, opposite)
}

// spoken appends the value of a node that holds where some levels have a say.
func (w *writer) spoken(n *world.Node, levels []*level) {
	voice, opposite := heard(w.source, n, levels)
	w.say(n, voice, opposite)
}

// say appends a level's value of a node, or the opposite of it.
func (w *writer) say(n *world.Node, voice *level, opposite bool) {
	if raw, found := voice.written[n.Key]; found && !opposite {
		w.out = append(w.out, raw...)
	} else if found {
		w.out = strconv.AppendBool(w.out, string(raw) != "true")
	} else {
		w.draw(n, n.Key, voice, opposite)
	}
}

// draw appends a value that nobody has written, made up of whose it is and of a
// path: the node's key, with the index of the list elements it is in.
func (w *writer) draw(n *world.Node, path string, voice *level, opposite bool) {
	number := func(path string) uint64 { return voice.number(w.source, path) }
	if n.Kind == world.Boolean {
		flag := n.Path == meetingPassword || world.Flag(n, path, number(path))
		w.out = strconv.AppendBool(w.out, flag != opposite)
		return
	}
	d := world.Drawing{Number: number}
	w.out = d.Append(w.out, n, path)
}

func (w *writer) object(n *world.Node, value func(*world.Node)) {
	w.out = append(w.out, '{')
	for i, f := range n.Fields {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.out = world.AppendName(w.out, f.Name)
		value(f)
	}
	w.out = append(w.out, '}')
}

// isPersonal tells a passcode, which no two users share.
func isPersonal(n *world.Node) bool {
	return n.Kind == world.Text && strings.Contains(n.Name, "password")
}
