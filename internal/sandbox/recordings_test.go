package sandbox_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// recordings are all pages of the recordings at a path in the sixteen weeks before today.
func (z *zoom) recordings(path string) (all []map[string]any) {
	z.t.Helper()
	now := z.clock.Now()
	for part := range 4 {
		from, to := now.AddDate(0, 0, -28*(part+1)+1), now.AddDate(0, 0, -28*part)
		query := "?page_size=300&from=" + from.Format(time.DateOnly) + "&to=" + to.Format(time.DateOnly)
		for token := ""; ; {
			page := z.get(path + query + "&next_page_token=" + url.QueryEscape(token))
			all = append(all, page.rows("meetings")...)
			if token, _ = page.at("next_page_token").(string); token == "" {
				break
			}
		}
	}
	return all
}

// What was recorded agrees with the instances of meetings and webinars, and the account's list with those of its users.
func TestRecordingsAreOfInstances(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	var uuids []string
	processing, webinars := 0, 0
	for n := range 20 {
		for _, r := range z.recordings("/users/" + z.user(n) + "/recordings") {
			uuid := r["uuid"].(string)
			uuids = append(uuids, uuid)
			end := any(nil)
			if number := ids([]map[string]any{r}, "id")[0]; slices.Contains([]any{5.0, 6.0, 9.0}, r["type"]) {
				webinars++
				are(t, z.get("/webinars/"+number).want(200).object(), map[string]any{"host_id": z.user(n), "topic": r["topic"], "type": r["type"]})
				if held := z.get("/past_webinars/" + number + "/instances").rows("webinars"); !slices.Contains(ids(held, "uuid"), uuid) {
					t.Errorf("%s is no instance of the webinar %s", uuid, number)
				}
			} else {
				past := z.get("/past_meetings/" + twice(uuid)).want(200).object()
				end = past["end_time"]
				are(t, r, map[string]any{
					"id": past["id"], "topic": past["topic"], "type": past["type"], "start_time": past["start_time"],
					"duration": past["duration"], "host_email": past["user_email"],
				})
			}
			are(t, r, map[string]any{"host_id": z.user(n)})
			one := z.get("/meetings/" + twice(uuid) + "/recordings").want(200).object()
			are(t, one, map[string]any{"uuid": uuid, "recording_count": r["recording_count"], "total_size": r["total_size"]})
			if one["download_access_token"] != nil || one["password"] == nil {
				t.Errorf("%s has %v", uuid, one)
			}
			size := 0.0
			for _, f := range r["recording_files"].([]any) {
				f := f.(map[string]any)
				size += f["file_size"].(float64)
				if f["status"] == "processing" {
					processing++
					are(t, f, map[string]any{"recording_end": "", "file_type": "", "file_extension": "", "file_size": 0.0, "recording_type": nil, "download_url": nil})
					continue
				}
				are(t, f, map[string]any{"meeting_id": uuid, "recording_start": r["start_time"], "status": "completed"})
				if end != nil {
					are(t, f, map[string]any{"recording_end": end})
				}
			}
			if size != r["total_size"] {
				t.Errorf("%s has %v bytes of %v", uuid, size, r["total_size"])
			}
		}
	}
	var of []string
	for _, r := range z.recordings("/accounts/me/recordings") {
		of = append(of, r["uuid"].(string))
	}
	slices.Sort(uuids)
	if slices.Sort(of); len(of) < 40 || !slices.Equal(of, uuids) || processing == 0 || webinars == 0 {
		t.Errorf("the account has %d recordings, its users %d, %d of webinars; %d files are being made", len(of), len(uuids), webinars, processing)
	}
	token := z.get("/meetings/" + twice(of[0]) + "/recordings?include_fields=download_access_token").at("download_access_token")
	if token == nil {
		t.Error("no token for downloads")
	}
}

