package shares_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/internal/shares"
)

// crowd are places and those who hold them, by who they are.
type crowd struct {
	t      *testing.T
	places *shares.Places
	held   map[string][]*seat // "account/caller": in the order of their coming
}

type seat struct {
	ctx       context.Context //nolint:containedctx // of what is done in the place
	place     *shares.Place
	sheddable bool
}

func (s *seat) lost() bool { return shares.Shed(s.ctx) != nil }

func newCrowd(t *testing.T, most int) *crowd {
	t.Helper()
	return &crowd{t: t, places: shares.New(most), held: map[string][]*seat{}}
}

// enter lets somebody in: "account/caller", with a ! behind if it is a write.
func (c *crowd) enter(who string) error {
	name, write := strings.CutSuffix(who, "!")
	account, caller, _ := strings.Cut(name, "/")
	ctx, place, err := c.places.Enter(c.t.Context(), shares.Holder{Account: account, Caller: caller, Sheddable: !write})
	if err != nil {
		return err
	}
	c.held[name] = append(c.held[name], &seat{ctx: ctx, place: place, sheddable: !write})
	return nil
}

// holds counts the places of each, with how many of those were lost.
func (c *crowd) holds(who string) (kept, lost int) {
	for _, s := range c.held[who] {
		if s.lost() {
			lost++
		} else {
			kept++
		}
	}
	return kept, lost
}

func TestWhoGivesWay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		places int
		come   string // who comes, in turn; "9*a/x" nine times
		last   string // who comes then
		loser  string // who gives a place back for that; "": nobody
		reason string // why it is refused; "": it is not
	}{
		"a caller alone has all":                         {8, "7*a/x", "a/x", "", ""},
		"and no more than all":                           {8, "8*a/x", "a/x", "", "full"},
		"another account":                                {8, "8*a/x", "b/y", "a/x", ""},
		"up to its share":                                {9, "9*a/x 1*b/y", "b/y", "", "overrun"},
		"another caller of the account":                  {8, "8*a/x", "a/y", "a/x", ""},
		"accounts come first":                            {8, "4*a/x 2*b/y 2*b/z", "a/w", "a/x", ""},
		"whoever holds most":                             {8, "5*a/x 3*b/y", "c/z", "a/x", ""},
		"within the account":                             {8, "3*a/x 4*a/y 1*b/z", "b/z", "a/y", ""},
		"a full share":                                   {8, "4*a/x 4*b/y", "a/x", "", "full"},
		"a write stays":                                  {8, "8*a/x!", "b/y", "", "settled"},
		"a write stays, the query beside it goes":        {8, "7*a/x! 1*a/x", "b/y", "a/x", ""},
		"of another one who has more than a share":       {9, "5*a/x! 4*b/y", "c/z", "b/y", ""},
		"not of one who has less than a share":           {8, "7*a/x! 1*b/y", "c/z", "", "settled"},
		"no share is left":                               {2, "1*a/x 1*b/y", "c/z", "", "full"},
		"nobody in particular":                           {8, "8*/", "a/x", "/", ""},
		"addresses are callers":                          {8, "8*/10.0.0.1", "/10.0.0.2", "/10.0.0.1", ""},
		"a write gets in by the same right":              {8, "8*a/x", "b/y!", "a/x", ""},
		"many callers of an account against another one": {8, "2*a/u 2*a/v 2*a/w 2*a/x", "b/y", "a/", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCrowd(t, tt.places)
			for part := range strings.FieldsSeq(tt.come) {
				var n int
				var who string
				if _, err := fmt.Sscanf(part, "%d*%s", &n, &who); err != nil {
					t.Fatal(err)
				}
				for range n {
					if err := c.enter(who); err != nil {
						t.Fatalf("%s: %v", who, err)
					}
				}
			}
			before := c.lost()
			err := c.enter(tt.last)
			var refused *shares.Refused
			switch {
			case tt.reason == "" && err != nil:
				t.Fatal(err)
			case tt.reason != "" && (!errors.As(err, &refused) || refused.Reason.String() != tt.reason || refused.Places != tt.places):
				t.Fatalf("%v, want %s", err, tt.reason)
			}
			after := c.lost()
			for who, n := range before {
				after[who] -= n
			}
			for who, n := range after {
				if n > 0 && (n > 1 || tt.loser == "" || !strings.HasPrefix(who, tt.loser)) {
					t.Errorf("%s lost %d places, want %q to lose one", who, n, tt.loser)
				}
				delete(after, who)
				if n > 0 {
					tt.loser = ""
				}
			}
			if tt.loser != "" {
				t.Errorf("%q lost nothing", tt.loser)
			}
		})
	}
}

