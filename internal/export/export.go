// Package export writes the same settings of all users of an account, a row a user in the order of Zoom's list, as CSV
// or NDJSON.
//
//	settings, err := facade.ExportSettings([]string{"host_video"}, "")
//	sink, err := export.Create("users.csv", export.Style{}, settings.Columns())
//	done, err := export.Run(ctx, export.Options{Settings: settings, Statuses: []string{"active"}, Sink: sink, Patience: time.Hour})
//	err = sink.Close()
//
// # Rows
//
// Each row reaches the file whole, by one write. In CSV (RFC 4180) a cell holds the text of a string, and the JSON of
// anything else; what Zoom did not send is an empty cell, and an empty string is "". In texts that people write
// an apostrophe stands before what a spreadsheet would run as a formula; see defuse.go. In NDJSON a row is
//
//	{"id":"…","email":"…","settings":{"in_meeting":{"chat":true}},"absent":["host_video"]}
//
// A user of whom Zoom gives no settings for good (deleted meanwhile, not accessible) has a row with the error's code in
// the column "error", or under that key, and none of the settings.
//
// # Resuming
//
// [Resume] opens the file of an export that ended early, in whatever way: a half row at its end is cut off, and who is
// in it is neither read nor written again. Nothing else is kept of a run, so an export of an account that did not change
// ends in the same bytes however often it was broken off.
package export

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph"
)

// window is how many users are read at a time: as many as the client has calls in flight at most.
const window = 32

// Options say what is exported, whose, and where to.
type Options struct {
	// Settings reads them.
	Settings *graph.SettingsExport
	// Statuses are those whose users are listed, one list after the other.
	Statuses []string
	// Sink takes the rows.
	Sink *Sink
	// Patience is how long Zoom may let nothing through before the export ends.
	Patience time.Duration
	// Progress, if set, is called now and then, as often as Every says, and not at the same time.
	Progress func(Tally)
	Every    time.Duration
	// Log gets what concerns one user, and what is waited for; nil discards it.
	Log *slog.Logger
}

// Tally is how far an export is.
type Tally struct {
	Users  int // rows written
	Failed int // of these, the ones without settings
	Total  int // rows there will be; -1 where Zoom does not tell
}

// run is one export under way.
type run struct {
	Options
	patience *patience

	mu    sync.Mutex
	tally Tally
}

// Run exports until every user is in the sink, ctx ends, or something is in the way that waiting does not cure. The rows
// that were written are whole then, also beside an error.
func Run(ctx context.Context, o Options) (Tally, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	r := &run{Options: o, patience: newPatience(o.Patience, o.Log)}
	stop := r.showProgress()
	defer stop()
	err := r.copy(ctx)
	if err == nil {
		err = o.Sink.complete()
	}
	return r.told(), err
}

// pending holds a user's row once it was read; those of a window are in the order of the rows.
type pending chan result

type result struct {
	row row
	err error
}

// copy reads ahead by a window of users and writes in order.
func (r *run) copy(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer cancel()
	ahead := make(chan pending, window-1) // and the one that is waited for
	reading.Go(func() {
		defer close(ahead)
		r.readAll(ctx, &reading, ahead)
	})
	for p := range ahead {
		read := <-p
		if read.err == nil {
			read.err = r.Sink.write(read.row)
		}
		if read.err != nil {
			return read.err
		}
		r.count(func(t *Tally) {
			t.Users++
			if read.row.failure != "" {
				t.Failed++
			}
		})
	}
	return ctx.Err()
}

func (r *run) readAll(ctx context.Context, reading *sync.WaitGroup, ahead chan<- pending) {
	for user, err := range r.users(ctx) {
		p := make(pending, 1)
		select {
		case ahead <- p:
		case <-ctx.Done():
			return
		}
		if err != nil {
			p <- result{err: err}
			return
		}
		reading.Go(func() {
			row, err := r.read(ctx, user)
			p <- result{row, err}
		})
	}
}

// read makes the row of a user.
func (r *run) read(ctx context.Context, user graph.ExportedUser) (row, error) {
	values, err := persist(ctx, r.patience, func(ctx context.Context) (row, error) {
		values, err := r.Settings.Settings(ctx, user.ID)
		return row{ExportedUser: user, values: values}, err
	})
	var fail *client.Error
	if errors.As(err, &fail) && concernsOne(fail) {
		r.Log.WarnContext(ctx, "the settings of a user cannot be had", "user", user.ID, "error", fail)
		return row{ExportedUser: user, failure: fail.Code}, nil
	}
	return values, err
}

// users yields who is not in the sink yet, list after list. An error is the last thing it yields.
func (r *run) users(ctx context.Context) iter.Seq2[graph.ExportedUser, error] {
	return func(yield func(graph.ExportedUser, error) bool) {
		for _, status := range r.Statuses {
			l := &list{run: r, status: status, first: true}
			for again := true; again; l.first = false {
				var ok bool
				if again, ok = l.walk(ctx, yield); !ok {
					return
				}
			}
		}
	}
}

// list walks over the users of one status.
type list struct {
	*run
	status string
	first  bool // time that it is walked
}

// walk yields the list's users who were not yielded before; ok is false where there is nothing to go on with.
//
// Who is deleted while the list is walked may let others slip from a page into the one before, unseen. So a list that
// changed its length is walked again, and so is one whose place Zoom forgot; but never twice without finding anybody.
func (l *list) walk(ctx context.Context, yield func(graph.ExportedUser, error) bool) (again, ok bool) {
	users := l.Settings.Users(l.status)
	total, changed, found := -1, false, false
	for n := 0; ; n++ {
		more := false
		page, err := persist(ctx, l.patience, func(ctx context.Context) (page graph.ExportPage, err error) {
			page, more, err = users.Next(ctx)
			return page, err
		})
		if errors.Is(err, client.ErrCursorExpired) && found {
			return true, true
		}
		if n == 0 && l.first && err == nil {
			l.expect(page.Total)
		}
		changed = changed || n > 0 && page.Total != total
		total = page.Total
		for _, user := range page.Users {
			if !l.Sink.claim(user.ID) {
				l.skip()
				continue
			}
			found = true
			if !yield(user, nil) {
				return false, false
			}
		}
		if err != nil {
			yield(graph.ExportedUser{}, err)
			return false, false
		}
		if !more {
			return changed && found, true
		}
	}
}

func (r *run) count(change func(*Tally)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.tally)
}

func (r *run) told() (t Tally) {
	r.count(func(known *Tally) { t = *known })
	return t
}

// expect adds the length of a list to what is to be done.
func (r *run) expect(total int) {
	r.count(func(t *Tally) {
		if total < 0 || t.Total < 0 {
			t.Total = -1
			return
		}
		t.Total += total
	})
}

// skip takes a user who is there already out of what is to be done.
func (l *list) skip() {
	if l.first {
		l.count(func(t *Tally) { t.Total = max(t.Total-1, min(t.Total, t.Users)) })
	}
}

// showProgress calls Progress until stop is called.
func (r *run) showProgress() (stop func()) {
	if r.Progress == nil {
		return func() {}
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(r.Every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				r.Progress(r.told())
			case <-end:
				return
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}
