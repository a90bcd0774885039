package load_test

import (
	"fmt"
	"strings"
	"testing"

	"zoomgraph/graph/load"
	"zoomgraph/internal/rawjson"
)

// BenchmarkSettings reads settings in one operation, over HTTP: of one user, of many, and by several fields.
func BenchmarkSettings(b *testing.B) {
	many := make([]string, 72)
	for i := range many {
		many[i] = fmt.Sprintf("setting_%02d", i)
	}
	var merged, users []load.SettingsKey
	for i := range 10 {
		merged = append(merged, settingsOf("u", many[i]))
	}
	for i := range 100 {
		users = append(users, settingsOf(fmt.Sprintf("u%d", i), "setting_00,setting_01"))
	}
	for _, bench := range []struct {
		name string
		keys []load.SettingsKey
	}{
		{"one", []load.SettingsKey{settingsOf("u", "setting_00,setting_01,setting_02")}},
		{"72names", []load.SettingsKey{settingsOf("u", strings.Join(many, ","))}},
		{"merged", merged},
		{"100users", users},
	} {
		b.Run(bench.name, func(b *testing.B) {
			up := upstream(b, &zoom{}, 0)
			reads := make([]func() (rawjson.Value, error), len(bench.keys))
			b.ReportAllocs()
			for b.Loop() {
				s := load.NewSession(b.Context(), up, 1)
				for i, key := range bench.keys {
					reads[i] = s.Settings(b.Context(), key)
				}
				s.Settle()
				for _, read := range reads {
					if _, err := read(); err != nil {
						b.Fatal(err)
					}
				}
				s.Close()
			}
		})
	}
}
