package reference_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/net/html"

	"zoomgraph/graph"
	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/reference"
)

// page is what a test knows of a page.
type page struct {
	text    string
	anchors map[string]bool
	links   []string
}

// read reads all pages, and tells what is wrong with their HTML.
func read(t *testing.T) map[string]*page {
	t.Helper()
	r := newReference(t, time.Now)
	names, err := r.Names()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*page{}
	for _, name := range names {
		content, err := r.Page(name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		found[name] = &page{text: string(content), anchors: map[string]bool{}}
		if strings.HasSuffix(name, ".html") {
			found[name].parse(t, name)
		}
	}
	return found
}

// void are the elements that have no end.
var void = []string{"meta", "link", "input", "br"}

// telling are the elements that must have words.
var telling = []string{"a", "h1", "h2", "h3", "title"}

// inParagraph are the elements that may stand in a paragraph.
var inParagraph = []string{"a", "code", "small", "span", "b", "em", "kbd", "br"}

// parse notes anchors and links. Each element has its end in the right place, attributes are well-formed, an anchor is
// there once, and links and headings say something.
func (p *page) parse(t *testing.T, name string) {
	t.Helper()
	tokens := html.NewTokenizer(strings.NewReader(p.text))
	var open []string
	said := true // something, since the last link or heading began
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			break
		}
		token := tokens.Token()
		switch kind {
		case html.TextToken:
			said = said || strings.TrimSpace(token.Data) != ""
		case html.StartTagToken:
			said = said && !slices.Contains(telling, token.Data)
			if slices.Contains(open, "p") && !slices.Contains(inParagraph, token.Data) {
				t.Errorf("%s: <%s> stands in a paragraph", name, token.Data)
			}
			if !slices.Contains(void, token.Data) {
				open = append(open, token.Data)
			}
			for _, attribute := range token.Attr {
				p.note(t, name, token.Data, attribute)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("%s: </%s> where %q are open", name, token.Data, open)
			}
			open = open[:len(open)-1]
			if slices.Contains(telling, token.Data) && !said {
				t.Errorf("%s: a <%s> without words", name, token.Data)
				said = true
			}
		case html.SelfClosingTagToken, html.CommentToken:
			t.Errorf("%s: %s", name, token)
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: %q have no end", name, open)
	}
}

func (p *page) note(t *testing.T, name, element string, attribute html.Attribute) {
	t.Helper()
	switch attribute.Key {
	case "id":
		if p.anchors[attribute.Val] {
			t.Errorf("%s: the anchor %s is there twice", name, attribute.Val)
		}
		p.anchors[attribute.Val] = true
	case "href", "src":
		p.links = append(p.links, attribute.Val)
	default:
		if strings.HasPrefix(attribute.Key, "on") || attribute.Key == "style" {
			t.Errorf("%s: <%s %s>, which the policy of pages refuses", name, element, attribute.Key)
		}
	}
}

// Each page is well-formed, and each link leads to an anchor of a page that is there; none leads elsewhere.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := read(t)
	count := 0
	for name, p := range all {
		for _, link := range p.links {
			count++
			to, err := url.Parse(link)
			if err != nil || to.IsAbs() || to.Host != "" || to.RawQuery != "" || strings.Contains(to.Path, "/") {
				t.Errorf("%s links to %q", name, link)
				continue
			}
			target := all[to.Path]
			if to.Path == "" {
				target = p
			}
			if target == nil || to.Fragment != "" && !target.anchors[to.Fragment] {
				t.Errorf("%s links to %q, which is not there", name, link)
			}
		}
	}
	if count < 10_000 {
		t.Errorf("only %d links", count)
	}
}

