package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// turnstile is a Zoom on a fake clock that takes the token minted last, unless it
// refuses. Each call takes 100 ms.
type turnstile struct {
	mu      sync.Mutex
	mints   int
	dead    int                      // mints up to this one are revoked
	refuses func(*http.Request) bool // whatever the token; nil: none
	answer  func() *http.Response    // to such a call; nil: 401 with code 124
	mintsAt []time.Duration          // since start
	start   time.Time
}

func newTurnstile() *turnstile { return &turnstile{start: time.Now()} }

func (z *turnstile) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(50 * time.Millisecond)
	defer time.Sleep(50 * time.Millisecond)
	z.mu.Lock()
	defer z.mu.Unlock()
	if strings.HasSuffix(r.URL.Path, "/token") {
		z.mints++
		z.mintsAt = append(z.mintsAt, time.Since(z.start))
		return reply(200, fmt.Sprintf(`{"access_token":"mint-%d","expires_in":3600}`, z.mints)), nil
	}
	n := 0
	_, _ = fmt.Sscanf(r.Header.Get("Authorization"), "Bearer mint-%d", &n)
	switch {
	case n <= z.dead || z.refuses != nil && z.refuses(r) && z.answer == nil:
		return reply(401, `{"code":124,"message":"Invalid access token."}`), nil
	case z.refuses != nil && z.refuses(r):
		return z.answer(), nil
	}
	return reply(200, `{}`), nil
}

// set changes what is refused.
func (z *turnstile) set(refuses func(*http.Request) bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.refuses = refuses
}

// revoke ends all tokens that there are.
func (z *turnstile) revoke() {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.dead = z.mints
}

// spent is how many tokens were minted since it was asked last.
func (z *turnstile) spent() int {
	z.mu.Lock()
	defer z.mu.Unlock()
	n := len(z.mintsAt)
	z.mintsAt = nil
	return n
}

func (z *turnstile) client(t *testing.T, vault TokenVault) *Client {
	t.Helper()
	c, err := New(Config{AccountID: "a", ClientID: "c", ClientSecret: "s3cret", Transport: z, Vault: vault, MaxInFlight: 100})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// users are the names of n users, user-0 and so on.
func named(n int) []string {
	users := make([]string, n)
	for i := range users {
		users[i] = fmt.Sprintf("user-%d", i)
	}
	return users
}

// about tells of a call whether it is about one of these users.
func about(users ...string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		for _, user := range users {
			if strings.Contains(r.URL.Path, "/"+user+"/") {
				return true
			}
		}
		return false
	}
}

func all(*http.Request) bool { return true }

// ask lets each user be asked about again and again for that long. It returns
// how many calls failed, by user.
func askFor(t *testing.T, d time.Duration, users []string, clients ...*Client) map[string]int {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	failed := map[string]int{}
	end := time.Now().Add(d)
	for i, user := range users {
		wg.Go(func() {
			for time.Now().Before(end) {
				_, err := clients[i%len(clients)].Do(t.Context(), settingsOf(user))
				if err == nil {
					continue
				}
				if !errors.Is(err, ErrUpstreamAuthFailed) && !errors.Is(err, ErrUpstreamInvalidResponse) {
					t.Errorf("%s: %v", user, err)
				}
				mu.Lock()
				failed[user]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return failed
}

// guild is a vault that lets one mint at a time, as that of a fleet does.
type guild struct {
	shelf

	minting chan struct{} // holds something while one does
}

func newGuild() *guild { return &guild{minting: make(chan struct{}, 1)} }

func (g *guild) Find(ctx context.Context, old string) (Token, bool) {
	g.minting <- struct{}{}
	tok, ok := g.shelf.Find(ctx, old)
	if ok {
		<-g.minting
	}
	return tok, ok
}

func (g *guild) Keep(ctx context.Context, tok Token) {
	g.shelf.Keep(ctx, tok)
	<-g.minting
}

func (g *guild) Release(context.Context) { <-g.minting }

// A user whom Zoom always refuses costs one mint, whatever is asked. Other users are
// answered as ever.
func TestARefusedTargetIsNotTheToken(t *testing.T) {
	t.Parallel()
	for name, denied := range map[string][]string{"one": named(1), "five": named(5), "half": named(16), "all but one": named(31)} {
		for _, replicas := range []int{1, 3} {
			if replicas > 1 && len(denied) == 31 {
				continue // then there are replicas that see no call go well
			}
			t.Run(fmt.Sprint(name, " of 32, ", replicas), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					z, v := newTurnstile(), newGuild()
					var clients []*Client
					for range replicas {
						clients = append(clients, z.client(t, v))
					}
					z.set(about(denied...))
					failed := askFor(t, 10*time.Second, named(32), clients...)
					if n := z.spent(); n > 1+replicas {
						t.Errorf("%d mints in ten seconds, the first among them", n)
					}
					if len(failed) != len(denied) {
						t.Errorf("failed: %v", failed)
					}
					z.set(nil)
					if failed := askFor(t, time.Second, named(32), clients...); len(failed) > 0 || z.spent() > 0 {
						t.Errorf("when Zoom takes them again: %v", failed)
					}
				})
			})
		}
	}
}

// Where each is asked about alone, one after the other, there are few mints too.
func TestRefusedTargetsInARow(t *testing.T) {
	t.Parallel()
	for name, every := range map[string]int{"each fifth": 5, "each second": 2, "nine of ten": -10} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z := newTurnstile()
				var denied []string
				users := named(500)
				for i, user := range users {
					if every > 0 == (i%max(every, -every) == 0) {
						denied = append(denied, user)
					}
				}
				z.set(about(denied...))
				c, bad := z.client(t, nil), 0
				for _, user := range users {
					_, err := c.Do(t.Context(), settingsOf(user))
					if err != nil {
						bad++
					}
				}
				if n := z.spent(); n > 8 || bad != len(denied) {
					t.Errorf("%d mints in %v, %d calls failed, want %d", n, time.Since(z.start), bad, len(denied))
				}
			})
		})
	}
}

