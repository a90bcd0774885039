package signin

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"zoomgraph/client"
	"zoomgraph/internal/callers"
)

const (
	believed  = time.Second     // for how long an operation of a socket believes that its session is there
	touchRest = time.Minute     // at most, between two times that a session's idle life begins anew
	liveRest  = 2 * time.Hour   // after which a session that nobody uses leaves this process's memory
	liveSweep = 5 * time.Minute // between looks for those
)

// record is a session as it is kept.
type record struct {
	User    string    `json:"user"`    // Zoom's ids
	Account string    `json:"account"` //
	Name    string    `json:"name"`    // what the person is called
	Created time.Time `json:"created"`

	Access  string    `json:"access"`
	Refresh string    `json:"refresh"`
	APIURL  string    `json:"apiUrl,omitempty"`
	RenewAt time.Time `json:"renewAt"`
	Expiry  time.Time `json:"expiry"`
	Mint    string    `json:"mint"` // names the answer that the tokens came in
	Number  int       `json:"number"`
}

// renewed is the record with the tokens of an answer, whose life counts from when it was asked for.
func (r record) renewed(tok *oauth2.Token, asked time.Time) record {
	whole := life(tok, asked)
	r.Access, r.Mint, r.Number = tok.AccessToken, newID(), r.Number+1
	r.RenewAt, r.Expiry = asked.Add(whole/10*refreshTenth), asked.Add(whole)
	if tok.RefreshToken != "" {
		r.Refresh = tok.RefreshToken
	}
	if base, ok := tok.Extra("api_url").(string); ok {
		r.APIURL = base
	}
	return r
}

// token is the record's access token. Its mint begins with the session's key.
func (r record) token(key string) client.Token {
	return client.Token{Value: r.Access, Expiry: r.Expiry, RenewAt: r.RenewAt, APIURL: r.APIURL, Mint: key + "." + r.Mint}
}

// live is a session as this process knows it.
type live struct {
	key string

	mu      sync.Mutex
	rec     record
	sealed  []byte // rec, as it is kept
	refused string // the mint of the token that Zoom refused last
	over    bool   // it has ended
	renewal *renewal
	unkept  *unkept // what was renewed and could not be kept yet

	// Until restEnds nobody renews: failed is the answer, where the token is no good any more.
	restEnds time.Time
	failed   error

	seen    time.Time // when the keeper was last asked
	touched time.Time // when its idle life was last begun anew
}

type unkept struct {
	rec    record
	sealed []byte
}

func newLive(key string, r record, sealed []byte) *live {
	return &live{key: key, rec: r, sealed: sealed}
}

func (l *live) record() record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rec
}

// adopt takes over what the keeper has; an older answer of it, that came late, is passed over.
func (l *live) adopt(r record, sealed []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.Number >= l.rec.Number {
		l.rec, l.sealed = r, sealed
	}
	if l.unkept != nil && r.Number >= l.unkept.rec.Number {
		l.unkept = nil
	}
}

// Errors of a look at a session.
var (
	errOver = errors.New("signin: the session has ended")
	errAway = errors.New("signin: what keeps sessions cannot be asked")
)

// look finds a session. A keeper that cannot be asked does not end those that this process knows.
func (s *Service) look(ctx context.Context, key string) (*live, error) {
	sealed, err := s.keeper.Get(ctx, key)
	l := s.known(key)
	now := s.now()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.forget(key)
		return nil, errOver
	case err != nil && l != nil && s.fresh(l, now):
		return l, nil
	case err != nil:
		return nil, errAway
	}
	if l == nil || !l.has(sealed) {
		var r record
		if !s.box.open(key, sealed, &r) {
			s.forget(key)
			return nil, errOver // sealed under another secret, or not by us
		}
		l = s.remember(key, r, sealed)
	}
	if r := l.record(); !now.Before(s.endOf(r)) {
		s.forget(key)
		_ = s.keeper.Remove(ctx, key) // it expires there, too
		return nil, errOver
	} else if !s.allowed(r.Account) { // any more
		s.forget(key)
		return nil, errOver
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = now
	return l, nil
}

