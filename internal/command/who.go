package command

import (
	"context"
	"fmt"
	"log/slog"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/callers/issuer"
	"zoomgraph/internal/config"
)

// This file finds out who calls the service, by the configuration.

// authenticator is who says who calls; the issuer is nil where there is none.
func (w *wiring) authenticator(ctx context.Context, cfg *config.Serve, log *slog.Logger) (*callers.Authenticator, *issuer.Issuer, error) {
	o := callers.Options{PassThrough: cfg.PassThrough, Proxies: cfg.TrustedProxies, Logger: log}
	if w.people != nil {
		o.Sessions = w.people
	}
	if cfg.PassThrough {
		o.Probe = w.whose.prober.Ask
	}
	accounts := cfg.Accounts()
	if len(accounts) == 1 {
		o.Account = accounts[0].ID
	}
	for _, c := range cfg.Callers {
		allow, err := callers.ParsePermissions(c.Allow)
		if err != nil {
			return nil, nil, fmt.Errorf("caller %s: %w", c.Name, err)
		}
		o.Keys = append(o.Keys, callers.Key{Digest: c.KeySHA256, Caller: callers.Caller{Name: c.Name, Account: c.Account, Permissions: allow}})
	}
	var tokens *issuer.Issuer
	if cfg.OIDC != nil {
		allow, err := callers.ParsePermissions(cfg.OIDC.Allow)
		if err != nil {
			return nil, nil, fmt.Errorf("oidc: %w", err)
		}
		io := issuer.Options{
			URL: cfg.OIDC.Issuer, Audience: cfg.OIDC.Audience, AudienceClaim: cfg.OIDC.AudienceClaim, AccountClaim: cfg.OIDC.AccountClaim,
			AllowClaim: cfg.OIDC.AllowClaim, Allow: allow, Logger: log,
		}
		if io.AllowValues, err = permissionsByValue(cfg.OIDC.AllowValues); err != nil {
			return nil, nil, fmt.Errorf("oidc: %w", err)
		}
		for _, a := range accounts {
			io.Accounts = append(io.Accounts, a.ID)
		}
		tokens = issuer.Open(ctx, io)
		o.Issuer = tokens
	}
	who, err := callers.New(o)
	return who, tokens, err
}

// permissionsByValue are the permissions that each value of a claim grants; nil where the configuration names no values.
func permissionsByValue(values map[string][]string) (map[string]callers.Permissions, error) {
	if values == nil {
		return nil, nil
	}
	all := make(map[string]callers.Permissions, len(values))
	for value, names := range values {
		var err error
		if all[value], err = callers.ParsePermissions(names); err != nil {
			return nil, err
		}
	}
	return all, nil
}
