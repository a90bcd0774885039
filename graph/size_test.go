package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"zoomgraph/internal/answering"
	"zoomgraph/internal/sandbox"
)

// bounded lets answers have 64 KiB while they are written, and much more by estimate.
func bounded(room *answering.Budget) option {
	return func(p *parts) { p.edge.Answers = room }
}

// aliased repeats a field under so many aliases.
func aliased(field string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " a%d: %s", i, field)
	}
	return b.String()
}

// An answer that turns out too large is one error, whoever writes what makes it so, and leaves no room taken.
func TestAnswerTooLarge(t *testing.T) {
	t.Parallel()
	room := answering.NewBudget(64<<20, 64<<10)
	s := setup(t, sandbox.Config{}, bounded(room))
	long := strings.Repeat("x", 120)
	for _, test := range []struct {
		name, query string
		fits        bool
	}{
		{"keys of gqlgen's", "{ users(first: 300) { nodes { " + long + ": __typename " + long + "_: __typename } } }", false},
		{"edges", "{ users(first: 400) { edges { cursor node { id email firstName lastName } } } }", false},
		{"values of gqlgen's", "{ users(first: 300) { nodes { id email firstName lastName dept" + aliased("email", 10) + " } } }", false},
		{"one value", "{ user(id: \"USER\") { settings { " + aliased("raw", 59) + " } } }", false},
		{"a value of each", "{ users(first: 20) { nodes { settings { raw } } } }", false},
		{"root fields", "{ " + aliased(`users(first: 90) { nodes { id email } }`, 18) + " }", false},
		{"one that fits", "{ users(first: 100) { nodes { id email } } }", true},
	} {
		a := s.ask(test.query, nil)
		if test.fits {
			if len(a.Errors) > 0 || len(a.Data) == 0 {
				t.Errorf("%s: %.300s", test.name, a.raw)
			}
			continue
		}
		if len(a.raw) > 2000 {
			t.Errorf("%s: %d bytes", test.name, len(a.raw))
			continue
		}
		s.wantErrors(a, "ANSWER_TOO_LARGE at ")
		if e := a.Errors[0]; a.Data != nil || e.Extensions["limit"] != float64(64<<10) || !strings.Contains(e.Message, "65536") || e.Extensions["requestId"] == nil {
			t.Errorf("%s: %s", test.name, a.raw)
		}
	}
	if used := room.Used(); used != 0 {
		t.Errorf("%d bytes are left taken", used)
	}
}

// A mutation whose answer is too large has written, all of it, and says so.
func TestMutationTooLarge(t *testing.T) {
	t.Parallel()
	room := answering.NewBudget(1<<20, 64<<10)
	s := setup(t, sandbox.Config{}, bounded(room))
	a := s.ask(`mutation {
		a: updateUserSettings(id: "USER", input: {inMeeting: {chat: false}}) { settings { `+aliased("raw", 50)+` } }
		b: updateUser(id: "USER", input: {dept: "Written"}) { user { dept } }
	}`, nil)
	s.wantErrors(a, "ANSWER_TOO_LARGE at ")
	if a.Data != nil || !strings.Contains(a.Errors[0].Message, "carried out") {
		t.Errorf("%s", a.raw)
	}
	after := s.must(`{ user(id: "USER") { dept settings { inMeeting { chat } } } }`)
	if after.at("user", "dept") != "Written" || after.at("user", "settings", "inMeeting", "chat") != false {
		t.Errorf("after it: %s", after.raw)
	}
	if used := room.Used(); used != 0 {
		t.Errorf("%d bytes are left taken", used)
	}
}

// An answer of many pieces arrives whole.
func TestLargeAnswer(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, bounded(answering.NewBudget(0, 0)))
	a := s.ask(`{ users(first: 300) { nodes { id email settings { scheduleMeeting { hostVideo } raw } } } }`, nil)
	if nodes, _ := a.at("users", "nodes").([]any); len(nodes) != 300 || len(a.raw) < 2<<20 {
		t.Errorf("%d users in %d bytes: %.300s", len(nodes), len(a.raw), a.raw)
	}
}

// What is estimated too large is refused before any call, with the estimate, the limit, and what makes it large.
func TestEstimate(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, func(p *parts) { p.graph.MaxAnswerBytes = 1 << 20 })
	for _, test := range []struct{ query, largest, message string }{
		{"{ users(first: 499) { nodes { settings { " + aliased("raw", 58) + " } } } }", "UserSettings.raw", "28942 times"},
		{`{ settingsDrift(baseline: {in_meeting: {custom_service_instructions: "` + strings.Repeat("x", 3000) + `"}}, first: 499) { nodes { deviations { name wanted } } } }`, "Deviation.wanted", "499 times"},
		{"{ users(first: 900) { nodes { " + aliased("__typename", 10) + " } } }", "User.__typename", "fields that are resolved one by one"},
	} {
		a := s.ask(test.query, nil)
		s.wantErrors(a, "COST_LIMIT_EXCEEDED at ")
		if e := a.Errors[0]; e.Extensions["largest"] != test.largest || !strings.Contains(e.Message, test.message) || !strings.Contains(e.Message, test.largest) {
			t.Errorf("%.100s: %s", test.query, a.raw)
		}
	}
	s.wantCalls()
}

// A baseline and its values are bounded, in the document and by variables, alone and together.
func TestBaselineBounds(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	text := func(n int) string { return strings.Repeat("x", n) }
	many := map[string]any{}
	for i := range 20 {
		many[fmt.Sprintf("a%d", i)] = text(4000)
	}
	for _, test := range []struct {
		baseline any
		message  string
	}{
		{map[string]any{"in_meeting": map[string]any{"custom_service_instructions": text(5000)}}, "in_meeting.custom_service_instructions has a value of 5002 bytes, and one may have 4096"},
		{map[string]any{"schedule_meeting": map[string]any{"meeting_password_requirement": map[string]any{"length": text(5000)}}}, "has a value of 5002 bytes"},
		{map[string]any{"schedule_meeting": map[string]any{"meeting_password_requirement": many}}, "65536"},
		{map[string]any{"in_meeting": map[string]any{"custom_service_instructions": text(70_000)}}, "JSON, which may have 65536"},
	} {
		const args = "first: 1) { totalCount } }"
		literal, _ := json.Marshal(test.baseline)
		inDocument := s.ask(`{ settingsDrift(baseline: `+unquoted(string(literal))+`, `+args, nil)
		byVariable := s.ask(`query ($b: JSON!) { settingsDrift(baseline: $b, `+args, map[string]any{"b": test.baseline})
		if len(byVariable.Errors) != 1 || byVariable.Errors[0].Extensions["code"] != "BAD_USER_INPUT" || !strings.Contains(byVariable.Errors[0].Message, test.message) {
			t.Errorf("%s by a variable: %.500s", test.message, byVariable.raw)
		}
		if len(inDocument.Errors) != 1 || inDocument.Errors[0].Extensions["code"] != "BAD_USER_INPUT" {
			t.Errorf("%s in the document: %.500s", test.message, inDocument.raw)
		}
	}
	s.wantCalls()
}

// unquoted is JSON as GraphQL writes it, where no key needs its quotes.
func unquoted(text string) string {
	var b strings.Builder
	for text != "" {
		before, rest, quoted := strings.Cut(text, `"`)
		b.WriteString(before)
		if !quoted {
			break
		}
		name, after, _ := strings.Cut(rest, `"`)
		if !strings.HasPrefix(after, ":") {
			name = `"` + name + `"`
		}
		b.WriteString(name)
		text = after
	}
	return b.String()
}
