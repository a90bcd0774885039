// Package genqlient is a Go client of the service as people generate it: genqlient makes operations.gen.go of the
// operations in operations.graphql and of the schema, and the test lets it talk to the service. genqlient.yaml says how.
package genqlient

//go:generate go run github.com/Khan/genqlient
