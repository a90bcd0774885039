package graph

import (
	"context"
	"math"
	"time"
	"weak"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/client"
	"zoomgraph/graph/price"
)

// PlanHeader is the request header that asks what an operation would cost, and sends nothing.
const PlanHeader = "X-Zoomgraph-Plan"

// maxPrices is how many prices are kept: as many as documents.
const maxPrices = 1000

// pricedAt is the price of the operation of ctx; nil where it has none.
func pricedAt(ctx context.Context) *price.Price {
	if a, ok := ctx.Value(askedKey{}).(*asked); ok {
		return a.worst
	}
	return nil
}

// InterceptOperation prices an operation before anything is sent: one that may cost more calls than an operation is
// allowed is refused, and one that only asks for its price gets that.
func (o operations) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	a, err := o.forCaller(ctx, op.Operation.Operation)
	if err == nil {
		a.worst, err = o.priceOf(op)
	}
	if err == nil && op.Headers.Get(PlanHeader) == "1" {
		return graphql.OneShot(&graphql.Response{
			Data:       []byte("null"),
			Extensions: map[string]any{"zoom": map[string]any{"plan": o.planOf(a.principal, a.worst)}},
		})
	}
	if err == nil {
		err = o.afford(a)
	}
	if err != nil {
		return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{o.PresentError(ctx, err)}})
	}
	if op.Operation.Operation == ast.Subscription {
		return o.subscribe(a, next)
	}
	return next(a)
}

// afford refuses what may cost more calls than an operation is allowed, more bytes than an answer may have, or more time
// than the request has.
func (s *Server) afford(a *asked) error {
	worst := a.worst
	if worst.Calls > s.maxCalls {
		return tooDear(worst.Calls, s.maxCalls)
	}
	if size := worst.Size; size.Bytes > s.maxBytes || size.Memory() > s.maxBytes {
		return tooMuch(size, s.maxBytes)
	}
	deadline, bounded := a.Deadline()
	if pace, _ := a.principal.pacingOf(worst.ByLabel); bounded && pace.seconds > 0 && pace.seconds > time.Until(deadline).Seconds() {
		return tooLong(worst.Calls, pace, time.Until(deadline))
	}
	return nil
}

// priceOf prices an operation, anew only where a variable that has a say in its price is another one than last time.
func (s *Server) priceOf(op *graphql.OperationContext) (*price.Price, error) {
	if known, ok := s.prices.Get(weak.Make(op.Operation)); ok && known.Holds(op.Variables) {
		return known, nil
	}
	worst, err := Price(s.Program, op.Doc, op.Operation, op.Variables)
	if err != nil {
		return nil, &client.Error{
			Code: client.CodeBadUserInput, Message: "this operation is too large to be priced", Hint: "nest fewer fragments", Err: err,
		}
	}
	s.prices.Add(weak.Make(op.Operation), &worst)
	return &worst, nil
}

// callPlan is extensions.zoom.plan: what an operation would cost.
type callPlan struct {
	*price.Price
	// Limit is how many calls an operation is allowed.
	Limit int `json:"limit"`
	// Seconds is how long the calls take at this account's rate, were nobody else calling; left out where calls are not
	// paced.
	Seconds *float64 `json:"seconds,omitempty"`
	// Slowest is the label whose calls take that long; left out where all calls may leave at once.
	Slowest *slowest `json:"slowest,omitempty"`
}

// slowest is a label with how many of its calls may leave a minute.
type slowest struct {
	Label     client.Label `json:"label"`
	PerMinute float64      `json:"perMinute"`
}

func (s *Server) planOf(p *Principal, worst *price.Price) callPlan {
	plan := callPlan{Price: worst, Limit: s.maxCalls}
	if pace, paced := p.pacingOf(worst.ByLabel); paced {
		plan.Seconds = &pace.seconds
		if pace.slowest != "" {
			plan.Slowest = &slowest{pace.slowest, math.Round(6000*pace.rate) / 100}
		}
	}
	return plan
}
