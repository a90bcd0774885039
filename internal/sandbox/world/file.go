package world

import (
	"cmp"
	"net/http"
	"path"
	"strings"
)

// This file implements files: what an operation answers that is no JSON, and what a
// download_url leads to. A file is made up of its seed, like everything else; it begins
// as files of its media type do, and is far smaller than what its size field says.

// Downloads is where the addresses of files begin.
const Downloads = "https://zoom.us/rec/download/"

// format is how files of an extension begin, and their media type.
type format struct{ media, begin string }

// formats are those of Zoom's files, by their extension in lower case.
var formats = map[string]format{
	"mp4":  {"video/mp4", "\x00\x00\x00\x18ftypmp42"},
	"m4a":  {"audio/mp4", "\x00\x00\x00\x18ftypM4A "},
	"mp3":  {"audio/mpeg", "ID3\x04"},
	"pdf":  {"application/pdf", "%PDF-1.7\n"},
	"vtt":  {"text/vtt", "WEBVTT\n\n"},
	"txt":  {"text/plain", ""},
	"csv":  {"text/csv", ""},
	"json": {"application/json", "{}\n"},
	"png":  {"image/png", "\x89PNG\r\n\x1a\n"},
}

// extensions are those of file_type, where that is not an extension itself.
var extensions = map[string]string{"chat": "txt", "transcript": "vtt", "cc": "vtt", "timeline": "json", "summary": "json"}

// file answers an operation with a file: a PDF, unless its path says otherwise.
func (w *World) file(c *Call) Answer {
	extension := strings.TrimPrefix(path.Ext(c.Op.Path), ".")
	return w.Source.file(cmp.Or(extension, "pdf"), c.Place)
}

// file makes up a file.
func (s Source) file(extension, name string) Answer {
	f := formats[extension]
	body := []byte(f.begin)
	for h := s.At("file", name); len(body) < 20_000+int(s.At("length", name)%10_000) && extension != "json"; h = Mix(h) {
		body = append(body, IDOf(h)+"\n"...)
	}
	return Answer{Status: http.StatusOK, Body: body, File: f.media}
}

// downloadURL is the address of a file, of the type that stands beside it.
func (m *maker) downloadURL(of *Node, at string) string {
	extension := "mp4"
	for _, beside := range []string{"file_type", "file_extension"} {
		if f := Find(of.Fields, beside); f != nil {
			named := strings.ToLower(plain(m.value(of, f, at)))
			if known := cmp.Or(extensions[named], named); formats[known].media != "" {
				extension = known
			}
		}
	}
	return m.world.Source.FileAt(IDOf(m.draw.Number(Below(at, "download_url"))) + "." + extension)
}

// FileAt is the address of a file of a name, whose extension says what it holds.
func (s Source) FileAt(name string) string {
	return Downloads + IDOf(s.At("download", name)) + "/" + name
}

// Download is the file at an address: a check over its name, and the name.
func (w *World) Download(address string) (Answer, error) {
	check, name, _ := strings.Cut(address, "/")
	if check != IDOf(w.Source.At("download", name)) {
		return Answer{}, Refuse(http.StatusNotFound, 3301, "There is no recording at this address.")
	}
	a := w.Source.file(strings.TrimPrefix(path.Ext(name), "."), name)
	a.Header = http.Header{"Content-Disposition": {`attachment; filename="` + name + `"`}, "Etag": {`"` + check + `"`}}
	return a, nil
}
