package world

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// This file implements bodies that name several things: to add them, to put them
// into a list of things that live elsewhere, or to change their status.

// batch is the field of a body that lists what to add, nil where the body is one
// thing itself: a list of objects that goes by the list's name.
func (o *Operation) batch() *Node {
	if o.Body == nil {
		return nil
	}
	f := Find(o.Body.Fields, tail(o.listPath()))
	if f == nil || f.Kind != List || f.Elem.Kind != Object {
		return nil
	}
	return f
}

// listPath is the path of the list that an operation adds to.
func (o *Operation) listPath() string { return strings.Replace(o.Path, "/batch_", "/", 1) }

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

// mark does to things of a list what the body's action says: approve makes their
// status approved, deny denied, and what is no status takes them out.
func (w *World) mark(c *Call, l *Operation, action string, body []Member) error {
	var status json.RawMessage
	if f := l.kind.fields["status"]; f != nil {
		for _, value := range f.Wire {
			if strings.HasPrefix(plain(value), strings.TrimRight(action, "ey")) {
				status = value
			}
		}
	}
	raw, _ := Lookup(body, tail(l.Path))
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
			there[i].Merge([]Member{{"status", status}})
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
