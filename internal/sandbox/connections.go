package sandbox

import (
	"net"
	"net/http"
	"sync"
)

// connections are counts of TCP connections since the start or the last reset.
type connections struct {
	Opened  int `json:"opened"`  // by callers
	Open    int `json:"open"`    // now
	MaxBusy int `json:"maxBusy"` // most that carried a request at the same time
}

// sockets follows the connections of the server that the sandbox runs in.
type sockets struct {
	mu     sync.Mutex
	busy   map[net.Conn]bool // by whether it carries a request
	counts connections
}

// ConnState counts connections. Give it to [http.Server.ConnState] of the server
// that serves the sandbox; without that, no connections are counted.
func (s *Server) ConnState(conn net.Conn, state http.ConnState) {
	k := &s.sockets
	k.mu.Lock()
	defer k.mu.Unlock()
	switch state {
	case http.StateNew:
		k.busy[conn] = false
		k.counts.Opened++
	case http.StateActive, http.StateIdle:
		k.busy[conn] = state == http.StateActive
		k.counts.MaxBusy = max(k.counts.MaxBusy, k.carrying())
	case http.StateClosed, http.StateHijacked:
		delete(k.busy, conn)
	}
}

func (k *sockets) carrying() int {
	n := 0
	for _, busy := range k.busy {
		if busy {
			n++
		}
	}
	return n
}

func (k *sockets) read() connections {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.counts
	now.Open = len(k.busy)
	return now
}

// reset starts over with the connections that are open.
func (k *sockets) reset() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.counts = connections{Opened: len(k.busy), MaxBusy: k.carrying()}
}
