package command

import (
	"fmt"
	"io"
	"time"

	"zoomgraph/graph"
	"zoomgraph/internal/config"
	"zoomgraph/internal/reference"
)

// schema prints the schema as it is served, or writes the reference for people.
func (c Call) schema(cfg *config.Schema) error {
	source, err := c.program()
	if err != nil {
		return err
	}
	if cfg.Docs == "" {
		_, err = io.WriteString(c.Stdout, source.SDL())
		return err
	}
	if err := reference.New(source, graph.Price, time.Now).Write(cfg.Docs); err != nil {
		return fmt.Errorf("the reference is not written: %w", err)
	}
	_, err = fmt.Fprintf(c.Stdout, "The reference is in %[1]s: open %[1]s/index.html\n", cfg.Docs)
	return err
}
