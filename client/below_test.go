package client

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
)

func TestBelowASubAccount(t *testing.T) {
	t.Parallel()
	uri := ""
	c := dial(t, func(w http.ResponseWriter, r *http.Request) {
		uri = r.Method + " " + strings.TrimPrefix(r.RequestURI, "/v2")
		answer(200, `{}`)(w, r)
	})
	user := &Op{
		Method: "GET", Path: "/users/{userId}", Scopes: []string{"user:read:admin"},
		Below: &Op{Method: "GET", Path: "/accounts/{accountId}/users/{userId}", Scopes: []string{"user:master"}},
	}
	phones := &Op{Method: "GET", Path: "/sip_phones", Below: &Op{Method: "GET", Path: "/accounts/{accountId}/sip_phones/phones"}}
	moved := &Op{Method: "GET", Path: "/new", Old: &Old{Method: "GET", Path: "/old"}, Below: &Op{Method: "GET", Path: "/accounts/{accountId}/new"}}
	account := &Op{Method: "GET", Path: "/accounts/{accountId}/settings"}
	channel := &Op{Method: "GET", Path: "/chat/channels/{channelId}"}
	accounts := &Op{Method: "GET", Path: "/accounts"}
	for _, tc := range []struct {
		op   *Op
		path []string
		want string // the request; or, of what is refused, a part of the message
	}{
		{user, []string{"ann"}, "GET /accounts/sub%2F1/users/ann"},
		{user, []string{"ann@example.com"}, "GET /accounts/sub%2F1/users/ann@example.com"},
		{user, []string{"me"}, "me"},
		{user, []string{""}, "empty"},
		{phones, nil, "GET /accounts/sub%2F1/sip_phones/phones"},
		{moved, nil, "GET /accounts/sub%2F1/new"},
		{account, []string{"me"}, "GET /accounts/sub%2F1/settings"},
		{account, []string{"sub/1"}, "GET /accounts/sub%2F1/settings"},
		{account, []string{"sub2"}, "knows no other"},
		{channel, []string{"c"}, "GET /chat/channels/{channelId}"},
		{accounts, nil, "GET /accounts of a sub account"},
	} {
		uri = ""
		req := Request{Op: tc.op, Path: tc.path}
		sub := c.Below("sub/1")
		_, err := sub.Do(t.Context(), req)
		if checked := sub.Check(req); (checked == nil) != (err == nil) {
			t.Errorf("%s %q: Check says %v, and Do %v", tc.op, tc.path, checked, err)
		}
		if named := sub.CheckPath(req); (named == nil) != (err == nil || tc.op.Below == nil && tc.op != account) {
			t.Errorf("%s %q: CheckPath says %v", tc.op, tc.path, named)
		}
		switch {
		case strings.HasPrefix(tc.want, "GET /accounts/sub"):
			if err != nil || uri != tc.want {
				t.Errorf("%s %q: %s, %v, want %s", tc.op, tc.path, uri, err, tc.want)
			}
		case !errors.Is(err, ErrBadUserInput) || !strings.Contains(err.Error(), tc.want) || uri != "":
			t.Errorf("%s %q: %v, and asked for %q; want %s", tc.op, tc.path, err, uri, tc.want)
		}
	}
	if _, err := c.Do(t.Context(), Request{Op: user, Path: []string{"ann"}}); err != nil || uri != "GET /users/ann" {
		t.Errorf("the account itself: %s, %v", uri, err)
	}
}

// A user's own token is nobody's of a sub account.
func TestNobodyIsMeBelow(t *testing.T) {
	t.Parallel()
	c := dial(t, answer(200, `{}`), func(cfg *Config) { cfg.Tokens, cfg.Me = StaticToken("mine"), "ann" })
	if sub := c.Below("sub"); !c.ActsAsUser() || c.Me() != "ann" || sub.ActsAsUser() || sub.Me() != "" {
		t.Errorf("in its account %t %q, below %t %q", c.ActsAsUser(), c.Me(), sub.ActsAsUser(), sub.Me())
	}
}

// Things of different accounts are different things, whatever their ids say; what is about a sub account itself is one
// thing, from wherever it is written.
func TestOrderBelow(t *testing.T) {
	t.Parallel()
	update := &Op{Method: "PATCH", Path: "/users/{userId}", Below: &Op{Method: "PATCH", Path: "/accounts/{accountId}/users/{userId}"}}
	own := &Op{Method: "PATCH", Path: "/accounts/{accountId}/settings"}
	type write struct {
		in   string // sub account
		op   *Op
		path string
	}
	for name, tc := range map[string]struct {
		a, b     write
		together bool
	}{
		"one user of two accounts":           {write{"a", update, "ann"}, write{"b", update, "ann"}, true},
		"a user here and below":              {write{"", update, "ann"}, write{"a", update, "ann"}, true},
		"two users of one":                   {write{"a", update, "ann"}, write{"a", update, "bob"}, true},
		"one user of one":                    {write{"a", update, "ann"}, write{"a", update, "ann"}, false},
		"an account from above and from in":  {write{"", own, "a"}, write{"a", own, "me"}, false},
		"two accounts":                       {write{"a", own, "me"}, write{"b", own, "me"}, true},
		"a user and the settings of all":     {write{"a", update, "ann"}, write{"a", own, "me"}, true},
		"a user with the name of an account": {write{"", update, "a"}, write{"", own, "a"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log overlaps
			var meeting sync.WaitGroup
			meeting.Add(2)
			c := dial(t, func(w http.ResponseWriter, r *http.Request) {
				log.enter(r)
				defer log.leave()
				if tc.together {
					meeting.Done()
					meeting.Wait() // for the other one, or the test times out
				}
				answer(204, "")(w, r)
			})
			var wg sync.WaitGroup
			for _, w := range []write{tc.a, tc.b} {
				zoom := c
				if w.in != "" {
					zoom = c.Below(w.in)
				}
				wg.Go(func() {
					if _, err := zoom.Do(t.Context(), Request{Op: w.op, Path: []string{w.path}}); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if tc.together != (log.most == 2) {
				t.Errorf("%d at once: %q", log.most, log.order)
			}
			wantNoQueues(t, c)
		})
	}
}
