package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"zoomgraph/internal/peer"
	"zoomgraph/internal/reqid"

	"github.com/coder/websocket"
)

// subprotocol is the WebSocket subprotocol; https://github.com/enisdenjo/graphql-ws describes it.
const subprotocol = "graphql-transport-ws"

// The codes of the subprotocol with which a socket is closed. Clients connect again after some of them, and give up
// after others.
const (
	closeBadMessage   websocket.StatusCode = 4400
	closeUnauthorized websocket.StatusCode = 4401
	closeForbidden    websocket.StatusCode = 4403
	closeSubprotocol  websocket.StatusCode = 4406
	closeInitTimeout  websocket.StatusCode = 4408
	closeDuplicateID  websocket.StatusCode = 4409
	closeSecondInit   websocket.StatusCode = 4429
)

// maxCloseReason is how many bytes WebSocket allows the reason of a close.
const maxCloseReason = 123

// closing is why a socket is closed by us.
type closing struct {
	code   websocket.StatusCode
	reason string
}

func (c closing) Error() string { return c.reason }

// socket is one connection. A goroutine reads its messages, and each operation has one of its own.
type socket struct {
	*live
	seat    *seat
	request *http.Request
	wire    wire
	conn    *websocket.Conn // nil where there was no upgrade
	opened  chan struct{}   // closed once conn can be read
	closed  sync.Once
	ctx     context.Context    //nolint:containedctx // of the connection, which this is
	end     context.CancelFunc // at once, without a farewell
	wg      sync.WaitGroup
	held    held                  // of messages, until they are answered
	known   atomic.Pointer[Known] // whose it is; nil before connection_init was accepted

	// These belong to the reader.
	initTimer *time.Timer
	caller    context.Context //nolint:containedctx // of the operations; nil before connection_init was accepted
	headers   http.Header     // of the operations

	// sending guards the operations, and is held while a message of one is written: once either side has said that an
	// operation is over nothing more is sent of it, and its id is free.
	sending    sync.Mutex
	operations map[string]*operation
}

// serveSocket answers a request to become a socket, for as long as that is open.
func (l *live) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !l.origins.mayConnect(r) {
		l.counts.refuse(byOrigin)
		l.refuse(r.Context(), w, applicationJSON, refusal{why: crossOrigin, code: forbidden, message: "this socket is asked for by a page of another origin; the operator can add that origin with --allowed-origins"})
		return
	}
	s := &socket{live: l, request: r, opened: make(chan struct{}), wire: wire{left: maxStrangerBytes}, held: held{of: l.incoming}, operations: map[string]*operation{}}
	s.ctx, s.end = context.WithCancel(r.Context())
	defer s.end()
	context.AfterFunc(s.ctx, s.wire.end)
	s.seat = &seat{
		kind: &l.counts.sockets, from: peer.Client(l.proxies.Address(r)),
		end: func() { s.close(closing{websocket.StatusGoingAway, errStopping.Error()}) },
		shed: func() {
			time.AfterFunc(l.limits.shedding, s.end) // also if it says another goodbye already
			s.close(closing{websocket.StatusTryAgainLater, gaveWay})
		},
	}
	if err := l.enter(s.seat); err != nil {
		l.busyWith(w, r, err)
		return
	}
	defer l.leave(s.seat)
	var err error
	s.conn, err = websocket.Accept(upgrading{w, &s.wire}, r, &websocket.AcceptOptions{
		Subprotocols:       []string{subprotocol},
		InsecureSkipVerify: true, // the origin was looked at
	})
	close(s.opened)
	if err == nil { // otherwise Accept has answered
		s.serve()
	}
}

// serve reads until the socket is closed, by either side.
func (s *socket) serve() {
	s.conn.SetReadLimit(-1) // receive has limits of its own
	s.initTimer = time.AfterFunc(s.limits.init, func() { s.close(closing{closeInitTimeout, "connection_init did not come in time"}) })
	defer s.initTimer.Stop()
	s.wg.Go(s.pingRegularly)
	err := s.read()
	why := closing{websocket.StatusNormalClosure, ""} // of a connection that is closed already
	errors.As(err, &why)
	s.close(why)
	s.wg.Wait()
}

