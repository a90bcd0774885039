package fleet

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"zoomgraph/internal/redistest"
)

// hand is a clock that the test moves.
type hand struct{ at atomic.Int64 }

func (h *hand) now() time.Time { return time.Unix(1_000_000, h.at.Load()) }

func (h *hand) move(d time.Duration) { h.at.Add(int64(d)) }

// Redis counts as heard for a lease, in which the process must not have been stopped.
func TestTrust(t *testing.T) {
	t.Parallel()
	const short = maxPause - time.Millisecond
	for name, test := range map[string]struct {
		does string // h: Redis is heard, l: the watchdog looks, m: time passes, p: more than the watchdog allows
		want bool
	}{
		"never heard":                       {"lml", false},
		"just heard":                        {"h", true},
		"a moment ago":                      {"hm", true},
		"a moment ago, and looked":          {"hml", true},
		"within the lease":                  {"h" + strings.Repeat("ml", int(lease/short)), true},
		"after the lease":                   {"h" + strings.Repeat("ml", int(lease/short)+1), false},
		"heard again":                       {"h" + strings.Repeat("ml", int(lease/short)) + "hml", true},
		"a pause that nobody has seen yet":  {"hp", false},
		"a pause that was seen":             {"hpl", false},
		"a pause, and more looks":           {"hplmlml", false},
		"heard after a pause":               {"hplmh", true},
		"heard after a pause, not seen yet": {"hph", false},
		"the watchdog is late":              {"hlmm", false},
	} {
		clock := &hand{}
		dog, heard := newWatchdog(clock.now), &moment{}
		for _, does := range test.does {
			switch does {
			case 'h':
				heard.tell(clock.now())
			case 'l':
				dog.look()
			case 'm':
				clock.move(short)
			case 'p':
				clock.move(maxPause + time.Millisecond)
			}
		}
		if got := dog.trusts(heard); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// What an earlier question was answered does not take back what a later one was.
func TestMoment(t *testing.T) {
	t.Parallel()
	var m moment
	base := time.Now()
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() { m.tell(base.Add(time.Duration(i*37%100) * time.Second)) })
	}
	wg.Wait()
	if at := m.at.Load().Sub(base); at != 99*time.Second {
		t.Errorf("%v, want the latest", at)
	}
}

