//go:build generate || tools

// Package main pins the generators. The line below writes all that is generated, but for the client of
// test/genqlient, which has a line of its own.
package main

//go:generate go run ./internal/zoomgen/zoomgen

import (
	_ "github.com/99designs/gqlgen"
	_ "github.com/Khan/genqlient"
)
