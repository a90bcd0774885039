package sandbox

import (
	"mime"
	"net/http"
	"strings"
)

// The settings of which one at least is on in a secured account.
const (
	meetingPassword   = "meeting_security.meeting_password"
	waitingRoom       = "meeting_security.waiting_room"
	onlyAuthenticated = "meeting_security.only_authenticated_can_join_from_webclient"
)

func (s *Server) getSettings(c *call) (answer, error) {
	p, err := c.member()
	if err != nil {
		return answer{}, err
	}
	v, err := s.viewOf(c)
	if err != nil {
		return answer{}, err
	}
	return ok(s.document(p, v).filter(c.regime.FieldFilter, c.values.Get("custom_query_fields"))), nil
}

func (s *Server) patchSettings(c *call) (answer, error) {
	p, err := c.member()
	if err != nil {
		return answer{}, err
	}
	v, err := s.viewOf(c)
	if err != nil {
		return answer{}, err
	}
	if media, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return answer{}, refuse(http.StatusUnsupportedMediaType, 300, "The request body must be application/json.")
	}
	body, isObject := members(c.body)
	if !isObject {
		return answer{}, refuse(http.StatusBadRequest, 300, "The request body must be one JSON object.")
	}
	change := change{written: map[*node][]byte{}}
	change.view(v, body)
	if len(change.refused) > 0 {
		r := refuse(http.StatusBadRequest, 300, "Validation Failed.")
		r.Errors = change.refused
		return answer{}, r
	}
	s.store(p, v, change)
	return answer{status: http.StatusNoContent}, nil
}

// viewOf returns the view that the parameter option names.
func (s *Server) viewOf(c *call) (*view, error) {
	option := c.values.Get("option")
	v := s.views[option]
	if v == nil {
		return nil, refuse(http.StatusBadRequest, 300, "Invalid value of query parameter option: %q.", option)
	}
	return v, nil
}

// store applies a change, but for what is locked or not part of the user's
// licence, which keeps its value silently.
func (s *Server) store(p *person, v *view, c change) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.written == nil {
		p.written = map[*node][]byte{}
	}
	for n, value := range c.written {
		if !n.locked && !s.isAbsent(p, sectionOf(n.path)) {
			p.written[n] = value
		}
	}
	for _, option := range c.options {
		s.changeOption(p, v, option)
	}
	s.keepSecured(p, v)
	delete(p.documents, v)
}

func sectionOf(path string) string {
	section, _, _ := strings.Cut(path, ".")
	return section
}

// keepSecured switches the waiting room on where the view has passcode, waiting
// room and sign-in, and all three are off.
func (s *Server) keepSecured(p *person, v *view) {
	var room *node
	guards := 0
	for _, leaf := range v.leaves {
		switch leaf.path {
		case waitingRoom:
			room = leaf
		case meetingPassword, onlyAuthenticated:
		default:
			continue
		}
		guards++
		w := &writer{source: s.source, user: p.ID, written: p.written}
		w.value(leaf, v.option+":"+leaf.path)
		if string(w.out) == "true" {
			return
		}
	}
	if guards == 3 {
		p.written[room] = []byte("true")
	}
}

// forgetWrites takes back what was written to the user's settings.
func (p *person) forgetWrites() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.written, p.documents = nil, nil
}
