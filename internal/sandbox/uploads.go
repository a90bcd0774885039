package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// The sizes of the largest files taken, in bytes.
const (
	maxPicture    = 2 << 20
	maxImage      = 5 << 20 // as a virtual background
	maxBackground = 50 << 20
)

// upload is a file that came with a call.
type upload struct {
	name  string
	kind  string // "image", "video", or "" for what Zoom does not take
	bytes int
}

// upload reads the form's file. The file itself is not kept.
func (c *call) upload() (upload, error) {
	media, params, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || media != "multipart/form-data" {
		return upload{}, refuse(http.StatusUnsupportedMediaType, 300, "The request body must be multipart/form-data.")
	}
	form := multipart.NewReader(bytes.NewReader(c.body), params["boundary"])
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return upload{}, refuse(http.StatusBadRequest, 120, "No file was uploaded in the field %s.", c.route.file)
		}
		if err != nil {
			return upload{}, refuse(http.StatusBadRequest, 300, "The form cannot be read.")
		}
		if part.FormName() != c.route.file || part.FileName() == "" {
			continue
		}
		size, err := io.Copy(io.Discard, part)
		if err != nil {
			return upload{}, refuse(http.StatusBadRequest, 300, "The form cannot be read.")
		}
		return upload{name: part.FileName(), kind: kindOf(part.Header.Get("Content-Type"), part.FileName()), bytes: int(size)}, nil
	}
}

// kindOf tells what a file is by its media type, or by its name where it has none.
func kindOf(media, name string) string {
	if parsed, _, err := mime.ParseMediaType(media); err == nil && parsed != "application/octet-stream" {
		return map[string]string{
			"image/jpeg": "image", "image/gif": "image", "image/png": "image",
			"video/mp4": "video", "video/quicktime": "video",
		}[parsed]
	}
	return map[string]string{
		".jpg": "image", ".jpeg": "image", ".gif": "image", ".png": "image", ".mp4": "video", ".mov": "video",
	}[strings.ToLower(path.Ext(name))]
}

// atMost refuses a file that is too large.
func (u upload) atMost(size int) error {
	if u.bytes > size {
		return refuse(http.StatusBadRequest, 120, "The file %s is larger than %d bytes.", u.name, size)
	}
	return nil
}

func (s *Server) uploadPicture(c *call) (answer, error) {
	file, err := c.upload()
	if err != nil {
		return answer{}, err
	}
	if file.kind != "image" {
		return answer{}, refuse(http.StatusBadRequest, 300, "The file %s is no JPG, GIF or PNG.", file.name)
	}
	if err := file.atMost(maxPicture); err != nil {
		return answer{}, err
	}
	c.person.PicURL = "https://example.zoom.us/p/v2/" + s.world.newID("picture")
	return created([]byte("{}")), nil
}

// backgrounds is the setting that lists virtual backgrounds.
const backgrounds = "in_meeting.virtual_background_settings.files"

// uploadBackground returns the operation that adds a virtual background to
// settings of a type.
func uploadBackground(tree string) operation {
	return func(s *Server, c *call) (answer, error) {
		file, err := c.upload()
		if err != nil {
			return answer{}, err
		}
		limit := maxBackground
		switch file.kind {
		case "image":
			limit = maxImage
		case "":
			return answer{}, refuse(http.StatusBadRequest, 300, "The file %s is no JPG, GIF, PNG, MP4 or MOV.", file.name)
		}
		if err := file.atMost(limit); err != nil {
			return answer{}, err
		}
		made := join([]member{
			{"id", encode(s.world.newID("background"))},
			{"is_default", []byte("false")},
			{"name", encode(file.name)},
			{"size", strconv.AppendInt(nil, int64(file.bytes), 10)},
			{"type", encode(file.kind)},
		})
		l := c.ladder(s.world)
		if files := s.trees[tree].find("", backgrounds); files != nil {
			l.own.written[files.key] = encode(append(s.elements(l, files), made))
			s.changed(l.own)
		}
		return created(made), nil
	}
}

// deleteBackgrounds returns the operation that takes virtual backgrounds out of
// settings of a type: all that are named, or none.
func deleteBackgrounds(tree string) operation {
	return func(s *Server, c *call) (answer, error) {
		l := c.ladder(s.world)
		files := s.trees[tree].find("", backgrounds)
		var elems []json.RawMessage
		if files != nil {
			elems = s.elements(l, files)
		}
		for id := range strings.SplitSeq(c.values.Get("file_ids"), ",") {
			i := slices.IndexFunc(elems, func(elem json.RawMessage) bool {
				fields, _ := members(elem)
				has, _ := lookup(fields, "id")
				return bytes.Equal(has, encode(strings.TrimSpace(id)))
			})
			if i < 0 {
				return answer{}, refuse(http.StatusBadRequest, 300, "There is no virtual background %q.", id)
			}
			elems = slices.Delete(elems, i, i+1)
		}
		l.own.written[files.key] = encode(elems)
		s.changed(l.own)
		return done(), nil
	}
}
