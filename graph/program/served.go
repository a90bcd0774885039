package program

import "github.com/vektah/gqlparser/v2/ast"

// This file puts together the schema that zoomgen has written as Go (schema.gen.go).

// Served is the program of the service: the schema that is in it, and the facts. Nothing is read, so it takes a part of the
// time that Read takes; what is made of the schema is the same to the byte. Positions say the file, with the comment at its head, and no line.
func Served() (*Program, error) {
	p, err := serving(schemaOf(definitions, directives), Facts())
	if err == nil {
		go p.things() // somebody is going to ask, and until then a start has more to do
	}
	return p, err
}

// schemaOf is the schema of what gqlparser has accepted, as that puts it together.
func schemaOf(definitions []*ast.Definition, directives []*ast.DirectiveDefinition) *ast.Schema {
	s := &ast.Schema{
		Types:         make(map[string]*ast.Definition, len(definitions)),
		Directives:    make(map[string]*ast.DirectiveDefinition, len(directives)),
		PossibleTypes: make(map[string][]*ast.Definition, len(definitions)),
		Implements:    map[string][]*ast.Definition{},
	}
	for _, d := range directives {
		s.Directives[d.Name] = d
	}
	for _, def := range definitions {
		s.Types[def.Name] = def
	}
	for i, def := range definitions {
		switch def.Kind {
		case ast.Union:
			for _, member := range def.Types {
				s.AddPossibleType(def.Name, s.Types[member])
				s.AddImplements(member, def)
			}
		case ast.Object, ast.InputObject:
			for _, above := range def.Interfaces {
				s.AddPossibleType(above, def)
				s.AddImplements(def.Name, s.Types[above])
			}
			s.PossibleTypes[def.Name] = definitions[i : i+1 : i+1]
		}
	}
	s.Query, s.Mutation, s.Subscription = s.Types["Query"], s.Types["Mutation"], s.Types["Subscription"]
	return s
}
