package config

import "github.com/alecthomas/kong"

// Model is the definition of the command line.
func Model() (*kong.Application, error) {
	parser, err := newParser(&commands{})
	if err != nil {
		return nil, err
	}
	return parser.Model, nil
}

// EnvTag is the struct tag that names an option's environment variable.
const EnvTag = envTag
