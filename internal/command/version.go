package command

import (
	"cmp"
	"runtime/debug"
)

// version says which build this is, as far as the toolchain recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, modified := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = " " + s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = " (modified)"
		}
	}
	return cmp.Or(info.Main.Version, "(devel)") + revision + modified + " " + info.GoVersion
}
