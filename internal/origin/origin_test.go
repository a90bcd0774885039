package origin

import "testing"

func TestFold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://a.example":         "https://a.example",
		"HTTPS://A.Example:443":     "https://a.example",
		"http://a.example:80":       "http://a.example",
		"http://a.example:443":      "http://a.example:443",
		"https://a.example:8443":    "https://a.example:8443",
		"https://[2001:DB8::1]:443": "https://[2001:db8::1]",
		"https://[::1]":             "https://[::1]",
		"https://a.example:":        "https://a.example",
		"null":                      "",
		"":                          "",
		"https://":                  "",
		"https://a.example/":        "",
		"https://a.example?":        "",
		"https://a.example#":        "",
		"https://u@a.example":       "",
		"ftp://a.example":           "",
		"a.example":                 "",
	} {
		if got, ok := Fold(text); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", text, got, ok, want)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][2]string{
		"https://a.example":           {"https://a.example", ""},
		"https://A.example:443/":      {"https://a.example", ""},
		"https://a.example/zoomgraph": {"https://a.example", "/zoomgraph"},
		"https://a.example/Zoom/b/":   {"https://a.example", "/Zoom/b"},
		"http://127.0.0.1:8080/x":     {"http://127.0.0.1:8080", "/x"},
		"https://a.example//":         {},
		"https://a.example/a//b":      {},
		"https://a.example/a/../b":    {},
		"https://a.example/a%2fb":     {},
		"https://a.example/a b":       {},
		"https://a.example/a?b":       {},
		"https://u:p@a.example/a":     {},
		"a.example/zoomgraph":         {},
	} {
		origin, below, ok := Split(address)
		if origin != want[0] || below != want[1] || ok != (want[0] != "") {
			if want[0] == "" && !ok {
				continue
			}
			t.Errorf("%q: %q, %q, %v; want %v", address, origin, below, ok, want)
		}
	}
}
