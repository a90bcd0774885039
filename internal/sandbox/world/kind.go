package world

import (
	"cmp"
	"slices"
	"strings"

	"zoomgraph/graph/program"
)

// This file implements what kinds of things there are, and in which lists they
// live. A kind is a type that a GET answers: things of one type are of one kind
// wherever they are listed. Start reading at addKinds.

// Thing is what Zoom does otherwise with things of a type.
type Thing struct {
	// Count is how many there are at the start in each place; 0: three. Of things
	// that stand for others, [All] is one for each.
	Count int
	// IDs are those that things can have in each place, where there are no others.
	IDs []string
	// Seed makes those in a place, instead; the owner is what the place hangs on.
	Seed func(w *World, owner *Record) []*Record
	// Enter is told of each that comes into the world.
	Enter func(r *Record)
	// Resolve finds whom a path's segment names, instead of by id.
	Resolve func(w *World, c *Call, name string) (*Record, error)
	// Also are fields that name a thing as its id does.
	Also []string
	// Filters tell what a list keeps for the value of a query parameter that is no
	// field of its things, by the parameter's name.
	Filters map[string]func(w *World, r *Record, value string) bool
	// Computed are values that depend on others, by the field's path; nil: none.
	Computed map[string]func(w *World, r *Record) any
	// Drawn are the same where nobody has written one, in place of made-up ones.
	Drawn map[string]func(w *World, r *Record) any
	// Shared are fields of which a thing has the value of what it hangs on, where
	// nobody has written another: an instance has its meeting's topic.
	Shared []string
	// Above are those, the nearest first, of which a thing has the values that nobody has
	// written of itself: what was written of one of them, or else what the last one has.
	Above func(w *World, r *Record) []*Record
	// Stands is the type of things that these stand for, by their ids: a member of
	// something for a user. What those have is theirs too.
	Stands string
	// Missing is how Zoom says that there is none of a name.
	Missing Missing
	// New are values of a new thing that the body leaves open.
	New map[string]any
	// Unique is a field of which no two things have the same value.
	Unique   string
	Conflict Missing // says so
	// Gone is told when one was deleted.
	Gone func(w *World, r *Record)
}

// All is the Count of things of which there is one for each that they stand for.
const All = -1

type kind struct {
	Thing
	Name   string
	key    string // the field that holds the id; "" where there is none
	param  string // the parameter of paths that takes the id
	homes  []home
	global bool // ids are good without the place: paths name one by the id alone
	fields map[string]*Node
	nodes  []*Node         // the same, as shapes have them
	plans  map[string]bool // fields that a body may say: of times, those may be to come

	world *World
}

// home is a template of places in which things of a kind live.
type home struct {
	path  string
	list  *Operation // nil where no operation lists them
	steps []step
}

func (k *kind) isHome(list *Operation) bool {
	return slices.ContainsFunc(k.homes, func(h home) bool { return h.list == list })
}

// addKinds finds the kinds, and says of each operation what it does.
func (a *api) addKinds() {
	listAt := map[string]*Operation{}
	for _, o := range a.sorted() {
		if o.rows {
			listAt[o.Path] = o
			o.kind = a.kindOf(o.item)
		}
	}
	for _, o := range a.sorted() {
		if !o.Reads() || o.rows || o.item == nil {
			continue
		}
		if !o.endsInThing() {
			o.kind = a.kindOf(o.item)
			continue
		}
		if list := listAt[o.last().before]; list != nil {
			o.kind = list.kind
			o.kind.learn(o.item)
		} else {
			o.kind = a.kindOf(o.item)
		}
		a.isDetail(o)
	}
	a.settle(listAt)
	for _, o := range a.sorted() {
		if o.Token != program.AppToken { // what apps make is their own: no list has it
			a.bind(o.steps, listAt)
		}
		o.act = a.actOf(o, listAt)
		a.payload(o)
		if o.kind != nil && o.Body != nil {
			for _, f := range o.Body.Fields {
				o.kind.plans[f.Name] = true
			}
		}
	}
	for _, k := range a.kinds {
		for i := range k.homes {
			a.bind(k.homes[i].steps, listAt)
		}
	}
}

// payload leaves things out of what a write answers: they are read back by
// operations of their own. What a batch made is answered.
func (a *api) payload(o *Operation) {
	if o.Reads() {
		return
	}
	o.thing = o.kind != nil && slices.Contains(o.holds, o.kind.Name)
	o.item.Fields = slices.DeleteFunc(o.item.Fields, func(f *Node) bool {
		k := a.kinds[f.Type]
		o.thing = o.thing || k != nil && k == o.kind
		return k != nil && (f.Kind != List || f.Name != tail(o.listPath()))
	})
}

// isDetail notes an operation that reads one thing by its id: of several the one
// of the shortest path.
func (a *api) isDetail(o *Operation) {
	k := o.kind
	k.key = k.keyFor(o.last().param)
	if d := a.detail[k]; d == nil || len(o.Path) < len(d.Path) {
		k.param, a.detail[k] = o.last().param, o
	}
}

// kindOf returns the kind of what an operation answers.
func (a *api) kindOf(item *Node) *kind {
	k := a.kinds[item.Type]
	if k == nil {
		k = newKind(item.Type)
		a.kinds[item.Type] = k
	}
	k.learn(item)
	if k.key == "" {
		k.key = k.keyFor("")
	}
	return k
}

func newKind(name string) *kind {
	return &kind{Name: name, fields: map[string]*Node{}, plans: map[string]bool{}}
}

