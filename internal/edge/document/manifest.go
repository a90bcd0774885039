package document

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/internal/unseen"
)

// maxManifest bounds the bytes of a manifest.
const maxManifest = 32 << 20

// Listed is a document of a manifest, and the id that requests name it by.
type Listed struct {
	ID, Text string
}

// ReadManifest reads the list of documents that a build of clients wrote: an object of texts by their ids, as
// GraphQL Code Generator and Relay write it, or the operations of an Apollo persisted query manifest. They are ordered by
// their ids, and are not judged yet.
func ReadManifest(file string) ([]Listed, error) {
	content, err := readBounded(file)
	if err != nil {
		return nil, err
	}
	list, err := parseManifest(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	slices.SortFunc(list, func(a, b Listed) int { return cmp.Compare(a.ID, b.ID) })
	for i, doc := range list {
		switch {
		case doc.ID == "":
			return nil, fmt.Errorf("%s: a document has no id", file)
		case doc.Text == "":
			return nil, fmt.Errorf("%s: the document %s is empty", file, doc.ID)
		case i > 0 && list[i-1].ID == doc.ID:
			return nil, fmt.Errorf("%s: there are two documents %s", file, doc.ID)
		}
	}
	return list, nil
}

func readBounded(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, unreadable(file, err)
	}
	defer func() { _ = f.Close() }() // only read
	content, err := io.ReadAll(io.LimitReader(f, maxManifest+1))
	switch {
	case err != nil:
		return nil, unreadable(file, err)
	case len(content) > maxManifest:
		return nil, fmt.Errorf("the manifest %s has more than %d bytes; leave out documents that no client sends any more", file, maxManifest)
	}
	return content, nil
}

// unreadable says where the manifest was looked for, why it cannot be read, and what would help.
func unreadable(file string, err error) error {
	help := "name the file that GraphQL Code Generator, Relay or Apollo wrote"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		help = "write it by the build of the clients (GraphQL Code Generator, Relay or Apollo), or give the path where that is"
	case errors.Is(err, fs.ErrPermission):
		help = "let the user that zoomgraph runs as read it"
	}
	if where, unknown := filepath.Abs(file); unknown == nil && where != file {
		file += " (" + where + ")"
	}
	if system := (*fs.PathError)(nil); errors.As(err, &system) {
		err = system.Err // which says the path again
	}
	return fmt.Errorf("the manifest of documents %s cannot be read: %w; %s", file, err, help)
}

func parseManifest(content []byte) (list []Listed, err error) {
	content = unseen.WithoutMark(content)
	var apollo struct {
		Format     json.RawMessage `json:"format"`
		Version    json.RawMessage `json:"version"`
		Operations []struct {
			ID   string `json:"id"`
			Body string `json:"body"`
		} `json:"operations"`
	}
	const format = `"apollo-persisted-query-manifest"`
	if err := json.Unmarshal(content, &apollo); err == nil && string(apollo.Format) == format {
		if string(apollo.Version) != "1" {
			return nil, fmt.Errorf("the manifest's version is %s, and only 1 is known", apollo.Version)
		}
		for _, op := range apollo.Operations {
			list = append(list, Listed{op.ID, op.Body})
		}
		return list, nil
	}
	var texts map[string]string
	if err := json.Unmarshal(content, &texts); err != nil {
		return nil, fmt.Errorf("this is neither an object of documents by their ids, nor an Apollo persisted query manifest: %w", err)
	}
	for id, text := range texts {
		list = append(list, Listed{id, text})
	}
	return list, nil
}

// ReadAll reads all documents of a manifest, in its order. The error has a line for each mistake.
func (j *Judge) ReadAll(list []Listed) ([]*Document, error) {
	docs := make([]*Document, len(list))
	var mistakes []error
	for i, listed := range list {
		doc, errs := j.Read(listed.Text)
		for _, err := range errs {
			mistakes = append(mistakes, mistake(listed.ID, err))
		}
		docs[i] = doc
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return docs, nil
}

func mistake(id string, err *gqlerror.Error) error {
	if len(err.Locations) == 0 {
		return fmt.Errorf("document %s: %s", id, err.Message)
	}
	return fmt.Errorf("document %s, line %d: %s", id, err.Locations[0].Line, err.Message)
}
