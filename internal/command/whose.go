package command

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/internal/account"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/config"
)

// This file leads callers who act with a user's rights, by a token of their own or by a session, to their Zoom account.
// Start reading at pass.

// What is kept of accounts and tokens that are not configured.
const (
	maxOthers = 1000
	idleOther = time.Hour // after which nothing is left of what Zoom said of an account's limits
)

// whoseTimeout bounds the calls that find out about one token.
const whoseTimeout = 5 * time.Second

// prepare makes what is kept for such callers.
func (w *wiring) prepare() (err error) {
	if w.whose.prober, err = client.NewProber(w.to); err != nil {
		return err
	}
	if w.whose.learned, err = otter.New(&otter.Options[string, string]{
		MaximumSize: maxOthers, ExpiryCalculator: otter.ExpiryAccessing[string, string](idleOther),
	}); err != nil {
		return err
	}
	if w.others, err = otter.New(&otter.Options[string, *account.Account]{
		MaximumSize: maxOthers, ExpiryCalculator: otter.ExpiryAccessing[string, *account.Account](idleOther),
	}); err != nil {
		return err
	}
	w.passing, err = callers.NewPrincipals(w.pass)
	return err
}

// pass puts together what leads to such a caller's account. All who act in it share it; of one that is not configured
// replicas share nothing. A caller whose account is not known could belong to any: it shares nothing, and nothing is kept
// of what it reads, since nobody would tell it what others write.
func (w *wiring) pass(c callers.Caller) (*graph.Principal, error) {
	who := account.Actor{Class: c.Class, Tokens: ownToken{client.StaticToken(c.Token), c}, User: c.ZoomUser}
	if c.Session != nil {
		who.Tokens = w.people
	}
	own, err := w.accountAt(c.ZoomAccount)
	switch {
	case err != nil:
		return nil, err
	case own != nil:
		return w.principal(own.room, own, who)
	case c.ZoomAccount == "":
		room, err := w.like(w.accounts[0].AccountEntry, account.Options{ID: "of " + c.Class})
		if err != nil {
			return nil, err
		}
		return w.principal(room, nil, who)
	}
	room, err := w.others.Get(context.Background(), c.ZoomAccount, otter.LoaderFunc[string, *account.Account](func(_ context.Context, id string) (*account.Account, error) {
		return w.like(w.accounts[0].AccountEntry, account.Options{ID: "zoom account " + id, Store: w.known})
	}))
	if err != nil {
		return nil, err
	}
	return w.principal(room, nil, who)
}

// ownToken is the token source of a caller who brings one.
type ownToken struct {
	client.TokenSource
	caller callers.Caller
}

// Drop tells that Zoom refused the token.
func (o ownToken) Drop(client.Token) { o.caller.Refused() }

// ActsAsUser is true.
func (ownToken) ActsAsUser() bool { return true }

// like makes an account without credentials that is paced as a configured one is.
func (w *wiring) like(a config.AccountEntry, options account.Options) (_ *account.Account, err error) {
	options.Zoom = w.to
	if options.Budget, err = budgetOf(a); err != nil {
		return nil, err
	}
	return account.New(options)
}

// accountAt is the configured account that a Zoom account is; nil: it is none, or not known which. All people of the
// embedded Zoom are of its only account, whatever they say.
func (w *wiring) accountAt(id string) (*ownAccount, error) {
	if a := w.accountNamed(id); a != nil || id == "" {
		return a, nil
	}
	for _, a := range w.accounts {
		name, err := a.atZoom.ask(w.whose.prober, a.room.Tokens())
		if err != nil {
			return nil, err
		}
		if name == id {
			return a, nil
		}
	}
	return nil, nil //nolint:nilnil // it is none of ours
}

// accountNamed is the account that is configured with that id; nil: none is.
func (w *wiring) accountNamed(id string) *ownAccount {
	for _, a := range w.accounts {
		if w.address != "" || a.ZoomAccountID == id {
			return a
		}
	}
	return nil
}

// whose finds out whose tokens are that do not say so when they are probed.
type whose struct {
	prober  *client.Prober
	learned *otter.Cache[string, string] // accounts of tokens, by class
}

// account is the Zoom account of a caller who acts with a user's rights; "" where it is not known. For a query it need not
// be. Who writes or subscribes without it is refused: nobody of the account would learn of what is written, nor the caller
// of what others write. The error is a *client.Error.
func (w *whose) account(ctx context.Context, c callers.Caller, needed bool) (string, error) {
	if c.ZoomAccount != "" || c.Token == "" {
		return c.ZoomAccount, nil
	}
	if id, ok := w.learned.GetIfPresent(c.Class); ok || !needed {
		return id, nil
	}
	ctx, cancel := context.WithTimeout(ctx, whoseTimeout)
	defer cancel()
	id, err := w.prober.AccountOf(ctx, c.Token)
	switch {
	case err != nil:
		return "", unsure(err)
	case id == "":
		return "", &client.Error{
			Code: client.CodeForbidden, Message: "Zoom does not tell whose account this access token is of, and without that nothing can be written or subscribed to",
			Hint: "bring a token that may read its own user (scope user:read or user:read:user), or that of an account which may read its users",
		}
	}
	w.learned.Set(c.Class, id)
	return id, nil
}

// named is how Zoom names a configured account among what it says of users. That is the id with which it is configured,
// as far as Zoom's documents go; where a token is of another one that is looked up once, so that no account is taken for
// two.
type named struct {
	mu    sync.Mutex
	known bool
	id    string // "": the account's credentials may not ask that
}

// ask tells the name; "" where Zoom refuses to say it. The error is a *client.Error.
func (n *named) ask(prober *client.Prober, tokens client.TokenSource) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known {
		return n.id, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), whoseTimeout)
	defer cancel()
	token, err := tokens.Token(ctx)
	id := ""
	if err == nil {
		id, err = prober.AccountOf(ctx, token.Value)
	}
	switch {
	case errors.Is(err, client.ErrUpstreamAuthFailed):
		return "", nil
	case err != nil:
		return "", unsure(err)
	}
	n.id, n.known = id, true
	return id, nil
}

// unsure is the error where Zoom could not be asked whose a token is.
func unsure(err error) error {
	return &client.Error{
		Code: client.CodeUpstreamUnavailable, Err: err,
		Message: "it cannot be told now whose account this access token is of", Hint: "try again in a moment",
	}
}
