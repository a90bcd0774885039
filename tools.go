//go:build generate || tools

// Package main pins the generators. The one line below writes everything that is generated.
package main

//go:generate go run ./internal/zoomgen/zoomgen

import (
	_ "github.com/99designs/gqlgen"
)
