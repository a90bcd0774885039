package world

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"zoomgraph/graph/window"
)

// list answers a page of a list.
func (w *World) list(c *Call) (Answer, error) {
	return w.ListOf(c, w.listed(c.Op, c.Place, c.Owner, c.owners()))
}

// ListOf answers a page of a list, as if these were its things: those of them that the query asks for.
func (w *World) ListOf(c *Call, things []*Record) (Answer, error) {
	if err := c.inOnePiece(); err != nil {
		return Answer{}, err
	}
	var all []*Record
	keep := w.filter(c)
	for _, r := range things {
		if keep(r) {
			all = append(all, r)
		}
	}
	head, tail := []Member{}, []Member{{"total_records", Encode(len(all))}}
	if c.Op.pages != nil {
		var err error
		tail = nil
		if all, head, err = c.Op.pages.cut(w.Source, c, all); err != nil {
			return Answer{}, err
		}
	}
	rows := make([]json.RawMessage, len(all))
	item := c.Op.listed(c.Values)
	for i, r := range all {
		rows[i] = w.maker(r).object(item, "")
	}
	for _, n := range c.Op.beside {
		if _, said := Lookup(head, n.Name); !said {
			head = append(head, Member{n.Name, w.beside(c, n)})
		}
	}
	if c.Op.list == "" {
		return OK(Encode(rows)), nil
	}
	return OK(Join(append(append(head, Member{c.Op.list, Encode(rows)}), tail...))), nil
}

// Page cuts the page that the query asks for out of a list that stands within an answer, and returns what is said of it.
func (w *World) Page(c *Call, all []*Record) (page []*Record, head []Member, err error) {
	if err := c.inOnePiece(); err != nil {
		return nil, nil, err
	}
	return c.Op.pages.cut(w.Source, c, all)
}

// inOnePiece refuses a time that is longer than Zoom tells of in one call.
func (c *Call) inOnePiece() error {
	span := window.Piece{From: c.Values.Get("from"), To: c.Values.Get("to")}
	asked := span
	if span.To == "" && span.From > Timestamp(c.Now) { // all that comes
		asked.To = span.From
	}
	pieces, err := c.Op.Cut(asked, c.Now)
	if err != nil {
		return Refuse(http.StatusBadRequest, 300, "%v.", err)
	}
	if len(pieces) > 1 {
		return Refuse(http.StatusBadRequest, 300, "The time from %s to %s is longer than a %s.", span.From, cmp.Or(span.To, "now"), c.Op.Window.Of)
	}
	return nil
}

// beside returns a value beside the rows: what was asked for, or one made up.
func (w *World) beside(c *Call, n *Node) json.RawMessage {
	asked := c.Values.Get(n.Name)
	switch {
	case asked == "" && n.Name == "from":
		asked = c.Now.AddDate(0, -1, 0).UTC().Format(time.DateOnly)
	case asked == "" && n.Name == "to":
		asked = c.Now.UTC().Format(time.DateOnly)
	}
	if n.Kind == Moment && len(asked) == len(time.DateOnly) { // as which some lists say a day
		asked += "T00:00:00Z"
	}
	if asked != "" {
		return Encode(asked)
	}
	d := Drawing{Now: w.today, Number: func(path string) uint64 { return w.Source.At("beside", c.Place, path) }}
	return d.Append(nil, n, n.Name)
}

// read answers one thing, or a document that there is one of in its place.
func (w *World) read(c *Call) (Answer, error) {
	r, err := w.subject(c)
	if err != nil {
		return Answer{}, err
	}
	if c.Op.views == nil {
		return OK(inside(c.Op.Within, w.maker(r).object(c.switched(c.asked(c.Op.item)), ""))), nil
	}
	doc, at, err := c.view()
	if err != nil {
		return Answer{}, err
	}
	return OK(w.maker(r).object(doc, at)), nil
}

// Before is what a write is about as a GET at its path answers it, before the write.
func (w *World) Before(c *Call) (Answer, error) {
	read := *c
	read.Op = w.ops["GET "+c.Op.Path]
	return w.read(&read)
}

// inside puts what is known of a thing where its answer has it: in the first of
// some objects.
func inside(keys []string, object []byte) []byte {
	if keys == nil {
		return object
	}
	out := []Member{{keys[0], object}}
	for _, key := range keys[1:] {
		out = append(out, Member{key, []byte("{}")})
	}
	return Join(out)
}

// subject is what an operation is about: the thing that its path ends with, or
// the document in that place.
func (w *World) subject(c *Call) (*Record, error) {
	if c.Op.endsInThing() && c.Op.last().kind != nil || c.Owner != nil && c.Owner.kind == c.Op.kind {
		return c.Owner, nil
	}
	if r := w.documentIn(c.Op.kind, c.Place, c.owners()); r != nil {
		return r, nil
	}
	return nil, Refuse(http.StatusNotFound, 300, "There is no %s here: it was deleted.", strings.ToLower(words(c.Op.kind.Name)))
}

// documentIn is the one of a kind that there is in a place, nil where it was deleted.
func (w *World) documentIn(k *kind, place string, above owners) *Record {
	s := w.places[place]
	if s == nil {
		w.Keep()
		s = &shelf{now: []*Record{w.settleIn(&Record{}, k, place, above)}}
		w.places[place] = s
	}
	if len(s.now) == 0 {
		return nil
	}
	return s.now[0]
}

// Document is what an operation reads of which there is one in its place: below a
// thing, or below nothing. It is nil where it was deleted.
func (w *World) Document(read string, of *Record) *Record {
	o := w.ops[read]
	if of == nil {
		return w.documentIn(o.kind, o.Path, nil)
	}
	return w.documentIn(o.kind, placeOf(o, of), owners{of})
}

// filter tells which things of a list the query asks for: of a parameter that a
// thing has a field of, of the same name and type or a text, those that have its value; of
// from and to, those within.
func (w *World) filter(c *Call) func(*Record) bool {
	var tests []func(*Record) bool
	for _, p := range c.Op.Query {
		want, field := c.Values.Get(p.Name), c.Op.kind.fields[p.Name]
		switch own := c.Op.kind.Filters[p.Name]; {
		case want == "":
		case own != nil:
			tests = append(tests, func(r *Record) bool { return own(w, r, want) })
		case field != nil && (field.Type == p.Type || field.Kind == Text || field.Kind == Ident):
			tests = append(tests, func(r *Record) bool { return holds(w.value(r, p.Name), want) })
		case p.Name == "from" || p.Name == "to":
			if when := timeOf(c.Op.item); when != "" {
				tests = append(tests, func(r *Record) bool { return within(w.Text(r, when), p.Name, want) })
			}
		case slices.Contains([]string{"search_key", "keyword", "search", "q"}, p.Name):
			tests = append(tests, func(r *Record) bool {
				return bytes.Contains(bytes.ToLower(w.maker(r).object(c.Op.item, "")), bytes.ToLower([]byte(want)))
			})
		}
	}
	return func(r *Record) bool {
		return !slices.ContainsFunc(tests, func(test func(*Record) bool) bool { return !test(r) })
	}
}

// holds tells whether a value is the one that a query asks for, or has it.
func holds(raw json.RawMessage, want string) bool {
	var many []json.RawMessage
	if len(raw) > 0 && raw[0] == '[' && json.Unmarshal(raw, &many) == nil {
		return slices.ContainsFunc(many, func(one json.RawMessage) bool { return holds(one, want) })
	}
	return strings.EqualFold(plain(raw), want)
}
