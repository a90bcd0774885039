package edge

import (
	"context"
	"net/http"
	"strings"
)

// AdminOptions are what NewAdmin needs. Service is required.
type AdminOptions struct {
	// Addr is the configured listen address of the admin port. On a loopback address it answers only requests for a local
	// host name, probes too: a web page cannot read it by a DNS name of its own.
	Addr string
	// Service is the handler of New whose state is told.
	Service http.Handler
	// States are the parts of the service that /readyz?verbose tells of. What is wrong with one of them does not make the
	// service unready; Options.Ready does.
	States func(context.Context) []State
	// Metrics answers all other paths; nil: nothing does.
	Metrics http.Handler
}

// State is how a part of the service is: Err is nil where all is well.
type State struct {
	Name string
	Err  error
	Note string // what else there is to say where all is well
}

// NewAdmin returns the handler of the admin port, for those who run the service: /livez, /readyz with the reason of a
// service that is not ready, and /readyz?verbose with a line for each of its parts. It asks nobody who they are.
func NewAdmin(o AdminOptions) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", live200)
	mux.HandleFunc("GET /readyz", o.readyz)
	if o.Metrics != nil {
		mux.Handle("/", o.Metrics)
	}
	const told = "The Host header has a name that the admin port is not known by. While it listens on a loopback address, it answers to localhost and to loopback addresses.\n"
	return identified(onlyHosts(o.Addr, nil, told, mux))
}

// readyz answers probes, and with ?verbose people.
func (o AdminOptions) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	status, text := http.StatusOK, "ok\n"
	if s, ok := o.Service.(*service); ok {
		if err := s.ready(ctx); err != nil {
			status, text = http.StatusServiceUnavailable, "not ready: "+inOneLine(err)+"\n"
		}
	}
	if o.States != nil && r.URL.Query().Has("verbose") {
		for _, state := range o.States(ctx) {
			text += state.line()
		}
	}
	plain(w, status, text)
}

func (s State) line() string {
	if s.Err != nil {
		return s.Name + ": " + inOneLine(s.Err) + "\n"
	}
	if s.Note != "" {
		return s.Name + ": ok (" + s.Note + ")\n"
	}
	return s.Name + ": ok\n"
}

func inOneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
