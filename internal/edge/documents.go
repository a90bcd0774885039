package edge

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/maypok86/otter/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/internal/edge/document"
)

// maxKnown bounds the memory of the documents that are kept, in bytes.
const maxKnown = 8 << 20

// documents are what requests may run. A document that was found good is kept under the digest of its text, by which a
// client may then name it (an automatic persisted query). Those of the operator's list are kept for good, by their ids as
// well.
type documents struct {
	judge   *document.Judge
	known   *otter.Cache[digest, *document.Document]
	spelled *spellings
	listed  map[string]*document.Document // by id
	trusted map[digest]*document.Document // the same
	only    bool                          // nothing else runs
}

type digest [sha256.Size]byte

func newDocuments(o Options, schema *ast.Schema) (*documents, error) {
	d := &documents{
		judge:   document.NewJudge(schema, document.Options{Suggest: o.Introspection}),
		listed:  make(map[string]*document.Document, len(o.Documents)),
		trusted: make(map[digest]*document.Document, len(o.Documents)),
		only:    o.DocumentsOnly,
	}
	docs, err := d.judge.ReadAll(o.Documents)
	if err != nil {
		return nil, fmt.Errorf("edge: the documents of the list cannot all run:\n%w", err)
	}
	for i, doc := range docs {
		d.listed[bareID(o.Documents[i].ID)] = doc
		d.trusted[sha256.Sum256([]byte(doc.Text))] = doc
	}
	d.known, err = otter.New(&otter.Options[digest, *document.Document]{
		MaximumWeight: maxKnown,
		Weigher:       func(_ digest, doc *document.Document) uint32 { return uint32(doc.Bytes) },
	})
	if err != nil {
		return nil, err
	}
	d.spelled, err = newSpellings()
	return d, err
}

// bareID is an id without the prefix that says how it was made, which clients may send or leave out.
func bareID(id string) string { return strings.TrimPrefix(id, "sha256:") }

// find returns the document that a request wants to run. The error is a refusal.
func (d *documents) find(in *received) (*document.Document, error) {
	if in.documentID != "" {
		if doc := d.listed[bareID(in.documentID)]; doc != nil {
			return doc, nil
		}
		return nil, d.unknown("there is no document of this documentId")
	}
	hash, err := persistedHash(in.Extensions)
	switch {
	case err != nil:
		return nil, err
	case in.Query == "" && hash == "":
		return nil, misshapenf(`the request has no "query" and no "documentId"`)
	case in.Query == "":
		return d.persisted(hash)
	case in.known != nil && hash == "":
		return in.known, nil
	}
	sum := digest(sha256.Sum256([]byte(in.Query)))
	if hash != "" && hash != hex.EncodeToString(sum[:]) {
		return nil, refused(badUserInput, "extensions.persistedQuery.sha256Hash is not the SHA-256 of the query")
	}
	if doc := d.kept(sum); doc != nil {
		d.spelled.learn(in.spelling, doc)
		return doc, nil
	}
	return d.read(sum, in.Query)
}

// persisted returns the document that was sent earlier, or is on the list, under a hash.
func (d *documents) persisted(hash string) (*document.Document, error) {
	if doc := d.listed[hash]; doc != nil {
		return doc, nil
	}
	var sum digest
	if raw, err := hex.DecodeString(hash); err == nil && copy(sum[:], raw) == len(raw) {
		if doc, ok := d.known.GetIfPresent(sum); ok {
			return doc, nil
		}
	}
	return nil, d.unknown("PersistedQueryNotFound") // by this word clients know that they are to send the query
}

// kept returns the document of a text that was found good before; nil where none was.
func (d *documents) kept(sum digest) *document.Document {
	if doc := d.trusted[sum]; doc != nil || d.only {
		return doc
	}
	doc, _ := d.known.GetIfPresent(sum)
	return doc
}

// read judges a text, and keeps the document that it is.
func (d *documents) read(sum digest, text string) (*document.Document, error) {
	if d.only {
		return nil, d.unknown("")
	}
	doc, errs := d.judge.Read(text)
	if len(errs) > 0 {
		return nil, refusal{why: judgement(errs), errs: errs}
	}
	d.known.Set(sum, doc)
	return doc, nil
}

func (d *documents) unknown(message string) error {
	if d.only {
		return refused(forbidden, "this service runs the documents of its operator's list only, and this one is not on it")
	}
	return refused("PERSISTED_QUERY_NOT_FOUND", message)
}

// judgement is the conclusion of a document that was not found good.
func judgement(errs gqlerror.List) conclusion {
	if errs[0].Extensions["code"] == "GRAPHQL_PARSE_FAILED" {
		return notParsed
	}
	return notExecuted
}

// persistedHash is the hash by which an automatic persisted query is named, "" where there is none.
func persistedHash(extensions map[string]any) (string, error) {
	given := extensions["persistedQuery"]
	if given == nil {
		return "", nil
	}
	query, _ := given.(map[string]any)
	hash, _ := query["sha256Hash"].(string)
	if version := fmt.Sprint(query["version"]); version != "1" || hash == "" {
		return "", refused(badUserInput, "extensions.persistedQuery must be an object with the version 1 and a sha256Hash")
	}
	return hash, nil
}
