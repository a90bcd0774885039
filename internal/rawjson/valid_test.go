package rawjson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"zoomgraph/internal/rawjson"
)

// texts are valid, and not, in every way that there is.
var texts = []string{
	``, ` `, `{`, `}`, `[`, `]`, `{}`, `[]`, ` { } `, "\t[\r\n]", `{}{}`, `{},`, `[],[]`, "\v{}", "\ufeff{}",
	`{"a":1}`, `{"a":1,"b":[1,2,{"c":null}]}`, `{"a":1,}`, `{,}`, `{"a"}`, `{"a":}`, `{"a" 1}`, `{a:1}`, `{'a':1}`, `{1:1}`, `{"a":1 "b":2}`, `{"a":1`, `{"a":1,`, `{"a":`, `{"a"`, `{"a`,
	`[1,2]`, `[1,]`, `[,1]`, `[1 2]`, `[1`, `[1,`, `[[[]]]`, `[[[]]`, `[[]]]`,
	`""`, `"a"`, `"`, `"a`, `"\`, `"\"`, `"\""`, `"\\"`, `"\\\"`, `"\/\b\f\n\r\t"`, `"\a"`, `"\u00e4"`, `"\u00E4\uD83D\uDE00"`, `"\u00e"`, `"\u00eg"`, `"\u"`, `"\u00e4`, `"\ud83d"`, `"\U00e4"`, "\"\x00\"", "\"\x1f\"", "\"\x7f\"", "\"\xff\"", "\"a\nb\"", `"ä"`,
	`0`, `-0`, `1`, `-1`, `12`, `01`, `-01`, `00`, `1.5`, `1.`, `.5`, `-.5`, `-`, `+1`, `1e5`, `1E5`, `1e+5`, `1e-5`, `1e`, `1e+`, `1.5e5`, `1.e5`, `0.0`, `0e0`, `0x10`, `1_000`, `1e5.5`, `1 `, `1a`, `-a`, `Infinity`, `NaN`,
	`true`, `false`, `null`, `True`, `tru`, `truee`, `nul`, `nulll`, `fals`, `t`, `undefined`,
	strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001), strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000), strings.Repeat(`[{"a":`, 5_001) + "1" + strings.Repeat("}]", 5_001),
}

func TestValid(t *testing.T) {
	t.Parallel()
	for _, text := range texts {
		if got, want := rawjson.Valid([]byte(text)), json.Valid([]byte(text)); got != want {
			t.Errorf("%.50q is valid: %v, want %v", text, got, want)
		}
	}
}

func FuzzValid(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, want := rawjson.Valid(text), json.Valid(text); got != want {
			t.Errorf("%q is valid: %v, want %v", text, got, want)
		}
	})
}

func BenchmarkValid(b *testing.B) {
	text := []byte(`{"schedule_meeting":{` + strings.Repeat(`"host_video":true,"audio_type":"both","number":12,"a_longer_name_of_a_setting":false,`, 25) + `"last":null}}`)
	for name, valid := range map[string]func([]byte) bool{"rawjson": rawjson.Valid, "encoding": json.Valid} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if !valid(text) {
					b.Fatal("it is valid")
				}
			}
		})
	}
}
