package project_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// In place of the address of a file stands what leads to it, for those who may see it.
func TestFiles(t *testing.T) {
	t.Parallel()
	h := newHarness(t, `
directive @sensitive(where: String) on FIELD_DEFINITION
type Query { film: Film }
type Film {
  downloadUrl: String
  url: String @name(zoom: "download_url") @file
  secret: String @name(zoom: "secret_url") @file @sensitive
  others: [Film!]
}`)
	for _, tt := range []struct {
		name, document, query, data string
		errs                        []string
		absent                      int
	}{
		{
			name: "an address", document: `{"download_url":"https:\/\/zoom.us\/a"}`, query: `{ film { url downloadUrl u: url } }`,
			data: `{"film":{"url":"/url?https://zoom.us/a","downloadUrl":"https:\/\/zoom.us\/a","u":"/url?https://zoom.us/a"}}`,
		},
		{
			name: "in a list", document: `{"others":[{"download_url":"a"},{"download_url":""}]}`, query: `{ film { others { url } } }`,
			data: `{"film":{"others":[{"url":"/url?a"},{"url":null}]}}`,
		},
		{name: "none", document: `{"download_url":null}`, query: `{ film { url } }`, data: `{"film":{"url":null}}`},
		{name: "absent", document: `{}`, query: `{ film { url } }`, data: `{"film":{"url":null}}`, absent: 1},
		{
			name: "no text", document: `{"download_url":7}`, query: `{ film { url } }`, data: `{"film":{"url":null}}`,
			errs: []string{"film.url: Zoom's answer does not fit: expected String, found number"},
		},
		{
			name: "one that is refused", document: `{"download_url":"evil"}`, query: `{ film { url } }`, data: `{"film":{"url":null}}`,
			errs: []string{"film.url: there is no such file"},
		},
		{name: "a secret", document: `{"secret_url":"a"}`, query: `{ film { secret } }`, data: `{"film":{"secret":"/secret?a"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := h.project(t, tt.document, tt.query, nil)
			if r.data != tt.data || len(r.absent) != tt.absent {
				t.Errorf("data\n got %s\nwant %s\nabsent %v", r.data, tt.data, r.absent)
			}
			if diff := cmp.Diff(tt.errs, messages(r.errors)); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
	if r := h.reader().project(t, `{"secret_url":"a"}`, `{ film { secret } }`, nil); r.data != `{"film":{"secret":null}}` || len(r.errors) != 1 {
		t.Errorf("who may not see it has %s, %v", r.data, r.errors)
	}
}
