package client

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// carrier is a transport as attempts use it.
type carrier interface {
	http.RoundTripper
	// carry sends a request, whose way can be ended also by way.
	carry(r *http.Request, way *trip) (*http.Response, error)
}

// asCarrier is a configured transport as attempts use it.
func asCarrier(t http.RoundTripper) carrier {
	if own, ok := t.(carrier); ok {
		return own
	}
	return foreign{t}
}

// foreign is a transport that is not ours, or not known to be: net/http's, or what
// something was put around.
type foreign struct{ http.RoundTripper }

// carry implements carrier.
func (f foreign) carry(r *http.Request, way *trip) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	way.cancelBy(cancel)
	var reused atomic.Bool // of the last connection: another may take the place of a dead one
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { reused.Store(info.Reused) },
	})
	own := r.WithContext(ctx)
	own.Header = r.Header.Clone() // who puts something around a transport may add to it
	answer, err := f.RoundTrip(own)
	if err != nil {
		cancel(nil)
		if reused.Load() {
			err = &reusedError{err}
		}
		return nil, err
	}
	answer.Body = &lastly{answer.Body, cancel}
	return answer, nil
}

// CloseIdleConnections passes on what the client asks of its transport.
func (f foreign) CloseIdleConnections() {
	if pool, ok := f.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
}

// lastly is the body of an answer whose context ends with it.
type lastly struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
}

// Close implements io.Closer.
func (l *lastly) Close() error {
	err := l.ReadCloser.Close()
	l.cancel(nil)
	return err
}

// reusedError is that of a connection which had carried earlier calls.
type reusedError struct{ error }

// Unwrap implements what errors.Is looks for.
func (e *reusedError) Unwrap() error { return e.error }
