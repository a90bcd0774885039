// Package config turns the command line, the environment and a file into one
// checked configuration. A value is taken from the first of these that has it:
// the flag, the environment variable, the file named by --config, the default.
//
//	cmd, err := config.Parse(os.Args[1:], os.LookupEnv, os.Stdout)
//	switch cmd := cmd.(type) {
//	case *config.Serve:
//		…
//	}
//
// An option is one field of a struct below: its name gives the flag
// (RequestTimeout is --request-timeout), the tag `environ` the variable, and the
// flag's name with underscores (or dashes) the key of the file. Only the file can
// hold the blocks accounts, callers and oidc. What Parse returns without an error can be used without further checks.
package config

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// ErrHelp is returned by Parse once it has printed the help that was asked for.
var ErrHelp = errors.New("help was asked for")

// Schema is the command that prints the schema.
type Schema struct {
	Docs  string     `type:"path" placeholder:"DIR" help:"Write the reference for people into a folder instead: pages by chapter, which a browser opens without a server."`
	Print struct{}   `cmd:"" default:"1" hidden:"" help:"Print the GraphQL schema."`
	Diff  SchemaDiff `cmd:"" help:"Tell how newer OpenAPI documents of Zoom differ from the schema."`
}

// SchemaDiff is the command that compares documents of Zoom's API with the schema.
type SchemaDiff struct {
	OpenAPI []string `name:"openapi" sep:"none" required:"" placeholder:"FILE" help:"OpenAPI documents of Zoom, JSON or YAML; further ones may follow it."`
	Files   []string `arg:"" optional:"" name:"file" help:"Further documents."`
	Format  string   `enum:"text,json,sdl" default:"text" help:"Form of the output: text, json, or sdl, which is what the schema lacks, to paste."`
	All     bool     `help:"Tell also what differs on purpose, or is known to be gone."`
}

// Documents are all files that were named.
func (d *SchemaDiff) Documents() []string { return slices.Concat(d.OpenAPI, d.Files) }

// Scopes is the command that prints what saved operations need.
type Scopes struct {
	Files  []string `arg:"" name:"file" help:"GraphQL documents."`
	Format string   `enum:"text,json" default:"text" help:"Form of the output: text or json."`
}

// Export holds the commands that write much of an account at once.
type Export struct {
	Settings ExportSettings `cmd:"" help:"Write the settings of all users, as CSV or NDJSON."`
}

// Callers holds the commands about who may call.
type Callers struct {
	New CallerNew `cmd:"" help:"Make a key for a caller, and the lines of the file that let it in."`
}

// Check holds the commands that judge files before the service meets them.
type Check struct {
	Documents CheckDocuments `cmd:"" help:"Tell whether the service would run the documents of a manifest, and what they cost."`
}

// CheckDocuments is the command that judges a manifest of documents.
type CheckDocuments struct {
	File     string `arg:"" help:"Manifest, as GraphQL Code Generator, Relay or Apollo write it."`
	MaxCalls int    `default:"1000" help:"Zoom calls that one operation may cost at worst."`
}

// Version is the command that prints the version.
type Version struct{}

// Sandbox is the command that serves the embedded Zoom alone.
type Sandbox struct {
	Addr                string             `default:"127.0.0.1:8099" help:"Address to listen on."`
	Users               int                `default:"500" help:"Number of users the account has."`
	Seed                uint64             `default:"1" help:"Seed of the data; the same seed gives the same data."`
	Latency             time.Duration      `default:"0s" placeholder:"DURATION" help:"Time added to each answer, such as 50ms."`
	RPS                 map[string]float64 `name:"rps" mapsep:"," placeholder:"LABEL=N" help:"Calls a second by rate label, such as MEDIUM=60,LIGHT=80; a label left out is not limited."`
	AccountID           string             `placeholder:"ID" help:"The only account id the token endpoint accepts (any if not given)."`
	ClientID            string             `placeholder:"ID" help:"The only client id the token endpoint accepts (any if not given)."`
	ClientSecret        Secret             `placeholder:"SECRET" help:"The only client secret the token endpoint accepts (any if not given)."`
	ChatbotClientID     string             `placeholder:"ID" help:"The only client id for which the token endpoint gives a chatbot's token (any if not given)."`
	ChatbotClientSecret Secret             `placeholder:"SECRET" help:"The only client secret for that (any if not given)."`
}

