package edge

import (
	"bytes"
	"context"
	"mime"
	"net/http"
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
	var events, json liking
	for i, part := range strings.Split(strings.Join(accept, ","), ",") {
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
	w   http.ResponseWriter
	out *http.ResponseController
	end context.CancelFunc

	sending sync.Mutex
}

// serveEvents answers a request by an event stream, for as long as its operation runs. What is no GraphQL request gets
// the answer that it gets elsewhere, too.
func (l *live) serveEvents(w http.ResponseWriter, r *http.Request) {
	ctx, end := context.WithCancel(graphql.StartOperationTrace(r.Context()))
	defer end()
	place := l.enter(&l.counts.streams, end)
	if place == nil {
		l.busyWith(w, r, tooMany)
		return
	}
	defer l.leave(place)
	known, caller, err := l.identify(ctx, nil, r)
	switch {
	case err != nil:
		l.counts.refuse(byIdentify)
		l.log.InfoContext(ctx, "a connection is refused", "requestId", reqid.From(ctx), "error", err)
		l.refuse(ctx, w, applicationJSON, refusal{why: crossOrigin, code: forbidden, message: "this caller may not open a stream"})
	case !l.allot(place, caller):
		l.busyWith(w, r, tooManyOfCaller)
	default:
		s := &stream{live: l, w: w, out: http.NewResponseController(w), end: end}
		s.answer(known, r)
	}
}

// answer answers a request that found its place.
func (s *stream) answer(ctx context.Context, r *http.Request) {
	var files spool
	defer func() {
		if err := files.discard(); err != nil {
			s.log.ErrorContext(ctx, "uploaded files could not be removed", "error", err)
		}
	}()
	in, err := readRequest(s.w, r, &files, s.documents.spelled)
	if err == nil && len(in.uploads) > 0 {
		err = refusal{why: unsupportedMedia, code: badUserInput, message: "a request with files is answered by JSON only, not by an event stream"}
	}
	if err != nil {
		s.refuse(ctx, s.w, applicationJSON, err)
		return
	}
	op, errs := s.prepare(ctx, in)
	if len(errs) == 0 && r.Method == http.MethodGet && op.Operation.Operation == ast.Mutation {
		s.refuse(ctx, s.w, applicationJSON, answerable(ast.Mutation, http.MethodGet))
		return
	}
	defer s.open(ctx)()
	if len(errs) == 0 {
		errs = s.perform(ctx, op, func(resp *graphql.Response) bool { return s.next(ctx, resp) })
	}
	if len(errs) > 0 {
		s.next(ctx, &graphql.Response{Errors: errs})
	}
	if ctx.Err() == nil { // who was cut off shall see it
		s.send([]byte("event: complete\ndata:\n\n"))
	}
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
			s.send([]byte(":\n\n"))
		case <-ctx.Done():
			return
		}
	}
}

// next sends an answer. It reports false where nobody listens any more.
func (s *stream) next(ctx context.Context, resp *graphql.Response) bool {
	head, tail, err := envelope(resp)
	if err != nil {
		s.log.ErrorContext(ctx, "answer cannot be written", "requestId", reqid.From(ctx), "error", err)
		resp = &graphql.Response{Errors: gqlerror.List{s.present(ctx, internalError(ctx))}}
		head, tail, _ = envelope(resp)
	}
	return s.send([]byte("event: next\ndata: "), oneLine(head), oneLine(resp.Data), oneLine(tail), []byte("\n\n")) && err == nil
}

// oneLine takes out the line breaks that Zoom's JSON may have between its values: they would end the event.
func oneLine(text []byte) []byte {
	if !bytes.ContainsAny(text, "\r\n") {
		return text
	}
	return bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, text)
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
		s.end()
	}
	return err == nil
}
