package vendor_test

import (
	"os"
	"testing"

	"zoomgraph/graph/program/programtest"
)

func TestLater(t *testing.T) {
	t.Parallel()
	var facts map[string]*collected
	programtest.Collected(t, "operations-later.json", &facts)
	r := compared(t, read(t, "later.json", documentOf(t, facts)))
	f, _ := os.Create("/tmp/e/later.txt")
	_ = r.WriteText(f, true)
	sdl := sdlOf(t, r, true)
	_ = os.WriteFile("/tmp/e/later.graphqls", []byte(sdl), 0o600)
	compiles(t, sdl)
}

func Test2026(t *testing.T) {
	t.Parallel()
	var facts map[string]*collected
	programtest.Collected(t, "operations-2026.json", &facts)
	r := compared(t, read(t, "2026.json", documentOf(t, facts)))
	f, _ := os.Create("/tmp/e/2026.txt")
	_ = r.WriteText(f, false)
	sdl := sdlOf(t, r, true)
	_ = os.WriteFile("/tmp/e/2026.graphqls", []byte(sdl), 0o600)
	compiles(t, sdl)
}
