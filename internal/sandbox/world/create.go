package world

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// This file implements what POST makes. Start reading at create.

// create adds to a list: what the body says, or each that it lists.
func (w *World) create(c *Call) (Answer, error) {
	body, _ := Members(c.Body)
	each := [][]Member{body}
	batch := c.Op.batch()
	if batch != nil {
		raw, _ := Lookup(body, batch.Name)
		var err error
		if each, err = elements(raw, batch.Name); err != nil {
			return Answer{}, err
		}
	}
	c.Place = strings.Replace(c.Place, "/batch_", "/", 1)
	list := w.ops["GET "+c.Op.listPath()]
	if of := w.others(c.Op.kind, list); of != nil { // all or none
		for _, one := range each {
			if _, err := w.referred(of, one); err != nil {
				return Answer{}, err
			}
		}
	}
	var made []*Record
	for _, one := range each {
		r, err := w.add(c, list, one, batch)
		if err != nil {
			return Answer{}, err
		}
		if !slices.Contains(made, r) {
			made = append(made, r)
		}
	}
	w.version++
	return Created(w.created(c, made)), nil
}

// others is the kind of things that must be there to be put into a list; nil
// where things are made there.
func (w *World) others(k *kind, l *Operation) *kind {
	if l != nil && !k.isHome(l) {
		return k
	}
	return w.kinds[k.Stands]
}

// add makes one thing; in a list of things that live elsewhere it takes one in.
func (w *World) add(c *Call, l *Operation, body []Member, batch *Node) (*Record, error) {
	k := c.Op.kind
	if l != nil && !k.isHome(l) {
		r, err := w.referred(k, body)
		if err == nil {
			w.join(l, c.Place, c.Owner, r)
		}
		return r, err
	}
	r, s, err := w.fresh(c)
	if err != nil {
		return nil, err
	}
	if of := w.kinds[k.Stands]; of != nil {
		other, err := w.referred(of, body)
		if err != nil {
			return nil, err
		}
		if have := oneOf(s.now, other.ID); have != nil {
			have.Merge(ownOf(other.kind, body))
			return have, nil
		}
		r.ID = other.ID
	}
	if err := w.unique(k, nil, body); err != nil {
		return nil, err
	}
	w.settleIn(r, k, c.Place, c.owners())
	takes := c.Op.Body
	if batch != nil {
		takes = batch.Elem
	}
	w.begin(r, takes, body, c)
	s.now = append(s.now, r)
	return r, nil
}

// Make adds a thing to the list that a call is about, and answers so. It has the
// values given and no others; those are by Zoom's names.
func (w *World) Make(c *Call, values map[string]any) (*Record, Answer, error) {
	k := c.Op.kind
	r, s, err := w.fresh(c)
	if err != nil {
		return nil, Answer{}, err
	}
	w.settleIn(r, k, c.Place, c.owners())
	for _, f := range k.nodes {
		if f.Name != k.key {
			r.put(nil, f.Name, nil)
		}
	}
	for name, value := range values {
		r.Set(name, value)
	}
	s.now = append(s.now, r)
	w.version++
	return r, Created(w.created(c, []*Record{r})), nil
}

// fresh is a record with an id that nothing has yet, and the shelf that it is for.
func (w *World) fresh(c *Call) (*Record, *shelf, error) {
	w.made++
	k, s := c.Op.kind, w.shelf(c.Op.kind, c.Place, c.owners())
	if k.words() == nil {
		return &Record{ID: k.newID(w.Source.At("made", k.Name, strconv.Itoa(w.made)))}, s, nil
	}
	for _, id := range k.words() {
		if oneOf(s.now, id) == nil {
			return &Record{ID: id}, s, nil
		}
	}
	return nil, nil, Refuse(http.StatusConflict, 300, "There cannot be more than %d.", len(s.now))
}

// begin writes what a new thing starts with: what the body says, the time, and
// nothing where the body could have said something and did not.
func (w *World) begin(r *Record, takes *Node, body []Member, c *Call) {
	if other := w.kinds[r.kind.Stands]; other != nil {
		body = ownOf(other, body)
	} else if takes != nil {
		for _, f := range takes.Fields {
			if _, said := Lookup(body, f.Name); !said && f.Kind != Object && f.Name != r.kind.key {
				r.put(nil, f.Name, nil)
			}
		}
	}
	for name, value := range r.kind.New {
		r.put(r.kind.fields[name], name, Encode(value))
	}
	for _, f := range r.kind.nodes {
		if f.Kind == Moment && isBirth(f.Name) {
			r.put(f, f.Name, Encode(Timestamp(c.Now)))
		}
	}
	r.Merge(body)
}

// ownOf is what a body says of a thing that stands for another: what names that
// one is not its own.
func ownOf(other *kind, body []Member) []Member {
	return slices.DeleteFunc(slices.Clone(body), func(m Member) bool { return other.fields[m.Name] != nil })
}

// isBirth tells of a field that holds when something was made.
func isBirth(name string) bool {
	return strings.HasPrefix(name, "create") || strings.HasPrefix(name, "add")
}

// unique refuses a value that another thing of the kind has.
func (w *World) unique(k *kind, r *Record, body []Member) error {
	raw, said := Lookup(body, k.Unique)
	if k.Unique == "" || !said {
		return nil
	}
	for _, other := range w.index(k).all {
		if other != r && strings.EqualFold(w.Text(other, k.Unique), plain(raw)) {
			return k.Conflict.Refusal(plain(raw))
		}
	}
	return nil
}
