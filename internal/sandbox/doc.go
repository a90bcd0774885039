// Package sandbox is an embedded Zoom: an [http.Handler] that answers like Zoom's
// REST API v2, for trying the product without an account and for tests that
// talk real HTTP.
//
//	schema, err := gqlparser.LoadSchema(source)
//	…
//	zoom, err := sandbox.New(sandbox.Options{Schema: schema})
//	…
//	server := httptest.NewServer(zoom)
//
// The API is under /v2, the token endpoint at /oauth/token: any client id,
// secret and account id will do unless [Options] name them. It is
//
//   - deterministic: a seed gives the same users, settings, ids and tracking
//     numbers, byte for byte; page tokens hold the clock's time besides. Nothing
//     depends on today's date.
//   - strict: an unknown path, query parameter or value is refused by name, and
//     a body of the wrong types is, field by field.
//   - derived: the settings documents are walked out of the schema's type
//     UserSettings, so every setting the product knows is here too.
//
// # The account
//
// 500 users are active; behind them 20 are inactive and 10 pending (and answer
// 1120). The first one is the owner, ada.lovelace@example.com. Nine in ten share
// a setting's value. Left out, as Zoom leaves things out: a third of the users
// have no schedule_meeting.pmi_password, and users of the free licence no
// audio_conferencing. [LockedSettings] keep their value whatever is written.
//
// # The control surface
//
//	GET  /__log?since=N   the calls after the one numbered N, see [Entry]
//	GET  /__stats         counts by operation, status and label; tokens; in flight
//	GET  /__users         every user's id, e-mail address and status
//	GET  /__config        the configuration, see [Config]
//	POST /__config        changes the keys it names; unknown ones are refused
//	POST /__reset         clears the log, the counts and all writes
//
// A new operation is one row in the table of routes with its function.
//
// # What it does not do
//
// It stands in for documents, not for Zoom: what they leave open is a mode
// ([FieldFilter]) or a fault ([Fault]), never a promise. In particular
//
//   - only account_credentials tokens are minted, so "me" is always refused;
//     classic and granular scopes count alike, and one of an operation's is enough;
//   - login_type is checked and otherwise without effect;
//   - settings do not depend on each other, on groups or on plans, but for the
//     rule that a meeting is secured somehow; numbers and texts are checked for
//     their type only, never for their range or form;
//   - a PATCH may write to everything that a GET answers;
//   - the list comes in one fixed order, and its total is always there;
//   - nothing is kept: a restart forgets tokens and writes.
package sandbox