// After a pause guards are asked for anew, and only then.
func TestGuardsAfterAPause(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	clock := &hand{}
	f, err := Open(Options{URL: srv.URL(), Now: clock.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	a := account(t, f)
	srv.Trace()
	questions := func() int {
		return srv.Traced("set", a.key("guard", everything)) + srv.Traced("set", a.key("guard", "x"))
	}
	before := stamp(t, a, "x")
	if asked := questions(); asked < 2 {
		t.Errorf("%d questions, want one for everything and one for x", asked)
	}
	var asked int
	until(t, "nothing is asked without a pause", func() bool { // what Redis told of the first questions may still be on its way
		asked = questions()
		stamp(t, a, "x")
		return questions() == asked
	})
	clock.move(maxPause + time.Millisecond)
	if _, ok := a.Known("x"); ok {
		t.Error("known after a pause")
	}
	if now := stamp(t, a, "x"); now != before {
		t.Error("another stamp, though nobody wrote")
	}
	if n := questions() - asked; n < 2 {
		t.Errorf("%d questions after the pause, want one for everything and one for x", n)
	}
	until(t, "the watchdog has seen the pause", func() bool { _, ok := a.Known("x"); return ok })
}

// stoppable is set, to the URL of a Redis, in the environment of the process that is stopped.
const stoppable = "ZOOMGRAPH_TEST_STOPPABLE"

// spinUntilTold carries out commands until its input ends: "stamp" prints one, "spin" begins to look at what is known
// without a rest, and "tell" ends that and prints when each stamp was last believed.
func spinUntilTold(t *testing.T) {
	a := account(t, open(t, os.Getenv(stoppable)))
	var spinning sync.WaitGroup
	var stop atomic.Bool
	var mu sync.Mutex
	believed := map[string]time.Time{}
	spin := func() {
		last, at := "", time.Time{}
		for !stop.Load() {
			asked := time.Now()
			if s, ok := a.Known("x"); ok {
				last, at = s, asked
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if at.After(believed[last]) {
			believed[last] = at
		}
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		switch lines.Text() {
		case "stamp":
			s, _ := a.Stamp(t.Context(), "x")
			fmt.Println("is", s+".")
		case "spin":
			stop.Store(false)
			for range runtime.GOMAXPROCS(0) {
				spinning.Go(spin)
			}
			fmt.Println("is", "spinning")
		case "tell":
			stop.Store(true)
			spinning.Wait()
			for s, at := range believed {
				fmt.Println("is", s+".", at.UnixNano())
			}
			clear(believed)
			fmt.Println("is", "told")
		}
	}
}

// stopped is a process that the test stops.
type stopped struct {
	t       *testing.T
	process *os.Process
	to      io.Writer
	from    *bufio.Scanner
}

// answer is what the process says next.
func (s *stopped) answer() string {
	s.t.Helper()
	for s.from.Scan() {
		if text, ok := strings.CutPrefix(s.from.Text(), "is "); ok {
			return text
		}
	}
	s.t.Fatal("the process has ended")
	return ""
}

func (s *stopped) ask(command string) string {
	s.t.Helper()
	fmt.Fprintln(s.to, command)
	return s.answer()
}

func (s *stopped) signal(is syscall.Signal) {
	s.t.Helper()
	if err := s.process.Signal(is); err != nil {
		s.t.Fatal(err)
	}
}

// believes asks for a stamp until there is one.
func (s *stopped) believes() (stamp string) {
	s.t.Helper()
	until(s.t, "it has a stamp", func() bool { stamp = s.ask("stamp"); return stamp != "." })
	return stamp
}

// A process that was stopped while another one wrote does not believe what it knew when it goes on, not even for the
// moment until it has read what Redis has sent meanwhile.
func TestStoppedProcess(t *testing.T) {
	if os.Getenv(stoppable) != "" {
		spinUntilTold(t)
		return
	}
	t.Parallel()
	srv := redistest.Start(t)
	writer := account(t, open(t, srv.URL()))
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestStoppedProcess$")
	child.Env = append(os.Environ(), stoppable+"="+srv.URL())
	child.Stderr = os.Stderr
	to, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	from, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	reader := &stopped{t, child.Process, to, bufio.NewScanner(from)}
	for _, pause := range []time.Duration{200 * time.Millisecond, 300 * time.Millisecond, 600 * time.Millisecond} {
		before := reader.believes()
		reader.ask("spin")
		reader.signal(syscall.SIGSTOP)
		until(t, "it is stopped", reader.isStopped)
		start := time.Now()
		writer.Touch(t.Context(), "x")
		written := time.Now()
		time.Sleep(time.Until(start.Add(pause))) // how long it is stopped is what is tested
		reader.signal(syscall.SIGCONT)
		for text := reader.ask("tell"); text != "told"; text = reader.answer() {
			stamp, at, _ := strings.Cut(text, " ")
			nanos, err := strconv.ParseInt(at, 10, 64)
			if late := time.Unix(0, nanos).Sub(written); err != nil || stamp == before && late > 0 {
				t.Errorf("stopped for %v: the stamp of before is believed %v after the write, %v", pause, late, err)
			}
		}
		if reader.believes() == before {
			t.Errorf("stopped for %v: the stamp is still the one of before", pause)
		}
	}
	_ = to.Close()
	for reader.from.Scan() {
		continue
	}
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
}

// isStopped tells whether all threads have stopped, which they do a moment after the signal.
func (s *stopped) isStopped() bool {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", s.process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, thread := range threads {
		if text, err := os.ReadFile(thread); err == nil && !strings.Contains(string(text), ") T ") {
			return false
		}
	}
	return true
}

// Word of a change that was made before a question is read before its answer.
func TestWordComesBeforeAnswers(t *testing.T) {
	t.Parallel()
	_, a, b := pair(t)
	for round := range 300 {
		before := stamp(t, b, "x")
		a.Touch(t.Context(), "x")
		if b.Get(t.Context(), "anything").Value != nil {
			t.Fatal("there is something")
		}
		if now, ok := b.Known("x"); ok && now == before {
			t.Fatalf("round %d: the answer was there first", round)
		}
	}
}

// A replica that hears nothing any more believes what it knows for a lease at most.
func TestSilentConnection(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	writer, way := account(t, open(t, srv.URL())), srv.Proxy(t)
	a := account(t, open(t, way.URL()))
	before := stamp(t, a, "x")
	way.Blackhole(redistest.Answers)
	start := time.Now()
	writer.Touch(t.Context(), "x")
	until(t, "it believes nothing", func() bool {
		asked := time.Since(start)
		s, ok := a.Known("x")
		if ok && (s != before || asked > lease) {
			t.Errorf("%q is believed %v after it was heard", s, asked)
		}
		return !ok
	})
	way.Heal()
	agree(t, "x", before, a, writer)
}

// Redis is heard again and again though nobody asks anything, in a cluster from the node of each account in use.
func TestBeats(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"server": redistest.Start(t).URL(), "cluster": redistest.StartCluster(t, 2).URL()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := open(t, url)
			until(t, "it is up", func() bool { return f.Health().Up })
			for _, id := range []string{"acct", "b", "c"} {
				a := of(t, f, id)
				stamp(t, a, "x")
				e := f.era.Load()
				heard := &e.heard
				if e.clustered {
					heard = &a.heard
				}
				first := *heard.at.Load()
				until(t, "it is heard again", func() bool { return heard.at.Load().After(first) })
			}
			if f.era.Load().clustered != (name == "cluster") {
				t.Error("it takes the server for another kind")
			}
		})
	}
}
