package fleet

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"strings"
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

func (a *Shared) tokenKey() string { return a.key("token", "token") }
func (a *Shared) claimKey() string { return a.key("claim", "token") }

// Find brings the account's token, unless it is the mint old, and is a
// client.TokenVault's, like Keep, Release and Drop. While another replica mints,
// it waits five seconds at most.
func (a *Shared) Find(ctx context.Context, old string) (client.Token, bool) {
	ctx, cancel := context.WithTimeout(ctx, mintWait)
	defer cancel()
	look := time.NewTicker(mintLook)
	defer look.Stop()
	for claimed := false; ; {
		if tok, ok := a.load(ctx); ok && tok.Mint != old {
			if claimed {
				a.Release(ctx)
			}
			return tok, true
		}
		if claimed {
			return client.Token{}, false
		}
		var ok bool
		if claimed, ok = a.take(ctx); !ok {
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
func (a *Shared) load(ctx context.Context) (client.Token, bool) {
	var text string
	var left int64
	place, now := a.tokenKey(), time.Now()
	ok := a.fleet.try(ctx, func(ctx context.Context, r rueidis.Client) error {
		answers := r.DoMulti(ctx, r.B().Get().Key(place).Build(), r.B().Pttl().Key(place).Build())
		var err error
		if text, err = answers[0].ToString(); err != nil && !rueidis.IsRedisNil(err) {
			return err
		}
		left, err = answers[1].AsInt64()
		return err
	})
	mint, sealed, found := strings.Cut(text, ".")
	var v vaulted
	if !ok || !found || left <= 0 || json.Unmarshal(a.opened(place+mint, []byte(sealed)), &v) != nil || v.Value == "" {
		return client.Token{}, false
	}
	expiry := now.Add(time.Duration(left) * time.Millisecond)
	return client.Token{
		Value: v.Value, APIURL: v.APIURL, Scopes: v.Scopes, Mint: mint,
		Expiry: expiry, RenewAt: expiry.Add(-v.Spare),
	}, true
}

// take claims the right to mint. It is not ok if Redis cannot be asked.
func (a *Shared) take(ctx context.Context) (free, ok bool) {
	claim := rand.Text()
	ok = a.fleet.try(ctx, func(ctx context.Context, r rueidis.Client) error {
		err := r.Do(ctx, r.B().Set().Key(a.claimKey()).Value(claim).Nx().Px(mintClaim).Build()).Error()
		free = err == nil
		if rueidis.IsRedisNil(err) {
			return nil
		}
		return err
	})
	if free {
		a.mu.Lock()
		a.claim = claim
		a.mu.Unlock()
	}
	return free, ok
}

// Keep puts tok in the place of the token that was kept, until it expires.
func (a *Shared) Keep(ctx context.Context, tok client.Token) {
	defer a.Release(ctx)
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
	place := a.tokenKey()
	value := tok.Mint + "." + rueidis.BinaryString(a.sealed(place+tok.Mint, text))
	a.fleet.try(ctx, func(ctx context.Context, r rueidis.Client) error {
		return r.Do(ctx, r.B().Set().Key(place).Value(value).Px(life).Build()).Error()
	})
}

// Release gives up the right to mint, if this process has it.
func (a *Shared) Release(ctx context.Context) {
	a.mu.Lock()
	claim := a.claim
	a.claim = ""
	a.mu.Unlock()
	if claim != "" {
		a.remove(ctx, a.claimKey(), claim)
	}
}

// Drop removes the token of that mint and no other.
func (a *Shared) Drop(ctx context.Context, mint string) {
	if mint != "" {
		a.remove(ctx, a.tokenKey(), mint+".")
	}
}

// remove deletes a key if its value begins so.
func (a *Shared) remove(ctx context.Context, key, beginning string) {
	a.fleet.try(ctx, func(ctx context.Context, r rueidis.Client) error {
		return a.fleet.scripts.remove.Exec(ctx, r, []string{key}, []string{beginning}).Error()
	})
}

const removeScript = `
local value = redis.call('GET', KEYS[1])
if value and value:sub(1, #ARGV[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0`
