package program

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// FormatFacts writes facts as docs/operations.yaml has them: small lists in one line, nothing that is empty. Only resources
// need quotes.
func FormatFacts(chapters []*Chapter) string {
	var b strings.Builder
	for _, c := range chapters {
		fmt.Fprintf(&b, "- chapter: %s\n  operations:\n", c.Name)
		for _, o := range c.Operations {
			fmt.Fprintf(&b, "    - op: %s\n", o.Op)
			line := func(key, value string) {
				if value != "" && value != "[]" {
					fmt.Fprintf(&b, "      %s: %s\n", key, value)
				}
			}
			list := func(names []string) string { return "[" + strings.Join(names, ", ") + "]" }
			quoted := func(resources []string) string {
				var names []string
				for _, resource := range resources {
					if strings.ContainsAny(resource, "*?{") {
						resource = strconv.Quote(resource)
					}
					names = append(names, resource)
				}
				return list(names)
			}
			line("id", o.ID)
			line("label", o.Label)
			line("query", list(o.Query))
			line("page", flow(o.Page))
			line("window", flow(o.Window))
			line("scopes", list(o.Scopes))
			line("granular", list(o.Granular))
			line("master", list(o.Master))
			if o.Subs {
				line("subs", "true")
			}
			line("touches", quoted(o.Touches))
			line("tells", quoted(o.Tells))
			line("within", list(o.Within))
			line("apart", list(o.Apart))
			line("token", o.Token)
			line("form", o.Form)
			line("now", o.Now)
			var renamed []string
			for _, old := range slices.Sorted(maps.Keys(o.Renamed)) {
				renamed = append(renamed, old+": "+o.Renamed[old])
			}
			if renamed != nil {
				line("renamed", "{"+strings.Join(renamed, ", ")+"}")
			}
			line("state", o.State)
			line("fields", list(o.Fields))
			line("reason", o.Reason)
		}
	}
	return b.String()
}

// flow writes a small fact in one line; "" where there is none.
func flow[T any](fact *T) string {
	if fact == nil {
		return ""
	}
	text, err := yaml.MarshalWithOptions(fact, yaml.Flow(true))
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(text))
}
