// Package account is one Zoom account: what all who act in it share, whoever they are and on whatever replica.
//
//	a, err := account.New(account.Options{ID: "acct-a", Zoom: client.Config{…}, Budget: budget, Store: known, Shared: far})
//	all, err := a.Principal(account.Actor{})                                  // with the account's own credentials
//	ada, err := a.Principal(account.Actor{Class: "user:…", Tokens: hers, User: herID}) // with those of a user
//
// An account has one budget of calls, one order of writes, one set of breakers, one state of health, one set of guards of
// what was read, and one stream of events. A [Principal] is who acts in it: with what token Zoom is called, and whose
// answers it may share.
package account

import (
	"errors"

	"zoomgraph/client"
	"zoomgraph/internal/events"
	"zoomgraph/internal/store"
	"zoomgraph/internal/unnamed"
)

// Options describe an account.
type Options struct {
	// ID names the account in this service; what is kept of it goes by that. It is not empty, and no other account has it.
	ID string
	// Zoom says where Zoom is, and holds the credentials of the account's app, or none. What an account shares (Budget,
	// Health, Order, Breakers, Vault) is set by New.
	Zoom client.Config
	// Budget paces the account's calls; nil: nothing does.
	Budget *client.Budget
	// ChatbotID and ChatbotSecret are the credentials of the app that sends a chatbot's messages in the account; empty: there
	// are none.
	ChatbotID, ChatbotSecret string
	// Store keeps what is read; nil: nothing is kept.
	Store *store.Store
	// Unnamed notes what Zoom sends that the schema does not name; nil: nothing does.
	Unnamed *unnamed.Names
	// Shared is what replicas share of the account; nil: this process is the only one.
	Shared Shared
}

// Shared is the link to the same account at other replicas.
type Shared interface {
	store.Far
	client.Pool
	client.TokenVault
	client.Locks
	events.Link
	// AppVault keeps the token of an app other than the account's own.
	AppVault(clientID string) client.TokenVault
}

// Account is one Zoom account. It is safe for concurrent use.
type Account struct {
	id      string
	zoom    client.Config // of all clients
	store   *store.Store
	far     store.Far // nil: none
	events  *events.Stream
	unnamed *unnamed.Names
}

// New puts together what an account shares; it sends nothing to Zoom.
func New(o Options) (*Account, error) {
	if o.ID == "" {
		return nil, errors.New("account: an account needs an id")
	}
	a := &Account{id: o.ID, zoom: o.Zoom, store: o.Store, events: events.NewStream(), unnamed: o.Unnamed}
	a.zoom.Budget, a.zoom.Health, a.zoom.Breakers = o.Budget, client.NewHealth(o.Zoom.Now), client.NewBreakers()
	if o.Shared == nil {
		a.zoom.Order = client.NewOrder(nil)
	} else {
		a.far, a.zoom.Vault, a.zoom.Order = o.Shared, o.Shared, client.NewOrder(o.Shared)
		a.events.Join(o.Shared)
		if o.Budget != nil {
			o.Budget.Join(o.Shared)
		}
	}
	if a.zoom.Tokens == nil && a.zoom.ClientSecret != "" {
		a.zoom.Tokens = client.AccountCredentials(a.zoom)
	}
	if o.ChatbotID != "" {
		a.addChatbot(o)
	}
	return a, nil
}

// addChatbot lets the account's clients act as the app of its chatbot. Its credentials have a health of their own, since
// they are no reason to do without the account's.
func (a *Account) addChatbot(o Options) {
	app := a.zoom
	app.ClientID, app.ClientSecret, app.Health = o.ChatbotID, o.ChatbotSecret, client.NewHealth(o.Zoom.Now)
	app.Logger = nil
	if o.Zoom.Logger != nil {
		app.Logger = o.Zoom.Logger.With("app", "chatbot")
	}
	if o.Shared != nil {
		app.Vault = o.Shared.AppVault(o.ChatbotID)
	}
	a.zoom.AppTokens, a.zoom.AppHealth = client.AppCredentials(app), app.Health
}

// ID names the account in this service.
func (a *Account) ID() string { return a.id }

// Budget paces the account's calls; nil: nothing does.
func (a *Account) Budget() *client.Budget { return a.zoom.Budget }

// Health is how Zoom treats the account.
func (a *Account) Health() *client.Health { return a.zoom.Health }

// Tokens are those of the account's app; nil where it has no credentials.
func (a *Account) Tokens() client.TokenSource { return a.zoom.Tokens }

// ChatbotTokens are those of the app that sends the chatbot's messages, and ChatbotHealth is how Zoom treats its credentials;
// nil where the account has no such app.
func (a *Account) ChatbotTokens() client.TokenSource { return a.zoom.AppTokens }

// ChatbotHealth belongs to ChatbotTokens.
func (a *Account) ChatbotHealth() *client.Health { return a.zoom.AppHealth }

// Events are the changes of the account.
func (a *Account) Events() *events.Stream { return a.events }

// Unnamed is what Zoom sends that the schema does not name; nil: that is not noted.
func (a *Account) Unnamed() *unnamed.Names { return a.unnamed }

// Actor says who acts in an account. The zero value is the account's own app.
type Actor struct {
	// Class is whose answers the actor shares: "" those of the app, and else only those of the same class.
	Class string
	// Tokens are what Zoom is called with; nil: those of the app.
	Tokens client.TokenSource
	// User is Zoom's id of the user whose tokens these are; "" where they are nobody's, or that is not known.
	User string
}

// Principal is who acts in an account. It is safe for concurrent use.
type Principal struct {
	*Account

	// Class is that of the actor.
	Class string
	// Client calls Zoom with the actor's rights.
	Client *client.Client
	// Known is what was read with these rights; nil: nothing is kept.
	Known *store.Principal
}

// Principal lets somebody act in the account.
func (a *Account) Principal(who Actor) (*Principal, error) {
	zoom := a.zoom
	zoom.Me = who.User
	if who.Tokens != nil {
		zoom.Tokens, zoom.AppTokens, zoom.AppHealth = who.Tokens, nil, nil
	}
	made, err := client.New(zoom)
	if err != nil {
		return nil, err
	}
	p := &Principal{Account: a, Class: who.Class, Client: made}
	if a.store != nil {
		p.Known = a.store.Principal(a.id, who.Class, a.far)
	}
	return p, nil
}
