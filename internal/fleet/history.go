package fleet

import (
	"context"

	"github.com/redis/rueidis"
)

// This file notices that Redis has forgotten what it was told: its memory was restored from an older copy, a replica was
// promoted that had not heard all, or the address leads to another server. Start reading at remembered.
//
// Each process leaves a mark beside the guards of each account: a number that rises with each write and each era.
// Redis keeps what comes over one connection in its order, and so do its replicas. If the last mark that Redis has
// confirmed is still there, everything that this process said before is there as well. If it is not, all stamps of that
// memory are doubtful, and the guard of everything gets a new value: no stamp of before is ever seen again. Marks never
// take a value twice, so this also holds when two servers take turns: an era never returns.
//
// A process that has just started has no mark to look for. It relies on those that are there. If it is alone, nobody
// knows what was written while Redis was left, and the guard of everything gets a new value as well.

// markKey is where the mark of this process is kept for an account.
func (a *Shared) markKey() string { return schema + "mark/" + a.braced + "/" + a.fleet.id }

// nextMark returns a mark that was never sent.
func (a *Shared) nextMark() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sentMark++
	return a.sentMark
}

// marked notes that Redis has confirmed a mark.
func (a *Shared) marked(mark int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.knownMark = max(a.knownMark, mark)
}

// remembered tells whether the memory of Redis still holds all that this process has told it. A process that has not
// told anything yet believes it if another one is there that would have noticed.
func (a *Shared) remembered(ctx context.Context, r rueidis.Client) (bool, error) {
	a.mu.Lock()
	known := a.knownMark
	a.mu.Unlock()
	if known == 0 {
		return a.fleet.replicas.Load() > 1, nil
	}
	found, err := r.Do(ctx, r.B().Get().Key(a.markKey()).Build()).AsInt64()
	if rueidis.IsRedisNil(err) {
		return false, nil
	}
	return found >= known, err
}