// A Zoom, or something on the way, that refuses everything is not asked for a
// token with each call. When it ends the next calls go well.
func TestEverythingRefused(t *testing.T) {
	t.Parallel()
	foreign := func() *http.Response { return reply(401, "<html>log in</html>") }
	for name, answer := range map[string]func() *http.Response{"by Zoom": nil, "by a proxy": foreign} {
		for _, users := range []int{1, 32} {
			for _, before := range []bool{false, true} {
				t.Run(fmt.Sprint(name, " for ", users, ", worked before: ", before), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						z := newTurnstile()
						z.answer = answer
						a, b := z.client(t, newGuild()), z.client(t, nil)
						if before {
							askFor(t, time.Second, named(users), a, b)
						}
						z.set(all)
						z.spent()
						if failed := askFor(t, 5*time.Second, named(users), a); len(failed) != users || z.spent() > 4 {
							t.Errorf("%d users refused, want %d, and at most 4 mints", len(failed), users)
						}
						if askFor(t, 5*time.Minute, named(2), a); z.spent() > 13 {
							t.Error("more than one mint in 30 s, in the long run")
						}
						z.set(nil)
						if failed := askFor(t, time.Second, named(users), a); len(failed) > 0 || z.spent() > 0 {
							t.Errorf("when it has ended: %v", failed)
						}
						z.revoke()
						if failed := askFor(t, time.Second, named(users), a); len(failed) > 0 || z.spent() != 1 {
							t.Errorf("revoked then: %v", failed)
						}
					})
				})
			}
		}
	}
}

// A token that Zoom revokes is replaced by one mint, for all replicas, and nobody
// notices: however often, and whoever is refused for himself meanwhile.
func TestRevoked(t *testing.T) {
	t.Parallel()
	for name, denied := range map[string][]string{"nobody": nil, "one": named(1), "five": named(5)} {
		for _, users := range []int{8, 32} {
			for _, replicas := range []int{1, 3} {
				t.Run(fmt.Sprint(name, " refused of ", users, ", ", replicas), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						z, v := newTurnstile(), newGuild()
						var clients []*Client
						for range replicas {
							clients = append(clients, z.client(t, v))
						}
						z.set(about(denied...))
						for round, pause := range []time.Duration{3 * time.Second, 500 * time.Millisecond, 300 * time.Millisecond, 10 * time.Second, time.Second} {
							failed := askFor(t, pause, named(users), clients...)
							most := 1 // for what is revoked
							if round == 0 && len(denied) > 0 {
								most += replicas
							}
							if n := z.spent(); n > most || len(failed) > len(denied) {
								t.Errorf("round %d: %d mints; failed: %v", round, n, failed)
							}
							z.revoke()
						}
					})
				})
			}
		}
	}
}

// Each call is about another user, so no target is refused twice. The first call
// after Zoom revoked the token brings the new one.
func TestRevokedWhereFewAsk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := newTurnstile()
		c := z.client(t, nil)
		z.set(about("user-0"))
		for i := range 100 {
			if i%10 == 5 {
				z.revoke()
			}
			user := fmt.Sprintf("user-%d", i%4)
			if _, err := c.Do(t.Context(), settingsOf(user)); (err != nil) != (user == "user-0") {
				t.Errorf("call %d, %s: %v", i, user, err)
			}
			time.Sleep(3 * time.Second)
		}
		if n := z.spent(); n > 1+10+6 {
			t.Errorf("%d mints, want one for each of 10 times that the token was revoked, and few others", n)
		}
	})
}

// Where only those ask whom Zoom refuses, a token is minted ever less often.
func TestPausesBetweenMintsInVain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := newTurnstile()
		z.set(all)
		c := z.client(t, nil)
		askFor(t, 3*time.Minute, named(1), c)
		want := []time.Duration{0, 0, 1, 2, 4, 8, 16, 30, 30, 30, 30}
		for i := 1; i < len(z.mintsAt) && i < len(want); i++ {
			if pause := z.mintsAt[i] - z.mintsAt[i-1]; pause.Round(time.Second) != want[i]*time.Second {
				t.Errorf("mint %d came after %v, want %d s", i, pause, want[i])
			}
		}
		if len(z.mintsAt) != len(want) {
			t.Errorf("mints at %v", z.mintsAt)
		}
		_, err := c.Do(t.Context(), settingsOf("user-0"))
		if e := asError(t, err); e.Code != CodeUpstreamAuthFailed || !e.RetryAfter.After(time.Now()) {
			t.Errorf("%v, to come back at %v", e, e.RetryAfter)
		}
	})
}

// However many targets are refused, a bounded number is remembered.
func TestBlameIsBounded(t *testing.T) {
	t.Parallel()
	var r tokenRefusals
	for i := range 3 * mostBlamed {
		r.judge("mint", fmt.Sprint(i), noon.Add(time.Duration(i)*time.Second))
	}
	if r.blamed[fmt.Sprint(3*mostBlamed-1)] == nil || len(r.blamed) > mostBlamed {
		t.Errorf("%d are remembered", len(r.blamed))
	}
}
