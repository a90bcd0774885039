package config_test

import (
	"encoding"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"zoomgraph/internal/config"
)

// This file writes the tables of docs/configuration.md from the definition of the command line: those of the service's
// options, and those of the other commands. Everything else in that page is written by people.

var update = flag.Bool("update", false, "write docs/configuration.md anew")

const referencePage = "../../docs/configuration.md"

// generatedPart is a part of the page that is written from the definition.
var generatedPart = regexp.MustCompile(`(?s)(<!-- generated: (\w+) -->\n).*?(\n<!-- end -->)`)

// The page has the options as the program has them.
func TestReference(t *testing.T) {
	t.Parallel()
	model, err := config.Model()
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{"options": options(model), "commands": others(model)}
	page, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	want := generatedPart.ReplaceAllStringFunc(string(page), func(part string) string {
		m := generatedPart.FindStringSubmatch(part)
		written++
		return m[1] + parts[m[2]] + m[3]
	})
	if written != len(parts) {
		t.Fatalf("%s has %d generated parts, want %d", referencePage, written, len(parts))
	}
	if want == string(page) {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the definition of the command line says; run go test ./internal/config -update", referencePage)
	}
	if err := os.WriteFile(referencePage, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Each option of the service says what it is for, and what holds without it.
func TestOptionsAreDescribed(t *testing.T) {
	t.Parallel()
	model, err := config.Model()
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range model.Leaves(false) {
		for _, f := range command.Flags {
			switch {
			case !strings.HasSuffix(f.Help, "."):
				t.Errorf("--%s of %s: the help %q is no sentence", f.Name, command.Path(), f.Help)
			case f.Tag.Get(config.EnvTag) != "" && f.Group == nil:
				t.Errorf("--%s of %s belongs to no group", f.Name, command.Path())
			}
		}
	}
}

// options are the tables of what the service takes, a group a table.
func options(model *kong.Application) string {
	var b strings.Builder
	serve := commandNamed(model, "serve")
	for _, group := range groupsOf(serve) {
		fmt.Fprintf(&b, "### %s\n\n| option | value | default | what it is |\n|---|---|---|---|\n", strings.TrimSuffix(group.Title, ":"))
		for _, f := range serve.Flags {
			if f.Group != nil && f.Group.Key == group.Key {
				writeRow(&b, f)
			}
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// others are the other commands, each with the options that are its own.
func others(model *kong.Application) string {
	var b strings.Builder
	for _, command := range model.Leaves(true) {
		if command.Name == "serve" {
			continue
		}
		name := strings.TrimPrefix(command.FullPath(), "zoomgraph ")
		fmt.Fprintf(&b, "### zoomgraph %s\n\n%s\n\n", name, command.Help)
		heading := "| option | value | default | what it is |\n|---|---|---|---|\n"
		for _, p := range command.Positional {
			fmt.Fprintf(&b, "%s| `%s` | | | %s |\n", heading, p.Summary(), cell(p.Help))
			heading = ""
		}
		shared := false
		for _, f := range command.Flags {
			if shared = shared || f.Tag.Get(config.EnvTag) != ""; f.Tag.Get(config.EnvTag) == "" {
				b.WriteString(heading)
				writeRow(&b, f)
				heading = ""
			}
		}
		if heading == "" {
			b.WriteByte('\n')
		}
		if shared {
			b.WriteString("It also takes the options above about Zoom, Redis, the log and the file.\n\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func commandNamed(model *kong.Application, name string) *kong.Node {
	for _, c := range model.Leaves(false) {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// groupsOf are the groups of a command's options, in the order of their first ones.
func groupsOf(command *kong.Node) []*kong.Group {
	var list []*kong.Group
	for _, f := range command.Flags {
		same := func(g *kong.Group) bool { return g.Key == f.Group.Key }
		if f.Group != nil && !slices.ContainsFunc(list, same) {
			list = append(list, f.Group)
		}
	}
	return list
}

func writeRow(b *strings.Builder, f *kong.Flag) {
	names := "`--" + f.Name + "`"
	if f.Tag.Negatable != "" {
		names = "`--[no-]" + f.Name + "`"
	}
	if variable := f.Tag.Get(config.EnvTag); variable != "" {
		names += "<br>`" + variable + "`"
		if f.Name != "config" {
			names += "<br>`" + strings.ReplaceAll(f.Name, "-", "_") + "`"
		}
	}
	fmt.Fprintf(b, "| %s | %s | %s | %s |\n", names, kindOf(f), defaultOf(f), cell(f.Help))
}

// kindOf says what one writes behind an option.
func kindOf(f *kong.Flag) string {
	kind := f.Target.Type()
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch {
	case kind == reflect.TypeFor[time.Duration]():
		return "a duration, such as `90s` or `1h`"
	case kind.Kind() == reflect.Bool:
		return "`on` or `off`"
	case kind.Kind() == reflect.Slice:
		return "a list of `" + placeholder(f) + "`, with commas"
	case kind.Kind() == reflect.Map:
		return "pairs such as `" + placeholder(f) + "`, with commas"
	case f.PlaceHolder != "" && f.PlaceHolder != "N":
		return "`" + f.PlaceHolder + "`"
	case reflect.PointerTo(kind).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()), f.Enum != "":
		return "a word"
	case kind.Kind() == reflect.Int, kind.Kind() == reflect.Int64, kind.Kind() == reflect.Uint64, kind.Kind() == reflect.Float64:
		return "a number"
	}
	return "text"
}

func placeholder(f *kong.Flag) string {
	if f.PlaceHolder != "" {
		return f.PlaceHolder
	}
	return strings.ToUpper(f.Name)
}

// defaultOf is what holds where nobody gives an option.
func defaultOf(f *kong.Flag) string {
	switch {
	case f.Tag.Get("unset") != "":
		return cell(f.Tag.Get("unset"))
	case f.HasDefault:
		return "`" + f.Default + "`" + size(f.Default)
	case f.IsBool():
		return "off"
	case f.Required:
		return "it has to be given"
	}
	return "none"
}

// size says in larger units how many bytes a number is, where that is what one would say.
func size(value string) string {
	n, err := strconv.Atoi(value)
	switch {
	case err != nil || n < 1<<16 || n%(1<<10) != 0:
		return ""
	case n%(1<<20) == 0:
		return fmt.Sprintf(" (%d MiB)", n>>20)
	}
	return fmt.Sprintf(" (%d KiB)", n>>10)
}

// cell is a text as a cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(text)
}

// keyRead is where a block of the file reads a key.
var keyRead = regexp.MustCompile(`"([a-z0-9_]+)":\s+&`)

// notYet are keys that the file may have and that nothing uses.
var notYet = []string{"webhook_secret", "webhook_secret_file"}

// The page has each key of the blocks that only the file can hold.
func TestKeysOfBlocksAreDescribed(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, source := range []string{"accounts.go", "callers.go"} {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range keyRead.FindAllStringSubmatch(string(text), -1) {
			if read++; !slices.Contains(notYet, m[1]) && !strings.Contains(string(page), "`"+m[1]+"`") {
				t.Errorf("%s reads the key %s, which %s does not have", source, m[1], referencePage)
			}
		}
	}
	if read < 20 {
		t.Errorf("only %d keys were found", read)
	}
}
