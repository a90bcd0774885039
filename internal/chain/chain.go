// Package chain has lists whose elements hold their own links, so that to move one takes no memory:
//
//	type visitor struct {
//		chain.Link[visitor]
//		…
//	}
//
//	var all chain.List[visitor, *visitor]
//	all.PushBack(v)
//	for v := all.First(); v != nil; v = all.First() {
//		all.Remove(v)
//	}
//
// An element is in one list at a time.
package chain

// Link leads from an element to its neighbors. Elements embed it.
type Link[E any] struct{ prev, next *E }

func (l *Link[E]) link() *Link[E] { return l }

// linked is a pointer to an element.
type linked[E any] interface {
	*E
	link() *Link[E]
}

// List is a list. The zero value is empty.
type List[E any, P linked[E]] struct {
	first, last *E
	n           int
}

// First is the first element; nil: there is none.
func (l *List[E, P]) First() *E { return l.first }

// Last is the last element; nil: there is none.
func (l *List[E, P]) Last() *E { return l.last }

// Len is how many elements there are.
func (l *List[E, P]) Len() int { return l.n }

// PushBack puts an element that is in no list behind all others.
func (l *List[E, P]) PushBack(e *E) { l.insert(l.last, e, nil) }

// PushFront puts an element that is in no list before all others.
func (l *List[E, P]) PushFront(e *E) { l.insert(nil, e, l.first) }

func (l *List[E, P]) insert(prev, e, next *E) {
	*P(e).link() = Link[E]{prev, next}
	*l.after(prev), *l.before(next) = e, e
	l.n++
}

// Remove takes an element out that is in the list.
func (l *List[E, P]) Remove(e *E) {
	at := P(e).link()
	*l.after(at.prev), *l.before(at.next) = at.next, at.prev
	*at = Link[E]{}
	l.n--
}

// after is the link from an element to the next one; of nil, to the first.
func (l *List[E, P]) after(e *E) **E {
	if e == nil {
		return &l.first
	}
	return &P(e).link().next
}

// before is the link from an element to the one before; of nil, to the last.
func (l *List[E, P]) before(e *E) **E {
	if e == nil {
		return &l.last
	}
	return &P(e).link().prev
}
