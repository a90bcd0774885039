package export

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"zoomgraph/client"
)

const (
	callTime  = 2 * time.Minute // for one try, the wait for its turn included
	firstWait = time.Second
	longest   = 30 * time.Second // between tries, where Zoom does not say when to come back
	tellEvery = 10 * time.Second
)

// passes tells whether waiting may cure an error.
func passes(fail *client.Error) bool {
	if errors.Is(fail, client.ErrEndless) {
		return false
	}
	switch fail.Code {
	case client.CodeRateLimited, client.CodeUpstreamUnavailable, client.CodeUpstreamTimeout, client.CodeUpstreamInvalidResponse:
		return true
	case client.CodeUpstreamAuthFailed: // unless the credentials were answered
		return fail.Status == 0 && fail.Err != nil || fail.Status == 429 || fail.Status >= 500 || fail.Foreign
	}
	return false
}

// concernsOne tells whether an error is about one user and for good.
func concernsOne(fail *client.Error) bool {
	switch fail.Code {
	case client.CodeNotFound, client.CodeForbidden, client.CodeInvitationPending:
		return true
	}
	return false
}

// persist asks until there is an answer, an error that does not pass, or no patience left.
func persist[T any](ctx context.Context, p *patience, ask func(context.Context) (T, error)) (T, error) {
	for try := 0; ; try++ {
		answer, err := inTime(ctx, ask)
		var fail *client.Error
		switch {
		case err == nil:
			p.answered()
			return answer, nil
		case ctx.Err() != nil:
			return answer, ctx.Err()
		case !errors.As(err, &fail):
			return answer, err
		case !passes(fail):
			p.answered()
			return answer, err
		}
		if err := p.wait(ctx, try, fail); err != nil {
			return answer, err
		}
	}
}

func inTime[T any](ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return ask(ctx)
}

// patience is what all calls of an export have together: as long as some are answered, the others may go on trying.
type patience struct {
	limit time.Duration
	log   *slog.Logger

	mu   sync.Mutex
	last time.Time // that Zoom answered
	told time.Time // that something was said about waiting
}

func newPatience(limit time.Duration, log *slog.Logger) *patience {
	return &patience{limit: limit, log: log, last: time.Now()}
}

func (p *patience) answered() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = time.Now()
}

// wait waits before a call is tried again: until Zoom wants it to come back, or longer with each try. Its error is
// fail where patience ends before that.
func (p *patience) wait(ctx context.Context, try int, fail *client.Error) error {
	now := time.Now()
	delay := min(firstWait<<min(try, 10), longest)
	delay = delay/2 + rand.N(delay/2)
	delay = max(delay, fail.RetryAfter.Sub(now))
	p.mu.Lock()
	over := delay > p.limit-now.Sub(p.last)
	tell := !over && now.Sub(p.told) >= tellEvery
	if tell {
		p.told = now
	}
	p.mu.Unlock()
	switch {
	case over && p.limit > 0:
		return fmt.Errorf("waiting for Zoom would take longer than %v: %w", p.limit, fail)
	case over:
		return fail
	case tell:
		p.log.WarnContext(ctx, "waiting for Zoom", "until", now.Add(delay).UTC().Format(time.RFC3339), "error", fail)
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
