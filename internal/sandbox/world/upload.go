package world

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
)

// LargestFile is how large files may be at most, in bytes.
const LargestFile = 50 << 20

// Upload is a file that came with a call.
type Upload struct {
	Name  string
	Kind  string // "image", "video", or "" for what Zoom does not take
	Bytes int
}

// Upload reads the form's file. The file itself is not kept.
func (c *Call) Upload() (Upload, error) {
	media, params, err := mime.ParseMediaType(c.ContentType)
	if err != nil || media != "multipart/form-data" {
		return Upload{}, Refuse(http.StatusUnsupportedMediaType, 300, "The request body must be multipart/form-data.")
	}
	form := multipart.NewReader(bytes.NewReader(c.Body), params["boundary"])
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return Upload{}, Refuse(http.StatusBadRequest, 120, "No file was uploaded in the field %s.", c.Op.File)
		}
		if err != nil {
			return Upload{}, Refuse(http.StatusBadRequest, 300, "The form cannot be read.")
		}
		if part.FormName() != c.Op.File || part.FileName() == "" {
			continue
		}
		size, err := io.Copy(io.Discard, part)
		if err != nil {
			return Upload{}, Refuse(http.StatusBadRequest, 300, "The form cannot be read.")
		}
		return Upload{part.FileName(), fileKind(part.Header.Get("Content-Type"), part.FileName()), int(size)}, nil
	}
}

// fileKind tells what a file is by its media type, or by its name where it has none.
func fileKind(media, name string) string {
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

// AtMost refuses a file that is too large.
func (u Upload) AtMost(size int) error {
	if u.Bytes > size {
		return Refuse(http.StatusBadRequest, 120, "The file %s is larger than %d bytes.", u.Name, size)
	}
	return nil
}
