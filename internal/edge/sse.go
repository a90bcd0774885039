package edge

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"zoomgraph/internal/reqid"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const eventStream = "text/event-stream"

// wantsEvents tells whether an Accept header likes an event stream more than JSON. Clients that can read both name
// both for everything they send.
func wantsEvents(accept []string) bool {
	header := strings.Join(accept, ",")
	if !strings.Contains(strings.ToLower(header), eventStream) {
		return false
	}
	var events, json liking
	for i, part := range strings.Split(header, ",") {
		name, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		this := liking{quality(params), 3, i}
		switch name {
		case eventStream:
			events = this
		case applicationJSON.name(), graphqlResponseJSON.name():
			if this.more(json) || json.specificity == 0 {
				json = this
			}
		}
	}
	return events.q > 0 && (json.specificity == 0 || events.more(json))
}

// stream is one answer as an event stream: an operation of the protocol of https://github.com/enisdenjo/graphql-sse, in
// its mode of distinct connections.
type stream struct {
	*live
	w     http.ResponseWriter
	out   *http.ResponseController
	end   context.CancelCauseFunc
	known Known

	sending sync.Mutex
}

// serveEvents answers a request by an event stream, for as long as its operation runs. What is no GraphQL request gets
// the answer that it gets elsewhere, too.
func (l *live) serveEvents(w http.ResponseWriter, r *http.Request) {
	ctx, end := context.WithCancelCause(r.Context())
	defer end(nil)
	ctx, known, err := l.identify(ctx, nil, r)
	if err != nil {
		l.counts.refuse(byIdentify)
		l.log.InfoContext(ctx, "a connection is refused", "requestId", reqid.From(ctx), "error", err)
		l.refuse(ctx, w, applicationJSON, refusal{why: crossOrigin, code: forbidden, message: "this caller may not open a stream"})
		return
	}
	seat := &seat{kind: &l.counts.streams, end: func() { end(nil) }}
	if err := l.settle(seat, known.Caller); err != nil {
		l.busyWith(w, r, err)
		return
	}
	defer l.leave(seat)
	var body countedBody
	l.incoming.count(ctx, &body, w, r, name(known.Caller))
	defer body.release()
	s := &stream{live: l, w: w, out: http.NewResponseController(w), end: end, known: known}
	s.answer(l.withParty(ctx, r, func() { end(nil) }), r)
}

// answer answers a request that found its seat.
func (s *stream) answer(ctx context.Context, r *http.Request) {
	files := s.spool()
	defer s.discard(ctx, &files)
	start := time.Now()
	in, err := readRequest(ctx, s.w, r, &files, s.documents.spelled)
	in.start = start
	if err == nil && in.attached != nil {
		err = refusal{why: unsupportedMedia, code: badUserInput, message: "a request with files is answered by JSON only, not by an event stream"}
	}
	if err != nil {
		s.refuse(ctx, s.w, applicationJSON, err)
		return
	}
	op, errs := s.prepare(ctx, in)
	if len(errs) == 0 && r.Method == http.MethodGet && op.op.Operation.Operation == ast.Mutation {
		s.refuse(ctx, s.w, applicationJSON, answerable(ast.Mutation, http.MethodGet))
		return
	}
	if len(errs) > 0 || op.op.Operation.Operation != ast.Subscription {
		s.known = Known{} // one answer may come when its caller has ceased to be one
	}
	stop := s.open(ctx)
	defer stop()
	if len(errs) == 0 {
		errs = s.run(ctx, op)
	}
	stop() // nothing comes behind complete
	if len(errs) > 0 {
		if text, err := s.written(ctx, &graphql.Response{Errors: errs}); err == nil {
			s.next(text)
		}
	}
	if ctx.Err() == nil || len(errs) > 0 { // who was cut off shall see it
		s.send([]byte("event: complete\ndata:\n\n"))
	}
}

// run performs an operation. A subscription ends with its caller; what has one answer may end later.
func (s *stream) run(ctx context.Context, op *execution) gqlerror.List {
	endWithCaller(ctx, s.known, func(why expiry) { s.end(why) })
	errs := s.perform(ctx, op, func(answer [][]byte) bool { return s.goesOn(ctx, true) && s.next(answer) })
	cause := context.Cause(ctx)
	switch ended := errors.As(cause, new(expiry)); {
	case ended:
		s.counts.refuse(expired)
		return s.told(ctx, cause)
	case errors.As(cause, new(*gqlerror.Error)):
		return s.told(ctx, cause)
	}
	return errs
}

// goesOn asks whether the caller still is one, and ends the stream where not. Where that cannot be told, the stream ends if
// there is an answer.
func (s *stream) goesOn(ctx context.Context, answer bool) bool {
	err := s.still(ctx, s.known)
	if ended := errors.As(err, new(expiry)); ended || err != nil && answer {
		s.end(err)
	}
	return err == nil
}

// open begins the answer, and lets the client hear something from time to time, so that nobody in between takes the
// connection for dead. The function it returns ends that.
func (s *stream) open(ctx context.Context) (stop func()) {
	header := s.w.Header()
	header.Set("Content-Type", eventStream+"; charset=utf-8")
	header.Set("Cache-Control", "no-store, no-transform")
	header.Set("X-Accel-Buffering", "no") // a proxy would wait for more
	s.w.WriteHeader(http.StatusOK)
	s.send([]byte(":\n\n"))
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { s.keepAlive(ctx) })
	return func() {
		cancel()
		wg.Wait()
	}
}

func (s *stream) keepAlive(ctx context.Context) {
	ticker := time.NewTicker(s.limits.keepAlive)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.goesOn(ctx, false)
			s.send([]byte(":\n\n"))
		case <-ctx.Done():
			return
		}
	}
}

// next sends an answer. It reports false where nobody listens any more.
func (s *stream) next(answer [][]byte) bool {
	return s.send(slices.Concat([][]byte{[]byte("event: next\ndata: ")}, answer, [][]byte{[]byte("\n\n")})...)
}

// send writes parts of the stream. A client that does not take them in time is dropped, and false reported.
func (s *stream) send(parts ...[]byte) bool {
	s.sending.Lock()
	defer s.sending.Unlock()
	defer s.answers.Sending(total(parts), func() { _ = s.out.SetWriteDeadline(time.Now()) })()
	_ = s.out.SetWriteDeadline(time.Now().Add(s.pace.whole(s.limits.write, parts...))) // without one it waits longer
	var err error
	for _, part := range parts {
		if err == nil {
			_, err = s.w.Write(part)
		}
	}
	if err == nil {
		err = s.out.Flush()
	}
	if err != nil {
		s.end(err)
	}
	return err == nil
}
