package zoom

import (
	"encoding/json"
	"slices"

	"zoomgraph/internal/sandbox/world"
)

// privateEvents says whether an assistant may see and change what is private.
const privateEvents = "can_manage_host_private_event"

// assistants adds who schedules for whom. A user's schedulers are those who have
// the user as an assistant.
func (z *Zoom) assistants(q *world.Quirks) {
	q.Things["UserAssistant"] = world.Thing{
		Stands: "User", Seed: z.seedAssistants, New: map[string]any{privateEvents: false}, Missing: noUser,
	}
	q.Things["UserScheduler"] = world.Thing{Missing: noUser, Resolve: func(w *world.World, _ *world.Call, name string) (*world.Record, error) {
		return w.Find("User", name), nil
	}}
	q.Checks["POST /users/{userId}/assistants"] = notOneself
	q.Answers["GET /users/{userId}/schedulers"] = listSchedulers
	q.Answers["DELETE /users/{userId}/schedulers"] = dropSchedulers
	q.Answers["DELETE /users/{userId}/schedulers/{schedulerId}"] = dropSchedulers
}

// seedAssistants gives one user in ten the next one as an assistant.
func (z *Zoom) seedAssistants(w *world.World, of *world.Record) []*world.Record {
	all := w.First("User")
	if i := slices.Index(all, of); i%10 == 8 && i+1 < z.options.Users && w.Find("User", all[i+1].ID) != nil {
		return []*world.Record{world.Known(all[i+1].ID, map[string]any{privateEvents: false})}
	}
	return nil
}

// usersIn returns those whom a list in the body names, all or none.
func usersIn(w *world.World, c *world.Call, list string) ([]*world.Record, error) {
	var body map[string]json.RawMessage
	c.Decode(&body)
	return w.Referred("User", body[list])
}

func notOneself(w *world.World, c *world.Call) error {
	people, err := usersIn(w, c, "assistants")
	if err == nil && slices.Contains(people, c.Owner) {
		return world.Refuse(400, 200, "Nobody is their own assistant.")
	}
	return err
}

// scheduling are the entries by which others have a user as an assistant: of all
// others, or of one.
func scheduling(w *world.World, c *world.Call) []*world.Record {
	user, of := c.Found["userId"], c.Found["schedulerId"]
	var out []*world.Record
	for _, r := range w.All("UserAssistant") {
		if r.ID == user.ID && (of == nil || r.Owner() == of) {
			out = append(out, r)
		}
	}
	return out
}

func listSchedulers(w *world.World, c *world.Call) (world.Answer, error) {
	out := []map[string]json.RawMessage{}
	for _, r := range scheduling(w, c) {
		one := map[string]json.RawMessage{}
		for _, name := range []string{"id", "email", "pmi"} {
			if value := w.Raw(r.Owner(), name); value != nil {
				one[name] = value
			}
		}
		out = append(out, one)
	}
	return world.OK(world.Encode(map[string]any{"schedulers": out})), nil
}

// dropSchedulers takes a user from those for whom the user schedules.
func dropSchedulers(w *world.World, c *world.Call) (world.Answer, error) {
	found := scheduling(w, c)
	if name, one := c.Vars["schedulerId"]; one && len(found) == 0 {
		return world.Answer{}, noUser.Refusal(name)
	}
	for _, r := range found {
		w.Delete(r)
	}
	return world.Done(), nil
}

// userGone takes somebody out from among others' assistants.
func (z *Zoom) userGone(w *world.World, gone *world.Record) {
	for _, r := range w.All("UserAssistant") {
		if r.ID == gone.ID {
			w.Delete(r)
		}
	}
}