// A file is there for who shows a token, in the header or in the address.
func TestRecordingDownloads(t *testing.T) {
	t.Parallel()
	z := product(t, 5)
	seen := map[any]bool{}
	for n := range 5 {
		for _, r := range z.recordings("/users/" + z.user(n) + "/recordings") {
			for _, f := range r["recording_files"].([]any) {
				f := f.(map[string]any)
				address, _ := f["download_url"].(string)
				if address == "" || seen[f["file_type"]] {
					continue
				}
				seen[f["file_type"]] = true
				whole := z.fetch(address, "").want(200)
				if name := whole.header.Get("Content-Disposition"); !strings.HasSuffix(name, "."+strings.ToLower(f["file_extension"].(string))+`"`) {
					t.Errorf("%v is named %s", f, name)
				}
				z.fetch(address, "bytes=0-0").want(206).is(string(whole.body[:1]))
				bare := z.request("GET", strings.TrimPrefix(address, z.url), nil)
				z.do(bare).refused(401, 124, "token")
				shown := z.request("GET", strings.TrimPrefix(address, z.url)+"?access_token="+url.QueryEscape(z.token), nil)
				z.do(shown).want(200).is(string(whole.body))
				known := z.request("GET", strings.TrimPrefix(address, z.url), nil)
				known.Header.Set("Authorization", "Bearer "+z.token)
				known.Header.Set("If-None-Match", whole.header.Get("Etag"))
				z.do(known).want(304)
			}
		}
	}
	if len(seen) < 4 {
		t.Errorf("there are files of %v", seen)
	}
}

// Recordings and files go to the trash and come back; what is deleted for good does not, and what is being made stays.
func TestRecordingTrash(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	var done, made map[string]any
	var host string
	for n := range 20 {
		for _, r := range z.recordings("/users/" + z.user(n) + "/recordings") {
			if r["recording_files"].([]any)[0].(map[string]any)["status"] == "processing" {
				made = r
			} else if done == nil {
				done, host = r, z.user(n)
			}
		}
	}
	path := "/meetings/" + twice(done["uuid"].(string)) + "/recordings"
	trash := func(kind string) []map[string]any {
		return z.get("/users/" + host + "/recordings?trash=true&trash_type=" + kind).rows("meetings")
	}
	files := ids(asRows(done["recording_files"]), "id")
	z.call("DELETE", path+"/"+files[0], "").want(204)
	if some := trash("recording_file"); len(some) != 1 || !slices.Equal(ids(asRows(some[0]["recording_files"]), "id"), files[:1]) || len(trash("meeting_recordings")) != 0 {
		t.Errorf("the trash has %v", some)
	}
	are(t, z.get(path).want(200).object(), map[string]any{"recording_count": float64(len(files) - 1)})
	z.call("DELETE", path, "").want(204)
	z.get(path).refused(404, 3301, "no recording")
	z.call("DELETE", path, "").refused(404, 3301, "no recording")
	if whole := trash("meeting_recordings"); len(whole) != 1 || whole[0]["uuid"] != done["uuid"] || len(asRows(whole[0]["recording_files"])) != len(files) {
		t.Errorf("the trash has %v", whole)
	}
	z.call("PUT", path+"/"+files[1]+"/status", `{"action":"recover"}`).want(204)
	are(t, z.get(path).want(200).object(), map[string]any{"recording_count": 1.0})
	z.call("PUT", path+"/status", `{"action":"recover"}`).want(204)
	z.call("PUT", path+"/status", `{"action":"recover"}`).refused(404, 3301, "no recording")
	z.call("PUT", path+"/status", `{"action":"burn"}`).refused(400, 300, "Validation")
	z.call("DELETE", path+"?action=delete", "").want(204)
	z.call("PUT", path+"/status", `{"action":"recover"}`).refused(404, 3301, "no recording")
	z.call("DELETE", "/meetings/"+twice(made["uuid"].(string))+"/recordings", "").refused(400, 3303, "processed")
	z.get("/meetings/12345/recordings").refused(404, 3301, "12345")
}

func asRows(list any) (rows []map[string]any) {
	for _, row := range list.([]any) {
		rows = append(rows, row.(map[string]any))
	}
	return rows
}
