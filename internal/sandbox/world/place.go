package world

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// This file implements where things are. A path such as
// /users/{userId}/meetings/{meetingId} leads step by step to things; a list is
// known by its path with the things' own ids in it, whatever the caller wrote.

// step is a parameter of a path.
type step struct {
	param  string
	before string   // the template up to it: "/users"
	values []string // what it may be; none: see below
	list   *Operation
	kind   *kind // what it names; nil: anything goes
}

func stepsOf(template string) []step {
	var out []step
	for at := 0; ; {
		from := strings.IndexByte(template[at:], '{')
		if from < 0 {
			return out
		}
		from += at
		to := from + strings.IndexByte(template[from:], '}')
		out = append(out, step{param: template[from+1 : to], before: template[:from-1]})
		at = to
	}
}

func (o *Operation) step(param string) *step {
	return &o.steps[slices.IndexFunc(o.steps, func(s step) bool { return s.param == param })]
}

// endsInThing tells whether the path names one thing of a list: it ends with a
// parameter, and that is no word of a closed list.
func (o *Operation) endsInThing() bool {
	return strings.HasSuffix(o.Path, "}") && o.steps[len(o.steps)-1].values == nil
}

// last is the step that the path ends with.
func (o *Operation) last() *step { return &o.steps[len(o.steps)-1] }

// locate finds what the path names, or the refusal to answer with.
func (w *World) locate(c *Call) error {
	c.Found, c.Place = map[string]*Record{}, c.Op.Path
	c.Owner, c.found = nil, nil // a read may be run twice
	for _, s := range c.Op.steps {
		value := c.Vars[s.param]
		if s.values != nil && !slices.Contains(s.values, value) {
			return Refuse(http.StatusNotFound, 2300, "%q is none of %s.", value, strings.Join(s.values, ", "))
		}
		if s.kind != nil {
			r, err := w.resolve(c, s, value)
			if err != nil {
				return err
			}
			c.Found[s.param], value = r, r.ID
			c.Owner, c.found = r, append(c.found, r)
		}
		c.Place = strings.Replace(c.Place, "{"+s.param+"}", url.PathEscape(value), 1)
	}
	return nil
}

// resolve finds the thing that a step names.
func (w *World) resolve(c *Call, s step, name string) (*Record, error) {
	place := strings.TrimSuffix(c.Place[:strings.IndexByte(c.Place, '{')], "/")
	var r *Record
	var err error
	switch {
	case unescaped(name):
	case s.kind.Resolve != nil:
		r, err = s.kind.Resolve(w, c, name)
	case s.list != nil && !s.kind.global:
		r = oneOf(w.listed(s.list, place, c.Owner, c.owners()), name)
	default:
		r = w.Find(s.kind.Name, name)
	}
	if r != nil && s.list != nil && s.kind.global && !s.kind.isHome(s.list) && !slices.Contains(w.related(s.list, place, c.Owner), r) {
		r = nil
	}
	if r == nil && err == nil {
		err = w.missing(s, name)
	}
	return r, err
}

// oneOf returns the record that a path's segment names.
func oneOf(records []*Record, name string) *Record {
	i := slices.IndexFunc(records, func(r *Record) bool { return r.ID == identified(name) })
	if i < 0 {
		return nil
	}
	return records[i]
}

// identified is the id that a segment stands for, which was decoded once.
func identified(segment string) string {
	if plain, err := url.PathUnescape(segment); err == nil {
		return plain
	}
	return segment
}

// unescaped tells of an id that should have been encoded twice: Zoom wants that
// of a uuid that begins with a slash, or holds two.
func unescaped(segment string) bool {
	return strings.HasPrefix(segment, "/") || strings.Contains(segment, "//")
}

// missing says that there is no such thing.
func (w *World) missing(s step, name string) error {
	if m, known := w.quirks.Missing[s.before+"/{"+s.param+"}"]; known {
		return m.Refusal(name)
	}
	m := s.kind.Missing
	if m.Text == "" {
		m = Missing{http.StatusNotFound, 3001, words(s.kind.Name) + " does not exist: %s."}
	}
	return m.Refusal(name)
}

// Missing is how Zoom says that there is no such thing.
type Missing struct {
	Status, Code int
	Text         string // %s stands for what was asked for
}

// Refusal says so of a name.
func (m Missing) Refusal(name string) error { return Refuse(m.Status, m.Code, m.Text, name) }

// words are those of a type's name: TrackingField is "Tracking field".
func words(name string) string {
	low := snake(name)
	return strings.ToUpper(low[:1]) + strings.ReplaceAll(low[1:], "_", " ")
}