// lost counts the places that each has lost.
func (c *crowd) lost() map[string]int {
	all := map[string]int{}
	for who := range c.held {
		_, all[who] = c.holds(who)
	}
	return all
}

// TestYoungestFirst: of a caller's places the youngest is lost first, and one whose answer is on its way last.
func TestYoungestFirst(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 32)
	for range 32 {
		if err := c.enter("a/x"); err != nil {
			t.Fatal(err)
		}
	}
	seats := c.held["a/x"]
	if !seats[31].place.Reply() || !seats[30].place.Keep() {
		t.Fatal("a place is lost that nobody wanted")
	}
	for i, at := range []int{29, 28, 27} {
		if err := c.enter("b/y"); err != nil || !seats[at].lost() || seats[at-1].lost() {
			t.Fatalf("%d: %v, the youngest is lost: %v", i, err, seats[at].lost())
		}
	}
	if seats[31].lost() || seats[30].lost() {
		t.Error("a reply and a write went before queries")
	}
	if seats[29].place.Keep() || seats[28].place.Reply() {
		t.Error("a lost place can be kept")
	}
}

// TestReplyIsLostLast: where nothing else can be broken off, an answer on its way is.
func TestReplyIsLostLast(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 8)
	for range 8 {
		if err := c.enter("a/x"); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range c.held["a/x"] {
		s.place.Reply()
	}
	if err := c.enter("b/y"); err != nil {
		t.Fatal(err)
	}
	if _, lost := c.holds("a/x"); lost != 1 {
		t.Errorf("%d lost, want one", lost)
	}
}

// TestOverrun: those who were shed and have not left yet are an eighth at most, and make room when they leave.
func TestOverrun(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 64)
	for range 64 {
		_ = c.enter("a/x")
	}
	for i := range 8 {
		if err := c.enter("b/y"); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	var refused *shares.Refused
	if err := c.enter("b/y"); !errors.As(err, &refused) || refused.Reason != shares.Overrun {
		t.Fatalf("one more: %v", err)
	}
	for _, s := range c.held["a/x"] {
		if s.lost() {
			s.place.Leave()
		}
	}
	if err := c.enter("b/y"); err != nil {
		t.Errorf("after they left: %v", err)
	}
	if s := c.places.State(); s.Held != 64 || s.Unwinding != 1 || s.Lost["shed"] != 9 || s.Lost["overrun"] != 1 {
		t.Errorf("%+v", s)
	}
}

// TestFairness is the property that shares stand for: with any crowd nobody is refused who holds less than a fair share
// while somebody who holds more than theirs could be broken off; nobody loses a place to somebody who held as many; and
// there are never more places than there may be.
func TestFairness(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		c := newCrowd(t, 1+rnd.IntN(40))
		accounts, callers := 1+rnd.IntN(4), 1+rnd.IntN(4)
		for range 400 {
			who := fmt.Sprintf("%c/%d", 'a'+rnd.IntN(accounts), rnd.IntN(callers))
			if rnd.IntN(3) == 0 {
				c.leaveOne(who, rnd)
				continue
			}
			if rnd.IntN(4) == 0 {
				who += "!"
			}
			c.step(who)
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
		for who := range c.held {
			for len(c.held[who]) > 0 {
				c.leaveOne(who, rnd)
			}
		}
		if s := c.places.State(); s.Held != 0 || s.Unwinding != 0 {
			t.Fatalf("seed %d: all have left, and %+v", seed, s)
		}
	}
}

func (c *crowd) leaveOne(who string, rnd *rand.Rand) {
	seats := c.held[who]
	if len(seats) == 0 {
		return
	}
	i := rnd.IntN(len(seats))
	seats[i].place.Leave()
	c.held[who] = append(seats[:i:i], seats[i+1:]...)
}