// Every type, field, value and input field has its anchor on one page, and stands in the index of the search.
func TestAnchors(t *testing.T) {
	t.Parallel()
	all := read(t)
	have := map[string]string{}
	for name, p := range all {
		for anchor := range p.anchors {
			if have[anchor] != "" && strings.Contains(anchor, ".") {
				t.Errorf("%s is on %s and on %s", anchor, have[anchor], name)
			}
			have[anchor] = name
		}
	}
	want := func(anchor string) {
		if have[anchor] == "" {
			t.Errorf("%s is on no page", anchor)
		}
		if !strings.Contains(all["search.js"].text, `["`+anchor+`",`) {
			t.Errorf("%s is not found by the search", anchor)
		}
	}
	p := programtest.Of(t)
	for name, def := range p.Schema.Types {
		if strings.HasPrefix(name, "__") {
			continue
		}
		want(name)
		for _, f := range def.Fields {
			if !program.IsBuiltin(f) {
				want(name + "." + f.Name)
			}
		}
		for _, v := range def.EnumValues {
			want(name + "." + v.Name)
		}
	}
}

// Every operation of docs/operations.yaml that the schema has is in the list, with its limit and scopes, and leads to its
// fields.
func TestOperations(t *testing.T) {
	t.Parallel()
	list := read(t)["operations.html"]
	chapters, err := program.ReadFacts(programtest.Files(t))
	if err != nil {
		t.Fatal(err)
	}
	listed := 0
	for _, chapter := range chapters {
		for _, op := range chapter.Operations {
			if op.State != program.Covered {
				continue // no build knows of those
			}
			listed++
			_, row, found := strings.Cut(list.text, `<tr id="`+op.ID+`">`)
			row, _, _ = strings.Cut(row, "</tr>")
			if !found || !strings.Contains(row, "<code>"+op.Op+"</code>") || !strings.Contains(row, op.Limit) {
				t.Errorf("%s has no row: %q", op.Op, row)
			}
			for _, scope := range slices.Concat(op.Scopes, op.Granular) {
				if !strings.Contains(row, "<code>"+scope+"</code>") {
					t.Errorf("the row of %s does not name %s", op.Op, scope)
				}
			}
			for _, field := range op.Fields {
				if !strings.Contains(row, "#"+field+`"`) {
					t.Errorf("the row of %s does not lead to %s", op.Op, field)
				}
			}
		}
	}
	if listed < 300 {
		t.Errorf("%d operations", listed)
	}
}

// What a page says of fields: one of each kind.
func TestFields(t *testing.T) {
	t.Parallel()
	all := read(t)
	for _, tt := range []struct {
		page, anchor string
		want         []string
	}{
		{"schema.html", "Query.users", []string{
			`GET /users</a>`, `<span class="label">MEDIUM</span>`, "user:read:admin", "user:read:list_users:admin", "up to 300 rows a call, and 30",
			`href="schema.html#UserConnection"`, `<code>first: <a href="schema.html#Int">Int</a> = 30</code>`, "At worst", "1 call",
		}},
		{"roles.html", "Mutation.updateRole", []string{"createRole(input: $input)", "1. First:", "2. <code>roleId</code>", "updateRole(id: $roleId", "Read anew", "<code>roles/{roleId}</code>"}},
		{"schema.html", "Query.me", []string{"It takes a person’s own token"}},
		{"schema.html", "User.email", []string{`<code>{ user(id: &#34;`, `GET /users/{userId}</a>`}},
		{"users.html", "Mutation.uploadUserPicture", []string{"multipart request", "$picFile: Upload!"}},
		{"users.html", "UserToken.token", []string{"A secret: only callers with the permission <code>secrets</code>"}},
		{"reports.html", "Query.reportOperationLogs", []string{"at most a month a call"}},
		{"meetings.html", "ApprovalType.MANUALLY_APPROVE", []string{"Zoom’s <code>1</code>"}},
		{"meetings.html", "CreateMeetingInput.topic", nil},
	} {
		p := all[tt.page]
		if p == nil {
			t.Errorf("there is no %s", tt.page)
			continue
		}
		_, text, found := strings.Cut(p.text, ` id="`+tt.anchor+`"`)
		text, _, _ = strings.Cut(text, ` id="`)
		if !found {
			t.Errorf("%s is not on %s", tt.anchor, tt.page)
		}
		for _, want := range tt.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s#%s does not say %q:\n%s", tt.page, tt.anchor, want, text)
			}
		}
	}
}

