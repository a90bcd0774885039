package world

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Param is a query parameter an operation knows; any other is refused.
type Param struct {
	Name     string
	Values   []string // what it may be; none: any text
	List     bool     // several values, parted by commas
	Min, Max int      // the range of a number; both 0: not a number
	Required bool
	Type     string // the schema's name of its type
}

// Parse reads the query, refusing what the operation does not know.
func (o *Operation) Parse(raw string) (url.Values, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, Refuse(http.StatusBadRequest, 300, "The query string cannot be read.")
	}
	for name, given := range values {
		i := slices.IndexFunc(o.Query, func(p Param) bool { return p.Name == name })
		if i < 0 {
			return nil, Refuse(http.StatusBadRequest, 300, "Unknown query parameter: %s.", name)
		}
		if len(given) > 1 {
			return nil, Refuse(http.StatusBadRequest, 300, "Query parameter %s is given more than once.", name)
		}
		if !o.Query[i].Takes(given[0]) {
			return nil, Refuse(http.StatusBadRequest, 300, "Invalid value of query parameter %s: %q.", name, given[0])
		}
	}
	for _, p := range o.Query {
		if p.Required && values.Get(p.Name) == "" {
			return nil, Refuse(http.StatusBadRequest, 300, "Query parameter %s is required.", p.Name)
		}
	}
	return values, nil
}

// Takes tells whether a value is one of the parameter's; an empty one always
// is and counts as not given.
func (p Param) Takes(value string) bool {
	switch {
	case value == "":
		return true
	case p.Max > 0:
		n, err := strconv.Atoi(value)
		return err == nil && p.Min <= n && n <= p.Max
	case p.List && p.Values != nil:
		for one := range strings.SplitSeq(value, ",") {
			if !slices.Contains(p.Values, one) {
				return false
			}
		}
		return true
	default:
		return len(p.Values) == 0 || slices.Contains(p.Values, value)
	}
}
