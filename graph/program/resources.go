package program

import (
	"fmt"
	"slices"
	"strings"
)

// This file implements what a read tells of and what a write touches: resources. Once a resource was written, no answer
// that tells of it is believed any more. Start reading at resolve.
//
//	*                                  everything of the account; all reads tell of it
//	any                                what every write touches
//	meetings/*                         all of an area, which is the first word of a path
//	meetings                           what lists meetings, or shows some of their fields
//	meetings/{meetingId}               one meeting, and all below it
//	meetings/{meetingId}/registrants   one collection below it
//	meetings/?                         meetings by names from which the id cannot be told
//
// Paths tell most of it. What a path cannot tell is a fact: docs/operations.yaml has `tells` of reads, which is beside
// what their path says, and `touches` of writes, which is all that they touch. A write of which nothing is known touches
// everything.

// The resources that no path names.
const (
	Everything = "*"
	Any        = "any"
)

// Unnamed is the end of the resource of things by names from which their id cannot be told.
const Unnamed = "?"

// IsID tells the id of a thing from its other names in paths; nil: things of that kind have one name.
func IsID(kind string) func(name string) bool {
	switch kind {
	case "users": // or an e-mail address, or "me"
		return func(name string) bool { return name != "me" && !strings.Contains(name, "@") }
	case "meetings", "webinars": // or the UUID of an instance
		return func(name string) bool { return strings.Trim(name, "0123456789") == "" }
	}
	return nil
}

// watchedTogether are the kinds of things that have several names which cannot be told apart: they are watched together.
var watchedTogether = []string{"accounts", "phone/users", "chat/users", "im/users"}

// unnamed is a resource without the name of a thing that has several which look alike.
func unnamed(resource string) string {
	if kind, param, below := SplitResource(resource); param != "" && slices.Contains(watchedTogether, kind) {
		return kind + "/" + Unnamed + below
	}
	return resource
}

// pathParts is what an operation's path consists of.
type pathParts struct {
	kind  string // "meetings", "phone/call_queues": what the thing is, or what is listed
	thing string // "meetings/{meetingId}"; "": the path names none
	below string // "registrants"; "": it ends at the thing
	other string // the kind that stands below a thing of another kind: "meetings" of /users/{userId}/meetings
}

func (parts pathParts) area() string {
	area, _, _ := strings.Cut(parts.kind, "/")
	return area + "/*"
}

// collection is the resource of what stands below the thing.
func (parts pathParts) collection() string { return parts.thing + "/" + parts.below }

// paths is what all paths together say.
type paths struct {
	areas  map[string]bool // first words
	things map[string]bool // kinds of which a path names one
	lists  map[string]bool // kinds that are read without naming one
	below  map[string]bool // kind and collection that are read
}

// resolve fills in the resources of all operations. The error says which fact cannot be right.
func resolve(facts []*Chapter) error {
	var all []*Operation
	for _, chapter := range facts {
		all = append(all, chapter.Operations...)
	}
	p := readPaths(all)
	told, touched := map[string]bool{Everything: true}, map[string]bool{Any: true}
	for _, op := range all {
		if op.Reads() {
			op.Resources = merged(p.tells(p.split(op)), op.Tells)
		} else if op.Resources = op.Touches; op.Resources == nil {
			op.Resources = p.touches(op.Method, p.split(op))
		}
		op.Resources = slices.Clone(op.Resources)
		for i, resource := range op.Resources {
			resource = unnamed(resource)
			op.Resources[i] = resource
			if op.Reads() {
				told[shape(resource)] = true
				continue
			}
			touched[shape(resource)] = true
			if kind, param, _ := SplitResource(resource); param != "" && IsID(kind) != nil {
				touched[kind+"/*"] = true // by a name that does not tell the id
			}
		}
	}
	for _, op := range all {
		if err := op.checkResources(told, touched); err != nil {
			return err
		}
		if op.Reads() { // what nobody writes need not be watched
			op.Resources = slices.DeleteFunc(op.Resources, func(resource string) bool { return !touched[shape(resource)] })
		}
	}
	return nil
}

// checkResources finds facts that have no effect: a slip in a name would leave old answers believed.
func (o *Operation) checkResources(told, touched map[string]bool) error {
	switch {
	case o.Reads() && o.Touches != nil:
		return fmt.Errorf("%s is a read, so it touches nothing: it may say what it tells of", o.Op)
	case !o.Reads() && o.Tells != nil:
		return fmt.Errorf("%s is a write, so it tells of nothing: it may say what it touches", o.Op)
	}
	for _, resource := range o.Touches {
		if !told[shape(unnamed(resource))] {
			return fmt.Errorf("%s touches %q, of which no read tells", o.Op, resource)
		}
	}
	for _, resource := range o.Tells {
		if !touched[shape(unnamed(resource))] {
			return fmt.Errorf("%s tells of %q, which no write touches", o.Op, resource)
		}
	}
	for _, resource := range o.Resources {
		if _, param, _ := SplitResource(resource); param != "" && !slices.Contains(o.Params, param) {
			return fmt.Errorf("%s: the path has no {%s}, which the resource %q takes", o.Op, param, resource)
		}
	}
	return nil
}

