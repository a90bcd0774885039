package zoom

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// The sizes of the largest files taken, in bytes.
const (
	maxPicture = 2 << 20
	maxImage   = 5 << 20 // as a virtual background
)

func (z *Zoom) uploadPicture(_ *world.World, c *world.Call) (world.Answer, error) {
	file, err := c.Upload()
	if err != nil {
		return world.Answer{}, err
	}
	if file.Kind != "image" {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "The file %s is no JPG, GIF or PNG.", file.Name)
	}
	if err := file.AtMost(maxPicture); err != nil {
		return world.Answer{}, err
	}
	c.Found["userId"].Set("pic_url", "https://example.zoom.us/p/v2/"+z.world.NewID("picture"))
	return world.Created([]byte("{}")), nil
}

// backgrounds is the setting that lists virtual backgrounds.
const backgrounds = "in_meeting.virtual_background_settings.files"

// uploadBackground returns the operation that adds a virtual background to
// settings of a type.
func (z *Zoom) uploadBackground(tree string) operation {
	return func(_ *world.World, c *world.Call) (world.Answer, error) {
		file, err := c.Upload()
		if err != nil {
			return world.Answer{}, err
		}
		limit := world.LargestFile
		switch file.Kind {
		case "image":
			limit = maxImage
		case "":
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "The file %s is no JPG, GIF, PNG, MP4 or MOV.", file.Name)
		}
		if err := file.AtMost(limit); err != nil {
			return world.Answer{}, err
		}
		made := world.Join([]world.Member{
			{Name: "id", Value: world.Encode(z.world.NewID("background"))},
			{Name: "is_default", Value: []byte("false")},
			{Name: "name", Value: world.Encode(file.Name)},
			{Name: "size", Value: strconv.AppendInt(nil, int64(file.Bytes), 10)},
			{Name: "type", Value: world.Encode(file.Kind)},
		})
		l := z.ladder(c)
		if files := z.trees[tree].find("", backgrounds); files != nil {
			l.own.written[files.Key] = world.Encode(append(z.elements(l, files), made))
			z.changed(l.own)
		}
		return world.Created(made), nil
	}
}

// deleteBackgrounds returns the operation that takes virtual backgrounds out of
// settings of a type: all that are named, or none.
func (z *Zoom) deleteBackgrounds(tree string) operation {
	return func(_ *world.World, c *world.Call) (world.Answer, error) {
		l := z.ladder(c)
		files := z.trees[tree].find("", backgrounds)
		var elems []json.RawMessage
		if files != nil {
			elems = z.elements(l, files)
		}
		for id := range strings.SplitSeq(c.Values.Get("file_ids"), ",") {
			i := slices.IndexFunc(elems, func(elem json.RawMessage) bool {
				fields, _ := world.Members(elem)
				has, _ := world.Lookup(fields, "id")
				return bytes.Equal(has, world.Encode(strings.TrimSpace(id)))
			})
			if i < 0 {
				return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "There is no virtual background %q.", id)
			}
			elems = slices.Delete(elems, i, i+1)
		}
		l.own.written[files.Key] = world.Encode(elems)
		z.changed(l.own)
		return world.Done(), nil
	}
}
