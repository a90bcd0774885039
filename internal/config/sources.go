package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// envTag is the struct tag that names an option's environment variable. It is
// not kong's own `env`, which reads the process's environment by itself and
// would lose to the file.
const envTag = "environ"

// maxConfigFile bounds the configuration file, in bytes.
const maxConfigFile = 1 << 20

// sources is the kong.Resolver behind the flags: what the command line leaves
// open comes from the environment, then from the file.
type sources struct {
	env  func(string) (string, bool)
	file map[string]entry // by flag; nil until read

	accounts, callers, oidc *block // of the file, which alone can hold them; nil: none

	from  map[string]string // flag → where its value was found, for messages
	given map[string]bool   // flags that have their values from anywhere but their defaults
	last  string            // the flag whose value kong is parsing
}

// entry is one value of the file.
type entry struct {
	value string
	at    string // "file:line: key"
}

// Validate implements kong.Resolver; the file is checked as it is read.
func (s *sources) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver. An empty variable counts as not set, as
// compose files and unit files leave them behind.
func (s *sources) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	variable := flag.Tag.Get(envTag)
	if variable == "" {
		return nil, nil
	}
	s.last = flag.Name
	if v, ok := s.env(variable); ok && trimmed(v) != "" {
		s.from[flag.Name] = variable
		return trimmed(v), nil
	}
	if flag.Name == "config" {
		return nil, nil
	}
	if s.file == nil {
		if err := s.readFile(ctx); err != nil {
			return nil, &fileError{err}
		}
	}
	if e, ok := s.file[flag.Name]; ok {
		s.from[flag.Name] = e.at
		return e.value, nil
	}
	return nil, nil
}

// readFile fills s.file from the file that --config or its variable names.
func (s *sources) readFile(ctx *kong.Context) error {
	s.file = map[string]entry{}
	var path string
	for _, flag := range ctx.Flags() {
		if flag.Name == "config" {
			path, _ = ctx.FlagValue(flag).(string)
			if v, ok := s.env(flag.Tag.Get(envTag)); ok && path == "" {
				path = trimmed(v)
			}
		}
	}
	if path == "" {
		return nil
	}
	data, err := readBounded(path, maxConfigFile)
	if err != nil {
		return fmt.Errorf("the configuration file: %w", err)
	}
	text, err := decoded(data)
	if err != nil {
		return fmt.Errorf("the configuration file: %s %w", path, err)
	}
	return s.parseFile(path, []byte(text), keysOf(ctx.Model.Node))
}

// keysOf are the keys that a file may hold beside its blocks: the options of all
// commands, so that one file does for all.
func keysOf(node *kong.Node) map[string]bool {
	keys := map[string]bool{}
	for _, flag := range node.Flags {
		if flag.Tag.Get(envTag) != "" && flag.Name != "config" {
			keys[flag.Name] = true
		}
	}
	for _, child := range node.Children {
		maps.Copy(keys, keysOf(child))
	}
	return keys
}

func (s *sources) parseFile(path string, data []byte, known map[string]bool) error {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		if syntax := (*yaml.SyntaxError)(nil); errors.As(err, &syntax) {
			return fmt.Errorf("%s:%d: %s", path, syntax.Token.Position.Line, syntax.Message)
		}
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, doc := range file.Docs {
		body, ok := doc.Body.(*ast.MappingNode)
		if !ok {
			if doc.Body == nil {
				continue
			}
			return fmt.Errorf("%s:%d: the file is a list of `key: value` lines", path, doc.Body.GetToken().Position.Line)
		}
		for _, pair := range body.Values {
			if err := s.addPair(path, pair, known); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *sources) addPair(path string, pair *ast.MappingValueNode, known map[string]bool) error {
	token := pair.Key.GetToken()
	at := fmt.Sprintf("%s:%d: %s", path, token.Position.Line, token.Value)
	name := strings.ReplaceAll(token.Value, "_", "-")
	if into := s.blockFor(name); into != nil {
		if *into != nil {
			return fmt.Errorf("%s: given twice, first at %s", at, (*into).at)
		}
		*into = &block{file: path, key: token.Value, at: at, node: pair.Value}
		return nil
	}
	if name == signInBlock {
		return s.addSignIn(&block{file: path, key: token.Value, at: at, node: pair.Value}, known)
	}
	if !known[name] {
		return fmt.Errorf("%s: there is no such key; the nearest is %s", at, nearest(name, known))
	}
	if earlier, ok := s.file[name]; ok {
		return fmt.Errorf("%s: given twice, first at %s", at, earlier.at)
	}
	read := text
	if list, ok := pair.Value.(*ast.SequenceNode); ok && name == "zoom-group-ranks" {
		read = (&block{file: path, key: token.Value, at: at, node: list}).ranksText
	}
	value, err := read(pair.Value)
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	s.file[name] = entry{value: value, at: at}
	return nil
}

// blockFor is where the block of a name belongs; nil: no block is named so.
func (s *sources) blockFor(name string) **block {
	switch name {
	case "accounts":
		return &s.accounts
	case "callers":
		return &s.callers
	case "oidc":
		return &s.oidc
	}
	return nil
}

// text returns a value as one would write it behind a flag. It is taken from
// the source and not from YAML's idea of its type, so that an id of digits
// stays the id it is.
func text(node ast.Node) (string, error) {
	switch n := node.(type) {
	case *ast.SequenceNode:
		items := make([]string, len(n.Values))
		for i, item := range n.Values {
			v, err := text(item)
			if err != nil || strings.Contains(v, ",") {
				return "", errors.New("a list holds plain values only")
			}
			items[i] = v
		}
		return strings.Join(items, ","), nil
	case *ast.NullNode:
		return "", errors.New("has no value; give one or leave the key out")
	case *ast.LiteralNode:
		return trimmed(n.Value.Value), nil
	case ast.ScalarNode:
		return trimmed(n.GetToken().Value), nil
	}
	return "", errors.New("takes a plain value")
}

// nearest returns the key of known most like name, as the file spells it.
func nearest(name string, known map[string]bool) string {
	keys := make([]string, 0, len(known))
	for k := range known {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	best := slices.MinFunc(keys, func(a, b string) int {
		return levenshtein.ComputeDistance(name, a) - levenshtein.ComputeDistance(name, b)
	})
	return strings.ReplaceAll(best, "-", "_")
}

// note keeps which flags were given, wherever.
func (s *sources) note(ctx *kong.Context) {
	s.given = map[string]bool{}
	for _, step := range ctx.Path {
		if step.Flag != nil {
			s.given[step.Flag.Name] = true
		}
	}
}

// name says how the option was given, for a message about its value: the
// variable, the place in the file, or the flag itself.
func (s *sources) name(flag string) string {
	if from, ok := s.from[flag]; ok {
		return from
	}
	return "--" + flag
}

// fileError marks an error about the file as a whole, not about the option
// that happened to be looked up first.
type fileError struct{ error }

func (e *fileError) Unwrap() error { return e.error }

// explain turns an error of kong into one that names where the value came
// from: kong itself only knows the flag.
func (s *sources) explain(err error) error {
	if file := (*fileError)(nil); errors.As(err, &file) {
		return file.error
	}
	flag := "--" + s.last
	if from, ok := s.from[s.last]; ok && strings.HasPrefix(err.Error(), flag) {
		if _, rest, ok := strings.Cut(err.Error(), ": "); ok {
			return fmt.Errorf("%s: %s", from, rest)
		}
	}
	return err
}