// step lets somebody come, and judges what became of it.
func (c *crowd) step(who string) {
	name := strings.TrimSuffix(who, "!")
	account, _, _ := strings.Cut(name, "/")
	before, lost := c.tally(), c.lost()
	unwinding := c.places.State().Unwinding
	most := c.places.Most()
	err := c.enter(who)
	if state := c.places.State(); state.Held > most || state.Unwinding > max(1, most/8) {
		c.t.Errorf("%+v", state)
	}
	if err != nil && unwinding < max(1, most/8) {
		if why := before.unfair(name, most); why != "" {
			c.t.Errorf("%s is refused: %v, but %s", who, err, why)
		}
	}
	for other := range c.held {
		_, now := c.holds(other)
		if now == lost[other] {
			continue
		}
		victim, _, _ := strings.Cut(other, "/")
		held, theirs := before.accounts[account], before.accounts[victim]
		if account == victim {
			held, theirs = before.callers[name], before.callers[other]
		}
		if theirs < held+1 || before.total < most {
			c.t.Errorf("%s, who holds %d, lost a place to %s, who holds %d", other, theirs, who, held)
		}
	}
}

// tally is who holds how many, and what of it can be broken off.
type tally struct {
	total             int
	accounts, callers map[string]int
	sheddable         map[string]bool // callers
}

func (c *crowd) tally() tally {
	t := tally{accounts: map[string]int{}, callers: map[string]int{}, sheddable: map[string]bool{}}
	for who, seats := range c.held {
		account, _, _ := strings.Cut(who, "/")
		for _, s := range seats {
			if s.lost() {
				continue
			}
			t.total++
			t.accounts[account]++
			t.callers[who]++
			t.sheddable[who] = t.sheddable[who] || s.sheddable
		}
	}
	return t
}

// unfair says who should have given way to somebody who was refused; "": nobody.
func (t tally) unfair(who string, most int) string {
	account, _, _ := strings.Cut(who, "/")
	rivals, callers := 1, 1
	for other := range t.accounts {
		if other != account {
			rivals++
		}
	}
	for other := range t.callers {
		if other != who && strings.HasPrefix(other, account+"/") {
			callers++
		}
	}
	for other, n := range t.callers {
		theirs, _, _ := strings.Cut(other, "/")
		switch {
		case other == who || !t.sheddable[other]:
		case theirs == account && t.callers[who] < t.accounts[account]/callers && n > t.accounts[account]/callers:
			return fmt.Sprintf("%s of the same account holds %d, with a share of %d", other, n, t.accounts[account]/callers)
		case theirs != account && t.accounts[account] < most/rivals && t.accounts[theirs] > most/rivals:
			return fmt.Sprintf("account %s holds %d, with a share of %d", theirs, t.accounts[theirs], most/rivals)
		}
	}
	return ""
}

// TestWait: an event's answer waits for its place, a caller has four at a time, and all together an eighth.
func TestWait(t *testing.T) {
	t.Parallel()
	p := shares.New(64)
	var all []*shares.Place
	for _, who := range []string{"x", "x", "x", "x", "y", "y", "y", "y"} {
		place, err := p.Wait(t.Context(), shares.Holder{Account: "a", Caller: who})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, place)
	}
	for _, who := range []string{"x", "z"} { // one has four, and the other finds an eighth of the places held
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		_, err := p.Wait(ctx, shares.Holder{Account: "a", Caller: who})
		cancel()
		var refused *shares.Refused
		if !errors.As(err, &refused) || refused.Reason != shares.Waited {
			t.Errorf("%s: %v", who, err)
		}
	}
	got, finish := make(chan string, 2), make(chan struct{})
	var waiters sync.WaitGroup
	for i, who := range []string{"x", "z"} {
		waiters.Go(func() {
			place, err := p.Wait(t.Context(), shares.Holder{Account: "a", Caller: who})
			if got <- who; err == nil {
				<-finish
				place.Leave()
			}
		})
		for p.State().Waiting <= i {
			time.Sleep(time.Millisecond)
		}
	}
	all[4].Leave() // of y, so it is not for x, who came first
	if who := <-got; who != "z" {
		t.Errorf("%s got the place of y, want z", who)
	}
	all[0].Leave()
	if who := <-got; who != "x" {
		t.Errorf("%s got the place of x", who)
	}
	close(finish)
	waiters.Wait()
	for i, place := range all {
		if i != 4 && i != 0 {
			place.Leave()
		}
	}
	if s := p.State(); s.Held != 0 || s.Events != 0 || s.Lost["waited"] != 2 {
		t.Errorf("%+v", s)
	}
}

