package program

import (
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/window"
	"zoomgraph/internal/lazy"
)

// Chapter is a chapter of Zoom's documentation.
type Chapter struct {
	Name       string       `yaml:"chapter"`
	Operations []*Operation `yaml:"operations"`
}

// Operation is what is known of one of Zoom's operations. The comment at the head of docs/operations.yaml says what each
// fact means.
type Operation struct {
	Op       string            `yaml:"op"` // "GET /users/{userId}"
	ID       string            `yaml:"id"`
	Label    string            `yaml:"label,omitempty"` // "" where Zoom prints none
	Query    []string          `yaml:"query,omitempty"`
	Page     *Page             `yaml:"page,omitempty"`   // nil: as usual
	Window   *window.Limit     `yaml:"window,omitempty"` // nil: from and to may be anything, or there are none
	Scopes   []string          `yaml:"scopes"`
	Granular []string          `yaml:"granular,omitempty"`
	Master   []string          `yaml:"master,omitempty"`  // nil: not below a sub account
	Subs     bool              `yaml:"subs,omitempty"`    // the path's account is a sub account
	Touches  []string          `yaml:"touches,omitempty"` // by a write; nil: what its path says
	Tells    []string          `yaml:"tells,omitempty"`   // beside what a read's path says
	Within   []string          `yaml:"within,omitempty"`
	Apart    []string          `yaml:"apart,omitempty"` // of a list's rows, beside the thing's key
	Token    string            `yaml:"token,omitempty"` // AppToken, or "" for that of an account or of a user
	Form     string            `yaml:"form,omitempty"`  // "" is that of 2021
	Now      string            `yaml:"now,omitempty"`   // "GET /users/{userId}"; "" where it has not moved
	Renamed  map[string]string `yaml:"renamed,omitempty"`
	State    string            `yaml:"state"`
	Fields   []string          `yaml:"fields,omitempty"`
	Reason   string            `yaml:"reason,omitempty"`

	// Method and Path are the two parts of Op, Params the names in the path's braces, in order.
	Method string   `yaml:"-"`
	Path   string   `yaml:"-"`
	Params []string `yaml:"-"`

	// Limit is the label of the rate limit that calls count against: Label, or the same one of Zoom Phone, which has limits of
	// its own. "" where Zoom prints none.
	Limit string `yaml:"-"`

	// Resources are what a read tells of, or what a write touches.
	Resources []string `yaml:"-"`
}

// The states of an operation.
const (
	Covered = "covered" // the schema has it
	Planned = "planned" // not yet
)

// AppToken is the fact of operations that take a token of the app itself.
const AppToken = "app"

// opPattern matches a method and a path.
var opPattern = lazy.Regexp(`^(GET|POST|PUT|PATCH|DELETE) ((?:/[A-Za-z0-9_.-]+|/\{[A-Za-z0-9_]+\})+)$`)

// isPhone tells whether an operation is one of Zoom Phone, whose calls count against limits of their own.
func (o *Operation) isPhone() bool {
	return strings.HasPrefix(strings.TrimPrefix(o.Path, accountPrefix), "/phone/")
}

// isAccounts tells whether an operation is on accounts, or below one.
func (o *Operation) isAccounts() bool {
	_, path, _ := strings.Cut(o.Op, " ")
	return path == "/accounts" || strings.HasPrefix(path, "/accounts/")
}

// Facts are those of docs/operations.yaml about the operations that the schema has.
func Facts() []*Chapter { return facts }

// Fact is what is known of an operation, such as "GET /users/{userId}"; nil: the schema does not have it.
func Fact(op string) *Operation { return byOp()[op] }

var byOp = sync.OnceValue(func() map[string]*Operation {
	ops := map[string]*Operation{}
	for _, chapter := range facts {
		for _, op := range chapter.Operations {
			ops[op.Op] = op
			if op.Now != "" {
				ops[op.Now] = op
			}
		}
	}
	return ops
})

// ReadFacts reads docs/operations.yaml in the folder of the module.
func ReadFacts(files fs.FS) ([]*Chapter, error) {
	text, err := fs.ReadFile(files, operations)
	if err != nil {
		return nil, err
	}
	facts, err := ParseFacts(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operations, err)
	}
	return facts, nil
}

