package command

import (
	"fmt"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/config"
	"zoomgraph/internal/signin"
)

// letPeopleIn opens what people sign in with, where the configuration says so. They come back to publicURL if that says
// nothing else.
func (w *wiring) letPeopleIn(cfg *config.Serve, publicURL string) error {
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
	keeper, err := w.keeper(in)
	if err != nil {
		return fmt.Errorf("state-dir: %w", err)
	}
	w.people, err = signin.New(signin.Options{
		PublicURL: publicURL, ClientID: in.ClientID, ClientSecret: string(in.ClientSecret), Zoom: w.to,
		Allow: allow, Accounts: cfg.SignInAccounts(), KeyOf: func(id string) string { return w.keyOf(id) }, Proxies: cfg.TrustedProxies,
		Idle: in.Idle, Life: in.Life, Keeper: keeper,
	})
	if err == nil {
		w.ends = append(w.ends, w.people.Close)
	}
	return err
}

// keeper is what keeps sessions; nil is this process.
func (w *wiring) keeper(in *config.SignIn) (signin.Keeper, error) {
	switch {
	case w.fleet != nil:
		return w.fleet.Sessions(), nil
	case in.StateDir != "":
		folder, err := signin.OpenFolder(in.StateDir)
		if err != nil {
			return nil, err
		}
		w.ends = append(w.ends, func() { _ = folder.Close() })
		return folder, nil
	}
	w.to.Logger.Info("who signs in has to do so again after a restart: nothing keeps sessions; --state-dir or --redis-url does")
	return nil, nil
}

// keyOf is how callers know a Zoom account; "" where it is none of those configured.
func (w *wiring) keyOf(id string) string {
	if a := w.accountNamed(id); a != nil {
		return a.ID
	}
	return ""
}
