package telemetry

import (
	"errors"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

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
		up := gauge("zoomgraph_oidc_issuer_up", "1 once the issuer's keys were read, else 0.")
		all = append(all, t.watch(func(tell tell) { tell(up, number(s.Issuer())) }, up))
	}
	if s.Store != nil {
		all = append(all, t.watchStore(s.Store))
	}
	if s.Fallbacks != nil {
		fallbacks := counter("zoomgraph_filter_fallbacks_total", "Times that an account's field filter was found not to work.")
		all = append(all, t.watch(func(tell tell) { tell(fallbacks, float64(s.Fallbacks())) }, fallbacks))
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
	labels := []string{"account", "label"}
	limit := gauge("zoomgraph_budget_limit_calls_per_second", "Calls a second that this service may send.", labels...)
	remaining := gauge("zoomgraph_budget_remaining_calls", "Calls that could be sent at once.", labels...)
	waiting := gauge("zoomgraph_budget_waiting_calls", "Calls that wait for their turn.", labels...)
	daily := gauge("zoomgraph_budget_daily_remaining_calls", "Calls left of the day, where they are counted.", labels...)
	closed := gauge("zoomgraph_budget_closed", "1 while Zoom takes no calls of the label, because the account's day is used up, else 0.", labels...)
	targets := gauge("zoomgraph_budget_closed_targets", "Users, meetings and the like for which Zoom takes no more calls of an operation.", labels...)
	return t.watch(func(tell tell) {
		for account, state := range states {
			for _, of := range state() {
				label := labelName(of.Label)
				tell(limit, of.Limit, account, label)
				tell(remaining, float64(of.Remaining), account, label)
				tell(waiting, float64(of.Waiting), account, label)
				tell(targets, float64(of.ClosedTargets), account, label)
				tell(closed, number(of.Closed != nil), account, label)
				if of.DailyLimit > 0 {
					tell(daily, float64(of.DailyRemaining), account, label)
				}
			}
		}
	}, limit, remaining, waiting, daily, closed, targets)
}

func (t *Telemetry) watchUnnamed(state func() unnamed.State) error {
	keys := counter("zoomgraph_unknown_keys_total", "Answers with a key that the schema does not know, among those that were looked at.", "operation", "key")
	values := counter("zoomgraph_unknown_values_total", "Values of enums that the schema does not know, by the words of the first 200.", "field", "value")
	return t.watch(func(tell tell) {
		now := state()
		for _, key := range now.Keys {
			tell(keys, float64(key.Seen), key.Operation, key.Key)
		}
		for _, value := range now.Values {
			tell(values, float64(value.Seen), value.Field, value.Value)
		}
	}, keys, values)
}

func (t *Telemetry) watchSlots(state func() client.SlotState) error {
	inFlight := gauge("zoomgraph_zoom_in_flight_calls", "Calls to Zoom in flight.")
	hanging := gauge("zoomgraph_zoom_hanging_calls", "Calls in flight that take far longer than is usual.")
	window := gauge("zoomgraph_zoom_in_flight_window_calls", "Calls that may be in flight now, beside those that hang.")
	waiting := gauge("zoomgraph_zoom_slot_waiting_calls", "Calls that wait until another one ends.")
	return t.watch(func(tell tell) {
		now := state()
		tell(inFlight, float64(now.InFlight))
		tell(hanging, float64(now.Hanging))
		tell(window, float64(now.Window))
		tell(waiting, float64(now.Waiting))
	}, inFlight, hanging, window, waiting)
}

func (t *Telemetry) watchPlaces(state func() shares.State) error {
	held := gauge("zoomgraph_in_flight_requests", "Requests and answers to events in flight.")
	most := gauge("zoomgraph_in_flight_requests_limit", "Requests and answers to events that may be in flight.")
	unwinding := gauge("zoomgraph_in_flight_broken_off_requests", "Requests that were broken off for another caller and have not ended yet.")
	waiting := gauge("zoomgraph_waiting_events", "Answers to events that wait for a place in flight.")
	owed := gauge("zoomgraph_untaken_event_bytes", "Bytes of answers to events that clients have not taken yet.")
	lost := counter("zoomgraph_in_flight_refused_total", "Requests and answers to events that got no place in flight, or lost it.", "reason")
	return t.watch(func(tell tell) {
		now := state()
		tell(held, float64(now.Held))
		tell(most, float64(now.Most))
		tell(unwinding, float64(now.Unwinding))
		tell(waiting, float64(now.Waiting))
		tell(owed, float64(now.Owed))
		for reason, n := range now.Lost {
			tell(lost, float64(n), reason)
		}
	}, held, most, unwinding, waiting, owed, lost)
}

