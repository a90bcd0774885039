package clock_test

import (
	"testing"
	"time"

	"zoomgraph/internal/clock"
)

func TestBetween(t *testing.T) {
	t.Parallel()
	start := time.Now()
	wall := start.Round(0)
	for name, test := range map[string]struct {
		earlier, later time.Time
		want           time.Duration
	}{
		"both clocks go on":          {start, start.Add(time.Minute), time.Minute},
		"a clock without a reading":  {wall, wall.Add(time.Second), time.Second},
		"one of the two has none":    {start, wall.Add(time.Second), time.Second},
		"the wall clock is set back": {start.Add(time.Hour), start.Add(time.Hour + time.Second), time.Second},
		"nothing has passed":         {start, start, 0},
	} {
		if got := clock.Between(test.earlier, test.later); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
