// Package zoomgen makes the schema the program: a gqlgen plugin that reads the directives of the schema (@zoom, @file,
// @derived, @made, @name, @wire, @view, @policy, @restrictive, @detail, @onRequest, @sensitive, @tagged) and
// writes what follows from them.
//
// It works in three steps, between gqlgen's own:
//
//  1. MutateSchema reads the whole schema into the [Code] and reports every mistake with file and line. Then it takes
//     out of gqlgen's sight what needs no executor: every type that is only data, and every input. The fields that held
//     them become one scalar, which the projection (graph/project) writes by the full schema at run time.
//  2. MutateConfig writes the views of entities and the enums (package model) and binds them.
//  3. GenerateCode writes the resolvers of @zoom fields, one client.Op an operation, the names of settings and of
//     secrets, and how the planned executor calls what answers each field.
//
// A method of the same name that somebody wrote by hand on the resolver of a type takes the place of a generated one;
// a @derived field has no other.
package zoomgen

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/plugin"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// Options says where generated files go, relative to the working directory.
type Options struct {
	// ModelDir is the folder of package model: views and enums.
	ModelDir string
	// ResolverDir is the folder of package graph: resolvers, operations, names of settings. Hand-written resolver
	// methods are looked for there.
	ResolverDir string
	// ProgramDir is the folder of package program: the facts and the schema.
	ProgramDir string
	// SensitiveDir is the folder of package sensitive: the names of secrets.
	SensitiveDir string
}

// Run generates everything that the gqlgen configuration at path describes.
func Run(path string, opts Options) error {
	cfg, err := config.LoadConfig(path)
	if err != nil {
		return err
	}
	facts, err := program.ReadFacts(os.DirFS("."))
	if err != nil {
		return err
	}
	cfg.Model = config.PackageConfig{} // its default would have gqlgen write models
	p := &Plugin{opts: opts, facts: facts}
	if err := api.Generate(cfg, api.NoPlugins(), api.AddPlugin(p)); err != nil {
		return err
	}
	return shortenAll(cfg.Exec.DirName, p.code.leaves)
}

// Check reads the schema and the facts in the folder of the module as [Run] does, and reports every mistake in them. It
// writes nothing.
func Check(module string, opts Options) error {
	files := os.DirFS(module)
	facts, err := program.ReadFacts(files)
	if err != nil {
		return err
	}
	source, err := program.ReadWith(files, facts)
	if err != nil {
		return err
	}
	overrides, err := findOverrides(filepath.Join(module, opts.ResolverDir))
	if err != nil {
		return err
	}
	_, err = Read(source, overrides)
	return err
}

// Plugin is the gqlgen plugin; see the package comment for its steps.
type Plugin struct {
	opts   Options
	facts  []*program.Chapter
	code   *Code
	schema []byte // as Go
}

var (
	_ plugin.SchemaMutator = (*Plugin)(nil)
	_ plugin.ConfigMutator = (*Plugin)(nil)
	_ plugin.CodeGenerator = (*Plugin)(nil)
)

// Name implements plugin.Plugin.
func (*Plugin) Name() string { return "zoomgen" }

// The scalars that stand in gqlgen's sight for data, and for the roots of a sub account, to which fields lead: gqlgen would
// not ask the resolvers of those. No schema may define types of these names.
const (
	valueScalar = "ZoomValue"
	inputScalar = "ZoomInput"
	rootScalar  = "ZoomRoot"
)

// MutateSchema implements plugin.SchemaMutator: step 1.
func (p *Plugin) MutateSchema(schema *ast.Schema) error {
	overrides, err := findOverrides(p.opts.ResolverDir)
	if err != nil {
		return err
	}
	source, err := program.New(schema, p.facts)
	if err != nil {
		return err
	}
	if p.code, err = Read(source, overrides); err != nil {
		return err
	}
	if p.schema, err = renderSchema(schema); err != nil {
		return fmt.Errorf("%s: %w", schemaFile, err)
	}
	hideData(schema, p.code)
	return nil
}

