// Package lazy has what is made when somebody first needs it, not at each start of the program.
package lazy

import (
	"regexp"
	"sync"
)

// Regexp is a regular expression, which has to be right.
func Regexp(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
