package project_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

const secretSchema = `
directive @sensitive(where: String) on FIELD_DEFINITION
type Query { thing: Thing }
type Thing {
  name: String
  pmiPassword: String @sensitive
  box: Box @sensitive
  things: [Thing!]
  setting: String @name(zoom: "field")
  joinUrl: String
  joinUrls: [String!]
  link: ID
  value: JSON @sensitive(where: "setting")
  raw: JSON
}
type Box { name: String }
`

// reader is the harness for a caller who may not see secrets.
func (h harness) reader() *harness {
	h.blind = true
	return &h
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	h := newHarness(t, secretSchema)
	const forbidden = ": this caller may not see Thing."
	for _, tt := range []struct {
		name, document, query string
		data                  string
		errs                  []string // path and field
		withheld              []string
	}{
		{
			name: "a leaf", document: `{"name":"n","pmi_password":"canary"}`, query: `{ thing { name p: pmiPassword } }`,
			data: `{"thing":{"name":"n","p":null}}`, errs: []string{"thing.p pmiPassword"},
		},
		{
			name: "one beside a nameless value", document: `{"":"host_video","pmi_password":"canary"}`, query: `{ thing { pmiPassword } }`,
			data: `{"thing":{"pmiPassword":null}}`, errs: []string{"thing.pmiPassword pmiPassword"},
		},
		{
			name: "one that is not there", document: `{}`, query: `{ thing { pmiPassword } }`,
			data: `{"thing":{"pmiPassword":null}}`, errs: []string{"thing.pmiPassword pmiPassword"},
		},
		{
			name: "an object", document: `{"box":{"name":"canary"}}`, query: `{ thing { box { name } } }`,
			data: `{"thing":{"box":null}}`, errs: []string{"thing.box box"},
		},
		{
			name: "in a list", document: `{"things":[{"pmi_password":"canary","name":"n"}]}`, query: `{ thing { things { pmiPassword name } } }`,
			data: `{"thing":{"things":[{"pmiPassword":null,"name":"n"}]}}`, errs: []string{"thing.things.0.pmiPassword pmiPassword"},
		},
		{
			name: "named beside", document: `{"things":[{"field":"a.pmi_password","value":"canary"},{"field":"host_video","value":1}]}`, query: `{ thing { things { value } } }`,
			data: `{"thing":{"things":[{"value":null},{"value":1}]}}`, errs: []string{"thing.things.0.value value"},
		},
		{
			name: "named beside by who knows what", document: `{"field":1,"value":"canary"}`, query: `{ thing { value } }`,
			data: `{"thing":{"value":null}}`, errs: []string{"thing.value value"},
		},
		{
			name:     "in raw",
			document: `{"raw":{"s":{"pmi_password":"canary","host_video":true,"host\u005fkey":"canary"},"l":[1,{"token":{"a":"canary"}}],"pmi_password":true,"n":null,"x_secret":"canary"}}`,
			query:    `{ thing { raw } }`,
			data:     `{"thing":{"raw":{"s":{"pmi_password":null,"host_video":true,"host_key":null},"l":[1,{"token":null}],"pmi_password":true,"n":null,"x_secret":null}}}`,
			withheld: []string{"thing.raw.s.pmi_password", "thing.raw.s.host_key", "thing.raw.l[1].token", "thing.raw.x_secret"},
		},
		{
			name: "in raw, twice", document: `{"raw":{"token":"canary","token":"canary"}}`, query: `{ thing { raw } }`,
			data: `{"thing":{"raw":{"token":null,"token":null}}}`, withheld: []string{"thing.raw.token", "thing.raw.token"},
		},
		{
			name: "an address", document: `{"join_url":"https:\/\/zoom.us\/j\/1?pwd=canary\u0026lang=de","name":"a=b?c=d"}`, query: `{ thing { joinUrl name again: joinUrl } }`,
			data:     `{"thing":{"joinUrl":"https://zoom.us/j/1?lang=de","name":"a=b?c=d","again":"https://zoom.us/j/1?lang=de"}}`,
			withheld: []string{"thing.joinUrl", "thing.again"},
		},
		{
			name: "addresses in texts and lists", document: `{"join_urls":["x","Join: https://zoom.us/j/1?pwd=canary\nhttps://zoom.us/j/2?TK=canary&a=1"],"link":"zoommtg://zoom.us/join?z%61k=canary"}`,
			query: `{ thing { joinUrls link } }`, data: `{"thing":{"joinUrls":["x","Join: https://zoom.us/j/1\nhttps://zoom.us/j/2?a=1"],"link":"zoommtg://zoom.us/join"}}`,
			withheld: []string{"thing.joinUrls[1]", "thing.link"},
		},
		{
			name: "addresses in raw", document: `{"raw":{"join_url":"https://zoom.us/j/1?pwd\u003dcanary","l":["https://zoom.us/j/1?a=1&pwd=canary",{"start_url":"canary"}],"ok":"a\u003db"}}`,
			query: `{ thing { raw } }`, data: `{"thing":{"raw":{"join_url":"https://zoom.us/j/1","l":["https://zoom.us/j/1?a=1",{"start_url":null}],"ok":"a\u003db"}}}`,
			withheld: []string{"thing.raw.join_url", "thing.raw.l[0]", "thing.raw.l[1].start_url"},
		},
		{name: "raw that is no object", document: `{"raw":"text"}`, query: `{ thing { raw } }`, data: `{"thing":{"raw":"text"}}`},
		{
			name: "raw below which nobody looks", document: `{"raw":` + strings.Repeat("[", 102) + `"canary"` + strings.Repeat("]", 102) + `}`, query: `{ thing { raw } }`,
			data:     `{"thing":{"raw":` + strings.Repeat("[", 101) + `null` + strings.Repeat("]", 101) + `}}`,
			withheld: []string{"thing.raw" + strings.Repeat("[0]", 101)},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := h.reader().project(t, tt.document, tt.query, nil)
			if r.data != tt.data {
				t.Errorf("data\n got %s\nwant %s", r.data, tt.data)
			}
			var errs []string
			for _, e := range messages(r.errors) {
				path, rest, _ := strings.Cut(e, forbidden)
				field, _, _ := strings.Cut(rest, ":")
				errs = append(errs, strings.ReplaceAll(strings.ReplaceAll(path, "[", "."), "]", "")+" "+field)
			}
			if diff := cmp.Diff(tt.errs, errs); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			var withheld []string
			for _, a := range r.absent {
				if a.reason == string(project.Withheld) {
					withheld = append(withheld, a.path)
				}
			}
			if diff := cmp.Diff(tt.withheld, withheld); diff != "" {
				t.Errorf("withheld (-want +got):\n%s", diff)
			}
			if trusted := h.project(t, tt.document, tt.query, nil); len(trusted.errors) > 0 || strings.Contains(tt.document, "canary") != strings.Contains(trusted.data, "canary") {
				t.Errorf("who may see everything gets %s and %v", trusted.data, trusted.errors)
			}
		})
	}
}

