package docs_test

import (
	"slices"
	"testing"

	"zoomgraph/graph/program/programtest"
)

// otherPages are lists whose pages are not as the documents of 2026 have them, and why.
var otherPages = map[string]string{
	"GET /users":                    "its older document allows 300, and what an account really allows is not known",
	"GET /groups/{groupId}/members": "as of users",
}

// Where the collected facts lie beside the checkout, page sizes are as the documents of 2026 have them, and whoever takes
// from and to has a limit, or is known to have none.
func TestPagesAreAsTheFactsSay(t *testing.T) {
	t.Parallel()
	var facts map[string]struct {
		QueryParams []struct {
			Name             string
			Default, Maximum any
			Schema           struct{ Default, Maximum any }
		}
	}
	programtest.Collected(t, "operations-2026.json", &facts)
	_, chapters := read(t)
	compared, different := 0, map[string]bool{}
	for _, o := range all(chapters) {
		for _, param := range facts[o.Op].QueryParams {
			if param.Name != "page_size" || !o.Reads() {
				continue
			}
			usual, most := number(param.Schema.Default, param.Default), number(param.Schema.Maximum, param.Maximum)
			if usual == 0 || most == 0 {
				continue
			}
			compared++
			if o.UsualPage() == usual && o.LargestPage() == most {
				continue
			}
			if different[o.Op] = true; otherPages[o.Op] == "" {
				t.Errorf("%s has pages of %d rows, %d at most; the documents say %d and %d", o.Op, o.UsualPage(), o.LargestPage(), usual, most)
			}
		}
	}
	for op := range otherPages {
		if !different[op] {
			t.Errorf("%s is as the documents say, and listed as different", op)
		}
	}
	if compared < 50 {
		t.Errorf("only %d operations were compared", compared)
	}
}

// number is the first of some values that is one; 0 where none is.
func number(values ...any) int {
	for _, value := range values {
		if n, ok := value.(float64); ok {
			return int(n)
		}
	}
	return 0
}

// unlimited are lists of a time for which the documents name no limit, or whose time is something else.
var unlimited = []string{
	"GET /chat/users/{userId}/messages", "GET /im/chat/sessions", "GET /im/chat/sessions/{sessionId}",
	"GET /users/{userId}/meetings", "GET /metrics/client/feedback/{feedbackId}",
}

// Every operation that takes from and to has a limit of their distance, or is known to have none.
func TestTimesHaveLimits(t *testing.T) {
	t.Parallel()
	_, chapters := read(t)
	for _, o := range all(chapters) {
		takes := slices.Contains(o.Query, "from") && slices.Contains(o.Query, "to")
		switch free := slices.Contains(unlimited, o.Op); {
		case !o.Reads():
		case takes && !free && o.Window == nil:
			t.Errorf("%s takes from and to, and has no window", o.Op)
		case o.Window != nil && (free || !takes):
			t.Errorf("%s has a window of a %s, and takes no from and to, or is listed as one without a limit", o.Op, o.Window.Of)
		}
	}
}
