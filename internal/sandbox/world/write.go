package world

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"zoomgraph/graph/program"
)

// write carries out a write.
func (w *World) write(c *Call) (Answer, error) {
	w.version++
	switch c.Op.act {
	case creates:
		return w.create(c)
	case changes:
		return w.change(c)
	case removes:
		return w.remove(c)
	case clears:
		return Done(), w.clear(c)
	case amends:
		return w.amend(c)
	}
	return w.acknowledged(c)
}

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
	list := w.ops["GET "+c.Op.Path]
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

// elements are the objects of a list, of which there must be one at least.
func elements(raw json.RawMessage, what string) ([][]Member, error) {
	var elems []json.RawMessage
	if json.Unmarshal(raw, &elems) != nil || len(elems) == 0 {
		return nil, Refuse(http.StatusBadRequest, 300, "The list of %s is empty.", strings.ReplaceAll(what, "_", " "))
	}
	var out [][]Member
	for _, elem := range elems {
		one, _ := Members(elem)
		out = append(out, one)
	}
	return out, nil
}

// Referred are the things of a kind that a list in a body names by their ids or
// e-mail addresses: all or none, each once.
func (w *World) Referred(kind string, list json.RawMessage) ([]*Record, error) {
	each, err := elements(list, "users")
	if err != nil {
		return nil, err
	}
	var out []*Record
	for _, body := range each {
		r, err := w.referred(w.kinds[kind], body)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out, nil
}

// batch is the field of a body that lists what to add, nil where the body is one
// thing itself: a list of objects that goes by the list's name.
func (o *Operation) batch() *Node {
	if o.Body == nil {
		return nil
	}
	f := Find(o.Body.Fields, tail(o.Path))
	if f == nil || f.Kind != List || f.Elem.Kind != Object {
		return nil
	}
	return f
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
	w.made++
	r := &Record{ID: k.newID(w.Source.At("made", k.Name, strconv.Itoa(w.made)))}
	records := w.at(k, c.Place, c.owners())
	if k.Stands != "" {
		other, err := w.referred(w.kinds[k.Stands], body)
		if err != nil {
			return nil, err
		}
		if have := oneOf(*records, other.ID); have != nil {
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
	*records = append(*records, r)
	return r, nil
}

// referred returns the thing that a body names by its id or e-mail address.
func (w *World) referred(k *kind, body []Member) (*Record, error) {
	for _, field := range []string{"id", "email"} {
		if raw, said := Lookup(body, field); said && plain(raw) != "" {
			if r := w.Find(k.Name, plain(raw)); r != nil {
				return r, nil
			}
			return nil, w.missing(step{kind: k}, plain(raw))
		}
	}
	return nil, Invalid(FieldRefusal{Field: "id", Message: "Invalid field: an id or an e-mail address is required."})
}

// Make adds a thing to the list that a call is about, and answers so. It has the
// values given and no others; those are by Zoom's names.
func (w *World) Make(c *Call, values map[string]any) (*Record, Answer) {
	k := c.Op.kind
	w.made++
	r := &Record{ID: k.newID(w.Source.At("made", k.Name, strconv.Itoa(w.made)))}
	records := w.at(k, c.Place, c.owners())
	w.settleIn(r, k, c.Place, c.owners())
	for _, f := range k.nodes {
		if f.Name != k.key {
			r.put(nil, f.Name, nil)
		}
	}
	for name, value := range values {
		r.Set(name, value)
	}
	*records = append(*records, r)
	w.version++
	return r, Created(w.created(c, []*Record{r}))
}

// begin writes what a new thing starts with: what the body says, the time, and
// nothing where the body could have said something and did not.
func (w *World) begin(r *Record, takes *Node, body []Member, c *Call) {
	if other := w.kinds[r.kind.Stands]; other != nil { // what names it is not its own
		body = slices.DeleteFunc(slices.Clone(body), func(m Member) bool { return other.fields[m.Name] != nil })
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

// created is the answer to what made things.
func (w *World) created(c *Call, made []*Record) []byte {
	r := made[0]
	m := w.maker(r)
	var out []Member
	if c.Op.thing && c.Op.batch() == nil {
		for _, f := range r.kind.nodes {
			if f.Name == r.kind.key {
				out = append(out, Member{f.Name, encodeID(r.kind.formOf(), r.ID)})
				continue
			}
			if !program.Has(f.Field.Directives, "detail") && !program.Has(f.Field.Directives, "onRequest") {
				if value := m.value(&Node{Fields: r.kind.nodes}, f, ""); value != nil {
					out = append(out, Member{f.Name, value})
				}
			}
		}
	}
	for _, f := range c.Op.item.Fields {
		if _, said := Lookup(out, f.Name); said {
			continue
		}
		if value := w.ofCreated(c, f, m, made); value != nil {
			out = append(out, Member{f.Name, value})
		}
	}
	if out == nil && r.kind.key != "" {
		out = []Member{{r.kind.key, encodeID(r.kind.formOf(), r.ID)}}
	}
	return Join(out)
}

// ofCreated is a value that the answer to a write has of its own.
func (w *World) ofCreated(c *Call, f *Node, m *maker, made []*Record) json.RawMessage {
	own := ownID(c.Op, m.of.kind)
	switch {
	case f.Name == "ids":
		ids := make([]string, len(made))
		for i, r := range made {
			ids[i] = r.ID
		}
		return Encode(strings.Join(ids, ","))
	case f.Name == own, f.Name == "id" && own == "":
		return encodeID(m.of.kind.formOf(), m.of.ID)
	case f.Name == "id" && c.Owner != nil:
		return encodeID(c.Owner.kind.formOf(), c.Owner.ID)
	case f.Kind == Moment && m.of.kind.fields[f.Name] == nil && isBirth(f.Name):
		return Encode(Timestamp(c.Now))
	case m.of.kind.fields[f.Name] == nil && c.Owner != nil && c.Owner.kind.fields[f.Name] != nil:
		return w.value(c.Owner, f.Name)
	}
	return m.value(c.Op.item, f, "")
}

// ownID is the field of an answer that holds the id of what was made, beside that
// of what it was made for: registrant_id beside a meeting's id.
func ownID(o *Operation, k *kind) string {
	word := snake(k.Name)
	for _, f := range o.item.Fields {
		base, isID := strings.CutSuffix(f.Name, "_id")
		if isID && f.Kind == Ident && strings.HasSuffix(word, base) {
			return f.Name
		}
	}
	return ""
}

// change merges the body into a thing or a document.
func (w *World) change(c *Call) (Answer, error) {
	r, err := w.subject(c)
	if err != nil {
		return Answer{}, err
	}
	body, _ := Members(c.Body)
	if err := w.unique(r.kind, r, body); err != nil {
		return Answer{}, err
	}
	r.Merge(body)
	return Done(), nil
}

// amend writes a part of what the path hangs on: the object of the path's last
// word, or else the fields of the body that the thing has.
func (w *World) amend(c *Call) (Answer, error) {
	body, _ := Members(c.Body)
	if l := w.ops["GET "+strings.TrimSuffix(c.Op.Path, "/status")]; l != nil && l.rows {
		return Done(), w.mark(c, l, body)
	}
	if part := c.Owner.kind.fields[tail(c.Op.Path)]; part != nil && part.Kind == Object {
		body = []Member{{part.Name, Join(body)}}
	}
	for _, m := range body {
		if has := c.Owner.kind.fields[m.Name]; has != nil && (has.Kind == Object || c.Op.Body == nil || has.Type == Find(c.Op.Body.Fields, m.Name).Type) {
			c.Owner.Merge([]Member{m})
		}
	}
	return w.acknowledged(c)
}

// mark does to things of a list what the body's action says: approve makes their
// status approved, and an action that is no status takes them out.
func (w *World) mark(c *Call, l *Operation, body []Member) error {
	raw, _ := Lookup(body, "action")
	action, status := plain(raw), json.RawMessage(nil)
	if f := l.kind.fields["status"]; f != nil {
		for _, value := range f.Wire {
			if strings.HasPrefix(plain(value), strings.TrimRight(action, "ey")) {
				status = value
			}
		}
	}
	raw, _ = Lookup(body, tail(l.Path))
	each, err := elements(raw, tail(l.Path))
	if err != nil {
		return err
	}
	there := w.listed(l, strings.TrimSuffix(c.Place, "/status"), c.Owner, c.owners())
	for _, one := range each {
		i := slices.IndexFunc(there, func(r *Record) bool { return w.goesBy(r, one) })
		switch {
		case i < 0:
			return w.missing(step{kind: l.kind}, plain(Join(one)))
		case status != nil:
			there[i].put(nil, "status", status)
		default:
			w.Delete(there[i])
		}
	}
	return nil
}

// goesBy tells whether a body names a thing, by its id or its e-mail address.
func (w *World) goesBy(r *Record, body []Member) bool {
	if id, said := Lookup(body, "id"); said && plain(id) != "" {
		return r.ID == plain(id)
	}
	email, said := Lookup(body, "email")
	return said && strings.EqualFold(w.Text(r, "email"), plain(email))
}

// acknowledged is the answer to a write that made nothing: of a POST what the
// program says of it.
func (w *World) acknowledged(c *Call) (Answer, error) {
	if c.Op.Method != http.MethodPost || len(c.Op.item.Fields) == 0 {
		return Done(), nil
	}
	r := w.settleIn(&Record{}, w.kindOf(c.Op.item), c.Place, c.owners())
	return Created(w.maker(r).object(nil, c.Op.item, "")), nil
}

// remove takes away a thing, a document, or one thing out of a list of things
// that live elsewhere.
func (w *World) remove(c *Call) (Answer, error) {
	r, err := w.subject(c)
	if err != nil {
		return Answer{}, err
	}
	if s := c.Op.ending(); s != nil && s.list != nil && !s.kind.isHome(s.list) {
		w.leave(s.list, c.Place[:strings.LastIndexByte(c.Place, '/')], c.above(), r)
		return Done(), nil
	}
	w.Delete(r)
	return Done(), nil
}

// ending is the step that the path ends with, nil where it ends with a word.
func (o *Operation) ending() *step {
	if !o.endsInThing() {
		return nil
	}
	return o.last()
}

// above is the thing that the last one of the path was found below.
func (c *Call) above() *Record {
	if len(c.Op.steps) < 2 {
		return nil
	}
	return c.Found[c.Op.steps[len(c.Op.steps)-2].param]
}

// Delete takes a thing out of the world.
func (w *World) Delete(r *Record) {
	if at := w.places[r.Place]; at != nil {
		*at = slices.DeleteFunc(*at, func(other *Record) bool { return other == r })
	}
	for place, some := range w.members {
		w.members[place] = slices.DeleteFunc(slices.Clone(some), func(other *Record) bool { return other == r })
	}
	w.version++
	if r.kind.Gone != nil {
		r.kind.Gone(w, r)
	}
}

// clear takes all out of a list.
func (w *World) clear(c *Call) error {
	l := w.ops["GET "+c.Op.Path]
	for _, r := range w.listed(l, c.Place, c.Owner, c.owners()) {
		if l.kind.isHome(l) {
			w.Delete(r)
		} else {
			w.leave(l, c.Place, c.Owner, r)
		}
	}
	return nil
}