// close says why, waits a moment for the client to hear it, and ends everything. Only the first reason counts.
func (s *socket) close(why closing) {
	s.closed.Do(func() {
		defer s.end()
		<-s.opened
		if s.conn == nil {
			return
		}
		impatient := time.AfterFunc(s.limits.farewell, s.end)
		defer impatient.Stop()
		_ = s.conn.Close(why.code, shorten(why.reason, maxCloseReason)) // it is closed, whatever the client made of it
	})
}

// shorten cuts a text to so many bytes, between two characters.
func shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}

// endIf ends a socket by an error of still, if its caller is not one any more.
func (s *socket) endIf(err error) {
	if why := (expiry{}); errors.As(err, &why) {
		s.expire(why)
	}
}

func (s *socket) expire(why expiry) {
	s.counts.refuse(expired)
	s.close(closing{closeForbidden, why.message})
}

// pingRegularly drops a client that does not answer, and one that is not a caller any more.
func (s *socket) pingRegularly() {
	ticker := time.NewTicker(s.limits.ping)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-s.ctx.Done():
			return
		}
		ctx, cancel := context.WithTimeout(s.ctx, s.limits.ping)
		if known := s.known.Load(); known != nil {
			s.endIf(s.still(ctx, *known))
		}
		err := s.conn.Ping(ctx)
		cancel()
		if err != nil {
			s.end()
			return
		}
	}
}

// read takes messages until one is against the protocol, or the connection ends.
func (s *socket) read() error {
	if s.conn.Subprotocol() == "" {
		return closing{closeSubprotocol, "sockets speak " + subprotocol + " here"}
	}
	for {
		kind, text, err := s.receive()
		if err == nil {
			err = s.accepted(kind, text)
		}
		if err != nil {
			return err
		}
	}
}

// accepted handles a message that was received, and gives back what it holds unless an operation takes that over.
func (s *socket) accepted(kind websocket.MessageType, text []byte) error {
	holds := int64(cap(text))
	defer func() { s.held.shrink(holds) }()
	switch {
	case kind != websocket.MessageText:
		return closing{websocket.StatusUnsupportedData, "messages are text"}
	case !utf8.Valid(text):
		return closing{websocket.StatusInvalidFramePayloadData, "the message is not UTF-8"}
	}
	m, err := parseMessage(text)
	if err != nil {
		return closing{closeBadMessage, err.Error()}
	}
	m.held = int64(len(text))
	s.held.shrink(holds - m.held)
	err = s.handle(&m)
	holds = m.held
	return err
}

// handle does what a message says. Its errors end the connection.
func (s *socket) handle(m *message) error {
	switch m.Type {
	case typeInit:
		return s.initialize(m.Payload)
	case typePing:
		return s.write(message{Type: typePong, Payload: m.Payload})
	case typePong:
		return nil
	case typeSubscribe:
		return s.subscribe(m)
	case typeComplete:
		s.complete(m.ID)
		return nil
	}
	return closing{closeBadMessage, "there is no message of this type"}
}

// initialize answers connection_init.
func (s *socket) initialize(payload json.RawMessage) error {
	if s.caller != nil {
		return closing{closeSecondInit, "connection_init came a second time"}
	}
	var init map[string]any
	if len(payload) > 0 && decode(payload, &init) != nil {
		return closing{closeBadMessage, "the payload of connection_init must be an object"}
	}
	if !s.initTimer.Stop() {
		<-s.ctx.Done() // the socket is being closed for that
		return s.ctx.Err()
	}
	headers, err := initHeaders(init)
	if err != nil {
		return closing{closeBadMessage, err.Error()}
	}
	ctx, known, err := s.identify(s.ctx, headers, s.request)
	if err != nil {
		s.counts.refuse(byIdentify)
		s.log.InfoContext(s.ctx, "a connection is refused", "requestId", reqid.From(s.ctx), "error", err)
		return notIdentified(err)
	}
	if err := s.settle(s.seat, known.Caller); err != nil {
		s.refuseSeat(err)
		return closing{websocket.StatusTryAgainLater, err.Error()}
	}
	s.held.caller = known.Caller
	s.known.Store(&known)
	s.wire.known.Store(true)
	endWithCaller(s.ctx, known, s.expire)
	s.caller, s.headers = s.withParty(ctx, s.request, s.end), operationHeaders(s.request.Header, headers)
	return s.write(message{Type: typeAck})
}

