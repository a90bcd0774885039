package command

import (
	"bytes"
	"errors"
	"fmt"
	"text/tabwriter"

	"zoomgraph/graph"
	"zoomgraph/internal/edge/document"
)

// checkDocuments tells whether the service would run all documents of a manifest: they are judged as it judges them, and
// none of their operations may cost more than maxCalls, whatever their variables are. It prints what they cost. The error
// has a line for each mistake.
func (c Call) checkDocuments(file string, maxCalls int) error {
	source, err := c.program()
	if err != nil {
		return err
	}
	list, err := document.ReadManifest(file)
	if err != nil {
		return err
	}
	docs, err := document.NewJudge(source.Schema, document.Options{Suggest: true}).ReadAll(list)
	if err != nil {
		return fmt.Errorf("these documents of %s cannot run:\n%w", file, err)
	}
	var b bytes.Buffer
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "CALLS\tLIGHT\tMEDIUM\tHEAVY\tOPERATION\tDOCUMENT")
	var dear []error
	for i, doc := range docs {
		for _, op := range doc.AST.Operations {
			name := string(op.Operation)
			if op.Name != "" {
				name += " " + op.Name
			}
			p, err := graph.Price(source, doc.AST, op, nil)
			switch {
			case err != nil:
				dear = append(dear, fmt.Errorf("document %s, %s: %w", list[i].ID, name, err))
				continue
			case p.Calls > maxCalls:
				dear = append(dear, fmt.Errorf("document %s, %s: it may cost %d Zoom calls, and an operation is allowed %d", list[i].ID, name, p.Calls, maxCalls))
			}
			_, _ = fmt.Fprintf(table, "%d\t%d\t%d\t%d\t%s\t%s\n", p.Calls, p.ByLabel["LIGHT"], p.ByLabel["MEDIUM"], p.ByLabel["HEAVY"], name, list[i].ID)
		}
	}
	_ = table.Flush() // into memory
	if _, err := c.Stdout.Write(b.Bytes()); err != nil {
		return err
	}
	if len(dear) > 0 {
		return fmt.Errorf("these documents of %s may cost too much, with variables at their worst:\n%w", file, errors.Join(dear...))
	}
	return nil
}
