package zoom

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements what sub accounts have subscribed to, what it costs, and to whom invoices go. Plans are kept as they
// are answered, by Zoom's names. Of Zoom's codes no source says which is when. Start reading at billing.

const (
	billingPath  = "/accounts/{accountId}/billing"
	invoicesPath = billingPath + "/invoices"
	plansPath    = "/accounts/{accountId}/plans"
	addonsPath   = plansPath + "/addons"
	basePath     = plansPath + "/base"

	monthsOfInvoices = 30
)

// What Zoom says of a plan.
const (
	planActive    = "active"
	planCancelled = "cancelled"
)

// billing adds invoices and plans. Of the account that tokens are for, `me`, there are invoices and usage only: it has no
// account above it that could buy for it.
func (z *Zoom) billing(q *world.Quirks) {
	q.Things["Invoice"] = world.Thing{
		Seed:    z.seedInvoices,
		Resolve: z.invoiceOf,
		Missing: world.Missing{Status: http.StatusBadRequest, Code: 2001, Text: "Invoice does not exist: %s."},
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"from": func(w *world.World, r *world.Record, day string) bool { return w.Text(r, "invoice_date") >= day },
			"to":   func(w *world.World, r *world.Record, day string) bool { return w.Text(r, "invoice_date") <= day },
		},
	}
	q.Answers["GET "+invoicesPath] = listInvoices
	q.Answers["GET "+billingPath] = z.below((*world.World).Do)
	q.Answers["PATCH "+billingPath] = z.below(z.updateBilling)
	q.Answers["GET "+plansPath] = z.below(z.readPlans)
	q.Answers["POST "+plansPath] = z.below(z.subscribe)
	q.Answers["POST "+addonsPath] = z.subscribed(z.addPlan)
	q.Answers["PUT "+addonsPath] = z.subscribed(z.changePlan)
	q.Answers["PATCH "+addonsPath+"/status"] = z.subscribed(z.cancelPlan)
	q.Answers["PUT "+basePath] = z.subscribed(z.changeBase)
	q.Answers["PATCH "+basePath+"/status"] = z.subscribed(z.cancelBase)
	q.Answers["GET "+plansPath+"/usage"] = z.readPlanUsage
}

// below answers about sub accounts only.
func (z *Zoom) below(answer operation) operation {
	return func(w *world.World, c *world.Call) (world.Answer, error) {
		if err := z.isBelow(w, c); err != nil {
			return world.Answer{}, err
		}
		return answer(w, c)
	}
}

// subscribed answers about sub accounts only that have a base plan.
func (z *Zoom) subscribed(answer operation) operation {
	return z.below(func(w *world.World, c *world.Call) (world.Answer, error) {
		if base, _ := z.plansOf(c.Owner)["plan_base"].(planSet); base == nil || base["status"] != planActive {
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 2100, "Account is not paid: %s.", c.Owner.ID)
		}
		return answer(w, c)
	})
}

// done is the answer to what changes a plan: some have no content, most say so by 200.
func done() world.Answer { return world.OK(nil) }

func (z *Zoom) updateBilling(w *world.World, c *world.Call) (world.Answer, error) {
	body, err := c.Object()
	if err != nil {
		return world.Answer{}, err
	}
	w.Document("GET "+billingPath, c.Owner).Merge(body)
	return done(), nil
}

// ---------------------------------------------------------------- plans
// seedInvoices makes one a month for each account of the start: the last one, of this month, is still to be paid.
func (z *Zoom) seedInvoices(_ *world.World, of *world.Record) []*world.Record {
	if !z.isSeeded(of) {
		return nil
	}
	last := z.day()
	if days := last.Day() - 28; days > 0 { // a day that each month has
		last = last.AddDate(0, 0, -days)
	}
	var out []*world.Record
	for i := range monthsOfInvoices {
		month := last.AddDate(0, i+1-monthsOfInvoices, 0)
		h := z.source.At("invoice", of.ID, strconv.Itoa(i))
		var items []map[string]any
		total, taxes := 0, 0
		for j, charge := range []struct {
			name     string
			quantity int
			cents    int // each
		}{{"Pro Monthly", 10, 1499}, {"Webinar 500 Monthly", 1, 7900}, {"Zoom Rooms Monthly", 3, 4900}} {
			amount := charge.quantity * charge.cents
			tax := amount * 77 / 1000
			total, taxes = total+amount+tax, taxes+tax
			items = append(items, map[string]any{
				"charge_name": charge.name, "charge_number": fmt.Sprintf("C-%08d", h%90_000_000+uint64(j)), "charge_type": "Recurring",
				"quantity": charge.quantity, "start_date": month.Format(time.DateOnly), "end_date": month.AddDate(0, 1, -1).Format(time.DateOnly),
				"total_amount": inCents(amount), "tax_amount": inCents(tax), "partner_sku": "", "purchase_order_number": "",
			})
		}
		balance := 0
		if i == monthsOfInvoices-1 {
			balance = total
		}
		out = append(out, world.Known(fmt.Sprintf("%016x%016x", h, world.Mix(h)), map[string]any{
			"invoice_number": fmt.Sprintf("INV%08d", 10_000_000+h%90_000_000), "invoice_date": month.Format(time.DateOnly),
			"target_date": month.Format(time.DateOnly), "due_date": month.AddDate(0, 0, 30).Format(time.DateOnly),
			"total_amount": inCents(total), "tax_amount": inCents(taxes), "balance": inCents(balance), "status": "Posted",
			"currency": currency, "invoice_items": items,
		}))
	}
	return out
}

// invoiceOf finds an account's invoice; its file is there whoever's it is.
func (z *Zoom) invoiceOf(w *world.World, c *world.Call, name string) (*world.Record, error) {
	accounts := append([]*world.Record{z.own.Record}, w.All("Account")...)
	if of := c.Found["accountId"]; of != nil {
		accounts = []*world.Record{of}
	}
	for _, account := range accounts {
		for _, r := range w.Rows("GET "+invoicesPath, account) {
			if r.ID == name {
				return r, nil
			}
		}
	}
	return nil, nil
}

// currency is that of all amounts.
const currency = "USD"

// inCents is an amount with its two digits behind the point, as accountants write it.
func inCents(cents int) json.RawMessage { return fmt.Appendf(nil, "%d.%02d", cents/100, cents%100) }

// listInvoices answers invoices of a year at most, of the last three years.
func listInvoices(w *world.World, c *world.Call) (world.Answer, error) {
	if from := c.Values.Get("from"); from != "" && from < c.Now.UTC().AddDate(-3, 0, 0).Format(time.DateOnly) {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "Invoices go back three years only, and not to %s.", from)
	}
	answer, err := w.ListOf(c, w.Rows("GET "+invoicesPath, c.Owner))
	if err == nil {
		answer.Body = world.Edit(answer.Body, []string{"currency"}, world.Encode(currency))
	}
	return answer, err
}
