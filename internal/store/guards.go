package store

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/underway"
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

// resources are what an answer tells of: it is not believed any longer once one of them is written.
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

// written are what a write changes. A user's own settings concern nobody else; anything of a group, a role or an
// account may change everybody's. Of a user whose id is not known it cannot be told what is kept under that.
func written(op *client.Op, user string) []string {
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
	book *underway.Book

	mu     sync.RWMutex
	last   uint64
	writes map[string]uint64 // the last one of a resource
}

// maxWritten bounds the resources remembered one by one.
const maxWritten = 10_000

func newAlone(now func() time.Time) *alone {
	return &alone{book: underway.New(now), writes: map[string]uint64{}}
}

// Stamp is Known.
func (a *alone) Stamp(_ context.Context, resources ...string) (string, bool) {
	return a.Known(resources...)
}

// Known is false only while there is a write.
func (a *alone) Known(resources ...string) (string, bool) {
	if a.book.Busy(resources...) {
		return "", false
	}
	var buf [64]byte
	stamp := buf[:0]
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, resource := range resources {
		stamp = append(strconv.AppendUint(stamp, a.writes[resource], 36), '.')
	}
	return string(stamp), true
}

// Begin takes effect at once. Nothing is known from then on until the write has ended, so one new state is enough.
func (a *alone) Begin(_ context.Context, resources ...string) (end func(ctx context.Context, certain bool)) {
	w := a.book.Begin(resources...)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last++
	if len(a.writes) > maxWritten {
		clear(a.writes)
		resources = []string{everything}
	}
	for _, resource := range resources {
		a.writes[resource] = a.last
	}
	return func(_ context.Context, certain bool) { a.book.End(w, certain) }
}
