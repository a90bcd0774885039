package sandbox_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
)

// upload sends a file as one part of a form.
func (z *zoom) upload(path, field, name, media string, size int) *reply {
	z.t.Helper()
	var body bytes.Buffer
	body.Grow(size + 1<<10)
	form := multipart.NewWriter(&body)
	header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename=%q`, field, name)}}
	if media != "" {
		header.Set("Content-Type", media)
	}
	part, err := form.CreatePart(header)
	if err != nil {
		z.t.Fatal(err)
	}
	if _, err := part.Write(make([]byte, size)); err != nil {
		z.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		z.t.Fatal(err)
	}
	r := z.request(http.MethodPost, "/v2"+path, &body)
	r.Header.Set("Authorization", "Bearer "+z.token)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return z.do(r)
}

func TestUploadPicture(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	path := "/users/" + z.user(2)
	before := z.get(path).at("pic_url")
	z.upload(path+"/picture", "pic_file", "mary.PNG", "", 2<<20).want(201).is(`{}`)
	first := z.get(path).at("pic_url")
	if first == nil || first == before {
		t.Errorf("the picture is at %v, was at %v", first, before)
	}
	for _, tt := range []struct {
		field, name, media string
		size, code         int
		names              string
	}{
		{"pic_file", "mary.png", "image/png", 2<<20 + 1, 120, "larger"},
		{"pic_file", "mary.txt", "", 3, 300, "mary.txt"},
		{"pic_file", "mary.png", "text/plain", 3, 300, "mary.png"},
		{"pic_file", "mary.mp4", "video/mp4", 3, 300, "mary.mp4"},
		{"file", "mary.png", "image/png", 3, 120, "pic_file"},
	} {
		z.upload(path+"/picture", tt.field, tt.name, tt.media, tt.size).refused(400, tt.code, tt.names)
	}
	z.call("POST", path+"/picture", `{"pic_file":"x"}`).refused(415, 300, "multipart/form-data")
	broken := z.request(http.MethodPost, "/v2"+path+"/picture", strings.NewReader("--b\r\nnothing"))
	broken.Header.Set("Authorization", "Bearer "+z.token)
	broken.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	z.do(broken).refused(400, 300, "form")
	z.upload("/users/nobody/picture", "pic_file", "mary.png", "image/png", 3).refused(404, 1001, "nobody")
	if got := z.get(path).at("pic_url"); got != first {
		t.Errorf("a refused picture is at %v", got)
	}
}

func TestVirtualBackgrounds(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	const files = "in_meeting.virtual_background_settings.files"
	for _, owner := range []string{"/users/" + z.user(2), "/groups/" + z.groupNamed("Sales"), "/accounts/me"} {
		path := owner + "/settings/virtual_backgrounds"
		before := z.get(owner + "/settings").at(files).([]any)
		one := z.upload(path, "file", "beach.jpg", "image/jpeg", 5<<20).want(201)
		two := z.upload(path, "file", "sea.mp4", "application/octet-stream", 6<<20).want(201)
		for made, want := range map[*reply]string{one: `"name":"beach.jpg","size":5242880,"type":"image"}`, two: `"name":"sea.mp4","size":6291456,"type":"video"}`} {
			made.is(fmt.Sprintf(`{"id":%q,"is_default":false,%s`, made.at("id"), want))
		}
		after := z.get(owner + "/settings").at(files).([]any)
		if len(after) != len(before)+2 || fmt.Sprint(after[len(before)+1]) != fmt.Sprint(two.object()) {
			t.Errorf("%s: the files are %v, were %v", owner, after, before)
		}
		z.call("DELETE", path+"?file_ids=nothing", "").refused(400, 300, "nothing")
		z.call("DELETE", path, "").refused(400, 300, "file_ids")
		z.call("DELETE", path+fmt.Sprintf("?file_ids=%s,nothing", one.at("id")), "").refused(400, 300, "nothing")
		z.call("DELETE", path+fmt.Sprintf("?file_ids=%s,%s", one.at("id"), two.at("id")), "").want(204)
		if got := z.get(owner + "/settings").at(files); fmt.Sprint(got) != fmt.Sprint(before) {
			t.Errorf("%s: the files are %v, were %v", owner, got, before)
		}
		z.upload(path, "file", "beach.jpg", "image/jpeg", 5<<20+1).refused(400, 120, "larger")
		z.upload(path, "file", "notes.txt", "", 3).refused(400, 300, "notes.txt")
		z.upload(path, "pic_file", "beach.jpg", "image/jpeg", 3).refused(400, 120, "file")
	}
	path := "/users/" + z.user(2) + "/settings/virtual_backgrounds"
	z.upload(path, "file", "sea.mp4", "video/mp4", 50<<20+1).refused(400, 120, "larger")
	z.upload(path, "file", "sea.mp4", "video/mp4", 52<<20).refused(413, 300, "bytes")
}
