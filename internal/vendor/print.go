package vendor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"zoomgraph/graph/program"
)

// This file prints a report for people and for programs.

// WriteText writes the differences by chapter and operation, a line each, and how many there are.
func (r *Report) WriteText(out io.Writer, all bool) error {
	var b strings.Builder
	chapter, op, ops := "", "", 0
	var gone []string
	told := r.Told(all)
	for i, d := range told {
		if d.Chapter != chapter || i == 0 {
			chapter, op = d.Chapter, ""
			fmt.Fprintf(&b, "%s\n", chapter)
		}
		if d.Op != op {
			op, ops = d.Op, ops+1
			fmt.Fprintf(&b, "  %s\n", op)
		}
		if d.goneOf() != "" && d.Reason == "" {
			gone = append(gone, d.At)
			if i+1 < len(told) && told[i+1].goneOf() == d.goneOf() && told[i+1].Reason == "" && told[i+1].Op == op {
				continue // in one line with the next one
			}
			fmt.Fprintf(&b, "    %s %s: no document has it any more\n", d.Kind, strings.Join(gone, ", "))
			gone = nil
			continue
		}
		at := d.At
		if at != "" {
			at = " " + at
		}
		fmt.Fprintf(&b, "    %s%s: %s\n", d.Kind, at, oneLine(d.What))
		if d.Reason != "" {
			fmt.Fprintf(&b, "      on purpose: %s\n", oneLine(d.Reason))
		}
	}
	fmt.Fprintf(&b, "%s in %s; %s compared", counted(len(told), "difference"), counted(ops, "operation"), counted(r.Compared, "operation"))
	if hidden := len(r.Differences) - len(told); hidden > 0 {
		fmt.Fprintf(&b, "; %s on purpose, which --all tells", counted(hidden, "difference"))
	}
	b.WriteString("\n")
	_, err := io.WriteString(out, b.String())
	return err
}

// goneOf is the type of a field of the schema that is gone; "" of all else.
func (d Difference) goneOf() string {
	if d.Kind != Gone {
		return ""
	}
	of, _, _ := strings.Cut(d.At, ".")
	return of
}

func counted(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// WriteJSON writes the report as JSON.
func (r *Report) WriteJSON(out io.Writer, all bool) error {
	told := *r
	told.Differences = append([]Difference{}, r.Told(all)...)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(told)
}

// chapterOf is the chapter of an operation.
func chapterOf(p *program.Program, o *program.Operation) string {
	for _, chapter := range p.Chapters {
		for _, one := range chapter.Operations {
			if one == o {
				return chapter.Name
			}
		}
	}
	return ""
}
