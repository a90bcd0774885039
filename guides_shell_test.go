package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"zoomgraph/internal/config"
)

// This file reads the commands of the pages for people, and runs those that end by themselves: start reading at
// TestGuidesCommands.

// shellCommand is one command of a ```sh block.
type shellCommand struct {
	env   map[string]string
	words []string
}

// readShell reads the commands of a block. It knows quotes, continued lines, comments, variables before a command, what
// stands between commands, and redirections, which it leaves out.
func readShell(code string) ([]shellCommand, error) {
	var (
		list     []shellCommand
		now      shellCommand
		word     strings.Builder
		inWord   bool
		redirect bool
	)
	endWord := func() {
		switch name, value, assigns := strings.Cut(word.String(), "="); {
		case !inWord:
		case redirect:
			redirect = false
		case assigns && len(now.words) == 0 && variableName.MatchString(name):
			now.env[name] = value
		default:
			now.words = append(now.words, word.String())
		}
		word.Reset()
		inWord = false
	}
	endCommand := func() {
		if endWord(); len(now.words) > 0 {
			list = append(list, now)
		}
		now = shellCommand{env: map[string]string{}}
	}
	endCommand()
	for text := code; text != ""; {
		c := text[0]
		rest := text[1:]
		switch {
		case c == '\\' && strings.HasPrefix(rest, "\n"):
			rest = rest[1:]
			endWord()
		case c == '\\' && rest != "":
			word.WriteByte(rest[0])
			rest, inWord = rest[1:], true
		case c == '\'' || c == '"':
			inner, behind, closed := cutQuoted(rest, c)
			if !closed {
				return nil, fmt.Errorf("a quotation begins at %q and does not end", text)
			}
			word.WriteString(inner)
			rest, inWord = behind, true
		case c == '#' && !inWord:
			_, rest, _ = strings.Cut(rest, "\n")
			endCommand()
		case c == '\n' || c == ';' || c == '|' || c == '&':
			endCommand()
		case c == '<' || c == '>':
			endWord()
			redirect = true
		case c == ' ':
			endWord()
		default:
			word.WriteByte(c)
			inWord = true
		}
		text = rest
	}
	endCommand()
	return list, nil
}

var variableName = regexp.MustCompile(`^[A-Z_]+$`)

// cutQuoted cuts a text at the end of a quotation.
func cutQuoted(text string, quote byte) (inner, behind string, closed bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == quote:
			return b.String(), text[i+1:], true
		case c == '\\' && quote == '"' && i+1 < len(text) && strings.ContainsRune(`"\$`, rune(text[i+1])):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}

func TestReadShell(t *testing.T) {
	t.Parallel()
	code := "# first\nA=1 B='x y' zoomgraph \\\n  --addr \"127.0.0.1:0\" > out.txt  # why\ncd deploy && make test; curl -d '{\"a\": 1}' x\n"
	got, err := readShell(code)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`map[A:1 B:x y] ["zoomgraph" "--addr" "127.0.0.1:0"]`, `map[] ["cd" "deploy"]`, `map[] ["make" "test"]`, `map[] ["curl" "-d" "{\"a\": 1}" "x"]`,
	}
	for i, c := range got {
		if i >= len(want) || fmt.Sprintf("%v %q", c.env, c.words) != want[i] {
			t.Errorf("command %d is %v %q", i, c.env, c.words)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d commands, want %d", len(got), len(want))
	}
	if _, err := readShell("echo 'x"); err == nil {
		t.Error("a quotation without an end is read")
	}
}

// othersCommands are commands of other programs, which stand in the pages and are not run here.
var othersCommands = []string{
	"cd", "cp", "mkdir", "sudo", "install", "printf", "docker", "kubectl", "systemctl", "journalctl", "npm", "npx", "node", "export", "git", "benchstat", "echo",
}

// smallestPicture is a PNG, for commands that upload ada.png.
const smallestPicture = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU" +
	"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"

// guideRunner runs the commands of one page.
type guideRunner struct {
	t       *testing.T
	service *started
	dir     string
	ran     int // commands of the program that were run to their end
}

// Each command of the pages is one that there is, with arguments that it takes. Those of the program that end by
// themselves are run, with the files that the page shows, and so is curl.
func TestGuidesCommands(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "--addr", "127.0.0.1:0")
	counted, ran := map[string]int{}, 0
	for _, page := range pagesForPeople(t) {
		r := &guideRunner{t: t, service: s, dir: t.TempDir()}
		writeFile(t, r.dir, "ada.png", smallestPicture)
		list := fencesOf(t, page)
		for i, f := range list {
			if f.info != "" && f.info != "variables" {
				r.keep(f)
			}
			if f.lang != "sh" {
				continue
			}
			commands, err := readShell(f.code)
			if err != nil {
				t.Errorf("%s: %v", f, err)
			}
			for _, c := range commands {
				counted[c.words[0]]++
				r.command(f, c, list[i+1:])
			}
		}
		ran += r.ran
	}
	if counted["curl"] < 3 || counted["zoomgraph"] < 10 || counted["make"] < 2 || ran < 8 {
		t.Errorf("the commands were %v, and %d of the program were run", counted, ran)
	}
}

