package zoom

import (
	"cmp"
	"slices"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// This file implements who makes and takes calls for whom. Start reading at delegate.

// firstAssistants says who assists at the start: of five users the first has the third one and a common area, and the
// second has the first.
var firstAssistants = map[int]int{0: 2, 1: -1}

// assistantsOf are those who make calls for a user.
func (z *Zoom) assistantsOf(w *world.World, user *world.Record) []*world.Record {
	l := lineOf(user)
	if l.known {
		return l.assistants
	}
	var out []*world.Record
	if by, has := firstAssistants[l.at%5]; has {
		if r := z.lineBeside(w, user, by); r != nil {
			out = append(out, r)
		}
	}
	if areas := w.First("CommonAreaPhone"); l.at%5 == 0 && len(areas) > 0 {
		out = append(out, areas[l.at/5%len(areas)])
	}
	return out
}

// executivesOf are those who have a user as an assistant.
func (z *Zoom) executivesOf(w *world.World, user *world.Record) []*world.Record {
	l := lineOf(user)
	if l.known {
		return l.executives
	}
	var out []*world.Record
	for _, by := range []int{2, -1} {
		if r := z.lineBeside(w, user, -by); r != nil && slices.Contains(z.assistantsOf(w, r), user) {
			out = append(out, r)
		}
	}
	return out
}

// remember makes a line say who its assistants are, and whose assistant it is.
func (z *Zoom) remember(w *world.World, user *world.Record) *phoneLine {
	l := lineOf(user)
	if !l.known {
		l.assistants, l.executives, l.known = z.assistantsOf(w, user), z.executivesOf(w, user), true
	}
	return l
}

// delegate makes somebody an assistant of a user, or ends that.
func (z *Zoom) delegate(w *world.World, user, to *world.Record, assists bool) {
	l := z.remember(w, user)
	l.assistants = including(l.assistants, to, assists)
	if w.Find(phoneUserType, to.ID) == to {
		other := z.remember(w, to)
		other.executives = including(other.executives, user, assists)
	}
	user.Merge(nil) // what others read has changed
}

// including is a list with somebody in it once, or without.
func including(list []*world.Record, one *world.Record, in bool) []*world.Record {
	out := slices.DeleteFunc(slices.Clone(list), func(r *world.Record) bool { return r == one })
	if in {
		out = append(out, one)
	}
	return out
}

// there are those of a list who are still there.
func there(w *world.World, list []*world.Record) []*world.Record {
	return slices.DeleteFunc(slices.Clone(list), func(r *world.Record) bool {
		return w.Find(phoneUserType, r.ID) != r && w.Find("CommonAreaPhone", r.ID) != r
	})
}

// delegation is how others make calls for a user.
type delegation struct {
	Assistants []extensionObject `json:"assistants"`
	Privacy    bool              `json:"privacy"`
	Privileges []int             `json:"privileges"`
	Locked     *bool             `json:"locked,omitempty"` // nil in what a write answers
}

func (z *Zoom) delegationOf(w *world.World, user *world.Record) any {
	d := z.delegationTo(w, user)
	d.Locked = cmp.Or(lineOf(user).settings.Locked, new(bool))
	return d
}

// delegationTo is the same as one who is added to it is answered.
func (z *Zoom) delegationTo(w *world.World, user *world.Record) delegation {
	s := lineOf(user).settings
	d := delegation{Assistants: []extensionObject{}, Privileges: s.Privileges, Privacy: s.Privacy != nil && *s.Privacy}
	if d.Privileges == nil {
		d.Privileges = []int{1, 2}
	}
	for _, r := range there(w, z.assistantsOf(w, user)) {
		d.Assistants = append(d.Assistants, extensionIn(w, r))
	}
	return d
}

// sharedLinesOf are the calls for others that ring at a user's.
func (z *Zoom) sharedLinesOf(w *world.World, user *world.Record) any {
	executives, groups := []map[string]any{}, []map[string]any{}
	for _, r := range there(w, z.executivesOf(w, user)) {
		executives = append(executives, map[string]any{"user_id": r.ID, "display_name": w.Raw(r, "name"), "receive_calls": true, "allow_opt_out": true})
	}
	for _, r := range w.All("SharedLineGroup") {
		if strings.Contains(string(w.Raw(r, "members")), `"`+user.ID+`"`) {
			groups = append(groups, map[string]any{"slg_id": r.ID, "display_name": w.Raw(r, "display_name"), "receive_calls": true})
		}
	}
	return map[string]any{
		"shared_line_appearances": map[string]any{"executives": executives},
		"shared_line_groups":      map[string]any{"receive_calls": len(groups) > 0, "shared_line_group": groups},
	}
}
