package zoom

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"

	"zoomgraph/internal/sandbox/world"
)

// This file implements which phone numbers queues, groups that share lines and auto receptionists have. Only a number knows
// whose it is: it has an assignee, or nobody has it.

// lineNumber is a number of a queue or a group.
type lineNumber struct {
	ID     string          `json:"id"`
	Number json.RawMessage `json:"number,omitempty"`
	Source json.RawMessage `json:"source,omitempty"` // of queues
	Status json.RawMessage `json:"status,omitempty"` // of groups that share lines
}

// linesOf are the numbers of somebody, by the id.
func linesOf(w *world.World, id string) []*world.Record {
	var out []*world.Record
	for _, number := range w.All("PhoneNumber") {
		if idWithin(w.Raw(number, "assignee")) == id {
			out = append(out, number)
		}
	}
	return out
}

// numbersOf are the numbers of a queue, or of a group that shares lines.
func (of *takers) numbersOf(w *world.World, r *world.Record) []lineNumber {
	out := []lineNumber{}
	for _, number := range linesOf(w, r.ID) {
		n := lineNumber{ID: number.ID, Number: w.Raw(number, "number")}
		if of.managed {
			n.Source = w.Raw(number, "source")
		} else {
			n.Status = w.Raw(number, "status")
		}
		out = append(out, n)
	}
	return out
}

// primaryNumber is the number of a group that was chosen, or else its first one.
func (of *takers) primaryNumber(w *world.World, r *world.Record) any {
	numbers, chosen := of.numbersOf(w, r), r.Raw("primary_number")
	if i := slices.IndexFunc(numbers, func(n lineNumber) bool { return bytes.Equal(n.Number, chosen) }); i >= 0 {
		return numbers[i].Number
	}
	if len(numbers) > 0 {
		return numbers[0].Number
	}
	return nil
}

// numbersNamed are the numbers that a body names, by their ids or by themselves. One that is somebody's is refused.
func numbersNamed(w *world.World, c *world.Call) ([]*world.Record, error) {
	var body struct {
		Numbers []struct {
			ID     string `json:"id"`
			Number string `json:"number"`
		} `json:"phone_numbers"`
	}
	c.Decode(&body)
	if len(body.Numbers) == 0 {
		return nil, world.Refuse(http.StatusBadRequest, 400, "The list of phone numbers is empty.")
	}
	var out []*world.Record
	for _, one := range body.Numbers {
		number := w.Find("PhoneNumber", one.ID)
		for _, other := range w.All("PhoneNumber") {
			if one.ID == "" && w.Text(other, "number") == one.Number {
				number = other
			}
		}
		switch {
		case number == nil:
			return nil, world.Refuse(http.StatusBadRequest, 400, "Phone number does not exist: %s%s.", one.ID, one.Number)
		case idWithin(w.Raw(number, "assignee")) != "":
			return nil, world.Refuse(http.StatusBadRequest, 400, "Phone number is somebody's already: %s%s.", one.ID, one.Number)
		}
		out = append(out, number)
	}
	return out, nil
}

// give makes the numbers that a body names those of somebody.
func give(w *world.World, c *world.Call, tag string, to *world.Record) error {
	numbers, err := numbersNamed(w, c)
	if err != nil {
		return err
	}
	assignee := map[string]any{"id": to.ID, "type": tag}
	for _, names := range [][2]string{{"display_name", "name"}, {"name", "name"}, {"extension_number", "extension_number"}} {
		if value := w.Raw(to, names[0]); value != nil {
			assignee[names[1]] = value
		}
	}
	for _, number := range numbers {
		number.Set("assignee", assignee)
	}
	return nil
}

// take makes numbers of somebody nobody's: the one that the path names, or all. One that is not theirs is not found.
func take(w *world.World, c *world.Call, from string) error {
	one, found := c.Vars["phoneNumberId"], false
	for _, number := range linesOf(w, from) {
		if one == "" || one == number.ID {
			number.Set("assignee", nil)
			found = true
		}
	}
	if one != "" && !found {
		return world.Refuse(http.StatusNotFound, 404, "Phone number does not belong here: %s.", one)
	}
	return nil
}

// giveToTaker gives numbers to a queue or a group. Of a group Zoom says that something was made.
func (of *takers) giveToTaker(w *world.World, c *world.Call) (world.Answer, error) {
	err := give(w, c, of.tag, c.Owner)
	if of.managed {
		return world.Done(), err
	}
	return world.Created([]byte("{}")), err
}

func takeFromTaker(w *world.World, c *world.Call) (world.Answer, error) {
	return world.Done(), take(w, c, c.Owner.ID)
}

// freeLines makes the numbers of who is gone nobody's.
func freeLines(w *world.World, gone *world.Record) {
	for _, number := range linesOf(w, gone.ID) {
		number.Set("assignee", nil)
	}
}

// addReceptionist makes an auto receptionist, which nothing reads: it is known by what it answers.
func (z *Zoom) addReceptionist(w *world.World, c *world.Call) (world.Answer, error) {
	if err := z.completeTaker(w, c); err != nil {
		return world.Answer{}, err
	}
	body, _ := world.Members(c.Body)
	r := z.receptionistOf(w, w.NewID("auto receptionist"))
	r.Merge(body)
	return world.Created(world.Encode(map[string]any{"id": r.ID, "name": r.Raw("name"), "extension_number": r.Raw("extension_number")})), nil
}

// receptionistOf is the auto receptionist of an id. Where others tell of one they say its id, so any id may be that of one.
func (z *Zoom) receptionistOf(w *world.World, id string) *world.Record {
	if z.receptionists[id] == nil {
		z.receptionists[id] = w.Loose("AutoReceptionist", "/phone/auto_receptionists", &world.Record{ID: id})
	}
	return z.receptionists[id]
}

// changeReceptionist changes an auto receptionist; its numbers tell of it by its new name, and so does the site whose main
// one it is.
func (z *Zoom) changeReceptionist(w *world.World, c *world.Call) (world.Answer, error) {
	r := z.receptionistOf(w, c.Vars["autoReceptionistId"])
	body, _ := world.Members(c.Body)
	r.Merge(body)
	for _, number := range linesOf(w, r.ID) {
		assignee := w.Raw(number, "assignee")
		for _, name := range []string{"name", "extension_number"} {
			if value := r.Raw(name); value != nil {
				assignee = world.Edit(assignee, []string{name}, value)
			}
		}
		number.Set("assignee", assignee)
	}
	for _, site := range w.All("PhoneSite") {
		if name := r.Raw("name"); name != nil && idWithin(w.Raw(site, "main_auto_receptionist")) == r.ID {
			site.Set("auto_receptionist_name", name)
		}
	}
	return world.Done(), nil
}

func (z *Zoom) giveToReceptionist(w *world.World, c *world.Call) (world.Answer, error) {
	return world.Done(), give(w, c, "autoReceptionist", z.receptionistOf(w, c.Vars["autoReceptionistId"]))
}

func takeFromReceptionist(w *world.World, c *world.Call) (world.Answer, error) {
	return world.Done(), take(w, c, c.Vars["autoReceptionistId"])
}
