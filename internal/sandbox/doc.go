// Package sandbox is an embedded Zoom: an [http.Handler] that answers like Zoom's
// REST API v2, for trying the product without an account and for tests that
// talk real HTTP.
//
//	source, err := program.Read(files)
//	…
//	zoom, err := sandbox.New(sandbox.Options{Program: source})
//	…
//	server := httptest.NewServer(zoom)
//
// The API is under /v2, the OAuth service under /oauth: any client id, secret
// and account id will do unless [Options] name them. It is
//
//   - deterministic: a seed gives the same account, byte for byte, and the same
//     writes the same ids. Page tokens and what is created hold the clock's time
//     besides; nothing depends on today's date.
//   - strict: an unknown path, query parameter or value is refused by name, and
//     a body of the wrong types is, field by field.
//   - derived: the operations, with their labels, scopes and parameters, come from
//     the program, and so do the documents: what the schema knows is here too.
//   - within bounds: what is made up has the type and the range that the schema
//     and Zoom's documents give it; ids lead to things that exist.
//   - one world: what was created, changed or deleted is so afterwards.
//
// This package is HTTP: paths, tokens, limits, faults, the log. What is there, and
// what operations do to it, is package world's; package zoom has the chapters'
// own rules. A new operation is a field of the schema: from then on it is answered
// here, and what it makes is kept.
//
// # The account
//
// 500 users are active; behind them 20 are inactive and 10 pending (who have no id in lists, and answer
// 1120). The first one is the owner, ada.lovelace@example.com. There are three
// groups, Engineering, Sales and Support, the roles 0, 1 and 2, and two sub
// accounts.
//
// Settings are a ladder: the account says something of everything, each group
// follows it but for a handful of settings, and a user follows a group, or the
// account where there is none, in nine settings of ten. Following is live, until
// a level has written a setting of its own. A lock makes the level's value that of
// all below, who get back what they had when it is gone. The account locks
// [LockedSettings] at the start, and each group some settings more.
//
// Most people are in one group, some in none, some in two. Which group decides
// for those who are in several, [Config] says: [ModelLegacy] or [ModelRanked].
// [Server.Holds] tells what holds for somebody and why, by what was written and
// not by what levels answer. In ModelRanked a group answers its settings and
// locks also where it does not manage them; documents do not tell. Left out,
// as Zoom leaves things out: a third of the users have no
// schedule_meeting.pmi_password, and users of the free licence no
// audio_conferencing.
//
// # Tokens
//
// Besides account_credentials there is the authorization code flow, with PKCE
// (S256) where the request asks for it. /oauth/authorize shows a page with the
// first users' names; with a parameter of its own, user=ada.lovelace@example.com,
// it sends the browser back at once, and with deny=1 back with access_denied. A
// code and a refresh token are good once. Only a user's token may say "me".
// /oauth/revoke ends all tokens of one authorization.
//
// client_credentials gives a token of the app itself, with the scope imchat:bot
// and no other: it is good for what a chatbot writes, and no other token is.
//
// # The control surface
//
//	GET  /__log?since=N   the calls after the one numbered N, see [Entry]
//	GET  /__stats         counts by operation, status and label; tokens; in flight; connections
//	GET  /__users         every user's id, e-mail address and status
//	GET  /__config        the configuration, see [Config]
//	POST /__config        changes the keys it names; unknown ones are refused
//	POST /__reset         clears the log and the counts, and takes back all writes
//
// A fault of the kind as-text lets Zoom spell its numbers and Booleans as texts,
// in some answers or in all: {"faults": [{"kind": "as-text", "match": "GET /users/*/settings"}]}.
//
// Limits are configured: of a label for the second (rps, burst, counted as window
// says) and the day (daily), and of single users and the like for the day
// (dailyByTarget, with headers or without). With quiet, no answer has a header about
// limits, as Zoom often has none:
//
//	{"rps": {"MEDIUM": 10}, "window": "sliding", "quiet": true}
//	{"dailyByTarget": [{"match": "PATCH /users/*/settings", "limit": 100}]}
//
// Faults in the configuration say what goes wrong with which calls, see [Fault]:
// statuses, limits, connections that break or hang, answers that are no JSON, of
// another shape or somebody else's, and lists that do not end.
//
//	{"faults": [{"match": "GET /users", "kind": "endless", "tokens": ["A", "B"]}]}
//	{"faults": [{"match": "GET /users/*", "kind": "foreign", "status": 403, "type": "text/html", "body": "<h1>Blocked"}]}
//
// # What it does not do
//
// It stands in for documents, not for Zoom: what they leave open is a mode
// ([FieldFilter]) or a fault ([Fault]), never a promise. In particular
//
//   - classic and granular scopes count alike, and one of an operation's is
//     enough; a user's token has those of the app, whatever the user's role;
//   - a user signs in without a password and without being asked what an app may
//     do, and the sign-in is forgotten at once: each authorization asks again; an
//     app has no list of addresses to which users may be sent back, and a refresh
//     token lives until it is used;
//   - login_type is checked and otherwise without effect;
//   - settings do not depend on each other or on plans, but for the rule that a
//     meeting is secured somehow; numbers and texts are checked for their type
//     only, hardly ever for their range or form;
//   - bodies may hold names that nobody knows, which are passed over, and a PATCH
//     of settings may write to everything that a GET answers;
//   - passwords, presence and uploaded files are taken and forgotten, and nothing
//     is transferred from a deleted user;
//   - a new e-mail address and a new owner need no confirmation; a sub account
//     has settings, and no users;
//   - lists come in one fixed order, and their totals are always there;
//   - nothing is kept: a restart forgets tokens and writes.
package sandbox
