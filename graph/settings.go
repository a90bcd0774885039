package graph

import (
	"context"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/load"
	"zoomgraph/graph/plan"
	"zoomgraph/graph/program"
	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// requestOf gathers the arguments of a settings tree.
func requestOf(option *string, fields []string, allowUnknown *bool) plan.Request {
	return plan.Request{Option: option, Fields: fields, AllowUnknown: allowUnknown != nil && *allowUnknown}
}

// viewOf is Zoom's spelling of the view that is asked for; nil: of none.
func viewOf[T wirer](option *T) *string {
	if option == nil {
		return nil
	}
	wire := (*option).Wire()
	return &wire
}

// settings says what the selection of the current field needs of a settings tree, and hands on the value that waits
// for it.
func (s *Server) settings(ctx context.Context, tree *plan.Tree, where load.ViewKey, request plan.Request) (*project.Value, error) {
	p, err := tree.Plan(s.project.Selection(ctx), request)
	if err != nil {
		return nil, err
	}
	session := load.From(ctx)
	where.Param = tree.Param()
	source := &settingsSource{tree: tree, option: request.Option, only: p.Only, plain: p.Plain}
	source.views = append(source.few[:0], make([]viewAnswer, len(p.Needs))...)
	for i, need := range p.Needs {
		where.Option = need.View
		source.views[i] = viewAnswer{view: need.View, wait: session.Settings(ctx, load.SettingsKey{View: where, Names: need.Names})}
	}
	return s.project.ObjectIn(&source.value, source, session), nil
}

// sharedCalls are the ids of the operations whose call a field may share with others that ask for something else of the same
// thing: those of settings.
func (s *Server) sharedCalls(field *ast.FieldDefinition) []string {
	if derived := field.Directives.ForName("derived"); derived != nil {
		return program.Texts(derived, "from")
	}
	op := s.Program.Operation(field)
	if op == nil || !slices.ContainsFunc(s.Program.Schema.Types[field.Type.Name()].Fields, program.IsSection) {
		return nil
	}
	return []string{op.ID}
}

// settingsSource gives each section of a settings tree the answer of its view. Views are never merged by bare name:
// some names of one have namesakes in another.
type settingsSource struct {
	tree   *plan.Tree
	option *string
	only   map[string]bool // the names that the client wants to see; nil: all
	plain  bool            // all fields are in the one view's answer, as sections with their own keys
	views  []viewAnswer
	few    [1]viewAnswer // what views are kept in where that is room enough
	value  project.Value // that has this source
}

type viewAnswer struct {
	view string
	wait func() (rawjson.Value, error)
	body rawjson.Value
	err  error
}

// Open implements project.Opener.
func (s *settingsSource) Open() (project.Source, error) {
	failed := 0
	for i := range s.views {
		answer := &s.views[i]
		answer.body, answer.err = answer.wait()
		if s.only != nil && answer.err == nil {
			answer.body = rawjson.Value{Text: restrict(answer.body, s.only)}
		}
		if answer.err != nil {
			failed++
		}
	}
	if failed > 0 && failed == len(s.views) {
		return nil, s.views[0].err
	}
	return s, nil
}

// Object implements project.PlainSource.
func (s *settingsSource) Object() (in rawjson.Value, ok bool) {
	if s.plain {
		in = s.views[0].body
	}
	return in, s.plain
}

// Part implements project.Source.
func (s *settingsSource) Part(field *ast.FieldDefinition) project.Part {
	section, isSection := s.tree.Section(field.Name)
	if !isSection { // raw
		section.View = s.tree.Home()
		if s.option != nil {
			section.View = *s.option
		}
	}
	if s.option != nil && section.View != *s.option {
		return project.Part{Reason: project.NotInView}
	}
	for i := range s.views {
		switch answer := &s.views[i]; {
		case answer.view != section.View:
		case answer.err != nil:
			return project.Part{Err: answer.err}
		case !isSection:
			return project.Part{Value: answer.body}
		case section.Root:
			return project.Part{Value: rootSection(answer.body, section)}
		default:
			return project.Part{In: answer.body}
		}
	}
	return project.Part{Reason: project.NotInResponse}
}

// rootSection finds a root section in its view's answer. In one shape that Zoom documents it stands below
// authentication_options, under its own name.
func rootSection(body rawjson.Value, section plan.Section) rawjson.Value {
	if options, ok := body.Member("authentication_options"); ok {
		if below, ok := options.Member(section.Zoom); ok {
			return below
		}
	}
	return body
}

// restrict takes out of an answer what only others asked for: a client that lists its fields sees what it would see
// alone.
func restrict(body rawjson.Value, only map[string]bool) []byte {
	out := []byte{'{'}
	for key, value := range body.Pairs() {
		if only[string(key)] {
			out = rawjson.Append(out, string(key), value.Text)
			continue
		}
		section := []byte{'{'}
		for name, leaf := range value.Pairs() {
			if only[string(name)] {
				section = rawjson.Append(section, string(name), leaf.Text)
			}
		}
		if len(section) > 1 {
			out = rawjson.Append(out, string(key), append(section, '}'))
		}
	}
	return append(out, '}')
}
