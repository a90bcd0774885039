package fleet

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"time"

	"github.com/redis/rueidis"
)

const (
	sessionPrefix = schema + "session/"
	renewalClaim  = 20 * time.Second      // for how long a replica has the sole right to renew a session
	renewalLook   = 25 * time.Millisecond // between looks of the others
)

var errAway = errors.New("redis cannot be asked")

// Sessions keep people's sessions for all replicas; they are a signin.Keeper.
// What they are given is sealed already. Other than the rest of what replicas
// share these are needed: while Redis cannot be asked every method says so.
type Sessions struct{ fleet *Fleet }

// Sessions gives those of this fleet.
func (f *Fleet) Sessions() Sessions { return Sessions{f} }

func sessionKey(key string) string { return sessionPrefix + "{" + key + "}" }
func renewalKey(key string) string { return sessionPrefix + "{" + key + "}/renewal" }

// talk tells what a script or a command answered.
func (s Sessions) talk(ctx context.Context, talk func(context.Context, rueidis.Client) error) error {
	switch {
	case s.fleet.try(ctx, talk):
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return errAway
}

// Add keeps a value under a key that is new.
func (s Sessions) Add(ctx context.Context, key string, value []byte, life time.Duration) error {
	return s.talk(ctx, func(ctx context.Context, r rueidis.Client) error {
		return r.Do(ctx, r.B().Set().Key(sessionKey(key)).Value(rueidis.BinaryString(value)).Px(life).Build()).Error()
	})
}

// Get brings a value.
func (s Sessions) Get(ctx context.Context, key string) (value []byte, err error) {
	err = s.talk(ctx, func(ctx context.Context, r rueidis.Client) error {
		var err error
		value, err = r.Do(ctx, r.B().Get().Key(sessionKey(key)).Build()).AsBytes()
		if rueidis.IsRedisNil(err) {
			value, err = nil, nil
		}
		return err
	})
	if err == nil && value == nil {
		err = fs.ErrNotExist
	}
	return value, err
}

// swapScript also takes for done what an earlier try did whose answer was lost.
const swapScript = `
local value = redis.call('GET', KEYS[1])
if value == ARGV[1] or value == ARGV[2] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1
end
return 0`

// Swap puts a value in the place of another one.
func (s Sessions) Swap(ctx context.Context, key string, old, value []byte, life time.Duration) error {
	var done int64
	err := s.talk(ctx, func(ctx context.Context, r rueidis.Client) (err error) {
		done, err = s.fleet.scripts.swap.Exec(ctx, r, []string{sessionKey(key)},
			[]string{rueidis.BinaryString(old), rueidis.BinaryString(value), millis(life)}).AsInt64()
		return err
	})
	if err == nil && done != 1 {
		err = fs.ErrNotExist
	}
	return err
}

// Touch lets a value live for so long from now on.
func (s Sessions) Touch(ctx context.Context, key string, life time.Duration) error {
	return s.talk(ctx, func(ctx context.Context, r rueidis.Client) error {
		return r.Do(ctx, r.B().Pexpire().Key(sessionKey(key)).Milliseconds(life.Milliseconds()).Build()).Error()
	})
}

// Remove ends a session, for all replicas.
func (s Sessions) Remove(ctx context.Context, key string) error {
	return s.talk(ctx, func(ctx context.Context, r rueidis.Client) error {
		return r.Do(ctx, r.B().Del().Key(sessionKey(key)).Build()).Error()
	})
}

// Claim waits for the sole right to renew a session's tokens, which ends by
// itself after twenty seconds.
func (s Sessions) Claim(ctx context.Context, key string) (release func(), err error) {
	claim, place := rand.Text(), renewalKey(key)
	look := time.NewTicker(renewalLook)
	defer look.Stop()
	for {
		var free bool
		err := s.talk(ctx, func(ctx context.Context, r rueidis.Client) error {
			err := r.Do(ctx, r.B().Set().Key(place).Value(claim).Nx().Px(renewalClaim).Build()).Error()
			free = err == nil
			if rueidis.IsRedisNil(err) {
				return nil
			}
			return err
		})
		switch {
		case err != nil:
			return nil, err
		case free:
			return func() {
				s.fleet.try(context.WithoutCancel(ctx), func(ctx context.Context, r rueidis.Client) error {
					return s.fleet.scripts.remove.Exec(ctx, r, []string{place}, []string{claim}).Error()
				})
			}, nil
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
