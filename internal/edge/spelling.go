package edge

import (
	"hash/maphash"

	"github.com/maypok86/otter/v2"

	"zoomgraph/internal/edge/document"
	"zoomgraph/internal/rawjson"
)

// Programs send the same few documents again and again, written in the same way, and a document is nearly all of what a
// request sends. So one that came a second time is also known by the JSON string that it came in: of a request that has
// this string for its query only the rest is read.

// maxSpelled bounds the memory of the spellings that are kept with their documents, in bytes.
const maxSpelled = 2 << 20

// spellings are the JSON strings of documents that were found good.
type spellings struct {
	seed  maphash.Seed // nobody else can tell which strings have the same hash
	known *otter.Cache[uint64, spelling]
}

type spelling struct {
	quoted   string
	document *document.Document
}

func newSpellings() (*spellings, error) {
	known, err := otter.New(&otter.Options[uint64, spelling]{
		MaximumWeight: maxSpelled,
		Weigher:       func(_ uint64, s spelling) uint32 { return uint32(len(s.quoted) + s.document.Bytes) },
	})
	return &spellings{seed: maphash.MakeSeed(), known: known}, err
}

// learn takes note of the string of a document that was found good; nil is none.
func (s *spellings) learn(quoted []byte, doc *document.Document) {
	if quoted != nil {
		s.known.Set(maphash.Bytes(s.seed, quoted), spelling{string(quoted), doc})
	}
}

// find returns the document that was learned by a string; nil where none was.
func (s *spellings) find(quoted []byte) *document.Document {
	known, ok := s.known.GetIfPresent(maphash.Bytes(s.seed, quoted))
	if !ok || known.quoted != string(quoted) {
		return nil
	}
	return known.document
}

// queryIn returns where in a request the string that is its query begins, and that string with its quotes; nil where it
// has none. The request may be anything.
func queryIn(text []byte) (at int, quoted []byte) {
	for key, value := range rawjson.Pairs(text) {
		if string(key) == "query" && value[0] == '"' {
			return cap(text) - cap(value), value // value is a part of text
		}
	}
	return 0, nil
}

// withoutQuery appends to b a request with an empty string in place of its query. It is JSON, of the same shape, if and only
// if the request is and the query is a string of JSON.
func withoutQuery(b, text []byte, at int, quoted []byte) []byte {
	return append(append(append(b, text[:at]...), `""`...), text[at+len(quoted):]...)
}
