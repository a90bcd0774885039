package command

import (
	"fmt"

	"zoomgraph/internal/config"
	"zoomgraph/internal/scopes"
)

// scopes prints what the app of an account must be allowed for all documents of some files.
func (c Call) scopes(cfg *config.Scopes) error {
	source, err := c.program()
	if err != nil {
		return err
	}
	report, err := scopes.Read(source, cfg.Files...)
	switch {
	case err != nil:
		return fmt.Errorf("these documents cannot be sent as they are:\n%w", err)
	case cfg.Format == "json":
		return report.WriteJSON(c.Stdout)
	default:
		return report.WriteText(c.Stdout)
	}
}
