package vendor_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/zoomgen"
)

// module is a copy of what the generator reads: the schema, the facts and the code written by hand beside the resolvers.
type module struct {
	dir string
	t   *testing.T
}

func copyModule(t *testing.T) *module {
	t.Helper()
	m := &module{dir: t.TempDir(), t: t}
	files := programtest.Files(t)
	for _, pattern := range []string{"schema.graphqls", "graph/schema/*.graphqls", "docs/operations.yaml", "graph/*.go"} {
		names, err := fs.Glob(files, pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(files, name)
			if err != nil {
				t.Fatal(err)
			}
			m.write(name, string(text))
		}
	}
	m.write("docs/operations.yaml", program.FormatFacts(programtest.Of(t).Chapters)) // without what is planned only
	return m
}

func (m *module) write(name, text string) {
	m.t.Helper()
	path := filepath.Join(m.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

func (m *module) read(name string) string {
	m.t.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, name))
	if err != nil {
		m.t.Fatal(err)
	}
	return string(text)
}

var (
	argumentsHead = regexp.MustCompile(`(?m)^# Arguments of \w+\.(\w+), in ([\w./]+):\n((?:# .*\n)+)`)
	factsBlock    = regexp.MustCompile(`(?m)^# Facts, for docs/operations.yaml:\n((?:# .*\n?)+)`)
)

// paste does with the SDL what its comments say: it becomes a file of the schema, arguments go to their fields and facts to
// the list.
func (m *module) paste(sdl string) {
	m.t.Helper()
	heads := argumentsHead.FindAllStringSubmatch(sdl, -1)
	if told := strings.Count(sdl, "# Arguments of "); len(heads) != told {
		m.t.Errorf("of %d comments about arguments %d can be pasted", told, len(heads))
	}
	for _, head := range heads {
		m.argument(head[1], head[2], uncommented(head[3]))
	}
	if facts := factsBlock.FindStringSubmatch(sdl); facts == nil {
		if strings.Contains(sdl, "# Facts") {
			m.t.Error("the facts cannot be pasted")
		}
	} else {
		m.write("docs/operations.yaml", m.read("docs/operations.yaml")+uncommented(facts[1]))
	}
	m.write("graph/schema/pasted.graphqls", sdl)
}

// argument puts arguments behind the name of a field.
func (m *module) argument(field, file, arguments string) {
	m.t.Helper()
	text := m.read(file)
	place := regexp.MustCompile(`(?m)^  ` + field + `(\(|:)`)
	at := place.FindStringSubmatchIndex(text)
	if at == nil {
		m.t.Fatalf("%s has no field %s", file, field)
	}
	if text[at[2]:at[3]] == "(" {
		text = text[:at[3]] + "\n" + arguments + text[at[3]:]
	} else {
		text = text[:at[2]] + "(\n" + arguments + ")" + text[at[2]:]
	}
	m.write(file, text)
}

func uncommented(block string) string {
	var b strings.Builder
	for line := range strings.Lines(block) {
		b.WriteString(strings.TrimPrefix(line, "# "))
	}
	return b.String()
}

// check runs what generates the service's code, up to where it would write.
func (m *module) check() error { return zoomgen.Check(m.dir, zoomgen.Options{ResolverDir: "graph"}) }

// describe says what was left to a person.
func describe(sdl string) string {
	return strings.ReplaceAll(sdl, program.ToDescribe, "Says what it is:")
}

// compiles pastes SDL: as it is the generator refuses each description that is left to a person, and nothing else; with
// these written, it has no mistakes.
func compiles(t *testing.T, sdl string) {
	t.Helper()
	m := copyModule(t)
	m.paste(sdl)
	err := m.check()
	if strings.Contains(sdl, `"`+program.ToDescribe) == (err == nil) {
		t.Errorf("with descriptions to write: %v", err)
	}
	if err != nil {
		for line := range strings.SplitSeq(strings.TrimSpace(err.Error()), "\n") {
			if !strings.Contains(line, "where a person has to say it") {
				t.Errorf("a mistake beside those descriptions: %s", line)
			}
		}
	}
	m = copyModule(t)
	m.paste(describe(sdl))
	if err := m.check(); err != nil {
		t.Errorf("with its descriptions written: %v", err)
	}
}
