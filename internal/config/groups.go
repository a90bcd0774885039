package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// GroupModel says how several groups of a user decide.
type GroupModel string

// The values of GroupModel; "" declares nothing.
const (
	GroupModelLegacy GroupModel = "legacy"
	GroupModelRanked GroupModel = "ranked"
)

// UnmarshalText accepts legacy and ranked.
func (m *GroupModel) UnmarshalText(text []byte) error {
	return oneOf(m, text, GroupModelLegacy, GroupModelRanked)
}

// GroupRanks are the declared ranks of an account's groups, the highest first.
type GroupRanks struct{ List []GroupRank }

// GroupRank is one of them.
type GroupRank struct {
	// Group is the group's id or name.
	Group string `json:"group"`
	// Manages are the sections, or settings as section.name, that the group manages; nil: all.
	Manages []string `json:"manages,omitempty"`
}

// UnmarshalText accepts groups with commas between them, each with what it manages where that is not all:
// Support=in_meeting+recording,Sales. A JSON list of {"group", "manages"} is for names that hold such characters.
func (r *GroupRanks) UnmarshalText(text []byte) error {
	*r = GroupRanks{}
	if strings.HasPrefix(string(text), "[") {
		d := json.NewDecoder(strings.NewReader(string(text)))
		d.DisallowUnknownFields()
		if err := d.Decode(&r.List); err != nil {
			return errors.New(`not a JSON list such as [{"group": "Support", "manages": ["in_meeting"]}]`)
		}
		return r.check()
	}
	for one := range strings.SplitSeq(string(text), ",") {
		group, managed, some := strings.Cut(strings.TrimSpace(one), "=")
		rank := GroupRank{Group: group}
		if some {
			rank.Manages = strings.Split(managed, "+")
		}
		r.List = append(r.List, rank)
	}
	return r.check()
}

func (r *GroupRanks) check() error {
	for i, rank := range r.List {
		if strings.TrimSpace(rank.Group) == "" {
			return fmt.Errorf("the group of place %d has neither an id nor a name", i+1)
		}
		for _, managed := range rank.Manages {
			if managed == "" {
				return fmt.Errorf("%s manages a section without a name; leave out what it manages where that is all", rank.Group)
			}
		}
	}
	return nil
}

// ranks reads the list of a file: ids or names, or {group, manages}.
func (b *block) ranks(into *GroupRanks) error {
	items, err := b.items()
	if err != nil {
		return err
	}
	for _, item := range items {
		rank := GroupRank{}
		if _, plain := item.node.(ast.ScalarNode); plain {
			rank.Group, err = text(item.node)
		} else {
			err = item.read(map[string]any{"group": &rank.Group, "manages": &rank.Manages})
		}
		if err != nil {
			return err
		}
		into.List = append(into.List, rank)
	}
	if err := into.check(); err != nil {
		return fmt.Errorf("%s: %w", b.at, err)
	}
	return nil
}

// ranksText is the list as one would write it behind the flag.
func (b *block) ranksText(ast.Node) (string, error) {
	var ranks GroupRanks
	if err := b.ranks(&ranks); err != nil {
		return "", err
	}
	list, err := json.Marshal(ranks.List)
	return string(list), err
}

// checkGroups refuses ranks of groups that have none.
func checkGroups(model GroupModel, ranks GroupRanks) error {
	if len(ranks.List) > 0 && model != GroupModelRanked {
		return errors.New("groups have ranks only where the model is ranked; say so, or leave the ranks out")
	}
	return nil
}
