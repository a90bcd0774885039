package client

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// counter is a Zoom that takes so many calls in any second, or else counts by a token
// bucket of that rate. It tells what is left, or nothing.
type counter struct {
	zoomLog

	limit  int
	whole  bool // it counts the calls of each whole second, not those of any
	bucket bool
	size   float64 // of the bucket
	quiet  bool
	level  float64
	last   time.Time
	denied int
}

func newCounter(limit int, latency time.Duration) *counter {
	z := &counter{zoomLog: zoomLog{start: time.Now(), latency: latency}, limit: limit, size: float64(limit), level: float64(limit), last: time.Now()}
	z.respond = z.judge
	return z
}

// judge answers the n-th call.
func (z *counter) judge(n int, _ *http.Request) *http.Response {
	left := z.limit - inSecond(z.times[:n+1], n)
	if z.whole {
		first, _ := slices.BinarySearch(z.times[:n+1], z.times[n].Truncate(time.Second))
		left = z.limit - (n + 1 - first)
	}
	if z.bucket {
		z.level = min(z.size, z.level+time.Since(z.last).Seconds()*float64(z.limit)) - 1
		z.last = time.Now()
		left = int(z.level)
		if z.level < 0 {
			left = -1
			z.level++
		}
	}
	answer := reply(200, `{}`)
	if left < 0 {
		z.denied++
		answer, left = reply(429, `{"code":429,"message":"m"}`), 0
	}
	if !z.quiet {
		answer.Header.Set("X-RateLimit-Type", "QPS")
		answer.Header.Set("X-RateLimit-Category", "Medium")
		answer.Header.Set("X-RateLimit-Limit", strconv.Itoa(z.limit))
		answer.Header.Set("X-RateLimit-Remaining", strconv.Itoa(left))
	}
	return answer
}

// inSecond is how many calls came in the second that ends with the n-th.
func inSecond(times []time.Duration, n int) int {
	first, _ := slices.BinarySearch(times, times[n]-time.Second+1)
	return n + 1 - first
}

// most is the most calls that came in any second.
func (z *counter) most() int {
	most := 0
	for n := range z.times {
		most = max(most, inSecond(z.times, n))
	}
	return most
}

// Over any second no more calls leave than the rate allows, however they come: a
// burst counts towards the second that it is in.
func TestNoSecondHoldsMore(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 2, 10, 48, 60} {
		for _, latency := range []time.Duration{0, 50 * time.Millisecond, 300 * time.Millisecond} {
			for _, quiet := range []bool{true, false} {
				t.Run(fmt.Sprintf("%d a second, %v each, quiet: %v", limit, latency, quiet), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						z := newCounter(limit, latency)
						z.quiet = quiet
						rate := float64(limit)
						c, _ := pacedBefore(t, z, Limit{PerSecond: rate, Burst: max(1, rate*0.95)}, 1)
						chance := rand.New(rand.NewPCG(uint64(limit), uint64(latency)))
						var wg sync.WaitGroup
						for sent := 0; sent < 20*limit; {
							for range 1 + chance.IntN(1+2*limit) {
								wg.Go(func() { callWithin(t, c, time.Minute) })
								sent++
							}
							time.Sleep(time.Duration(chance.Int64N(int64(3 * time.Second))))
						}
						wg.Wait()
						if most := z.most(); most > limit || z.denied > 0 {
							t.Errorf("%d calls in one second, %d of them refused", most, z.denied)
						}
					})
				})
			}
		}
	}
}

// An answer that is read late tells how many calls Zoom took when it was written. What
// Zoom has taken since is not taken a second time, also where the clock gives all of it
// the same time.
func TestALateAnswerIsOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &holding{counter: newCounter(48, 0), held: make(chan chan struct{}, 62)}
		c, _ := pacedBefore(t, z, Limit{PerSecond: 48, Burst: 45.6}, 1)
		together(t, c, 40) // so it is known what goes well
		time.Sleep(10 * time.Second)
		var late sync.WaitGroup
		hold := func(n int) (release chan struct{}) {
			release = make(chan struct{})
			for range n {
				z.held <- release
				late.Go(func() { callWithin(t, c, time.Minute) })
			}
			synctest.Wait()
			return release
		}
		together(t, c, 25)
		time.Sleep(600 * time.Millisecond) // there are tokens for more than Zoom takes
		first := hold(1)
		together(t, c, 15)
		second := hold(1)
		close(first)
		synctest.Wait()
		close(hold(60))
		close(second)
		late.Wait()
		if most := z.most(); most > z.limit || z.denied > 0 {
			t.Errorf("%d calls in one second, %d of them refused", most, z.denied)
		}
	})
}

