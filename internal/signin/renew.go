package signin

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"strings"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/callers"
)

const (
	renewTimeout = 30 * time.Second // of one renewal, the wait for another replica's included
	mintPause    = 30 * time.Second // between tries to renew a token that still works
	failPause    = time.Second      // between tries to renew one that does not, and to keep one that could not be kept
)

// renewal is one renewal and everybody who waits for it.
type renewal struct {
	done chan struct{}
	tok  client.Token
	err  error
}

// Token is the access token of the person who asks; it is renewed after nine tenths of its life. The error is a
// *client.Error.
func (s *Service) Token(ctx context.Context) (client.Token, error) {
	session, ok := callers.From(ctx).Session.(*Session)
	if !ok {
		return client.Token{}, &client.Error{Code: client.CodeInternal, Message: "nobody who signed in asks this"}
	}
	return s.tokenOf(ctx, session.live)
}

// ActsAsUser is true.
func (s *Service) ActsAsUser() bool { return true }

// Drop says that Zoom refused a token: it is renewed before it is given out again.
func (s *Service) Drop(tok client.Token) {
	key, mint, _ := strings.Cut(tok.Mint, ".")
	if l := s.known(key); l != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.rec.Mint == mint {
			l.refused, l.restEnds = mint, time.Time{}
		}
	}
}

func (s *Service) tokenOf(ctx context.Context, l *live) (client.Token, error) {
	l, now := s.current(l), s.now()
	l.mu.Lock()
	tok := l.rec.token(l.key)
	works := l.rec.Mint != l.refused && now.Before(l.rec.Expiry)
	resting := now.Before(l.restEnds)
	switch {
	case l.over:
		defer l.mu.Unlock()
		return client.Token{}, ended()
	case works && (now.Before(l.rec.RenewAt) || resting):
		defer l.mu.Unlock()
		return tok, nil
	case resting:
		defer l.mu.Unlock()
		return client.Token{}, l.failed
	}
	r := s.startRenewal(l)
	l.mu.Unlock()
	select {
	case <-r.done:
		return r.tok, r.err
	case <-ctx.Done():
		return client.Token{}, ctx.Err()
	}
}

// current is how this process knows a session now: one way, so that one renewal runs at a time.
func (s *Service) current(l *live) *live {
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.live[l.key]; other != nil {
		return other
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over {
		s.live[l.key] = l
	}
	return l
}

// startRenewal starts a renewal, unless one is under way. It belongs to nobody who waits for it. The session is locked.
func (s *Service) startRenewal(l *live) *renewal {
	if l.renewal != nil {
		return l.renewal
	}
	r := &renewal{done: make(chan struct{})}
	l.renewal = r
	s.spawn(func() {
		ctx, cancel := context.WithTimeout(context.Background(), renewTimeout)
		defer cancel()
		s.endRenewal(l, r, s.renew(ctx, l))
	})
	return r
}

// endRenewal tells those who wait how a renewal ended.
func (s *Service) endRenewal(l *live, r *renewal, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := s.now()
	l.renewal = nil
	defer close(r.done)
	switch {
	case l.over:
		r.err = ended()
	case err == nil:
		r.tok, l.restEnds = l.rec.token(l.key), time.Time{}
	case l.rec.Mint != l.refused && now.Before(l.rec.Expiry):
		r.tok, l.restEnds = l.rec.token(l.key), now.Add(mintPause)
	default:
		r.err, l.failed, l.restEnds = err, err, now.Add(failPause)
	}
	if l.unkept != nil {
		l.restEnds = now.Add(failPause)
		if s.closing.Err() == nil {
			s.spawn(func() { s.keepLater(l) })
		}
	}
}

// keepLater tries again to keep what could not be kept: the refresh token before it is used up.
func (s *Service) keepLater(l *live) {
	select {
	case <-time.After(failPause):
	case <-s.closing.Done():
	}
	l.mu.Lock()
	if l.unkept == nil {
		l.mu.Unlock()
		return
	}
	r := s.startRenewal(l)
	l.mu.Unlock()
	<-r.done // Close waits for this
}

// renew gets new tokens for a session, or finds those that another process has got. Nil means that the session has a
// token that is worth a try; otherwise the error is a *client.Error.
func (s *Service) renew(ctx context.Context, l *live) error {
	release, err := s.keeper.Claim(ctx, l.key)
	if err != nil {
		return away()
	}
	defer release()
	kept, found, err := s.load(ctx, l)
	if err != nil || found {
		return err
	}
	l.mu.Lock()
	rec, next := l.rec, l.unkept
	l.mu.Unlock()
	if next == nil {
		if next, err = s.ask(ctx, l, rec, kept); err != nil || next == nil {
			return err
		}
	}
	return s.keep(ctx, l, kept, next)
}

// load reads the keeper's copy. found is true if that is newer than this process's, and may work.
func (s *Service) load(ctx context.Context, l *live) (kept []byte, found bool, err error) {
	kept, err = s.keeper.Get(ctx, l.key)
	var r record
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !s.box.open(l.key, kept, &r):
		s.over(l)
		return nil, false, ended()
	case err != nil:
		return nil, false, away()
	}
	l.adopt(r, kept)
	l.mu.Lock()
	defer l.mu.Unlock()
	return kept, l.unkept == nil && l.rec.Mint != l.refused && s.now().Before(l.rec.RenewAt), nil
}

