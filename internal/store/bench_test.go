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
