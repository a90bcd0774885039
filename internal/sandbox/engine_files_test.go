package sandbox_test

import (
	"strconv"
	"strings"
	"testing"
)

// fetch asks for an address of this sandbox, and for a range of what is there.
func (z *zoom) fetch(address, ask string) *reply {
	z.t.Helper()
	r := z.request("GET", strings.TrimPrefix(address, z.url), nil)
	r.Header.Set("Authorization", "Bearer "+z.token)
	if ask != "" {
		r.Header.Set("Range", ask)
	}
	return z.do(r)
}

// isFile checks a file and ranges of it, in answers and in the log.
func (z *zoom) isFile(address, media, begins string) {
	z.t.Helper()
	whole := z.fetch(address, "").want(200)
	length := strconv.Itoa(len(whole.body))
	if whole.header.Get("Content-Type") != media || whole.header.Get("Content-Length") != length || !strings.HasPrefix(string(whole.body), begins) {
		z.t.Errorf("%s is %v: %q", address, whole.header, whole.body[:20])
	}
	z.fetch(address, "").want(200).is(string(whole.body))
	part := z.fetch(address, "bytes=5-104").want(206)
	part.is(string(whole.body[5:105]))
	if got := part.header.Get("Content-Range"); got != "bytes 5-104/"+length || part.header.Get("Content-Type") != media {
		z.t.Errorf("a part has %v", part.header)
	}
	z.fetch(address, "bytes=-7").want(206).is(string(whole.body[len(whole.body)-7:]))
	z.fetch(address, "bytes="+length+"-").want(416)
	log := z.Log(0)
	if last := log[len(log)-1]; last.Status != 416 {
		z.t.Errorf("the log has %v", last)
	}
}

// An operation may answer a file, and what a download_url leads to is one.
func TestEngineFiles(t *testing.T) {
	t.Parallel()
	z := engine(t)
	z.isFile("/v2/invoices/7", "application/pdf", "%PDF-")
	seen := map[any]bool{}
	for _, u := range z.Users()[:6] {
		for _, c := range z.get("/users/" + u.ID + "/calls").rows("calls") {
			address, media := dig(c, "recording.download_url").(string), dig(c, "recording.file_type")
			if seen[media] {
				continue
			}
			seen[media] = true
			want := map[any][2]string{"mp4": {"video/mp4", "\x00\x00\x00\x18ftyp"}, "m4a": {"audio/mp4", "\x00\x00\x00\x18ftyp"}, "TRANSCRIPT": {"text/vtt", "WEBVTT"}}[media]
			if !strings.HasPrefix(address, z.url+"/rec/download/") {
				t.Fatalf("the address is %s", address)
			}
			z.isFile(address, want[0], want[1])
			z.fetch(address+"x", "").refused(404, 3301, "no recording")
			z.do(z.request("GET", strings.TrimPrefix(address, z.url), nil)).refused(401, 124, "token")
		}
	}
	if len(seen) != 3 {
		t.Errorf("there are files of %v", seen)
	}
}
