package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"

	"zoomgraph/internal/lazy"
)

// AccountEntry is one Zoom account that the service acts for.
type AccountEntry struct {
	// ID is its key: in the file, for callers, and in addresses of webhooks.
	ID string
	// ZoomAccountID, ClientID and ClientSecret are the credentials of its app.
	ZoomAccountID, ClientID string
	ClientSecret            Secret
	// ChatbotID and ChatbotSecret are the credentials of the app whose chatbot sends messages in the account; empty: there are
	// none.
	ChatbotID     string
	ChatbotSecret Secret
	// Plan, Rate and Share are what its calls keep to; see Zoom.
	Plan  Plan
	Rate  Rates
	Share float64
	// GroupModel and GroupRanks are how its groups decide; see Zoom.
	GroupModel GroupModel
	GroupRanks GroupRanks
	// WebhookSecret is the token that its webhooks are signed with; "" where it has none.
	WebhookSecret Secret
	// Paced reports whether calls keep to limits at all.
	Paced bool
}

// sandboxAccount is the key and each credential of the embedded Zoom.
const sandboxAccount = "sandbox"

// Accounts are the Zoom accounts: those of the file, or the one of the flags; the sandbox's where there is neither.
func (z *Zoom) Accounts() []AccountEntry {
	if len(z.accounts) > 0 {
		return slices.Clone(z.accounts)
	}
	a := AccountEntry{
		ID: z.AccountID, ZoomAccountID: z.AccountID, ClientID: z.ClientID, ClientSecret: z.ClientSecret,
		ChatbotID: z.ChatbotID, ChatbotSecret: z.ChatbotSecret,
		Plan: z.Plan, Rate: z.Rate, Share: z.Share, Paced: z.Paced(), GroupModel: z.GroupModel, GroupRanks: z.GroupRanks,
	}
	if z.Sandboxed() {
		if a.GroupModel == "" {
			a.GroupModel = GroupModelLegacy // it knows its own
		}
		a.ID, a.ZoomAccountID, a.ClientID, a.ClientSecret = sandboxAccount, sandboxAccount, sandboxAccount, sandboxAccount
		a.ChatbotID, a.ChatbotSecret = sandboxAccount, sandboxAccount
	}
	return []AccountEntry{a}
}

// account finds one of the accounts by its key.
func (z *Zoom) account(id string) (AccountEntry, bool) {
	all := z.Accounts()
	i := slices.IndexFunc(all, func(a AccountEntry) bool { return a.ID == id })
	if i < 0 {
		return AccountEntry{}, false
	}
	return all[i], true
}

// keys are the keys of the accounts, as a list for people.
func (z *Zoom) keys() string {
	var ids []string
	for _, a := range z.Accounts() {
		ids = append(ids, a.ID)
	}
	return join(ids)
}

// paced reports whether calls with these limits keep to them. Where it is not Zoom itself that answers, they do only if
// somebody asks for it: a stand-in has limits of its own, or none.
func (z *Zoom) paced(plan Plan, rate Rates) bool {
	switch {
	case rate.Off:
		return false
	case plan != "" || len(rate.PerSecond) > 0:
		return true
	}
	base, err := url.Parse(z.APIURL)
	return err == nil && !z.Sandboxed() && zoomDomain(base.Hostname()) != ""
}

// plainName is what names and keys are made of that stand in logs, addresses and labels.
var plainName = lazy.Regexp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// checkName refuses a name that is not plain.
func checkName(name string) error {
	if !plainName().MatchString(name) {
		return errors.New("a name has 1 to 64 letters, digits, dots, dashes and underscores, and begins with a letter or a digit")
	}
	return nil
}