// ParseFacts reads the text of docs/operations.yaml.
func ParseFacts(text []byte) ([]*Chapter, error) {
	var facts []*Chapter
	if err := yaml.UnmarshalWithOptions(text, &facts, yaml.Strict()); err != nil {
		return nil, err
	}
	for _, chapter := range facts {
		for _, op := range chapter.Operations {
			if err := op.check(); err != nil {
				return nil, fmt.Errorf("chapter %s: %w", chapter.Name, err)
			}
			op.split()
		}
	}
	if err := resolve(facts); err != nil {
		return nil, err
	}
	return facts, nil
}

// check finds what cannot be an operation.
func (o *Operation) check() error {
	switch {
	case !opPattern().MatchString(o.Op):
		return fmt.Errorf("%q is not a method and a path, such as %q", o.Op, "GET /users/{userId}")
	case o.ID == "":
		return fmt.Errorf("%s has no id", o.Op)
	}
	if o.Within != nil && !strings.HasPrefix(o.Op, "GET ") {
		return fmt.Errorf("%s is a write, so nothing is read within its answer", o.Op)
	}
	switch o.Label {
	case "", "LIGHT", "MEDIUM", "HEAVY", "RESOURCE_INTENSIVE":
	default:
		return fmt.Errorf("%s has the label %q, which Zoom does not have", o.Op, o.Label)
	}
	if o.Token != "" && o.Token != AppToken {
		return fmt.Errorf("%s takes a token of %q, and there are only those of an account or a user, and of the app", o.Op, o.Token)
	}
	if o.Now != "" && (!opPattern().MatchString(o.Now) || strings.Count(o.Now, "{") != strings.Count(o.Op, "{")) {
		return fmt.Errorf("%s has moved to %q, which is no method and path with as many values", o.Op, o.Now)
	}
	if o.Master != nil && o.isAccounts() {
		return fmt.Errorf("%s lies below an account itself, so it has no second path there for master accounts", o.Op)
	}
	if o.Subs && !strings.Contains(o.Op, "{accountId}") {
		return fmt.Errorf("%s names no account, so none that has to be a sub account", o.Op)
	}
	if o.Window != nil && !o.Window.Valid() {
		return fmt.Errorf("%s has a window of %q, which is no week, month or year", o.Op, o.Window.Of)
	}
	return o.checkPage()
}

// split fills in the parts of Op.
func (o *Operation) split() {
	o.Method, o.Path, _ = strings.Cut(o.Op, " ")
	o.Limit = o.Label
	if o.Label != "" && o.isPhone() {
		o.Limit = "PHONE_" + o.Label
	}
	o.Params = nil
	for _, after := range strings.Split(o.Path, "{")[1:] {
		param, _, _ := strings.Cut(after, "}")
		o.Params = append(o.Params, param)
	}
}

// Today is where Zoom has the operation today: its own method and path, unless it has moved.
func (o *Operation) Today() (method, path string) {
	if o.Now == "" {
		return o.Method, o.Path
	}
	method, path, _ = strings.Cut(o.Now, " ")
	return method, path
}

// Reads tells whether the operation changes nothing.
func (o *Operation) Reads() bool { return o.Method == "GET" }

// accountPrefix is what the path of an operation begins with where a master account asks it of a sub account.
const accountPrefix = "/accounts/{accountId}"

// InSubAccount is the same operation as a master account asks it of a sub account: with its path, its parameters and its
// scopes there. nil: Zoom has no such path.
func (o *Operation) InSubAccount() *Operation {
	if o.Master == nil {
		return nil
	}
	method, path := o.Today()
	below := &Operation{Op: method + " " + accountPrefix + path, ID: o.ID, Label: o.Label, Limit: o.Limit, Query: o.Query, Form: o.Form}
	below.Method, below.Path = method, accountPrefix+path
	for _, scope := range o.Master {
		if strings.Count(scope, ":") == granularColons {
			below.Granular = append(below.Granular, scope)
		} else {
			below.Scopes = append(below.Scopes, scope)
		}
	}
	return below
}

// granularColons is how many stand in a granular scope of a master account, such as user:read:list_users:master. Classic
// ones have fewer.
const granularColons = 3

// Below tells whether the operation's path takes a value for the parameter.
func (o *Operation) Below(param string) bool { return strings.Contains(o.Path, "{"+param+"}") }

// Fact is what is known of an operation, such as "GET /users/{userId}"; nil: nothing is.
func (p *Program) Fact(op string) *Operation { return p.ops[op] }

// Operation is the one that answers a field; nil: no operation of its own does.
func (p *Program) Operation(field *ast.FieldDefinition) *Operation {
	if d := field.Directives.ForName("zoom"); d != nil {
		return p.ops[Text(d, "op")]
	}
	return nil
}
