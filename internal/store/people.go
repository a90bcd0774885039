package store

import (
	"strings"

	"zoomgraph/client"
	"zoomgraph/graph/program"
	"zoomgraph/internal/rawjson"
)

// Users are known by several names, so what the paths of their operations are stands here.
const (
	usersPath = "/users"
	userPath  = "/users/{userId}"
)

// The resources that concern the names of users.
const (
	usersList = "users"
	nameless  = usersList + "/" + program.Unnamed
)

// below tells whether an operation is on one user.
func below(op *client.Op) bool { return strings.HasPrefix(op.Path, userPath) }

// ofUsers tells whether an operation is on users' details, or lists them.
func ofUsers(op *client.Op) bool { return op.Path == usersPath || op.Path == userPath }

// isID tells an id from what else a path takes for a user.
var isID = program.IsID(usersList)

// nameKey is a name of a user's, as one principal sees the account: an id, an e-mail address in lower case, or "me".
type nameKey struct{ account, class, name string }

// alias is the other name of a user: the address for an id, the id for an address.
type alias struct {
	name  string
	stamp string // that lists had before it was read
}

// maxAliases bounds the names remembered, for all accounts together.
const maxAliases = 50_000

// byLogin tells whether a user is asked for by a way to sign in, which may lead to somebody else of that address.
func (k Key) byLogin() bool { return strings.Contains(k.Query, "login_type=") }

// canonical returns the id of the user that a key names, if it is known.
func (p *Principal) canonical(stamp stamper, key Key) string {
	if user := key.Path[0]; key.byLogin() && !isID(user) {
		return strings.ToLower(user)
	}
	return p.idOf(stamp, key.Path[0])
}

// idOf returns the id of a user by any name, if it is known, or else the name.
func (p *Principal) idOf(stamp stamper, user string) string {
	if isID(user) {
		return user
	}
	user = strings.ToLower(user)
	if id := p.alsoCalled(stamp, user); id != "" {
		return id
	}
	return user
}

// alsoCalled is the other name of a user; "" where it is not known. A name holds as long as lists of users do.
func (p *Principal) alsoCalled(stamp stamper, name string) string {
	if p.store.aliases == nil {
		return ""
	}
	known, ok := p.store.aliases.GetIfPresent(nameKey{p.account, p.class, name})
	if !ok {
		return ""
	}
	if now, ok := stamp(p.lists()...); !ok || now != known.stamp {
		return ""
	}
	return known.name
}

// otherwise is the key of the same thing by the other name of its user, and whether that is the id. It is not looked
// at whether the name still holds. The zero key: there is no other name.
func (p *Principal) otherwise(at entryKey) (other entryKey, byID bool) {
	if p.store.aliases == nil || !below(at.Op) || at.byLogin() {
		return entryKey{}, false
	}
	name := at.Path[0]
	if !isID(name) {
		name = strings.ToLower(name)
	}
	known, ok := p.store.aliases.GetIfPresent(nameKey{p.account, p.class, name})
	if !ok {
		return entryKey{}, false
	}
	other = at
	other.Path[0] = known.name
	return other, isID(known.name)
}

// byAddress is the key of what was read by the address of the user of a key; zero: nothing was, or it is not known
// whose it is.
func (p *Principal) byAddress(stamp stamper, at entryKey) entryKey {
	other, byID := p.otherwise(at)
	if other.Op == nil || byID || p.store.last(other) == nil || p.alsoCalled(stamp, at.Path[0]) != other.Path[0] {
		return entryKey{}
	}
	return other
}

// seenOtherwise is what was seen by the other name of a key's user; nil: nothing.
func (p *Principal) seenOtherwise(at entryKey) *entry {
	if other, _ := p.otherwise(at); other.Op != nil && p.alsoCalled(p.guards.Known, at.Path[0]) == other.Path[0] {
		return p.store.seen(other)
	}
	return nil
}

// guess is the key at which a key will be read, and the resources of which that takes the guards, if the names of
// users hold.
func (p *Principal) guess(key Key) (at entryKey, resources []string) {
	at = entryKey{p.account, p.class, key}
	other, byID := p.otherwise(at)
	if byID {
		at, other = other, at
		other.Path[0] = strings.ToLower(other.Path[0])
		resources = append(resources, p.inside(usersList))
	} else if below(key.Op) && !isID(key.Path[0]) {
		at.Path[0] = strings.ToLower(key.Path[0])
	}
	if other.Op != nil && p.store.last(other) != nil {
		resources = append(resources, p.inside(usersList), p.inside(nameless))
	}
	return at, p.resources(&at.Key, resources)
}

// learn takes the names of users from an answer that was read under a stamp of lists. Of "me" only the answer to it
// tells.
func (p *Principal) learn(f *flight, body []byte) {
	switch {
	case f.listed == "":
	case f.at.Op.Path == userPath && f.at.Query == "":
		if id := p.call(body, f.listed); id != "" && !isID(f.at.Path[0]) {
			p.name(f.at.Path[0], id, f.listed)
		}
	case f.at.Op.Path == usersPath:
		users, _ := rawjson.Member(body, "users")
		for user := range rawjson.Elements(users) {
			p.call(user, f.listed)
		}
	}
}

// call takes the names from one user, and returns the id.
func (p *Principal) call(user []byte, stamp string) (id string) {
	var email string
	for key, value := range rawjson.Pairs(user) {
		if len(value) < 2 || value[0] != '"' {
			continue
		}
		switch string(key) {
		case "id":
			id = string(rawjson.Text(value))
		case "email":
			email = strings.ToLower(string(rawjson.Text(value)))
		}
	}
	if id != "" && email != "" {
		p.name(email, id, stamp)
		p.name(id, email, stamp)
	}
	return id
}

func (p *Principal) name(name, other, stamp string) {
	p.store.aliases.Set(nameKey{p.account, p.class, name}, alias{other, stamp})
}
