package graph

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/client"
	"zoomgraph/graph/exec"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/events"
	"zoomgraph/internal/rawjson"
)

// A subscription is answered change by change, each answer like a query of its own: with its own session, deadline and
// explanation. gqlgen begins an answer before there is anything to say, so a change is waited for in front of that.

// stream is one subscription.
type stream struct {
	server  *Server
	user    string // the id of the only user whose changes count; "": all users'
	changes *events.Subscription
	field   *graphql.FieldContext // of the root field: gqlgen's answers lack it, and with it the beginning of their paths
	change  events.Change         // that is answered now
	out     chan *model.UserSettingsChange
	ended   bool
}

type streamKey struct{}

// streamOf is the subscription that ctx belongs to; nil: it is none.
func streamOf(ctx context.Context) *stream {
	st, _ := ctx.Value(streamKey{}).(*stream)
	return st
}

func (r *resolvers) Subscription() exec.SubscriptionResolver { return subscriptionResolver{r.Server} }

type subscriptionResolver struct{ *Server }

// UserSettingsChanged answers Subscription.userSettingsChanged. A user who is named by an address is whom it names now,
// also when it changes.
func (r subscriptionResolver) UserSettingsChanged(ctx context.Context, id *string) (<-chan *model.UserSettingsChange, error) {
	st := streamOf(ctx)
	st.field = graphql.GetFieldContext(ctx)
	if id != nil {
		var err error
		if st.user, err = r.idOf(ctx, *id, time.Time{}); err != nil {
			return nil, err
		}
	}
	st.changes = r.principal(ctx).events.Subscribe(events.Filter{Kind: events.UserSettings, User: st.user})
	context.AfterFunc(ctx, st.changes.Close)
	return st.out, nil
}

// idOf is the id of a user who may be named otherwise: one call where it is not known, nor was since the given time.
func (s *Server) idOf(ctx context.Context, user string, since time.Time) (string, error) {
	zoom := s.principal(ctx).client
	if err := zoom.Check(client.Request{Op: &opUser, Path: []string{user}}); err != nil || isID(user) {
		return user, err
	}
	if user == "me" && zoom.Me() != "" {
		return zoom.Me(), nil
	}
	body, err := s.readUser(ctx, user, since)
	if err != nil {
		return "", err
	}
	id, ok := rawjson.Member(body, "id")
	if !ok {
		return "", &client.Error{Code: client.CodeUpstreamInvalidResponse, Op: &opUser, Message: "Zoom's answer holds a user without an id"}
	}
	return client.IDOf(id), nil
}

// mayHear tells whether the caller may hear of a change. Everybody who acts in an account hears of its changes; with the
// rights of a user these are one's own, and those of users whom Zoom lets one read.
func (s *Server) mayHear(ctx context.Context, c events.Change) (bool, error) {
	zoom := s.principal(ctx).client
	if !zoom.ActsAsUser() || c.User == zoom.Me() {
		return true, nil
	}
	_, err := s.readUser(ctx, c.User, time.Time{})
	for _, refused := range []error{client.ErrForbidden, client.ErrScopeMissing, client.ErrNotFound, client.ErrInvitationPending} {
		if errors.Is(err, refused) {
			return false, nil
		}
	}
	return err == nil, err
}

// readUser reads a user with the caller's rights, outside of the operation that is answered.
func (s *Server) readUser(ctx context.Context, user string, since time.Time) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.eventTimeout)
	defer cancel()
	session := load.NewSession(ctx, s.principal(ctx).upstream, 1)
	defer session.Close()
	session.Caller, session.Since = callers.From(ctx).Name, since
	return session.Read(ctx, &opUser, []string{user}, nil)()
}

