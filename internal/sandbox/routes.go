package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The rate labels of Zoom's operations.
const (
	Light             = "LIGHT"
	Medium            = "MEDIUM"
	Heavy             = "HEAVY"
	ResourceIntensive = "RESOURCE_INTENSIVE"
)

// operation answers the calls of a route. It may read and, unless it is a GET,
// write the world.
type operation func(*Server, *call) (answer, error)

// route is one operation of the API, as the schema has it.
type route struct {
	method, path string // the path a template: "/users/{userId}"
	label        string
	scopes       []string // any one of them opens the operation
	granular     []string // the same, in the newer style
	query        []param
	body         *node  // of a JSON body that is checked as a whole; nil: none is
	file         string // the form field of an upload, "" for none
	shape        shape
	open         bool // no token, no limit: the token endpoint
	serve        operation
}

// name returns what the operation is called everywhere: "GET /users/{userId}".
func (r *route) name() string { return r.method + " " + r.path }

// param is a query parameter an operation knows; any other is refused.
type param struct {
	name     string
	values   []string // what it may be; none: any text
	list     bool     // several values, parted by commas
	min, max int      // the range of a number; both 0: not a number
	required bool
}

func scopesOf(routes []*route) []string {
	var all []string
	for _, r := range routes {
		all = append(append(all, r.scopes...), r.granular...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// opensTo tells whether a token with these scopes may call; nil is all of them.
func (r *route) opensTo(granted []string) bool {
	has := func(scope string) bool { return slices.Contains(granted, scope) }
	return r.open || granted == nil || slices.ContainsFunc(r.scopes, has) || slices.ContainsFunc(r.granular, has)
}

// parse reads the query, refusing what the operation does not know.
func (r *route) parse(raw string) (url.Values, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, 300, "The query string cannot be read.")
	}
	for name, given := range values {
		i := slices.IndexFunc(r.query, func(p param) bool { return p.name == name })
		if i < 0 {
			return nil, refuse(http.StatusBadRequest, 300, "Unknown query parameter: %s.", name)
		}
		if len(given) > 1 {
			return nil, refuse(http.StatusBadRequest, 300, "Query parameter %s is given more than once.", name)
		}
		if !r.query[i].takes(given[0]) {
			return nil, refuse(http.StatusBadRequest, 300, "Invalid value of query parameter %s: %q.", name, given[0])
		}
	}
	for _, p := range r.query {
		if p.required && values.Get(p.name) == "" {
			return nil, refuse(http.StatusBadRequest, 300, "Query parameter %s is required.", p.name)
		}
	}
	return values, nil
}

// takes tells whether a value is one of the parameter's; an empty one always
// is and counts as not given.
func (p param) takes(value string) bool {
	switch {
	case value == "":
		return true
	case p.max > 0:
		n, err := strconv.Atoi(value)
		return err == nil && p.min <= n && n <= p.max
	case p.list && p.values != nil:
		for one := range strings.SplitSeq(value, ",") {
			if !slices.Contains(p.values, one) {
				return false
			}
		}
		return true
	default:
		return len(p.values) == 0 || slices.Contains(p.values, value)
	}
}

// routeNode is a step of the tree in which paths are found, segment by segment;
// a fixed segment goes before a variable one.
type routeNode struct {
	fixed    map[string]*routeNode
	variable *routeNode
	methods  map[string]*route
}

func newRoutes(routes []*route) *routeNode {
	root := &routeNode{}
	for _, r := range routes {
		at := root
		for _, segment := range segments(r.path) {
			at = at.step(segment)
		}
		if at.methods == nil {
			at.methods = map[string]*route{}
		}
		at.methods[r.method] = r
	}
	return root
}

func (n *routeNode) step(segment string) *routeNode {
	if strings.HasPrefix(segment, "{") {
		if n.variable == nil {
			n.variable = &routeNode{}
		}
		return n.variable
	}
	if n.fixed == nil {
		n.fixed = map[string]*routeNode{}
	}
	if n.fixed[segment] == nil {
		n.fixed[segment] = &routeNode{}
	}
	return n.fixed[segment]
}

// find returns the operation at an escaped path with its path parameters
// unescaped once, or the refusal to answer with.
func (n *routeNode) find(method, path string) (*route, map[string]string, *refusal) {
	parts := segments(path)
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil || plain == "" {
			return nil, nil, unknownPath(path)
		}
		parts[i] = plain
	}
	end := n.walk(parts)
	if end == nil {
		return nil, nil, unknownPath(path)
	}
	r := end.methods[method]
	if r == nil {
		var allowed []string
		for m := range end.methods {
			allowed = append(allowed, m)
		}
		slices.Sort(allowed)
		return nil, nil, wrongMethod(path, method, strings.Join(allowed, ", "))
	}
	vars := map[string]string{}
	for i, segment := range segments(r.path) {
		if strings.HasPrefix(segment, "{") {
			vars[strings.Trim(segment, "{}")] = parts[i]
		}
	}
	return r, vars, nil
}

func (n *routeNode) walk(parts []string) *routeNode {
	if n == nil {
		return nil
	}
	if len(parts) == 0 {
		if n.methods == nil {
			return nil
		}
		return n
	}
	if end := n.fixed[parts[0]].walk(parts[1:]); end != nil {
		return end
	}
	return n.variable.walk(parts[1:])
}

func segments(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }
