package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"zoomgraph/graph"
)

// ndjsonForm is a JSON object a line.
type ndjsonForm struct{ columns []graph.Column }

// ndjsonStart is how each row begins.
const ndjsonStart = `{"id":"`

func (f *ndjsonForm) header() []byte { return nil }

func (f *ndjsonForm) row(r row) []byte {
	line := append([]byte(`{"id":`), encode(r.ID)...)
	line = append(append(line, `,"email":`...), encode(r.Email)...)
	if r.failure != "" {
		line = append(append(line, `,"error":`...), encode(string(r.failure))...)
		return append(line, "}\n"...)
	}
	line = f.settings(append(line, `,"settings":{`...), r)
	var absent []string
	for i, column := range f.columns {
		if r.values[i] == nil {
			absent = append(absent, column.Title)
		}
	}
	if absent != nil {
		line = append(append(line, `,"absent":`...), encode(absent)...)
	}
	return append(line, "}\n"...)
}

// settings appends the members of an object of sections, in the order of the columns, and closes it.
func (f *ndjsonForm) settings(line []byte, r row) []byte {
	var sections []string
	for i, column := range f.columns {
		if r.values[i] != nil && !slices.Contains(sections, column.Section) {
			sections = append(sections, column.Section)
		}
	}
	for n, section := range sections {
		if n > 0 {
			line = append(line, ',')
		}
		line = append(append(line, encode(section)...), ":{"...)
		for i, column := range f.columns {
			if column.Section != section || r.values[i] == nil {
				continue
			}
			if line[len(line)-1] != '{' {
				line = append(line, ',')
			}
			line = append(append(line, encode(column.Name)...), ':')
			line = append(line, compact(r.values[i])...)
		}
		line = append(line, '}')
	}
	return append(line, '}')
}

func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil { // strings
		panic(err)
	}
	return text
}

func (f *ndjsonForm) goesOn([]byte, bool) bool { return false }

func (f *ndjsonForm) recognise(record []byte, _ bool) (string, error) {
	var r struct {
		ID       string
		Settings map[string]map[string]json.RawMessage
		Absent   []string
		Error    string
	}
	if !bytes.HasPrefix(record, []byte(ndjsonStart)) || json.Unmarshal(record, &r) != nil {
		return "", fmt.Errorf("a line does not hold a user as NDJSON files of settings do: %.40q", record)
	}
	if r.Error != "" {
		return r.ID, nil
	}
	has := r.Absent
	for section, names := range r.Settings {
		for name := range names {
			has = append(has, f.title(section, name))
		}
	}
	wants := make([]string, len(f.columns))
	for i, column := range f.columns {
		wants[i] = column.Title
	}
	slices.Sort(has)
	slices.Sort(wants)
	if !slices.Equal(has, wants) {
		return "", differs(has, wants)
	}
	return r.ID, nil
}

// title is the title of a setting: the column's, or one of its own where there is no such column.
func (f *ndjsonForm) title(section, name string) string {
	for _, column := range f.columns {
		if column.Section == section && column.Name == name {
			return column.Title
		}
	}
	return section + "." + name
}

func (f *ndjsonForm) opens(half []byte) bool {
	return strings.HasPrefix(ndjsonStart, string(half)) || strings.HasPrefix(string(half), ndjsonStart)
}
