package client

import "strings"

// This file tells calls with a token of the app itself from those with the token of an account or a user. Zoom takes a
// chatbot's messages from the app only, so they are never sent with a caller's own token, and a caller who acts as a user
// does not act as the app.

// refuseApp refuses an operation that takes a token of the app where there is none to take.
func (c *Client) refuseApp(op *Op) *Error {
	switch {
	case !op.OfApp || c.appTokens != nil && !c.user:
		return nil
	case c.user:
		return &Error{
			Code: CodeForbidden, Op: op, Message: "Zoom takes this from the app itself, and not from a user, whose token this request acts with",
			Hint: "ask as a caller with a key of this service, who acts for the account",
		}
	}
	return &Error{
		Code: CodeForbidden, Op: op, Message: "Zoom takes this from a chatbot's app, and the account has no credentials of one here",
		Hint: "give --zoom-chatbot-client-id and --zoom-chatbot-client-secret-file to the service, or chatbot_client_id and chatbot_client_secret_file to the account in its file",
	}
}

// source gives the tokens for an operation.
func (c *Client) source(op *Op) TokenSource {
	if op.OfApp {
		return c.appTokens
	}
	return c.tokens
}

// ofCredentials is the health of the credentials that an operation is called with; nil where it is not kept, and for the
// token of a person, which tells nothing about credentials.
func (c *Client) ofCredentials(op *Op) *Health {
	switch {
	case op.OfApp:
		return c.appHealth
	case c.user:
		return nil
	}
	return c.health
}

// began notes that a call is under way.
func (c *Client) began(op *Op) {
	c.health.began()
	if op.OfApp {
		c.appHealth.began()
	}
}

// ended notes what came of a call. Whether Zoom answers is told by all of them, also by those with other tokens.
func (c *Client) ended(op *Op, o evidence, fail *Error) {
	c.health.ended(o, fail, c.user || op.OfApp)
	if op.OfApp {
		c.appHealth.ended(o, fail, false)
	}
}

// Zoom's numbers, with HTTP 404, for a chatbot's message to nobody, and for one that there is not.
const (
	noRecipient  = 7002
	noBotMessage = 8001
)

// aboutApp names the chatbot's app in an error that Zoom answered to a call with its token.
func (e *Error) aboutApp() {
	switch {
	case e.Code == CodeScopeMissing:
		e.Message = "the chatbot's app lacks a scope that this operation needs"
		e.Hint = "add the scope " + strings.Join(e.Op.Scopes, " or ") + " to the chatbot's app in Zoom's Marketplace, and activate it again"
	case e.Code == CodeUpstreamAuthFailed && !e.Foreign:
		e.Hint = appHints()[""]
	case e.ZoomCode == noRecipient:
		e.Message = "there is no user and no channel with this JID"
	case e.ZoomCode == noBotMessage:
		e.Message = "the chatbot has sent no such message"
	}
}
