// Package document judges GraphQL documents before anything is done with them: whether they are small enough to be looked
// at, whether they are valid, and which of them an operator trusts.
//
//	judge := document.NewJudge(schema, document.Options{Suggest: true})
//	doc, errs := judge.Read(text)
//
// Validation takes time with the square of a document's size, and a few fragments can stand for a document of any size. So
// a document is measured first, by a walk that looks at each fragment once, and refused for a limit before a rule sees it.
package document

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// The codes of errors.
const (
	codeParse    = "GRAPHQL_PARSE_FAILED"
	codeValidate = "GRAPHQL_VALIDATION_FAILED" // limits, too
)

// MaxErrors bounds the errors of one document.
const MaxErrors = 20

// Document is one that may run.
type Document struct {
	// Text is the document as it was sent.
	Text string
	// AST is the text parsed, with the definitions of the schema.
	AST *ast.QueryDocument
	// Introspects reports that it asks for the schema somewhere.
	Introspects bool
	// Bytes is about how much memory Text and AST take.
	Bytes int
}

// Options of a judge.
type Options struct {
	// Suggest lets errors name what of the schema may have been meant.
	Suggest bool
}

// Judge reads documents for one schema. It is safe for concurrent use.
type Judge struct {
	schema *ast.Schema
	rules  []validator.Rule
}

// NewJudge makes a judge for a schema.
func NewJudge(schema *ast.Schema, o Options) *Judge {
	set := rules.NewDefaultRules()
	if !o.Suggest {
		for with, without := range map[string]validator.Rule{
			rules.FieldsOnCorrectTypeRule.Name: rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
			rules.KnownArgumentNamesRule.Name:  rules.KnownArgumentNamesRuleWithoutSuggestions,
			rules.KnownTypeNamesRule.Name:      rules.KnownTypeNamesRuleWithoutSuggestions,
			rules.ScalarLeafsRule.Name:         rules.ScalarLeafsRuleWithoutSuggestions,
			rules.ValuesOfCorrectTypeRule.Name: rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
		} {
			set.RemoveRule(with)
			set.AddRule(without.Name, without.RuleFunc)
		}
	}
	j := &Judge{schema: schema}
	for name, check := range set.GetInner() {
		j.rules = append(j.rules, validator.Rule{Name: name, RuleFunc: check})
	}
	slices.SortFunc(j.rules, func(a, b validator.Rule) int { return strings.Compare(a.Name, b.Name) })
	return j
}

// Read parses a document and validates it, unless a limit is in the way. The errors, at most MaxErrors and the last of
// them saying so where there are more, have their codes; where there is one, there is no document.
func (j *Judge) Read(text string) (*Document, gqlerror.List) {
	tokens, err := weigh(text)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	doc, fault := parser.ParseQuery(&ast.Source{Input: text})
	if fault != nil {
		return nil, gqlerror.List{syntax(fault)}
	}
	if len(doc.Operations) == 0 {
		return nil, gqlerror.List{coded(codeValidate, &gqlerror.Error{Message: "the document has no operation"})}
	}
	introspects, err := checkLimits(doc)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	if errs := j.validate(doc); len(errs) > 0 {
		return nil, errs
	}
	return &Document{Text: text, AST: doc, Introspects: introspects, Bytes: len(text) + tokens*bytesPerToken}, nil
}

// validate applies the rules until there are more errors than are shown.
func (j *Judge) validate(doc *ast.QueryDocument) (errs gqlerror.List) {
	type enough struct{}
	defer func() {
		switch p := recover(); p {
		case nil:
		case enough{}:
			errs = append(errs, &gqlerror.Error{Message: "there are more errors than these"})
		default:
			panic(p)
		}
		for i, err := range errs {
			errs[i] = coded(codeValidate, err)
		}
	}()
	observers := &validator.Events{}
	for _, rule := range j.rules {
		rule.RuleFunc(observers, func(options ...validator.ErrorOption) {
			if len(errs) == MaxErrors-1 {
				panic(enough{}) // the rules have no other way to be stopped
			}
			err := &gqlerror.Error{Rule: rule.Name}
			for _, apply := range options {
				apply(err)
			}
			errs = append(errs, err)
		})
	}
	validator.Walk(j.schema, doc, observers)
	return errs
}

// syntax is the parser's error, which knows its place.
func syntax(err error) *gqlerror.Error {
	var located *gqlerror.Error
	if !errors.As(err, &located) {
		located = &gqlerror.Error{Message: fmt.Sprintf("the document cannot be parsed: %v", err)}
	}
	return coded(codeParse, located)
}

func coded(code string, err *gqlerror.Error) *gqlerror.Error {
	if err.Extensions == nil {
		err.Extensions = map[string]any{}
	}
	err.Extensions["code"] = code
	return err
}
