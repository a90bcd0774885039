package fleet

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

const (
	timeout  = 250 * time.Millisecond // of a round trip, and of connecting
	patient  = time.Second            // how long Open waits for the first connection
	beat     = 500 * time.Millisecond // between signs of life
	retry    = 200 * time.Millisecond // between looks at a Redis that is down
	lifetime = 6 * beat               // without a sign of life a replica is taken for dead
	reunion  = 2 * retry              // from the first replica's return after an outage to the last one's
)

var (
	errLost   = errors.New("the connection was lost")
	errClosed = errors.New("closed")
	errScript = errors.New("a script's answer is not what it should be")

	errHandshake = errors.New("TLS: the server does not answer the handshake: if it speaks no TLS, write redis:// in place of rediss://")
	errSentinel  = errors.New("this is a Sentinel: add ?master= and the name by which it knows the server to the URL")
)

// era is a time in which Redis can be asked and is the same one.
type era struct {
	ctx   context.Context // ends with the era
	stop  context.CancelFunc
	redis rueidis.Client
	heard moment // when the last question was sent that a single server answered

	clustered bool // there are several servers, and each account has its own

	begun time.Time
	whole time.Time // when all replicas are back, and draw from one budget again
}

// try has a talk with Redis and tells whether it went well. One that does not
// answer in time, or refuses, ends the era for all; a caller that leaves does not.
func (f *Fleet) try(ctx context.Context, talk func(context.Context, rueidis.Client) error) bool {
	e := f.era.Load()
	if e == nil {
		return false
	}
	short, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer context.AfterFunc(e.ctx, cancel)()
	sent := f.now()
	err := talk(short, e.redis)
	if err == nil {
		e.heard.tell(sent)
		return true
	}
	if ctx.Err() == nil {
		f.end(e, err)
	}
	return false
}

// end ends an era, unless that was done. What was learned in it is forgotten,
// since from now on nobody tells this replica what changes.
func (f *Fleet) end(e *era, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.era.CompareAndSwap(e, nil) {
		return
	}
	e.stop()
	for _, a := range f.accounts {
		a.forgetAll()
	}
	f.since, f.err = f.now(), reason(err)
	if !errors.Is(err, errClosed) {
		f.log.Warn("redis cannot be asked; this replica goes on alone", slog.String("reason", f.err))
	}
	select {
	case f.kick <- struct{}{}:
	default:
	}
}

// begin starts an era, unless something is still to be told.
func (f *Fleet) begin(ctx context.Context, whole time.Time) (begun bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.accounts {
		if len(a.untold) > 0 {
			return false
		}
	}
	e := &era{redis: f.redis, clustered: f.clustered, begun: f.now(), whole: whole}
	e.ctx, e.stop = context.WithCancel(ctx)
	f.era.Store(e)
	f.since, f.err, f.silent = e.begun, "", false
	for _, a := range f.accounts {
		a.events.wake()
	}
	f.log.Info("redis can be asked", slog.Int("replicas", int(f.replicas.Load())))
	return true
}

// watch keeps an eye on Redis until ctx ends; first is closed after the first look.
func (f *Fleet) watch(ctx context.Context, first chan<- struct{}) {
	defer close(f.left)
	tick := time.NewTimer(0)
	defer tick.Stop()
	misses := 0 // looks in a row that found Redis down
	told := map[string]bool{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.kick:
		case <-tick.C:
		}
		if f.era.Load() == nil {
			f.look(ctx, misses > 0)
		} else {
			f.try(ctx, f.beat)
			if f.clustered {
				f.try(ctx, f.hear)
			}
		}
		pause := beat
		misses++
		if f.era.Load() == nil {
			pause = retry
		} else {
			misses = 0
		}
		f.tellWhy(told, first != nil)
		if first != nil {
			close(first)
			first = nil
		}
		tick.Reset(pause)
	}
}

