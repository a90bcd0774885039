package issuer

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	maxAnswer = 1 << 20          // bytes of what an issuer answers
	keysPause = 10 * time.Second // between two looks at the issuer's keys
)

// clientOf asks an issuer. It follows no redirects: keys come from where the issuer says, or not at all.
func clientOf(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		Timeout:       askTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded cuts answers that are too long; they are then no valid JSON.
type bounded struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, maxAnswer), res.Body}
	return res, nil
}

// keyTransport asks for an issuer's keys, but not for each token with the name of an unknown one: within keysPause, or
// where the issuer does not answer, it answers by the keys that it got last.
type keyTransport struct {
	next http.RoundTripper
	now  func() time.Time

	mu    sync.Mutex
	asked time.Time
	keys  []byte // the last answer that was one
	err   error  // why the last question got none
}

// RoundTrip implements http.RoundTripper.
func (t *keyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := t.now(); t.asked.IsZero() || now.Sub(t.asked) >= keysPause {
		t.asked = now
		t.err = t.ask(r)
	}
	if t.keys == nil {
		return nil, t.err
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(t.keys)), Request: r,
	}, nil
}

func (t *keyTransport) ask(r *http.Request) error {
	res, err := t.next.RoundTrip(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // it was read to the end, or is of no use
	keys, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return err
	case res.StatusCode != http.StatusOK:
		return statusError(res.Status)
	}
	t.keys = keys
	return nil
}

// failing tells whether the last question for keys got no answer, so that a key which is not known may be a new one.
func (t *keyTransport) failing() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err != nil
}

type statusError string

// Error implements error.
func (e statusError) Error() string { return "the issuer answers " + string(e) }
