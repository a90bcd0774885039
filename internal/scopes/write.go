package scopes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"zoomgraph/client"
	"zoomgraph/graph/price"
)

// WriteJSON writes the report for programs.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) error {
	var b bytes.Buffer
	for i, o := range r.Operations {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s:%d: %s\n", o.File, o.Line, strings.TrimSpace(o.Type+" "+o.Name))
		writePrice(&b, o.Price)
		writeScopes(&b, o.Scopes)
	}
	if len(r.Operations) > 1 {
		fmt.Fprintf(&b, "\nall %d operations\n", len(r.Operations))
		writeScopes(&b, r.Together)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func writePrice(b *bytes.Buffer, p price.Price) {
	plural := "s"
	if p.Calls == 1 {
		plural = ""
	}
	fmt.Fprintf(b, "  at most %d call%s of Zoom", p.Calls, plural)
	separator := ": "
	for _, label := range client.Labels() {
		if n := p.ByLabel[string(label)]; n > 0 {
			fmt.Fprintf(b, "%s%s %d", separator, label, n)
			separator = ", "
		}
	}
	b.WriteByte('\n')
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, use := range p.Operations {
		fmt.Fprintf(table, "  %6d\t%s\t%s\n", use.Calls, use.Op, use.Label)
	}
	_ = table.Flush() // into memory
}

func writeScopes(b *bytes.Buffer, s Scopes) {
	list := func(what string, names []string) {
		if len(names) == 0 {
			names = []string{"none"}
		}
		fmt.Fprintf(b, "  %s scopes\n    %s\n", what, strings.Join(names, "\n    "))
	}
	list("classic", s.Classic)
	list("granular", s.Granular)
	if len(s.Chatbot) > 0 {
		list("chatbot app's", s.Chatbot)
	}
	if len(s.WithoutGranular) > 0 {
		fmt.Fprintf(b, "  no granular scope is known for\n    %s\n", strings.Join(s.WithoutGranular, "\n    "))
	}
}
