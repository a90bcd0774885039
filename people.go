package main

import (
	"fmt"
	"sync"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/config"
	"zoomgraph/internal/signin"
)

// letPeopleIn opens what people sign in with, where the configuration says so. They come back to publicURL if that says
// nothing else.
func (z *zoom) letPeopleIn(cfg *config.Serve, publicURL string) error {
	in := &cfg.SignIn
	if !in.On() {
		return nil
	}
	allow, err := callers.ParsePermissions(in.Allow)
	if err != nil {
		return fmt.Errorf("sign-in: %w", err)
	}
	if in.PublicURL != "" {
		publicURL = in.PublicURL
	}
	keeper, err := z.keeper(in)
	if err != nil {
		return fmt.Errorf("state-dir: %w", err)
	}
	z.people, err = signin.New(signin.Options{
		PublicURL: publicURL, ClientID: in.ClientID, ClientSecret: string(in.ClientSecret), Zoom: z.to,
		Allow: allow, Accounts: cfg.SignInAccounts(), KeyOf: func(id string) string { return z.keyOf(id) }, Proxies: cfg.TrustedProxies,
		Idle: in.Idle, Life: in.Life, Keeper: keeper,
	})
	if err == nil {
		z.ends = append(z.ends, z.people.Close)
	}
	return err
}

// keeper is what keeps sessions; nil is this process.
func (z *zoom) keeper(in *config.SignIn) (signin.Keeper, error) {
	switch {
	case z.fleet != nil:
		return z.fleet.Sessions(), nil
	case in.StateDir != "":
		folder, err := signin.OpenFolder(in.StateDir)
		if err != nil {
			return nil, err
		}
		z.ends = append(z.ends, func() { _ = folder.Close() })
		return folder, nil
	}
	z.to.Logger.Info("who signs in has to do so again after a restart: nothing keeps sessions; --state-dir or --redis-url does")
	return nil, nil
}

// accountAt is the configured account that a Zoom account is; nil: it is none. All people of the embedded Zoom are of its
// only account, whatever they say.
func (z *zoom) accountAt(id string) *account {
	for _, a := range z.accounts {
		if a.ZoomAccountID == id || z.address != "" {
			return a
		}
	}
	return nil
}

func (z *zoom) keyOf(id string) string {
	if a := z.accountAt(id); a != nil {
		return a.ID
	}
	return ""
}

// person puts together what leads to the account of somebody who signed in, with the token of whichever of their sessions
// asks. They share the limits of their account; what they write others of it notice.
func (z *zoom) person(c callers.Caller, id string) (*graph.Principal, error) {
	to := z.to
	to.Tokens = z.people
	if own := z.accountAt(id); own != nil {
		to.Budget, to.Health, to.Share = own.budget, own.health, own.ZoomAccountID
		return z.principal(own.ID, own.ID, c.Class, own.shared, groupsOf(own.Account), to)
	}
	var err error
	if to.Budget, err = z.others.of(id, z.accounts[0].Account); err != nil {
		return nil, err
	}
	return z.principal("", "zoom account "+id, c.Class, nil, graph.GroupModel{}, to)
}

// otherBudgets are those of the Zoom accounts that are not configured, and whose users may sign in all the same.
type otherBudgets struct {
	mu  sync.Mutex
	all map[string]*client.Budget
}

// of is the budget of an account, like that of a configured one.
func (o *otherBudgets) of(id string, like config.Account) (*client.Budget, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if budget, ok := o.all[id]; ok {
		return budget, nil
	}
	budget, err := budgetOf(like)
	if err != nil {
		return nil, err
	}
	if o.all == nil {
		o.all = map[string]*client.Budget{}
	}
	o.all[id] = budget
	return budget, nil
}
