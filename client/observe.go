package client

import (
	"context"
	"net/url"
	"time"
)

// Observer is told what goes to Zoom, and what came of it. Many goroutines call
// it, each in the midst of a call: it must be quick, and must not call the
// Client. The context is that of who asked, and may have ended.
type Observer interface {
	// Called tells of an attempt that was handed to the network.
	Called(ctx context.Context, a Attempt)
	// Minted tells of a token that Zoom was asked for.
	Minted(ctx context.Context, m Mint)
}

// Attempt is one time that a call was sent.
type Attempt struct {
	Op     *Op
	Query  url.Values // as sent; neither to be changed nor kept
	Number int        // among the attempts of its call, from 1
	Start  time.Time
	Waited time.Duration // since the call came in or its last attempt ended, as Response.Waited
	Took   time.Duration // to the last byte of the answer
	Status int           // 0 where no answer came
	Bytes  int           // of the answer's body, decompressed
	Code   Code          // empty where it went well
}

// Mint is one time that a token was asked for.
type Mint struct {
	Start time.Time
	Took  time.Duration
	Code  Code // empty where there is a token
}

// observed is what the observer was told of a call's attempts.
type observed struct {
	attempts int
	waited   time.Duration
}

// observe tells of the attempt that began at start and took so long, if it left.
func (c *Client) observe(ctx context.Context, out *call, res *Response, start time.Time, took time.Duration, fail *Error) {
	if c.observer == nil || res.Attempts == out.observed.attempts {
		return
	}
	a := Attempt{
		Op: out.Op, Query: out.Query, Number: res.Attempts, Start: start, Waited: res.Waited - out.observed.waited, Took: took,
		Status: res.Status, Bytes: res.Bytes,
	}
	if fail != nil {
		a.Code = fail.Code
	}
	out.observed = observed{attempts: res.Attempts, waited: res.Waited}
	c.observer.Called(ctx, a)
}

// observe tells of the mint that began at start.
func (s *mintedTokens) observe(ctx context.Context, start time.Time, fail *Error) {
	if s.observer == nil {
		return
	}
	m := Mint{Start: start, Took: s.now().Sub(start)}
	if fail != nil {
		m.Code = fail.Code
	}
	s.observer.Minted(ctx, m)
}