// TestSecretsOfASource: in an object of several parts a secret is one as well.
func TestSecretsOfASource(t *testing.T) {
	t.Parallel()
	h := newHarness(t, secretSchema)
	in := rawjson.Parse([]byte(`{"name":"n","pmi_password":"canary","field":"host_video","value":"canary"}`))
	source := parts{"name": {In: in}, "pmiPassword": {In: in}, "value": {In: in}}
	r := h.reader().run(t, `{ thing { name pmiPassword value } }`, nil, func(_ context.Context, obs project.Observer) (*project.Value, error) {
		return h.projector.Object(opening(func() (project.Source, error) { return source, nil }), obs), nil
	})
	if r.data != `{"thing":{"name":"n","pmiPassword":null,"value":null}}` || len(r.errors) != 2 {
		t.Errorf("got %s and %v", r.data, r.errors)
	}
}

// TestSecretsBeside: a value that stands alone is a secret by what its resolver says stands beside it.
func TestSecretsBeside(t *testing.T) {
	t.Parallel()
	h := newHarness(t, `
directive @sensitive(where: String) on FIELD_DEFINITION
type Query { settingName: String  value: JSON @sensitive(where: "settingName") }`)
	for beside, data := range map[string]string{
		`{"setting_name":"pmi_password"}`: `{"value":null}`,
		`{"setting_name":"host_video"}`:   `{"value":1}`,
		``:                                `{"value":null}`, // nobody said so
	} {
		ask := func(h *harness) result {
			return h.run(t, `{ value }`, nil, func(_ context.Context, obs project.Observer) (*project.Value, error) {
				return h.projector.Value(func() ([]byte, error) { return []byte("1"), nil }, obs).Beside([]byte(beside)), nil
			})
		}
		if r := ask(h.reader()); r.data != data || (len(r.errors) == 1) != strings.Contains(data, "null") {
			t.Errorf("beside %s: %s and %v, want %s", beside, r.data, r.errors, data)
		}
		if r := ask(h); r.data != `{"value":1}` || len(r.errors) > 0 {
			t.Errorf("who may see everything gets %s and %v", r.data, r.errors)
		}
	}
}

// TestErrorsThatAreTold: such a field is null, and nothing more is said.
func TestErrorsThatAreTold(t *testing.T) {
	t.Parallel()
	h := newHarness(t, `type Query { name: String }`)
	r := h.load(t, `{ name }`, nil, func() ([]byte, error) { return nil, fmt.Errorf("again: %w", project.ErrTold) })
	if r.data != `{"name":null}` || len(r.errors) > 0 || len(r.absent) > 0 {
		t.Errorf("got %+v", r)
	}
}
