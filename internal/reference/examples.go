package reference

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"

	"zoomgraph/graph/price"
	"zoomgraph/graph/program"
)

// The examples: ways that a test of package graph finds, and documents where somebody had to think.
var (
	//go:embed ways.txt
	waysText string
	//go:embed byhand.graphql
	byHandText string
)

// Pricer tells what an operation costs at worst, as graph.Price does.
type Pricer func(*program.Program, *ast.QueryDocument, *ast.OperationDefinition, map[string]any) (price.Price, error)

// Example shows how a field is asked for. The embedded Zoom answers it without errors as long as nobody has changed what is
// there.
type Example struct {
	// Steps are operations, one after the other; the last one asks for the field. Those before it answer values that later
	// ones take as variables: a value's name in the answer is the variable's.
	Steps []Step
	// Person is true where it takes a person's own token: the field is about whose token it is.
	Person bool
	// Upload is the variable that is a file, which goes up by the multipart request convention; "": there is none.
	Upload string
	// Of names the field whose example this is, where it is another one's: what a write answers is asked for by the write.
	Of string
}

// Step is one operation of an example.
type Step struct {
	Query string
	// Variables are JSON; "" where there are none.
	Variables string
	// Takes are the variables whose values an earlier step answers.
	Takes []string
	Price price.Price

	doc *ast.QueryDocument
}

// Pretty is the query in lines, as people write it.
func (s Step) Pretty() string { return pretty(s.doc) }

// examples are those of a program.
type examples struct {
	program *program.Program
	price   Pricer
	ways    *ways
	byHand  map[string][]string // by Type.field
}

func newExamples(p *program.Program, price Pricer) (*examples, error) {
	fields, err := parseWays(waysText)
	if err != nil {
		return nil, err
	}
	byHand, err := parseByHand(byHandText)
	if err != nil {
		return nil, err
	}
	for place := range byHand {
		if name, isWrite := strings.CutPrefix(place, "Mutation."); isWrite {
			fields[place] = Way{Root: "Mutation", Steps: []string{name}} // to its payload
		}
	}
	return &examples{p, price, findWays(p, fields), byHand}, nil
}

// parseByHand reads documents of one line each, under lines such as "# Mutation.deleteRole". Other comments begin with "##".
func parseByHand(text string) (map[string][]string, error) {
	found, at := map[string][]string{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		field, isField := strings.CutPrefix(line, "# ")
		switch {
		case line == "" || strings.HasPrefix(line, "##"):
		case isField:
			at = field
		case at == "":
			return nil, fmt.Errorf("byhand.graphql: %q stands under no field", line)
		default:
			found[at] = append(found[at], line)
		}
	}
	return found, nil
}

// of is the example of a field of an object; nil where there is none: nothing leads to it.
func (e *examples) of(def *ast.Definition, f *ast.FieldDefinition, now time.Time) (*Example, error) {
	documents := e.byHand[def.Name+"."+f.Name]
	if documents == nil {
		way, known := e.ways.toField(e.program, def, f)
		if !known {
			return nil, nil
		}
		if way.Root == "Mutation" && len(way.Steps) > 1 {
			return &Example{Of: "Mutation." + nameOf(way.Steps[0])}, nil
		}
		text, err := way.Document(e.program)
		if err != nil {
			return nil, err
		}
		documents = []string{text}
	}
	example := &Example{}
	for _, text := range documents {
		step, err := e.step(Fill(text, now), example)
		if err != nil {
			return nil, fmt.Errorf("the example of %s.%s, %s: %w", def.Name, f.Name, text, err)
		}
		example.Steps = append(example.Steps, step)
	}
	return example, nil
}

func nameOf(step string) string {
	name, _, _ := strings.Cut(step, "(")
	return name
}

// step completes an operation: values of a write's arguments become variables, as programs send them.
func (e *examples) step(text string, of *Example) (Step, error) {
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return Step{}, err
	}
	op := doc.Operations[0]
	variables := map[string]any{}
	if op.Operation == ast.Mutation {
		if err := e.lift(op, variables); err != nil {
			return Step{}, err
		}
		text = pretty(doc)
	}
	checked, errs := gqlparser.LoadQueryWithRules(e.program.Schema, text, nil)
	if errs != nil {
		return Step{}, errs
	}
	step := Step{Query: text, doc: checked}
	for _, v := range op.VariableDefinitions {
		_, known := variables[v.Variable]
		switch {
		case v.Type.Name() == "Upload":
			of.Upload, variables[v.Variable] = v.Variable, nil // null, as the convention has it
		case !known:
			step.Takes = append(step.Takes, v.Variable)
			variables[v.Variable] = "…"
		}
	}
	of.Person = of.Person || e.namesCaller(checked.Operations[0].SelectionSet)
	if len(variables) > 0 {
		text, err := json.MarshalIndent(variables, "", "  ")
		if err != nil {
			return Step{}, err
		}
		step.Variables = string(text)
	}
	step.Price, err = e.price(e.program, checked, checked.Operations[0], variables)
	return step, err
}

// lift makes variables of the values of a write's arguments.
func (e *examples) lift(op *ast.OperationDefinition, values map[string]any) error {
	for _, selected := range op.SelectionSet {
		field, isField := selected.(*ast.Field)
		if !isField {
			continue
		}
		def := e.program.Schema.Mutation.Fields.ForName(field.Name)
		if def == nil {
			return fmt.Errorf("the schema has no Mutation.%s", field.Name)
		}
		for _, given := range field.Arguments {
			name, arg := given.Name, def.Arguments.ForName(given.Name)
			isVariable := given.Value.Kind == ast.Variable
			if isVariable {
				name = given.Value.Raw
			}
			if op.VariableDefinitions.ForName(name) != nil || arg == nil || !isVariable && takesVariable(given.Value) {
				continue // it is declared, or takes what an earlier step answers, or validation says what is wrong
			}
			if !isVariable {
				value, err := given.Value.Value(nil)
				if err != nil {
					return err
				}
				values[name] = value
				given.Value = &ast.Value{Kind: ast.Variable, Raw: name}
			}
			op.VariableDefinitions = append(op.VariableDefinitions, &ast.VariableDefinition{Variable: name, Type: arg.Type})
		}
	}
	return nil
}

// takesVariable tells whether a part of a value is a variable.
func takesVariable(v *ast.Value) bool {
	return v.Kind == ast.Variable || slices.ContainsFunc(v.Children, func(child *ast.ChildValue) bool { return takesVariable(child.Value) })
}

// namesCaller tells whether a selection has a field that is about whose token is used.
func (e *examples) namesCaller(selections ast.SelectionSet) bool {
	return slices.ContainsFunc(selections, func(selected ast.Selection) bool {
		switch selected := selected.(type) {
		case *ast.Field:
			return NamesCaller(e.program, selected.Definition) || e.namesCaller(selected.SelectionSet)
		case *ast.InlineFragment:
			return e.namesCaller(selected.SelectionSet)
		}
		return false
	})
}

// pretty is a document as people write it.
func pretty(doc *ast.QueryDocument) string {
	var b strings.Builder
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatQueryDocument(doc)
	return strings.TrimPrefix(strings.TrimSpace(b.String()), "query ")
}