func (l *live) isOver() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}

func (l *live) has(sealed []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Equal(l.sealed, sealed)
}

// fresh tells whether a session is within both its lives as far as this process knows.
func (s *Service) fresh(l *live, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.over && now.Before(l.touched.Add(s.o.Idle)) && now.Before(s.endOf(l.rec))
}

// touch lets the idle life begin anew, not with each request.
func (s *Service) touch(ctx context.Context, l *live) {
	now := s.now()
	l.mu.Lock()
	due := now.Sub(l.touched) >= min(touchRest, s.o.Idle/10)
	if due {
		l.touched = now
	}
	left := s.left(l.rec, now)
	l.mu.Unlock()
	if due && left > 0 {
		_ = s.keeper.Touch(ctx, l.key, left) // the next request does
	}
}

// left is how long a session lives on without use.
func (s *Service) left(r record, now time.Time) time.Duration {
	return min(s.o.Idle, s.endOf(r).Sub(now))
}

// endOf is when a session ends, however much it is used.
func (s *Service) endOf(r record) time.Time { return r.Created.Add(s.o.Life) }

func (s *Service) known(key string) *live {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live[key]
}

// remember makes a session known to this process, or brings what is known up to date.
func (s *Service) remember(key string, r record, sealed []byte) *live {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	l := s.live[key]
	if l == nil {
		l = newLive(key, r, sealed)
		s.live[key] = l
	}
	l.adopt(r, sealed)
	return l
}

// sweep drops sessions that were not used for long. What could not be kept yet stays.
func (s *Service) sweep() {
	now := s.now()
	if now.Sub(s.swept) < liveSweep {
		return
	}
	s.swept = now
	for key, l := range s.live {
		l.mu.Lock()
		if l.renewal == nil && l.unkept == nil && now.Sub(l.seen) > liveRest {
			delete(s.live, key)
		}
		l.mu.Unlock()
	}
}

// forget ends a session in this process: requests that still use it are refused.
func (s *Service) forget(key string) {
	s.mu.Lock()
	l := s.live[key]
	delete(s.live, key)
	s.mu.Unlock()
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over, l.unkept = true, nil
}

// Session is whose cookie a request carries, if it carries one.
func (s *Service) Session(ctx context.Context, r *http.Request) (_ callers.Caller, given bool, _ error) {
	key, ok := s.sessionKey(r)
	if !ok {
		return callers.Caller{}, false, nil
	}
	if !s.ownPage(r) {
		return callers.Caller{}, true, callers.Foreign(s.origin)
	}
	l, err := s.look(ctx, key)
	switch {
	case errors.Is(err, errOver):
		return callers.Caller{}, true, callers.Ended()
	case err != nil:
		return callers.Caller{}, true, callers.Unknown()
	}
	s.touch(ctx, l)
	return s.caller(l), true, nil
}

// SignIn is the path, at the origin, that leads to a session.
func (s *Service) SignIn() string { return s.below + Path }

// Session is somebody's who signed in; it is a callers.Session.
type Session struct {
	service *Service
	live    *live
}

// Key tells sessions apart: it is the digest of the session's id.
func (s *Session) Key() string { return s.live.key }

// Check asks whether the session is still there. The error is a *client.Error.
func (s *Session) Check(ctx context.Context) error {
	l, now := s.live, s.service.now()
	l.mu.Lock()
	over, lately := l.over || !now.Before(s.service.endOf(l.rec)), now.Sub(l.seen) < believed
	l.mu.Unlock()
	if over {
		return ended()
	}
	if lately {
		return nil
	}
	found, err := s.service.look(ctx, l.key)
	switch {
	case errors.Is(err, errOver):
		return ended()
	case err != nil:
		return away()
	}
	s.service.touch(ctx, found)
	return nil
}

func ended() *client.Error {
	return &client.Error{Code: client.CodeUnauthenticated, Message: "this session has ended", Hint: "sign in again at " + Path}
}

func away() *client.Error {
	return &client.Error{Code: client.CodeUpstreamUnavailable, Message: "it cannot be told now who is signed in", Hint: "try again in a moment"}
}
