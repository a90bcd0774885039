package program_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// keysSchema has a field for each way in which a path gets its values.
const keysSchema = `
	directive @zoom(op: String!, list: String, brings: [String!], by: [String!]) on FIELD_DEFINITION
	type Query {
		user(id: ID!): User @zoom(op: "GET /users/{userId}")
		pastMeeting(uuid: ID!): PastMeeting @zoom(op: "GET /past_meetings/{meetingUUID}")
		metrics(uuid: ID!): Metrics @zoom(op: "GET /metrics/{meetingId}", by: ["uuid"])
		two(siteId: ID!, id: ID!): Data @zoom(op: "GET /sites/{siteId}/rooms/{roomId}")
		greedy(id: ID!, memberId: ID!): Data @zoom(op: "GET /groups/{groupId}/members/{memberId}")
		queues: [Queue!] @zoom(op: "GET /queues", list: "queues")
		chat(id: ID!): Chat @zoom(op: "GET /chats/{chatId}")
		userId: ID
		lost: Data @zoom(op: "GET /users/{userId}/lost")
	}
	type Mutation {
		write(id: ID!): WritePayload @zoom(op: "PATCH /users/{userId}/x")
		writeChat(id: ID!): ChatPayload @zoom(op: "PATCH /chats/{chatId}")
		writeUserChat(userId: ID!, id: ID!): ChatPayload @zoom(op: "PATCH /users/{userId}/chats/{chatId}")
	}
	type ChatPayload { chat: Chat }
	type WritePayload { user: User read: Data @zoom(op: "GET /users/{userId}/x") }
	type Data { name: String }
	type Queue { name: String members: Members oldest: User @zoom(op: "GET /users/{userId}", brings: ["id"]) links: [Data!] }
	type Members { users: [User!] @zoom(op: "GET /users/{userId}", brings: ["id"]) }
	type User {
		id: ID! siteId: ID userIds: [ID!]
		plain: Data @zoom(op: "GET /users/{userId}/plain")
		other: Data @zoom(op: "GET /x/{id}")
		phone: PhoneUser @zoom(op: "GET /phone/users/{userId}")
		site: Site @zoom(op: "GET /sites/{siteId}")
		channel(id: ID!): Channel @zoom(op: "GET /users/{userId}/channels/{channelId}")
		friends: [User!] @zoom(op: "GET /users/{userId}")
		friend(id: ID!): User @zoom(op: "GET /users/{userId}")
		chat(id: ID!): Chat @zoom(op: "GET /users/{userId}/chats/{chatId}")
		chats: [Chat!] @zoom(op: "GET /users/{userId}/chats", list: "chats")
	}
	type Chat {
		id: ID!
		said: Data @zoom(op: "GET /users/{userId}/chats/{chatId}/said")
		odd: Data @zoom(op: "GET /sites/{siteId}/chats/{chatId}/odd")
	}
	type PhoneUser {
		id: ID! callId: ID userId: ID
		settings: Data @zoom(op: "GET /phone/users/{userId}/settings")
		call: Data @zoom(op: "GET /calls/{call_id}")
		user: User @zoom(op: "GET /users/{userId}", by: ["id"])
	}
	type Site { id: ID! name: String rooms: Data @zoom(op: "GET /sites/{siteId}/rooms") }
	type Channel {
		id: ID!
		members: Data @zoom(op: "GET /users/{userId}/channels/{channelId}/members")
		strange: Data @zoom(op: "GET /sites/{siteId}/strange")
	}
	type PastMeeting {
		uuid: ID! id: ID
		polls: Data @zoom(op: "GET /past_meetings/{meetingId}/polls", by: ["uuid"])
		files: Data @zoom(op: "GET /past_meetings/{meetingUUID}/files")
		meeting: Data @zoom(op: "GET /meetings/{meetingId}", by: ["id"])
	}
	type Metrics { uuid: ID! id: ID hostUuid: ID loop: Metrics @zoom(op: "GET /metrics/{meetingId}", by: ["hostUuid"]) }`

