package unseen_test

import (
	"testing"

	"zoomgraph/internal/unseen"
)

func TestBlank(t *testing.T) {
	t.Parallel()
	for _, blank := range []string{
		" ", "\t", "\r\n", "\v\f", "\u0085", "\u00a0", "\u1680", "\u2000\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000",
		"\u200b", "\u200c\u200d", "\u2060", "\ufeff", "\u00ad", "\u061c", "\u180e", "\u034f", "\u115f", "\u1160", "\u3164", "\uffa0",
		"\u2800", "\ufe0f", "\U000e0100", "\U000e0020", " \u200b\t\u3000",
	} {
		if !unseen.Blank(blank) {
			t.Errorf("%+q is not blank", blank)
		}
	}
	for _, shown := range []string{"", "a", " a ", "\u200b1", "é", "\u0301", "-", ".", "名", "👍", "\ufffd"} {
		if unseen.Blank(shown) {
			t.Errorf("%+q is blank", shown)
		}
	}
}

func TestWithoutMark(t *testing.T) {
	t.Parallel()
	for _, tt := range [][2]string{{"\uFEFF{}", "{}"}, {"{}", "{}"}, {" \uFEFF{}", " \uFEFF{}"}, {"\uFEFF\uFEFF{}", "\uFEFF{}"}, {"\uFEFF", ""}, {"", ""}} {
		if got := string(unseen.WithoutMark([]byte(tt[0]))); got != tt[1] {
			t.Errorf("%+q is %+q, want %+q", tt[0], got, tt[1])
		}
	}
}
