package fleet

import (
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
	tomorrow := time.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
	for _, tc := range []struct {
		name string
		ask  func(*client.Ask)
		want client.Deal
	}{
		{"nothing is known yet", func(a *client.Ask) { a.Want = 4 }, client.Deal{Turns: 4, Free: 4, Known: client.Known{Level: 6, Rate: rate, Ceiling: rate, Used: 4}}},
		{"all know of less", func(a *client.Ask) { a.Want = 3 }, client.Deal{Turns: 3, Free: 3, Known: client.Known{Level: 3, Rate: rate, Ceiling: rate, Used: 7}}},
		{"this one knows of less", func(a *client.Ask) { a.Level, a.Rate, a.Used = 1, rate/2, 50 }, client.Deal{Known: client.Known{Level: 1, Rate: rate / 2, Ceiling: rate, Used: 50}}},
		{"more than there is", func(a *client.Ask) { a.Want, a.Most = 9, 5 }, client.Deal{Turns: 5, Free: 1, Known: client.Known{Level: -4, Rate: rate / 2, Ceiling: rate, Used: 55}}},
		{"some were not used", func(a *client.Ask) { a.Unused = 5 }, client.Deal{Known: client.Known{Level: -4, Rate: rate / 2, Ceiling: rate, Used: 50}}},
		{"of another day", func(a *client.Ask) { a.Used, a.Until = 90, tomorrow.Add(24*time.Hour) }, client.Deal{Known: client.Known{Level: -4, Rate: rate / 2, Ceiling: rate, Used: 50}}},
		{"the end of the day's", func(a *client.Ask) { a.Want, a.Most, a.PerDay = 9, 9, 52 }, client.Deal{Turns: 2, Known: client.Known{Level: -6, Rate: rate / 2, Ceiling: rate, Used: 52}}},
		{"no more today", func(a *client.Ask) { a.Want, a.Most, a.PerDay = 9, 9, 52 }, client.Deal{Known: client.Known{Level: -6, Rate: rate / 2, Ceiling: rate, Used: 52}}},
		{"a limit is told", func(a *client.Ask) { a.Told, a.Ceiling = true, rate/4 }, client.Deal{Known: client.Known{Level: -6, Rate: rate / 4, Ceiling: rate / 4, Used: 52}}},
		{"a limit was told", func(*client.Ask) {}, client.Deal{Known: client.Known{Level: -6, Rate: rate / 4, Ceiling: rate / 4, Used: 52}}},
		{"another limit is told", func(a *client.Ask) { a.Told = true }, client.Deal{Known: client.Known{Level: -6, Rate: rate / 4, Ceiling: rate, Used: 52}}},
		{"closed", func(a *client.Ask) { a.ClosedFor = time.Hour }, client.Deal{Known: client.Known{Level: -6, Rate: rate / 4, Ceiling: rate, Used: 52, ClosedFor: time.Hour}}},
		{"closed to all", func(a *client.Ask) { a.Want = 1 }, client.Deal{Known: client.Known{Level: -6, Rate: rate / 4, Ceiling: rate, Used: 52, ClosedFor: time.Hour}}},
	} {
		ask := client.Ask{
			Known: client.Known{Level: 10, Rate: rate, Ceiling: rate},
			Label: client.Medium, Day: "MEDIUM", Until: tomorrow,
			PerSecond: rate, Burst: 10, Slope: rate / 1000, Most: 1,
		}
		tc.ask(&ask)
		got, ok := a.Deal(t.Context(), ask)
		if !ok || got.Turns != tc.want.Turns || got.Free != tc.want.Free || got.Used != tc.want.Used ||
			(got.Level-tc.want.Level) > 0.1 || (got.Level-tc.want.Level) < 0 ||
			(got.Rate-tc.want.Rate) > rate/100 || (got.Rate-tc.want.Rate) < 0 || got.Ceiling != tc.want.Ceiling ||
			got.ClosedFor > tc.want.ClosedFor || tc.want.ClosedFor-got.ClosedFor > time.Minute {
			t.Errorf("%s: %+v, want %+v", tc.name, got, tc.want)
		}
	}
}

// Where only the day is counted, all turns are free.
func TestDealOfADay(t *testing.T) {
	t.Parallel()
	a := account(t, open(t, redistest.Start(t).URL()))
	ask := client.Ask{Label: client.Light, Day: "LIGHT", PerDay: 10, Want: 7, Most: 1, Until: time.Now()}
	for _, want := range []int{7, 3, 0} {
		if got, ok := a.Deal(t.Context(), ask); !ok || got.Turns != want || got.Free != want {
			t.Errorf("%+v, want %d", got, want)
		}
	}
}
