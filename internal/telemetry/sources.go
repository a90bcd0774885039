package telemetry

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"zoomgraph/client"
	"zoomgraph/internal/shares"
	"zoomgraph/internal/store"
	"zoomgraph/internal/unnamed"
)

// Sources are looked at whenever the metrics are read. A source that is nil has no metrics.
type Sources struct {
	// Budgets are what is left of the limits, by account: [client.Budget.State]. The accounts are those of the
	// configuration; nobody else can add to them.
	Budgets map[string]func() []client.BudgetState
	// Healths tell how Zoom treats each account: [client.Health.State].
	Healths map[string]func() client.HealthState
	// Chatbots tell how Zoom treats the credentials of each account's chatbot, where there are any: [client.Health.State].
	Chatbots map[string]func() client.HealthState
	// Issuer tells whether the tokens of callers can be checked, where an issuer is configured.
	Issuer func() bool
	// Store is what became of reads: [store.Store.Counts].
	Store func() store.Counts
	// Fallbacks is how often an account's filter was found not to work: Filters.Fallbacks of package load.
	Fallbacks func() int
	// Fleet tells whether Redis can be asked, and how many replicas live.
	Fleet func() (redis bool, replicas int)
	// Unnamed is what Zoom sends that the schema does not name: [unnamed.State].
	Unnamed func() unnamed.State
	// Slots tells of calls in flight: [client.Slots.State].
	Slots func() client.SlotState
	// Places tells of places in flight: [shares.Places.State].
	Places func() shares.State
	// Connections are those that stay open.
	Connections Connections
	// Accepted are all connections of the service's listener.
	Accepted Accepted
}

// Accepted tells of a listener's connections, as edge's does. What was closed for others is a closed set.
type Accepted interface {
	Open() int64
	Closed() map[string]int64
}

// Connections tells of connections that stay open, as edge's does. The reasons of refusals are a closed set.
type Connections interface {
	Sockets() int64
	Streams() int64
	Subscriptions() int64
	Refused() map[string]int64
}

// Watch adds the metrics of the sources. It is called once.
func (t *Telemetry) Watch(s Sources) error {
	var all []error
	if len(s.Budgets) > 0 {
		all = append(all, t.watchBudgets(s.Budgets))
	}
	if len(s.Healths) > 0 {
		all = append(all, t.watchHealths(s.Healths))
	}
	if len(s.Chatbots) > 0 {
		all = append(all, t.watchChatbots(s.Chatbots))
	}
	if s.Issuer != nil {
		_, err := t.meter.Int64ObservableGauge("zoomgraph_oidc_issuer_up",
			metric.WithDescription("1 once the issuer's keys were read, else 0."),
			metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
				o.Observe(number(s.Issuer()))
				return nil
			}))
		all = append(all, err)
	}
	if s.Store != nil {
		all = append(all, t.watchStore(s.Store))
	}
	if s.Fallbacks != nil {
		_, err := t.meter.Int64ObservableCounter("zoomgraph_filter_fallbacks_total",
			metric.WithDescription("Times that an account's field filter was found not to work."),
			metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
				o.Observe(int64(s.Fallbacks()))
				return nil
			}))
		all = append(all, err)
	}
	if s.Fleet != nil {
		all = append(all, t.watchFleet(s.Fleet))
	}
	if s.Unnamed != nil {
		all = append(all, t.watchUnnamed(s.Unnamed))
	}
	if s.Slots != nil {
		all = append(all, t.watchSlots(s.Slots))
	}
	if s.Places != nil {
		all = append(all, t.watchPlaces(s.Places))
	}
	if s.Connections != nil {
		all = append(all, t.watchConnections(s.Connections))
	}
	if s.Accepted != nil {
		all = append(all, t.watchAccepted(s.Accepted))
	}
	return errors.Join(all...)
}