// holding is a counter that holds back the answer of the next call for each channel in
// held, until that is closed.
type holding struct {
	*counter

	held chan chan struct{}
}

func (z *holding) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := z.counter.RoundTrip(r)
	select {
	case release := <-z.held:
		<-release
	default:
	}
	return answer, err
}

func callWithin(t *testing.T, c *Client, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if _, err := c.Do(ctx, *aMedium); err != nil {
		t.Error(err)
	}
}

// pacedBefore gives a client with a share of one limit before z.
func pacedBefore(t *testing.T, z http.RoundTripper, limit Limit, share float64) (*Client, *Budget) {
	t.Helper()
	b, err := NewBudget(map[Label]Limit{Medium: limit}, share, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Config{Tokens: StaticToken("t"), Transport: z, Budget: b, MaxInFlight: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return c, b
}

// Ninety calls at once after a pause, of an account that takes 60 a second: none is
// refused, whatever the share, and they take no longer than they have to.
func TestABurstAfterAPause(t *testing.T) {
	t.Parallel()
	for _, share := range []float64{0.5, 0.8, 1} {
		for _, quiet := range []bool{true, false} {
			t.Run(fmt.Sprint(share, quiet), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					z := newCounter(60, 20*time.Millisecond)
					z.quiet = quiet
					c, b := pacedBefore(t, z, Limit{PerSecond: 60, Burst: 57}, share)
					together(t, c, 60) // so it is known what goes well
					time.Sleep(10 * time.Second)
					before, start := len(z.times), time.Now()
					together(t, c, 90)
					took, ideal := time.Since(start), float64(90-int(57*share))/(60*share)
					if z.denied > 0 || len(z.times) != before+90 || took.Seconds() > ideal+1.1 {
						t.Errorf("%d refused; it took %v, ideally %.2f s; %+v", z.denied, took, ideal, b.State())
					}
				})
			})
		}
	}
}

func together(t *testing.T, c *Client, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { callWithin(t, c, time.Minute) })
	}
	wg.Wait()
}

// Where Zoom says that it takes more, as one does that counts by a token bucket, the
// second after a burst is used as well.
func TestWhatZoomSaysIsLeftIsUsed(t *testing.T) {
	t.Parallel()
	for _, latency := range []time.Duration{20 * time.Millisecond, 50 * time.Millisecond, 300 * time.Millisecond} {
		t.Run(latency.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z := newCounter(60, latency)
				z.bucket = true
				c, _ := pacedBefore(t, z, Limit{PerSecond: 60, Burst: 57}, 1)
				start := time.Now()
				together(t, c, 500)
				if took, most := time.Since(start), 7500*time.Millisecond+4*latency; z.denied > 0 || took > most {
					t.Errorf("500 calls took %v, and %d were refused", took, z.denied)
				}
			})
		})
	}
}

// A turn is for its moment. However long answers take, and calls with their turns wait for slots: no second holds more
// than Zoom takes, whether it counts the calls of any second, those of each, or by a bucket.
func TestHeldUpBehindTheirTurns(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"any second", "each second", "a bucket", "a large bucket"} {
		for _, limit := range []int{5, 20, 60} {
			for _, latency := range []time.Duration{100 * time.Millisecond, time.Second, 3 * time.Second} {
				for _, pause := range []time.Duration{0, 15 * time.Millisecond, 90 * time.Millisecond} {
					for _, quiet := range []bool{true, false} {
						t.Run(fmt.Sprintf("%s, %d, %v, each %v, quiet: %v", kind, limit, latency, pause, quiet), func(t *testing.T) {
							t.Parallel()
							synctest.Test(t, func(t *testing.T) {
								z := newCounter(limit, latency)
								z.whole, z.bucket, z.quiet = kind == "each second", strings.HasSuffix(kind, "bucket"), quiet
								if kind == "a large bucket" {
									z.size *= 3
									z.level = z.size
								}
								c, _ := pacedBefore(t, z, Limit{PerSecond: float64(limit), Burst: z.size * 0.95}, 1)
								var wg sync.WaitGroup
								for range 12 * limit {
									wg.Go(func() { callWithin(t, c, 5*time.Minute) })
									time.Sleep(pause)
								}
								wg.Wait()
								if z.denied > 0 {
									t.Errorf("%d of %d calls refused", z.denied, len(z.times))
								}
							})
						})
					}
				}
			}
		}
	}
}