// SplitResource cuts a resource at the parameter of the path that it takes: "meetings", "meetingId" and "/registrants".
// param is "" where it takes none, and kind is then the resource itself.
func SplitResource(resource string) (kind, param, below string) {
	kind, rest, ok := strings.Cut(resource, "/{")
	if !ok {
		return resource, "", ""
	}
	param, below, _ = strings.Cut(rest, "}")
	return kind, param, below
}

// shape is a resource without the name of its parameter: the paths call one thing by several.
func shape(resource string) string {
	kind, param, below := SplitResource(resource)
	if param == "" {
		return strings.TrimSuffix(kind, Unnamed)
	}
	return kind + "/" + below
}

// readPaths learns from all paths which kinds of things there are.
func readPaths(all []*Operation) *paths {
	p := &paths{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for _, op := range all {
		first, _, _ := strings.Cut(op.Path[1:], "/")
		p.areas[first] = true
	}
	delete(p.areas, "accounts")
	for _, op := range all {
		kind, named := cutThing(p.words(op))
		switch {
		case named:
			p.things[kind] = true
		case op.Reads():
			p.lists[kind] = true
		}
	}
	for _, op := range all {
		if parts := p.split(op); op.Reads() && parts.below != "" {
			p.below[parts.kind+"/"+parts.below] = true
		}
	}
	return p
}

// words are those of a path, from its area on: an account in front of another area only says whose it is, and a meeting
// that is over or under way is one.
func (p *paths) words(op *Operation) []string {
	words := strings.Split(op.Path[1:], "/")
	if words[0] == "accounts" && len(words) > 2 && p.areas[words[2]] {
		words = words[2:]
	}
	words[0] = strings.TrimPrefix(strings.TrimPrefix(words[0], "past_"), "live_")
	return words
}

// cutThing is the kind that the words begin with, and whether they name a thing of it.
func cutThing(words []string) (kind string, named bool) {
	i := slices.IndexFunc(words, isParam)
	if i < 0 {
		return strings.Join(words, "/"), false
	}
	return strings.Join(words[:i], "/"), true
}

func isParam(word string) bool { return word[0] == '{' }

// split finds the innermost thing that a path names, and what stands below it.
func (p *paths) split(op *Operation) pathParts {
	words := p.words(op)
	kind, named := cutThing(words)
	parts := pathParts{kind: kind}
	if !named {
		return parts
	}
	words = words[strings.Count(kind, "/")+1:]
	parts.thing, words = kind+"/"+words[0], words[1:]
	for len(words) > 0 {
		inner, named := cutThing(words)
		other := kind[:strings.LastIndex(kind, "/")+1] + inner
		if !named || !p.things[other] {
			parts.below = words[0]
			if p.things[other] || p.lists[other] {
				parts.other = other
			}
			break
		}
		words = words[strings.Count(inner, "/")+1:]
		parts.kind, parts.thing, words = other, other+"/"+words[0], words[1:]
	}
	return parts
}

// tells is what a read tells of, as far as its path says.
func (p *paths) tells(parts pathParts) []string {
	resources := []string{parts.area()}
	switch {
	case parts.thing == "":
		return append(resources, parts.kind)
	case parts.below == "":
		return append(resources, parts.thing)
	case parts.other == "":
		return append(resources, parts.thing, parts.collection())
	}
	return append(resources, parts.thing, parts.collection(), parts.other)
}

// touches is what a write touches, as far as its path says. A thing has collections, which are read by
// themselves, and all else is part of it: what its lists show of it too. Settings hold for all of a thing.
func (p *paths) touches(method string, parts pathParts) []string {
	switch {
	case parts.thing == "" && method == "POST" && (p.things[parts.kind] || p.lists[parts.kind]):
		return []string{parts.kind}
	case parts.thing == "" && p.lists[parts.kind]:
		return []string{parts.area(), parts.kind}
	case parts.thing == "":
		return []string{Everything}
	case parts.below == "settings":
		return []string{parts.thing}
	case parts.below != "" && p.below[parts.kind+"/"+parts.below]:
		if parts.other != "" {
			return []string{parts.other}
		}
		return []string{parts.collection()}
	case parts.other != "":
		return []string{parts.thing, parts.kind, parts.other}
	}
	return []string{parts.thing, parts.kind}
}

// merged are the resources of both, once each.
func merged(resources, more []string) []string {
	for _, resource := range more {
		if !slices.Contains(resources, resource) {
			resources = append(resources, resource)
		}
	}
	return resources
}
