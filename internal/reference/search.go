package reference

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"zoomgraph/graph/program"
)

// This file makes search.js: a list of all anchors with their words, as a script, since pages that are opened as files may
// load scripts and nothing else. The search itself is in pages/reference.js.

// index is what search.js holds.
type index struct {
	Pages   []string `json:"pages"` // files
	Titles  []string `json:"titles"`
	Entries []entry  `json:"entries"`
}

// entry is an anchor: its name, the page's number, what is said of it, and the operation that answers it.
type entry [4]any

func (s *site) search() ([]byte, error) {
	found := index{Pages: []string{indexPage, operationsPage}, Titles: []string{"Reference", "Zoom's operations"}}
	for _, c := range s.chapters {
		found.Pages, found.Titles = append(found.Pages, c.File), append(found.Titles, c.Title)
	}
	add := func(anchor, description, op string) {
		home := slices.Index(found.Pages, s.homes[anchor])
		found.Entries = append(found.Entries, entry{anchor, home, strings.ReplaceAll(strings.Join(strings.Fields(description), " "), "`", ""), op})
	}
	for _, name := range sortedTypes(s.program) {
		def := s.program.Schema.Types[name]
		add(name, def.Description, "")
		for _, f := range def.Fields {
			if program.IsBuiltin(f) {
				continue
			}
			words, op := f.Description, ""
			for _, arg := range f.Arguments {
				words += " " + arg.Name
			}
			if answers := s.program.Operation(f); answers != nil {
				op = answers.Op
			}
			add(name+"."+f.Name, words, op)
		}
		for _, v := range def.EnumValues {
			add(name+"."+v.Name, v.Description, "")
		}
	}
	var b bytes.Buffer
	b.WriteString("window.zoomgraphReference = ")
	encoder := json.NewEncoder(&b) // which escapes what could end a script
	if err := encoder.Encode(found); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
