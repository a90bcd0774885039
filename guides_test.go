package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/config"
)

// This file runs what the pages for people show: README.md, the guides in docs and the other pages beside the code. In
// them
//
//   - each ```graphql block is sent to a service on the embedded Zoom, with the variables of a ```json variables block
//     behind it. A ```json block behind that is the answer: data is compared whole, of the rest what is shown; "…" stands
//     for any value. A subscription is open while the next block, a mutation, is sent.
//   - each ```yaml block is read as a configuration file, unless a file of the checkout is included.
//   - each command of a ```sh block is read, and run where it ends by itself; see guides_shell_test.go.
//   - a block behind <!-- file: PATH --> is that file. Code in other languages comes in no other way.
//
// A block with a name behind its language (```graphql names.graphql) is that file for the commands of its page.

var update = flag.Bool("update", false, "write into the pages what they take from elsewhere")

// fence is a block of code of a page.
type fence struct {
	page     string
	line     int
	lang     string
	info     string // what stands behind the language
	file     string // that it is included from
	code     string
	from, to int // of the code in the page's text
}

func (f fence) String() string { return fmt.Sprintf("%s:%d", f.page, f.line) }

var (
	fencePattern = regexp.MustCompile("\n(?:<!-- file: (\\S+) -->\n)?```([a-z]*)(?: (.*))?\n((?:.*\n)*?)```\n")
	answerKeys   = []string{"data", "errors", "extensions"}
)

// pagesForPeople are the pages whose code is run and whose links are followed.
func pagesForPeople(t *testing.T) []string {
	t.Helper()
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md", "deploy/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	if len(pages) < 10 {
		t.Fatalf("only the pages %q were found", pages)
	}
	return pages
}

func readPage(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fencesOf are the blocks of a page.
func fencesOf(t *testing.T, page string) []fence {
	t.Helper()
	text := readPage(t, page)
	var list []fence
	for _, at := range fencePattern.FindAllStringSubmatchIndex(text, -1) {
		group := func(i int) string {
			if at[2*i] < 0 {
				return ""
			}
			return text[at[2*i]:at[2*i+1]]
		}
		list = append(list, fence{
			page: page, line: 1 + strings.Count(text[:at[4]], "\n"), file: group(1), lang: group(2), info: group(3), code: group(4),
			from: at[8], to: at[9],
		})
	}
	if marks := regexp.MustCompile("(?m)^ *```").FindAllString(text, -1); len(marks) != 2*len(list) {
		t.Errorf("%s has %d fences, of which %d blocks were made", page, len(marks), len(list))
	}
	return list
}

// TestGuides asks every query of the pages, on one service.
func TestGuides(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "--addr", "127.0.0.1:0")
	asked, compared := 0, 0
	for _, page := range pagesForPeople(t) {
		list := fencesOf(t, page)
		for i, f := range list {
			if f.lang == "json" && f.file == "" && !json.Valid([]byte(f.code)) {
				t.Errorf("%s is no JSON", f)
			}
			if f.lang != "graphql" || f.info != "" || f.file != "" {
				continue
			}
			asked++
			behind := list[i+1:]
			variables := json.RawMessage("{}")
			if len(behind) > 0 && behind[0].lang == "json" && behind[0].info == "variables" {
				variables, behind = json.RawMessage(behind[0].code), behind[1:]
			}
			want, shown := answerShown(behind)
			got := answerOf(t, s, f, variables, behind)
			if shown {
				compared++
				wantShown(t, f, want, got)
			} else if bytes.Contains(got, []byte(`"errors"`)) {
				t.Errorf("%s is answered %s", f, got)
			}
		}
	}
	if asked < 20 || compared < 8 {
		t.Errorf("%d queries were asked, and %d answers compared", asked, compared)
	}
}

