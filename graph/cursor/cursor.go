// Package cursor is what the cursors of connections hold. A cursor is opaque to clients, who hand it back as it is; it
// may also be made up, so whoever reads one checks what it says.
package cursor

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// Place is where a page ends: item Skip of the answer that Token brings. It holds everything that Zoom's token depends
// on: Zoom refuses a token that comes with other parameters than the answer before it was asked with.
type Place struct {
	Token string `json:"t,omitempty"` // next_page_token of the answer; "" is the first one
	Skip  int    `json:"s,omitempty"` // items of that answer that lie before the place
	Size  int    `json:"p,omitempty"` // page_size; 0 where the list has no pages
	With  string `json:"w,omitempty"` // include_fields: Zoom's names, sorted, with commas
	For   string `json:"f"`           // what the list was filtered by: a place belongs to one list only
	Pages int    `json:"n,omitempty"` // answers that lie before that one
	At    int64  `json:"a"`           // when Zoom gave the token, in Unix seconds
}

// Included lists the fields that the list was asked to bring, of those that it brings on request only, by Zoom's names.
func (p Place) Included() []string { return strings.Split(p.With, ",") }

// String is the cursor.
func (p Place) String() string {
	content, err := json.Marshal(p)
	if err != nil { // strings and numbers only
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(content)
}

// Parse reads a cursor.
func Parse(text string) (p Place, err error) {
	content, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(content, &p)
	}
	return p, err
}