// readAccounts reads the file's accounts.
func (z *Zoom) readAccounts(src *sources) error {
	if src.accounts == nil {
		return nil
	}
	for name, value := range map[string]string{
		"zoom-account-id": z.AccountID, "zoom-client-id": z.ClientID, "zoom-client-secret": string(z.ClientSecret),
		"zoom-chatbot-client-id": z.ChatbotID, "zoom-chatbot-client-secret": string(z.ChatbotSecret),
	} {
		if value != "" {
			return fmt.Errorf("%s and %s are both given; put all accounts into the file, or none", src.name(name), src.accounts.at)
		}
	}
	entries, err := src.accounts.entries()
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return fmt.Errorf("%s: holds no account", src.accounts.at)
	}
	apps := map[string]string{} // account and client → key
	for _, e := range entries {
		a, err := z.readAccount(e)
		if err != nil {
			return err
		}
		app := a.ZoomAccountID + " " + a.ClientID
		if other, taken := apps[app]; taken {
			return fmt.Errorf("%s: is the same account and app as %s", e.at, other)
		}
		apps[app] = a.ID
		z.accounts = append(z.accounts, a)
	}
	for i := range z.accounts {
		z.accounts[i].Paced = z.paced(z.accounts[i].Plan, z.accounts[i].Rate)
	}
	return nil
}

func (z *Zoom) readAccount(b *block) (AccountEntry, error) {
	a := AccountEntry{ID: b.key, Plan: z.Plan, Rate: z.Rate, Share: z.Share}
	if err := checkName(a.ID); err != nil {
		return a, fmt.Errorf("%s: %w", b.at, err)
	}
	var secretFile, chatbotFile, webhookFile string
	err := b.read(map[string]any{
		"zoom_account_id": &a.ZoomAccountID, "client_id": &a.ClientID,
		"client_secret": &a.ClientSecret, "client_secret_file": &secretFile,
		"chatbot_client_id": &a.ChatbotID, "chatbot_client_secret": &a.ChatbotSecret, "chatbot_client_secret_file": &chatbotFile,
		"plan": &a.Plan, "rate": &a.Rate, "share": &a.Share,
		"group_model": &a.GroupModel, "group_ranks": &a.GroupRanks,
		"webhook_secret": &a.WebhookSecret, "webhook_secret_file": &webhookFile,
	})
	if err != nil {
		return a, err
	}
	if err := b.secret("client_secret", &a.ClientSecret, secretFile); err != nil {
		return a, err
	}
	if err := b.secret("chatbot_client_secret", &a.ChatbotSecret, chatbotFile); err != nil {
		return a, err
	}
	if err := b.secret("webhook_secret", &a.WebhookSecret, webhookFile); err != nil {
		return a, err
	}
	if err := checkShare(a.Share); err != nil {
		return a, fmt.Errorf("%s: share: %w", b.at, err)
	}
	if err := checkGroups(a.GroupModel, a.GroupRanks); err != nil {
		return a, fmt.Errorf("%s: group_ranks: %w", b.at, err)
	}
	if (a.ChatbotID == "") != (a.ChatbotSecret == "") {
		return a, b.needs(map[string]string{
			"chatbot_client_id": a.ChatbotID, "chatbot_client_secret or chatbot_client_secret_file": string(a.ChatbotSecret),
		})
	}
	return a, b.needs(map[string]string{
		"zoom_account_id": a.ZoomAccountID, "client_id": a.ClientID, "client_secret or client_secret_file": string(a.ClientSecret),
	})
}

// secret fills a secret from the file that is given in its place, if one is.
func (b *block) secret(name string, value *Secret, file string) error {
	if file == "" {
		return nil
	}
	if *value != "" {
		return fmt.Errorf("%s: %s and %s_file are both given; keep one", b.at, name, name)
	}
	var err error
	if *value, err = secretIn(file); err != nil {
		return fmt.Errorf("%s: %s_file: %w", b.at, name, err)
	}
	return nil
}

// needs finds what is missing.
func (b *block) needs(values map[string]string) error {
	var missing []string
	for name, value := range values {
		if value == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return fmt.Errorf("%s: %s missing", b.at, join(missing))
}

func checkShare(share float64) error {
	if !(share > 0 && share <= 1) { // neither is not a number
		return fmt.Errorf("%v is no part of the account's limits; give a number above 0 and at most 1", share)
	}
	return nil
}
