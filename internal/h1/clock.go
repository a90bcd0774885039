package h1

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clock writes the time as answers have it, once a second.
type clock struct{ last atomic.Pointer[stamp] }

type stamp struct {
	second int64
	text   string
}

func (c *clock) date(now time.Time) string {
	second := now.Unix()
	if last := c.last.Load(); last != nil && last.second == second {
		return last.text
	}
	s := &stamp{second, now.UTC().Format(http.TimeFormat)}
	c.last.Store(s)
	return s.text
}
