package fleet

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"zoomgraph/client"
)

const (
	mintClaim = 10 * time.Second      // for how long a replica has the sole right to mint
	mintWait  = 5 * time.Second       // for how long the others wait for what it brings
	mintLook  = 25 * time.Millisecond // between their looks
)

// A token's value in Redis is the name of its mint, a point, and the rest sealed.

// vaulted is the sealed part. Times are left to Redis, which knows how long its
// keys still live: clocks of machines differ.
type vaulted struct {
	Value  string        `json:"value"`
	APIURL string        `json:"api_url,omitempty"`
	Scopes []string      `json:"scopes,omitempty"`
	Spare  time.Duration `json:"spare"` // from RenewAt to Expiry
}

// vault keeps one token of an account, and is a client.TokenVault.
type vault struct {
	of   *Shared
	name string

	mu    sync.Mutex
	claim string // with which this process holds the right to mint; empty: it does not
}

// accountToken names the token of the account's own app.
const accountToken = "token"

// AppVault keeps the token of another app, which the replicas mint for what that app does in the account itself.
func (a *Shared) AppVault(clientID string) client.TokenVault {
	return &vault{of: a, name: "app " + clientID}
}

func (v *vault) tokenKey() string { return v.of.key("token", v.name) }
func (v *vault) claimKey() string { return v.of.key("claim", v.name) }

// Find brings the token, unless it is the mint old, and is a client.TokenVault's,
// like Keep, Release and Drop. While another replica mints, it waits five seconds
// at most.
func (v *vault) Find(ctx context.Context, old string) (client.Token, bool) {
	ctx, cancel := context.WithTimeout(ctx, mintWait)
	defer cancel()
	look := time.NewTicker(mintLook)
	defer look.Stop()
	for claimed := false; ; {
		if tok, ok := v.load(ctx); ok && tok.Mint != old {
			if claimed {
				v.Release(ctx)
			}
			return tok, true
		}
		if claimed {
			return client.Token{}, false
		}
		var ok bool
		if claimed, ok = v.take(ctx); !ok {
			return client.Token{}, false
		}
		if claimed {
			continue // somebody may have minted between the look and the claim
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return client.Token{}, false
		}
	}
}

// load reads the token that is kept, and how long it lives.
func (v *vault) load(ctx context.Context) (client.Token, bool) {
	var text string
	var left int64
	place, now := v.tokenKey(), time.Now()
	ok := v.of.fleet.try(ctx, func(ctx context.Context, r rueidis.Client) error {
		answers := r.DoMulti(ctx, r.B().Get().Key(place).Build(), r.B().Pttl().Key(place).Build())
		var err error
		if text, err = answers[0].ToString(); err != nil && !rueidis.IsRedisNil(err) {
			return err
		}
		left, err = answers[1].AsInt64()
		return err
	})
	mint, sealed, found := strings.Cut(text, ".")
	var told vaulted
	if !ok || !found || left <= 0 || json.Unmarshal(v.of.opened(place+mint, []byte(sealed)), &told) != nil || told.Value == "" {
		return client.Token{}, false
	}
	expiry := now.Add(time.Duration(left) * time.Millisecond)
	return client.Token{
		Value: told.Value, APIURL: told.APIURL, Scopes: told.Scopes, Mint: mint,
		Expiry: expiry, RenewAt: expiry.Add(-told.Spare),
	}, true
}

// take claims the right to mint. It is not ok if Redis cannot be asked.
func (v *vault) take(ctx context.Context) (free, ok bool) {
	claim := rand.Text()
	ok = v.of.fleet.try(ctx, func(ctx context.Context, r rueidis.Client) error {
		err := r.Do(ctx, r.B().Set().Key(v.claimKey()).Value(claim).Nx().Px(mintClaim).Build()).Error()
		free = err == nil
		if rueidis.IsRedisNil(err) {
			return nil
		}
		return err
	})
	if free {
		v.mu.Lock()
		v.claim = claim
		v.mu.Unlock()
	}
	return free, ok
}

// Keep puts tok in the place of the token that was kept, until it expires.
func (v *vault) Keep(ctx context.Context, tok client.Token) {
	defer v.Release(ctx)
	life := time.Until(tok.Expiry)
	if life < time.Second || tok.Mint == "" {
		return
	}
	text, err := json.Marshal(vaulted{
		Value: tok.Value, APIURL: tok.APIURL, Scopes: tok.Scopes, Spare: tok.Expiry.Sub(tok.RenewAt),
	})
	if err != nil {
		return // strings and a number always encode
	}
	place := v.tokenKey()
	value := tok.Mint + "." + rueidis.BinaryString(v.of.sealed(place+tok.Mint, text))
	v.of.fleet.try(ctx, func(ctx context.Context, r rueidis.Client) error {
		return r.Do(ctx, r.B().Set().Key(place).Value(value).Px(life).Build()).Error()
	})
}

// Release gives up the right to mint, if this process has it.
func (v *vault) Release(ctx context.Context) {
	v.mu.Lock()
	claim := v.claim
	v.claim = ""
	v.mu.Unlock()
	if claim != "" {
		v.remove(ctx, v.claimKey(), claim)
	}
}

// Drop removes the token of that mint and no other.
func (v *vault) Drop(ctx context.Context, mint string) {
	if mint != "" {
		v.remove(ctx, v.tokenKey(), mint+".")
	}
}

// remove deletes a key if its value begins so.
func (v *vault) remove(ctx context.Context, key, beginning string) {
	v.of.fleet.try(ctx, func(ctx context.Context, r rueidis.Client) error {
		return v.of.fleet.scripts.remove.Exec(ctx, r, []string{key}, []string{beginning}).Error()
	})
}

const removeScript = `
local value = redis.call('GET', KEYS[1])
if value and value:sub(1, #ARGV[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0`
