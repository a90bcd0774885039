package sandbox

import (
	"net/http"
	"strings"
	"sync"

	"zoomgraph/internal/sandbox/world"
	"zoomgraph/internal/sandbox/zoom"
)

// This file answers what is asked of sub accounts: each is an account with people and things of its own, made when
// somebody first asks for them.

const (
	accountPath  = "/accounts/{accountId}"
	accountParam = "accountId"
)

// subAccounts are those that were asked for.
type subAccounts struct {
	mu   sync.Mutex
	byID map[string]*zoom.Zoom
}

func (a *subAccounts) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byID = nil
}

// all are those that were made.
func (a *subAccounts) all() []*zoom.Zoom {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []*zoom.Zoom
	for _, z := range a.byID {
		all = append(all, z)
	}
	return all
}

// zoomOf is the account that a call is about. What settings a sub account has decides about its people, so those are its
// own, too.
func (s *Server) zoomOf(c *call) (*zoom.Zoom, error) {
	account := c.vars[accountParam]
	if c.route == nil || c.route.below == nil && !ofSettings(c.route.Path) || s.zoom.IsOwn(account) {
		return s.zoom, nil
	}
	seats, ok := s.zoom.SubAccount(account)
	switch {
	case !ok && c.route.below == nil: // that there is no such account is said as everywhere
		return s.zoom, nil
	case !ok:
		return nil, world.Refuse(http.StatusNotFound, 2001, "Account does not exist: %s.", account)
	}
	return s.subAccount(account, seats)
}

// ofSettings tells whether a path is about the settings of an account.
func ofSettings(path string) bool {
	return strings.HasPrefix(path, accountPath+"/settings") || strings.HasPrefix(path, accountPath+"/lock_settings")
}

// subAccount makes a sub account, once.
func (s *Server) subAccount(id string, seats int) (*zoom.Zoom, error) {
	s.subs.mu.Lock()
	defer s.subs.mu.Unlock()
	if made := s.subs.byID[id]; made != nil {
		return made, nil
	}
	source, users := world.Source(s.source.At("sub account", id)), seats
	if s.options.Alike {
		source, users = s.source, s.options.Users
	}
	made, err := zoom.New(zoom.Options{Program: s.options.Program, Source: source, Users: users, AccountID: id, Now: s.made})
	if err != nil {
		return nil, err
	}
	if s.subs.byID == nil {
		s.subs.byID = map[string]*zoom.Zoom{}
	}
	s.subs.byID[id] = made
	return made, nil
}

// download is the file at an address, of whichever account it is.
func (s *Server) download(address string) (world.Answer, error) {
	answer, err := s.zoom.Download(address)
	for _, z := range s.subs.all() {
		if err == nil {
			break
		}
		answer, err = z.Download(address)
	}
	return answer, err
}
