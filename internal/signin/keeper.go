package signin

import (
	"bytes"
	"context"
	"io/fs"
	"sync"
	"time"
)

// Keeper keeps sessions, sealed, under names from which no cookie can be told. A method that returns nil has done what it
// says, for good. An error that is fs.ErrNotExist says that the keeper has no such session, or another value of it; any
// other one that the keeper cannot be asked now. It is safe for concurrent use.
type Keeper interface {
	// Add keeps a value under a key that is new, for so long.
	Add(ctx context.Context, key string, value []byte, life time.Duration) error
	// Get brings a value.
	Get(ctx context.Context, key string) ([]byte, error)
	// Swap puts a value in the place of the old one, and of nothing else.
	Swap(ctx context.Context, key string, old, value []byte, life time.Duration) error
	// Touch lets a value live for so long from now on. There may be none.
	Touch(ctx context.Context, key string, life time.Duration) error
	// Remove ends a session. There may be none.
	Remove(ctx context.Context, key string) error
	// Claim waits for the sole right to renew a session's tokens, among all processes that share the keeper.
	Claim(ctx context.Context, key string) (release func(), err error)
}

// memory is the Keeper of a process that forgets everything when it ends.
type memory struct {
	now func() time.Time

	mu     sync.Mutex
	values map[string]remembered
	sweep  time.Time // when what has expired is next looked for
}

type remembered struct {
	value []byte
	until time.Time
}

const sweepPause = time.Minute

func newMemory(now func() time.Time) *memory {
	return &memory{now: now, values: map[string]remembered{}}
}

func (m *memory) Add(_ context.Context, key string, value []byte, life time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if now.After(m.sweep) {
		for key, v := range m.values {
			if !now.Before(v.until) {
				delete(m.values, key)
			}
		}
		m.sweep = now.Add(sweepPause)
	}
	m.values[key] = remembered{value, now.Add(life)}
	return nil
}

func (m *memory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[key]
	if !ok || !m.now().Before(v.until) {
		return nil, fs.ErrNotExist
	}
	return v.value, nil
}

func (m *memory) Swap(_ context.Context, key string, old, value []byte, life time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.values[key]; !ok || !m.now().Before(v.until) || !bytes.Equal(v.value, old) {
		return fs.ErrNotExist
	}
	m.values[key] = remembered{value, m.now().Add(life)}
	return nil
}

func (m *memory) Touch(_ context.Context, key string, life time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.values[key]; ok {
		m.values[key] = remembered{v.value, m.now().Add(life)}
	}
	return nil
}

func (m *memory) Remove(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.values, key)
	return nil
}

// Claim is granted at once: within a process a session is renewed once at a time anyway.
func (m *memory) Claim(context.Context, string) (func(), error) { return func() {}, nil }
