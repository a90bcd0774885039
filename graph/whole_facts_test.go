package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"zoomgraph/graph/program/programtest"
)

// limits is a schema of the facts with what it says of values.
type limits struct {
	Type       any               `json:"type"`
	Properties map[string]limits `json:"properties"`
	Items      *limits           `json:"items"`
	Enum       []any             `json:"enum"`
	Minimum    *float64          `json:"minimum"`
	Maximum    *float64          `json:"maximum"`
	MinLength  *int              `json:"minLength"`
	MaxLength  *int              `json:"maxLength"`
	AllOf      []limits          `json:"allOf"`
	OneOf      []limits          `json:"oneOf"`
	AnyOf      []limits          `json:"anyOf"`
}

// at are the schemas of what stands under a name, or in a list where the name is "".
func (l limits) at(name string) []limits {
	var found []limits
	if below, ok := l.Properties[name]; ok {
		found = append(found, below)
	}
	if name == "" && l.Items != nil {
		found = append(found, *l.Items)
	}
	for _, variants := range [][]limits{l.AllOf, l.OneOf, l.AnyOf} {
		for _, variant := range variants {
			found = append(found, variant.at(name)...)
		}
	}
	return found
}

// takes says why a value is beyond what the facts allow; "" where it is not. Kinds are compared elsewhere.
func (l limits) takes(v any) string {
	if _, flag := v.(bool); flag || v == "" && l.Enum != nil {
		return "" // of locks some documents copy the values of the setting; an empty text is no value
	}
	if l.Enum != nil {
		var allowed []string
		for _, one := range l.Enum {
			if fmt.Sprint(one) == fmt.Sprint(v) {
				return ""
			}
			allowed = append(allowed, fmt.Sprint(one))
		}
		return "none of " + strings.Join(allowed, ", ")
	}
	switch v := v.(type) {
	case float64:
		if l.Minimum != nil && v < *l.Minimum || l.Maximum != nil && v > *l.Maximum {
			return fmt.Sprintf("not within %v and %v", show(l.Minimum), show(l.Maximum))
		}
	case string:
		if n := len([]rune(v)); l.MinLength != nil && n < *l.MinLength || l.MaxLength != nil && n > *l.MaxLength {
			return fmt.Sprintf("not as long as %v to %v", show(l.MinLength), show(l.MaxLength))
		}
	}
	return ""
}

func show[T any](limit *T) string {
	if limit == nil {
		return "…"
	}
	return fmt.Sprint(*limit)
}

// checkLimits compares a value with all schemas of its place, of which one has to take it.
func checkLimits(t *testing.T, place string, of []limits, v any, told map[string]bool) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for name, below := range v {
			var schemas []limits
			for _, l := range of {
				schemas = append(schemas, l.at(name)...)
			}
			checkLimits(t, place+"."+name, schemas, below, told)
		}
		return
	case []any:
		var schemas []limits
		for _, l := range of {
			schemas = append(schemas, l.at("")...)
		}
		for _, element := range v {
			checkLimits(t, place+"[]", schemas, element, told)
		}
		return
	case nil:
		return
	}
	var why string
	for _, l := range of {
		if why = l.takes(v); why == "" {
			return
		}
	}
	if why != "" && !told[place] {
		told[place] = true
		t.Errorf("%s is %v: %s", place, v, why)
	}
}

// answers keeps the answers to GETs, by path.
type answers struct {
	mu   sync.Mutex
	kept map[string][]any
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet || res.StatusCode != http.StatusOK {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/v2")
	a.kept[path] = append(a.kept[path], v)
	return res, nil
}

// beyond are places where the embedded Zoom says what the facts of 2026 do not list, and why.
var beyond = map[string]string{
	"GET /phone/numbers/{numberId}.assignee.type":                                "lists have shared line groups too",
	"GET /metrics/meetings/{meetingId}/participants.participants[].leave_reason": "the facts list texts with names to fill in; who is still there has none",
	"GET /meetings/{meetingId}/registrants/questions.custom_questions[].type":    "meetings and webinars have one type of question",
	"GET /webinars/{webinarId}/registrants/questions.custom_questions[].type":    "meetings and webinars have one type of question",
	"GET /meetings/{meetingId}/recordings.recording_files[].file_type":           "a timeline is listed by other operations only",
	"GET /users/{userId}/recordings.meetings[].recording_files[].status":         "recordings are made for a while",
	"GET /contacts.contacts[].presence_status":                                   "one's own contacts have more of them, and one type",
	"GET /meetings/{meetingId}/recordings/settings.password":                     "passcodes have six digits here",
}

// What the embedded Zoom makes up lies within what the facts allow, for another account than TestWholeSchema's.
func TestWholeSchemaWithinTheFacts(t *testing.T) {
	t.Parallel()
	var operations map[string]struct {
		Response struct{ Schema limits }
	}
	programtest.Collected(t, "operations-2026.json", &operations)
	told, compared := map[string]bool{}, map[string]bool{}
	for place := range beyond {
		told[place] = true
	}
	heard := &answers{kept: map[string][]any{}}
	newWalker(peopled(t, withTransport(heard), func(p *parts) { p.zoom.Seed = 1 })).walk()
	for path, kept := range heard.kept {
		op := templateOf(path, operations)
		if op == "" {
			continue
		}
		compared[op] = true
		for _, v := range kept {
			checkLimits(t, op, []limits{operations[op].Response.Schema}, v, told)
		}
	}
	if len(compared) < 15 {
		t.Errorf("only %d operations were compared", len(compared))
	}
}

// templateOf finds the operation of a path; of several the one with the fewest variables.
func templateOf[T any](path string, operations map[string]T) string {
	best, fewest := "", 99
	for op := range operations {
		method, template, _ := strings.Cut(op, " ")
		if variables := matches(template, path); method == http.MethodGet && variables >= 0 && variables < fewest {
			best, fewest = op, variables
		}
	}
	return best
}

// matches counts the variables of a template that a path fits; -1 where it does not.
func matches(template, path string) int {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return -1
	}
	variables := 0
	for i := range want {
		switch {
		case strings.HasPrefix(want[i], "{"):
			variables++
		case want[i] != got[i]:
			return -1
		}
	}
	return variables
}
