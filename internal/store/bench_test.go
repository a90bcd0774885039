package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/store"
)

// many is a principal that knows a hundred names of a user's settings, and the answer that tells them.
func many(b *testing.B) (p *store.Principal, ask store.Ask) {
	b.Helper()
	s, err := store.New(store.Options{TTL: time.Hour, UsersTTL: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	p = s.Principal("acct", "", nil)
	var body strings.Builder
	for i := range 100 {
		fmt.Fprintf(&body, `,"name%03d":{"enable":true,"value":"some text"}`, i)
		ask.Names = append(ask.Names, fmt.Sprintf("name%03d", i))
	}
	text := []byte(`{"in_meeting":{` + body.String()[1:] + `}}`)
	ask.Key = keyOf(opSettings, "abc")
	ask.Fetch = func(_ context.Context, seal store.Seal) (store.Fetched, error) {
		seal()
		return store.Fetched{Body: rawjson.Parse(text)}, nil
	}
	if _, err := p.Read(b.Context(), ask); err != nil {
		b.Fatal(err)
	}
	return p, ask
}

// BenchmarkKnown is a read that takes no call.
func BenchmarkKnown(b *testing.B) {
	p, ask := many(b)
	for _, n := range []int{1, 20, 100} {
		few := ask
		few.Names = ask.Names[:n]
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok, _ := p.Known(few); !ok {
					b.Fatal("not known")
				}
			}
		})
	}
}

// BenchmarkRead is a read of names anew, whose answer is put to a hundred that are known.
func BenchmarkRead(b *testing.B) {
	p, ask := many(b)
	for _, n := range []int{1, 100} {
		few := ask
		few.Names = ask.Names[:n]
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				few.Since = time.Now()
				if _, err := p.Read(b.Context(), few); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCall is reads of which nothing is kept, each of which takes a call, or shares that of another one.
func BenchmarkCall(b *testing.B) {
	body := rawjson.Parse([]byte(`{"in_meeting":{"host_video":true}}`))
	fetch := func(_ context.Context, seal store.Seal) (store.Fetched, error) {
		seal()
		return store.Fetched{Body: body}, nil
	}
	for _, bench := range []struct {
		name         string
		users, times int
	}{{"one", 1, 1}, {"joined", 1, 10}, {"100users", 100, 1}} {
		b.Run(bench.name, func(b *testing.B) {
			s, err := store.New(store.Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(s.Close)
			p := s.Principal("acct", "", nil)
			var asks []store.Ask
			for i := range bench.users * bench.times {
				key := keyOf(opSettings, fmt.Sprint("user", i%bench.users))
				asks = append(asks, store.Ask{Key: key, Names: []string{"host_video"}, Fetch: fetch})
			}
			b.ReportAllocs()
			for b.Loop() {
				reads := make([]store.Reading, len(asks))
				for i, ask := range asks {
					reads[i].Begin(b.Context(), p, ask)
				}
				for i := range reads {
					if _, err := reads[i].Wait(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
