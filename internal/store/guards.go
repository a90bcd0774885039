package store

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"zoomgraph/client"
)

// The resources beside single users.
const (
	everything = "*"       // all that is kept of an account
	lists      = "lists"   // all but users' settings
	nameless   = "users/?" // users known by an e-mail address or as "me" only
)

const (
	userPath     = "/users/{userId}"
	settingsPath = "/users/{userId}/settings"
	usersPath    = "/users"
)

// below tells whether an operation is on one user.
func below(op *client.Op) bool { return strings.HasPrefix(op.Path, userPath) }

// ofUsers tells whether an operation is on users' details, or lists them.
func ofUsers(op *client.Op) bool { return op.Path == usersPath || op.Path == userPath }

// person is the resource of one user.
func person(user string) string {
	if !isID(user) {
		return nameless
	}
	return "users/" + user
}

// isID tells an id from what else a path takes for a user.
func isID(user string) bool { return user != "me" && !strings.Contains(user, "@") }

// resources are what an answer tells of: it is not believed any longer once one of them is touched.
func (k Key) resources() []string {
	all := make([]string, 1, 3)
	all[0] = everything
	if below(k.Op) {
		all = append(all, person(k.Path[0]))
	}
	if k.Op.Path != settingsPath {
		all = append(all, lists)
	}
	return all
}

// touched are what a write changes. A user's own settings concern nobody else; anything of a group, a role or an
// account may change everybody's. Of a user whose id is not known it cannot be told what is kept under that.
func touched(op *client.Op, user string) []string {
	switch {
	case op.Path == usersPath:
		return []string{lists, nameless}
	case !below(op) || !isID(user):
		return []string{everything}
	case op.Path == settingsPath:
		return []string{person(user), nameless}
	}
	return []string{person(user), nameless, lists}
}

// alone are the guards of a service that is the only one.
type alone struct {
	mu      sync.RWMutex
	last    uint64
	touches map[string]uint64
}

// maxTouches bounds the resources remembered one by one.
const maxTouches = 10_000

// Stamp is always known.
func (a *alone) Stamp(_ context.Context, resources ...string) (string, bool) {
	return a.Known(resources...)
}

// Known is always so.
func (a *alone) Known(resources ...string) (string, bool) {
	var buf [64]byte
	stamp := buf[:0]
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, resource := range resources {
		stamp = append(strconv.AppendUint(stamp, a.touches[resource], 36), '.')
	}
	return string(stamp), true
}

// Touch takes effect at once.
func (a *alone) Touch(_ context.Context, resources ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last++
	if len(a.touches) > maxTouches {
		clear(a.touches)
		resources = []string{everything}
	}
	for _, resource := range resources {
		a.touches[resource] = a.last
	}
}