// TestOwed: while the clients of a caller have much to take none of its events is answered; others' are. Where all have
// too much to take, whoever has most loses the oldest.
func TestOwed(t *testing.T) {
	t.Parallel()
	p := shares.New(64)
	slow, good := shares.Holder{Account: "a", Caller: "slow"}, shares.Holder{Account: "a", Caller: "good"}
	var dropped []string
	owe := func(h shares.Holder, name string) *shares.Debt {
		return p.Owe(h, shares.OwedPerCaller, func() { dropped = append(dropped, name) })
	}
	first := owe(slow, "slow 0")
	place, err := p.Wait(t.Context(), good)
	if err != nil {
		t.Fatal(err)
	}
	place.Leave()
	done := make(chan error)
	go func() {
		place, err := p.Wait(t.Context(), slow)
		if err == nil {
			place.Leave()
		}
		done <- err
	}()
	for p.State().Waiting == 0 {
		time.Sleep(time.Millisecond)
	}
	first.Paid()
	first.Paid() // says nothing new
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	var debts []*shares.Debt
	for i := range shares.OwedByAll/shares.OwedPerCaller - 1 {
		debts = append(debts, owe(slow, fmt.Sprint("slow ", i+1)))
	}
	debts = append(debts, owe(good, "good 1"))
	if len(dropped) > 0 {
		t.Errorf("%v are dropped too early", dropped)
	}
	debts = append(debts, owe(good, "good 2"))
	if fmt.Sprint(dropped) != "[slow 1]" {
		t.Errorf("%v are dropped, want the oldest of slow", dropped)
	}
	for _, d := range debts {
		d.Paid()
	}
	if s := p.State(); s.Owed != 0 || s.Lost["too_slow"] != 1 {
		t.Errorf("%+v", s)
	}
}

// TestWaitBesideRequests: an event's answer waits while all places are held by its own caller, and has the right to one
// while they are another account's. It is never broken off itself.
func TestWaitBesideRequests(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 16)
	for range 16 {
		_ = c.enter("a/x")
	}
	place, err := c.places.Wait(t.Context(), shares.Holder{Account: "b", Caller: "y"})
	if err != nil {
		t.Fatal(err)
	}
	defer place.Leave()
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("gone")
	done := make(chan error)
	go func() {
		_, err := c.places.Wait(ctx, shares.Holder{Account: "a", Caller: "x"})
		done <- err
	}()
	for c.places.State().Waiting == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel(gone)
	if err := <-done; !errors.Is(err, gone) {
		t.Errorf("%v, want the cause of the end", err)
	}
	if _, lost := c.holds("a/x"); lost != 1 {
		t.Errorf("%d lost, want one", lost)
	}
}

func BenchmarkEnter(b *testing.B) {
	h := shares.Holder{Account: "acct-a", Caller: "dashboard", Sheddable: true}
	for name, others := range map[string]int{"idle": 0, "busy": 300} {
		b.Run(name, func(b *testing.B) {
			p := shares.New(shares.DefaultPlaces)
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			for i := range others {
				_, _, _ = p.Enter(ctx, shares.Holder{Account: "acct-a", Caller: fmt.Sprint(i % 7), Sheddable: true})
			}
			b.ReportAllocs()
			for b.Loop() {
				_, place, err := p.Enter(ctx, h)
				if err != nil {
					b.Fatal(err)
				}
				place.Leave()
			}
		})
	}
}

type loser func()

func (l loser) LosePlace() { l() }

// TestTakeTellsOfLoss: who holds a place by Take is told once that it is somebody else's.
func TestTakeTellsOfLoss(t *testing.T) {
	t.Parallel()
	places := shares.New(2)
	var told [3]int
	take := func(i int, account string) *shares.Place {
		place := new(shares.Place)
		if err := places.Take(place, shares.Holder{Account: account, Sheddable: true}, loser(func() { told[i]++ })); err != nil {
			t.Fatal(err)
		}
		return place
	}
	all := []*shares.Place{take(0, "a"), take(1, "a"), take(2, "b")}
	for i, want := range []int{0, 1, 0} {
		if told[i] != want || all[i].Lost() != (want > 0) {
			t.Errorf("place %d: it is lost: %v, and that was told %d times, want %d", i, all[i].Lost(), told[i], want)
		}
		all[i].Leave()
	}
	if told != [3]int{0, 1, 0} {
		t.Errorf("behind Leave %v were told", told)
	}
}
