// Zoomgraph serves GraphQL over the Zoom REST API. Run it without arguments and
// it answers on http://127.0.0.1:8080 from an embedded Zoom with made-up data;
// give it a Zoom app's credentials and it answers from that account:
//
//	zoomgraph --help
//
// This file hands the command line to package command; package config says what
// there is to choose.
package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"zoomgraph/internal/command"
	"zoomgraph/internal/gctarget"
)

// known is how Zoom's documents differ from the schema on purpose.
//
//go:embed docs/differences.yaml docs/kept.yaml
var known embed.FS

// The program's exit codes beside 0.
const (
	exitFailed = 1
	exitUsage  = 2
)

// gcPercent is the default of GOGC. What lives between requests is a few MiB, so
// Go's own default would collect after every 4 MiB of garbage: a quarter of the
// CPU of a busy service. Where large answers live, garbage is held to maxGarbage
// bytes. GOGC and GOMEMLIMIT count as everywhere.
const (
	gcPercent  = 400
	maxGarbage = 20 << 20
)

func main() {
	if os.Getenv("GOGC") == "" {
		gctarget.Limit(gcPercent, maxGarbage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run does what args say until it is done or ctx ends, and returns the exit code.
func run(ctx context.Context, args []string, env func(string) (string, bool), stdout, stderr io.Writer) (code int) {
	err := command.Run(ctx, command.Call{Args: args, Env: env, Known: known, Stdout: stdout, Stderr: stderr})
	help := ""
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(command.UsageError)):
		code, help = exitUsage, "Run zoomgraph --help to see what can be set.\n"
	case errors.As(err, new(command.UnreadableError)):
		code = exitUsage
	default:
		code = exitFailed
	}
	_, _ = fmt.Fprintf(stderr, "zoomgraph: %v\n%s", err, help)
	return code
}