// subscribe answers a subscription. What its first answer is, where it is not allowed to begin, it is all that there is.
func (s *Server) subscribe(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	st := &stream{server: s, out: make(chan *model.UserSettingsChange, 1)}
	answers := next(context.WithValue(ctx, streamKey{}, st))
	if st.changes == nil {
		return answers
	}
	return func(ctx context.Context) *graphql.Response {
		if st.ended {
			return nil
		}
		if err := st.wait(ctx); err != nil {
			return st.failed(ctx, err)
		}
		answering, cancel := context.WithTimeout(ctx, s.eventTimeout)
		defer cancel()
		leave, err := s.eventPlace(answering)
		if err != nil {
			return st.failed(ctx, err)
		}
		defer leave()
		return answers(answering)
	}
}

// wait waits for a change that counts. It is told to nobody who is not a caller any more.
func (st *stream) wait(ctx context.Context) (err error) {
	for {
		if st.change, err = st.changes.Next(ctx); err != nil {
			return err
		}
		if err := callers.From(ctx).Check(ctx); err != nil {
			st.ended = true
			return err
		}
		if may, err := st.server.mayHear(ctx, st.change); err != nil {
			return err
		} else if !may {
			continue
		}
		if st.user == "" || st.change.Named() {
			return nil
		}
		id, err := st.server.idOf(ctx, st.change.User, st.change.Heard)
		if err != nil {
			return err
		}
		if id == st.user {
			st.change.User = id
			return nil
		}
	}
}

// failed is the answer in place of a change: the last one, unless it is that it cannot be told whose change it was. It
// is nil where nobody listens any more.
func (st *stream) failed(ctx context.Context, err error) *graphql.Response {
	response := &graphql.Response{}
	switch {
	case ctx.Err() != nil:
		st.changes.Close()
		return nil
	case errors.Is(err, events.ErrSlow):
		st.ended = true
		err = tooSlow()
	case errors.Is(err, events.ErrMissed):
		st.ended = true
		err = missed()
	case st.ended: // the caller is not one any more
	default:
		response.Data = []byte("null")
	}
	response.Errors = gqlerror.List{st.server.PresentError(graphql.WithFieldContext(ctx, st.field), err)}
	return response
}

// tooSlow ends the subscription of a client that takes changes more slowly than they come.
func tooSlow() error {
	return &client.Error{
		Code: client.CodeRateLimited, Message: "changes came faster than they were taken, so this subscription has ended",
		Hint: "subscribe again, and read what may have been missed; select less, or fewer users",
	}
}

// missed ends all subscriptions where changes of another replica may have been lost.
func missed() error {
	return &client.Error{
		Code: client.CodeUpstreamUnavailable, Message: "changes that another replica of this service made may have been missed, so this subscription has ended",
		Hint: "subscribe again, and read what may have been missed",
	}
}

// begin has the change answered that was waited for, in a session that believes nothing read before it.
func (st *stream) begin(ctx context.Context, session *load.Session) context.Context {
	session.Since = st.change.Heard
	session.Settle() // no other root field is to come
	ctx = graphql.WithFieldContext(ctx, st.field)
	server, change := st.server, st.change
	st.out <- &model.UserSettingsChange{
		User:   model.NewUser(server.entity(ctx, session, &opUser, change.User)),
		Fields: server.project.Value(func() ([]byte, error) { return json.Marshal(change.Names) }, session),
		At:     server.project.Value(func() ([]byte, error) { return json.Marshal(change.At.UTC()) }, session),
	}
	return ctx
}

// announce tells subscribers what was written of a user's settings. Who "me" is only this caller can find out.
func (s *Server) announce(ctx context.Context, user string, written []change) {
	listeners := s.principal(ctx).events
	if len(written) == 0 || !listeners.Listened() {
		return
	}
	told := events.Change{Kind: events.UserSettings, User: user, At: time.Now(), Origin: events.Own}
	for _, c := range written {
		told.Names = append(told.Names, c.names...)
	}
	slices.Sort(told.Names)
	told.Names = slices.Compact(told.Names)
	if user == "me" {
		var err error
		if told.User, err = s.idOf(ctx, user, time.Time{}); err != nil {
			s.log.WarnContext(ctx, "a change of settings is not told to subscribers", "error", err)
			return
		}
	}
	listeners.Publish(told)
}
