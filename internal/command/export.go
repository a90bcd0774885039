package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/internal/config"
	"zoomgraph/internal/export"
)

// How often progress is shown.
const (
	barEvery  = 200 * time.Millisecond
	lineEvery = 10 * time.Second
)

// exportSettings writes the settings of all users, and says how to go on where it cannot.
func (c Call) exportSettings(ctx context.Context, cfg *config.ExportSettings) error {
	signal.Ignore(syscall.SIGPIPE) // a reader that left is an error to tell, not the end
	defer signal.Reset(syscall.SIGPIPE)
	meter := &export.Meter{Next: client.NewTransport()}
	report := newReport(cfg, meter, c.Stderr)
	w, err := c.connect(ctx, &cfg.Zoom, nil, graph.Options{}, client.Config{Logger: report.log, Transport: meter})
	if err != nil {
		return err
	}
	defer w.stop()
	defer meter.CloseIdleConnections()
	settings, err := w.facade.ExportSettings(cfg.Fields, string(cfg.Option))
	if err != nil {
		return UsageError{explained(err)}
	}
	if w.sandbox != nil {
		report.log.Info("without credentials this exports the made-up users of the embedded Zoom")
	}
	sink, err := openSink(cfg, settings.Columns(), c.Stdout)
	if err != nil {
		return err
	}
	start := time.Now()
	done, err := export.Run(ctx, export.Options{
		Settings: settings, Statuses: cfg.Status.Lists(), Sink: sink, Patience: cfg.Patience,
		Progress: report.progress, Every: report.every, Log: report.log,
	})
	err = errors.Join(err, sink.Close())
	report.close()
	if !cfg.Quiet {
		report.summary(c.Stderr, done, sink.Kept(), time.Since(start))
	}
	if err != nil {
		return unfinished(err, cfg, c.Args)
	}
	return nil
}

func openSink(cfg *config.ExportSettings, columns []graph.Column, stdout io.Writer) (*export.Sink, error) {
	style := export.Style{Format: export.Format(cfg.Format), Separator: rune(cfg.Separator), BOM: cfg.BOM}
	switch {
	case cfg.Resume != "":
		return export.Resume(cfg.Resume, style, columns)
	case cfg.Out != "":
		return export.Create(cfg.Out, style, columns)
	}
	return export.Stream(stdout, style, columns), nil
}

// report is what a person sees of an export: a bar on a terminal, lines of the log elsewhere.
type report struct {
	log      *slog.Logger
	meter    *export.Meter
	progress func(export.Tally) // nil: not shown
	every    time.Duration
	close    func()
}

func newReport(cfg *config.ExportSettings, meter *export.Meter, stderr io.Writer) *report {
	r := &report{log: newLog(&cfg.Zoom, config.SecretsOf(cfg), stderr), meter: meter, every: lineEvery, close: func() {}}
	terminal, ok := stderr.(*os.File)
	switch {
	case cfg.Quiet:
		cfg.LogLevel = max(cfg.LogLevel, config.LogLevel(slog.LevelWarn))
		r.log = newLog(&cfg.Zoom, config.SecretsOf(cfg), stderr)
	case ok && term.IsTerminal(int(terminal.Fd())):
		bar := export.NewBar(terminal, meter)
		r.log = newLog(&cfg.Zoom, config.SecretsOf(cfg), bar)
		r.progress, r.every, r.close = bar.Show, barEvery, bar.Close
	default:
		r.progress = export.Lines(r.log, meter)
	}
	return r
}

func (r *report) summary(stderr io.Writer, done export.Tally, kept int, took time.Duration) {
	calls, limited := r.meter.Counts()
	there, failed := "", ""
	if kept > 0 {
		there = fmt.Sprintf(" (%d were there)", kept)
	}
	if done.Failed > 0 {
		failed = fmt.Sprintf(" (%d of them without settings)", done.Failed)
	}
	_, _ = fmt.Fprintf(stderr, "%d users%s%s, %d calls, %d answered with 429, %.1f s\n", done.Users, failed, there, calls, limited, took.Seconds())
}

// unfinished says why an export ended early and how to go on.
func unfinished(err error, cfg *config.ExportSettings, args []string) error {
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	err = fmt.Errorf("the export is not complete: %w", explained(err))
	file := cmp.Or(cfg.Out, cfg.Resume)
	if file == "" {
		return fmt.Errorf("%w\nOne that has a file, given with --out or --resume, can be resumed", err)
	}
	return fmt.Errorf("%w\nResume it with: %s", err, again(args, file))
}

// explained makes an error of a call one for the person who started the export.
func explained(err error) error {
	var fail *client.Error
	if !errors.As(err, &fail) {
		return err
	}
	text := err.Error()
	if fail.Op == nil { // it is about what was asked for, not about a call
		text = fail.Message
	}
	return errors.New(text + fail.Advice())
}

// again is the command line that resumes an export. For a secret it has the variable that can hold it.
func again(args []string, file string) string {
	words := []string{"zoomgraph"}
	for i := 0; i < len(args); i++ {
		name, _, joined := strings.Cut(args[i], "=")
		switch name {
		case "--zoom-client-secret":
			words = append(words, name+`="$ZOOM_CLIENT_SECRET"`)
		case "--zoom-chatbot-client-secret":
			words = append(words, name+`="$ZOOM_CHATBOT_CLIENT_SECRET"`)
		case "--redis-url":
			words = append(words, name+`="$ZOOMGRAPH_REDIS_URL"`)
		case "--out", "--resume":
		default:
			words = append(words, quoted(args[i]))
			continue
		}
		if !joined {
			i++
		}
	}
	return strings.Join(append(words, "--resume", quoted(file)), " ")
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=,./:@%+"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
