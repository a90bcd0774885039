package sandbox

import (
	"strconv"
	"strings"
	"time"
)

// writer renders values as JSON: those that hold for the first of its levels.
type writer struct {
	source source
	ladder ladder
	locks  bool // what the level locks, in place of its settings
	out    []byte
}

// value appends the value of a node that is not part of a list.
func (w *writer) value(n *node) {
	if n.kind == object {
		w.object(n, func(f *node) { w.value(f) })
		return
	}
	if w.locks {
		w.out = strconv.AppendBool(w.out, w.ladder.own.locked[n.key])
		return
	}
	if isPersonal(n) {
		w.say(n, w.ladder.own, false)
		return
	}
	voice, opposite := w.ladder.decide(w.source, n)
	w.say(n, voice, opposite)
}

// spoken appends the value of a node that holds where some levels have a say.
func (w *writer) spoken(n *node, levels []*level) {
	voice, opposite := heard(w.source, n, levels)
	w.say(n, voice, opposite)
}

// say appends a level's value of a node, or the opposite of it.
func (w *writer) say(n *node, voice *level, opposite bool) {
	if raw, found := voice.written[n.key]; found && !opposite {
		w.out = append(w.out, raw...)
	} else if found {
		w.out = strconv.AppendBool(w.out, string(raw) != "true")
	} else {
		w.draw(n, n.key, voice, opposite)
	}
}

// draw appends a value that nobody has written, made up of whose it is and of a
// path: the node's key, with the index of the list elements it is in.
func (w *writer) draw(n *node, path string, voice *level, opposite bool) {
	h := voice.number(w.source, path)
	if n.made != nil {
		w.out = append(w.out, pick(h, n.made...)...)
		return
	}
	switch n.kind {
	case boolean:
		w.out = strconv.AppendBool(w.out, flag(n, path, h) != opposite)
	case number:
		w.out = strconv.AppendFloat(w.out, float64(h%1000)/10, 'f', -1, 64)
	case text, ident:
		w.out = append(w.out, encode(textFor(n.name, h))...)
	case moment:
		w.out = append(w.out, encode(instant(h, epoch, 365))...)
	case anything:
		w.out = append(w.out, anythingFor(n.name, h)...)
	case list:
		w.list(n, path, voice)
	case object:
		w.object(n, func(f *node) { w.draw(f, below(path, f.name), voice, false) })
	}
}

func (w *writer) object(n *node, value func(*node)) {
	w.out = append(w.out, '{')
	for i, f := range n.fields {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.key(f.name)
		value(f)
	}
	w.out = append(w.out, '}')
}

// key appends a name and its colon; Zoom's names need no escaping.
func (w *writer) key(name string) {
	w.out = append(append(append(w.out, '"'), name...), `":`...)
}

// list appends one or two elements; of a choice, each of its values or not.
func (w *writer) list(n *node, path string, voice *level) {
	h := voice.number(w.source, path)
	w.out = append(w.out, '[')
	start := len(w.out)
	if n.elem.kind == choice {
		for i, value := range n.elem.made {
			if h>>i&1 == 1 || i == int(h>>32)%len(n.elem.made) {
				w.out = append(append(w.out, value...), ',')
			}
		}
	} else {
		for i := range 1 + h%2 {
			w.draw(n.elem, path+"["+strconv.FormatUint(i, 10)+"]", voice, false)
			w.out = append(w.out, ',')
		}
	}
	if len(w.out) > start {
		w.out = w.out[:len(w.out)-1]
	}
	w.out = append(w.out, ']')
}

// flag returns a boolean. The first way to sign in is the default one, and every
// account starts with a passcode on its meetings, so that they are secured
// somehow.
func flag(n *node, path string, h uint64) bool {
	if n.name == "default_option" {
		return strings.Contains(path, "[0]")
	}
	return h%5 < 3 || n.path == meetingPassword
}

// isPersonal tells a passcode, which no two users share.
func isPersonal(n *node) bool { return n.kind == text && strings.Contains(n.name, "password") }

// integersFor returns whole numbers that a field of that name may hold. Those
// beyond 32 bits are for fields of 64.
func integersFor(name string) []int64 {
	switch {
	case strings.Contains(name, "capacit"):
		return []int64{100, 300, 500, 1000}
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
