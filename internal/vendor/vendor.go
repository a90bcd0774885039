// Package vendor compares the program with what the vendor says today: newer OpenAPI documents of Zoom's API.
//
//	report := vendor.Compare(p, docs, known)
//	err := report.WriteText(os.Stdout, false)
//
// Only what the documents speak of is compared: a document of one of Zoom's products says nothing of the others. Start
// reading at Compare; Differences compares one operation, at every depth.
package vendor

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/internal/openapi"
)

// Kind is what a difference is about.
type Kind string

// The kinds. Those that begin with New are of what the schema lacks.
const (
	NewOperation Kind = "new operation"
	NewParameter Kind = "new parameter"
	NewField     Kind = "new field"
	NewValue     Kind = "new value"
	NewVariant   Kind = "new variant" // a type of a union, or of a body that is one of several
	Type         Kind = "type"
	Required     Kind = "required"
	Deprecated   Kind = "deprecated"
	Label        Kind = "label"
	Scopes       Kind = "scopes"
	Moved        Kind = "moved"
	Gone         Kind = "gone"
)

// Difference is a place where a document is not as the program is.
type Difference struct {
	Kind    Kind   `json:"kind"`
	Chapter string `json:"chapter,omitempty"`
	Op      string `json:"operation"`        // "GET /users", as the program has it; of a new one as the document has it
	At      string `json:"at,omitempty"`     // Zoom's names from query, body or answer down: "answer.users.dept"
	What    string `json:"what"`             // in words
	Reason  string `json:"reason,omitempty"` // why it is so on purpose; "": it is news

	add addition
}

// addition is what the schema lacks, and where it belongs. Without a type it can only be told, not written.
type addition struct {
	to     *ast.Definition      // has no such field, or no such values
	field  *ast.FieldDefinition // of it: has no such argument
	name   string               // Zoom's
	shape  openapi.Shape
	values []string
	view   *string // of a section: the view that has it; nil: not known
	op     *openapi.Operation
}

// Known are the differences that are on purpose: why, by operation and place, or by field of the schema.
type Known map[string]string

// Where they are listed, in the folder of the module: what the documents have otherwise, and what they do not have.
const (
	KnownFile = "docs/differences.yaml"
	KeptFile  = "docs/kept.yaml"
)

// KnownEntry is an entry of KnownFile. A place there has the document's year in front: "2026 GET /users answer.users.dept".
type KnownEntry struct {
	Reason string   `yaml:"reason"`
	At     []string `yaml:"at"`
}

// ReadKnown reads both files in the folder of the module. Which document had a difference says nothing of newer ones, so
// the year does not count.
func ReadKnown(files fs.FS) (Known, error) {
	known := Known{}
	text, err := fs.ReadFile(files, KnownFile)
	if err != nil {
		return nil, err
	}
	list, err := ParseKnown(text)
	if err != nil {
		return nil, err
	}
	for _, entry := range list {
		for _, at := range entry.At {
			_, place, _ := strings.Cut(at, " ")
			known[place] = strings.TrimSpace(entry.Reason)
		}
	}
	kept, err := ReadKept(files)
	for _, field := range kept {
		known[field] = "No document of 2026 had it either."
	}
	return known, err
}

// ParseKnown reads the text of KnownFile.
func ParseKnown(text []byte) (list []KnownEntry, err error) {
	if err := yaml.UnmarshalWithOptions(text, &list, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", KnownFile, err)
	}
	return list, nil
}

// ReadKept reads the fields that the schema keeps though no document of 2026 has them.
func ReadKept(files fs.FS) (fields []string, err error) {
	text, err := fs.ReadFile(files, KeptFile)
	if err != nil {
		return nil, err
	}
	if err := yaml.UnmarshalWithOptions(text, &fields, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", KeptFile, err)
	}
	return fields, nil
}

// Report is what differs.
type Report struct {
	Documents   []string     `json:"documents"`
	Compared    int          `json:"compared"` // operations of the program that the documents have
	Differences []Difference `json:"differences"`

	program *program.Program
}

// News are the differences that are not on purpose.
func (r *Report) News() []Difference {
	return slices.DeleteFunc(slices.Clone(r.Differences), func(d Difference) bool { return d.Reason != "" })
}

