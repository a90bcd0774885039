package load

import (
	"net/url"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"zoomgraph/client"
	"zoomgraph/internal/rawjson"
)

// This file has what all reads have in common that ask for the same names of the same kind of view. Clients ask for the
// same ones again and again, so that is made once.

// formKey names a form: a view of anybody's settings, and the names that are asked for, as SettingsKey has them.
type formKey struct {
	op                              *client.Op
	loginType, option, param, names string
}

// form is what a read asks Zoom for: which settings, and not whose. That is never changed; what was learned of the answers is.
type form struct {
	formKey
	list  []string   // of the names, sorted; nil: the whole view
	query string     // without the names
	plain url.Values // the same
	full  url.Values // with the names

	shapes  rawjson.Shapes          // of the answers
	learned atomic.Pointer[learned] // what was learned last of the names
}

// maxForms bounds the forms that a principal keeps: one of a person has few.
const maxForms = 128

// forms are those of a principal.
type forms struct {
	mu    sync.RWMutex
	known map[formKey]*form
}

func (s *forms) of(key formKey) *form {
	s.mu.RLock()
	f := s.known[key]
	s.mu.RUnlock()
	if f != nil {
		return f
	}
	f = newForm(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.known[key]; known != nil { // as the reads of one operation compare them
		return known
	}
	if s.known == nil || len(s.known) == maxForms {
		s.known = map[formKey]*form{}
	}
	s.known[key] = f
	return f
}

func newForm(key formKey) *form {
	f := &form{formKey: key, plain: url.Values{}}
	if key.option != "" {
		f.plain.Set(key.param, key.option)
	}
	if key.loginType != "" {
		f.plain.Set("login_type", key.loginType)
	}
	f.query = f.plain.Encode()
	if f.full = f.plain; key.names == "" {
		return f
	}
	f.full = url.Values{"custom_query_fields": {key.names}}
	for name, values := range f.plain {
		f.full[name] = values
	}
	f.list = strings.Split(key.names, ",")
	return f
}

// with is the form for other names of the same view; none stand for the whole.
func (s *forms) with(f *form, names []string) *form {
	if len(names) == len(f.list) && (len(names) == 0 || &names[0] == &f.list[0]) {
		return f
	}
	key := f.formKey
	key.names = strings.Join(names, ",")
	return s.of(key)
}

// kind is what filters are trusted by.
func (f *form) kind() filterKind { return filterKind{op: f.op, option: f.option} }

// union are the names of all forms, sorted; nil is the whole view.
func union(forms []*form) []string {
	if len(forms) == 1 {
		return forms[0].list
	}
	var names []string
	for _, f := range forms {
		if f.list == nil {
			return nil
		}
		names = append(names, f.list...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// inspect tells which of the form's names an answer holds, at its top or directly under a section, and how many others
// stand there.
func (f *form) inspect(body rawjson.Value) (found []string, others int) {
	var room [maxNames]bool
	has := room[:]
	if len(f.list) > len(has) {
		has = make([]bool, len(f.list))
	}
	count := 0
	look := func(key []byte) bool {
		i := sort.Search(len(f.list), func(i int) bool { return f.list[i] >= string(key) })
		is := i < len(f.list) && f.list[i] == string(key)
		if is && !has[i] {
			has[i] = true
			count++
		}
		return is
	}
	for key, value := range body.Pairs() {
		if look(key) {
			continue
		}
		if len(value.Text) == 0 || value.Text[0] != '{' {
			others++
			continue
		}
		for name := range value.Pairs() {
			if !look(name) {
				others++
			}
		}
	}
	if count == len(f.list) {
		return f.list, others
	}
	for i, name := range f.list {
		if has[i] {
			found = append(found, name)
		}
	}
	return found, others
}
