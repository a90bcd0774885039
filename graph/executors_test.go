package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"zoomgraph/graph"
	"zoomgraph/graph/program"
	"zoomgraph/internal/sandbox"
)

// This file holds the planned executor to gqlgen's: both answer alike, to the byte, and with the same calls. With -executor
// all other stories run by either.

// executors are two services that differ in nothing else, one for each executor.
type executors struct{ planned, gqlgen *service }

// bothExecutors starts them with their worlds made on one day.
func bothExecutors(t *testing.T, config sandbox.Config, options ...option) executors {
	t.Helper()
	day := time.Now()
	by := func(executor graph.Executor) *service {
		return setup(t, config, append(slices.Clone(options), func(p *parts) {
			p.graph.Executor, p.zoom.Now = executor, func() time.Time { return day }
		})...)
	}
	return executors{by(graph.ExecutorPlanned), by(graph.ExecutorGqlgen)}
}

// documents are of every kind.
var documents = map[string]string{
	"aliases":            `{ a: user(id: "USER") { b: email c: settings { d: scheduleMeeting { e: hostVideo __typename } } } z: __typename }`,
	"merged fields":      `{ user(id: "USER") { settings { inMeeting { chat } } email settings { inMeeting { polling } tsp { callOut } } } user(id: "USER") { id } }`,
	"fragments":          `{ user(id: "USER") { ...a ... on User { id ...b } } } fragment a on User { email settings { ...s } } fragment b on User { email dept settings { tsp { callOut } } } fragment s on UserSettings { inMeeting { chat } }`,
	"skip and include":   `query($is: Boolean!) { user(id: "USER") { id @skip(if: $is) email @include(if: $is) ...a @include(if: $is) dept @skip(if: false) } a: user(id: "USER1") @skip(if: $is) { id } } fragment a on User { settings { tsp { callOut } inMeeting @skip(if: $is) { chat } } }`,
	"nothing selected":   `query($is: Boolean!) { user(id: "USER") { id @include(if: $is) } a: user(id: "USER1") { id @skip(if: $is) email @skip(if: $is) } }`,
	"default variables":  `query($id: ID = "USER", $n: Int = 3, $is: Boolean = true) { user(id: $id) { id @include(if: $is) } users(first: $n) { nodes { id } pageInfo { hasNextPage } } }`,
	"variables":          `query($id: ID!, $n: Int) { user(id: $id) { email } users(first: $n, status: ACTIVE) { nodes { email } totalCount } }`,
	"null arguments":     `query($o: SettingsOption) { user(id: "USER", loginType: null) { settings(option: $o) { tsp { callOut } } } }`,
	"lists of names":     `query($names: [String!]) { user(id: "USER") { a: settings(fields: ["host_video", "chat"]) { scheduleMeeting { hostVideo } inMeeting { chat } } b: settings(fields: $names) { inMeeting { polling } } } }`,
	"wrong names":        `{ user(id: "USER") { settings(fields: ["no such"]) { inMeeting { chat } } id } }`,
	"wrong arguments":    `query($n: Int) { users(first: 0) { nodes { id } } }`,
	"wrong and right":    `{ a: user(id: "") { id } b: user(id: "USER") { id email } c: user(id: "../x") { email } }`,
	"nobody":             `{ user(id: "nobody@example.com") { id email dept settings { tsp { callOut } } } }`,
	"connections":        `{ users(first: 4) { edges { cursor node { id email dept } } nodes { id __typename } pageInfo { endCursor hasNextPage } totalCount __typename } }`,
	"lists with details": `{ users(first: 3) { nodes { id jobTitle settings { scheduleMeeting { hostVideo } inMeeting { waitingRoom } } } } }`,
	"lists of lists":     `{ users(first: 3) { nodes { meetings(first: 2) { nodes { id host { email } } } groups { name members(first: 2) { nodes { email } } } } } }`,
	"several lists":      `{ users(first: 2) { nodes { id } } groups(first: 2) { nodes { id name } } roles { nodes { id name } } user(id: "USER") { email } }`,
	"links":              `{ user(id: "USER") { role { name privileges } groups { name settings { inMeeting { chat } } } } }`,
	"unions":             `{ phoneNumbers(first: 5) { nodes { number assignee { __typename ... on PhoneUser { extensionNumber } ... on CallQueue { name } ... on CommonAreaPhone { displayName } } } } }`,
	"effective settings": `{ user(id: "USER") { effectiveSettings(fields: ["host_video", "chat"]) { name section value source reason because { level value } } } }`,
	"drift":              `{ settingsDrift(first: 3, baseline: {scheduleMeeting: {hostVideo: true}}) { nodes { user { email } deviations { name value wanted source } } } }`,
	"a secret's value":   `{ settingsDrift(first: 2, baseline: {scheduleMeeting: {pmiPassword: "x"}}) { nodes { user { email } deviations { name } } } }`,
	"introspection":      `{ __schema { queryType { name } } user(id: "USER") { id } }`,
	"a type":             `{ __type(name: "User") { name } user(id: "USER") { id } }`,
	"sub accounts":       `{ account(id: "me") { id graph { user(id: "USER") { email } } } user(id: "USER") { email } }`,
	"the account":        `{ account(id: "me") { settings { scheduleMeeting { hostVideo } } lockSettings { scheduleMeeting { hostVideo } } managedDomains { domain } } rateLimit { labels { label } } viewer { permissions } }`,
	"mutations":          `mutation { updateUserSettings(id: "USER", input: {inMeeting: {chat: true}}) { user { email settings { inMeeting { chat } } } notApplied { field } } }`,
	"me":                 `{ me { id } user(id: "USER") { id } }`,
	"files":              `query { account(id: "me") { invoices(first: 1) { nodes { pdf } } } }`,
	"recordings":         `{ user(id: "USER") { recordings(first: 2) { nodes { uuid topic host { email } recordingFiles { fileType fileSize } } } } }`,
}

