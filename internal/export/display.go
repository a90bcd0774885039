package export

import (
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Bar shows progress on a terminal. What else is written to that terminal goes through it, so that neither tears the
// other.
type Bar struct {
	meter *Meter

	mu  sync.Mutex
	to  io.Writer
	bar *progressbar.ProgressBar
}

// NewBar makes a bar of the terminal w.
func NewBar(w io.Writer, meter *Meter) *Bar {
	return &Bar{meter: meter, to: w, bar: progressbar.NewOptions(
		-1,
		progressbar.OptionSetWriter(w), progressbar.OptionUseANSICodes(true), progressbar.OptionFullWidth(), progressbar.OptionShowCount(),
		progressbar.OptionShowIts(), progressbar.OptionSetItsString("users"), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
	)}
}

// Show draws the bar. Errors of a terminal concern nobody.
func (b *Bar) Show(t Tally) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.Total > 0 && t.Total >= t.Users && t.Total != b.bar.GetMax() {
		b.bar.ChangeMax(t.Total)
	}
	calls, limited := b.meter.Counts()
	b.bar.Describe(fmt.Sprintf("%d calls, %d 429s", calls, limited))
	_ = b.bar.Set(t.Users)
}

// Write writes above the bar, which comes back when it is shown the next time.
func (b *Bar) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.bar.Clear()
	return b.to.Write(p)
}

// Close wipes the bar off.
func (b *Bar) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.bar.Clear()
}

// Lines gives a function that shows progress as lines of a log.
func Lines(log *slog.Logger, meter *Meter) func(Tally) {
	start := time.Now()
	return func(t Tally) {
		calls, limited := meter.Counts()
		rate := float64(t.Users) / time.Since(start).Seconds()
		left := slog.Attr{}
		if t.Total >= t.Users && rate > 0 {
			left = slog.Duration("left", time.Duration(float64(t.Total-t.Users)/rate*float64(time.Second)).Round(time.Second))
		}
		log.Info("exporting", slog.Int("users", t.Users), slog.Int("of", t.Total), slog.String("perSecond", fmt.Sprintf("%.1f", rate)),
			left, slog.Int64("calls", calls), slog.Int64("429s", limited))
	}
}