// ask asks Zoom for new tokens. Without any, and without an error, another process had been there first.
func (s *Service) ask(ctx context.Context, l *live, rec record, kept []byte) (*unkept, error) {
	asking, cancel := context.WithTimeout(ctx, zoomTimeout)
	defer cancel()
	renewed, err := s.authServer.renew(asking, rec)
	if err != nil {
		return nil, s.refused(ctx, l, kept, err)
	}
	sealed, err := s.box.close(l.key, renewed)
	if err != nil {
		return nil, &client.Error{Code: client.CodeInternal, Message: "a session cannot be sealed", Err: err}
	}
	next := &unkept{renewed, sealed}
	l.mu.Lock()
	l.unkept = next
	l.mu.Unlock()
	return next, nil
}

// refused judges why Zoom gave no new tokens. A refresh token is used up as well where another process has used it, whose
// claim had run out: then the keeper has a newer one.
func (s *Service) refused(ctx context.Context, l *live, kept []byte, err error) error {
	switch s.authServer.judge(ctx, err) {
	case unavailable:
		return &client.Error{Code: client.CodeUpstreamUnavailable, Message: "Zoom cannot be asked to renew this session's token", Hint: "try again in a moment"}
	case misfit:
		return &client.Error{
			Code: client.CodeUpstreamAuthFailed, Message: "Zoom refuses the app with which people sign in",
			Hint: "the operator should check the client id and the client secret of sign_in",
		}
	}
	now, err := s.keeper.Get(ctx, l.key)
	switch {
	case err == nil && bytes.Equal(now, kept) && s.works(l):
		return ended() // when its access token does
	case err == nil && bytes.Equal(now, kept):
		s.log.InfoContext(ctx, "a session has ended, since Zoom does not renew it")
		_ = s.keeper.Remove(ctx, l.key) // it is no good to anybody
		s.over(l)
		return ended()
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return away()
	}
	_, _, err = s.load(ctx, l)
	return err
}

// works tells whether the access token may still be good.
func (s *Service) works(l *live) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rec.Mint != l.refused && s.now().Before(l.rec.Expiry)
}

// keep puts new tokens in the place of the old ones, before anybody uses them.
func (s *Service) keep(ctx context.Context, l *live, kept []byte, next *unkept) error {
	err := s.keeper.Swap(ctx, l.key, kept, next.sealed, max(s.left(next.rec, s.now()), time.Second))
	switch {
	case err == nil:
		l.adopt(next.rec, next.sealed)
		return nil
	case errors.Is(err, fs.ErrNotExist): // somebody signed out, or another process has renewed it, since our claim had run out
		_, _, err = s.load(ctx, l)
		if l.isOver() {
			s.beside(func(ctx context.Context) { s.authServer.revoke(ctx, next.rec.Access) })
		}
		return err
	}
	s.log.WarnContext(ctx, "a renewed session cannot be kept yet", "error", err)
	return away()
}

// over ends a session in this process, also where it is not known any more.
func (s *Service) over(l *live) {
	s.forget(l.key)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over, l.unkept = true, nil
}