// Documents of every kind, before a Zoom that does as documented and before one that does not.
func TestExecutorsAgree(t *testing.T) {
	t.Parallel()
	yes, no := map[string]any{"is": true, "id": "USER", "n": 2}, map[string]any{"is": false, "id": "nobody@example.com", "n": 1}
	for about, config := range map[string]sandbox.Config{
		"as documented": {},
		"drifted": {Faults: []sandbox.Fault{
			{Match: "GET /users/*/settings", Kind: "absent", Path: "recording"},
			{Match: "GET /users/*/settings", Kind: "absent", Path: "in_meeting.chat"},
			{Match: "GET /users/*/settings", Kind: "wrong-type", Path: "schedule_meeting.host_video", Value: []byte(`"yes"`)},
			{Match: "GET /users/*", Kind: "wrong-type", Path: "email", Value: []byte(`{"a":1}`)},
			{Match: "GET /users/*", Kind: "absent", Path: "id"},
			{Match: "GET /groups/*", Kind: "absent", Path: "name"},
		}},
		"failing":  {Faults: []sandbox.Fault{{Match: "GET /users/*/settings", Kind: sandbox.FaultStatus, Status: 400, Code: 4711, Message: "no"}}},
		"no lists": {Faults: []sandbox.Fault{{Match: "GET /users", Kind: sandbox.FaultStatus, Status: 404, Code: 1001, Message: "no"}}},
		"no users": {Faults: []sandbox.Fault{{Match: "GET /users/*", Kind: sandbox.FaultStatus, Status: 404, Code: 1001, Message: "no"}}},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			both := bothExecutors(t, config, withOddAnswers(t))
			for _, name := range slices.Sorted(maps.Keys(documents)) {
				for _, variables := range []map[string]any{yes, no, yes} {
					if diff := both.differences(documents[name], variables); diff != "" {
						t.Errorf("%s: %s\n%v\n%s", name, documents[name], variables, diff)
					}
				}
			}
		})
	}
}

// Operations over all that a query leads to, drawn by chance.
func TestExecutorsAgreeByChance(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]sandbox.Config{
		"as documented": {},
		"drifted": {Faults: []sandbox.Fault{
			{Match: "GET /users/*", Kind: "absent", Path: "id"},
			{Match: "GET /meetings/*", Kind: "wrong-type", Path: "topic", Value: []byte(`[1]`)},
			{Match: "GET /groups/*", Kind: sandbox.FaultStatus, Status: 400, Code: 4711, Message: "no"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			both := bothExecutors(t, config, withOddAnswers(t))
			rapid.Check(t, func(rt *rapid.T) {
				d := drawing{T: rt, schema: schema(t)}
				document := "query($is: Boolean!, $not: Boolean!)" + d.object(d.schema.Query, 4)
				variables := map[string]any{"is": rapid.Bool().Draw(rt, "is"), "not": rapid.Bool().Draw(rt, "not")}
				if diff := both.differences(document, variables); diff != "" {
					rt.Fatalf("%s\n%v\n%s", document, variables, diff)
				}
			})
		})
	}
}

// drawing draws a document.
type drawing struct {
	*rapid.T

	schema *ast.Schema
}

