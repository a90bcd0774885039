package sensitive_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"zoomgraph/internal/sensitive"
)

func TestParameters(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, without, hidden string }{
		{"", "", ""},
		{"https://zoom.us/j/1", "https://zoom.us/j/1", "https://zoom.us/j/1"},
		{"a = b? c=d & e", "a = b? c=d & e", "a = b? c=d & e"},
		{"https://zoom.us/j/1?lang=de&embed_password=1x", "https://zoom.us/j/1?lang=de", "https://zoom.us/j/1?lang=de&embed_password=[s]"},
		{"https://zoom.us/j/1?pwd=canary", "https://zoom.us/j/1", "https://zoom.us/j/1?pwd=[s]"},
		{"https://zoom.us/j/1?pwd=canary.1&lang=de#top", "https://zoom.us/j/1?lang=de#top", "https://zoom.us/j/1?pwd=[s]&lang=de#top"},
		{"https://zoom.us/j/1?lang=de&pwd=canary#top", "https://zoom.us/j/1?lang=de#top", "https://zoom.us/j/1?lang=de&pwd=[s]#top"},
		{"https://zoom.us/j/1?a=1&pwd=canary&tk=canary&b=2&zak=canary", "https://zoom.us/j/1?a=1&b=2", "https://zoom.us/j/1?a=1&pwd=[s]&tk=[s]&b=2&zak=[s]"},
		{"https://zoom.us/j/1?pwd=canary&tk=canary&b=2", "https://zoom.us/j/1?b=2", "https://zoom.us/j/1?pwd=[s]&tk=[s]&b=2"},
		{"https://zoom.us/j/1?pwd=canary&tk=canary", "https://zoom.us/j/1", "https://zoom.us/j/1?pwd=[s]&tk=[s]"},
		{"https://zoom.us/j/1?pwd=canary&", "https://zoom.us/j/1?", "https://zoom.us/j/1?pwd=[s]&"},
		{"HTTPS://ZOOM.US/J/1?PWD=canary", "HTTPS://ZOOM.US/J/1", "HTTPS://ZOOM.US/J/1?PWD=[s]"},
		{"https://zoom.us/j/1?%70wd=canary&p%77%64=canary", "https://zoom.us/j/1", "https://zoom.us/j/1?%70wd=[s]&p%77%64=[s]"},
		{"https://zoom.us/j/1?%2570wd=canary", "https://zoom.us/j/1", "https://zoom.us/j/1?%2570wd=[s]"},
		{"https://zoom.us/j/1?pwd%3Dcanary", "https://zoom.us/j/1", "https://zoom.us/j/1?pwd%3D[s]"},
		{"https://zoom.us/j/1?pwd=canary%26canary%23canary", "https://zoom.us/j/1", "https://zoom.us/j/1?pwd=[s]"},
		{"https://zoom.us/j/1#pwd=canary", "https://zoom.us/j/1", "https://zoom.us/j/1#pwd=[s]"},
		{"https://zoom.us/j/1?x=1#/join?pwd=canary&uname=a", "https://zoom.us/j/1?x=1#/join?uname=a", "https://zoom.us/j/1?x=1#/join?pwd=[s]&uname=a"},
		{"https://zoom.us/j/1?pwd=canary?tk=canary", "https://zoom.us/j/1", "https://zoom.us/j/1?pwd=[s]"},
		{"https://zoom.us/j/1;pwd=canary", "https://zoom.us/j/1", "https://zoom.us/j/1;pwd=[s]"},
		{"https://zoom.us/j/1?pwd=canary;canary,canary)canary'canary", "https://zoom.us/j/1", "https://zoom.us/j/1?pwd=[s]"},
		{"https://zoom.us/j/1?pwd=", "https://zoom.us/j/1", "https://zoom.us/j/1?pwd=[s]"},
		{"zoommtg://zoom.us/start?confno=1&zak=canary&zc=0", "zoommtg://zoom.us/start?confno=1&zc=0", "zoommtg://zoom.us/start?confno=1&zak=[s]&zc=0"},
		{"zoom.us/j/1?pwd=canary", "zoom.us/j/1", "zoom.us/j/1?pwd=[s]"},
		{"https://zoom.us/rec?access_token=canary&user[passcode]=canary", "https://zoom.us/rec", "https://zoom.us/rec?access_token=[s]&user[passcode]=[s]"},
		{"a.example/?u=1&amp;pwd=canary&amp;v=2", "a.example/?u=1&amp;v=2", "a.example/?u=1&amp;pwd=[s]&amp;v=2"},
		{"a.example/?pwd=canary&amp;v=2", "a.example/?v=2", "a.example/?pwd=[s]&amp;v=2"},
		{
			"https://a.example/go?to=https%3A%2F%2Fzoom.us%2Fj%2F1%3Fpwd%3Dcanary%26a%3D1&b=2",
			"https://a.example/go?to=https%3A%2F%2Fzoom.us%2Fj%2F1%3Fa%3D1&b=2",
			"https://a.example/go?to=https%3A%2F%2Fzoom.us%2Fj%2F1%3Fpwd%3D[s]%26a%3D1&b=2",
		},
		{
			"https://a.example/go?to=https%3A%2F%2Fzoom.us%2Fj%2F1%3Fpwd%3Dcanary&b=2",
			"https://a.example/go?to=https%3A%2F%2Fzoom.us%2Fj%2F1&b=2",
			"https://a.example/go?to=https%3A%2F%2Fzoom.us%2Fj%2F1%3Fpwd%3D[s]&b=2",
		},
		{
			"https://a.example/?u=https%253A%252F%252Fzoom.us%252Fj%253Ftk%253Dcanary%2526a%253D1%26c%3D2",
			"https://a.example/?u=https%253A%252F%252Fzoom.us%252Fj%253Fa%253D1%26c%3D2",
			"https://a.example/?u=https%253A%252F%252Fzoom.us%252Fj%253Ftk%253D[s]%2526a%253D1%26c%3D2",
		},
		{`{"u":"https://zoom.us/j/1?pwd\u003dcanary\u0026a\u003d1"}`, `{"u":"https://zoom.us/j/1?a\u003d1"}`, `{"u":"https://zoom.us/j/1?pwd\u003d[s]\u0026a\u003d1"}`},
		{
			"Join:\nhttps://zoom.us/j/1?pwd=canary\nor <https://zoom.us/w/2?tk=canary&pwd=canary> or \"https://zoom.us/s/3?zak=canary\" now",
			"Join:\nhttps://zoom.us/j/1\nor <https://zoom.us/w/2> or \"https://zoom.us/s/3\" now",
			"Join:\nhttps://zoom.us/j/1?pwd=[s]\nor <https://zoom.us/w/2?tk=[s]&pwd=[s]> or \"https://zoom.us/s/3?zak=[s]\" now",
		},
		{"https://zoom.us/j/1?pwd=canary\u00a0then", "https://zoom.us/j/1\u00a0then", "https://zoom.us/j/1?pwd=[s]\u00a0then"},
		{"https://zoom.us/j/1?pwd=cañary\xffcanary b", "https://zoom.us/j/1 b", "https://zoom.us/j/1?pwd=[s] b"},
		{"%", "%", "%"},
		{"?%=1%3", "?%=1%3", "?%=1%3"},
		{`\u00 ?pwd`, `\u00 ?pwd`, `\u00 ?pwd`},
	} {
		if got := sensitive.WithoutParameters(tt.text); got != tt.without {
			t.Errorf("%s\nwithout parameters is %s\nwant                  %s", tt.text, got, tt.without)
		}
		if got := sensitive.HideParameters(tt.text, "[s]"); got != tt.hidden {
			t.Errorf("%s\nwith hidden ones is %s\nwant                %s", tt.text, got, tt.hidden)
		}
		if again := sensitive.WithoutParameters(tt.without); again != tt.without {
			t.Errorf("%s has secrets left: %s", tt.without, again)
		}
	}
}

func TestParameterNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"pwd": true, "Pwd": true, "TK": true, "zak": true, "token": true, "accessToken": true, "access_token": true, "passcode": true, "meeting-password": true,
		"hpwd": true, "p%77d": true, "%70%77%64": true, "jwt": true, "zcToken": true, "user[password]": true, "pin": true, "api_key": true,
		"lang": false, "uname": false, "confno": false, "stk": false, "tkx": false, "spin": false, "passenger": false, "": false, "%zz": false,
	} {
		if got := sensitive.Parameter(name); got != want {
			t.Errorf("Parameter(%q) = %v", name, got)
		}
	}
}

// What is found in a text is found wherever it stands in it, and nothing else of the text is lost.
func FuzzParameters(f *testing.F) {
	f.Add("https://zoom.us/j/1?a=1", "&lang=de")
	f.Add("a%3Fb%3Dc", "%26d=e\xff")
	f.Fuzz(func(t *testing.T, before, behind string) {
		text := before + " https://zoom.us/j/1?pwd=canary77&lang=de " + behind
		got := sensitive.WithoutParameters(text)
		if strings.Contains(got, "canary77") && !strings.Contains(before+behind, "canary77") {
			t.Errorf("%q shows in %q", text, got)
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("%q becomes %q", text, got)
		}
		if again := sensitive.WithoutParameters(got); len(again) > len(got) {
			t.Errorf("%q becomes %q", got, again)
		}
		if hidden := sensitive.HideParameters(text, "[s]"); strings.Contains(hidden, "canary77") && !strings.Contains(before+behind, "canary77") {
			t.Errorf("%q shows in %q", text, hidden)
		}
	})
}