func (t *Telemetry) watchBudgets(states map[string]func() []client.BudgetState) error {
	var all []error
	gauge := func(name, help string) metric.Float64ObservableGauge {
		g, err := t.meter.Float64ObservableGauge(name, metric.WithDescription(help))
		all = append(all, err)
		return g
	}
	limit := gauge("zoomgraph_budget_limit_calls_per_second", "Calls a second that this service may send.")
	remaining := gauge("zoomgraph_budget_remaining_calls", "Calls that could be sent at once.")
	waiting := gauge("zoomgraph_budget_waiting_calls", "Calls that wait for their turn.")
	daily := gauge("zoomgraph_budget_daily_remaining_calls", "Calls left of the day, where they are counted.")
	closed := gauge("zoomgraph_budget_closed", "1 while Zoom takes no calls of the label, because the account's day is used up, else 0.")
	targets := gauge("zoomgraph_budget_closed_targets", "Users, meetings and the like for which Zoom takes no more calls of an operation.")
	_, err := t.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		for account, state := range states {
			for _, of := range state() {
				label := metric.WithAttributes(attribute.String("account", account), attribute.String("label", labelName(of.Label)))
				o.ObserveFloat64(limit, of.Limit, label)
				o.ObserveFloat64(remaining, float64(of.Remaining), label)
				o.ObserveFloat64(waiting, float64(of.Waiting), label)
				o.ObserveFloat64(targets, float64(of.ClosedTargets), label)
				isClosed := 0.0
				if of.Closed != nil {
					isClosed = 1
				}
				o.ObserveFloat64(closed, isClosed, label)
				if of.DailyLimit > 0 {
					o.ObserveFloat64(daily, float64(of.DailyRemaining), label)
				}
			}
		}
		return nil
	}, limit, remaining, waiting, daily, closed, targets)
	return errors.Join(append(all, err)...)
}

func (t *Telemetry) watchUnnamed(state func() unnamed.State) error {
	keys, err := t.meter.Int64ObservableCounter("zoomgraph_unknown_keys_total", metric.WithDescription("Answers with a key that the schema does not know, among those that were looked at."))
	if err != nil {
		return err
	}
	values, err := t.meter.Int64ObservableCounter("zoomgraph_unknown_values_total", metric.WithDescription("Values of enums that the schema does not know, by the words of the first 200."))
	if err != nil {
		return err
	}
	_, err = t.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		now := state()
		for _, key := range now.Keys {
			o.ObserveInt64(keys, int64(key.Seen), metric.WithAttributes(attribute.String("operation", key.Operation), attribute.String("key", key.Key)))
		}
		for _, value := range now.Values {
			o.ObserveInt64(values, int64(value.Seen), metric.WithAttributes(attribute.String("field", value.Field), attribute.String("value", value.Value)))
		}
		return nil
	}, keys, values)
	return err
}

func (t *Telemetry) watchSlots(state func() client.SlotState) error {
	var all []error
	gauge := func(name, help string) metric.Int64ObservableGauge {
		g, err := t.meter.Int64ObservableGauge(name, metric.WithDescription(help))
		all = append(all, err)
		return g
	}
	inFlight := gauge("zoomgraph_zoom_in_flight_calls", "Calls to Zoom in flight.")
	hanging := gauge("zoomgraph_zoom_hanging_calls", "Calls in flight that take far longer than is usual.")
	window := gauge("zoomgraph_zoom_in_flight_window_calls", "Calls that may be in flight now, beside those that hang.")
	waiting := gauge("zoomgraph_zoom_slot_waiting_calls", "Calls that wait until another one ends.")
	_, err := t.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		now := state()
		o.ObserveInt64(inFlight, int64(now.InFlight))
		o.ObserveInt64(hanging, int64(now.Hanging))
		o.ObserveInt64(window, int64(now.Window))
		o.ObserveInt64(waiting, int64(now.Waiting))
		return nil
	}, inFlight, hanging, window, waiting)
	return errors.Join(append(all, err)...)
}

func (t *Telemetry) watchPlaces(state func() shares.State) error {
	var all []error
	gauge := func(name, help string) metric.Int64ObservableGauge {
		g, err := t.meter.Int64ObservableGauge(name, metric.WithDescription(help))
		all = append(all, err)
		return g
	}
	held := gauge("zoomgraph_in_flight_requests", "Requests and answers to events in flight.")
	most := gauge("zoomgraph_in_flight_requests_limit", "Requests and answers to events that may be in flight.")
	unwinding := gauge("zoomgraph_in_flight_broken_off_requests", "Requests that were broken off for another caller and have not ended yet.")
	waiting := gauge("zoomgraph_waiting_events", "Answers to events that wait for a place in flight.")
	owed := gauge("zoomgraph_untaken_event_bytes", "Bytes of answers to events that clients have not taken yet.")
	lost, err := t.meter.Int64ObservableCounter("zoomgraph_in_flight_refused_total",
		metric.WithDescription("Requests and answers to events that got no place in flight, or lost it."))
	all = append(all, err)
	_, err = t.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		now := state()
		o.ObserveInt64(held, int64(now.Held))
		o.ObserveInt64(most, int64(now.Most))
		o.ObserveInt64(unwinding, int64(now.Unwinding))
		o.ObserveInt64(waiting, int64(now.Waiting))
		o.ObserveInt64(owed, now.Owed)
		for reason, n := range now.Lost {
			o.ObserveInt64(lost, n, labelled("reason", reason))
		}
		return nil
	}, held, most, unwinding, waiting, owed, lost)
	return errors.Join(append(all, err)...)
}

