package command

import "io"

// schema prints the schema as it is served.
func (c Call) schema() error {
	source, err := c.program()
	if err != nil {
		return err
	}
	_, err = io.WriteString(c.Stdout, source.SDL())
	return err
}
