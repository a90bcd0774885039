package world

import (
	"net/http"
	"slices"
	"strings"
)

// act is what an operation does in the world.
type act int

const (
	acknowledge act = iota // leaves nothing to read
	lists
	reads
	creates // adds to a list: one thing, or those that the body lists
	changes
	removes
	clears // takes all out of a list
	parts  // puts something into a list that a thing has, or takes it out
	amends // writes a part of the thing that the path hangs on
)

// actOf tells it from the method, and from what else answers at the path.
func (a *api) actOf(o *Operation, listAt map[string]*Operation) act {
	at, here := listAt[o.listPath()], a.ops["GET "+o.Path]
	switch {
	case o.rows:
		return lists
	case o.Reads():
		return reads
	case o.Method == http.MethodPost && at != nil:
		o.kind = at.kind
		return creates
	case o.Method == http.MethodPost && a.homeAt(o.Path) != nil:
		o.kind = a.homeAt(o.Path)
		return creates
	case o.Method == http.MethodDelete && at != nil:
		o.kind = at.kind
		return clears
	case o.endsInThing() && o.last().kind != nil, here != nil && at == nil:
		return a.ofThing(o, here)
	case a.partOf(o) != nil:
		return parts
	case o.Method != http.MethodDelete && slices.ContainsFunc(o.steps, func(s step) bool { return s.kind != nil }):
		return amends
	}
	return acknowledge
}

// ofThing is what an operation does with a thing, or with a document that there
// is one of.
func (a *api) ofThing(o, here *Operation) act {
	if here != nil {
		o.kind = here.kind
	} else {
		o.kind = o.last().kind
	}
	switch o.Method {
	case http.MethodDelete:
		return removes
	default:
		return changes
	}
}

// homeAt returns the kind whose things live at a template that nothing lists.
func (a *api) homeAt(path string) *kind {
	for _, k := range a.kinds {
		for _, h := range k.homes {
			if h.path == path {
				return k
			}
		}
	}
	return nil
}

// tail is the last fixed word of a path: options in /accounts/{accountId}/options.
func tail(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
