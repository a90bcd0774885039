package sandbox

import (
	"net/http"
	"slices"
)

// assistant is a user who schedules for another one, or for whom that one does.
type assistant struct {
	Email string `json:"email"`
	ID    string `json:"id"`
	PMI   int64  `json:"pmi,omitempty"`
}

func (s *Server) listAssistants(c *call) (answer, error) {
	out := []assistant{}
	for _, p := range c.person.assistants {
		out = append(out, assistant{ID: p.ID, Email: p.Email})
	}
	return ok(encode(map[string][]assistant{"assistants": out})), nil
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
		Assistants []reference `json:"assistants"`
	}
	c.decode(&body)
	people, err := s.world.peopleNamed(body.Assistants)
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
	return created(encode(added{IDs: idsOf(people), AddAt: timestamp(c.now)})), nil
}

func (s *Server) deleteAssistants(c *call) (answer, error) {
	c.person.assistants = nil
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
	p.assistants = slices.DeleteFunc(p.assistants, func(a *person) bool { return a == from })
	return nil
}
