package main

import (
	"embed"

	"zoomgraph/graph/program"
)

// The schema is part of the binary as it is written. It lies above package graph, so it is given it.
//
//go:embed schema.graphqls graph/schema
var programFiles embed.FS

func readProgram() (*program.Program, error) { return program.Read(programFiles) }
