// Package command has the commands of the binary, a file each: serve, sandbox, schema, schema diff, scopes, check documents, export
// settings, caller new and version. Start reading at Run.
//
//	err := command.Run(ctx, command.Call{Args: os.Args[1:], Env: os.LookupEnv, Known: known, Stdout: os.Stdout, Stderr: os.Stderr})
//
// What several of them lead to Zoom with is put together in wiring.go.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"strings"
	"sync"

	"zoomgraph/graph/program"
	"zoomgraph/internal/config"
	"zoomgraph/internal/telemetry"
)

// Call is a command line, and where it is run.
type Call struct {
	Args           []string
	Env            func(string) (string, bool)
	Known          fs.FS // docs/differences.yaml and docs/kept.yaml, which say how Zoom's documents differ from the schema
	Stdout, Stderr io.Writer

	making func() (*program.Program, error) // of the program, once; nil: each command makes it
}

// UsageError is a mistake in what a command was asked for.
type UsageError struct{ error }

// Unwrap is the mistake.
func (e UsageError) Unwrap() error { return e.error }

// Run does what a call says until it is done or ctx ends. Its error is for the person who called.
func Run(ctx context.Context, c Call) error {
	c.making = sync.OnceValues(program.Served)
	if len(c.Args) == 0 || c.Args[0] == "serve" || strings.HasPrefix(c.Args[0], "-") {
		go func() { _, _ = c.making() }() // it goes on while the options are read
	}
	parsed, err := config.Parse(c.Args, c.Env, c.Stdout)
	switch {
	case errors.Is(err, config.ErrHelp):
		return nil
	case err != nil:
		return UsageError{err}
	}
	switch cfg := parsed.(type) {
	case *config.Serve:
		return c.serve(ctx, cfg)
	case *config.Sandbox:
		return c.sandbox(ctx, cfg)
	case *config.Schema:
		return c.schema(cfg)
	case *config.SchemaDiff:
		return c.schemaDiff(cfg)
	case *config.Scopes:
		return c.scopes(cfg)
	case *config.ExportSettings:
		return c.exportSettings(ctx, cfg)
	case *config.CheckDocuments:
		return c.checkDocuments(cfg.File, cfg.MaxCalls)
	case *config.CallerNew:
		return c.newCaller(cfg)
	case *config.Version:
		_, err = fmt.Fprintln(c.Stdout, "zoomgraph", version())
	}
	return err
}

// program is the schema.
func (c Call) program() (*program.Program, error) {
	if c.making != nil {
		return c.making()
	}
	return program.Served()
}

func listen(ctx context.Context, addr, option string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with --%s", addr, err, option)
	}
	return l, nil
}

// newLog makes the log, which hides the given secrets and what looks like one.
func newLog(cfg *config.Zoom, secrets []string, w io.Writer) *slog.Logger {
	opts := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == config.LogJSON {
		return slog.New(telemetry.Redact(slog.NewJSONHandler(w, opts), secrets...))
	}
	return slog.New(telemetry.Redact(slog.NewTextHandler(w, opts), secrets...))
}
