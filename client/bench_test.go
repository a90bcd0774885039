package client

import (
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"
)

func BenchmarkDo(b *testing.B) {
	c := dial(b, answer(200, `{"schedule_meeting":{"host_video":true},"in_meeting":{"waiting_room":false}}`))
	req := settingsOf("user-1")
	req.Query = url.Values{"custom_query_fields": {"host_video,waiting_room"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Do(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNetHTTP(b *testing.B) {
	c := dial(b, answer(200, `{"schedule_meeting":{"host_video":true},"in_meeting":{"waiting_room":false}}`))
	plain := &http.Client{Transport: c.transport}
	at := c.base.String() + "/users/user-1/settings?custom_query_fields=host_video,waiting_room"
	b.ReportAllocs()
	for b.Loop() {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, at, nil)
		if err != nil {
			b.Fatal(err)
		}
		res, err := plain.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.ReadAll(res.Body)
		_ = res.Body.Close()
	}
}

// BenchmarkTake is what a turn costs where nobody waits.
func BenchmarkTake(b *testing.B) {
	budget, err := NewBudget(map[Label]Limit{Medium: {PerSecond: 1e9}}, 1, nil)
	if err != nil {
		b.Fatal(err)
	}
	req, res := settingsOf("u"), new(Response)
	b.ReportAllocs()
	for b.Loop() {
		if fail := budget.take(b.Context(), &req, res); fail != nil {
			b.Fatal(fail)
		}
		budget.learn(aMedium, time.Now(), http.Header{}, nil)
	}
}
