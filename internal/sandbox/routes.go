package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"zoomgraph/graph/program"
	"zoomgraph/internal/sandbox/world"
)

// The rate labels of Zoom's operations; those of Zoom Phone have limits of their own.
const (
	Light             = "LIGHT"
	Medium            = "MEDIUM"
	Heavy             = "HEAVY"
	ResourceIntensive = "RESOURCE_INTENSIVE"

	PhoneLight             = "PHONE_LIGHT"
	PhoneMedium            = "PHONE_MEDIUM"
	PhoneHeavy             = "PHONE_HEAVY"
	PhoneResourceIntensive = "PHONE_RESOURCE_INTENSIVE"
)

// route is an operation of the API, or an endpoint of the OAuth service.
type route struct {
	*world.Operation
	below *program.Operation                         // the operation as it is below a sub account; nil: it answers elsewhere
	moved bool                                       // it answers where Zoom has the operation today, not where it was
	open  bool                                       // no token, no limit: the OAuth service
	file  bool                                       // the token may stand in the query
	serve func(*Server, *call) (world.Answer, error) // nil: the world answers
}

// endpoint is a route of the OAuth service.
func endpoint(method, path string, query []world.Param, serve func(*Server, *call) (world.Answer, error)) *route {
	op := &program.Operation{Op: method + " " + path, Method: method, Path: path}
	return &route{Operation: &world.Operation{Operation: op, Query: query}, open: true, serve: serve}
}

func scopesOf(routes []*route) []string {
	var all []string
	for _, r := range routes {
		all = append(append(all, r.named().Scopes...), r.named().Granular...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ofApp tells whether it takes a token of an app itself.
func (r *route) ofApp() bool { return r.Token == program.AppToken }

// opensTo tells whether a token with these scopes may call; nil is all of them.
func (r *route) opensTo(granted []string) bool {
	has := func(scope string) bool { return slices.Contains(granted, scope) }
	return granted == nil || slices.ContainsFunc(r.named().Scopes, has) || slices.ContainsFunc(r.named().Granular, has)
}

// named is the operation by the name, the path and the scopes that it has where the route answers.
func (r *route) named() *program.Operation {
	if r.below != nil {
		return r.below
	}
	return r.Operation.Operation
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
		method, path := r.place()
		at := root
		for _, segment := range segments(path) {
			at = at.step(segment)
		}
		if at.methods == nil {
			at.methods = map[string]*route{}
		}
		at.methods[method] = r
	}
	return root
}

// place is the method and the path at which a route answers.
func (r *route) place() (method, path string) {
	if r.below != nil {
		return r.below.Method, r.below.Path
	}
	if r.moved {
		return r.Today()
	}
	return r.Method, r.Path
}

// home is the path at which the world knows what a path of today's is about.
func (r *route) home(path string) string {
	given, home := segments(path), segments(r.Path)
	_, today := r.Today()
	switch {
	case r.below != nil:
		given = given[len(segments(accountPath)):]
	case !r.moved:
		return path
	}
	values := []string{}
	for i, segment := range segments(today) {
		if strings.HasPrefix(segment, "{") {
			values = append(values, given[i])
		}
	}
	for i, segment := range home {
		if strings.HasPrefix(segment, "{") {
			home[i], values = values[0], values[1:]
		}
	}
	return "/" + strings.Join(home, "/")
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
func (n *routeNode) find(method, path string) (*route, map[string]string, *world.Refusal) {
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
	var values []string
	_, template := r.place()
	for i, segment := range segments(template) {
		if strings.HasPrefix(segment, "{") {
			values = append(values, parts[i])
		}
	}
	vars := map[string]string{}
	if r.below != nil {
		vars[accountParam], values = values[0], values[1:]
	}
	for i, param := range r.Params {
		vars[param] = values[i]
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

func unknownPath(path string) *world.Refusal {
	return world.Refuse(http.StatusNotFound, 2300, "Nothing answers at %s.", path)
}

func wrongMethod(path, method, allowed string) *world.Refusal {
	r := world.Refuse(http.StatusMethodNotAllowed, 2300, "%s does not answer to %s.", path, method)
	r.Header = http.Header{"Allow": {allowed}}
	return r
}
