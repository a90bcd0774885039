package fleet

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"zoomgraph/internal/store"
	"zoomgraph/internal/underway"
)

// nameBytes is how much of a name's digest stands in a key.
const nameBytes = 18

// Shared is what the replicas share of one Zoom account. It is safe for
// concurrent use.
type Shared struct {
	*vault // of the account's own token

	fleet  *Fleet
	braced string // the account as it stands in keys
	names  []byte // what digests of names are made under
	seal   cipher.AEAD

	book   *underway.Book      // writes of this process
	untold map[string]struct{} // resources written while Redis could not be told; guarded by fleet.mu

	mu     sync.Mutex
	guards map[string]*guard // by resource
	byKey  map[string]string // resources by their keys

	events events // see events.go

	heard moment // when the last question was sent that the account's server answered; see lease.go

	sentMark, knownMark int64 // the last mark that was sent, and the last that Redis has confirmed; see history.go
}

// Shared gives the account with that id, the same one each time. What is shared
// of it is sealed under keys derived from the app's client secret, which all
// replicas have. The first time it may wait a quarter of a second for Redis.
func (f *Fleet) Shared(id string, secret []byte) (*Shared, error) {
	if id == "" || len(secret) == 0 {
		return nil, errors.New("fleet: an account needs an id and a secret")
	}
	names, err := hkdf.Key(sha256.New, secret, []byte(id), schema+"names", sha256.Size)
	if err != nil {
		return nil, err
	}
	values, err := hkdf.Key(sha256.New, secret, []byte(id), schema+"values", sha256.Size)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(values)
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	made := &Shared{
		fleet: f, braced: "{" + url.PathEscape(id) + "}", names: names, seal: seal,
		untold: map[string]struct{}{}, guards: map[string]*guard{}, byKey: map[string]string{}, book: underway.New(f.now),
		events: events{kick: make(chan struct{}, 1)},
	}
	made.vault = &vault{of: made, name: accountToken}
	a, known := f.register(made)
	switch {
	case !known:
		a.try(context.Background(), a.tell) // what begins an era tells of those accounts only that were there
	case !hmac.Equal(a.names, names):
		return nil, errors.New("fleet: the account is there already, with another secret")
	}
	return a, nil
}

// register keeps an account, unless it is known.
func (f *Fleet) register(a *Shared) (_ *Shared, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if earlier := f.accounts[a.braced]; earlier != nil {
		return earlier, true
	}
	f.accounts[a.braced] = a
	f.following.Go(func() { a.follow(f.life) })
	return a, false
}

// accountOf finds the account in a key.
func accountOf(key string) string {
	from, to := strings.IndexByte(key, '{'), strings.IndexByte(key, '}')
	if from < 0 || to < from {
		return ""
	}
	return key[from : to+1]
}

// key is the place of a thing whose name nobody else is to learn.
func (a *Shared) key(kind, name string) string {
	return schema + kind + "/" + a.braced + "/" + a.digest(name)
}

// digest stands for a name.
func (a *Shared) digest(name string) string {
	digest := hmac.New(sha256.New, a.names)
	digest.Write([]byte(name))
	return base64.RawURLEncoding.EncodeToString(digest.Sum(nil)[:nameBytes])
}

// sealed is a value that can be read in its own place only.
func (a *Shared) sealed(key string, value []byte) []byte {
	return a.seal.Seal(nil, nil, value, []byte(key)) //nolint:gosec // this AEAD makes a random nonce itself
}

// opened is nil for what was not sealed for that place.
func (a *Shared) opened(key string, sealed []byte) []byte {
	value, err := a.seal.Open(nil, nil, sealed, []byte(key))
	if err != nil {
		return nil
	}
	if value == nil {
		value = []byte{}
	}
	return value
}

// versionBytes is how long the version of a value is: the nonce with which it begins, which no other value has.
const versionBytes = 12

// getScript brings a value and the time. A cluster has many clocks; the one of the value's server is meant.
const getScript = `return {redis.call('GET', KEYS[1]), redis.call('TIME')}`

// putScript sets a value in the place of the one with that version. Otherwise it does as getScript does.
const putScript = `
local there = redis.call('GET', KEYS[1])
if string.sub(there or '', 1, 12) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return {}
end
return {there, redis.call('TIME')}`

// Get brings what any replica has put under a key, unless it cannot be read.
func (a *Shared) Get(ctx context.Context, key string) (found store.Found) {
	place := a.key("value", key)
	a.fleet.try(ctx, func(ctx context.Context, r rueidis.Client) (err error) {
		found, err = a.found(place, a.fleet.scripts.get.Exec(ctx, r, []string{place}, nil))
		return err
	})
	return found
}

// Put keeps a value for so long, for all replicas, in the place of what was found. If another one is there by now that
// stays, and is brought. A value of which Redis cannot be told is lost.
func (a *Shared) Put(ctx context.Context, key string, over store.Found, value []byte, life time.Duration) (there store.Found, done bool) {
	if life < time.Millisecond || a.fleet.era.Load() == nil {
		return store.Found{}, true
	}
	place := a.key("value", key)
	sealed := rueidis.BinaryString(a.sealed(place, value))
	well := a.fleet.try(ctx, func(ctx context.Context, r rueidis.Client) (err error) {
		there, err = a.found(place, a.fleet.scripts.put.Exec(ctx, r, []string{place}, []string{over.Version, sealed, millis(life)}))
		return err
	})
	return there, !well || there.Now.IsZero()
}

// found reads the answer of getScript. It is empty where there is none.
func (a *Shared) found(place string, answer rueidis.RedisResult) (found store.Found, err error) {
	parts, err := answer.ToArray()
	if err != nil || len(parts) == 0 {
		return store.Found{}, err
	}
	if len(parts) != 2 {
		return store.Found{}, errScript
	}
	clock, err := parts[1].AsIntSlice()
	if err != nil || len(clock) != 2 {
		return store.Found{}, errScript
	}
	found.Now = time.Unix(clock[0], clock[1]*int64(time.Microsecond))
	sealed, err := parts[0].ToString()
	switch {
	case rueidis.IsRedisNil(err):
		return found, nil
	case err != nil:
		return store.Found{}, err
	}
	found.Version = sealed[:min(len(sealed), versionBytes)]
	found.Value = a.opened(place, []byte(sealed))
	return found, nil
}

func millis(d time.Duration) string { return decimal(d.Milliseconds()) }

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
