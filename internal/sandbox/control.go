package sandbox

import (
	"net/http"
	"strconv"

	"zoomgraph/internal/sandbox/world"
)

// control answers the sandbox's own surface, which Zoom does not have.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	serve, known := map[string]map[string]func(*http.Request) world.Answer{
		"/__log":    {http.MethodGet: s.getLog},
		"/__stats":  {http.MethodGet: s.getStats},
		"/__users":  {http.MethodGet: func(*http.Request) world.Answer { return world.OK(world.Encode(s.Users())) }},
		"/__config": {http.MethodGet: s.getConfig, http.MethodPost: s.postConfig},
		"/__reset":  {http.MethodPost: s.reset},
	}[r.URL.Path]
	if !known {
		write(w, unknownPath(r.URL.Path).Answer(), "")
		return
	}
	if serve[r.Method] == nil {
		allowed := http.MethodPost
		if serve[allowed] == nil {
			allowed = http.MethodGet
		}
		write(w, wrongMethod(r.URL.Path, r.Method, allowed).Answer(), "")
		return
	}
	write(w, serve[r.Method](r), "")
}

func (s *Server) getLog(r *http.Request) world.Answer {
	since := r.URL.Query().Get("since")
	n, err := strconv.Atoi(since)
	if since != "" && err != nil {
		return world.Refuse(http.StatusBadRequest, 300, "since must be a number, not %q.", since).Answer()
	}
	return world.OK(world.Encode(s.Log(n)))
}

func (s *Server) getStats(*http.Request) world.Answer {
	counts := s.journal.counts()
	counts.Connections = s.sockets.read()
	return world.OK(world.Encode(counts))
}

func (s *Server) getConfig(*http.Request) world.Answer {
	return world.OK(world.Encode(s.regime.Load().Config))
}

func (s *Server) postConfig(r *http.Request) world.Answer {
	body, err := readBody(r, maxBody)
	if err != nil {
		return answerTo(world.Answer{}, err)
	}
	if err := s.amend(body); err != nil {
		return world.Refuse(http.StatusBadRequest, 300, "%v", err).Answer()
	}
	return s.getConfig(r)
}

// reset clears the log and the counts, and takes back all writes.
func (s *Server) reset(*http.Request) world.Answer {
	s.zoom.Reset()
	s.subs.reset()
	s.journal.reset()
	s.sockets.reset()
	return world.Done()
}
