package client

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

const (
	maxAnswer = 4 << 20  // bytes of a body, decompressed
	maxHeader = 64 << 10 // bytes of an answer's header

	heldUp = 5 * time.Millisecond // behind its turn a call that leaves later was held up
)

// Config says where Zoom is and who calls. The zero value of a field is its
// default; credentials have none.
type Config struct {
	APIURL   string // "https://api.zoom.us/v2"
	OAuthURL string // "https://zoom.us/oauth"; the token endpoint is its /token

	AccountID, ClientID, ClientSecret string      // of a server-to-server app
	Tokens                            TokenSource // in place of these three
	AppTokens                         TokenSource // for operations that take a token of the app itself; nil: they are refused
	Vault                             TokenVault  // through which processes share the app's token; nil: none do

	Transport   http.RoundTripper // a [NewTransport] of the client's own
	MaxInFlight int               // calls in flight at once; 512. Not used where Slots are given
	Slots       *Slots            // bounds the calls in flight of all Clients that share it; nil: MaxInFlight of its own
	Share       string            // whose share of the Slots the calls take; AccountID
	Budget      *Budget           // the account's, shared by its Clients; nil: no pacing
	Health      *Health           // the account's, shared by its Clients and its Tokens; nil: not kept
	AppHealth   *Health           // the same of the app's credentials, and of its AppTokens
	Order       *Order            // of the account's writes, shared by its Clients; nil: of its own
	Breakers    *Breakers         // the account's, shared by its Clients; nil: its own
	OldPaths    bool              // operations that Zoom has moved are called where they were before
	Me          string            // the id of the user whose token it is; empty: nobody's, or not known
	Logger      *slog.Logger      // none
	Observer    Observer          // none
	Now         func() time.Time  // time.Now
}

// Client calls Zoom. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	tokens    TokenSource
	appTokens TokenSource // nil: there are none
	user      bool
	me        string // "": not known
	account   string // the sub account that it acts in; "": none
	oldPaths  bool
	transport carrier
	stencils  *atomic.Pointer[stencil] // the one used last
	slots     *Slots
	share     string
	circuits  map[Label]*circuit
	order     *Order
	pacer     pacer
	health    *Health  // nil: not kept
	appHealth *Health  // likewise
	observer  Observer // nil: none
	log       *slog.Logger
	now       func() time.Time
}

// New checks the configuration and sends nothing. Its errors name the field.
func New(cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	base, err := parseBase("APIURL", cfg.APIURL)
	if err != nil {
		return nil, err
	}
	if cfg.MaxInFlight < 0 {
		return nil, errors.New("client: MaxInFlight must not be negative")
	}
	if cfg.Tokens == nil {
		if _, err := parseBase("OAuthURL", cfg.OAuthURL); err != nil {
			return nil, err
		}
		if cfg.AccountID == "" || cfg.ClientID == "" || cfg.ClientSecret == "" {
			return nil, errors.New("client: AccountID, ClientID and ClientSecret are needed, or Tokens")
		}
		cfg.Tokens = AccountCredentials(cfg)
	}
	c := &Client{
		base:      base,
		tokens:    cfg.Tokens,
		appTokens: cfg.AppTokens,
		user:      actsAsUser(cfg.Tokens),
		me:        cfg.Me,
		oldPaths:  cfg.OldPaths,
		transport: asCarrier(cfg.Transport),
		stencils:  new(atomic.Pointer[stencil]),
		slots:     cfg.Slots,
		share:     cfg.Share,
		circuits:  cfg.Breakers.circuits,
		order:     cfg.Order,
		pacer:     unpaced{},
		health:    cfg.Health,
		appHealth: cfg.AppHealth,
		observer:  cfg.Observer,
		log:       cfg.Logger,
		now:       cfg.Now,
	}
	if cfg.Budget != nil {
		c.pacer = cfg.Budget
	}
	c.slots.join(c.share)
	return c, nil
}

