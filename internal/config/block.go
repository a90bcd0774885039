package config

import (
	"encoding"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// block is a part of the file that no flag can give: accounts, callers or oidc.
type block struct {
	file string
	key  string
	at   string // "file:line: key"
	node ast.Node
}

// entries are a block's values by key, in the file's order. The parser has seen to
// it that no key stands there twice.
func (b *block) entries() ([]*block, error) {
	node := b.node
	if pair, ok := node.(*ast.MappingValueNode); ok {
		node = &ast.MappingNode{Values: []*ast.MappingValueNode{pair}}
	}
	body, ok := node.(*ast.MappingNode)
	if !ok {
		return nil, fmt.Errorf("%s: holds `key: value` lines", b.at)
	}
	list := make([]*block, len(body.Values))
	for i, pair := range body.Values {
		list[i] = b.inner(pair.Key.GetToken().Value, pair.Key, pair.Value)
	}
	return list, nil
}

// items are the elements of a block that is a list.
func (b *block) items() ([]*block, error) {
	body, ok := b.node.(*ast.SequenceNode)
	if !ok {
		return nil, fmt.Errorf("%s: holds a list, each element behind a dash", b.at)
	}
	list := make([]*block, len(body.Values))
	for i, item := range body.Values {
		list[i] = b.inner(b.key, item, item)
	}
	return list, nil
}

func (b *block) inner(key string, at, node ast.Node) *block {
	return &block{file: b.file, key: key, at: fmt.Sprintf("%s:%d: %s", b.file, at.GetToken().Position.Line, key), node: node}
}

// read fills values from a block's entries. A value is a *string, a *Secret, a *[]string, a *map[string][]string, a
// *GroupRanks, a *float64, or something that reads text.
func (b *block) read(values map[string]any) error {
	entries, err := b.entries()
	if err != nil {
		return err
	}
	known, seen := map[string]bool{}, map[string]bool{}
	for name := range values {
		known[name] = true
	}
	for _, e := range entries {
		name := strings.ReplaceAll(e.key, "-", "_")
		value, ok := values[name]
		if !ok {
			return fmt.Errorf("%s: there is no such key here; the nearest is %s", e.at, nearest(name, known))
		}
		if seen[name] { // with a dash and with an underscore
			return fmt.Errorf("%s: given twice", e.at)
		}
		seen[name] = true
		if err := e.into(value); err != nil {
			return fmt.Errorf("%s: %w", e.at, err)
		}
	}
	return nil
}

func (b *block) into(value any) error {
	switch v := value.(type) {
	case *[]string:
		return b.list(v)
	case *map[string][]string:
		return b.lists(v)
	case *GroupRanks:
		return b.ranks(v)
	}
	if _, ok := b.node.(*ast.SequenceNode); ok {
		return errors.New("takes a plain value")
	}
	given, err := text(b.node)
	if err == nil && !strings.HasSuffix(b.key, "file") { // the path of a file may hold anything
		given, err = plain(given)
	}
	if err != nil {
		return err
	}
	switch v := value.(type) {
	case *string:
		*v = given
	case *Secret:
		*v = Secret(given)
	case *float64:
		if _, err := fmt.Sscanf(given+"\n", "%g\n", v); err != nil {
			return fmt.Errorf("%q is not a number", given)
		}
	case encoding.TextUnmarshaler:
		return v.UnmarshalText([]byte(given))
	default:
		return fmt.Errorf("cannot be read into a %T", value)
	}
	return nil
}

func (b *block) list(into *[]string) error {
	items, err := b.items()
	if err != nil {
		return errors.New("takes a list")
	}
	*into = make([]string, len(items))
	for i, item := range items {
		if (*into)[i], err = text(item.node); err == nil {
			(*into)[i], err = plain((*into)[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *block) lists(into *map[string][]string) error {
	entries, err := b.entries()
	if err != nil {
		return errors.New("takes `name: [list]` entries")
	}
	*into = make(map[string][]string, len(entries))
	for _, e := range entries {
		var list []string
		if err := e.list(&list); err != nil {
			return fmt.Errorf("%s: %w", e.key, err)
		}
		(*into)[e.key] = list
	}
	return nil
}
