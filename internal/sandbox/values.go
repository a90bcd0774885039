package sandbox

import (
	"strconv"
	"strings"
	"time"
)

// writer renders one user's values as JSON. Each value is the account's own
// for nine users in ten; the tenth deviates, so that there is something to find.
// What a user has written goes before what would be made up.
type writer struct {
	source  source
	user    string // the user's id
	written map[*node][]byte
	out     []byte
}

// value appends the value of a node. The path is the node's, with the index of
// the list elements it is in.
func (w *writer) value(n *node, path string) {
	if value, found := w.written[n]; found {
		w.out = append(w.out, value...)
		return
	}
	switch n.kind {
	case boolean:
		w.out = strconv.AppendBool(w.out, w.flag(n, path))
	case integer:
		w.out = strconv.AppendInt(w.out, pick(w.draw(n, path), integersFor(n.name)...), 10)
	case number:
		w.out = strconv.AppendFloat(w.out, float64(w.draw(n, path)%1000)/10, 'f', -1, 64)
	case text:
		w.out = append(w.out, encode(textFor(n.name, w.draw(n, path)))...)
	case moment:
		w.out = append(w.out, encode(instant(w.draw(n, path), epoch, 365))...)
	case choice:
		w.out = append(w.out, pick(w.draw(n, path), n.wire...)...)
	case anything:
		w.out = append(w.out, anythingFor(n.name, w.draw(n, path))...)
	case list:
		w.list(n, path)
	case object:
		w.object(n, path)
	}
}

func (w *writer) object(n *node, path string) {
	w.out = append(w.out, '{')
	for i, f := range n.fields {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.key(f.name)
		w.value(f, below(path, f.name))
	}
	w.out = append(w.out, '}')
}

// key appends a name and its colon; Zoom's names need no escaping.
func (w *writer) key(name string) {
	w.out = append(append(append(w.out, '"'), name...), `":`...)
}

// list appends one or two elements; of a choice, each of its values or not.
func (w *writer) list(n *node, path string) {
	h := w.draw(n, path)
	w.out = append(w.out, '[')
	start := len(w.out)
	if n.elem.kind == choice {
		for i, value := range n.elem.wire {
			if h>>i&1 == 1 || i == int(h>>32)%len(n.elem.wire) {
				w.out = append(append(w.out, value...), ',')
			}
		}
	} else {
		for i := range 1 + h%2 {
			w.value(n.elem, path+"["+strconv.FormatUint(i, 10)+"]")
			w.out = append(w.out, ',')
		}
	}
	if len(w.out) > start {
		w.out = w.out[:len(w.out)-1]
	}
	w.out = append(w.out, ']')
}

// draw returns the number behind a value: the account's, or the user's own
// where the user deviates or the value is nobody else's.
func (w *writer) draw(n *node, path string) uint64 {
	own := w.source.at(w.user, path)
	if isPersonal(n) || !n.locked && own%10 == 0 {
		return mix(own)
	}
	return w.source.at("account", path)
}

// flag returns a boolean: the account's, or its opposite where the user
// deviates. The first way to sign in is the default one, and every account
// starts with a passcode on its meetings, so that they are secured somehow.
func (w *writer) flag(n *node, path string) bool {
	if n.name == "default_option" {
		return strings.Contains(path, "[0]")
	}
	standard := w.source.at("account", path)%5 < 3 || n.path == meetingPassword
	deviates := !n.locked && n.path != meetingPassword && w.source.at(w.user, path)%10 == 0
	return standard != deviates
}

// isPersonal tells a passcode, which no two users share.
func isPersonal(n *node) bool { return n.kind == text && strings.Contains(n.name, "password") }

func integersFor(name string) []int64 {
	switch {
	case strings.Contains(name, "capacit"):
		return []int64{100, 300, 500, 1000}
	case name == "consecutive_characters_length":
		return []int64{0, 4, 5, 6, 7, 8}
	case strings.HasSuffix(name, "length"):
		return []int64{6, 7, 8, 9, 10}
	case strings.Contains(name, "days"):
		return []int64{30, 60, 90}
	case strings.Contains(name, "size"):
		return []int64{7221, 65_536, 1_048_576, 4_294_967_296}
	case name == "license_option":
		return []int64{1, 2, 512, 65_536, 2_147_483_648, 4_503_599_627_370_496}
	default:
		return []int64{1, 2, 3, 5, 8}
	}
}

func textFor(name string, h uint64) string {
	has := func(part string) bool { return strings.Contains(name, part) }
	switch {
	case has("password"):
		return digits(h, 6)
	case name == "id", strings.HasSuffix(name, "_id"):
		return idOf(h)
	case has("ip_address"):
		return pick(h, "203.0.113.0/24", "198.51.100.7,203.0.113.0-203.0.113.63", "2001:db8::/32")
	case has("domain_list"):
		return pick(h, "example.com", "example.org", "example.net")
	case has("domain"):
		return pick(h, "example.com", "example.org,*.example.net", "")
	case has("email"):
		return pick(h, "desk@example.com", "help@example.com")
	case has("url"), has("link"):
		return "https://example.com/" + digits(h, 5)
	case has("number"):
		return "+1 555 01" + digits(h, 2)
	case name == "code":
		return pick(h, "+1", "+44", "+49", "+81")
	case name == "country_name":
		return pick(h, "United States", "Germany", "Japan", "São Tomé and Príncipe")
	case has("country"), has("values"), has("region"), name == "value":
		return pick(h, "US", "DE", "JP", "GB", "AU")
	case has("language"):
		return pick(h, "Frisian", "Català", "Esperanto", "日本語")
	case name == "name":
		return pick(h, "Standard", "Harbour", "Northern <lights>")
	case name == "type":
		return pick(h, "image", "video")
	case has("info"), has("instructions"):
		return pick(h, "", "Ask the help desk for the \"silver\" number.", "First line\nsecond line")
	default:
		return strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", " ") + " " + digits(h, 2)
	}
}

// anythingFor returns a value where Zoom documents no shape: a bare code, or
// the object that newer documents have in its place.
func anythingFor(name string, h uint64) []byte {
	if !strings.Contains(name, "countries") {
		return []byte(`{}`)
	}
	code := pick(h, "USA", "DEU", "JPN", "GBR")
	if h>>8%2 == 0 {
		return encode(code)
	}
	return encode(map[string]string{"code": code, "name": pick(h, "United States", "Germany", "Japan", "United Kingdom")})
}

// epoch is where the account's history starts; nothing in it depends on today.
var epoch = time.Date(2019, time.March, 4, 8, 0, 0, 0, time.UTC)

// instant returns a time within some days of a start, as Zoom writes times.
func instant(h uint64, start time.Time, days uint64) string {
	return start.Add(time.Duration(h%(days*86_400)) * time.Second).Format(time.RFC3339)
}

// isAbsent tells what Zoom would leave out of a user's document.
func (s *Server) isAbsent(p *person, path string) bool {
	switch path {
	case "schedule_meeting.pmi_password": // no passcode on the personal room
		return p.index > 0 && s.source.at(p.ID, path, "absent")%3 == 0
	case "audio_conferencing": // not part of the free licence
		return p.Type == userTypeBasic
	default:
		return false
	}
}

// LockedSettings returns the settings that an administrator has locked, by
// Zoom's names with dots: the same value for everybody, and a write that leaves
// it silently as it is.
func LockedSettings() []string {
	return []string{
		"in_meeting.e2e_encryption",
		"in_meeting.private_chat",
		"recording.auto_delete_cmr",
		"schedule_meeting.pstn_password_protected",
	}
}