// Who lost a turn while waiting for a slot does not start again behind all others: calls leave nearly in their order.
func TestWhoLosesATurnIsNotLast(t *testing.T) {
	t.Parallel()
	for _, latency := range []time.Duration{time.Second, 3 * time.Second} {
		t.Run(latency.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z := newCounter(60, latency)
				c, _ := pacedBefore(t, z, Limit{PerSecond: 60, Burst: 57}, 1)
				var wg sync.WaitGroup
				for user := range 600 {
					wg.Go(func() {
						if _, err := c.Do(t.Context(), settingsOf(strconv.Itoa(user))); err != nil {
							t.Error(err)
						}
					})
					synctest.Wait()
				}
				wg.Wait()
				var before []int // users, as their calls left
				for _, path := range z.paths {
					user, _ := strconv.Atoi(strings.Split(path, "/")[3])
					overtakers := 0
					for _, other := range before {
						if other > user {
							overtakers++
						}
					}
					if before = append(before, user); overtakers > 60 { // a second's calls
						t.Errorf("%s was overtaken by %d calls", path, overtakers)
					}
				}
			})
		})
	}
}

// Calls that have their turns and wait for a token do not leave all at once when it comes.
func TestHeldUpByAToken(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{time.Millisecond, 3 * time.Second, 20 * time.Second} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z := newCounter(20, 50*time.Millisecond)
				b, err := NewBudget(map[Label]Limit{Medium: {PerSecond: 20, Burst: 19}}, 1, nil)
				if err != nil {
					t.Fatal(err)
				}
				c, err := New(Config{Tokens: &lateTokens{due: time.Now().Add(after)}, Transport: z, Budget: b})
				if err != nil {
					t.Fatal(err)
				}
				together(t, c, 200)
				if most := z.most(); z.denied > 0 || most > 20 || len(z.times) != 200 {
					t.Errorf("of %d calls %d in one second, %d of them refused", len(z.times), most, z.denied)
				}
			})
		})
	}
}

// lateTokens has a token from some time on.
type lateTokens struct {
	tokens

	due time.Time
}

func (s *lateTokens) Token(ctx context.Context) (Token, error) {
	time.Sleep(time.Until(s.due))
	return s.tokens.Token(ctx)
}

// What Zoom refuses after midnight of a call that was sent before is not taken from
// the count of the new day, and closes nothing for it.
func TestRefusedAcrossMidnight(t *testing.T) {
	t.Parallel()
	midnight := nextMidnight(noon)
	now := midnight.Add(-10 * time.Second)
	b, err := NewBudget(map[Label]Limit{Medium: {PerDay: 100}}, 1, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	take := func() {
		if _, fail := b.take(t.Context(), aMedium, new(Response)); fail != nil {
			t.Fatal(fail)
		}
	}
	refused := func(sent time.Time) {
		b.learn(aMedium, sent, http.Header{}, &Error{Code: CodeRateLimited, Status: 429})
	}
	other := &Request{Op: opSettings, Path: []string{"other"}}
	for range refusals - 1 {
		take()
		now = now.Add(time.Second)
		refused(now)
		for range 30 {
			b.learn(other, now, http.Header{}, nil)
		}
	}
	now = midnight.Add(time.Minute)
	take()
	refused(midnight.Add(-time.Second))
	if s := b.State()[0]; s.DailyRemaining != 99 || s.ClosedTargets != 0 {
		t.Errorf("%+v, want one call less than 100, and nothing closed", s)
	}
	refused(now)
	if s := b.State()[0]; s.DailyRemaining != 100 {
		t.Errorf("%+v, want none less: it was refused", s)
	}
}
