package program

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// This file says which query parameters a field sends.

// Implied lists the query parameters that a field sends without an argument.
func Implied(s *ast.Schema, field *ast.FieldDefinition, o *Operation) []string {
	params := append(selected(s, field, o), Inherits(field)...)
	if about := About(field); about != "" {
		params = append(params, about)
	}
	return params
}

// selected lists those that what is selected below the field becomes.
func selected(s *ast.Schema, field *ast.FieldDefinition, o *Operation) []string {
	node, isList := strings.CutSuffix(field.Type.Name(), "Connection")
	def, marked := s.Types[field.Type.Name()], []string{}
	if isList && s.Types[node] != nil {
		def = s.Types[node]
	}
	for _, f := range def.Fields {
		switch by := AskedBy(f); {
		case by == IncludeFields && isList && Brings(field) == nil, by != "" && by != IncludeFields && slices.Contains(o.Query, by):
			marked = append(marked, by)
		}
	}
	if slices.ContainsFunc(def.Fields, IsSection) {
		params := []string{Snake(ViewArgument(s.Types[field.Type.Name()]))}
		if slices.Contains(o.Query, "custom_query_fields") {
			params = append(params, "custom_query_fields")
		}
		return params
	}
	return marked
}

// Sent lists the query parameters that an argument becomes.
func Sent(arg *ast.ArgumentDefinition, unpaged, numbered bool) []string {
	paging := func(name string) []string {
		if unpaged {
			return nil
		}
		return []string{name}
	}
	switch {
	case arg.Name == "input", arg.Type.Name() == "Upload", arg.Name == "allowUnknown":
		return nil
	case arg.Name == "first":
		return paging("page_size")
	case arg.Name == "after" && numbered:
		return paging("page_number")
	case arg.Name == "after":
		return paging("next_page_token")
	case arg.Name == "fields":
		return []string{"custom_query_fields"}
	}
	return []string{Name(arg.Name, arg.Directives)}
}