type commands struct {
	Serve   Serve   `cmd:"" default:"withargs" help:"Serve GraphQL over Zoom; this is what happens when no command is given."`
	Sandbox Sandbox `cmd:"" help:"Serve the embedded Zoom alone, for tests of other programs."`
	Schema  Schema  `cmd:"" help:"Print the GraphQL schema."`
	Scopes  Scopes  `cmd:"" help:"Print the scopes and the most calls that saved operations need, without asking Zoom."`
	Export  Export  `cmd:"" help:"Write what Zoom knows of all users."`
	Caller  Callers `cmd:"" help:"Say who may call."`
	Check   Check   `cmd:"" help:"Judge documents before the service meets them."`
	Version Version `cmd:"" help:"Print the version."`
}

// Parse reads the arguments (without the program's name), the environment
// through env, and the file they name. It returns the command that was asked
// for: *Serve, *Sandbox, *Schema, *SchemaDiff, *Scopes, *ExportSettings,
// *CheckDocuments, *CallerNew or
// *Version. If help was asked for, it is written to stdout and the error is ErrHelp; any other
// error is one line for the person who started the program and says what to
// change.
func Parse(args []string, env func(string) (string, bool), stdout io.Writer) (any, error) {
	var (
		cmds   commands
		src    = &sources{env: env, from: map[string]string{}}
		helped bool
	)
	parser, err := newParser(&cmds,
		kong.Resolvers(src),
		kong.Writers(stdout, io.Discard),
		kong.Exit(func(int) { helped = true }),
	)
	if err != nil {
		return nil, fmt.Errorf("the command line's own definition is wrong: %w", err)
	}
	ctx, err := parser.Parse(args)
	switch {
	case helped:
		return nil, ErrHelp
	case err != nil:
		return nil, src.explain(err)
	}
	src.note(ctx)
	if strings.HasPrefix(ctx.Command(), "schema diff") {
		return &cmds.Schema.Diff, nil
	}
	command, _, _ := strings.Cut(ctx.Command(), " ") // arguments follow
	switch command {
	case "sandbox":
		return &cmds.Sandbox, cmds.Sandbox.check()
	case "schema":
		return &cmds.Schema, nil
	case "check":
		return &cmds.Check.Documents, nil
	case "scopes":
		return &cmds.Scopes, nil
	case "export":
		return &cmds.Export.Settings, cmds.Export.Settings.check(src)
	case "caller":
		return &cmds.Caller.New, cmds.Caller.New.check()
	case "version":
		return &cmds.Version, nil
	default:
		return &cmds.Serve, cmds.Serve.check(src)
	}
}

// newParser makes the parser of a command line. docs/configuration.md is written from its model.
func newParser(cmds *commands, more ...kong.Option) (*kong.Kong, error) {
	parser, err := kong.New(cmds, append(more,
		kong.Name("zoomgraph"),
		kong.Description("A GraphQL facade over the Zoom REST API: one selection, the fewest Zoom calls that can answer it. Without Zoom credentials it runs on an embedded Zoom with made-up data."),
		kong.KindMapper(reflect.Bool, onOff{}),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), kong.MapperFunc(duration)),
		kong.ValueFormatter(helpWithSource),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.ExplicitGroups([]kong.Group{
			{Key: "service", Title: "Service:"},
			{Key: "callers", Title: "Callers (who may call, from where, and with which documents):"},
			{Key: "limits", Title: "Limits:"},
			{Key: "answers", Title: "Answers, and how long what Zoom said is known:"},
			{Key: "sign-in", Title: "Sign-in with Zoom (people in a browser; a user-managed OAuth app of its own):"},
			{Key: "export", Title: "Export:"},
			{Key: "zoom", Title: "Zoom (the credentials of a server-to-server app; without them the sandbox is used):"},
			{Key: "redis", Title: "Redis (what several processes of one account share: tokens, limits, what is known):"},
			{Key: "general", Title: "General:"},
		}),
	)...)
	if err != nil {
		return nil, err
	}
	parser.Model.HelpFlag.Help = "Show this help."
	return parser, nil
}

// helpWithSource appends the environment variable of an option to its help.
func helpWithSource(v *kong.Value) string {
	if name := v.Tag.Get(envTag); name != "" {
		return v.Help + " ($" + name + ")"
	}
	return v.Help
}