// hideData changes the schema that gqlgen generates from, never the one that is served: fields of entities that are
// not entities themselves become [valueScalar], input arguments [inputScalar], and what is not needed then goes. So do
// our directives, which mean nothing at run time.
func hideData(schema *ast.Schema, code *Code) {
	for _, name := range []string{valueScalar, inputScalar, rootScalar} {
		schema.Types[name] = &ast.Definition{Kind: ast.Scalar, Name: name, Position: schema.Query.Position}
	}
	used := map[string]bool{}
	for _, enum := range code.Enums {
		used[enum.Name] = true
	}
	for name := range code.executed {
		def := schema.Types[name]
		def.Directives = withoutOurs(def.Directives)
		if code.leaves[name] {
			def.Fields = slices.DeleteFunc(def.Fields, code.isLeaf)
		}
		for _, field := range def.Fields {
			hideField(schema, code, field)
		}
	}
	maps.DeleteFunc(schema.Types, func(name string, def *ast.Definition) bool {
		return !def.BuiltIn && def.Kind != ast.Scalar && !used[name] && !code.executed[name]
	})
	maps.DeleteFunc(schema.Directives, func(_ string, d *ast.DirectiveDefinition) bool { return ours(d) })
}

func hideField(schema *ast.Schema, code *Code, field *ast.FieldDefinition) {
	if program.IsBuiltin(field) {
		return
	}
	switch result := schema.Types[field.Type.Name()]; {
	case result == schema.Query, result == schema.Mutation:
		field.Type = scalarFor(field.Type, rootScalar)
	case !code.executed[field.Type.Name()]:
		field.Type = scalarFor(field.Type, valueScalar)
	}
	for _, arg := range field.Arguments {
		if schema.Types[arg.Type.Name()].Kind == ast.InputObject {
			arg.Type = scalarFor(arg.Type, inputScalar)
		}
		arg.Directives = withoutOurs(arg.Directives)
	}
	field.Directives = withoutOurs(field.Directives)
}

// ours tells the directives that the schema defines from GraphQL's own.
func ours(d *ast.DirectiveDefinition) bool { return d.Position != nil && !d.Position.Src.BuiltIn }

func withoutOurs(list ast.DirectiveList) ast.DirectiveList {
	return slices.DeleteFunc(slices.Clone(list), func(d *ast.Directive) bool { return ours(d.Definition) })
}

func scalarFor(t *ast.Type, scalar string) *ast.Type {
	return &ast.Type{NamedType: scalar, NonNull: t.NonNull, Position: t.Position}
}

// MutateConfig implements plugin.ConfigMutator: step 2.
func (p *Plugin) MutateConfig(cfg *config.Config) error {
	if err := writeFiles(p.opts.ModelDir, p.code, "entities.gen.go", "enums.gen.go"); err != nil {
		return err
	}
	const module = "zoomgraph/graph/"
	bind := func(name, model string) {
		entry := cfg.Models[name]
		entry.Model = config.StringList{module + model}
		cfg.Models[name] = entry
	}
	bind(valueScalar, "project.Value")
	bind(inputScalar, "project.Input")
	bind(rootScalar, "model.Root")
	for _, enum := range p.code.Enums {
		bind(enum.Name, "model."+enum.Name)
	}
	for _, entity := range p.code.Entities {
		bind(entity.Name, "model."+entity.Name)
	}
	for _, union := range p.code.Unions {
		bind(union.Name, "model."+union.Name)
	}
	for _, resolver := range p.code.Resolvers {
		if resolver.Root {
			continue
		}
		entry := cfg.Models[resolver.Name]
		entry.Fields = map[string]config.TypeMapField{}
		for _, field := range resolver.Fields {
			entry.Fields[field.Name] = config.TypeMapField{Resolver: true}
		}
		cfg.Models[resolver.Name] = entry
	}
	return nil
}

// GenerateCode implements plugin.CodeGenerator: step 3.
func (p *Plugin) GenerateCode(data *codegen.Data) error {
	data.AugmentedSources = nil // the executor is given the schema that is served, so it needs no copy of its text
	if err := writeFiles(p.opts.SensitiveDir, p.code, "sensitive.gen.go"); err != nil {
		return err
	}
	if err := writeFiles(p.opts.ProgramDir, p.code, "facts.gen.go"); err != nil {
		return err
	}
	if err := replace(filepath.Join(p.opts.ProgramDir, schemaFile), p.schema); err != nil {
		return err
	}
	table, err := fieldTable(data, p.code)
	if err != nil {
		return err
	}
	if err := replace(filepath.Join(data.Config.Exec.DirName, fieldsFile), table); err != nil {
		return err
	}
	return writeFiles(p.opts.ResolverDir, p.code, "ops.gen.go", "plain.gen.go", "resolvers.gen.go", "settings.gen.go")
}

func writeFiles(dir string, code *Code, names ...string) error {
	for _, name := range names {
		if err := writeFile(filepath.Join(dir, name), name, code); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
