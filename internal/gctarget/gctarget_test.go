package gctarget

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

func TestTarget(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		live uint64
		want int
	}{{0, 400}, {1 << 20, 400}, {16 << 20, 400}, {32 << 20, 200}, {64 << 20, 100}, {128 << 20, 50}, {1 << 30, lowest}} {
		if got := target(test.live, 400, 64<<20); got != test.want {
			t.Errorf("with %d bytes alive the target is %d %%, want %d", test.live, got, test.want)
		}
	}
}

// TestLimit keeps much alive, and then nothing, and sees that collections follow.
func TestLimit(t *testing.T) { //nolint:paralleltest // it changes the process
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	Limit(400, 64<<20)
	alive := make([]byte, 128<<20)
	until(t, 50)
	runtime.KeepAlive(alive)
	until(t, 400)
}

// large is 8 MiB of pointers outside the heap, which each collection reads.
var large [1 << 20]*int

// TestVariablesCount: garbage is a percentage of them too.
func TestVariablesCount(t *testing.T) {
	t.Parallel()
	large[0] = new(int)
	runtime.GC()
	if all := live(); all < 8<<20 {
		t.Errorf("%d bytes, and variables have 8 MiB", all)
	}
}

// until collects until the percentage is about so much.
func until(t *testing.T, want uint64) {
	t.Helper()
	for range 1000 {
		runtime.GC()
		sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(sample)
		if now := sample[0].Value.Uint64(); now > want*8/10 && now < want*12/10 {
			return
		}
	}
	t.Errorf("the percentage does not become %d", want)
}
