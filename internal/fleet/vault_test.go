package fleet

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/redistest"
)

// office is a token endpoint that gives mint-1, mint-2, …, once hold lets it.
type office struct {
	mints atomic.Int32
	hold  chan struct{}
	fails atomic.Bool
}

func (o *office) RoundTrip(*http.Request) (*http.Response, error) {
	n := o.mints.Add(1)
	if o.hold != nil {
		<-o.hold
	}
	if o.fails.Load() {
		return nil, io.ErrUnexpectedEOF
	}
	res := reply(200)
	res.Body = io.NopCloser(strings.NewReader(fmt.Sprintf(
		`{"access_token":"mint-%d","expires_in":3600,"scope":"a b","api_url":"https://api-eu.zoom.us"}`, n)))
	return res, nil
}

func (o *office) source(a *Shared) client.TokenSource {
	return client.AccountCredentials(client.Config{
		AccountID: "acct", ClientID: "id", ClientSecret: string(secret), Transport: o, Vault: a,
	})
}

func wantTokens(t *testing.T, sources []client.TokenSource, want string) []client.Token {
	t.Helper()
	tokens := make([]client.Token, len(sources))
	var wg sync.WaitGroup
	for i, s := range sources {
		wg.Go(func() {
			tok, err := s.Token(t.Context())
			if err != nil || tok.Value != want || tok.APIURL != "https://api-eu.zoom.us" || len(tok.Scopes) != 2 {
				t.Errorf("%d: %+v, %v, want %s", i, tok, err, want)
			}
			tokens[i] = tok
		})
	}
	wg.Wait()
	return tokens
}

// The token of another app is another one: neither takes the place of the account's, nor waits for its mint.
func TestTokensOfTwoApps(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	o := new(office)
	var own, bots []client.TokenSource
	for range 2 {
		a := account(t, open(t, srv.URL()))
		own = append(own, o.source(a))
		bots = append(bots, client.AppCredentials(client.Config{ClientID: "bot", ClientSecret: "b0t", Transport: o, Vault: a.AppVault("bot")}))
	}
	wantTokens(t, own, "mint-1")
	for _, tok := range wantTokens(t, bots, "mint-2") {
		bots[0].Drop(tok)
		bots[1].Drop(tok)
	}
	wantTokens(t, bots, "mint-3")
	wantTokens(t, own, "mint-1")
	a := account(t, open(t, srv.URL()))
	wantTokens(t, []client.TokenSource{client.AppCredentials(client.Config{ClientID: "other", ClientSecret: "b0t", Transport: o, Vault: a.AppVault("other")})}, "mint-4")
}

// Three replicas and one Redis mint once, and once more when Zoom has refused
// the token; also one that comes later and one that knows nothing of it.
func TestOneTokenForAll(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	o := new(office)
	var sources []client.TokenSource
	for range 3 {
		sources = append(sources, o.source(account(t, open(t, srv.URL()))))
	}
	tokens := wantTokens(t, sources, "mint-1")
	for _, tok := range tokens {
		if d := tok.Expiry.Sub(tokens[0].Expiry).Abs(); d > time.Second || tok.Expiry.Sub(tok.RenewAt).Round(time.Second) != 6*time.Minute {
			t.Errorf("%+v", tok)
		}
	}
	for i, s := range sources {
		s.Drop(tokens[i])
	}
	wantTokens(t, sources, "mint-2")
	sources[0].Drop(tokens[0]) // a late one
	late := o.source(account(t, open(t, srv.URL())))
	tokens = wantTokens(t, append(sources, late), "mint-2")

	late.Drop(tokens[3])
	wantTokens(t, []client.TokenSource{late}, "mint-3")
	wantTokens(t, sources[:2], "mint-2") // to which Zoom has said nothing yet
	sources[2].Drop(tokens[2])
	wantTokens(t, sources[2:], "mint-3")
	if n := o.mints.Load(); n != 3 {
		t.Errorf("%d mints", n)
	}
}

// Who waits for another one's mint that fails mints itself.
func TestFailedMintIsReleased(t *testing.T) {
	t.Parallel()
	_, a, b := pair(t)
	o := &office{hold: make(chan struct{})}
	o.fails.Store(true)
	var wg sync.WaitGroup
	for _, account := range []*Shared{a, b} {
		wg.Go(func() {
			if _, err := o.source(account).Token(t.Context()); err == nil {
				t.Error("a token out of nothing")
			}
		})
	}
	o.hold <- struct{}{}
	o.hold <- struct{}{}
	wg.Wait()
}

func TestMintsAlone(t *testing.T) {
	t.Parallel()
	srv, a, b := pair(t)
	srv.Stop()
	o := new(office)
	wantTokens(t, []client.TokenSource{o.source(a)}, "mint-1")
	wantTokens(t, []client.TokenSource{o.source(b)}, "mint-2")
}

// A replica that died while it minted does not keep the others from it.
func TestClaims(t *testing.T) {
	t.Parallel()
	srv, a, b := pair(t)
	if _, ok := a.Find(t.Context(), ""); ok {
		t.Fatal("a token out of nothing")
	}
	soon, leave := context.WithTimeout(t.Context(), 3*mintLook)
	defer leave()
	if _, ok := b.Find(soon, ""); ok || b.claim != "" {
		t.Error("two claims")
	}
	b.Release(t.Context()) // not its own
	if srv.Do("EXISTS "+a.claimKey()) != "1" {
		t.Error("released by another one")
	}
	srv.Do("PEXPIRE " + a.claimKey() + " 1")
	if _, ok := b.Find(t.Context(), ""); ok || b.claim == "" {
		t.Error("no claim after the first one has ended")
	}
	a.Release(t.Context()) // its own is gone
	if srv.Do("EXISTS "+a.claimKey()) != "1" {
		t.Error("a late release concerns another claim")
	}
	b.Keep(t.Context(), client.Token{Value: "v", Mint: "m", Expiry: time.Now().Add(time.Hour), RenewAt: time.Now()})
	if srv.Do("EXISTS "+a.claimKey()) != "0" {
		t.Error("the claim outlives the mint")
	}
	a.Drop(t.Context(), "other")
	if tok, ok := a.Find(t.Context(), "older"); !ok || tok.Value != "v" {
		t.Errorf("%+v", tok)
	}
	if _, ok := a.Find(t.Context(), "m"); ok || a.claim == "" {
		t.Error("the token that is to be replaced")
	}
	a.Release(t.Context())
	a.Drop(t.Context(), "m")
	if _, ok := a.load(t.Context()); ok {
		t.Error("a dropped token")
	}
}