// write writes a message. A client that does not take it in time is dropped.
func (s *socket) write(m message) error {
	parts := m.parts()
	ctx, cancel := context.WithTimeout(s.ctx, s.pace.whole(s.limits.write, parts...))
	defer cancel()
	defer s.answers.Sending(total(parts), cancel)()
	err := s.writeParts(ctx, parts)
	if err != nil {
		s.end()
	}
	return err
}

// writeParts writes a message: a short one as one frame, a long one in several, so that it is not copied.
func (s *socket) writeParts(ctx context.Context, parts [][]byte) error {
	if total(parts) <= writeChunk {
		return s.conn.Write(ctx, websocket.MessageText, bytes.Join(parts, nil))
	}
	w, err := s.conn.Writer(ctx, websocket.MessageText)
	if err != nil {
		return err
	}
	for _, part := range parts {
		for chunk := range slices.Chunk(part, writeChunk) {
			if _, err := w.Write(chunk); err != nil {
				return err
			}
		}
	}
	return w.Close()
}

// notIdentified is how a socket is closed if its caller is refused. After 4403 clients do not connect again; after 1013
// they do.
func notIdentified(err error) closing {
	why := closing{closeForbidden, "Forbidden"}
	if r := Refusal(nil); errors.As(err, &r) {
		why.reason = r.Public()
		if r.Again() {
			why.code = websocket.StatusTryAgainLater
		}
	}
	return why
}

// ownHeaders is how the names of headers begin that only this service reads.
const ownHeaders = "X-Zoomgraph-"

// initHeaders reads the headers in the payload of connection_init, which is the only place where a browser can put them.
// They stand in the payload itself or in an object "headers" of it. As in HTTP, the case of a name does not count. Other
// entries are ignored. The error is for the client.
func initHeaders(init map[string]any) (http.Header, error) {
	headers := http.Header{}
	if err := addHeaders(headers, init); err != nil {
		return nil, err
	}
	for name, value := range init {
		if inner, ok := value.(map[string]any); ok && strings.EqualFold(name, "headers") {
			if err := addHeaders(headers, inner); err != nil {
				return nil, err
			}
		}
	}
	return headers, nil
}

// addHeaders adds the headers of a map. Two spellings of one name must have the same value.
func addHeaders(headers http.Header, from map[string]any) error {
	for name, value := range from {
		name = http.CanonicalHeaderKey(name)
		if name != "Authorization" && !strings.HasPrefix(name, ownHeaders) {
			continue
		}
		var text string
		switch value := value.(type) {
		case nil:
			continue
		case string:
			text = strings.Trim(value, " \t")
		case json.Number:
			text = value.String()
		default:
			return fmt.Errorf("%s in the payload of connection_init must be a string", shortName(name))
		}
		if given, ok := headers[name]; ok && given[0] != text {
			return fmt.Errorf("%s is twice in the payload of connection_init, with two values", shortName(name))
		}
		headers.Set(name, text)
	}
	return nil
}

// shortName is the name of a header as the reason of a close has room for it.
func shortName(name string) string { return shorten(name, 40) }

// operationHeaders are the headers that operations see: those of the request and, of this service's own, those of
// connection_init. Cache-Control is left out, since a browser sends it for the upgrade alone, and so are credentials.
func operationHeaders(h, init http.Header) http.Header {
	h = h.Clone()
	maps.Copy(h, init)
	for _, name := range []string{"Cache-Control", "Authorization", "Cookie"} {
		h.Del(name)
	}
	return h
}
