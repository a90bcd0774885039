package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/internal/sandbox"
)

// everyWrite does each write once, with an input that is made up of its type and ids that answers brought. Zoom is asked
// for it, there are no errors but Zoom's own words, and it costs what its price says or less. What Zoom refuses each time,
// because what is made up does not belong together, a story does.
func (w *walker) everyWrite(t *testing.T) {
	writes := w.schema.Mutation.Fields
	refused := make([]string, len(writes))
	t.Run("each", func(t *testing.T) {
		for i, f := range writes {
			if w.program.Operation(f) == nil || slices.ContainsFunc(f.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.Name() == "Upload" }) {
				continue // files go up by another way: TestUploads
			}
			if asksForMe(w.schema.Mutation, f) {
				continue // with a token of somebody's own: TestChatOfOnesOwn
			}
			t.Run(f.Name, func(t *testing.T) {
				t.Parallel()
				own := *w
				own.service, own.asked, own.filled, own.refused, own.answered = peopled(t), map[string]bool{}, map[string]bool{}, nil, nil
				own.keys, own.texts, own.places = maps.Clone(w.keys), maps.Clone(w.texts), maps.Clone(w.places)
				refused[i] = own.write(f)
			})
		}
	})
	refused = slices.DeleteFunc(refused, func(text string) bool { return text == "" })
	t.Logf("%d of %d writes were refused:\n%s", len(refused), len(writes), strings.Join(refused, "\n"))
	told := maps.Clone(doneElsewhere)
	for _, steps := range stories() {
		for _, step := range steps {
			told[strings.TrimPrefix(step.field, "Mutation.")] = true
		}
	}
	for _, text := range refused {
		if name, _, _ := strings.Cut(text, "("); !told[name] {
			t.Errorf("%s is refused here, and no story does it", name)
		}
	}
}

// doneElsewhere are writes that tests beside the stories do.
var doneElsewhere = map[string]bool{
	// TestUploads
	"deleteAccountVirtualBackgrounds": true, "deleteGroupVirtualBackgrounds": true, "deleteUserVirtualBackgrounds": true,
	// recordings_test.go
	"deleteCloudRecording": true, "deleteRecordingFile": true, "recoverCloudRecording": true, "recoverRecordingFile": true,
	"updateRecordingRegistrantStatus": true,
	// webinars_test.go
	"updateWebinarRegistrantStatus": true,
}

// turns is how often a write is tried, each time about another thing and with other values.
const turns = 6

// write does a write, and returns Zoom's word where that refuses it each time.
func (w *walker) write(f *ast.FieldDefinition) string {
	w.t.Helper()
	op := w.program.Operation(f)
	method, path := op.Today()
	sent, refusal := false, ""
	for turn := range turns {
		call := f.Name + w.writeArguments(f, turn)
		before := w.seen
		w.refused = nil
		w.ask("mutation { " + call + w.payload(w.schema.Types[f.Type.Name()]) + " }")
		sent = sent || slices.ContainsFunc(w.zoom.Log(before), func(e sandbox.Entry) bool { return e.Method == method && matches(path, e.Path) >= 0 })
		if len(w.refused) == 0 {
			break
		}
		refusal = call + ": " + w.refused[0]
	}
	if !sent {
		w.t.Errorf("%s\nnever got to Zoom", refusal)
	}
	if len(w.refused) > 0 {
		return refusal
	}
	return ""
}

// payload selects what a write answers, and what is read back of the thing.
func (w *walker) payload(def *ast.Definition) string {
	s := w.own(def)
	for _, f := range def.Fields {
		if below := w.schema.Types[f.Type.Name()]; w.program.Executed(below) && operationOf(f) == nil {
			s.text += " " + f.Name + w.own(below).braced().text
		}
	}
	return s.braced().text
}

// writeArguments gives a write the ids of one thing that there is, and its input.
func (w *walker) writeArguments(f *ast.FieldDefinition, turn int) string {
	path := w.pathOf(f, turn)
	var given []string
	for _, arg := range f.Arguments {
		value := path[arg.Name]
		def := w.schema.Types[arg.Type.Name()]
		switch {
		case value != "":
			given = append(given, fmt.Sprintf("%s: %q", arg.Name, value))
		case arg.Name == recipient:
			given = append(given, arg.Name+": "+someRecipient)
		case !arg.Type.NonNull || arg.DefaultValue != nil:
		case def.Kind == ast.InputObject:
			given = append(given, arg.Name+": "+maker{walker: w, turn: turn}.input(def, 0))
		default:
			choices := append([]string{`"1"`}, w.choices(w.schema.Mutation, f, arg, nil)...)
			given = append(given, arg.Name+": "+fromEnd(choices, turn))
		}
	}
	if given == nil {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

// pathOf are the arguments that give a write's path: the last value first, since what holds a row is known by it.
func (w *walker) pathOf(f *ast.FieldDefinition, turn int) map[string]string {
	op, values := w.program.Operation(f), map[string]string{}
	sources := w.program.Sources(w.schema.Mutation, f)
	for i := len(sources) - 1; i >= 0; i-- {
		arg := sources[i].Argument
		if arg == nil || arg.Type.Name() != "ID" || values[arg.Name] != "" {
			continue
		}
		list := listAbove(op, op.Params[i])
		if rows := w.rows[list]; len(rows) > 0 {
			row := rows[turn%len(rows)]
			values[arg.Name] = row.key(op.Params[i], arg.Name)
			if i > 0 && row.above != "" && sources[i-1].Argument != nil {
				values[sources[i-1].Argument.Name] = row.above
			}
		}
		if known := w.keys[w.kindOf(op, op.Params[i], arg.Name)]; values[arg.Name] == "" && len(known) > 0 {
			values[arg.Name] = fromEnd(known, turn)
		}
	}
	return values
}