func (cfg Config) withDefaults() Config {
	if cfg.APIURL == "" {
		cfg.APIURL = "https://api.zoom.us/v2"
	}
	if cfg.OAuthURL == "" {
		cfg.OAuthURL = "https://zoom.us/oauth"
	}
	if cfg.MaxInFlight == 0 {
		cfg.MaxInFlight = DefaultInFlight
	}
	if cfg.Share == "" {
		cfg.Share = cfg.AccountID
	}
	if cfg.Transport == nil {
		cfg.Transport = NewTransport()
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Vault == nil {
		cfg.Vault = noVault{}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Order == nil {
		cfg.Order = NewOrder(nil)
	}
	if cfg.Breakers == nil {
		cfg.Breakers = NewBreakers()
	}
	if cfg.Slots == nil {
		cfg.Slots = NewSlots(cfg.MaxInFlight, cfg.Now)
	}
	return cfg
}

// ActsAsUser is true for a user's own token: only then may "me" stand for a
// user's id.
func (c *Client) ActsAsUser() bool { return c.user && c.account == "" }

// Me is the id of the user whose token it is; empty where that is nobody's, or
// not known.
func (c *Client) Me() string { return c.me }

// call is a request made ready to be sent, more than once if need be.
type call struct {
	Request
	target
	method   string
	file     *url.URL // in place of the target; nil: there is one
	body     *payload // nil: none
	at       place    // of a write, among others
	lock     Lock     // nil: none is needed
	observed observed
	turn     grant // of the next attempt
	first    trip  // of the first attempt
}

// Do sends one request. The error is an [*Error]. The Response is nil only if
// nothing was sent; beside an error it tells what the attempts took.
//
// A refused token is replaced and the request sent once more. A GET that Zoom
// did not answer, or with a fault of its own, is tried three times in all, with
// pauses of up to two seconds, as far as ctx's deadline and a limit on
// repetitions allow. A call that Zoom refused for the second waits for another
// turn, as often as its deadline allows; one whose turn comes after the deadline is
// refused at once. Nothing else is repeated.
//
// After ten such faults in a row the calls of that label are refused at once with
// UPSTREAM_UNAVAILABLE and RetryAfter, but for one a second that goes to see
// whether Zoom is back.
//
// Writes on one thing go one after another, those of all Clients that share the
// [Order]: all whose paths begin alike, up to and with the first value, such as
// /users/abc. A write on a path without values, such as POST /users, goes alone
// among the writes below /users. An id, an e-mail address and "me" are different
// values even where they mean one user: Request.Thing says which one it is.
func (c *Client) Do(ctx context.Context, req Request) (*Response, error) {
	out, fail := c.prepare(req)
	if fail != nil {
		return nil, fail
	}
	res := new(Response)
	done, fail := c.await(ctx, out, res)
	if fail != nil {
		return nil, fail
	}
	defer done()
	return c.send(ctx, out, res)
}

// send makes the attempts of a call and adds up in res what they took.
func (c *Client) send(ctx context.Context, out *call, res *Response) (*Response, error) {
	var h history
	for {
		sent := res.Attempts
		fail := c.ready(ctx, out, &h, res)
		if fail == nil {
			fail = c.attempt(ctx, out, h.tok, res)
		}
		switch {
		case fail == nil:
			return res, nil
		case res.Attempts > sent:
			fail = c.again(ctx, out, &h, res, fail)
		case h.fault != nil && ctx.Err() == nil:
			fail = h.fault
		}
		switch {
		case fail != nil && res.Attempts == 0:
			return nil, fail
		case fail != nil:
			return res, fail
		}
	}
}

func (c *Client) prepare(req Request) (*call, *Error) {
	if req.Address != "" {
		return c.prepareDownload(req)
	}
	out := &call{Request: req}
	fail := c.examine(out)
	if fail != nil {
		return nil, fail
	}
	method, path := c.way(out.Op)
	out.method, out.target = method, locate(c.base, path, &out.Request)
	if req.Body != nil {
		out.body, fail = newPayload(out.Op, req.Body)
	}
	return out, fail
}

// examine refuses a request for what it holds, and says in out what it is on, as it is
// made in the Client's account.
func (c *Client) examine(out *call) *Error {
	if fail := c.refuseApp(out.Op); fail != nil {
		return fail
	}
	if c.account == "" {
		out.at = orderOf(&out.Request)
	} else {
		var fail *Error
		if out.Request, out.at, fail = c.inside(out.Request); fail != nil {
			return fail
		}
	}
	_, path := c.way(out.Op)
	if fail := examine(path, &out.Request, c.ActsAsUser()); fail != nil {
		return fail
	}
	if out.Body != nil && out.Op.Method == http.MethodGet {
		return internal(out.Op, "a GET has no body", nil)
	}
	return nil
}

// attempt sends the call once: in its turn, with a slot, and past the breaker. A
// turn that is not used goes back.
func (c *Client) attempt(ctx context.Context, out *call, tok Token, res *Response) *Error {
	k := c.circuit(out.Op)
	way := &out.first
	if res.Attempts > 0 { // what ended the last one may still be on its way
		way = new(trip)
	}
	slot, fail := c.board(ctx, out, way, res)
	if fail != nil {
		return fail
	}
	answered := false
	defer func() { c.slots.leave(slot, answered) }()
	if fail := out.hold(ctx); fail != nil {
		c.pacer.giveBack(out.Op.Label, out.turn)
		return fail
	}
	if !out.seal() {
		c.pacer.giveBack(out.Op.Label, out.turn)
		return &Error{Code: CodeInternal, Op: out.Op, Message: "the call is not needed any more", Err: ErrNotNeeded}
	}
	start := c.now()
	era, until := k.breaker.admit(start)
	if !until.IsZero() {
		c.pacer.giveBack(out.Op.Label, out.turn)
		return heldBack(out.Op, until)
	}
	if res.Attempts == 0 {
		k.repeats.earn()
	}
	c.began(out.Op)
	fail = c.exchange(ctx, way, out, tok, start, res)
	took := c.now().Sub(start)
	res.Took += took
	answered = res.Status != 0 && out.Into == nil // how long a file takes says nothing of Zoom
	c.ended(out.Op, evidenceOf(fail, took), fail)
	c.pacer.learn(&out.Request, start, res.Header, fail)
	c.settle(ctx, k, era, start.Add(took), fail, took)
	if judge, ok := c.source(out.Op).(judging); ok && (fail == nil || fail.acceptsToken()) {
		judge.took(tok, &out.Request, start)
	}
	c.observe(ctx, out, res, start, took, fail)
	return fail
}

// board waits for a slot. A turn is for the moment at which it came: a call that was held
// up since then, by its token or for a slot, leaves only if it could have its turn now. Else
// it waits for another one, and keeps no slot meanwhile.
func (c *Client) board(ctx context.Context, out *call, way *trip, res *Response) (*flying, *Error) {
	label := out.Op.Label
	for {
		slot := c.slots.enterNow(c.share, out.Op, way)
		if slot == nil {
			c.pacer.hold(label, &out.turn)
			var fail *Error
			if slot, fail = c.slots.enter(ctx, c.share, &out.Request, way, res); fail != nil {
				c.pacer.giveBack(label, out.turn)
				return nil, fail
			}
		}
		late := !out.turn.at.IsZero() && slot.start.Sub(out.turn.at) > heldUp
		if !late && !out.turn.held || c.pacer.renew(label, &out.turn) {
			return slot, nil
		}
		c.slots.leave(slot, false)
		next := out.Request
		next.First = true
		var fail *Error
		if out.turn, fail = c.pacer.take(ctx, &next, res); fail != nil {
			return nil, fail
		}
	}
}

// exchange sends the call, at the time start, and reads the answer. It writes down in
// res what came of it; res keeps adding up over attempts.
func (c *Client) exchange(ctx context.Context, way *trip, out *call, tok Token, start time.Time, res *Response) *Error {
	req, err := c.build(ctx, way, out, tok)
	if err != nil {
		return internal(out.Op, "the request cannot be built", err)
	}
	if out.body != nil {
		defer func() { _ = out.body.end() }() // an answer counts, whatever became of the rest of the body
	}
	*res = Response{Waited: res.Waited, Took: res.Took, Attempts: res.Attempts + 1}
	answer, err := c.reach(req, way, out) //nolint:bodyclose // readBody or stream closes it
	if err != nil {
		return c.unreached(ctx, way, out, res, start, err)
	}
	if out.streams(answer) {
		return out.stream(ctx, answer, res)
	}
	body, err := readBody(answer)
	res.Status, res.Header, res.Bytes = answer.StatusCode, headerOf(answer), len(body)
	res.TrackingID = trackingID(res.Header)
	if err != nil && ctx.Err() != nil {
		fail := interrupted(ctx, out.Op, err)
		fail.TrackingID = res.TrackingID
		return fail
	}
	if err != nil && way.gaveWay() {
		fail := gaveWay(out.Op, c.now().Sub(start))
		fail.Status, fail.TrackingID = res.Status, res.TrackingID
		return fail
	}
	return c.read(ctx, out, tok, res, body, err)
}

// unreached is the error of an attempt that brought no answer.
func (c *Client) unreached(ctx context.Context, way *trip, out *call, res *Response, start time.Time, err error) *Error {
	var refused *Error
	switch {
	case errors.As(err, &refused):
		res.Status = refused.Status
		return refused
	case ctx.Err() == nil && way.gaveWay():
		return gaveWay(out.Op, c.now().Sub(start))
	}
	return out.unanswered(ctx, err)
}

// seal asks for the query, once, as late as can be, and whether it is still
// needed.
func (o *call) seal() bool {
	if o.Seal == nil {
		return true
	}
	query, needed := o.Seal()
	o.Query, o.query, o.Seal = query, encodeQuery(query), nil
	return needed
}

// unanswered is the error of an attempt that brought no answer, which may be the
// body's own fault.
func (o *call) unanswered(ctx context.Context, err error) *Error {
	if o.body != nil && ctx.Err() == nil {
		if own := o.body.end(); own != nil {
			return unreadable(o.Op, own)
		}
	}
	return unanswered(ctx, o.Op, err)
}

// CheckPath is Check for a thing that may not be read at all. In a sub account it may
// have no path, while things that it leads to have one: only the values are looked at.
func (c *Client) CheckPath(req Request) error {
	if c.account != "" && req.Op.Below == nil && !isOfAccount(req.Op.Path) {
		if fail := examine(req.Op.Path, &req, c.ActsAsUser()); fail != nil {
			return fail
		}
		return nil
	}
	return c.Check(req)
}

// Check tells whether Do would refuse the request for what it holds: a path
// value that cannot be right. It sends nothing.
func (c *Client) Check(req Request) error {
	var fail *Error
	if req.Address != "" || req.Body != nil {
		_, fail = c.prepare(req)
	} else {
		fail = c.examine(&call{Request: req})
	}
	if fail != nil {
		return fail
	}
	return nil
}
