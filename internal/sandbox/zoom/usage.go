package zoom

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements reports of the whole account: its days, who signed in, what
// administrators did, and how much space recordings take.

// reportDaily answers the days of a month that there have been.
func (z *Zoom) reportDaily(w *world.World, c *world.Call) (world.Answer, error) {
	year, month := c.Now.UTC().Year(), int(c.Now.UTC().Month())
	for name, value := range map[string]*int{"year": &year, "month": &month} {
		if said := c.Values.Get(name); said != "" {
			n, err := strconv.Atoi(said)
			if err != nil || name == "month" && (n < 1 || n > 12) {
				return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "There is no %s %s.", name, said)
			}
			*value = n
		}
	}
	first := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1)
	if now := c.Now.UTC(); last.After(now) {
		last = now
	}
	inGroup := func(user *world.Record) bool {
		group := c.Values.Get("group_id")
		return user != nil && (group == "" || slices.Contains(w.Texts(user, "group_ids"), group))
	}
	fresh := map[string]int{}
	for _, user := range w.All("User") {
		if at := w.Text(user, "created_at"); len(at) >= len(time.DateOnly) && inGroup(user) {
			fresh[at[:len(time.DateOnly)]]++
		}
	}
	sums := map[string]*hostSum{}
	for _, s := range z.allHeld(w, first.Format(time.DateOnly), last.Format(time.DateOnly), nil) {
		day := s.start.Format(time.DateOnly)
		if sums[day] == nil {
			sums[day] = &hostSum{}
		}
		if inGroup(s.host) {
			sums[day].add(s)
		}
	}
	dates := []any{}
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		at, sum := day.Format(time.DateOnly), hostSum{}
		if sums[at] != nil {
			sum = *sums[at]
		}
		dates = append(dates, map[string]any{
			"date": at, "new_users": fresh[at],
			"meetings": sum.meetings, "participants": sum.participants, "meeting_minutes": sum.minutes,
		})
	}
	return world.OK(world.Encode(map[string]any{"year": year, "month": month, "dates": dates})), nil
}

// eachDay calls do for the days that a report is about, as far as they have come.
func eachDay(c *world.Call, do func(day time.Time)) {
	to := c.Now.UTC().Truncate(24 * time.Hour)
	from := to.AddDate(0, -1, 1)
	if at, err := time.Parse(time.DateOnly, c.Values.Get("from")); err == nil {
		from = at
	}
	if at, err := time.Parse(time.DateOnly, c.Values.Get("to")); err == nil && at.Before(to) {
		to = at
	}
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		do(day)
	}
}

// reportActivities lists who signed in and out: each user on one day in sixty.
// When a user signed in last does not depend on today, so it is not among them.
func (z *Zoom) reportActivities(w *world.World, c *world.Call) (world.Answer, error) {
	var out []*world.Record
	users := w.All("User")
	add := func(user *world.Record, at time.Time, what string) {
		n := w.Source.At("client", user.ID)
		out = append(out, w.Loose("SignInActivity", c.Place, world.Known(fmt.Sprint(user.ID, at.Unix(), what), map[string]any{
			"email": w.Text(user, "email"), "time": world.Timestamp(at), "type": what,
			"ip_address":  "192.0.2." + strconv.Itoa(int(1+n%250)),
			"client_type": world.Pick(n>>8, "Browser", "mac", "win", "iOS"),
			"version":     "6.0." + strconv.Itoa(int(n>>16%20)) + ".1000",
		})))
	}
	eachDay(c, func(day time.Time) {
		for _, user := range users {
			n := w.Source.At("sign in", user.ID, day.Format(time.DateOnly))
			at := day.Add(7*time.Hour + time.Duration(n>>8%(4*3600))*time.Second)
			if n%60 == 0 && w.Text(user, "status") == Active && at.Before(c.Now) {
				add(user, at, "Sign in")
				if out := at.Add(8 * time.Hour); out.Before(c.Now) {
					add(user, out, "Sign out")
				}
			}
		}
	})
	slices.SortStableFunc(out, func(a, b *world.Record) int { return momentIn(w, a, "time").Compare(momentIn(w, b, "time")) })
	return w.ListOf(c, out)
}

// adminAction is something that administrators do now and then.
type adminAction struct{ category, action, detail string }

var adminActions = []adminAction{
	{"user", "Update", "User %s: department from Research to Design"},
	{"user_settings", "Update", "User %s: waiting room from off to on"},
	{"account", "Update", "Meetings: require a passcode, from off to on; by %s"},
	{"role", "Add", "User %s was given the role Admin"},
	{"recording", "Delete", "A recording of %s"},
	{"billing", "", "The plan of %s was renewed"},
}

// reportOperations lists what administrators did. Of billing nobody is told to
// have done it.
func (z *Zoom) reportOperations(w *world.World, c *world.Call) (world.Answer, error) {
	var out []*world.Record
	users := w.First("User")
	eachDay(c, func(day time.Time) {
		n := w.Source.At("operations", day.Format(time.DateOnly))
		for i := range 1 + n%3 {
			k := w.Source.At("operation", day.Format(time.DateOnly), strconv.Itoa(int(i)))
			did := world.Pick(k, adminActions...)
			at := day.Add(time.Duration(8+3*i)*time.Hour + time.Duration(k>>8%3600)*time.Second)
			values := map[string]any{
				"time": world.Timestamp(at), "category_type": did.category, "action": did.action,
				"operator":         w.Text(z.own.Record, "owner_email"),
				"operation_detail": fmt.Sprintf(did.detail, w.Text(world.Pick(k>>16, users...), "email")),
			}
			if did.action == "" {
				values["operator"], values["action"] = nil, nil
			}
			out = append(out, w.Loose("OperationLog", c.Place, world.Known(strconv.FormatUint(k, 10), values)))
		}
	})
	return w.ListOf(c, out)
}

// reportStorage lists how much space the recordings took that there are now.
func reportStorage(w *world.World, c *world.Call) (world.Answer, error) {
	sizes := map[string]int{}
	for _, r := range w.All("CloudRecording") {
		host := w.Find("User", w.Text(r, "host_id"))
		if group := c.Values.Get("group_id"); group != "" && (host == nil || !slices.Contains(w.Texts(host, "group_ids"), group)) {
			continue
		}
		size, _ := strconv.Atoi(w.Text(r, "total_size")) // 0 while it is being made
		sizes[w.Text(r, "start_time")[:len(time.DateOnly)]] += size
	}
	var out []*world.Record
	eachDay(c, func(day time.Time) {
		used, at := 0, day.Format(time.DateOnly)
		for when, size := range sizes {
			if when <= at {
				used += size
			}
		}
		out = append(out, w.Loose("RecordingStorageDay", c.Place, world.Known(at, map[string]any{
			"date": at, "free_usage": "Unlimited", "plan_usage": "3 TB", "usage": fmt.Sprintf("%.2f GB", float64(used)/1e9),
		})))
	})
	return w.ListOf(c, out)
}
