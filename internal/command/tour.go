package command

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// This file prints what a newcomer sees when the service has started.

// The queries a newcomer is shown: of the sandbox one user is known, of a real
// account none.
const (
	exampleUser = `{
  user(id: %q) {
    id
    email
    settings {
      scheduleMeeting { hostVideo }
      inMeeting { waitingRoom }
    }
  }
}`
	exampleUsers = `{
  users(first: 3) {
    nodes {
      id
      email
      settings {
        scheduleMeeting { hostVideo }
        inMeeting { waitingRoom }
      }
    }
  }
}`
)

// tour is what a person who has just started the service wants to see.
type tour struct {
	addr    string
	query   string
	sandbox string // its address, if it answers
	closed  bool   // callers say who they are
	people  bool   // who may sign in
	keyless bool   // nobody else may call
}

func (t tour) print(greeting string, w io.Writer) {
	zoom := "the account of your credentials"
	if t.sandbox != "" {
		zoom = "an embedded sandbox at " + t.sandbox + " (set ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET for a real account)"
	}
	signIn, try := "", "Try the console, or:\n\n  "+t.curl()
	if t.people {
		signIn = "\n  Sign in   http://" + t.addr + "/sign-in"
	}
	if t.people && t.keyless {
		try = "Sign in, and ask in the console."
	}
	_, _ = fmt.Fprintf(w, `%[5]s

  Console   http://%[1]s/
  GraphiQL  http://%[1]s/graphiql
  GraphQL   http://%[1]s/graphql%[2]s
  Zoom      %[3]s

%[4]s

`, t.addr, signIn, zoom, try, greeting) // a closed terminal does not stop a service
}

// curl is a command that asks something.
func (t tour) curl() string {
	query := strings.Join(strings.Fields(t.query), " ")
	body, _ := json.Marshal(map[string]string{"query": query}) // a map of strings always encodes
	key := ""
	if t.closed {
		key = ` -H "Authorization: Bearer $KEY"`
	}
	return fmt.Sprintf(`curl -s http://%s/graphql%s -H 'Content-Type: application/json' -d '%s'`, t.addr, key, body)
}