// answerShown is the answer that stands in the next block, if one does.
func answerShown(behind []fence) (want string, shown bool) {
	if len(behind) == 0 || behind[0].lang != "json" || behind[0].info != "" {
		return "", false
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal([]byte(behind[0].code), &keys) != nil || len(keys) == 0 {
		return "", false
	}
	for key := range keys {
		if !slices.Contains(answerKeys, key) {
			return "", false
		}
	}
	return behind[0].code, true
}

// answerOf sends an operation. Nothing that is known already answers it, so that it costs what it says.
func answerOf(t *testing.T, s *started, f fence, variables json.RawMessage, behind []fence) []byte {
	t.Helper()
	if strings.HasPrefix(f.code, "subscription") {
		return eventOf(t, s, f, variables, behind)
	}
	res := sendShown(t.Context(), t, s, f.code, variables, "application/json")
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func sendShown(ctx context.Context, t *testing.T, s *started, query string, variables json.RawMessage, accept string) *http.Response {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Accept": accept, "Cache-Control": "no-cache"} {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// eventOf opens a subscription and is its first event. The mutation that the page shows next is sent until one comes: the
// stream's beginning does not say that the subscription has begun.
func eventOf(t *testing.T, s *started, f fence, variables json.RawMessage, behind []fence) []byte {
	t.Helper()
	i := slices.IndexFunc(behind, func(b fence) bool { return b.lang == "graphql" })
	if i < 0 || !strings.HasPrefix(behind[i].code, "mutation") {
		t.Fatalf("%s: no mutation stands behind the subscription", f)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	res := sendShown(ctx, t, s, f.code, variables, "text/event-stream")
	defer func() { _ = res.Body.Close() }()
	events := make(chan string, 1)
	go func() {
		defer close(events)
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			if data, ok := strings.CutPrefix(in.Text(), "data: "); ok {
				events <- data
				return
			}
		}
	}()
	for {
		change := sendShown(ctx, t, s, behind[i].code, json.RawMessage("{}"), "application/json")
		_ = change.Body.Close()
		again := time.NewTimer(200 * time.Millisecond)
		select {
		case event := <-events:
			again.Stop()
			if event == "" {
				t.Fatalf("%s: the stream ended without an event", f)
			}
			return []byte(event)
		case <-again.C:
		}
	}
}

// wantShown compares an answer with the one that a page shows.
func wantShown(t *testing.T, f fence, want string, got []byte) {
	t.Helper()
	var shown, answered any
	if err := json.Unmarshal([]byte(want), &shown); err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	if err := json.Unmarshal(got, &answered); err != nil {
		t.Fatalf("%s is answered %s", f, got)
	}
	if where := differs("", shown, answered); where != "" {
		t.Errorf("%s: the answer is not as shown at %s: %s", f, where, got)
	}
}

// differs is the first place where an answer is not as shown; "" if there is none.
func differs(at string, shown, got any) string {
	if shown == "…" {
		return ""
	}
	switch want := shown.(type) {
	case map[string]any:
		have, ok := got.(map[string]any)
		if !ok || strings.HasPrefix(at, ".data") && len(have) != len(want) {
			return at
		}
		for key, value := range want {
			answered, there := have[key]
			if !there {
				return at + "." + key
			}
			if where := differs(at+"."+key, value, answered); where != "" {
				return where
			}
		}
		return ""
	case []any:
		have, ok := got.([]any)
		if !ok || len(have) != len(want) {
			return at
		}
		for i := range want {
			if where := differs(fmt.Sprintf("%s.%d", at, i), want[i], have[i]); where != "" {
				return where
			}
		}
		return ""
	}
	if !reflect.DeepEqual(shown, got) {
		return at
	}
	return ""
}

// Configuration files that the pages show are read by the program. Files that they name exist, with a secret in each.
func TestGuidesConfigurations(t *testing.T) {
	t.Parallel()
	read := 0
	for _, page := range pagesForPeople(t) {
		for _, f := range fencesOf(t, page) {
			if f.lang != "yaml" || f.file != "" {
				continue
			}
			read++
			if _, err := config.Parse([]string{"serve", "--config", configOf(t, f)}, nothing, io.Discard); err != nil {
				t.Errorf("%s: %v", f, err)
			}
		}
	}
	if read < 4 {
		t.Errorf("%d configurations were read", read)
	}
}

var secretPath = regexp.MustCompile(`/run/secrets/[\w-]+`)

// configOf writes a block to a file, and the secrets that it names beside it.
func configOf(t *testing.T, f fence) string {
	t.Helper()
	dir := t.TempDir()
	text := secretPath.ReplaceAllStringFunc(f.code, func(path string) string {
		return writeFile(t, dir, filepath.Base(path), "secret-of-"+filepath.Base(path))
	})
	return writeFile(t, dir, "zoomgraph.yaml", text)
}

func writeFile(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func nothing(string) (string, bool) { return "", false }

// Code that the pages include is that of the files, which other tests run.
func TestGuidesIncludes(t *testing.T) {
	t.Parallel()
	known := []string{"", "graphql", "json", "yaml", "sh", "nginx"}
	for _, page := range pagesForPeople(t) {
		text, list := readPage(t, page), fencesOf(t, page)
		for _, f := range slices.Backward(list) { // so that places before stay where they are
			if f.file == "" {
				if !slices.Contains(known, f.lang) {
					t.Errorf("%s: code in %q is run by nothing; include it from a file that a test runs", f, f.lang)
				}
				continue
			}
			if want := readPage(t, f.file); want != f.code {
				if !*update {
					t.Errorf("%s is not as in %s; go test . -run TestGuidesIncludes -update mends it", f, f.file)
				}
				text = text[:f.from] + want + text[f.to:]
			}
		}
		if *update {
			if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
