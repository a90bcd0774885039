package graph

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/graph/price"
	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// Groups answers User.groups. What a list of groups brings of them is read in one call, however many there are.
func (r userResolver) Groups(ctx context.Context, user *model.User) ([]*model.Group, error) {
	session := load.From(ctx)
	raw, err := await(ctx, session, user.RawListed("group_ids"))
	if err != nil || raw == nil || string(raw) == "null" {
		return nil, err
	}
	groups := []*model.Group{}
	for i, id := range idsIn(raw) {
		groups = append(groups, r.group(elementContext(ctx, session, i), session, id))
	}
	return groups, nil
}

// What is assumed of groups where operations are priced.
const (
	groupsOfUser    = 10
	groupsOfAccount = 50
)

// groupsOf is how many groups the users of a field are in.
func groupsOf(f *price.Field) int {
	return min(min(f.Things(), groupsOfAccount)*groupsOfUser, groupsOfAccount)
}

// priceGroups prices User.groups.
func priceGroups(f *price.Field) {
	f.Need("groupIds")
	f.Lead(groupsOf(f))
}

// group makes one of the groups that a user is in.
func (s *Server) group(ctx context.Context, session *load.Session, id string) *model.Group {
	one := &detailReader{ctx: ctx, server: s, session: session, op: &opGroup, query: url.Values{}}
	return model.NewGroup(model.NewEntity(groupReader{one}, id, true))
}

// groupReader reads groups out of the list of them.
type groupReader struct{ *detailReader }

// Detail implements model.Reader. The list may have more groups than its first answer: those are read one by one.
func (r groupReader) Detail(key string) func() ([]byte, error) {
	list := r.session.Gather(r.ctx, &opGroups, nil, r.server.mostOf(&opGroups))
	return func() ([]byte, error) {
		body, err := list()
		if err == nil {
			if group := groupIn(body, key); group != nil {
				return group, nil
			}
		} else if zoom := (*client.Error)(nil); !errors.As(err, &zoom) || zoom.Code != client.CodeScopeMissing && zoom.Code != client.CodeForbidden {
			return nil, err
		}
		return r.session.Sending(r.detailReader.Detail(key))()
	}
}

// mostOf asks for as much of a list as Zoom puts in one answer.
func (s *Server) mostOf(op *client.Op) url.Values {
	return url.Values{"page_size": {strconv.Itoa(s.Program.Fact(op.String()).LargestPage())}}
}

// groupIn finds a group in an answer of the list; nil: it is not there.
func groupIn(body []byte, id string) []byte {
	list, _ := rawjson.Member(body, "groups")
	for group := range rawjson.Elements(list) {
		if client.ItemKey(group) == id {
			return group
		}
	}
	return nil
}

// GroupModel answers Account.groupModel from what is declared of the account, without a call.
func (r accountResolver) GroupModel(ctx context.Context, account *model.Account) (*project.Value, error) {
	return r.project.Value(func() ([]byte, error) {
		if account.Key() != ownAccount {
			return []byte("null"), nil
		}
		type rank struct {
			Rank    int      `json:"rank"`
			Group   string   `json:"group"`
			Manages []string `json:"manages"`
		}
		declared := r.principal(ctx).groups.model
		told := struct {
			Model string `json:"model"`
			Ranks []rank `json:"ranks"`
		}{string(declared.Kind), []rank{}}
		if told.Model == "" {
			told.Model = "undeclared"
		}
		for i, g := range declared.Ranks {
			told.Ranks = append(told.Ranks, rank{i + 1, g.Group, g.Manages})
		}
		return json.Marshal(told)
	}, load.From(ctx)), nil
}
