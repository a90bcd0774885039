package world

import "strings"

// integersFor returns whole numbers that a field of that name may hold. Those
// beyond 32 bits are for fields of 64.
func integersFor(name string) []int64 {
	has := func(part string) bool { return strings.Contains(name, part) }
	switch {
	case has("capacit"):
		return []int64{100, 300, 500, 1000}
	case strings.HasSuffix(name, "length"):
		return []int64{6, 7, 8, 9, 10}
	case has("days"):
		return []int64{30, 60, 90}
	case has("duration"), has("minutes"):
		return []int64{15, 30, 45, 60, 90}
	case has("extension"):
		return []int64{801, 802, 815, 26_000_026_001}
	case has("size"):
		return []int64{7221, 65_536, 1_048_576, 4_294_967_296}
	case name == "license_option":
		return []int64{1, 2, 512, 65_536, 2_147_483_648, 4_503_599_627_370_496}
	default:
		return []int64{1, 2, 3, 5, 8}
	}
}

// textFor returns a text that a field of that name may hold.
func textFor(name string, h uint64) string {
	has := func(part string) bool { return strings.Contains(name, part) }
	switch {
	case has("password"), has("passcode"), has("_pin"), name == "pin":
		return Digits(h, 6)
	case name == "id", strings.HasSuffix(name, "_id"):
		return IDOf(h)
	case has("ip_address"):
		return Pick(h, "203.0.113.0/24", "198.51.100.7,203.0.113.0-203.0.113.63", "2001:db8::/32")
	case has("domain_list"):
		return Pick(h, "example.com", "example.org", "example.net")
	case has("domain"):
		return Pick(h, "example.com", "example.org,*.example.net", "")
	case has("email"):
		return Pick(h, "desk@example.com", "help@example.com")
	case has("duration"):
		return Pick(h, "30:00", "45:12", "01:02:03")
	case has("url"), has("link"):
		return "https://example.com/" + Digits(h, 5)
	case has("number"):
		return "+1 555 01" + Digits(h, 2)
	case name == "code":
		return Pick(h, "+1", "+44", "+49", "+81")
	case name == "country_name":
		return Pick(h, "United States", "Germany", "Japan", "São Tomé and Príncipe")
	case has("country"), has("values"), has("region"), name == "value":
		return Pick(h, "US", "DE", "JP", "GB", "AU")
	case has("language"):
		return Pick(h, "Frisian", "Català", "Esperanto", "日本語")
	case has("timezone"), has("time_zone"):
		return Pick(h, "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Europe/London", "America/Sao_Paulo")
	case has("topic"), has("title"), has("subject"):
		return Pick(h, "Weekly review", "Quarterly planning", "Design of the \"second\" engine", "Über Maschinen", "採用面接")
	case has("agenda"), has("description"), has("comment"):
		return Pick(h, "", "What is done, what is next.", "First line\nsecond line")
	case has("dept"), has("department"):
		return Pick(h, "Engineering", "Sales", "Support", "Finance", "Research & Development", "People")
	case has("city"), has("location"):
		return Pick(h, "Zürich", "New York", "東京", "London", "São Paulo")
	case name == "name":
		return Pick(h, "Standard", "Harbour", "Northern <lights>")
	case name == "type":
		return Pick(h, "image", "video")
	case has("info"), has("instructions"):
		return Pick(h, "", "Ask the help desk for the \"silver\" number.", "First line\nsecond line")
	default:
		return strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", " ") + " " + Digits(h, 2)
	}
}

// anythingFor returns a value where Zoom documents no shape: a bare code, or
// the object that newer documents have in its place.
func anythingFor(name string, h uint64) []byte {
	if !strings.Contains(name, "countries") {
		return []byte(`{}`)
	}
	code := Pick(h, "USA", "DEU", "JPN", "GBR")
	if h>>8%2 == 0 {
		return Encode(code)
	}
	return Encode(map[string]string{"code": code, "name": Pick(h, "United States", "Germany", "Japan", "United Kingdom")})
}
