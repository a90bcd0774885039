package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// group is a group of users. Who is in it, the users know.
type group struct {
	level
	ID, Name string
}

// listedGroup is a group as Zoom answers it.
type listedGroup struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	TotalMembers int    `json:"total_members"`
}

// added is the answer to what takes users into something.
type added struct {
	IDs     string `json:"ids"`
	AddAt   string `json:"add_at,omitempty"`
	AddedAt string `json:"added_at,omitempty"`
}

func groupID(src source, i int) string { return src.id("group", strconv.Itoa(i)) }

// newGroups makes the three groups that there are at the start, each of which
// locks some settings. In two settings the locks of two groups differ.
func newGroups(src source, trees map[string]tree) []*group {
	var out []*group
	for i, name := range []string{"Engineering", "Sales", "Support"} {
		g := &group{level: newLevel(groupID(src, i)), ID: groupID(src, i), Name: name}
		g.odd = oddities(src, g.ID, trees)
		for path, odd := range locksOf(name) {
			g.locked[":"+path], g.odd[":"+path] = true, odd
		}
		out = append(out, g)
	}
	return out
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
func oddities(src source, id string, trees map[string]tree) map[string]bool {
	const handful = 6
	var keys []string
	for option, v := range trees[groupSettings] {
		for _, leaf := range v.leaves {
			path, _ := strings.CutPrefix(leaf.key, option+":")
			inUsers, inAccount := trees[userSettings].find(option, path), trees[accountSettings].find(option, leaf.path)
			if inUsers != nil && inAccount != nil && inUsers.kind == leaf.kind && canDeviate(src, id, leaf) {
				keys = append(keys, leaf.key)
			}
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		if src.at("odd", id, a) < src.at("odd", id, b) {
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
func canDeviate(src source, id string, n *node) bool {
	_, name, _ := strings.Cut(n.key, ":")
	switch {
	case slices.Contains(LockedSettings(), name), n.path == meetingPassword, isLockedByAGroup(name):
		return false
	case n.kind == choice:
		return mix(src.at(id, n.key))%uint64(len(n.wire)) != src.at(accountVoice, n.key)%uint64(len(n.wire))
	default:
		return n.kind == boolean
	}
}

// isLockedByAGroup tells of a setting that a group locks at the start.
func isLockedByAGroup(path string) bool {
	return slices.ContainsFunc([]string{"Engineering", "Sales", "Support"}, func(name string) bool {
		_, locks := locksOf(name)[path]
		return locks
	})
}

func (w *world) group(id string) *group {
	if i := slices.IndexFunc(w.groups, func(g *group) bool { return g.ID == id }); i >= 0 {
		return w.groups[i]
	}
	return nil
}

func (w *world) listed(g *group) listedGroup {
	out := listedGroup{ID: g.ID, Name: g.Name}
	for _, p := range w.people.all {
		if slices.Contains(p.GroupIDs, g.ID) {
			out.TotalMembers++
		}
	}
	return out
}

// listGroups answers all groups, or a page of them where a size is asked for.
func (s *Server) listGroups(c *call) (answer, error) {
	all := make([]listedGroup, len(s.world.groups))
	for i, g := range s.world.groups {
		all[i] = s.world.listed(g)
	}
	out := struct {
		NextPageToken *string       `json:"next_page_token,omitempty"`
		TotalRecords  int           `json:"total_records"`
		Groups        []listedGroup `json:"groups"`
	}{nil, len(all), all}
	if c.values.Get("page_size") != "" {
		head, some, err := pageOf(s, c, all)
		if err != nil {
			return answer{}, err
		}
		out.NextPageToken, out.Groups = &head.NextPageToken, some
	}
	return ok(encode(out)), nil
}

func (s *Server) getGroup(c *call) (answer, error) {
	return ok(encode(s.world.listed(c.group))), nil
}

func (s *Server) createGroup(c *call) (answer, error) {
	g := &group{}
	if err := s.nameGroup(c, g); err != nil {
		return answer{}, err
	}
	id := s.world.newID("group")
	g.level, g.ID = newLevel(id), id
	s.world.groups = append(s.world.groups, g)
	return created(encode(s.world.listed(g))), nil
}

func (s *Server) updateGroup(c *call) (answer, error) {
	return done(), s.nameGroup(c, c.group)
}

// nameGroup gives a group the name in the body, which no other may have.
func (s *Server) nameGroup(c *call, g *group) error {
	body := struct {
		Name string `json:"name"`
	}{g.Name}
	c.decode(&body)
	if body.Name == "" {
		return invalid(fieldRefusal{Field: "name", Message: "Invalid field: expected a name."})
	}
	taken := func(other *group) bool { return other != g && strings.EqualFold(other.Name, body.Name) }
	if slices.ContainsFunc(s.world.groups, taken) {
		return refuse(http.StatusConflict, 4132, "A group of this name exists: %s.", body.Name)
	}
	g.Name = body.Name
	s.world.version++ // ranks may name it
	return nil
}

func (s *Server) deleteGroup(c *call) (answer, error) {
	s.world.groups = slices.DeleteFunc(s.world.groups, func(g *group) bool { return g == c.group })
	for _, p := range s.world.people.all {
		p.leave(c.group)
	}
	return done(), nil
}

// join makes somebody a member, with the group as the primary one if told to.
func (p *person) join(g *group, primary bool) {
	switch {
	case primary:
		p.GroupIDs = withFirst(p.GroupIDs, g.ID)
	case !slices.Contains(p.GroupIDs, g.ID):
		p.GroupIDs = append(slices.Clone(p.GroupIDs), g.ID)
	}
	p.forget()
}

func (p *person) leave(g *group) {
	p.GroupIDs = slices.DeleteFunc(slices.Clone(p.GroupIDs), func(id string) bool { return id == g.ID })
	p.forget()
}

func (s *Server) groupMembers(c *call) (answer, error) {
	return s.members(c, func(p *person) bool { return slices.Contains(p.GroupIDs, c.group.ID) })
}

func (s *Server) addGroupMembers(c *call) (answer, error) {
	var body struct {
		Members []reference `json:"members"`
	}
	c.decode(&body)
	people, err := s.world.peopleNamed(body.Members)
	if err != nil {
		return answer{}, err
	}
	for _, p := range people {
		p.join(c.group, false)
	}
	return created(encode(added{IDs: idsOf(people), AddedAt: timestamp(c.now)})), nil
}

// groupMember returns the member that the path names.
func (s *Server) groupMember(c *call) (*person, error) {
	p := s.world.people.find(c.vars["memberId"])
	if p == nil || !slices.Contains(p.GroupIDs, c.group.ID) {
		return nil, refuse(http.StatusBadRequest, 1010, "User does not belong to this group: %s.", c.vars["memberId"])
	}
	return p, nil
}

func (s *Server) updateGroupMember(c *call) (answer, error) {
	var body struct {
		Action string `json:"action"`
		Target string `json:"target_group_id"`
	}
	c.decode(&body)
	p, err := s.groupMember(c)
	if err != nil {
		return answer{}, err
	}
	if body.Action == "set_primary" {
		p.join(c.group, true)
		return done(), nil
	}
	if body.Target == "" {
		return answer{}, invalid(fieldRefusal{Field: "target_group_id", Message: "Invalid field: it is required to move."})
	}
	target := s.world.group(body.Target)
	if target == nil {
		return answer{}, noGroup(body.Target)
	}
	wasPrimary := p.GroupIDs[0] == c.group.ID
	p.leave(c.group)
	p.join(target, wasPrimary)
	return done(), nil
}

func (s *Server) deleteGroupMember(c *call) (answer, error) {
	p, err := s.groupMember(c)
	if err != nil {
		return answer{}, err
	}
	p.leave(c.group)
	return done(), nil
}
