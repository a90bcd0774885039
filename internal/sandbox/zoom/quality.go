package zoom

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements how meetings and webinars sounded and looked. In one of five somebody had bad sound, and most of
// those said so afterwards: what is measured, what dashboards conclude and what people say agree. Start reading at
// qualityOf.

// quality is how it was for somebody.
type quality struct{ audio, video, share string }

// grades are those of quality, from the best to the worst.
var grades = []string{"good", "fair", "poor", "bad"}

// suffers is the place of who had bad sound in an instance, -1 for nobody.
func (z *Zoom) suffers(s *watched) int {
	h := z.source.At("trouble", s.uuid)
	if h%5 > 0 || len(s.there()) == 0 {
		return -1
	}
	return int(h >> 8 % uint64(len(s.there())))
}

func (z *Zoom) qualityOf(s *watched, i int) quality {
	switch h := z.source.At("quality", s.uuid, strconv.Itoa(i)); {
	case i == z.suffers(s):
		return quality{"bad", "poor", "fair"}
	case h%6 == 0:
		return quality{"fair", "good", "good"}
	}
	return quality{"good", "good", "good"}
}

// worst is the worst quality that anybody had.
func (z *Zoom) worst(s *watched) quality {
	worst := quality{"good", "good", "good"}
	worse := func(a, b string) string { return grades[max(slices.Index(grades, a), slices.Index(grades, b))] }
	for i := range s.there() {
		q := z.qualityOf(s, i)
		worst = quality{worse(worst.audio, q.audio), worse(worst.video, q.video), worse(worst.share, q.share)}
	}
	return worst
}

// equipmentOf is with what somebody took part.
func (z *Zoom) equipmentOf(s *watched, i int) map[string]any {
	p := s.there()[i]
	h := z.source.At("equipment", p.name)
	network := world.Pick(h>>8, "Wifi", "Wired")
	if i == z.suffers(s) {
		network = "Cellular"
	}
	system := world.Pick(h, "Windows", "Mac", "iOS", "Android")
	address := fmt.Sprintf("203.0.113.%d", h>>16%250)
	return map[string]any{
		"device": system, "device_name": system + " of " + p.name, "os": system, "os_version": world.Pick(h>>20, "14.5", "11"),
		"client": "Zoom Workplace", "version": "6.2." + strconv.Itoa(int(h>>24%9)), "browser_name": "", "browser_version": "",
		"zoom_thin_client_plugin_version": "", "microphone": "Headset", "speaker": "Headset", "camera": "Built-in camera",
		"pc_name": "", "domain": "", "mac_addr": "", "harddisk_id": world.Digits(h>>4, 8), "ip_address": address, "internal_ip_addresses": []string{"192.0.2." + strconv.Itoa(int(h>>32%250))},
		"location": world.Pick(h>>28, "Zürich", "New York", "東京", "London"), "network_type": network,
		"connection_type": "UDP", "video_connection_type": "UDP", "as_connection_type": world.Pick(h>>36, "UDP", "TCP"),
		"data_center": "United States (SC Top)", "full_data_center": "United States (SC Top);",
		"has_archiving": false, "optional_archiving": "no optional archiving",
	}
}

// sampled is how many minutes are measured of somebody's time, at most. Zoom measures all of them.
const sampled = 5

// participantQos is what was measured of somebody.
func (z *Zoom) participantQos(w *world.World, s *watched, i int) map[string]any {
	p := s.there()[i]
	values := z.equipmentOf(s, i)
	for _, only := range []string{"camera", "microphone", "speaker"} {
		values[only] = nil // lists do not have it
	}
	health, issues := "Good", []string{}
	if i == z.suffers(s) {
		health, issues = "Critical", []string{"Unstable audio quality", "Low network bandwidth"}
	}
	until := p.leave
	if until.IsZero() {
		until = p.join.Add(sampled * time.Minute)
	}
	measured := []any{}
	for at := p.join; at.Before(until) && len(measured) < sampled; at = at.Add(time.Minute) {
		measured = append(measured, z.measure(s, i, at))
	}
	for name, value := range map[string]any{
		"id": p.id, "user_id": p.userID, "participant_uuid": z.participantUUID(s, p), "user_name": p.name, "email": p.email,
		"join_time": stamp(p.join), "leave_time": stamp(p.leave), "health": health, "issue_list": issues, "user_qos": measured,
		"groupId": groupOf(w, p), "share_application": false, "share_desktop": z.shares(s, i), "share_whiteboard": false, "recording": false,
		"meeting_number": nil, "webinar_number": nil, "total_jointime_cost": float64(z.source.At("joining", s.uuid, p.userID)%600) / 100,
	} {
		values[name] = value
	}
	return values
}

