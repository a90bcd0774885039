package command

import (
	"fmt"

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

// keyOf is how callers know a Zoom account; "" where it is none of those configured.
func (z *zoom) keyOf(id string) string {
	if a := z.accountNamed(id); a != nil {
		return a.ID
	}
	return ""
}
