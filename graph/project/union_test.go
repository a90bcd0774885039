package project_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"zoomgraph/graph/project"
)

const unionSchema = `
union Owner @tagged(by: "type") = User | Queue | Room
union Detail @tagged(argument: "of") = Big | Small

type User @wire(value: "user") { name: String extensionNumber: Long }
type Queue { queueName: String name: String! }
type Room @wire(value: "7") { name: String }
type Big @wire(value: "big_one") { size: Int }
type Small { size: String }

enum Size { BIG @wire(value: "big_one") SMALL }

type Query {
  owner: Owner
  sure: Owner!
  owners: [Owner]
  phone: Phone
  detail(of: Size = SMALL): Detail
}
type Phone { owner: Owner number: String }
`

// An object that can be of several types is written as the one that it says it is, also in lists and below others. One of
// an unknown type is null, and reported.
func TestUnions(t *testing.T) {
	t.Parallel()
	h := newHarness(t, unionSchema)
	for name, test := range map[string]struct{ document, query, want, absent string }{
		"of a type": {
			`{"type":"user","name":"Ada","extension_number":3000000000}`, `{ owner { __typename ... on User { name extensionNumber } ... on Queue { queueName } } }`,
			`{"owner":{"__typename":"User","name":"Ada","extensionNumber":3000000000}}`, "",
		},
		"of another": {
			`{"type":"queue","name":"Sales","queue_name":"S"}`, `{ owner { __typename ... on User { name } ... on Queue { q: queueName } ... on Owner { __typename } } }`,
			`{"owner":{"__typename":"Queue","q":"S"}}`, "",
		},
		"told by a number":     {`{"type":7,"name":"A"}`, `{ owner { ... on Room { name } } }`, `{"owner":{"name":"A"}}`, ""},
		"nothing of that type": {`{"type":"user"}`, `{ owner { ... on Queue { queueName } } }`, `{"owner":{}}`, ""},
		"an unknown type":      {`{"type":"robot","name":"A"}`, `{ owner { ... on User { name } } }`, `{"owner":null}`, "owner UNKNOWN_VALUE"},
		"no type":              {`{"name":"A"}`, `{ owner { ... on User { name } } }`, `{"owner":null}`, "owner UNKNOWN_VALUE"},
		"a type of null":       {`{"type":null}`, `{ owner { ... on User { name } } }`, `{"owner":null}`, "owner UNKNOWN_VALUE"},
		"in a list": {
			`[{"type":"user","name":"Ada"},{"type":"x"},null,{"type":"queue","name":"S"}]`, `{ owners { ... on User { name } ... on Queue { title: name } } }`,
			`{"owners":[{"name":"Ada"},null,null,{"title":"S"}]}`, "owners[1] UNKNOWN_VALUE",
		},
		"below others": {
			`{"number":"1","owner":{"type":"user","name":"Ada"}}`, `{ phone { number owner { ...f } } } fragment f on User { name }`,
			`{"phone":{"number":"1","owner":{"name":"Ada"}}}`, "",
		},
		"told by an argument": {`{"size":3}`, `{ detail(of: BIG) { ... on Big { size } ... on Small { text: size } } }`, `{"detail":{"size":3}}`, ""},
		"told by its default": {`{"size":"3"}`, `{ detail { ... on Big { size } ... on Small { text: size } } }`, `{"detail":{"text":"3"}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := h.project(t, test.document, test.query, nil)
			absent := ""
			for _, a := range got.absent {
				absent += fmt.Sprint(a.path, " ", a.reason)
			}
			if got.data != test.want || absent != test.absent || len(got.errors) > 0 {
				t.Errorf("%s %v %q\nwant %s %q", got.data, got.errors, absent, test.want, test.absent)
			}
		})
	}
	if got := h.project(t, `{"type":"queue"}`, `{ owner { ... on Queue { name } } }`, nil); got.data != `{"owner":null}` || len(got.errors) != 1 {
		t.Errorf("a field that may not be null: %s %v", got.data, got.errors)
	}
	if got := h.project(t, `{"type":"robot"}`, `{ sure { __typename } }`, nil); len(got.errors) != 1 {
		t.Errorf("a union that may not be null: %s %v", got.data, got.errors)
	}
}

const oneOfSchema = `
input EventInput @oneOf @tagged(by: "method", content: "params") { join: JoinInput @wire(value: "room.join") leave: Boolean }
input AddonInput @oneOf @tagged(by: "type") { hosts: JoinInput empty: EmptyInput }
input SettingInput @oneOf @tagged(argument: "settingType") { voiceMail: JoinInput desk: EmptyInput @wire(value: "desk_phone") }
input UntoldInput @oneOf @tagged { joining: JoinInput nothing: EmptyInput }
input RepeatInput @oneOf { weeklySetting: JoinInput monthlySetting: Int }
input JoinInput { meetingNumber: ID! dayOf: String }
input EmptyInput { nothing: String }
input ThingInput { event: EventInput addon: AddonInput setting: SettingInput repeat: RepeatInput repeats: [RepeatInput!] untold: UntoldInput }
type Query { set(input: ThingInput): Int }
`

// A @oneOf input becomes the body that its tag tells of.
func TestOneOf(t *testing.T) {
	t.Parallel()
	h := newHarness(t, oneOfSchema)
	const query = `query ($in: ThingInput) { set(input: $in) }`
	for input, want := range map[string]string{
		`{"event":{"join":{"meetingNumber":1}}}`:                    `{"event":{"method":"room.join","params":{"meeting_number":"1"}}}`,
		`{"event":{"leave":true}}`:                                  `{"event":{"method":"leave"}}`,
		`{"addon":{"hosts":{"meetingNumber":"a","dayOf":null}}}`:    `{"addon":{"type":"hosts","meeting_number":"a","day_of":null}}`,
		`{"addon":{"empty":{}}}`:                                    `{"addon":{"type":"empty"}}`,
		`{"setting":{"voiceMail":{"meetingNumber":"a"}}}`:           `{"setting":{"meeting_number":"a"}}`,
		`{"repeat":{"weeklySetting":{"meetingNumber":"a"}}}`:        `{"repeat":{"weekly_setting":{"meeting_number":"a"}}}`,
		`{"repeat":{"monthlySetting":3}}`:                           `{"repeat":{"monthly_setting":3}}`,
		`{"repeats":[{"monthlySetting":3},{"monthlySetting":4}]}`:   `{"repeats":[{"monthly_setting":3},{"monthly_setting":4}]}`,
		`{"untold":{"joining":{"meetingNumber":"a"}}}`:              `{"untold":{"meeting_number":"a"}}`,
		`{"untold":{"nothing":{}}}`:                                 `{"untold":{}}`,
		`{"untold":{"joining":{"meetingNumber":"a"},"nothing":{}}}`: `error untold: exactly one field of UntoldInput must be given, and not be null`,
		`{"event":{"leave":false}}`:                                 `error event.leave: it can only be true: leave it out otherwise`,
		`{"event":{}}`:                                              `error event: exactly one field of EventInput must be given, and not be null`,
		`{"event":{"leave":true,"join":{"meetingNumber":1}}}`:       `error event: exactly one field of EventInput must be given, and not be null`,
		`{"event":{"leave":null}}`:                                  `error event: exactly one field of EventInput must be given, and not be null`,
		`{"repeats":[{"monthlySetting":3},{}]}`:                     `error repeats[1]: exactly one field of RepeatInput must be given, and not be null`,
		`{"event":{"join":{"meetingNumber":" "}}}`:                  `error event.join.meetingNumber: an id must not be only white space`,
	} {
		got, err := body(t, h, query, `{"in":`+input+`}`)
		if err != nil {
			got = "error " + err.Error()
		}
		if got = trimInput(got); got != want {
			t.Errorf("%s\n%s, want\n%s", input, got, want)
		}
	}
}

func trimInput(text string) string {
	const before = "error input: "
	if len(text) > len(before) && text[:len(before)] == before {
		return "error " + text[len(before):]
	}
	return text
}

// The tag of an input whose kind stands in the path.
func TestTag(t *testing.T) {
	t.Parallel()
	h := newHarness(t, oneOfSchema)
	for input, want := range map[string]string{
		`{"voiceMail":{}}`: "voice_mail", `{"desk":{}}`: "desk_phone", `{}`: "", `{"desk":null}`: "", `{"desk":{},"voiceMail":{}}`: "",
	} {
		var fields map[string]any
		if err := json.Unmarshal([]byte(input), &fields); err != nil {
			t.Fatal(err)
		}
		var in project.Input
		if err := in.UnmarshalGQLContext(t.Context(), fields); err != nil {
			t.Fatal(err)
		}
		if got := h.projector.Tag("SettingInput", in); got != want {
			t.Errorf("%s: %q, want %q", input, got, want)
		}
	}
}