// tellWhy lets the log know why Redis cannot be asked: each reason once in an outage, since the first may not be the cause.
func (f *Fleet) tellWhy(told map[string]bool, atStart bool) {
	health := f.Health()
	switch {
	case health.Up:
		clear(told)
		return
	case told[health.Err]:
		return
	case atStart:
		f.log.Warn("redis cannot be asked yet; this replica begins alone", slog.String("reason", health.Err))
	case len(told) > 0:
		f.log.Warn("redis cannot be asked yet, for another reason than before", slog.String("reason", health.Err))
	}
	told[health.Err] = true
}

// look finds out whether Redis can be asked again, and tells it what has changed
// in the meantime before anybody else may ask. After an outage the replicas return
// one by one: until the last one has had the time to, each keeps to its part of
// the budget.
func (f *Fleet) look(ctx context.Context, outage bool) {
	if err := f.connect(ctx); err != nil {
		f.remember(err)
		return
	}
	losses := f.losses.Load()
	whole, err := f.introduce(ctx, outage)
	for begun := false; err == nil && !begun; {
		if err = f.tell(ctx); err == nil {
			begun = f.begin(ctx, whole)
		}
	}
	if err != nil {
		f.remember(err)
		if _, refused := rueidis.IsRedisErr(err); refused {
			f.disconnect() // another server may be at that address by now
		}
		return
	}
	// What was lost before the era began did not end it.
	if e := f.era.Load(); e != nil && f.losses.Load() != losses {
		f.end(e, errLost)
	}
}

func (f *Fleet) remember(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = reason(err)
}

// introduce gives a sign of life, and learns when the fleet is whole.
func (f *Fleet) introduce(ctx context.Context, outage bool) (whole time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	pause := time.Duration(0)
	if outage {
		pause = reunion
	}
	now := f.now()
	pause, err = f.appear(ctx, f.redis, pause)
	return now.Add(pause), err
}

// beat gives a sign of life.
func (f *Fleet) beat(ctx context.Context, r rueidis.Client) error {
	_, err := f.appear(ctx, r, 0)
	return err
}

// appearScript believes no time that is further ahead than what is ever written: the server's clock was set back.
const appearScript = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + ARGV[2], '+inf')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local pause = 0
if tonumber(ARGV[3]) > 0 then
  redis.call('SET', KEYS[2], now + ARGV[3], 'NX', 'PX', ARGV[2])
  pause = math.max(0, redis.call('GET', KEYS[2]) - now)
  if pause > tonumber(ARGV[3]) then
    pause = tonumber(ARGV[3])
    redis.call('SET', KEYS[2], now + pause, 'PX', ARGV[2])
  end
end
return {redis.call('ZCARD', KEYS[1]), pause}`

// appear gives a sign of life and counts those who do. After an outage the others
// are not back yet: for a while the count only rises. The first who comes with a
// pause sets for all when it ends; what is left of it is returned.
func (f *Fleet) appear(ctx context.Context, r rueidis.Client, pause time.Duration) (time.Duration, error) {
	told, err := f.scripts.appear.Exec(ctx, r, []string{replicasKey, reunionKey},
		[]string{f.id, millis(lifetime), millis(pause)}).AsIntSlice()
	if err != nil {
		return 0, err
	}
	if len(told) != 2 {
		return 0, errScript
	}
	n := told[0]
	if e := f.era.Load(); e == nil || f.now().Sub(e.begun) < lifetime {
		n = max(n, int64(f.replicas.Load()))
	}
	f.replicas.Store(int32(n))
	return time.Duration(told[1]) * time.Millisecond, nil
}

// invalidated is called by the connection's own reader: with the keys that
// somebody has changed, or with none when it is lost (or all was deleted).
func (f *Fleet) invalidated(keys []rueidis.RedisMessage) {
	if keys == nil {
		f.losses.Add(1)
		if e := f.era.Load(); e != nil {
			f.end(e, errLost)
		}
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range keys {
		key, err := keys[i].ToString()
		if err != nil {
			continue // it is no key
		}
		switch a := f.accounts[accountOf(key)]; {
		case a == nil:
		case strings.HasPrefix(key, eventPrefix):
			a.events.wake()
		default:
			a.forgetKey(key)
		}
	}
}
