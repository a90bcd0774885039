package fleet

import (
	"context"
	_ "embed" // for the script
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"zoomgraph/client"
)

const (
	million = 1e6
	oneDay  = 24 * 60 * 60 // seconds
)

//go:embed deal.lua
var dealScript string

// Deal gives turns of a label's budget, which all replicas share, and is a
// client.Pool's.
func (a *Shared) Deal(ctx context.Context, ask client.Ask) (client.Deal, bool) {
	if !a.Up() {
		return client.Deal{}, false
	}
	keys := []string{
		schema + "bucket/" + a.braced + "/" + string(ask.Label),
		schema + "day/" + a.braced + "/" + ask.Day,
	}
	var told [14]int64
	ok := a.fleet.try(ctx, func(ctx context.Context, r rueidis.Client) error {
		answer, err := a.fleet.scripts.deal.Exec(ctx, r, keys, arguments(ask)).AsIntSlice()
		if err == nil && copy(told[:], answer) < len(told) {
			err = errScript
		}
		return err
	})
	if !ok {
		return client.Deal{}, false
	}
	return client.Deal{
		Turns: int(told[0]),
		Free:  int(told[1]),
		First: time.Duration(told[2]) * time.Microsecond,
		Each:  time.Duration(told[3]) * time.Microsecond,
		Known: client.Known{
			Level:     float64(told[4]) / million,
			Rate:      float64(told[5]) / million,
			Ceiling:   float64(told[6]) / million,
			Estimate:  float64(told[7]) / million,
			Stop:      int(told[8]),
			Hold:      time.Duration(told[9]) * time.Microsecond,
			Ago:       time.Duration(told[10]) * time.Microsecond,
			Used:      int(told[11]),
			Until:     time.Unix((told[13]+1)*oneDay, 0).UTC(),
			ClosedFor: time.Duration(told[12]) * time.Microsecond,
		},
	}, true
}

// Up tells at once whether the budget is one: Redis can be asked, and after an
// outage all replicas have had the time to notice.
func (a *Shared) Up() bool {
	e := a.fleet.era.Load()
	return e != nil && !a.fleet.now().Before(e.whole)
}

// Members is how many replicas live, as last counted, this one among them.
func (a *Shared) Members() int { return int(a.fleet.replicas.Load()) }

// arguments writes down a question in the order of the script.
func arguments(ask client.Ask) []string {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	news := func(is bool) string {
		if is {
			return "1"
		}
		return "0"
	}
	lasting := func(d time.Duration) string { return strconv.FormatInt(d.Microseconds(), 10) }
	return []string{
		number(ask.PerSecond), number(ask.Burst),
		number(ask.Level), number(ask.Rate), number(ask.Ceiling), number(ask.Estimate), strconv.Itoa(ask.Stop), lasting(ask.Hold),
		news(ask.Told), news(ask.Stopped), number(ask.Good),
		number(ask.Growth.Keep), number(ask.Growth.Near), number(ask.Growth.Slow), number(ask.Growth.Fast), number(ask.Growth.Surely),
		strconv.FormatInt(ask.Until.Unix()/oneDay-1, 10), strconv.Itoa(ask.Used), strconv.Itoa(ask.Unused), lasting(ask.ClosedFor), news(ask.Opened),
		strconv.Itoa(ask.PerDay), strconv.Itoa(ask.Want), strconv.Itoa(ask.Most),
	}
}
