package issuer

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// This file keeps an issuer's keys. They are read when the issuer is found, each time that is repeated, and when a token
// names a key that is not known. The latter anybody can cause by making up a token, so it is done once at a time and once
// in keysPause, for all: a real new key is known at most keysPause and one answer of the issuer later, however many names
// are made up meanwhile.

const (
	maxAnswer  = 1 << 20          // bytes of what an issuer answers
	maxKeySet  = 8 << 20          // bytes of its keys
	keysPause  = 10 * time.Second // between two looks for an unknown key
	maxWaiting = 64               // tokens that wait for such a look to end
)

// clientOf asks an issuer. It follows no redirects: keys come from where the issuer says, or not at all.
func clientOf(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		Timeout:       askTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded refuses answers that are longer than most bytes.
type bounded struct {
	next http.RoundTripper
	most int64
}

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }() // it was read to the end, or is of no use
	text, err := io.ReadAll(io.LimitReader(res.Body, b.most+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(text)) > b.most:
		return nil, fmt.Errorf("%s has more than %d bytes", r.URL.Redacted(), b.most)
	}
	res.Body = io.NopCloser(bytes.NewReader(text))
	return res, nil
}

// keyring is an issuer's keys as they were last read.
type keyring struct {
	issuer *Issuer
	client *http.Client
	queue  chan struct{} // a place for each token that waits for a look

	mu      sync.Mutex
	url     string        // where they are; "" until the issuer was found
	read    *ring         // nil until they were read
	err     error         // why the last attempt to read them failed
	looked  time.Time     // when the last look for an unknown key began
	looking chan struct{} // closed when that ends; nil: there is none
	told    string        // what the log was last told of those that cannot be used
}

func newKeyring(i *Issuer) *keyring {
	return &keyring{issuer: i, client: clientOf(bounded{i.options.Transport, maxKeySet}), queue: make(chan struct{}, maxWaiting)}
}

// known are the keys; nil where none were read yet.
func (k *keyring) known() *ring {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.read
}

// load reads the keys from where the issuer says they are. Where that fails, those that were read before stay.
func (k *keyring) load(ctx context.Context, url string) error {
	read, err := k.fetch(ctx, url)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.url, k.err = url, err
	if err != nil {
		return fmt.Errorf("its keys at %s: %w", url, err)
	}
	k.read = read
	k.tell(ctx)
	return nil
}

func (k *keyring) fetch(ctx context.Context, url string) (*ring, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := k.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }() // of a buffer
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer is %s", res.Status)
	}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	return readKeys(text)
}

// tell logs which keys cannot be used, once for as long as they stay the same.
func (k *keyring) tell(ctx context.Context) {
	list := slices.Clone(k.read.skipped)
	if more := k.read.unused - len(list); more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	if len(k.read.keys) == 0 {
		list = append(list, "no other is left, so no token can be checked")
	}
	text := strings.Join(list, "; ")
	if text == k.told {
		return
	}
	if k.told = text; text != "" {
		k.issuer.options.Logger.WarnContext(ctx, "keys of the issuer are skipped", "issuer", k.issuer.options.URL, "usable", len(k.read.keys), "skipped", k.read.unused, "which", text)
	}
}

// look reads the keys anew, because a token is signed by one that is not known. It returns how long it takes until it can
// be asked again, if it did not look now, and whether the issuer fails to answer.
func (k *keyring) look(ctx context.Context) (wait time.Duration, failing bool) {
	k.mu.Lock()
	now := k.issuer.options.Now()
	if k.looking == nil {
		if wait := k.looked.Add(keysPause).Sub(now); wait > 0 && !k.looked.IsZero() {
			defer k.mu.Unlock()
			return wait, k.err != nil
		}
		k.looked, k.looking = now, make(chan struct{})
		go k.lookOnce(context.WithoutCancel(ctx), k.url, k.looking)
	}
	done := k.looking
	k.mu.Unlock()
	select {
	case k.queue <- struct{}{}:
		defer func() { <-k.queue }()
	default:
		return time.Second, false
	}
	select {
	case <-done:
	case <-ctx.Done():
		return time.Second, true
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return 0, k.err != nil
}

func (k *keyring) lookOnce(ctx context.Context, url string, done chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if err := k.load(ctx, url); err != nil {
		k.issuer.options.Logger.WarnContext(ctx, "the keys of the issuer cannot be read", "issuer", k.issuer.options.URL, "error", shortened(err))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.looking = nil
	close(done)
}