// Every field that is answered has an example, or leads to the write that answers it.
func TestEveryFieldHasAnExample(t *testing.T) {
	t.Parallel()
	r := newReference(t, time.Now)
	for name, def := range programtest.Of(t).Schema.Types {
		if def.Kind != ast.Object || def.BuiltIn {
			continue
		}
		for _, f := range def.Fields {
			if program.IsBuiltin(f) {
				continue
			}
			if example, err := r.Example(name, f.Name); err != nil || example == nil {
				t.Errorf("%s.%s has no example (%v): go test ./graph -run TestWholeSchemaExamples -update finds those that are missing", name, f.Name, err)
			}
		}
	}
}

// The pages are light: on a slow line one is there in a second or two.
func TestWeight(t *testing.T) {
	t.Parallel()
	total := 0
	for name, p := range read(t) {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = io.WriteString(w, p.text)
		_ = w.Close()
		total += len(p.text)
		if limit := 1 << 20; len(p.text) > limit || b.Len() > limit/8 && name != "search.js" || b.Len() > limit/4 {
			t.Errorf("%s has %d KiB, %d compressed", name, len(p.text)>>10, b.Len()>>10)
		}
	}
	if total > 9<<20 {
		t.Errorf("all pages have %d KiB", total>>10)
	}
	t.Logf("%d KiB", total>>10)
}

// What stands in a description is text, and no markup: also in the index of the search, which is a script.
func TestEscaping(t *testing.T) {
	t.Parallel()
	const evil = `</script><script>alert(1)</script><img src=x onerror=alert(2)> "quoted" & 'so' ` + "`<b>`"
	p := *programtest.Of(t)
	schema := *p.Schema
	query := *schema.Query
	query.Fields = slices.Clone(query.Fields)
	for i, f := range query.Fields {
		if f.Name == "users" {
			one := *f
			one.Description = evil
			query.Fields[i] = &one
		}
	}
	schema.Types = map[string]*ast.Definition{}
	for name, def := range p.Schema.Types {
		schema.Types[name] = def
	}
	schema.Query, schema.Types["Query"], p.Schema = &query, &query, &schema
	r := reference.New(&p, graph.Price, time.Now)
	for _, name := range []string{"schema.html", "search.js"} {
		content, err := r.Page(name)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(content); strings.Contains(text, "<script>") || strings.Contains(text, "<img") || strings.Contains(text, "<b>`") || !strings.Contains(text, "alert(1)") {
			t.Errorf("%s has what was written as a description unescaped", name)
		}
	}
}

// Files are written whole, over those of an earlier time, and those that are served are the same but for the way to GraphiQL.
func TestWriteAndServe(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)
	r := newReference(t, func() time.Time { return day })
	folder := filepath.Join(t.TempDir(), "a", "b")
	if err := r.Write(folder); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(folder); err != nil {
		t.Fatal(err)
	}
	served := r.Served("../graphiql")
	names, err := r.Names()
	if err != nil {
		t.Fatal(err)
	}
	unpack := func(name string) string {
		content, err := served.ReadFile(name + ".gz")
		if err != nil {
			t.Fatal(err)
		}
		plain, err := gzip.NewReader(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(plain)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, name := range names {
		written, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer(`<meta name="graphiql" content="../graphiql">`+"\n", "", `<a href="../graphiql">GraphiQL</a>`+"\n", "").Replace(unpack(name))
		if text != string(written) {
			t.Errorf("%s is served otherwise than it is written", name)
		}
	}
	if before, after := unpack("accounts.html"), func() string { day = day.Add(2 * time.Hour); return unpack("accounts.html") }(); !strings.Contains(before, "2026-11-30") || !strings.Contains(after, "2026-12-01") {
		t.Error("examples are not about the day on which they are read")
	}
	for _, name := range []string{"nothing.html.gz", "index.html", "../schema.html.gz", "pages/frame.gohtml.gz"} {
		if _, err := served.ReadFile(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	taken := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(taken); err == nil {
		t.Error("written into a file")
	}
}
