package client

import "time"

// This file tells a refused token from a refused call. Zoom answers both with 401,
// and only the first is mended by a new token. Start at tokenRefusals.judge.

const (
	firstPause   = time.Second      // after a mint that mended nothing; twice as long after each further one
	longestPause = 30 * time.Second // between mints that mend nothing
	fresh        = time.Second      // for which a token counts as good after a call went well with it
	justMinted   = time.Second      // for which a token counts as new
	blameFor     = 10 * time.Minute // after which a target's refusal is forgotten
	mostBlamed   = 1000             // targets that are remembered
)

// judging is a TokenSource that asks what a refusal means.
type judging interface {
	// judge takes in that Zoom refused a call with tok. It drops tok if another
	// token may help. Otherwise the meaning tells why not. A call that was sent
	// again with a new token is the last try: it drops nothing.
	judge(tok Token, target string, lastTry bool) refusalMeaning
	// took takes in that Zoom took a call with tok that was sent then.
	took(tok Token, req *Request, sent time.Time)
}

// refusalMeaning says whether a refused call speaks against its token.
type refusalMeaning struct {
	good bool      // the token works for others: the call is refused, not the token
	rest time.Time // until when no token is minted for refusals; zero: another one may help
}

// tokenRefusals remembers the calls that were refused for their token. Its caller brings the clock and holds a lock.
//
// A token that Zoom has revoked is refused for everything. So the first refusal of a
// target brings a new token, and the call is sent again. If that goes well the old
// token was the fault. If not, the target is blamed: as long as other calls go well
// with the token, its refusals mean nothing more. Where none goes well, pauses keep
// mints rare, and the first that mends anything ends them.
type tokenRefusals struct {
	blamed map[string]*blame
	sent   time.Time // when the latest call was sent that went well with the token; zero: none has
	heard  time.Time // when the latest answer came to such a call
	row    int       // targets that were never refused before, refused since then
	rowAt  time.Time // when the last of these was
	vain   int       // mints for refusals, in a row, that mended nothing yet
	until  time.Time // when the next one may be
}

// blame is a target that Zoom refused, and has not taken since.
type blame struct {
	mint string    // of the token that it was refused with last
	both bool      // it was refused with two tokens in a row
	good time.Time // up to where calls that went well were counted against it
	at   time.Time // of its last refusal
}

// judge takes in a refusal with the token that all use now.
func (r *tokenRefusals) judge(mint, target string, now time.Time) refusalMeaning {
	known := r.blamed[target]
	if known != nil && now.Sub(known.at) > blameFor {
		known = nil
	}
	if known == nil {
		r.row++
		r.rowAt = now
	}
	newer := known != nil && r.sent.After(known.good)
	recent := !r.sent.IsZero() && now.Sub(r.heard) < fresh
	if known != nil && (known.both || known.mint == mint) && (newer || recent) {
		known.good, known.at, known.mint = later(known.good, r.sent), now, mint
		return refusalMeaning{good: true}
	}
	r.blame(mint, target, now)
	// The token went well until now: Zoom may have revoked it, pause or not. The more
	// mints were in vain, the more targets have to say so.
	revoked := !r.sent.IsZero() && known == nil && r.row >= 1<<max(0, min(r.vain, 10)-1)
	if revoked {
		return refusalMeaning{}
	}
	return refusalMeaning{rest: r.pause(now)}
}

// pause is until when no token is minted for a refusal; zero if one is now.
func (r *tokenRefusals) pause(now time.Time) time.Time {
	if now.Before(r.until) {
		return r.until
	}
	return time.Time{}
}

// blame remembers a refused target, and forgets the one that was refused longest ago
// where there are too many.
func (r *tokenRefusals) blame(mint, target string, now time.Time) {
	known := r.blamed[target]
	switch {
	case known == nil && r.blamed == nil:
		r.blamed = map[string]*blame{}
	case known == nil && len(r.blamed) >= mostBlamed:
		oldest := ""
		for key, b := range r.blamed {
			if oldest == "" || b.at.Before(r.blamed[oldest].at) {
				oldest = key
			}
		}
		delete(r.blamed, oldest)
	}
	if known == nil || now.Sub(known.at) > blameFor {
		known = &blame{mint: mint, good: now}
		r.blamed[target] = known
	}
	known.both = known.both || known.mint != mint
	known.mint, known.at = mint, now
}

// renewed takes in that there is another token; refused: one that was just minted,
// since the last one was refused.
func (r *tokenRefusals) renewed(refused bool, now time.Time) {
	r.sent, r.heard, r.row = time.Time{}, time.Time{}, 0
	if refused {
		if now.Sub(r.until) > blameFor {
			r.vain = 0
		}
		pause := min(firstPause<<min(r.vain, 10), longestPause)
		r.vain++
		r.until = now.Add(pause)
	}
}

// went takes in that a call went well with the token: it was sent at that time.
func (r *tokenRefusals) went(sent, now time.Time) {
	r.sent, r.heard = later(r.sent, sent), now
	if !sent.Before(r.rowAt) {
		r.row = 0
	}
}

// acquit takes in that a target was taken: if it had been refused, the new token
// has mended that.
func (r *tokenRefusals) acquit(target string) {
	if _, known := r.blamed[target]; known {
		delete(r.blamed, target)
		r.vain, r.until = 0, time.Time{}
	}
}

// isNew tells whether a token was minted a moment ago, so that what refused the last
// one has no reason to refuse this one. Of a token without an end that is not known.
func (t Token) isNew(now time.Time) bool {
	return t.Expiry.IsZero() || now.Sub(t.RenewAt) < justMinted-refreshTenth*t.Expiry.Sub(t.RenewAt)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// judge says what it means that Zoom refused with the current token. One that was replaced
// meanwhile, or is about to be, is no news.
func (s *mintedTokens) judge(tok Token, target string, lastTry bool) refusalMeaning {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	switch {
	case !s.tok.same(tok):
		s.refusals.blame(tok.Mint, target, now)
		return refusalMeaning{}
	case lastTry:
		s.refusals.blame(tok.Mint, target, now)
		return refusalMeaning{rest: s.refusals.pause(now)}
	}
	meaning := s.refusals.judge(tok.Mint, target, now)
	if !meaning.good && meaning.rest.IsZero() {
		s.drop(tok)
	}
	return meaning
}

// took remembers that the current token works.
func (s *mintedTokens) took(tok Token, req *Request, sent time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.tok.same(tok) {
		return
	}
	s.refusals.went(sent, s.now())
	if len(s.refusals.blamed) > 0 {
		s.refusals.acquit(targetOf(req))
	}
}
