package fleet

import (
	"math"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/redistest"
)

// The script merges what a process knows with what all know, and deals by that:
// each question changes the state that the next one finds. The rate is so low
// that no turn comes in meanwhile.
func TestDeal(t *testing.T) {
	t.Parallel()
	a := account(t, open(t, redistest.Start(t).URL()))
	const rate = 0.01
	slowly := client.Growth{Keep: 0.95, Near: 1.05, Slow: 1e-9, Fast: 1e-9, Surely: 1}
	tomorrow := time.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
	for _, tc := range []struct {
		name string
		ask  func(*client.Ask)
		want client.Deal
	}{
		{"nothing is known yet", func(a *client.Ask) { a.Want = 4 }, client.Deal{Turns: 4, Free: 4, Known: client.Known{Level: 6, Rate: rate, Ceiling: rate, Used: 4}}},
		{"all know of less", func(a *client.Ask) { a.Want = 3 }, client.Deal{Turns: 3, Free: 3, Known: client.Known{Level: 3, Rate: rate, Ceiling: rate, Used: 7}}},
		{"this one knows of fewer turns", func(a *client.Ask) { a.Level, a.Used = 1, 50 }, client.Deal{Known: client.Known{Level: 1, Rate: rate, Ceiling: rate, Used: 50}}},
		{"a rate is not believed without a stop", func(a *client.Ask) { a.Rate = rate / 2 }, client.Deal{Known: client.Known{Level: 1, Rate: rate, Ceiling: rate, Used: 50}}},
		{"more than there is", func(a *client.Ask) { a.Want, a.Most = 9, 5 }, client.Deal{Turns: 5, Free: 1, Known: client.Known{Level: -4, Rate: rate, Ceiling: rate, Used: 55}}},
		{"some were not used", func(a *client.Ask) { a.Unused = 5 }, client.Deal{Known: client.Known{Level: -4, Rate: rate, Ceiling: rate, Used: 50}}},
		{"of another day", func(a *client.Ask) { a.Used, a.Until = 90, tomorrow.Add(24*time.Hour) }, client.Deal{Known: client.Known{Level: -4, Rate: rate, Ceiling: rate, Used: 50}}},
		{"the end of the day's", func(a *client.Ask) { a.Want, a.Most, a.PerDay = 9, 9, 52 }, client.Deal{Turns: 2, Known: client.Known{Level: -6, Rate: rate, Ceiling: rate, Used: 52}}},
		{"no more today", func(a *client.Ask) { a.Want, a.Most, a.PerDay = 9, 9, 52 }, client.Deal{Known: client.Known{Level: -6, Rate: rate, Ceiling: rate, Used: 52}}},
		{"a stop", func(a *client.Ask) {
			a.Stopped, a.Level, a.Rate, a.Estimate, a.Hold = true, 0, 0.95*rate/5, rate/5, time.Hour
		}, client.Deal{Known: client.Known{Rate: 0.95 * rate / 5, Ceiling: rate, Estimate: rate / 5, Stop: 1, Hold: time.Hour, Used: 52}}},
		{"the same one, of another process", func(a *client.Ask) {
			a.Stopped, a.Level, a.Rate, a.Estimate, a.Hold = true, 0, 0.95*rate/5, rate/5, time.Minute
		}, client.Deal{Known: client.Known{Rate: 0.95 * rate * 2 / 5, Ceiling: rate, Estimate: rate * 2 / 5, Stop: 1, Hold: time.Minute, Used: 52}}},
		{"calls that went well meanwhile", func(a *client.Ask) { a.Stop, a.Good = 1, rate/5 }, client.Deal{Known: client.Known{Rate: 0.95 * rate * 3 / 5, Ceiling: rate, Estimate: rate * 3 / 5, Stop: 1, Used: 52}}},
		{"of an earlier stop", func(a *client.Ask) { a.Good = rate / 5 }, client.Deal{Known: client.Known{Rate: 0.95 * rate * 3 / 5, Ceiling: rate, Estimate: rate * 3 / 5, Stop: 1, Used: 52}}},
		{"another stop", func(a *client.Ask) { a.Stop, a.Stopped, a.Level, a.Rate, a.Estimate = 1, true, 0, rate/4, rate/3 }, client.Deal{Known: client.Known{Rate: rate / 4, Ceiling: rate, Estimate: rate / 3, Stop: 2, Used: 52}}},
		{"a limit is told", func(a *client.Ask) { a.Told, a.Ceiling = true, rate/5 }, client.Deal{Known: client.Known{Rate: rate / 5, Ceiling: rate / 5, Estimate: rate / 3, Stop: 2, Used: 52}}},
		{"a limit was told", func(*client.Ask) {}, client.Deal{Known: client.Known{Rate: rate / 5, Ceiling: rate / 5, Estimate: rate / 3, Stop: 2, Used: 52}}},
		{"another limit is told", func(a *client.Ask) { a.Told = true }, client.Deal{Known: client.Known{Rate: rate / 5, Ceiling: rate, Estimate: rate / 3, Stop: 2, Used: 52}}},
		{"closed", func(a *client.Ask) { a.ClosedFor = time.Hour }, client.Deal{Known: client.Known{Rate: rate / 5, Ceiling: rate, Estimate: rate / 3, Stop: 2, Used: 52, ClosedFor: time.Hour}}},
		{"closed to all", func(a *client.Ask) { a.Want = 1 }, client.Deal{Known: client.Known{Rate: rate / 5, Ceiling: rate, Estimate: rate / 3, Stop: 2, Used: 52, ClosedFor: time.Hour}}},
		{"a call went well all the same", func(a *client.Ask) { a.Opened = true }, client.Deal{Known: client.Known{Rate: rate / 5, Ceiling: rate, Estimate: rate / 3, Stop: 2, Used: 52}}},
		{"open to all", func(a *client.Ask) { a.Want = 1 }, client.Deal{Turns: 1, Known: client.Known{Level: -1, Rate: rate / 5, Ceiling: rate, Estimate: rate / 3, Stop: 2, Used: 53}}},
	} {
		ask := client.Ask{
			Known: client.Known{Level: 10, Rate: rate, Ceiling: rate, Until: tomorrow},
			Label: client.Medium, Day: "MEDIUM",
			PerSecond: rate, Burst: 10, Growth: slowly, Most: 1,
		}
		tc.ask(&ask)
		got, ok := a.Deal(t.Context(), ask)
		if !ok || got.Turns != tc.want.Turns || got.Free != tc.want.Free || got.Used != tc.want.Used ||
			(got.Level-tc.want.Level) > 0.1 || (got.Level-tc.want.Level) < 0 ||
			math.Abs(got.Rate-tc.want.Rate) > rate/1000 || math.Abs(got.Estimate-tc.want.Estimate) > rate/1000 || got.Ceiling != tc.want.Ceiling ||
			got.Stop != tc.want.Stop || got.Hold > tc.want.Hold || tc.want.Hold-got.Hold > time.Minute-1 ||
			got.ClosedFor > tc.want.ClosedFor || tc.want.ClosedFor-got.ClosedFor > time.Minute {
			t.Errorf("%s: %+v, want %+v", tc.name, got, tc.want)
		}
	}
}

// Where only the day is counted, all turns are free.
func TestDealOfADay(t *testing.T) {
	t.Parallel()
	a := account(t, open(t, redistest.Start(t).URL()))
	ask := client.Ask{Label: client.Light, Day: "LIGHT", PerDay: 10, Want: 7, Most: 1}
	for _, want := range []int{7, 3, 0} {
		if got, ok := a.Deal(t.Context(), ask); !ok || got.Turns != want || got.Free != want {
			t.Errorf("%+v, want %d", got, want)
		}
	}
}