// keep writes a block with a name to the file of that name.
func (r *guideRunner) keep(f fence) {
	r.t.Helper()
	if f.lang == "yaml" {
		text, err := os.ReadFile(configOf(r.t, f))
		if err != nil {
			r.t.Fatal(err)
		}
		writeFile(r.t, r.dir, f.info, string(text))
		return
	}
	writeFile(r.t, r.dir, f.info, f.code)
}

func (r *guideRunner) command(f fence, c shellCommand, behind []fence) {
	r.t.Helper()
	switch name, args := c.words[0], c.words[1:]; {
	case name == "curl":
		r.curl(f, args, behind)
	case name == "make":
		r.make(f, c.env, args)
	case name == "zoomgraph" || strings.HasSuffix(name, "/zoomgraph"):
		r.zoomgraph(f, c.env, args)
	case name == "go":
		r.golang(f, c.env, args)
	case !slices.Contains(othersCommands, name):
		r.t.Errorf("%s: nothing is known of the command %q", f, name)
	}
}

// make takes a target of the Makefile, and what the program takes as ARGS.
func (r *guideRunner) make(f fence, env map[string]string, args []string) {
	r.t.Helper()
	makefile := readPage(r.t, "Makefile")
	for _, arg := range args {
		if given, ok := strings.CutPrefix(arg, "ARGS="); ok {
			r.zoomgraph(f, env, strings.Fields(given))
		} else if !strings.Contains(makefile, "\n"+arg+":") {
			r.t.Errorf("%s: make has no target %s", f, arg)
		}
	}
	if slices.Equal(args, []string{"run"}) {
		r.zoomgraph(f, env, nil)
	}
}

// golang takes what the toolchain does with packages that there are, and the program by go run.
func (r *guideRunner) golang(f fence, env map[string]string, args []string) {
	r.t.Helper()
	if len(args) > 1 && args[0] == "run" && args[1] == "." {
		r.zoomgraph(f, env, args[2:])
		return
	}
	for _, arg := range args {
		if path, ok := strings.CutPrefix(arg, "./"); ok && !strings.HasSuffix(path, "...") {
			if _, err := os.Stat(path); err != nil {
				r.t.Errorf("%s: there is no %s", f, path)
			}
		}
	}
}

// fileName is how an argument looks that names a file of the page's own.
var fileName = regexp.MustCompile(`^[\w.-]+\.(csv|ndjson|yaml|graphql|json)$`)

// has reports whether the files are there that a command reads: a page may speak of files that it does not show.
func (r *guideRunner) has(args []string) bool {
	for i, arg := range args {
		writes := i > 0 && (args[i-1] == "--out" || args[i-1] == "--resume")
		if _, err := os.Stat(arg); err != nil && strings.HasPrefix(arg, r.dir) && !writes {
			return false
		}
	}
	return true
}

// path is a word of a command; a file's name is one of the page's own files.
func (r *guideRunner) path(word string) string {
	if fileName.MatchString(word) {
		return filepath.Join(r.dir, word)
	}
	return word
}

// zoomgraph reads the program's arguments, and runs it where it ends by itself.
func (r *guideRunner) zoomgraph(f fence, env map[string]string, args []string) {
	r.t.Helper()
	args = slices.Clone(args)
	for i, arg := range args {
		args[i] = r.path(arg)
	}
	lookup := func(name string) (string, bool) {
		value, ok := env[name]
		return r.path(value), ok
	}
	parsed, err := config.Parse(args, lookup, io.Discard)
	if err != nil {
		r.t.Errorf("%s: %q: %v", f, args, err)
		return
	}
	switch parsed.(type) {
	case *config.Serve, *config.Sandbox:
		return // they run until they are stopped
	}
	if !r.has(args) {
		return
	}
	r.ran++
	var out, errs bytes.Buffer
	if code := run(r.t.Context(), args, lookup, &out, &errs); code != 0 {
		r.t.Errorf("%s: %q ended with %d: %s", f, args, code, &errs)
	}
}

// curl asks the service. What it prints is compared with the block behind, if that is an answer.
func (r *guideRunner) curl(f fence, args []string, behind []fence) {
	r.t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("CI") == "true" {
			r.t.Error(err)
		}
		return
	}
	args = slices.Clone(args)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "http://127.0.0.1:8080", r.service.address)
	}
	cmd := exec.CommandContext(r.t.Context(), "curl", append([]string{"--noproxy", "*"}, args...)...)
	cmd.Dir = r.dir
	out, err := cmd.Output()
	if err != nil {
		r.t.Errorf("%s: curl %q: %v", f, args, err)
		return
	}
	if want, shown := answerShown(behind); shown {
		wantShown(r.t, f, want, out)
	} else if json.Valid(out) && bytes.Contains(out, []byte(`"errors"`)) {
		r.t.Errorf("%s is answered %s", f, out)
	}
}
