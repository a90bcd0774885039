// Package client talks to the Zoom REST API, version 2. It stands alone: it
// knows what a Zoom answer means and nothing about who asks.
//
// A client is made once and shared by all goroutines. With the credentials of a
// server-to-server app it mints its own tokens:
//
//	zoom, err := client.New(client.Config{AccountID: a, ClientID: id, ClientSecret: secret})
//
// With a user's own token it acts as that user, and only then may "me" stand
// for a user id:
//
//	zoom, err := client.New(client.Config{Tokens: client.StaticToken(token)})
//
// What a chatbot sends is taken from its app only, whose credentials are others:
//
//	zoom, err := client.New(client.Config{Tokens: account, AppTokens: client.AppCredentials(client.Config{ClientID: bot, ClientSecret: its})})
//
// # Calls
//
// An operation is data: an [Op] names the method and the path with its
// parameters in braces. A [Request] fills it in, [Client.Do] sends it:
//
//	settings := &client.Op{ID: "userSettings", Method: "GET", Path: "/users/{userId}/settings", Label: client.Medium}
//	res, err := zoom.Do(ctx, client.Request{
//		Op:    settings,
//		Path:  []string{"ann@example.com"},
//		Query: url.Values{"custom_query_fields": {"host_video,waiting_room"}},
//	})
//
// Body of the [Response] is a JSON object as Zoom sent it, checked to be one;
// it is nil where Zoom answered without a body. The Response is there beside an
// error too as soon as a call was attempted, so that every call can be counted.
//
// Where Zoom takes a file, the body is a [File]:
//
//	res, err := zoom.Do(ctx, client.Request{
//		Op:   uploadPicture,
//		Path: []string{"ann@example.com"},
//		Body: &client.File{Field: "pic_file", Name: "ann.png", Content: picture, Size: size},
//	})
//
// Lists are walked with [Client.Pages]:
//
//	for page, err := range zoom.Pages(ctx, client.Request{Op: listUsers}, "users") {
//		if err != nil {
//			return err
//		}
//		for _, user := range page.Items {
//			// user is a json.RawMessage
//		}
//	}
//
// A list that would not end is ended with an error whose cause is [ErrEndless], and
// nobody is in a list twice. Whoever fetches the pages in another way hands them
// to a [Walk], which sees to the same.
//
// # Errors
//
// Every error of a call is an [*Error]. Match the kind with errors.Is, and read
// the rest with errors.As:
//
//	if errors.Is(err, client.ErrNotFound) { … }
//
//	var e *client.Error
//	if errors.As(err, &e) && e.Code == client.CodeRateLimited {
//		wait(e.RetryAfter)
//	}
//
// Its text is this package's own and safe to show. What Zoom wrote goes to
// Config.Logger, freed of secrets and addresses, and nowhere else.
//
// Only Zoom's own error decides what became of a call. If something on the way
// may have answered (a proxy, a firewall, a login page), Foreign is set, the code
// is UPSTREAM_INVALID_RESPONSE, UPSTREAM_UNAVAILABLE or RATE_LIMITED, and the log
// has the beginning of the text.
//
// # Limits
//
// Zoom limits an account, all its apps together, by label of the operations. A
// [Budget] keeps to that: one for each account, shared by all its Clients, with
// a share of the limits where other processes or apps use the account too:
//
//	limits, err := client.PlanLimits(client.PlanBusiness)
//	budget, err := client.NewBudget(limits, 0.5, time.Now)
//	zoom, err := client.New(client.Config{…, Budget: budget})
//
// A call then waits for its turn, in a queue that is fair among the callers
// ([Request].Caller), and among the sessions of each, and lets [Bulk] work wait for
// [Interactive]. A call that is First goes before the others of its session. What
// cannot have its turn before its deadline, or today, fails at once with
// RATE_LIMITED and RetryAfter. A limit that Zoom tells in its answers is kept.
// [Budget.State] tells what is left.
//
// A turn is for the moment at which it comes. A call that is held up behind its turn,
// by its token or for a slot, leaves only if it could have the turn then; else it waits
// for another one, before others of its session. So calls that waited together do not
// leave together.
//
// Zoom may count the calls of each second, and then a burst counts towards the same
// second as what follows: no 1.03 s hold more calls than the rate allows (no second,
// where that is below 20). Where an answer says that Zoom takes more
// (X-RateLimit-Remaining), as one does that fills a bucket up, so many go, but for
// the part that is others'. A Limit whose Burst is more than a second's calls says
// that Zoom does not count so.
//
// Others may use the account too, and then its real limit is lower than the
// configured one. So a label starts with 3 calls under way at most, and goes on with
// an eighth of a second's calls while they go well, but 2 at least and 8 at most.
// After each 1.25 s it may have twice as many more as went well together. On a
// 429 of the second
//
//   - all turns of the label stop until the second is over, 1.03 s after the oldest
//     call that Zoom took in it was sent, or until Retry-After. Where Zoom took 20
//     calls or more, one call tries whether it has to be so long;
//   - the rate becomes 0.95 times the number of calls that Zoom took in that second,
//     and 0.9 times the rate before at most. Where nobody waited that number tells
//     nothing: then the rate is halved;
//   - the rate grows by 1 % a second up to 1.05 times that number, and by 7 % a
//     second beyond, up to the configured one: from 10 to 60 calls a second within
//     40 s. Below 4 calls a second growth is slower in proportion;
//   - the refused call comes again before the others of its caller, a write too, for
//     as long as its context's deadline allows; without a deadline for a minute.
//
// A 429 is for longer than the second if its header says so: its X-RateLimit-Type is
// a daily one, or its Retry-After more than a minute away. If it is a daily one and
// its X-RateLimit-Category names the label, or its X-RateLimit-Limit is the account's
// configured number of calls a day, the label is closed. Otherwise only that
// operation is, for the values of its path: Zoom has limits for single users and
// meetings too. They often have no headers, so an operation is closed for its target
// as well if Zoom refuses it four times in a row, in 3 s or more, while it takes
// others of the label. What is closed stays so until Retry-After or midnight UTC, and
// a day at most; a time that is past means now. One call a minute is sent all the
// same, and opens it if it goes well. A thousand targets are remembered.
//
// Processes that share an account share its Budget by a [Pool] ([Budget.Join]) and
// its token by a [TokenVault] (Config.Vault). Both help and neither is needed:
// where they cannot be asked, each process goes on alone. A 429 at one of them slows
// down all: the others hear of it with their next turns. Closed labels are shared,
// closed targets are not.
//
// Operations without a label are not paced. Without a Budget nothing is, and a call
// that Zoom refuses for the second comes again when Retry-After says, or else after
// a pause by chance, within its deadline.
//
// # Outages
//
// A read that Zoom did not answer, or with a 5xx, may go well another time: it is
// tried up to three times, with pauses by chance between 100 ms and 2 s, or as
// long as a Retry-After asks, and never beyond its context's deadline. That is
// kept to a fifth of a label's calls and a few more. A connection of the pool
// that had died is replaced without a pause.
//
// When ten calls of a label have met such faults in a row, the next ones fail
// at once with UPSTREAM_UNAVAILABLE and RetryAfter. Each second one call goes all
// the same, and the first that Zoom answers lets all others go again. A call that
// its deadline ends after ten seconds or more counts as one of the ten; a
// refusal, a 429, a caller who leaves do not, nor does a 500 with an error number
// of Zoom's own.
//
// # Promises
//
//   - Only the configured hosts are called, redirects are not followed, and the
//     token travels in the Authorization header alone. A file's address must be
//     Zoom's; where it redirects elsewhere, the token stays behind.
//   - A path value stays one path segment, whatever it holds; one that cannot is
//     refused before anything is sent.
//   - A write reaches Zoom at most once, unless Zoom refused its token or its
//     rate: neither was carried out. A read is sent three times at most, here and by
//     net/http together, those not counted that Zoom refused for its rate.
//   - RATE_LIMITED for the second means that the deadline could not be met.
//   - However many reads fail: those tried again are over any time at most a
//     fifth of a label's calls, ten more, and one for each connection of the pool
//     that had died.
//   - Two writes of one Client on one resource never overlap: [Client.Do] says
//     what counts as one.
//   - One token is minted at a time, however many calls wait for it. A call that Zoom
//     refuses with a new token too, as it may do with one user, costs no more mints
//     while others go well. Where nothing goes well the pauses between mints grow from
//     one second to 30. A token that Zoom has revoked is replaced within the first call
//     that is refused.
//   - At most Config.MaxInFlight calls are in flight at once, or as many as
//     Config.Slots allow to all Clients that share them. The others wait, which
//     Response.Waited tells. How many may go follows rate and latency; calls that
//     hang hold up the others for two seconds at most, and each label keeps a
//     sixteenth of the slots. Of several accounts none takes the last eighth.
//   - No more connections are opened than calls were in flight at once, and they
//     are reused.
//
// Give every context a deadline: a call takes as long as its context lets it.
package client
