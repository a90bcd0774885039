package sandbox

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// LogSize is how many of the latest calls the log is sure to hold.
const LogSize = 100_000

// Entry is one call in the log.
type Entry struct {
	N      int       `json:"n"`      // order of arrival; never used twice, not even after a reset
	Method string    `json:"method"` // as sent
	Path   string    `json:"path"`   // as sent, without /v2
	Query  string    `json:"query"`  // as sent, commas bare
	Status int       `json:"status"` // 0: not answered, or not yet
	Label  string    `json:"label"`  // the operation's rate label; "" of the token endpoint, of unknown paths and where Zoom prints none
	At     time.Time `json:"at"`     // arrival, by the sandbox's clock
}

// stats are counts since the start or the last reset, in-flight calls apart.
type stats struct {
	Calls        int            `json:"calls"`
	ByOperation  map[string]int `json:"byOperation"` // "GET /users/{userId}"; "unknown" for all that nothing answers to
	ByStatus     map[string]int `json:"byStatus"`    // "0": broken off
	ByLabel      map[string]int `json:"byLabel"`
	TokensMinted int            `json:"tokensMinted"`
	InFlight     int            `json:"inFlight"`
	MaxInFlight  int            `json:"maxInFlight"`
	Connections  connections    `json:"connections"`
}

func newStats(inFlight int) stats {
	return stats{
		ByOperation: map[string]int{}, ByStatus: map[string]int{}, ByLabel: map[string]int{},
		InFlight: inFlight, MaxInFlight: inFlight,
	}
}

// journal is the log and the counts.
type journal struct {
	mu      sync.Mutex
	entries []Entry // consecutive N
	last    int     // the newest N given
	stats   stats
}

func newJournal() *journal { return &journal{stats: newStats(0)} }

// begin logs the arrival of a call and returns its number.
func (j *journal) begin(c *call) int {
	operation := "unknown"
	if c.route != nil {
		operation = c.route.named().Op
	}
	e := Entry{
		Method: c.request.Method, Path: c.path, Label: c.label(), At: c.now,
		Query: strings.NewReplacer("%2C", ",", "%2c", ",").Replace(c.query),
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	e.N = j.last
	if len(j.entries) >= 2*LogSize {
		j.entries = slices.Clone(j.entries[LogSize:])
	}
	j.entries = append(j.entries, e)
	st := &j.stats
	st.Calls++
	st.ByOperation[operation]++
	if e.Label != "" {
		st.ByLabel[e.Label]++
	}
	st.InFlight++
	st.MaxInFlight = max(st.MaxInFlight, st.InFlight)
	return e.N
}

// end logs the answer to a call; it must come before the caller can see it.
func (j *journal) end(n, status int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if i := j.index(n); i >= 0 {
		j.entries[i].Status = status
	}
	j.stats.ByStatus[strconv.Itoa(status)]++
	j.stats.InFlight--
}

// index returns where the entry numbered n is, -1 when it is gone. The entry
// must have been given out.
func (j *journal) index(n int) int {
	return max(n-(j.last-len(j.entries)+1), -1)
}

func (j *journal) minted() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stats.TokensMinted++
}

func (j *journal) since(n int) []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	if n >= j.last {
		return []Entry{}
	}
	return append([]Entry{}, j.entries[max(j.index(n+1), 0):]...)
}

func (j *journal) counts() stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	st := j.stats
	st.ByOperation, st.ByStatus, st.ByLabel = maps.Clone(st.ByOperation), maps.Clone(st.ByStatus), maps.Clone(st.ByLabel)
	return st
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = nil
	j.stats = newStats(j.stats.InFlight)
}
