package client

import (
	"fmt"
	"slices"
	"strings"
)

// This file acts in sub accounts. A master account's credentials reach what is in
// them by paths that begin with the sub account: /accounts/{accountId}/users.

// ownAccount is how paths name the account that is asked.
const ownAccount = "me"

// ofAccounts begins the paths of what an account has: it is named there already.
const ofAccounts = "/accounts/{accountId}"

// Below returns a Client that acts in a sub account, with the same credentials and
// within the same limits. An operation that is about one account is then about this
// one, and takes "me" or its id; all others go by [Op.Below]. Where Zoom has none of
// an operation it is refused before any call, as BAD_USER_INPUT.
func (c *Client) Below(account string) *Client {
	below := *c
	below.account, below.me = account, ""
	return &below
}

// Called is the operation that a call of op is, in the account that the Client acts
// in. For what is refused there it is op.
func (c *Client) Called(op *Op) *Op {
	if c.account == "" || op.Below == nil {
		return op
	}
	return op.Below
}

// inside is a request as it is made in the Client's sub account, and what it is on
// if it writes.
func (c *Client) inside(req Request) (Request, place, *Error) {
	at := orderOf(&req)
	switch {
	case isOfAccount(req.Op.Path):
		if account := req.Path[0]; account != ownAccount && account != c.account {
			return req, at, &Error{
				Code: CodeBadUserInput, Op: req.Op, Fields: []string{"accountId"},
				Message: fmt.Sprintf("accountId must be %q or the account's own id: this is asked in a sub account, which knows no other", ownAccount),
				Hint:    "ask for it in the master account, beside the sub account",
			}
		}
		req.Path = slices.Clone(req.Path)
		req.Path[0] = c.account
		at = orderOf(&req)
	case req.Op.Below == nil:
		return req, at, &Error{
			Code: CodeBadUserInput, Op: req.Op,
			Message: fmt.Sprintf("Zoom has no path by which a master account could ask %s of a sub account", req.Op),
			Hint:    "ask the sub account itself, with credentials of its own",
		}
	default:
		at.segment = c.account + "/" + at.segment
		req.Op, req.Path = req.Op.Below, append([]string{c.account}, req.Path...)
	}
	return req, at, nil
}

// isOfAccount tells whether an operation is about one account and what it has.
func isOfAccount(path string) bool {
	rest, ok := strings.CutPrefix(path, ofAccounts)
	return ok && (rest == "" || rest[0] == '/')
}
