// Command zoomgen generates the executor (gqlgen's) and everything around it (ours) from gqlgen.yml and the schema.
// It runs from the module's root by `go generate ./...`.
package main

import (
	"fmt"
	"os"

	"zoomgraph/internal/zoomgen"
)

func main() {
	if err := zoomgen.Run("gqlgen.yml", zoomgen.Options{
		ModelDir:     "graph/model",
		ResolverDir:  "graph",
		ProgramDir:   "graph/program",
		SensitiveDir: "internal/sensitive",
	}); err != nil {
		fmt.Fprintln(os.Stderr, "zoomgen:", err)
		os.Exit(1)
	}
}