// measure is what was measured of somebody at a time.
func (z *Zoom) measure(s *watched, i int, at time.Time) map[string]any {
	h := z.source.At("measured", s.uuid, strconv.Itoa(i), world.Timestamp(at))
	audio := sound(h)
	if i == z.suffers(s) {
		audio = brokenSound(h)
	}
	silent := map[string]string{"bitrate": "", "latency": "", "jitter": "", "avg_loss": "", "max_loss": ""}
	dark := map[string]string{"bitrate": "", "latency": "", "jitter": "", "avg_loss": "", "max_loss": "", "frame_rate": "", "resolution": ""}
	values := map[string]any{
		"date_time": world.Timestamp(at), "audio_input": audio, "audio_output": audio, "video_input": picture(audio), "video_output": picture(audio),
		"as_input": dark, "as_output": picture(audio),
		"cpu_usage": map[string]string{
			"zoom_min_cpu_usage": "1%", "zoom_avg_cpu_usage": strconv.Itoa(3+int(h%9)) + "%", "zoom_max_cpu_usage": "17%", "system_max_cpu_usage": "64%",
		},
		"cpu_pressure_level": map[string]string{
			"system_min_cpu_pressure_level": "normal", "system_avg_cpu_pressure_level": "normal", "system_max_cpu_pressure_level": "fair",
		},
		"wifi_rssi": map[string]any{"min_rssi": -70, "avg_rssi": -50 - int(h%9), "max_rssi": -45, "rssi_unit": "dBm"},
	}
	for _, gateway := range []string{"crc", "rwg"} { // nobody came by one
		for _, way := range []string{"from", "to"} {
			values["audio_device_"+way+"_"+gateway] = silent
			values["video_device_"+way+"_"+gateway] = dark
			values["as_device_"+way+"_"+gateway] = dark
		}
	}
	return values
}

func sound(h uint64) map[string]string {
	return map[string]string{
		"bitrate": fmt.Sprintf("%d.%02d kbps", 24+h%8, h>>8%100), "latency": fmt.Sprintf("%d ms", 20+h>>16%60), "jitter": fmt.Sprintf("%d ms", 1+h>>24%6),
		"avg_loss": fmt.Sprintf("0.%02d%%", h>>32%40), "max_loss": fmt.Sprintf("0.%d%%", 4+h>>40%6),
	}
}

func brokenSound(h uint64) map[string]string {
	return map[string]string{
		"bitrate": fmt.Sprintf("%d.%02d kbps", 4+h%6, h>>8%100), "latency": fmt.Sprintf("%d ms", 400+h>>16%300), "jitter": fmt.Sprintf("%d ms", 60+h>>24%90),
		"avg_loss": fmt.Sprintf("%d.%02d%%", 9+h>>32%12, h>>36%100), "max_loss": fmt.Sprintf("%d.%d%%", 25+h>>40%20, h>>44%10),
	}
}

// picture is how video came on the same way as sound.
func picture(sound map[string]string) map[string]string {
	return map[string]string{
		"bitrate": "540.10 kbps", "latency": sound["latency"], "jitter": sound["jitter"], "avg_loss": sound["avg_loss"], "max_loss": sound["max_loss"],
		"frame_rate": "24 fps", "resolution": "1280*720",
	}
}

// readQos answers what was measured of one participant.
func (z *Zoom) readQos(m metrics) operation {
	return func(w *world.World, c *world.Call) (world.Answer, error) {
		of := c.Owner.Ext.(attended)
		values := z.participantQos(w, of.watched, of.place)
		if m == meetingMetrics {
			for name, value := range z.equipmentOf(of.watched, of.place) {
				values[name] = value
			}
		} else {
			delete(values, "total_jointime_cost")
		}
		values[m.thing+"_number"] = of.of.ID
		return world.OK(world.Join(said(values))), nil
	}
}

// said are the values that there are.
func said(values map[string]any) []world.Member {
	return slices.DeleteFunc(world.MembersOf(values), func(m world.Member) bool { return m.Value == nil })
}

// opinion is what somebody said of an instance afterwards.
type opinion struct {
	presence
	content bool
	comment string
	about   int // of who is not: the place of what it was about
}

// opinionOf is what somebody said of an instance that is over: half of the users are asked, and whoever suffered answers. nil:
// nothing.
func (z *Zoom) opinionOf(s *watched, i int) *opinion {
	h := z.source.At("opinion", s.uuid, strconv.Itoa(i))
	switch p := s.there()[i]; {
	case s.live || p.leave.Before(s.ended()) && i != z.suffers(s):
		return nil
	case i == z.suffers(s):
		return &opinion{p, false, "The sound kept breaking up.", 0}
	case h%2 == 0:
		return &opinion{p, true, "", 0}
	}
	return nil
}

// participantSatisfaction is what somebody said of an instance.
func (z *Zoom) participantSatisfaction(_ *world.World, s *watched, i int) map[string]any {
	o := z.opinionOf(s, i)
	if o == nil {
		return nil
	}
	return map[string]any{
		"date_time": world.Timestamp(s.ended().Add(time.Minute)), "email": o.email, "quality": world.Pick(one(o.content), "NOT GOOD", "GOOD"),
		"user_id": o.id, "comment": o.comment,
	}
}

// one is 1 for true.
func one(yes bool) uint64 {
	if yes {
		return 1
	}
	return 0
}