func (k *kind) learn(item *Node) {
	for _, f := range item.Fields {
		if k.fields[f.Name] == nil {
			k.fields[f.Name] = f
			k.nodes = append(k.nodes, f)
		}
	}
}

// keyFor returns the field that holds what a parameter takes.
func (k *kind) keyFor(param string) string {
	names := []string{"id", program.Snake(param), snake(k.Name) + "_id", "uuid", "number"}
	if strings.HasSuffix(strings.ToLower(param), "uuid") {
		names = append([]string{"uuid"}, names...)
	}
	for _, name := range names {
		if k.fields[name] != nil {
			return name
		}
	}
	return ""
}

// settle finds the homes: the lists that a POST adds to; or else the lists right
// before the id in the path of a thing; or else all lists. What lives below other
// things is not at home in a list of all of them. Things of one kind may live below
// those of several: registrants below meetings and below webinars.
func (a *api) settle(listAt map[string]*Operation) {
	for _, o := range a.sorted() {
		if k := o.kind; o.rows && a.isHomeOf(k, o, listAt) {
			k.homes = append(k.homes, home{o.Path, o, stepsOf(o.Path)})
		}
	}
	for _, o := range a.sorted() {
		if k := o.kind; k != nil && a.detail[k] == o {
			a.named(k, o)
		}
	}
}

func (a *api) isHomeOf(k *kind, o *Operation, listAt map[string]*Operation) bool {
	below, posted := false, false
	for path, list := range listAt {
		if list.kind == k && !list.hangsOn(k, listAt) {
			below = below || !list.ofAll()
			posted = posted || a.ops["POST "+path] != nil
		}
	}
	var before *Operation
	if d := a.detail[k]; d != nil {
		before = listAt[d.last().before]
		k.global = before == nil || before.ofAll()
	}
	switch {
	case before != nil && !before.ofAll():
		return o == before || a.ops["POST "+o.Path] != nil && !o.ofAll()
	case before != nil && (a.ops["POST "+before.Path] != nil || !below):
		return o == before
	case posted:
		return a.ops["POST "+o.Path] != nil
	}
	return (!below || !o.ofAll()) && !o.hangsOn(k, listAt)
}

// hangsOn tells of a list that hangs on a thing of its own kind.
func (o *Operation) hangsOn(k *kind, listAt map[string]*Operation) bool {
	return slices.ContainsFunc(o.steps, func(s step) bool { l := listAt[s.before]; return l != nil && l.kind == k })
}

// ofAll tells of a list that hangs on nothing but the account.
func (o *Operation) ofAll() bool {
	return !slices.ContainsFunc(o.steps, func(s step) bool { return s.param != "accountId" })
}

// named notes which parameter takes the id of a kind, and which fields hold it.
func (a *api) named(k *kind, detail *Operation) {
	s := detail.last()
	if k.homes == nil {
		k.homes = []home{{s.before, nil, stepsOf(s.before)}}
	}
	k.global = k.global || len(detail.steps) == 1
	own := snake(k.Name) + "_id"
	a.links[own], a.links[own+"s"] = cmp.Or(a.links[own], k), cmp.Or(a.links[own+"s"], k)
	if at := a.params[k.param]; at == nil || len(a.detail[at].Path) > len(detail.Path) {
		a.params[k.param] = k
		name := program.Snake(k.param)
		a.links[name], a.links[name+"s"] = k, k
	}
}

// bind says what the parameters of a path name: one of the list before it, where
// some path ends there or the list is that of a thing; anywhere else what the
// parameter's name says.
func (a *api) bind(steps []step, listAt map[string]*Operation) {
	for i := range steps {
		s := &steps[i]
		list, known := listAt[s.before], a.params[s.param]
		switch {
		case s.values != nil:
		case list != nil && (known == nil || !known.global || !list.ofAll() || a.endsAt(s.before+"/{"+s.param+"}")):
			s.list, s.kind = list, list.kind
		case known == nil && len(steps) == 1:
			s.kind = byTail(s.before, listAt)
		default:
			s.kind = known
		}
	}
}

// byTail is the kind of the only list of a chapter that ends with the same word:
// /phone/voice_mails/{voicemailId} names one of /phone/users/{userId}/voice_mails.
func byTail(path string, listAt map[string]*Operation) *kind {
	var found *kind
	for _, l := range listAt {
		if tail(l.Path) != tail(path) || strings.Split(l.Path, "/")[1] != strings.Split(path, "/")[1] {
			continue
		}
		if found != nil && found != l.kind {
			return nil
		}
		found = l.kind
	}
	if found != nil {
		found.global = true
	}
	return found
}

// endsAt tells whether an operation's path is this one.
func (a *api) endsAt(path string) bool {
	return slices.ContainsFunc([]string{"GET ", "PATCH ", "PUT ", "DELETE "}, func(method string) bool { return a.ops[method+path] != nil })
}

// people are names of fields that hold the id of a user.
var people = []string{"host_id", "owner_id", "creator_id", "assistant_id", "operator_id", "member_id", "participant_user_id"}

// linked returns the kind that a field holds the id of, nil for none. The field
// may say more: a parent_location_id is that of a location.
func (a *api) linked(name string) *kind {
	if slices.Contains(people, name) {
		name = "user_id"
	}
	for {
		if k := a.links[name]; k != nil {
			return k
		}
		_, shorter, more := strings.Cut(name, "_")
		if !more {
			return nil
		}
		name = shorter
	}
}

// snake is a type's name as Zoom would write it.
func snake(name string) string { return strings.TrimPrefix(program.Snake(name), "_") }