func (t *Telemetry) watchHealths(states map[string]func() client.HealthState) error {
	up := gauge("zoomgraph_zoom_up", "1 while Zoom answers, else 0; nothing until it was asked.", "account")
	refused := gauge("zoomgraph_zoom_credentials_refused", "1 while Zoom refuses the account's credentials, else 0; nothing until it was asked.", "account")
	return t.watch(func(tell tell) {
		for account, state := range states {
			if s := state(); s.Known {
				tell(up, number(s.Up), account)
				tell(refused, number(s.Refused), account)
			}
		}
	}, up, refused)
}

func (t *Telemetry) watchChatbots(states map[string]func() client.HealthState) error {
	refused := gauge("zoomgraph_zoom_chatbot_credentials_refused", "1 while Zoom refuses the credentials of the account's chatbot, else 0; nothing until it was asked, and for accounts without a chatbot.", "account")
	return t.watch(func(tell tell) {
		for account, state := range states {
			if s := state(); s.Known {
				tell(refused, number(s.Refused), account)
			}
		}
	}, refused)
}

func (t *Telemetry) watchStore(counts func() store.Counts) error {
	reads := counter("zoomgraph_store_reads_total", "Reads by what answered them: this process's memory, Redis, another read's call, a call, or an old value.", "source")
	return t.watch(func(tell tell) {
		c := counts()
		tell(reads, float64(c.Near), "near")
		tell(reads, float64(c.Far), "far")
		tell(reads, float64(c.Joined), "joined")
		tell(reads, float64(c.Called), "called")
		tell(reads, float64(c.Stale), "stale")
	}, reads)
}

func (t *Telemetry) watchFleet(health func() (redis bool, replicas int)) error {
	up := gauge("zoomgraph_redis_up", "1 while Redis can be asked, else 0.")
	members := gauge("zoomgraph_replicas", "Replicas that live, this one among them, as last counted.")
	return t.watch(func(tell tell) {
		redis, replicas := health()
		tell(members, float64(replicas))
		tell(up, number(redis))
	}, up, members)
}

func (t *Telemetry) watchConnections(c Connections) error {
	open := gauge("zoomgraph_connections", "Connections that stay open: WebSockets and event streams.", "kind")
	subscriptions := gauge("zoomgraph_subscriptions", "Subscriptions that run, over WebSockets and event streams.")
	refused := counter("zoomgraph_connections_refused_total", "WebSockets, event streams and subscriptions that were refused, or ended for a limit.", "reason")
	return t.watch(func(tell tell) {
		tell(open, float64(c.Sockets()), "websocket")
		tell(open, float64(c.Streams()), "event_stream")
		tell(subscriptions, float64(c.Subscriptions()))
		for reason, n := range c.Refused() {
			tell(refused, float64(n), reason)
		}
	}, open, subscriptions, refused)
}

func (t *Telemetry) watchAccepted(a Accepted) error {
	open := gauge("zoomgraph_accepted_connections", "Connections that clients have open, of whatever kind.")
	closed := counter("zoomgraph_accepted_connections_closed_total", "Connections that were closed because there were as many as the service takes, by what they were; new ones were closed themselves.", "was")
	return t.watch(func(tell tell) {
		tell(open, float64(a.Open()))
		for what, n := range a.Closed() {
			tell(closed, float64(n), what)
		}
	}, open, closed)
}

// number is 1 for true and 0 for false, as gauges have it.
func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// figure is a metric whose value is looked at when the metrics are read.
type figure struct {
	*prometheus.Desc
	kind prometheus.ValueType
}

func gauge(name, help string, labels ...string) figure {
	return figure{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue}
}

func counter(name, help string, labels ...string) figure {
	return figure{prometheus.NewDesc(name, help, labels, nil), prometheus.CounterValue}
}

// tell says a figure's value, with the values of its labels in their order.
type tell func(f figure, value float64, labels ...string)

// source are the figures that one look tells all at once.
type source struct {
	figures []figure
	look    func(tell)
}

// watch adds the metrics of a source.
func (t *Telemetry) watch(look func(tell), figures ...figure) error {
	return t.registry.Register(source{figures, look})
}

// Describe implements [prometheus.Collector].
func (s source) Describe(to chan<- *prometheus.Desc) {
	for _, f := range s.figures {
		to <- f.Desc
	}
}

// Collect implements [prometheus.Collector].
func (s source) Collect(to chan<- prometheus.Metric) {
	s.look(func(f figure, value float64, labels ...string) {
		for i := range labels {
			labels[i] = strings.ToValidUTF8(labels[i], "\uFFFD") // some are words of Zoom's
		}
		to <- prometheus.MustNewConstMetric(f.Desc, f.kind, value, labels...)
	})
}
