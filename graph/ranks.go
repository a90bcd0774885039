package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/plan"
	"zoomgraph/internal/rawjson"
)

// ranking holds the ranks of groups that a principal knows.
type ranking struct {
	model GroupModel
	log   *slog.Logger // with the account's key
	told  sync.Map     // warnings that were given
}

// newRanking checks the declared sections against the settings that there are.
func newRanking(m GroupModel, log *slog.Logger) (*ranking, error) {
	for _, rank := range m.Ranks {
		for _, managed := range rank.Manages {
			if err := checkManaged(managed); err != nil {
				return nil, fmt.Errorf("group_ranks: %s: %w", rank.Group, err)
			}
		}
	}
	return &ranking{model: m, log: log}, nil
}

// checkManaged refuses what is neither a section of settings nor a setting.
func checkManaged(managed string) error {
	section, name, dotted := strings.Cut(managed, ".")
	trees := []*plan.Tree{userSettingsTree, groupSettingsTree}
	for _, tree := range trees {
		found, ok := tree.SectionOf(section)
		if !ok {
			continue
		}
		if _, known := tree.NameIn(found, name); known || !dotted {
			return nil
		}
	}
	if dotted {
		_, err := groupSettingsTree.Find(managed)
		var zoom *client.Error
		if errors.As(err, &zoom) {
			return errors.New(strings.TrimPrefix(zoom.Message, "fields: "))
		}
	}
	return fmt.Errorf("no section of settings is named %q; sections are such as in_meeting, schedule_meeting, recording", managed)
}

// ranksOf finds the ranks of groups, counted from 1, and 0 for those that have none. Names are looked up in the list of
// groups, which is read only where ids do not tell.
func (s *Server) ranksOf(ctx context.Context, session *load.Session, ids []string) func() ([]int, error) {
	r := s.principal(ctx).groups
	byID := func(id string) bool {
		return slices.ContainsFunc(r.model.Ranks, func(rank GroupRank) bool { return rank.Group == id })
	}
	if len(r.model.Ranks) == 0 || !slices.ContainsFunc(ids, func(id string) bool { return !byID(id) }) {
		return func() ([]int, error) { return r.of(ids, make([]string, len(ids)), nil), nil }
	}
	list := session.Gather(ctx, &opGroups, nil, s.mostOf(&opGroups))
	return func() ([]int, error) {
		body, err := list()
		if err != nil {
			return nil, err
		}
		r.check(ctx, body)
		names := make([]string, len(ids))
		for i, id := range ids {
			group := groupIn(body, id)
			if group == nil {
				if group, err = session.Read(ctx, &opGroup, []string{id}, nil)(); err != nil {
					return nil, err
				}
			}
			name, _ := rawjson.Member(group, "name")
			names[i] = client.IDOf(name)
		}
		return r.of(ids, names, namesakes(body)), nil
	}
}

// of finds ranks by ids and names. A name that several groups have is nobody's.
func (r *ranking) of(ids, names []string, several map[string]bool) []int {
	ranks := make([]int, len(ids))
	for i := range ids {
		ranks[i] = 1 + slices.IndexFunc(r.model.Ranks, func(rank GroupRank) bool {
			return rank.Group == ids[i] || rank.Group == names[i] && names[i] != "" && !several[names[i]]
		})
	}
	return ranks
}

// namesakes are the names that several groups of a list have.
func namesakes(body []byte) map[string]bool {
	seen := map[string]bool{} // false: once
	list, _ := rawjson.Member(body, "groups")
	for group := range rawjson.Elements(list) {
		name, _ := rawjson.Member(group, "name")
		text := client.IDOf(name)
		_, again := seen[text]
		seen[text] = again
	}
	return seen
}

// check warns, once each, of ranks that no group has, that several groups have, and of groups with several ranks.
func (r *ranking) check(ctx context.Context, body []byte) {
	if next, _ := rawjson.Member(body, "next_page_token"); len(next) > len(`""`) {
		return // there are more groups than these
	}
	several := namesakes(body)
	taken := map[string]string{} // id → the rank's text
	for _, rank := range r.model.Ranks {
		list, _ := rawjson.Member(body, "groups")
		found := false
		for group := range rawjson.Elements(list) {
			name, _ := rawjson.Member(group, "name")
			id := client.ItemKey(group)
			if rank.Group != id && rank.Group != client.IDOf(name) {
				continue
			}
			found = true
			if first, again := taken[id]; again {
				r.warn(ctx, "group_ranks names a group twice: the first place counts", rank.Group, "first", first)
			}
			taken[id] = rank.Group
		}
		switch {
		case !found:
			r.warn(ctx, "group_ranks names a group that the account does not have", rank.Group)
		case several[rank.Group]:
			r.warn(ctx, "group_ranks names a group by a name that several have: give its id", rank.Group)
		}
	}
}

func (r *ranking) warn(ctx context.Context, what, group string, more ...any) {
	if _, before := r.told.LoadOrStore(what+"\x00"+group, true); !before {
		r.log.WarnContext(ctx, "the declared ranks do not fit the account's groups", append([]any{"group", group, "why", what}, more...)...)
	}
}
