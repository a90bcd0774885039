package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
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

// BenchmarkCall is a call over HTTP with all that an account has, by a host that costs
// next to nothing.
func BenchmarkCall(b *testing.B) {
	const body = `{"schedule_meeting":{"host_video":true},"in_meeting":{"waiting_room":false}}`
	raw := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Zm-Trackingid: WEB_1\r\n" +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
	call := func(b *testing.B) func() {
		budget, err := NewBudget(map[Label]Limit{Medium: {PerSecond: 1e9}}, 1, nil)
		if err != nil {
			b.Fatal(err)
		}
		c, err := New(Config{
			APIURL: "http://" + hosting(b, raw, false) + "/v2", Tokens: &tokens{},
			Budget: budget, Health: NewHealth(nil), Observer: new(seen),
		})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(c.freshConnections)
		req := settingsOf("user-1")
		req.Query = url.Values{"custom_query_fields": {"host_video,waiting_room"}}
		return func() {
			if _, err := c.Do(&telling{values: b.Context()}, req); err != nil {
				b.Error(err)
			}
		}
	}
	b.Run("alone", func(b *testing.B) {
		do := call(b)
		b.ReportAllocs()
		for b.Loop() {
			do()
		}
	})
	b.Run("32 at once", func(b *testing.B) {
		do := call(b)
		b.SetParallelism(max(1, 32/runtime.GOMAXPROCS(0)))
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				do()
			}
		})
	})
}

// seen is an observer that looks at nothing.
type seen struct{}

func (*seen) Called(context.Context, Attempt) {}
func (*seen) Minted(context.Context, Mint)    {}

// BenchmarkTake is what a turn costs where nobody waits.
func BenchmarkTake(b *testing.B) {
	budget, err := NewBudget(map[Label]Limit{Medium: {PerSecond: 1e9}}, 1, nil)
	if err != nil {
		b.Fatal(err)
	}
	req, res := settingsOf("u"), new(Response)
	b.ReportAllocs()
	for b.Loop() {
		if _, fail := budget.take(b.Context(), &req, res); fail != nil {
			b.Fatal(fail)
		}
		budget.learn(aMedium, time.Now(), http.Header{}, nil)
	}
}
