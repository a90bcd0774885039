package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"zoomgraph/internal/redistest"
	"zoomgraph/internal/sandbox"
)

// After a write what it changed is asked of Zoom again, and nothing else is: in one process, and with Redis, where a
// second replica follows.
func TestWhatWritesTouch(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	for name, test := range map[string]struct{ write, again string }{
		"a user's settings": {
			`mutation { updateUserSettings(id: "ADA", input: {scheduleMeeting: {hostVideo: true}}) { user { id } } }`,
			"Ada, Ada's permissions, Ada's schedulers, Ada's settings",
		},
		"a user": {
			`mutation { updateUser(id: "ADA", input: {dept: "R&D"}) { user { id } } }`,
			"Ada, Ada's permissions, Ada's schedulers, Ada's settings, Ben's schedulers, group, groups, members, role members, roles, users",
		},
		"a user's assistants": {
			`mutation { addUserAssistants(id: "ADA", input: {assistants: [{id: "BEN"}]}) { ids } }`,
			"Ada's schedulers, Ben's schedulers",
		},
		"a group": {
			`mutation { updateGroup(id: "GROUP", input: {name: "Others"}) { group { id } } }`,
			"group, group settings, groups, members",
		},
		"a new group": {
			`mutation { createGroup(input: {name: "More"}) { group { id } } }`,
			"groups",
		},
		"a group's settings": {
			`mutation { updateGroupSettings(id: "GROUP", input: {scheduleMeeting: {hostVideo: true}}) { group { id } } }`,
			"Ada, Ada's permissions, Ada's schedulers, Ada's settings, Ben, Ben's schedulers, Ben's settings, group, group settings, members, users",
		},
		"a role": {
			`mutation { updateRole(id: "ROLE", input: {description: "new"}) { role { id } } }`,
			"Ada, Ada's permissions, Ada's schedulers, Ada's settings, Ben, Ben's schedulers, Ben's settings, role members, roles, users",
		},
		"the account's settings": {
			`mutation { updateAccountSettings(id: "me", input: {scheduleMeeting: {hostVideo: true}}) { account { id } } }`,
			"Ada, Ada's permissions, Ada's schedulers, Ada's settings, Ben, Ben's schedulers, Ben's settings, account, group, group settings, groups, members, role members, roles, users",
		},
	} {
		for where, replicas := range map[string]int{"in one process": 1, "with Redis": 2} {
			t.Run(name+" "+where, func(t *testing.T) {
				t.Parallel()
				zoom := newUpstream(t, sandbox.Config{})
				env := zoom.env(nil, "ZOOMGRAPH_CACHE_TTL=1h", "ZOOMGRAPH_CACHE_TTL_USERS=1h", "ZOOM_ACCOUNT_ID="+name)
				if replicas > 1 {
					env["ZOOMGRAPH_REDIS_URL"] = redis.URL()
				}
				touches(t, zoom, fleetOf(t, replicas, env), test.write, test.again)
			})
		}
	}
}

// touches reads all there is, writes, and reads it again, by each replica. What the first one has read again, the others
// know.
func touches(t *testing.T, zoom *upstream, replicas []*started, write, want string) {
	t.Helper()
	names := namesIn(t, zoom, replicas[0])
	called := func(s *started) string {
		t.Helper()
		var calls []string
		for name, query := range map[string]string{
			"Ada":               `{ user(id: "ADA") { email } }`,
			"Ada's settings":    `{ user(id: "ADA") { settings { scheduleMeeting { hostVideo } } } }`,
			"Ada's permissions": `{ user(id: "ADA") { permissions } }`,
			"Ada's schedulers":  `{ user(id: "ADA") { schedulers { id } } }`,
			"Ben":               `{ user(id: "BEN") { email } }`,
			"Ben's settings":    `{ user(id: "BEN") { settings { scheduleMeeting { hostVideo } } } }`,
			"Ben's schedulers":  `{ user(id: "BEN") { schedulers { id } } }`,
			"users":             `{ users(first: 5) { nodes { id } } }`,
			"groups":            `{ groups(first: 5) { nodes { id } } }`,
			"group":             `{ group(id: "GROUP") { name } }`,
			"group settings":    `{ group(id: "GROUP") { settings { scheduleMeeting { hostVideo } } } }`,
			"members":           `{ group(id: "GROUP") { members(first: 5) { nodes { id } } } }`,
			"roles":             `{ roles(first: 5) { nodes { id } } }`,
			"role members":      `{ role(id: "ROLE") { members(first: 5) { nodes { id } } } }`,
			"account":           `{ account(id: "me") { settings { scheduleMeeting { hostVideo } } } }`,
		} {
			before := len(zoom.zoom.Log(0))
			if a := ask(t, s, names.Replace(query)); len(a.Errors) > 0 {
				t.Fatalf("%s: %v", query, a.Errors)
			}
			if len(zoom.zoom.Log(0)) > before {
				calls = append(calls, name)
			}
		}
		slices.Sort(calls)
		return strings.Join(calls, ", ")
	}
	called(replicas[0])
	if again := called(replicas[0]); again != "" {
		t.Fatalf("read again without a write: %s", again)
	}
	if a := ask(t, replicas[0], names.Replace(write)); len(a.Errors) > 0 {
		t.Fatal(a.Errors)
	}
	if again := called(replicas[0]); again != want {
		t.Errorf("read again: %s\nwant %s", again, want)
	}
	for _, other := range replicas[1:] {
		waitFor(t, "the other replica to know it all", func() bool { return called(other) == "" })
	}
}

// namesIn replaces the names in queries by ids. The role is a new one, since Zoom's own cannot be changed.
func namesIn(t *testing.T, zoom *upstream, s *started) *strings.Replacer {
	t.Helper()
	id := func(query, field string) (id string) {
		a := ask(t, s, query)
		var found struct {
			Nodes []struct{ ID string }
			Role  struct{ ID string }
		}
		if err := json.Unmarshal(a.Data[field], &found); err != nil {
			t.Fatalf("%s: %v, %v", query, a.Errors, err)
		}
		if len(found.Nodes) > 0 {
			return found.Nodes[0].ID
		}
		return found.Role.ID
	}
	users := zoom.zoom.Users()
	group := id(`{ groups(first: 1) { nodes { id } } }`, "groups")
	role := id(`mutation { createRole(input: {name: "Mine"}) { role { id } } }`, "createRole")
	return strings.NewReplacer("ADA", users[0].ID, "BEN", users[1].ID, "GROUP", group, "ROLE", role)
}