func (t *Telemetry) watchHealths(states map[string]func() client.HealthState) error {
	up, err := t.meter.Int64ObservableGauge("zoomgraph_zoom_up",
		metric.WithDescription("1 while Zoom answers, else 0; nothing until it was asked."))
	if err != nil {
		return err
	}
	refused, err := t.meter.Int64ObservableGauge("zoomgraph_zoom_credentials_refused",
		metric.WithDescription("1 while Zoom refuses the account's credentials, else 0; nothing until it was asked."))
	if err != nil {
		return err
	}
	_, err = t.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		for account, state := range states {
			if s := state(); s.Known {
				o.ObserveInt64(up, number(s.Up), labelled("account", account))
				o.ObserveInt64(refused, number(s.Refused), labelled("account", account))
			}
		}
		return nil
	}, up, refused)
	return err
}

func (t *Telemetry) watchChatbots(states map[string]func() client.HealthState) error {
	_, err := t.meter.Int64ObservableGauge("zoomgraph_zoom_chatbot_credentials_refused",
		metric.WithDescription("1 while Zoom refuses the credentials of the account's chatbot, else 0; nothing until it was asked, and for accounts without a chatbot."),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			for account, state := range states {
				if s := state(); s.Known {
					o.Observe(number(s.Refused), labelled("account", account))
				}
			}
			return nil
		}))
	return err
}

// number is 1 for true and 0 for false, as gauges have it.
func number(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

func (t *Telemetry) watchStore(counts func() store.Counts) error {
	_, err := t.meter.Int64ObservableCounter("zoomgraph_store_reads_total",
		metric.WithDescription("Reads by what answered them: this process's memory, Redis, another read's call, a call, or an old value."),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			c := counts()
			o.Observe(c.Near, labelled("source", "near"))
			o.Observe(c.Far, labelled("source", "far"))
			o.Observe(c.Joined, labelled("source", "joined"))
			o.Observe(c.Called, labelled("source", "called"))
			o.Observe(c.Stale, labelled("source", "stale"))
			return nil
		}))
	return err
}

func (t *Telemetry) watchFleet(health func() (redis bool, replicas int)) error {
	up, err := t.meter.Int64ObservableGauge("zoomgraph_redis_up", metric.WithDescription("1 while Redis can be asked, else 0."))
	if err != nil {
		return err
	}
	members, err := t.meter.Int64ObservableGauge("zoomgraph_replicas", metric.WithDescription("Replicas that live, this one among them, as last counted."))
	if err != nil {
		return err
	}
	_, err = t.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		redis, replicas := health()
		o.ObserveInt64(members, int64(replicas))
		o.ObserveInt64(up, number(redis))
		return nil
	}, up, members)
	return err
}

func (t *Telemetry) watchConnections(c Connections) error {
	open, err := t.meter.Int64ObservableGauge("zoomgraph_connections", metric.WithDescription("Connections that stay open: WebSockets and event streams."))
	if err != nil {
		return err
	}
	subscriptions, err := t.meter.Int64ObservableGauge("zoomgraph_subscriptions", metric.WithDescription("Subscriptions that run, over WebSockets and event streams."))
	if err != nil {
		return err
	}
	refused, err := t.meter.Int64ObservableCounter("zoomgraph_connections_refused_total", metric.WithDescription("WebSockets, event streams and subscriptions that were refused, or ended for a limit."))
	if err != nil {
		return err
	}
	_, err = t.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(open, c.Sockets(), labelled("kind", "websocket"))
		o.ObserveInt64(open, c.Streams(), labelled("kind", "event_stream"))
		o.ObserveInt64(subscriptions, c.Subscriptions())
		for reason, n := range c.Refused() {
			o.ObserveInt64(refused, n, labelled("reason", reason))
		}
		return nil
	}, open, subscriptions, refused)
	return err
}

func (t *Telemetry) watchAccepted(a Accepted) error {
	open, err := t.meter.Int64ObservableGauge("zoomgraph_accepted_connections", metric.WithDescription("Connections that clients have open, of whatever kind."))
	if err != nil {
		return err
	}
	closed, err := t.meter.Int64ObservableCounter("zoomgraph_accepted_connections_closed_total", metric.WithDescription("Connections that were closed because there were as many as the service takes, by what they were; new ones were closed themselves."))
	if err != nil {
		return err
	}
	_, err = t.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(open, a.Open())
		for what, n := range a.Closed() {
			o.ObserveInt64(closed, n, labelled("was", what))
		}
		return nil
	}, open, closed)
	return err
}