// object draws what is selected of a type.
func (d drawing) object(def *ast.Definition, depth int) string {
	var b strings.Builder
	b.WriteString(" { __typename")
	if def.Kind == ast.Union {
		for _, member := range def.Types {
			b.WriteString(" ... on " + member + d.object(d.schema.Types[member], 0))
		}
		return b.String() + " }"
	}
	for i, field := range rapid.SliceOfN(rapid.SampledFrom(def.Fields), 1, 2+depth).Draw(d.T, def.Name) {
		below := d.schema.Types[field.Type.Name()]
		leads := below.Kind == ast.Object || below.Kind == ast.Union
		arguments, can := d.arguments(field)
		if !can || program.IsBuiltin(field) || leads && depth == 0 || below == d.schema.Query && rapid.IntRange(0, 9).Draw(d.T, "graph") > 0 {
			continue
		}
		text := fmt.Sprintf("a%d_%[2]s: %[2]s%s%s", i, field.Name, arguments, rapid.SampledFrom([]string{"", "", "", " @skip(if: $is)", " @include(if: $not)"}).Draw(d.T, "condition"))
		if leads {
			text += d.object(below, depth-1)
		}
		b.WriteString(" " + rapid.SampledFrom([]string{text, text, "... on " + def.Name + " { " + text + " }", "... @skip(if: $not) { " + text + " }"}).Draw(d.T, "form"))
	}
	return b.String() + " }"
}

// arguments draws those of a field. It is false where nothing that can be drawn is one of them.
func (d drawing) arguments(field *ast.FieldDefinition) (text string, can bool) {
	var all []string
	for _, arg := range field.Arguments {
		if !arg.Type.NonNull && arg.Name != "first" && rapid.IntRange(0, 3).Draw(d.T, arg.Name) > 0 {
			continue
		}
		var value string
		switch def := d.schema.Types[arg.Type.Name()]; {
		case arg.Type.Elem != nil, def.Kind == ast.InputObject, def.Name == "JSON":
			if arg.Type.NonNull {
				return "", false
			}
			continue
		case def.Kind == ast.Enum:
			value = def.EnumValues[0].Name
		case def.Name == "Int":
			value = "2"
		case def.Name == "Boolean":
			value = "true"
		case def.Name == "Date":
			value = fmt.Sprintf("%q", time.Now().AddDate(0, 0, -rapid.IntRange(0, 20).Draw(d.T, "day")).Format(time.DateOnly))
		case arg.Name == "after":
			continue
		default:
			value = rapid.SampledFrom([]string{`"USER"`, `"USER1"`, `"me"`, `"nothing"`, `"0"`}).Draw(d.T, arg.Name)
		}
		all = append(all, arg.Name+": "+value)
	}
	if all == nil {
		return "", true
	}
	return "(" + strings.Join(all, ", ") + ")", true
}

// differences asks both, and tells in what their answers differ. What fails at several places may be told in any order, and
// the calls of what failed may come late, or not at all.
func (e executors) differences(document string, variables map[string]any) string {
	e.planned.t.Helper()
	var answers [2]*answer
	var texts, calls [2][]string
	for i, s := range []*service{e.planned, e.gqlgen} {
		s.calls()
		filled := map[string]any{}
		for name, value := range variables {
			if filled[name] = value; value == "USER" {
				filled[name] = s.users[0].ID
			}
		}
		answers[i] = s.askWith("X-Nothing", document, filled)
		texts[i], calls[i] = answers[i].told(), s.calls()
	}
	diff := cmp.Diff(texts[1], texts[0])
	if answers[0].Data != nil && len(answers[0].Errors) == 0 {
		diff += cmp.Diff(calls[1], calls[0])
	}
	return diff
}

// own finds what differs between any two answers: ids, cursors, times.
var own = regexp.MustCompile(`"(\w+_)?(requestId|trackingId|endCursor|cursor|retryAfter|lastSeen|firstSeen)":"[^"]*"|"waitedMs":\d+|/files/[\w-]+|127\.0\.0\.1:\d+|Passcode: \d+`)

// told is an answer: its data as it was written, and behind that its errors and what it explains, sorted.
func (a *answer) told() []string {
	var parts struct {
		Data       json.RawMessage
		Errors     []json.RawMessage
		Extensions struct {
			Zoom struct {
				Cost   json.RawMessage
				Absent []json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(own.ReplaceAll(a.raw, []byte(`"own":0`)), &parts); err != nil {
		return []string{string(own.ReplaceAll(a.raw, []byte(`"own":0`)))}
	}
	var others []string
	for _, part := range append(parts.Errors, parts.Extensions.Zoom.Absent...) {
		others = append(others, string(part))
	}
	slices.Sort(others)
	if len(parts.Errors) >= 20 || len(parts.Extensions.Zoom.Absent) >= 100 { // others were left out
		others = nil
	}
	if len(parts.Errors) == 0 { // what fails does not wait for all that it asked
		others = append(others, string(parts.Extensions.Zoom.Cost))
	}
	return append([]string{string(parts.Data)}, others...)
}
