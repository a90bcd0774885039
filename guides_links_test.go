package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// This file follows the links of the pages for people, and looks for what code and pages name of each other.

var (
	linkPattern    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headingPattern = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
	linkText       = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	notInAnchors   = regexp.MustCompile(`[^\p{L}\p{N}\- _]`)
	blocksOfCode   = regexp.MustCompile("\n```(?:.*\n)+?```\n")
	pageNamed      = regexp.MustCompile(`\b((?:docs/[a-z]+|README|CONTRIBUTING|SECURITY|CHANGELOG|deploy/README)\.md)(#[\w-]+)?`)
)

// anchorsOf are the anchors of a page's headings, as GitHub makes them.
func anchorsOf(t *testing.T, page string) map[string]bool {
	t.Helper()
	anchors := map[string]bool{}
	for _, m := range headingPattern.FindAllStringSubmatch(blocksOfCode.ReplaceAllString(readPage(t, page), "\n"), -1) {
		heading := strings.ToLower(linkText.ReplaceAllString(m[1], "$1"))
		anchor := strings.ReplaceAll(notInAnchors.ReplaceAllString(heading, ""), " ", "-")
		for i, unique := 1, anchor; ; i++ {
			if !anchors[unique] {
				anchors[unique] = true
				break
			}
			unique = fmt.Sprintf("%s-%d", anchor, i)
		}
	}
	return anchors
}

// Links of the pages lead to files and headings that there are.
func TestGuidesLinks(t *testing.T) {
	t.Parallel()
	followed := 0
	for _, page := range pagesForPeople(t) {
		for _, m := range linkPattern.FindAllStringSubmatch(blocksOfCode.ReplaceAllString(readPage(t, page), "\n"), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			followed++
			file, anchor, _ := strings.Cut(m[1], "#")
			target := page
			if file != "" {
				target = filepath.Join(filepath.Dir(page), file)
			}
			wantThere(t, page, target, anchor)
		}
	}
	if followed < 40 {
		t.Errorf("only %d links were followed", followed)
	}
}

func wantThere(t *testing.T, from, target, anchor string) {
	t.Helper()
	switch _, err := os.Stat(target); {
	case err != nil:
		t.Errorf("%s leads to %s, which is not there", from, target)
	case anchor != "" && !anchorsOf(t, target)[anchor]:
		t.Errorf("%s leads to %s#%s, and there is no such heading", from, target, anchor)
	}
}

// What the code, its messages and the files of deploy say of a page leads somewhere.
func TestPagesNamedInCode(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "git", "ls-files", "*.go", "*.yaml", "*.graphqls", "*.ts", "*.tsx", "*.service", "*.env", "Makefile", "deploy/Dockerfile").Output()
	if err != nil {
		t.Skipf("the files are listed by git: %v", err)
	}
	named := 0
	for file := range strings.FieldsSeq(string(out)) {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // removed, and not committed yet
		}
		for _, m := range pageNamed.FindAllStringSubmatch(string(text), -1) {
			named++
			wantThere(t, file, m[1], strings.TrimPrefix(m[2], "#"))
		}
	}
	if named < 5 {
		t.Errorf("only %d pages are named", named)
	}
}

// Tests that a page names for what it promises are there.
func TestTestsNamedInPages(t *testing.T) {
	t.Parallel()
	there := map[string]bool{}
	out, err := exec.CommandContext(t.Context(), "git", "ls-files", "*_test.go").Output()
	if err != nil {
		t.Skipf("the files are listed by git: %v", err)
	}
	for file := range strings.FieldsSeq(string(out)) {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // removed, and not committed yet
		}
		for _, m := range testDefined.FindAllSubmatch(text, -1) {
			there[string(m[1])] = true
		}
	}
	named := 0
	for _, page := range pagesForPeople(t) {
		for _, m := range testNamed.FindAllStringSubmatch(readPage(t, page), -1) {
			if named++; !there[m[1]] {
				t.Errorf("%s names %s, and there is no such test", page, m[1])
			}
		}
	}
	if named < 15 {
		t.Errorf("only %d tests are named", named)
	}
}

var (
	testDefined = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	testNamed   = regexp.MustCompile("`(Test[A-Z]\\w+)`")
)
