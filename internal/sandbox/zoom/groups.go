package zoom

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// group is a group of users, as a level of settings. Who is in it, the users know.
type group struct {
	*world.Record
	level
	name func() string
}

func (z *Zoom) groups(q *world.Quirks) {
	q.Things["Group"] = world.Thing{
		Seed: z.seedGroups,
		Enter: func(r *world.Record) {
			if r.Ext == nil {
				r.Ext = &group{Record: r, level: newLevel(r.ID), name: z.nameOf(r)}
			}
		},
		Missing:  world.Missing{Status: http.StatusNotFound, Code: 4130, Text: "Group does not exist: %s."},
		Unique:   "name",
		Conflict: world.Missing{Status: http.StatusConflict, Code: 4132, Text: "A group of this name exists: %s."},
		Gone: func(w *world.World, gone *world.Record) {
			for _, p := range w.All("User") {
				leave(w, p, gone.ID)
			}
		},
	}
	q.Checks["POST /groups"] = hasName
	q.Checks["PATCH /groups/{groupId}"] = func(w *world.World, c *world.Call) error {
		z.version++ // ranks may name it
		return hasName(w, c)
	}
	q.Answers["PATCH /groups/{groupId}/members/{memberId}"] = moveMember
	q.Missing["/groups/{groupId}/members/{memberId}"] = world.Missing{
		Status: http.StatusBadRequest, Code: 1010, Text: "User does not belong to this group: %s.",
	}
}

func (z *Zoom) nameOf(r *world.Record) func() string {
	return func() string { return z.world.Text(r, "name") }
}

func groupID(src world.Source, i int) string { return src.ID("group", strconv.Itoa(i)) }

// seedGroups makes the three groups that there are at the start, each of which
// locks some settings. In two settings the locks of two groups differ.
func (z *Zoom) seedGroups(*world.World, *world.Record) []*world.Record {
	var out []*world.Record
	for i, name := range []string{"Engineering", "Sales", "Support"} {
		r := world.Known(groupID(z.source, i), map[string]any{"name": name})
		g := &group{Record: r, level: newLevel(r.ID), name: z.nameOf(r)}
		g.odd = oddities(z.source, g.ID, z.trees)
		for path, odd := range locksOf(name) {
			g.locked[":"+path], g.odd[":"+path] = true, odd
		}
		r.Ext = g
		out = append(out, r)
	}
	return out
}

// moveMember makes the group a member's primary one, or moves the member to
// another.
func moveMember(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Action string `json:"action"`
		Target string `json:"target_group_id"`
	}
	c.Decode(&body)
	p, from := c.Owner, c.Found["groupId"]
	if body.Action == "set_primary" {
		p.Set("group_ids", withFirst(groupsOf(w, p), from.ID))
		return world.Done(), nil
	}
	if body.Target == "" {
		return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "target_group_id", Message: "Invalid field: it is required to move."})
	}
	if w.Find("Group", body.Target) == nil {
		return world.Answer{}, w.NotFound("Group", body.Target)
	}
	ids := groupsOf(w, p)
	wasPrimary := ids[0] == from.ID
	leave(w, p, from.ID)
	ids = groupsOf(w, p)
	switch {
	case wasPrimary:
		ids = withFirst(ids, body.Target)
	case !slices.Contains(ids, body.Target):
		ids = append(ids, body.Target)
	}
	p.Set("group_ids", ids)
	return world.Done(), nil
}

// groupsOf are the ids of somebody's groups, the primary one first.
func groupsOf(w *world.World, p *world.Record) []string { return w.Texts(p, "group_ids") }

func leave(w *world.World, p *world.Record, group string) {
	if ids := groupsOf(w, p); slices.Contains(ids, group) {
		p.Set("group_ids", slices.DeleteFunc(ids, func(id string) bool { return id == group }))
	}
}

// locksOf returns the settings that a group locks at the start, and whether its
// own value differs from the account's. Of annotation documents let tell which
// value is more restrictive, of entry_exit_chime they do not.
func locksOf(group string) map[string]bool {
	return map[string]map[string]bool{
		"Engineering": {"in_meeting.annotation": false},
		"Sales":       {"in_meeting.annotation": true, "in_meeting.entry_exit_chime": false},
		"Support":     {"in_meeting.file_transfer": true, "recording.local_recording": true, "in_meeting.entry_exit_chime": true},
	}[group]
}

// oddities returns the keys of the handful of settings in which a group deviates
// from the account: of those that users have too, where the group's own value is
// another one.
func oddities(src world.Source, id string, trees map[string]tree) map[string]bool {
	const handful = 6
	var keys []string
	for option, v := range trees[groupSettings] {
		for _, leaf := range v.leaves {
			path, _ := strings.CutPrefix(leaf.Key, option+":")
			inUsers, inAccount := trees[userSettings].find(option, path), trees[accountSettings].find(option, leaf.Path)
			if inUsers != nil && inAccount != nil && inUsers.Kind == leaf.Kind && canDeviate(src, id, leaf) {
				keys = append(keys, leaf.Key)
			}
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		if src.At("odd", id, a) < src.At("odd", id, b) {
			return -1
		}
		return 1
	})
	odd := map[string]bool{}
	for _, key := range keys[:min(handful, len(keys))] {
		odd[key] = true
	}
	return odd
}

// canDeviate tells whether a setting can be a group's own: a switch, or a choice
// of which the group makes another one than the account.
func canDeviate(src world.Source, id string, n *world.Node) bool {
	_, name, _ := strings.Cut(n.Key, ":")
	switch {
	case slices.Contains(LockedSettings(), name), n.Path == meetingPassword, isLockedByAGroup(name):
		return false
	case n.Kind == world.Choice:
		return world.Mix(src.At(id, n.Key))%uint64(len(n.Wire)) != src.At(accountVoice, n.Key)%uint64(len(n.Wire))
	default:
		return n.Kind == world.Boolean
	}
}

// isLockedByAGroup tells of a setting that a group locks at the start.
func isLockedByAGroup(path string) bool {
	return slices.ContainsFunc([]string{"Engineering", "Sales", "Support"}, func(name string) bool {
		_, locks := locksOf(name)[path]
		return locks
	})
}
