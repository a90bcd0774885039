package sandbox

import (
	"cmp"
	"net/http"
	"slices"
)

// assistant is a user who schedules for another one, or for whom that one does.
type assistant struct {
	Email string `json:"email"`
	ID    string `json:"id"`
	PMI   int64  `json:"pmi,omitempty"`
}

// helper is an assistant as the user's own list has it.
type helper struct {
	assistant
	Private bool `json:"can_manage_host_private_event"`
}

func (s *Server) listAssistants(c *call) (answer, error) {
	out := []helper{}
	for _, p := range c.person.assistants {
		out = append(out, helper{assistant{ID: p.ID, Email: p.Email}, slices.Contains(c.person.confidants, p)})
	}
	return ok(encode(map[string][]helper{"assistants": out})), nil
}

// listSchedulers answers those who have the user as an assistant.
func (s *Server) listSchedulers(c *call) (answer, error) {
	out := []assistant{}
	for _, p := range s.world.people.all {
		if slices.Contains(p.assistants, c.person) {
			out = append(out, assistant{ID: p.ID, Email: p.Email, PMI: p.PMI})
		}
	}
	return ok(encode(map[string][]assistant{"schedulers": out})), nil
}

func (s *Server) addAssistants(c *call) (answer, error) {
	var body struct {
		Assistants []struct {
			reference
			Private bool `json:"can_manage_host_private_event"`
		} `json:"assistants"`
	}
	c.decode(&body)
	var named []reference
	for _, a := range body.Assistants {
		named = append(named, a.reference)
	}
	people, err := s.world.peopleNamed(named)
	if err != nil {
		return answer{}, err
	}
	if slices.Contains(people, c.person) {
		return answer{}, refuse(http.StatusBadRequest, 200, "Nobody is their own assistant.")
	}
	for _, p := range people {
		if !slices.Contains(c.person.assistants, p) {
			c.person.assistants = append(c.person.assistants, p)
		}
	}
	for _, a := range body.Assistants {
		p := s.world.people.find(cmp.Or(a.ID, a.Email))
		c.person.confidants = slices.DeleteFunc(c.person.confidants, func(old *person) bool { return old == p })
		if a.Private {
			c.person.confidants = append(c.person.confidants, p)
		}
	}
	return created(encode(added{IDs: idsOf(people), AddAt: timestamp(c.now)})), nil
}

func (s *Server) deleteAssistants(c *call) (answer, error) {
	c.person.assistants, c.person.confidants = nil, nil
	return done(), nil
}

func (s *Server) deleteAssistant(c *call) (answer, error) {
	return done(), s.world.part(c.person, s.world.people.find(c.vars["assistantId"]), c.vars["assistantId"])
}

func (s *Server) deleteSchedulers(c *call) (answer, error) {
	for _, p := range s.world.people.all {
		p.assistants = slices.DeleteFunc(p.assistants, func(a *person) bool { return a == c.person })
	}
	return done(), nil
}

func (s *Server) deleteScheduler(c *call) (answer, error) {
	name := c.vars["schedulerId"]
	return done(), s.world.part(s.world.people.find(name), c.person, name)
}

// part takes an assistant from a user; the error is about the one of that name.
func (w *world) part(p, from *person, name string) error {
	if p == nil || from == nil || !slices.Contains(p.assistants, from) {
		return noUser(name)
	}
	is := func(a *person) bool { return a == from }
	p.assistants, p.confidants = slices.DeleteFunc(p.assistants, is), slices.DeleteFunc(p.confidants, is)
	return nil
}
