package sandbox

import (
	"net/http"
	"strconv"
)

// control answers the sandbox's own surface, which Zoom does not have.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	serve, known := map[string]map[string]func(*http.Request) answer{
		"/__log":    {http.MethodGet: s.getLog},
		"/__stats":  {http.MethodGet: s.getStats},
		"/__users":  {http.MethodGet: func(*http.Request) answer { return ok(encode(s.Users())) }},
		"/__config": {http.MethodGet: s.getConfig, http.MethodPost: s.postConfig},
		"/__reset":  {http.MethodPost: s.reset},
	}[r.URL.Path]
	if !known {
		unknownPath(r.URL.Path).answer().write(w, "")
		return
	}
	if serve[r.Method] == nil {
		allowed := http.MethodPost
		if serve[allowed] == nil {
			allowed = http.MethodGet
		}
		wrongMethod(r.URL.Path, r.Method, allowed).answer().write(w, "")
		return
	}
	serve[r.Method](r).write(w, "")
}

func (s *Server) getLog(r *http.Request) answer {
	since := r.URL.Query().Get("since")
	n, err := strconv.Atoi(since)
	if since != "" && err != nil {
		return refuse(http.StatusBadRequest, 300, "since must be a number, not %q.", since).answer()
	}
	return ok(encode(s.Log(n)))
}

func (s *Server) getStats(*http.Request) answer {
	counts := s.journal.counts()
	counts.Connections = s.sockets.read()
	return ok(encode(counts))
}

func (s *Server) getConfig(*http.Request) answer { return ok(encode(s.regime.Load().Config)) }

func (s *Server) postConfig(r *http.Request) answer {
	body, err := readBody(r, maxBody)
	if err != nil {
		return answerTo(answer{}, err)
	}
	if err := s.amend(body); err != nil {
		return refuse(http.StatusBadRequest, 300, "%v", err).answer()
	}
	return s.getConfig(r)
}

// reset clears the log and the counts, and takes back all writes.
func (s *Server) reset(*http.Request) answer {
	s.mu.Lock()
	s.world = s.newWorld()
	s.mu.Unlock()
	s.journal.reset()
	s.sockets.reset()
	return done()
}
