// Package scopes tells what saved operations need of a Zoom app, offline: the scopes that its token must have, and how
// many calls each operation costs at worst.
//
//	report, err := scopes.Read(program, "dashboard.graphql", "policy.graphql")
//	err = report.WriteText(os.Stdout) // or report.WriteJSON
//
// Each of Zoom's operations lists scopes of which a token needs one. So the scopes that a report names are one choice of
// several: the fewest that do, reading rather than writing, and an account's own (:admin) rather than a master account's.
package scopes

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"zoomgraph/graph"
	"zoomgraph/graph/price"
	"zoomgraph/graph/program"
)

// Report lists the scopes and the prices of operations.
type Report struct {
	Operations []Operation `json:"operations"`
	// Together lists the scopes of an app that sends all of them.
	Together Scopes `json:"together"`
}

// Operation is an operation of a document.
type Operation struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Type string `json:"type"` // query or mutation
	Name string `json:"name,omitempty"`
	// Price is the worst-case cost. Variables count with their defaults.
	Price  price.Price `json:"price"`
	Scopes Scopes      `json:"scopes"`
}

// Scopes are the fewest scopes of either kind; an app has one kind or the other.
type Scopes struct {
	Classic  []string `json:"classic"`
	Granular []string `json:"granular"`
	// WithoutGranular are operations of Zoom's for which no granular scope is known.
	WithoutGranular []string `json:"withoutGranular,omitempty"`
	// Chatbot are those of the app whose chatbot sends messages, which is another one: it has credentials of its own.
	Chatbot []string `json:"chatbot,omitempty"`
}

// Read reads documents, each for itself. The error has a line "file:line: message" for each mistake in one of them.
func Read(source *program.Program, files ...string) (*Report, error) {
	report := &Report{Operations: []Operation{}}
	var mistakes []error
	var all []price.Use
	for _, file := range files {
		operations, err := readFile(source, file)
		if err != nil {
			mistakes = append(mistakes, err)
		}
		for _, o := range operations {
			all = append(all, o.Price.Operations...)
		}
		report.Operations = append(report.Operations, operations...)
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	report.Together = scopesOf(source, all)
	return report, nil
}

func readFile(source *program.Program, file string) ([]Operation, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	doc, err := parser.ParseQuery(&ast.Source{Name: file, Input: string(content)})
	if syntax := (*gqlerror.Error)(nil); errors.As(err, &syntax) {
		return nil, located(file, gqlerror.List{syntax})
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if errs := validator.ValidateWithRules(source.Schema, doc, rules.NewDefaultRules()); len(errs) > 0 {
		return nil, located(file, errs)
	}
	if len(doc.Operations) == 0 {
		return nil, fmt.Errorf("%s:1: there is no operation in it", file)
	}
	operations := make([]Operation, len(doc.Operations))
	for i, op := range doc.Operations {
		p, err := graph.Price(source, doc, op, nil)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, op.Position.Line, err)
		}
		operations[i] = Operation{
			File: file, Line: op.Position.Line, Type: string(op.Operation), Name: op.Name, Price: p, Scopes: scopesOf(source, p.Operations),
		}
	}
	return operations, nil
}

// located writes errors as editors and people find their place.
func located(file string, errs gqlerror.List) error {
	var mistakes []error
	for _, err := range errs {
		line := 1
		if len(err.Locations) > 0 {
			line = err.Locations[0].Line
		}
		mistakes = append(mistakes, fmt.Errorf("%s:%d: %s", file, line, err.Message))
	}
	return errors.Join(mistakes...)
}

// scopesOf chooses the scopes for operations of Zoom's.
func scopesOf(source *program.Program, used []price.Use) Scopes {
	var s Scopes
	var classic, granular, chatbot [][]string
	for _, use := range used {
		if fact := source.Fact(use.Op); fact != nil && fact.Token == program.AppToken {
			chatbot = append(chatbot, use.Scopes)
			continue
		}
		classic = append(classic, use.Scopes)
		if len(use.Granular) > 0 {
			granular = append(granular, use.Granular)
		} else {
			s.WithoutGranular = append(s.WithoutGranular, use.Op)
		}
	}
	slices.SortFunc(s.WithoutGranular, strings.Compare)
	s.WithoutGranular = slices.Compact(s.WithoutGranular)
	s.Classic, s.Granular = fewest(classic), fewest(granular)
	if chatbot != nil {
		s.Chatbot = fewest(chatbot)
	}
	return s
}