// Told are the differences that are told: all, or only the news.
func (r *Report) Told(all bool) []Difference {
	if all {
		return r.Differences
	}
	return r.News()
}

// Compare compares documents with the program. Of an operation that several of them have, the first one counts.
func Compare(p *program.Program, docs []*openapi.Document, known Known) *Report {
	r := &Report{program: p}
	m := match(p, docs)
	for _, doc := range docs {
		r.Documents = append(r.Documents, doc.Name)
	}
	seen := named{}
	for _, chapter := range p.Chapters {
		for _, o := range chapter.Operations {
			f := m.forms[o]
			if f == nil {
				continue
			}
			r.Compared++
			found := append(facts(o, f), differences(p, o, f, true, seen.note)...)
			r.add(known, chapter.Name, found)
		}
	}
	for _, f := range m.fresh {
		r.add(known, f.Group, []Difference{{Kind: NewOperation, Op: f.Op(), What: "no field asks for it" + titled(f.OperationID), add: addition{op: f}}})
	}
	for _, gone := range m.gone {
		r.add(known, gone.chapter, []Difference{gone.Difference})
	}
	for _, g := range seen.gone(p, m.forms) {
		r.add(known, chapterOf(p, g.op), []Difference{g.difference()})
	}
	r.sort()
	return r
}

func titled(id string) string {
	if id == "" {
		return ""
	}
	return " (" + id + ")"
}

func (r *Report) add(known Known, chapter string, found []Difference) {
	for _, d := range found {
		place := d.Op + " " + d.At
		if d.Kind == Gone && d.At != "" {
			place = d.At // a field of the schema
		}
		d.Chapter, d.Reason = chapter, cmp.Or(d.Reason, known[place])
		r.Differences = append(r.Differences, d)
	}
}

// sort puts the differences in the order of chapters and operations, and drops what several fields say of one place.
func (r *Report) sort() {
	rank := map[string]int{}
	for _, chapter := range r.program.Chapters {
		for _, o := range chapter.Operations {
			rank[o.Op] = len(rank) + 1
		}
	}
	place := func(d Difference) int { return cmp.Or(rank[d.Op], len(rank)+1) }
	slices.SortStableFunc(r.Differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Chapter, b.Chapter), cmp.Compare(a.Op, b.Op), cmp.Compare(a.At, b.At), cmp.Compare(a.What, b.What))
	})
	r.Differences = slices.CompactFunc(r.Differences, func(a, b Difference) bool {
		return a.Op == b.Op && a.At == b.At && a.Kind == b.Kind && a.What == b.What
	})
}

// facts compares what is known of an operation beside its shapes. What a document does not print it does not change.
func facts(o *program.Operation, f *openapi.Operation) (found []Difference) {
	differ := func(kind Kind, at, format string, values ...any) {
		found = append(found, Difference{Kind: kind, Op: o.Op, At: at, What: fmt.Sprintf(format, values...)})
	}
	if f.RateLimit != "" && f.RateLimit != o.Label {
		differ(Label, "label", "%s in the document, %s here", f.RateLimit, cmp.Or(o.Label, "none"))
	}
	for _, of := range []struct {
		at         string
		here, says []string
	}{{"scopes", o.Scopes, f.Scopes}, {"granular", o.Granular, f.GranularScopes}} {
		more, less := beside(of.says, of.here), beside(of.here, of.says)
		switch {
		case len(of.says) == 0:
		case len(more) > 0 && len(less) > 0:
			differ(Scopes, of.at, "new: %s; gone: %s", strings.Join(more, ", "), strings.Join(less, ", "))
		case len(more) > 0:
			differ(Scopes, of.at, "new: %s", strings.Join(more, ", "))
		case len(less) > 0:
			differ(Scopes, of.at, "gone: %s", strings.Join(less, ", "))
		}
	}
	_, path := o.Today()
	if same := pattern(f.Path); same != pattern(path) && same != pattern(o.Path) {
		differ(Moved, "path", "it is at %s %s", f.Method, f.Path)
	}
	return found
}

// beside are the names of one list that the other does not have.
func beside(names, others []string) (more []string) {
	for _, name := range names {
		if !slices.Contains(others, name) {
			more = append(more, name)
		}
	}
	return more
}
