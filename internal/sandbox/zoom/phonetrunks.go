package zoom

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements the trunks that a master account lends its sub accounts, and the log of what was done to
// Zoom Phone.

func (z *Zoom) phoneTrunks(q *world.Quirks) {
	q.Things["PhoneSipTrunk"] = world.Thing{Missing: world.Missing{Status: http.StatusNotFound, Code: 300, Text: "SIP trunk does not exist: %s."}, Seed: func(*world.World, *world.Record) []*world.Record {
		var out []*world.Record
		for i, name := range []string{"South", "West"} {
			h := z.source.At("trunk", name)
			out = append(out, world.Known(world.IDOf(h), map[string]any{
				"name": name, "carrier": "Lyme Regis Telecom", "carrier_account": world.Digits(h, 12), "region": "EU0" + strconv.Itoa(i+1), "sbc_label": "SBC " + name,
			}))
		}
		return out
	}}
	q.Answers["POST /accounts/{accountId}/phone/sip_trunk/trunks"] = z.lendTrunks
	q.Answers["PATCH /accounts/{accountId}/phone/sip_trunk/trunks/{sipTrunkId}"] = z.changeTrunk
}

// lent is a trunk that a sub account may use, as it knows it.
type lent struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	CarrierAccount string `json:"carrier_account"`
}

// lentTrunks is where an account keeps those that it may use.
const lentTrunks = "lent trunks"

// trunksOf are those that a sub account may use.
func trunksOf(account *world.Record) []lent {
	var some []lent
	if raw := account.Raw(lentTrunks); raw != nil {
		_ = json.Unmarshal(raw, &some) // as it was written
	}
	return some
}

// lendTrunks lets a sub account use trunks.
func (z *Zoom) lendTrunks(w *world.World, c *world.Call) (world.Answer, error) {
	if err := z.isSubAccount(w, c); err != nil {
		return world.Answer{}, err
	}
	var body struct {
		SipTrunks []lent `json:"sip_trunks"`
	}
	c.Decode(&body)
	some := trunksOf(c.Owner)
	for i, t := range body.SipTrunks {
		trunk := w.Find("PhoneSipTrunk", t.ID)
		if trunk == nil {
			return world.Answer{}, w.NotFound("PhoneSipTrunk", t.ID)
		}
		t.Name, t.CarrierAccount = cmp.Or(t.Name, w.Text(trunk, "name")), cmp.Or(t.CarrierAccount, w.Text(trunk, "carrier_account"))
		body.SipTrunks[i] = t
		some = append(slices.DeleteFunc(some, func(other lent) bool { return other.ID == t.ID }), t)
	}
	c.Owner.Set(lentTrunks, some)
	return world.Created(world.Encode(body)), nil
}

// changeTrunk changes a trunk as a sub account knows it.
func (z *Zoom) changeTrunk(w *world.World, c *world.Call) (world.Answer, error) {
	some := trunksOf(c.Owner)
	i := slices.IndexFunc(some, func(t lent) bool { return t.ID == c.Vars["sipTrunkId"] })
	if i < 0 {
		return world.Answer{}, w.NotFound("PhoneSipTrunk", c.Vars["sipTrunkId"])
	}
	c.Decode(&some[i])
	c.Owner.Set(lentTrunks, some)
	return world.Done(), nil
}

var phoneActions = []adminAction{
	{"Phone Number", "ADD", "A number for %s"},
	{"User", "UPDATE", "User %s: international calls from off to on"},
	{"Call Queue", "UPDATE", "%s is a member of the queue Fossils"},
	{"Common Area", "DELETE", "The phone of the lobby, by %s"},
}

// listPhoneOperations lists what administrators did about phones. Of one in seven Zoom does not say when.
func (z *Zoom) listPhoneOperations(w *world.World, c *world.Call) (world.Answer, error) {
	if c.Values.Get("from") == "" {
		c.Values.Set("from", c.Now.AddDate(0, 0, -1).UTC().Format(time.DateOnly))
	}
	users := w.First("User")
	var out []*world.Record
	eachDay(c, func(day time.Time) {
		for i := range 3 {
			h := w.Source.At("phone operation", day.Format(time.DateOnly), strconv.Itoa(i))
			did := world.Pick(h, phoneActions...)
			values := map[string]any{
				"category_type": did.category, "action": did.action, "operator": extensionName(w, users[0]),
				"operation_detail": strings.Replace(did.detail, "%s", w.Text(world.Pick(h>>16, users...), "email"), 1),
			}
			at := day.Add(time.Duration(4*i)*time.Hour + time.Duration(h>>8%3600)*time.Second)
			if at.Before(c.Now) {
				r := world.Known(strconv.FormatUint(h, 10), values)
				out = append(out, w.Loose("PhoneOperationLog", c.Place, r.Tell("time", world.Timestamp(at))))
			}
		}
	})
	answer, err := w.ListOf(c, out)
	if err == nil {
		answer.Body = eachRow(answer.Body, func(row []world.Member) []world.Member {
			for i, m := range row {
				if m.Name == "time" && w.Source.At("when", string(m.Value))%7 == 0 {
					row[i].Value = json.RawMessage("null")
				}
			}
			return row
		})
	}
	return answer, err
}