func keysProgram(t *testing.T) *program.Program {
	t.Helper()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: keysSchema})
	var facts strings.Builder
	facts.WriteString("- chapter: All\n  operations:\n")
	seen := map[string]bool{}
	for _, def := range schema.Types {
		for _, field := range def.Fields {
			if op := program.Text(field.Directives.ForName("zoom"), "op"); op != "" && !seen[op] {
				seen[op] = true
				fmt.Fprintf(&facts, "    - {op: %q, id: a%d}\n", op, len(seen))
			}
		}
	}
	chapters, err := program.ParseFacts([]byte(facts.String()))
	if err != nil {
		t.Fatal(err)
	}
	p, err := program.New(schema, chapters)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSources(t *testing.T) {
	t.Parallel()
	p := keysProgram(t)
	for where, want := range map[string]string{
		"Query.user":          "argument id",
		"Query.pastMeeting":   "argument uuid",
		"Query.metrics":       "argument uuid",
		"Query.two":           "argument siteId, argument id",
		"Query.greedy":        "argument id, argument memberId",
		"Query.lost":          "nothing",
		"Mutation.write":      "argument id",
		"WritePayload.read":   "thing user",
		"User.plain":          "key",
		"User.other":          "nothing",
		"User.phone":          "key",
		"User.site":           "field siteId",
		"User.channel":        "key, argument id",
		"User.friends":        "field userIds",
		"User.friend":         "argument id",
		"PhoneUser.settings":  "key",
		"PhoneUser.call":      "field callId",
		"PhoneUser.user":      "key",
		"Site.rooms":          "key",
		"Channel.members":     "above, key",
		"Channel.strange":     "nothing",
		"Chat.said":           "above, key", // the user whose token it is, where no path names one
		"Chat.odd":            "nothing, key",
		"PastMeeting.polls":   "key",
		"PastMeeting.files":   "key",
		"PastMeeting.meeting": "field id",
		"Metrics.loop":        "field hostUuid",
	} {
		typeName, name, _ := strings.Cut(where, ".")
		def := p.Schema.Types[typeName]
		var got []string
		for _, s := range p.Sources(def, def.Fields.ForName(name)) {
			switch {
			case s.Argument != nil:
				got = append(got, "argument "+s.Argument.Name)
			case s.Key:
				got = append(got, "key")
			case s.Thing != nil:
				got = append(got, "thing "+s.Thing.Name)
			case s.Field != nil:
				got = append(got, "field "+s.Field.Name)
			case s.Above:
				got = append(got, "above")
			default:
				got = append(got, "nothing")
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %s, want %s", where, strings.Join(got, ", "), want)
		}
	}
}

// TestViews tells things, rows and parts from data, by the forms of the fields that hold them.
func TestViews(t *testing.T) {
	t.Parallel()
	p := keysProgram(t)
	for where, want := range map[string]program.Form{
		"Query.queues": program.Items, "Queue.name": program.Plain, "Queue.members": program.Part, "Queue.oldest": program.Inside,
		"Queue.links": program.Plain, "Members.users": program.Inside, "User.friends": program.Link, "PhoneUser.user": program.Thing,
		"User.site": program.Link, "User.plain": program.Data, "WritePayload.user": program.Plain,
	} {
		typeName, name, _ := strings.Cut(where, ".")
		def := p.Schema.Types[typeName]
		if got := p.FormOf(def, def.Fields.ForName(name)); got != want {
			t.Errorf("%s has the form %d, want %d", where, got, want)
		}
	}
	for name, want := range map[string]bool{"Queue": true, "Members": true, "User": true, "Data": false, "WritePayload": false, "Query": false} {
		if p.IsView(p.Schema.Types[name]) != want {
			t.Errorf("%s is a view: %v, want %v", name, !want, want)
		}
	}
}

func TestKeyNames(t *testing.T) {
	t.Parallel()
	p := keysProgram(t)
	for name, want := range map[string]string{
		"User": "id", "PhoneUser": "id", "Site": "id", "Channel": "id", "PastMeeting": "uuid", "Metrics": "uuid", "Data": "", "Query": "", "WritePayload": "",
	} {
		if got := p.KeyName(p.Schema.Types[name]); got != want {
			t.Errorf("%s is read by %q, want %q", name, got, want)
		}
	}
	if got := p.Detail(p.Schema.Types["Channel"]).Op; got != "GET /users/{userId}/channels/{channelId}" {
		t.Errorf("a channel is read by %s", got)
	}
}

// TestDetailBy: what several paths read is read on by that which goes on from where it was come by.
func TestDetailBy(t *testing.T) {
	t.Parallel()
	p := keysProgram(t)
	const alone, below = "GET /chats/{chatId}", "GET /users/{userId}/chats/{chatId}"
	for by, want := range map[string]string{
		"":                             alone,
		"PATCH /chats/{chatId}":        alone,
		"GET /users/{userId}/chats":    below,
		"PATCH " + below[len("GET "):]: below,
	} {
		if got := p.DetailBy(p.Schema.Types["Chat"], p.Fact(by)).Op; got != want {
			t.Errorf("by %q a chat is read by %s, want %s", by, got, want)
		}
	}
	if got := p.DetailBy(p.Schema.Types["Data"], p.Fact(alone)); got != nil {
		t.Errorf("data is read by %s", got.Op)
	}
}

// TestLists is about facts of lists.
func TestLists(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		facts      string
		usual, max int
		numbered   bool
	}{
		"as usual":           {"query: [page_size, next_page_token]", 30, 300, false},
		"small":              {"page: {max: 10}", 10, 10, false},
		"small unless told":  {"page: {default: 1, max: 25}", 1, 25, false},
		"large":              {"page: {default: 10, max: 1000}", 10, 1000, false},
		"numbered":           {"query: [page_size, page_number]", 30, 300, true},
		"numbered or tokens": {"query: [page_number, next_page_token]", 30, 300, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chapters, err := program.ParseFacts([]byte("- {chapter: A, operations: [{op: GET /a, id: a, " + test.facts + "}]}"))
			if err != nil {
				t.Fatal(err)
			}
			op := chapters[0].Operations[0]
			if op.UsualPage() != test.usual || op.LargestPage() != test.max || op.Numbered() != test.numbered {
				t.Errorf("pages of %d, %d at most, numbered %v", op.UsualPage(), op.LargestPage(), op.Numbered())
			}
		})
	}
}
